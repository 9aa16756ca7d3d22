"""Annotations for GitHub Actions, and the findings in words that the runner does not obey."""

from __future__ import annotations

import secrets
from dataclasses import replace

from opslint.finding import Finding, Report, Severity
from opslint.report import data
from opslint.report.safe import annotation, annotation_property, visible

# GitHub shows so many annotations of a step, and drops the others without a word.
SHOWN = 10
_NOTES_AT_MOST = 10
_LINE_AT_MOST = 2_000  # characters: an annotation holds 64 KB
_TYPES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report) -> str:
    """The ten worst findings as annotations and the others as their number, then all of them as lines of the log."""
    ordered = data.worst_first(report)
    shown = ordered[:SHOWN]
    if len(ordered) > SHOWN and shown[-1].severity is Severity.NOTE:
        shown = shown[:-1]  # the number of the others is a notice as well, and might be one too many
    lines = [_annotation(finding, data.link(report, finding.rule)) for finding in shown]
    if rest := ordered[len(shown) :]:
        told = data.summary(replace(report, findings=tuple(rest), suppressed=0))
        lines.append(f"::notice title=opslint::{annotation(f'{len(rest)} more: {told}; the log names them')}")
    return "".join(f"{line}\n" for line in lines) + guarded(_log(report, ordered))


def guarded(text: str) -> str:
    """Text for a log that is not obeyed, whatever stands in it: commands stop until a word that nobody can guess."""
    token = secrets.token_hex(16)
    return f"::stop-commands::{token}\n{text}::{token}::\n"


def _annotation(finding: Finding, url: str) -> str:
    verdict = finding.verdict
    properties = [("title", finding.rule)]
    if not data.is_nowhere(verdict.span):
        line, column, end_line, end_column = verdict.span.place
        properties += [("file", verdict.span.path), ("line", str(line)), ("endLine", str(end_line))]
        if line == end_line:  # the checks API refuses columns of an annotation over several lines
            properties += [("col", str(column)), ("endColumn", str(max(column, end_column - 1)))]
    named = ",".join(f"{name}={annotation_property(value)}" for name, value in properties)
    return f"::{_TYPES[finding.severity]} {named}::{'%0A'.join(annotation(line) for line in _message(finding, url))}"


def _message(finding: Finding, url: str) -> list[str]:
    verdict = finding.verdict
    lines = [data.sentence(finding)]
    notes = [note for note in verdict.notes if not data.is_nowhere(note.span)]
    lines += [f"{note.span}: {note.message}" for note in notes[:_NOTES_AT_MOST]]
    if len(notes) > _NOTES_AT_MOST:
        lines.append(f"and {len(notes) - _NOTES_AT_MOST} more places")
    if verdict.fix:
        lines.append(f"fix: {verdict.fix.title} ({'safe' if verdict.fix.safe else 'unsafe'})")
    return [*(line[:_LINE_AT_MOST] for line in lines), url or f"opslint explain {finding.rule}"]


def _log(report: Report, findings: list[Finding]) -> str:
    lines = [
        f"{data.where(finding.span)}: {finding.severity.value} {finding.rule}: {data.sentence(finding)}"
        for finding in findings
    ]
    lines += [f"exception: {exception}" for exception in report.exceptions]
    if not report.complete:
        lines.append("incomplete: something could not be judged")
    checked = f"{data.number(report.files, 'file')}, {data.number(report.rules, 'rule')}"
    lines.append(f"{checked}: {data.summary(report) or 'nothing found'}")
    return "".join(f"{visible(line)}\n" for line in lines)
