"""What a team silences, by comments and exceptions, and what is wrong with these themselves."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from opslint.finding import Finding, Severity, Verdict
from opslint.model.suppression import Named, Suppression
from opslint.policy import Exemption
from opslint.sight import Sight
from opslint.source import Span
from opslint.syntax.schema import did_you_mean

SUPPRESSION = "opslint/suppression"
ALWAYS_TOLD = frozenset({"opslint/parse", "opslint/internal", SUPPRESSION})

Silencer: TypeAlias = Suppression | Exemption


def silence(
    findings: Iterable[Finding],
    silencers: tuple[Silencer, ...],
    sight: Sight,
    today: datetime.date,
    yielded: Iterable[Finding] = (),
) -> tuple[list[Finding], int]:
    """The findings that are left, with those about the silencers, and how many were silenced.

    Where this run saw nothing, no silencer is unused; nor is one of a finding that is told as a note of another.
    """
    used = {(silencer, each.rule) for each in yielded for silencer in silencers if _covers(silencer, each, today)}
    kept = []
    silenced = 0
    for finding in findings:
        covering = [] if finding.rule in ALWAYS_TOLD else [s for s in silencers if _covers(s, finding, today)]
        used.update((silencer, finding.rule) for silencer in covering)
        silenced += bool(covering)
        if not covering:
            kept.append(finding)
    for each in silencers:
        used_of_it = frozenset(rule for silencer, rule in used if silencer == each)
        kept += [_about(span, message) for span, message in _complaints(each, used_of_it, sight, today)]
    return kept, silenced


def _covers(silencer: Silencer, finding: Finding, today: datetime.date) -> bool:
    if _has_expired(silencer, today):
        return False
    if isinstance(silencer, Exemption):
        return silencer.covers(finding.rule, finding.span.path, finding.verdict.subject)
    return (
        not silencer.problem
        and silencer.span.path == finding.span.path
        and silencer.covers(finding.rule, finding.span.place[0])
    )


def _has_expired(silencer: Silencer, today: datetime.date) -> bool:
    return silencer.until is not None and silencer.until < today


def _complaints(
    silencer: Silencer, used: frozenset[str], sight: Sight, today: datetime.date
) -> Iterator[tuple[Span, str]]:
    what = "exception" if isinstance(silencer, Exemption) else "comment"
    known = []
    for name in _names(silencer):
        if name.rule in sight.rules or name.rule.startswith("opslint/"):
            known.append(name)
        else:
            close = did_you_mean(name.rule, sight.rules)
            yield name.span, f"this {what} names a rule that does not exist: `{name.rule}`{close}"
    if isinstance(silencer, Suppression) and silencer.problem:
        yield silencer.problem_span or silencer.span, f"this comment {silencer.problem}"
    elif _has_expired(silencer, today):
        until = silencer.until_span if isinstance(silencer, Suppression) else None
        yield until or silencer.span, f"this {what} has expired on {silencer.until}"
    else:
        for name in known:
            if name.rule not in used and _is_seen(sight, silencer, name.rule):
                # A comment with one rule is unused as a whole: all of it can go.
                span = silencer.span if len(_names(silencer)) == 1 else name.span
                yield span, f"this {what} silences nothing: `{name.rule}` has nothing to say there"


def _is_seen(sight: Sight, silencer: Silencer, rule: str) -> bool:
    if isinstance(silencer, Exemption):  # its path is a glob: the rule must have decided everywhere
        return sight.covers_all(rule)
    return sight.covers(rule, silencer.span.path)


def _names(silencer: Silencer) -> tuple[Named, ...]:
    return (Named(silencer.rule, silencer.span),) if isinstance(silencer, Exemption) else silencer.names


def _about(span: Span, message: str) -> Finding:
    return Finding(SUPPRESSION, Severity.WARNING, Verdict(span, "broken", message, subject=span.path))
