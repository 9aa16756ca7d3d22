"""SARIF 2.1.0 for code scanning, within GitHub's limits."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from opslint import __version__
from opslint.finding import Course, Event, Finding, Fix, Report, Severity
from opslint.report import data
from opslint.report.safe import json_output, sarif, visible
from opslint.source import Span

# What code scanning takes at most; a file beyond is refused, or cut without a word.
RESULTS = 25_000
RELATED = 100
EVENTS = 1_000
EVENTS_IN_ALL = 100_000  # of our own: some 50 MB, and more than anybody reads
COMPRESSED = 10_000_000  # bytes

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_IMPORTANCE = {"failed": "essential", "cancelled": "essential", "succeeded": "important", "skipped": "unimportant"}


def render(report: Report) -> str:
    """All findings; beyond the limits first the courses are left out, then the least findings."""
    findings = data.worst_first(report)[:RESULTS]
    events = EVENTS_IN_ALL
    while True:
        text = json_output(json.dumps(_log(report, findings, events), indent=1)) + "\n"
        if len(text) <= COMPRESSED or len(zlib.compress(text.encode(), 6)) <= COMPRESSED or not findings:
            return text
        findings, events = findings if events else findings[: len(findings) // 2], 0


def _told(findings: Sequence[Finding], events: int) -> set[int]:
    """By identity, the first findings whose courses have together no more than so many events."""
    told = set()
    for finding in findings:
        course = finding.verdict.course
        if course and len(course.events) <= events:
            events -= len(course.events)
            told.add(id(finding))
    return told


def _log(report: Report, findings: Sequence[Finding], events: int) -> dict[str, Any]:
    told = _told(findings, events)
    kept = sorted(findings, key=data.place_key)
    names = sorted({finding.rule for finding in kept})
    indices = {name: index for index, name in enumerate(names)}
    prints = data.fingerprints(kept)
    results = [
        _result(finding, indices[finding.rule], f"{digest}:{occurrence}", id(finding) in told)
        for finding, (digest, occurrence) in zip(kept, prints, strict=True)
    ]
    severities = {finding.rule: finding.severity for finding in reversed(data.worst_first(report))}
    driver = {
        "name": "opslint",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(name, report, severities[name]) for name in names],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "opslint/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, len(report.findings) - len(kept))],
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _invocation(report: Report, left_out: int) -> dict[str, Any]:
    """A rule that crashed or a finding left out is told, so that an empty log is never taken for a clean one."""
    told = [] if report.complete else ["something could not be judged"]
    told += [f"{left_out} findings are left out: code scanning takes no more"] if left_out else []
    invocation: dict[str, Any] = {"executionSuccessful": report.complete}
    if told:
        notes = [{"level": "warning", "message": {"text": text}} for text in told]
        invocation["toolExecutionNotifications"] = notes
    return invocation


def _rule(name: str, report: Report, severity: Severity) -> dict[str, Any]:
    page = report.pages.get(name)
    summary = visible(page.summary) if page else visible(name)
    rule: dict[str, Any] = {
        "id": visible(name),
        "name": "".join(part.capitalize() for part in visible(name).replace("/", "-").split("-")),
        "shortDescription": {"text": summary},
        "fullDescription": {"text": summary},
        "defaultConfiguration": {"level": severity.value},
        "properties": {
            "precision": "high",
            "problem.severity": {"note": "recommendation"}.get(severity.value, severity.value),
            "tags": [visible(name).split("/")[0]],
        },
    }
    if page:
        markdown = "\n".join(visible(line.expandtabs(4)) for line in page.page.splitlines())
        rule["help"] = {"text": markdown, "markdown": markdown}
    if url := data.link(report, name):
        rule["helpUri"] = url
    return rule


def _result(finding: Finding, index: int, fingerprint: str, with_course: bool) -> dict[str, Any]:
    verdict = finding.verdict
    result: dict[str, Any] = {
        "ruleId": visible(finding.rule),
        "ruleIndex": index,
        # The level of what is no failure is none (3.27.10).
        "kind": "fail" if finding.decided else "open",
        "level": finding.severity.value if finding.decided else "none",
        "message": {"text": _message(finding)},
        "locations": [_location(verdict.span)],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }
    if verdict.subject:
        result["locations"][0]["logicalLocations"] = [{"fullyQualifiedName": visible(verdict.subject)}]
    if verdict.notes:
        notes = enumerate(verdict.notes[:RELATED], start=1)
        result["relatedLocations"] = [
            {"id": number, **_location(note.span), "message": {"text": sarif(note.message)}} for number, note in notes
        ]
    if verdict.course and with_course:
        result["codeFlows"] = [_code_flow(verdict.course)]
    if verdict.fix and (changes := _changes(verdict.fix)):
        result["fixes"] = [{"description": {"text": sarif(verdict.fix.title)}, "artifactChanges": changes}]
    return result


def _message(finding: Finding) -> str:
    """The message, with a link to each related place; braces stay single, since no arguments are given."""
    notes = finding.verdict.notes[:RELATED]
    links = [f"[{sarif(note.message) or number}]({number})" for number, note in enumerate(notes, start=1)]
    return "; ".join([sarif(data.sentence(finding)), *links])


def _location(span: Span) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(span.path), "uriBaseId": "%SRCROOT%"}}
    place["region"] = _region(span)
    return {"physicalLocation": place}


def _uri(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape" if _is_escaped(path) else "surrogatepass"))


def _is_escaped(path: str) -> bool:
    """Whether lone surrogates stand for the bytes of a file name that is no UTF-8, as the file system gives them."""
    return all("\udc80" <= character <= "\udcff" for character in path if "\ud800" <= character <= "\udfff")


def _region(span: Span) -> dict[str, int]:
    line, column, end_line, end_column = span.place
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _code_flow(course: Course) -> dict[str, Any]:
    """The story: its beginning and its end where it is longer than code scanning keeps."""
    events = list(enumerate(course.events, start=1))
    if len(events) > EVENTS:
        events = events[: EVENTS // 2] + events[-EVENTS // 2 :]
    flow: dict[str, Any] = {"message": {"text": sarif(f"when {course.mishap}" if course.mishap else "as usual")}}
    flow["threadFlows"] = [{"locations": [_flow_location(number, event) for number, event in events]}]
    return flow


def _flow_location(number: int, event: Event) -> dict[str, Any]:
    told = sarif(f"{event.command} {data.happened(event)}")
    location: dict[str, Any] = {
        "executionOrder": number,
        "importance": _IMPORTANCE[event.outcome],
        "nestingLevel": 0,
        "location": {**_location(event.span), "message": {"text": told}},
    }
    if event.state:
        location["state"] = {visible(name): {"text": sarif(value)} for name, value in event.state.items()}
    return location


def _changes(fix: Fix) -> list[dict[str, Any]]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        inserted = edit.replacement.encode("utf-8", "replace").decode()
        replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": inserted}}
        changes.setdefault(_uri(edit.span.path), []).append(replacement)
    return [
        {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "replacements": replacements}
        for uri, replacements in changes.items()
    ]
