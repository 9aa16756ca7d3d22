"""JUnit's XML: a finding is a failed test, a note or an undecided one a skipped test."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from itertools import groupby

from opslint.finding import Finding, Report, Severity
from opslint.report import data
from opslint.report.safe import opening, visible


def render(report: Report) -> str:
    """One suite per file; where nothing was found, one suite with one test that passed, as no test proves nothing."""
    root = ET.Element("testsuites", name="opslint")
    findings = data.by_place(report)
    for path, group in groupby(findings, key=lambda finding: finding.span.path):
        _suite(root, path, list(group))
    if not findings:
        suite = ET.SubElement(root, "testsuite", name="opslint", tests="1", failures="0", errors="0", skipped="0")
        ET.SubElement(suite, "testcase", classname="opslint", name="nothing found")
    if not report.complete:
        suite = ET.SubElement(root, "testsuite", name="opslint", tests="1", failures="0", errors="1", skipped="0")
        case = ET.SubElement(suite, "testcase", classname="opslint", name="the run is complete")
        ET.SubElement(case, "error", message="something could not be judged", type="incomplete")
    _total(root)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _is_failure(finding: Finding) -> bool:
    return finding.decided and finding.severity is not Severity.NOTE


def _suite(root: ET.Element, path: str, findings: list[Finding]) -> None:
    failures = sum(map(_is_failure, findings))
    suite = ET.SubElement(
        root,
        "testsuite",
        name=visible(path),
        tests=str(len(findings)),
        failures=str(failures),
        errors="0",
        skipped=str(len(findings) - failures),
    )
    for finding in findings:
        line, column, _, _ = finding.span.place
        name = visible(f"{finding.rule} at {line}:{column}")
        case = ET.SubElement(suite, "testcase", classname=visible(path), name=name, file=visible(path), line=str(line))
        message = visible(data.sentence(finding))
        if _is_failure(finding):
            failure = ET.SubElement(case, "failure", message=message, type=finding.severity.value)
            failure.text = "\n".join(opening(visible(line)) for line in _told(finding))
        else:
            ET.SubElement(case, "skipped", message=message)


def _told(finding: Finding) -> Iterable[str]:
    verdict = finding.verdict
    yield f"{data.where(verdict.span)}: {verdict.message}"
    yield from (f"{data.where(note.span)}: {note.message}" for note in verdict.notes)
    if verdict.course:
        yield f"when {verdict.course.mishap}:"
        events = verdict.course.events
        yield from (f"{data.where(event.span)}: {event.command} {data.happened(event)}" for event in events)
    if verdict.fix:
        yield f"fix: {verdict.fix.title}"


def _total(root: ET.Element) -> None:
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
