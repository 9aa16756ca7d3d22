"""What a team silences, by comments and exceptions, and what is wrong with these themselves."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from opslint.finding import Finding, Severity, Verdict
from opslint.model.suppression import Suppression
from opslint.policy import Exemption
from opslint.source import Span

SUPPRESSION = "opslint/suppression"
ALWAYS_TOLD = frozenset({"opslint/parse", "opslint/internal", SUPPRESSION})

Silencer: TypeAlias = Suppression | Exemption


def silence(
    findings: Iterable[Finding],
    silencers: tuple[Silencer, ...],
    rules: frozenset[str],
    judged: frozenset[str],
    today: datetime.date,
) -> tuple[list[Finding], int]:
    """The findings that are left, with those about the silencers, and how many were silenced.

    `rules` are all rules that exist, `judged` those that spoke in this run: one that did not run leaves nothing unused.
    """
    used: set[Silencer] = set()
    kept = []
    silenced = 0
    for finding in findings:
        covering = [] if finding.rule in ALWAYS_TOLD else [s for s in silencers if _covers(s, finding, today)]
        used.update(covering)
        silenced += bool(covering)
        if not covering:
            kept.append(finding)
    for each in silencers:
        kept += (_about(each.span, message) for message in _complaints(each, each in used, rules, judged, today))
    return kept, silenced


def _covers(silencer: Silencer, finding: Finding, today: datetime.date) -> bool:
    if silencer.until is not None and silencer.until < today:
        return False
    if isinstance(silencer, Exemption):
        return silencer.covers(finding.rule, finding.span.path, finding.verdict.subject)
    return (
        not silencer.problem
        and silencer.span.path == finding.span.path
        and silencer.covers(finding.rule, finding.span.place[0])
    )


def _complaints(
    silencer: Silencer, is_used: bool, rules: frozenset[str], judged: frozenset[str], today: datetime.date
) -> Iterator[str]:
    what = "exception" if isinstance(silencer, Exemption) else "comment"
    names = (silencer.rule,) if isinstance(silencer, Exemption) else silencer.rules
    unknown = [name for name in names if name not in rules and not name.startswith("opslint/")]
    for name in unknown:
        yield f"this {what} names a rule that does not exist: `{name}`"
    if isinstance(silencer, Suppression) and silencer.problem:
        yield f"this comment {silencer.problem}"
    elif silencer.until is not None and silencer.until < today:
        yield f"this {what} has expired on {silencer.until}"
    elif not is_used and not unknown and all(name in judged for name in names):
        yield f"this {what} silences nothing: `{', '.join(names)}` has nothing to say there"


def _about(span: Span, message: str) -> Finding:
    return Finding(SUPPRESSION, Severity.WARNING, Verdict(span, "broken", message, subject=span.path))
