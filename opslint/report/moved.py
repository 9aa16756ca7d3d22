"""A report whose paths begin further up: at the top of the repository, where services look for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from opslint.finding import Course, Finding, Fix, Report
from opslint.source import Source, Span

Move = Callable[[Span], Span]


def moved(report: Report, folder: str) -> Report:
    """The report as it would be told from the folder that holds `folder`; all else, fingerprints too, stays."""
    sources: dict[int, Source] = {}

    def move(span: Span) -> Span:
        path = folder if span.path == "." else f"{folder}/{span.path}"
        source = sources.setdefault(id(span.source), Source(path, span.source.content))
        return Span(source, span.start, span.end)

    return replace(report, findings=tuple(_finding(each, move) for each in report.findings)) if folder else report


def _finding(finding: Finding, move: Move) -> Finding:
    verdict = finding.verdict
    told = replace(
        verdict,
        span=move(verdict.span),
        notes=tuple(replace(note, span=move(note.span)) for note in verdict.notes),
        fix=_fix(verdict.fix, move) if verdict.fix else None,
        course=_course(verdict.course, move) if verdict.course else None,
    )
    return replace(finding, verdict=told)


def _fix(fix: Fix, move: Move) -> Fix:
    return replace(fix, edits=tuple(replace(edit, span=move(edit.span)) for edit in fix.edits))


def _course(course: Course, move: Move) -> Course:
    return replace(course, events=tuple(replace(event, span=move(event.span)) for event in course.events))
