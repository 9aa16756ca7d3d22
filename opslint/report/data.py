"""A report as plain data: order, counts, places and fingerprints, for every renderer."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Any

from opslint.finding import Course, Event, Finding, Report, site_url
from opslint.report.safe import visible
from opslint.source import Span

UNDECIDED = "undecided"


def place_key(finding: Finding) -> tuple[str, int, int, str, str]:
    span = finding.span
    return span.path, span.start, span.end, finding.rule, finding.verdict.message


def by_place(report: Report) -> list[Finding]:
    return sorted(report.findings, key=place_key)


def worst_first(report: Report) -> list[Finding]:
    """Errors first, undecided ones behind the decided of their severity; then by place."""
    return sorted(report.findings, key=lambda finding: (finding.severity.rank, not finding.decided, place_key(finding)))


def is_nowhere(span: Span) -> bool:
    """Whether a span has no text to show: what is absent altogether, or an empty file."""
    return not span.source.content


def where(span: Span) -> str:
    """`path:line:column`, or the path alone where there is no text to point at."""
    return span.path if is_nowhere(span) else str(span)


def place(span: Span) -> dict[str, Any]:
    """Path, line, column, end line and end column as the JSON report has them: from 1, ends exclusive."""
    line, column, end_line, end_column = span.place
    return {
        "path": visible(span.path),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def counts(report: Report) -> dict[str, int]:
    """Findings by severity, undecided ones apart (they are counted once), and what was suppressed."""
    found = Counter(finding.severity.value if finding.decided else UNDECIDED for finding in report.findings)
    return {name: found[name] for name in ("error", "warning", "note", UNDECIDED)} | {"suppressed": report.suppressed}


def number(count: int, name: str) -> str:
    """`1 error`, `2 errors`; `undecided` and `suppressed` have no plural."""
    return f"{count} {name}" if count == 1 or name.endswith("ed") else f"{count} {name}s"


def summary(report: Report) -> str:
    """`2 errors, 1 undecided`: the counts that are not nil."""
    return ", ".join(number(count, name) for name, count in counts(report).items() if count)


@dataclass(frozen=True, slots=True)
class Fixable:
    """How many findings carry a fix, and how many of these fixes are safe."""

    all: int
    safe: int


def fixable(report: Report) -> Fixable:
    fixes = [finding.verdict.fix for finding in report.findings if finding.verdict.fix]
    return Fixable(len(fixes), sum(fix.safe for fix in fixes))


def fingerprints(findings: list[Finding]) -> list[tuple[str, int]]:
    """A stable name for each finding, from no line and no message, and which of its equals it is (from 1).

    The number keeps equal ones apart: GitLab and GitHub show only the first of equal fingerprints.
    """
    seen: Counter[str] = Counter()
    named = []
    for finding in findings:
        key = finding.id or "\0".join((finding.rule, finding.span.path, finding.verdict.subject))
        digest = hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()[:32]
        seen[digest] += 1
        named.append((digest, seen[digest]))
    return named


def link(report: Report, rule: str) -> str:
    """The page that explains a rule on our site; empty for a team's own rule."""
    page = report.pages.get(rule)
    return page.url if page else site_url(rule) if rule.startswith("opslint/") else ""


def sentence(finding: Finding) -> str:
    """The message with what would decide it, for renderers that have one field for both."""
    verdict = finding.verdict
    return f"{verdict.message}; to decide it: {verdict.hint}" if verdict.hint else verdict.message


def happened(event: Event) -> str:
    """`failed`, `skipped: Migrate failed`: how an event ended, and why."""
    return f"{event.outcome}: {event.because}" if event.because else event.outcome


def state(event: Event) -> str:
    """`maintenance on, code new`: what is so after an event."""
    return ", ".join(f"{name} {value}" for name, value in event.state.items())


def final_state(course: Course) -> str:
    """The state that the last event leaves which names one."""
    return next((state(event) for event in reversed(course.events) if event.state), "")
