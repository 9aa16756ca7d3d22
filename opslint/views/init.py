"""What `opslint init` tells: the findings to read first, the diff, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opslint.adoption import hook
from opslint.adoption.change import diff
from opslint.adoption.harm import worst
from opslint.adoption.plan import Plan
from opslint.finding import Finding
from opslint.report import data
from opslint.report.paper import Paper, wrap
from opslint.report.safe import opening, visible
from opslint.views.screen import Screen

FIRST = 3
_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_OFFERS = {"--pre-commit": "the commit hook", "--ci": "the CI job"}
_SIGNS = {"+++": "bold", "---": "bold", "@@": "cyan", "+": "green", "-": "red"}


@dataclass(frozen=True, slots=True)
class Look:
    """How a terminal wants its text."""

    color: bool
    width: int

    def screen(self) -> Screen:
        return Screen(color=self.color, width=self.width)


def findings(plan: Plan, look: Look) -> str:
    """The worst findings, two lines each, and how many others there are."""
    screen = look.screen()
    report = plan.report
    first = worst(report.findings, FIRST)
    for finding in first:
        _finding(screen, finding, look.width)
    others = [each for each in report.findings if each not in first]
    of = f"of {data.number(report.rules, 'rule')} about {data.number(report.files, 'file')}"
    if not report.findings:
        screen.line(f"No findings {of}.")
    elif others:
        screen.line(f"{'And ' if first else ''}{', '.join(_counts(others))} {of}: `opslint check` shows them.")
    else:
        screen.line(f"No others {of}.")
    return screen.text


def _finding(screen: Screen, finding: Finding, width: int) -> None:
    severity = finding.severity.value
    paper = Paper(max(width, 40))
    first, *rest = wrap(paper, finding.verdict.message, paper.width - len(severity) - 1)
    screen.line(f"{severity} {first}", _STYLES[severity])
    for line in rest:
        screen.line(f"{' ' * (len(severity) + 1)}{line}", "bold")
    where = "" if finding.span.path == "." else f"{data.where(finding.span)}  "
    screen.line(f"{' ' * (len(severity) + 1)}{where}`opslint explain {finding.rule}`")


def _counts(others: list[Finding]) -> Iterator[str]:
    for severity in ("error", "warning", "note"):
        count = sum(each.decided and each.severity.value == severity for each in others)
        if count:
            yield data.number(count, severity)
    undecided = sum(not each.decided for each in others)
    if undecided:
        yield f"{undecided} undecided"


def changes(plan: Plan, look: Look) -> str:
    """The diff of everything that would be written, and what is there already or cannot be."""
    screen = look.screen()
    for change in plan.changes:
        screen.line("")
        for line in diff(change):
            screen.line(opening(visible(line.expandtabs(4))), _style(line))
    remarks = [*(f"Kept: {said}." for said in plan.kept), *(f"Not written: {said}." for said in plan.refused)]
    for remark in ["", *remarks] if remarks else []:
        screen.line(remark)
    return screen.text


def _style(line: str) -> str:
    return next((style for sign, style in _SIGNS.items() if line.startswith(sign)), "")


def question(plan: Plan) -> str:
    paths = [visible(change.path) for change in plan.changes]
    return f"Write {' and '.join([', '.join(paths[:-1]), paths[-1]] if len(paths) > 1 else paths)}?"


def next_steps(plan: Plan, missing: list[str], look: Look) -> str:
    """What was written, and the few commands that come now; `missing` are the flags of init that were not given."""
    screen = look.screen()
    for change in plan.changes:
        screen.line(f"Wrote {change.path}", "green")
    if not plan.changes:
        screen.line("Nothing to write.")
    steps = list(_steps(plan, missing))
    widest = max((len(command) for command, _ in steps), default=0)
    if steps:
        screen.line("")
    for command, what in steps:
        screen.line(f"  {command:<{widest}}  {what}")
    return screen.text


def _steps(plan: Plan, missing: list[str]) -> Iterator[tuple[str, str]]:
    broken = [each for each in plan.report.findings if each.decided]
    fixable = sum(each.verdict.fix is not None and each.verdict.fix.safe for each in broken)
    if broken:
        told = any(each.verdict.course for each in broken)
        yield "opslint check", "every finding, with its story" if told else "every finding"
    if fixable:
        yield "opslint check --fix", f"mends {fixable} of them, what is safe to mend"
    if broken:
        yield "opslint accept", "accepts today's findings, so that only new ones fail"
    if any(change.path == hook.PATH for change in plan.changes):
        yield "pre-commit install", "once in each clone"
    if missing:
        yield f"opslint init {' '.join(missing)}", f"adds {' and '.join(_OFFERS[flag] for flag in missing)}"
