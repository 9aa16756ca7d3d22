"""The report as Markdown, for a job's summary: a table of all findings, then their stories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from opslint.finding import Course, Finding, Fix, Report
from opslint.report import data
from opslint.report.patch import hunks
from opslint.report.safe import html, markdown, markdown_block, markdown_code, markdown_words

# GitHub takes 1 MiB of summary per step and shows nothing of a longer one.
LIMIT = 1_000_000
_LINE_AT_MOST = 1_000  # characters of a line of code
_DIFF_AT_MOST = 60  # lines
_NOTES_AT_MOST = 50
_EXCEPTIONS_AT_MOST = 100
_SHORTEST = 300  # bytes: where less room is left, no more pieces are drawn to see whether one fits
_SIGNS = {"error": "🔴", "warning": "🟡", "note": "🔵"}
_OUTCOMES = {"succeeded": "✓", "failed": "✗", "cancelled": "■", "skipped": "·"}


def render(report: Report, outcomes: Sequence[str] = ()) -> str:
    """As many findings as the limit allows, the worst first, then tables of what deployments leave behind.

    What is left out is counted where it would stand.
    """
    findings = data.worst_first(report)
    head = "\n".join(_head(report))
    rows = (_row(finding, data.link(report, finding.rule)) for finding in findings)
    blocks = ("\n".join(_details(finding, number)) for number, finding in enumerate(findings, start=1))
    room = LIMIT - len(head.encode()) - 1_000
    tables, room = _within(outcomes, room, room // 4)
    table, room = _within(rows, room, room // 2)
    told, _ = _within(blocks, room, room)
    parts = [head, "", *(_TABLE if table else ()), *table]
    if len(table) < len(findings):
        parts += ["", f"{len(findings) - len(table)} more findings are left out: a summary holds 1 MiB."]
    parts += ["", *told]
    if len(told) < len(findings):
        parts += [f"The stories of {len(findings) - len(told)} findings are left out: a summary holds 1 MiB.", ""]
    if outcomes:
        parts += ["### What the deployments leave behind", "", *(f"{each}\n" for each in tables)]
    if len(tables) < len(outcomes):
        left = data.number(len(outcomes) - len(tables), "table")
        parts += [f"Left out: {left}, since a summary holds 1 MiB; `opslint simulate` shows them all."]
    return "\n".join(parts).rstrip() + "\n"


_TABLE = ("| | Rule | Where | Finding |", "|---|---|---|---|")


def _within(pieces: Iterable[str], room: int, most: int) -> tuple[list[str], int]:
    """The pieces that together fit in so many bytes, and what is left of the room."""
    kept: list[str] = []
    spent = 0
    for piece in pieces:
        size = len(piece.encode()) + 2
        if spent + size <= most:
            kept.append(piece)
            spent += size
        if most - spent < _SHORTEST:
            break
    return kept, room - spent


def _head(report: Report) -> Iterator[str]:
    fixable = data.fixable(report)
    yield f"## opslint: {data.summary(report) or 'nothing found'}"
    yield ""
    more = f" {fixable.all} can be fixed, {fixable.safe} of them safely." if fixable.all else ""
    yield f"{data.number(report.files, 'file')} checked by {data.number(report.rules, 'rule')}.{more}"
    if not report.complete:
        yield ""
        yield "**Incomplete**: something could not be judged, so that a rule finds nothing proves nothing."
    if report.exceptions:
        yield ""
        for exception in report.exceptions[:_EXCEPTIONS_AT_MOST]:
            yield f"- exception: {markdown(exception[:_LINE_AT_MOST])}"
        if len(report.exceptions) > _EXCEPTIONS_AT_MOST:
            yield f"- and {len(report.exceptions) - _EXCEPTIONS_AT_MOST} more exceptions"


def _row(finding: Finding, url: str) -> str:
    severity = finding.severity.value if finding.decided else "undecided"
    sign = f"{_SIGNS.get(severity, '⚪')} {severity}"
    message = markdown(data.sentence(finding)[:_LINE_AT_MOST])
    rule = f"[{markdown_code(finding.rule)}]({url})" if url else markdown_code(finding.rule)
    return f"| {sign} | {rule} | {_where(finding)} | {message} |"


def _where(finding: Finding) -> str:
    return markdown_code(data.where(finding.span))


def _details(finding: Finding, number: int) -> Iterator[str]:
    verdict = finding.verdict
    yield f"### {number}. {markdown_words(finding.rule)} at {_where(finding)}"
    yield ""
    yield markdown(data.sentence(finding)[:_LINE_AT_MOST])
    yield ""
    for note in verdict.notes[:_NOTES_AT_MOST]:
        yield f"- {markdown_code(data.where(note.span))} {markdown(note.message[:_LINE_AT_MOST])}"
    if len(verdict.notes) > _NOTES_AT_MOST:
        yield f"- and {len(verdict.notes) - _NOTES_AT_MOST} more places"
    if verdict.notes:
        yield ""
    if verdict.course:
        yield from _course(verdict.course)
    if verdict.fix:
        yield from _fix(verdict.fix)


def _course(course: Course) -> Iterator[str]:
    """The outcome table of a course, folded away: a long one would hide the next finding."""
    title = html(f"When {course.mishap}"[:_LINE_AT_MOST]) if course.mishap else "As usual"
    yield f"<details><summary>{title}</summary>"
    yield ""
    for assumption in course.assumptions:
        yield f"- assuming {markdown(assumption[:_LINE_AT_MOST])}"
    if course.assumptions:
        yield ""
    yield "| | | Command | Outcome | Where | State |"
    yield "|--:|---|---|---|---|---|"
    for number, event in enumerate(course.events, start=1):
        cells = (
            str(number),
            _OUTCOMES[event.outcome],
            markdown_code(event.command[:_LINE_AT_MOST]),
            markdown(data.happened(event)[:_LINE_AT_MOST]),
            markdown_code(data.where(event.span)),
            markdown(data.state(event)[:_LINE_AT_MOST]),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield "</details>"
    yield ""


def _fix(fix: Fix) -> Iterator[str]:
    yield f"Fix: {markdown(fix.title)} ({'safe' if fix.safe else 'unsafe'})"
    yield ""
    lines = []
    for hunk in hunks(fix):
        lines.append(f"@@ {hunk.path}:{hunk.line} @@")
        lines += [f"{sign}{text[:_LINE_AT_MOST].expandtabs(4)}" for sign, _, text in hunk.rows()]
    if len(lines) > _DIFF_AT_MOST:
        lines[_DIFF_AT_MOST:] = [f"@@ {len(lines) - _DIFF_AT_MOST} more lines @@"]
    if lines:
        yield markdown_block(lines, "diff")
        yield ""
