"""reviewdog's diagnostics: columns count bytes of UTF-8, and messages become comments."""

from __future__ import annotations

import json
from typing import Any

from opslint.finding import Finding, Fix, Report, Severity
from opslint.report import data
from opslint.report.safe import json_output, unlinked, visible
from opslint.source import Source, Span

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def render(report: Report) -> str:
    shape = {
        "source": {"name": "opslint"},
        "diagnostics": [_diagnostic(finding, data.link(report, finding.rule)) for finding in data.by_place(report)],
    }
    return json_output(json.dumps(shape, indent=2)) + "\n"


def _diagnostic(finding: Finding, url: str) -> dict[str, Any]:
    verdict = finding.verdict
    told = [data.sentence(finding), *(f"{note.message} ({data.where(note.span)})" for note in verdict.notes)]
    diagnostic: dict[str, Any] = {
        "message": unlinked("; ".join(told)),
        "location": _location(verdict.span),
        "severity": _SEVERITIES[finding.severity] if finding.decided else "INFO",
        "code": {"value": visible(finding.rule), **({"url": url} if url else {})},
    }
    if verdict.fix and (suggestion := _suggestion(verdict.fix, verdict.span.source)):
        diagnostic["suggestions"] = [suggestion]
    return diagnostic


def _location(span: Span) -> dict[str, Any]:
    location: dict[str, Any] = {"path": visible(span.path)}
    if not data.is_nowhere(span):
        location["range"] = _range(span)
    return location


def _suggestion(fix: Fix, source: Source) -> dict[str, Any] | None:
    """A fix of one edit in the file of the finding: several suggestions would be taken for alternatives."""
    if len(fix.edits) != 1 or fix.edits[0].span.source is not source:
        return None
    edit = fix.edits[0]
    return {"range": _range(edit.span), "text": edit.replacement.encode("utf-8", "replace").decode()}


def _range(span: Span) -> dict[str, Any]:
    return {"start": _position(span.source, span.start), "end": _position(span.source, span.end)}


def _position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    before = source.content[offset - column + 1 : offset]
    return {"line": line, "column": len(before.encode("utf-8", "surrogatepass")) + 1}
