"""What `opslint explain` tells: a rule's page, what was seen at a place, what a file means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from opslint import lint, rulebook
from opslint.files import Disk
from opslint.finding import Finding, Report, Rule, Verdict
from opslint.policy import Policy
from opslint.root import find_root
from opslint.syntax.schema import did_you_mean
from opslint.views.built_in import BUILT_IN
from opslint.views.rule_page import rule_page
from opslint.views.screen import Screen

_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d+)(?::\d+)?")


class UnknownError(Exception):
    """A name that is neither a rule, nor a place, nor a file."""


def root_of(what: str) -> Path | None:
    """The root of the project that a named file belongs to; None for what is no file."""
    place = _PLACE.fullmatch(what)
    path = Path(place["path"] if place else what)
    return find_root(path) if path.is_file() else None


def explain(what: str, root: Path, policy: Policy, *, color: bool, width: int) -> str:
    """The answer as text for a terminal. Raises UnknownError, with what is close."""
    screen = Screen(color=color, width=width)
    rules = {**rulebook.bundled(), **rulebook.team(Disk(root), policy.rules_from)}
    if what in rules:
        screen.markdown(rule_page(rules[what], policy))
        return screen.text
    if what in BUILT_IN:
        screen.line(what, "bold")
        screen.markdown(BUILT_IN[what])
        return screen.text
    place = _PLACE.fullmatch(what)
    path = _relative(place["path"] if place else what, root)
    report = lint.lint(Disk(root), policy)
    if path is None:
        names = [*rules, *BUILT_IN, *(each.span.path for each in report.findings)]
        raise UnknownError(f"`{what}` is no rule, and no file below {root}{did_you_mean(what, names)}")
    if place:
        _explain_place(screen, report, path, int(place["line"]), rules)
    else:
        _explain_file(screen, report, path, root, policy)
    return screen.text


def _relative(path: str, root: Path) -> str | None:
    for candidate in (Path.cwd() / path, root / path):
        absolute = candidate.resolve()
        if absolute.is_file() and absolute.is_relative_to(root.resolve()):
            return absolute.relative_to(root.resolve()).as_posix()
    return None


def _explain_place(screen: Screen, report: Report, path: str, line: int, rules: Mapping[str, Rule]) -> None:
    here = [finding for finding in report.findings if _touches(finding.verdict, path, line)]
    for finding in here:
        _explain_finding(screen, finding, rules)
    if not here:
        screen.line(f"{path}:{line}: no finding here", "bold")
    content = [
        (id, verdict)
        for id, verdicts in sorted(report.verdicts.items())
        for verdict in verdicts
        if verdict.state == "holds" and _touches(verdict, path, line)
    ]
    if content:
        screen.line("\nContent with this place:", "bold")
    for id, verdict in content:
        screen.line(f"  {id}: {verdict.message}")
    if not here and not content:
        screen.line("No rule looks at this place.")


def _explain_finding(screen: Screen, finding: Finding, rules: Mapping[str, Rule]) -> None:
    screen.line(f"{finding.span}: {finding.severity.value}: {finding.rule}", "bold")
    screen.line(f"  {finding.verdict.message}")
    for note in finding.verdict.notes:
        screen.line(f"  {note.span}: {note.message}")
    if finding.verdict.hint:
        screen.line(f"  to decide it: {finding.verdict.hint}")
    if finding.verdict.fix:
        screen.line(f"  mend it: {finding.verdict.fix.title}")
    if finding.rule in rules:
        screen.line("")
        screen.markdown(rules[finding.rule].page.split("\n## ", 1)[0])
        screen.line(f"More: opslint explain {finding.rule}\n")


def _touches(verdict: Verdict, path: str, line: int) -> bool:
    first, _, last, column = verdict.span.place
    return verdict.span.path == path and first <= line <= (last if column > 1 or last == first else last - 1)


def _explain_file(screen: Screen, report: Report, path: str, root: Path, policy: Policy) -> None:
    project = lint.open_project(Disk(root), policy)
    kind = project.kinds.get(path)
    screen.line(f"{path}: {f'linted as {kind}' if kind else 'not a file that opslint lints'}", "bold")
    findings = [finding for finding in report.findings if finding.span.path == path]
    for finding in findings:
        screen.line(f"  {finding.span.place[0]}: {finding.severity.value}: {finding.rule}: {finding.verdict.message}")
    looked = {id for id, verdicts in report.verdicts.items() for v in verdicts if v.span.path == path}
    content = sorted(looked - {finding.rule for finding in findings})
    if content:
        screen.line(f"Content: {', '.join(content)}")
    if kind == "supervisor":
        from opslint.views import processes

        processes.tell(screen, project, path)
    elif kind == "workflow":
        from opslint.views import checks

        checks.explain_workflow(screen, project, path)
