"""The report as JSON, `opslint-report/1`, which other tools build on; see report.schema.json."""

from __future__ import annotations

import json
from typing import Any

from opslint.finding import Course, Edit, Finding, Fix, Report
from opslint.report import data
from opslint.report.safe import json_output, visible


def render(report: Report) -> str:
    """The whole report, in ASCII, so that no stream can spoil it."""
    shape = {
        "schema": "opslint-report/1",
        "root": visible(report.root),
        "checked": {"files": report.files, "rules": report.rules},
        "findings": [_finding(finding, data.link(report, finding.rule)) for finding in data.by_place(report)],
        "summary": data.counts(report),
    }
    return json_output(json.dumps(shape, indent=2)) + "\n"


def _finding(finding: Finding, url: str) -> dict[str, Any]:
    verdict = finding.verdict
    return {
        "rule": visible(finding.rule),
        "url": url or None,
        "severity": finding.severity.value,
        "decided": finding.decided,
        **data.place(verdict.span),
        "message": visible(data.sentence(finding)),
        "subject": visible(verdict.subject),
        "id": visible(finding.id),
        "notes": [{**data.place(note.span), "message": visible(note.message)} for note in verdict.notes],
        "course": _course(verdict.course) if verdict.course else None,
        "fix": _fix(verdict.fix) if verdict.fix else None,
    }


def _course(course: Course) -> dict[str, Any]:
    return {
        "mishap": visible(course.mishap),
        "assumptions": [visible(assumption) for assumption in course.assumptions],
        "events": [
            {
                **data.place(event.span),
                "command": visible(event.command),
                "outcome": event.outcome,
                "because": visible(event.because),
                "state": {visible(name): visible(value) for name, value in event.state.items()},
            }
            for event in course.events
        ],
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {"title": visible(fix.title), "safe": fix.safe, "edits": [_edit(edit) for edit in fix.edits]}


def _edit(edit: Edit) -> dict[str, Any]:
    """An edit as a tool applies it: its replacement alone is exact, since no person reads it."""
    line, column, end_line, end_column = edit.span.place
    return {
        "path": visible(edit.span.path),
        "start": [line, column],
        "end": [end_line, end_column],
        "replacement": edit.replacement.encode("utf-8", "replace").decode(),
    }
