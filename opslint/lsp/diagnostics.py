"""Findings as diagnostics: ranges, severities, and the places that make their stories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from lsprotocol import types

from opslint.finding import Finding, Problem, Report, Severity
from opslint.lsp.outcome import Outcome
from opslint.lsp.places import Ruler, within
from opslint.report import data
from opslint.report.safe import visible
from opslint.silence import SUPPRESSION
from opslint.source import Span

POLICY = "opslint/policy"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}
# Rules whose findings stand on what has no effect as it is written: editors grey it out.
WITHOUT_EFFECT = frozenset(
    {"deploy/script-stop-ignored", "supervisor/known-options", "supervisor/sections-are-read", "workflow/step-can-run"}
)

Link = Callable[[str], str]  # a path below the root -> the editor's URI


def of_report(outcome: Outcome, ruler: Ruler, link: Link) -> dict[str, list[types.Diagnostic]]:
    """The diagnostics of every file in which something was found, by path."""
    found: dict[str, list[types.Diagnostic]] = defaultdict(list)
    for path, finding in outcome.findings():
        found[path].append(of_finding(finding, outcome, ruler, link))
    return found


def of_problems(outcome: Outcome, ruler: Ruler) -> dict[str, list[types.Diagnostic]]:
    """What is wrong with the policy and the team's pages, by path."""
    found: dict[str, list[types.Diagnostic]] = defaultdict(list)
    for problem in outcome.problems:
        found[problem.span.path].append(_of_problem(problem, outcome, ruler))
    return found


def place(span: Span, outcome: Outcome, ruler: Ruler) -> types.Range:
    source, start, end = within(span, outcome.snapshot.sources)
    return ruler.range(source, start, end)


def of_finding(finding: Finding, outcome: Outcome, ruler: Ruler, link: Link) -> types.Diagnostic:
    assert outcome.report is not None
    words = data.sentence(finding)
    return types.Diagnostic(
        range=place(finding.span, outcome, ruler),
        message=visible(words if finding.decided else f"undecided: {words}"),
        severity=_SEVERITIES[finding.severity] if finding.decided else types.DiagnosticSeverity.Information,
        code=visible(finding.rule),
        code_description=_page(outcome.report, finding.rule),
        source="opslint",
        tags=[types.DiagnosticTag.Unnecessary] if _has_no_effect(finding) else None,
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(link(span.path), place(span, outcome, ruler)), visible(message)
            )
            for span, message in _related(finding)
        ],
    )


def _page(report: Report, rule: str) -> types.CodeDescription | None:
    href = data.link(report, rule)
    return types.CodeDescription(href) if href else None


def _has_no_effect(finding: Finding) -> bool:
    return finding.rule in WITHOUT_EFFECT or (
        finding.rule == SUPPRESSION and "silences nothing" in finding.verdict.message
    )


def _related(finding: Finding) -> Iterator[tuple[Span, str]]:
    for note in finding.verdict.notes:
        yield note.span, note.message
    course = finding.verdict.course
    for number, event in enumerate(course.events if course else (), start=1):
        state = data.state(event)
        yield event.span, f"{number}. `{event.command}` {data.happened(event)}{f' → {state}' if state else ''}"


def _of_problem(problem: Problem, outcome: Outcome, ruler: Ruler) -> types.Diagnostic:
    return types.Diagnostic(
        range=place(problem.span, outcome, ruler),
        message=visible(problem.message),
        severity=types.DiagnosticSeverity.Error,
        code=POLICY,
        source="opslint",
    )
