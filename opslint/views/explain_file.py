"""What a file means: what is run, watched or reported by it, and what opslint finds in it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import groupby

from opslint.model.project import Project
from opslint.model.run import Unseen, follow
from opslint.views.drawing import Row, draw
from opslint.views.drawn_commands import command_rows
from opslint.views.drawn_workflow import action_rows, workflow_rows
from opslint.views.inspection import Inspection
from opslint.views.screen import Screen

_CALLING = ("workflow", "action", "script", "composer", "make", "supervisor")


def tell_file(screen: Screen, seen: Inspection, path: str) -> None:
    """Print it for one file: its kind, what it means, its findings, and the rules that are content with it."""
    kind = seen.project.kinds.get(path)
    if kind is None:
        why = "it is excluded by the policy" if seen.project.is_excluded(path) else "not a file that opslint lints"
        screen.line(f"{path}: {why}", "bold")
        return
    screen.line(f"{path}: linted as {kind}", "bold")
    _meaning(screen, seen, path, kind)
    _judged(screen, seen, path)


def _meaning(screen: Screen, seen: Inspection, path: str, kind: str) -> None:
    if kind == "supervisor":
        from opslint.views import processes

        processes.tell(screen, seen.project, path)
    elif kind == "workflow":
        from opslint.views import checks

        checks.explain_workflow(screen, seen.project, path)
    else:
        for line in callers(seen.project, path) if kind == "script" else ():
            screen.line(f"is run at {line}")
        rows = tuple(file_rows(seen.project, path, kind))
        if rows:
            screen.line("\nWhat it does:", "bold")
            screen.lines(draw(seen.masks.hide(rows), screen.paper))


def file_rows(project: Project, path: str, kind: str) -> Iterator[Row]:
    """What a file does, to be drawn: its jobs and steps, else the acts among its commands."""
    action = project.actions.get(posixpath.dirname(path)) if kind == "action" else None
    workflow = next((each for each in project.workflows if each.path == path), None) if kind == "workflow" else None
    if action is not None:
        yield from action_rows(project, action)
    elif workflow is not None:
        yield from workflow_rows(project, workflow)
    elif kind == "script":
        yield from command_rows(project, project.commands_of(path), 0, project.script(path))
    elif kind in ("composer", "make"):
        for subject, own in groupby(project.commands_of(path), key=lambda command: command.site.subject):
            rows = tuple(command_rows(project, own, 1))
            if rows:
                yield Row(None, 0, subject.partition("." if kind == "composer" else ":")[2], "title")
                yield from rows


def callers(project: Project, path: str) -> Iterator[str]:
    """The places in the repository that run a script."""
    for caller, kind in project.kinds.items():
        for command in project.commands_of(caller) if kind in _CALLING else ():
            found = follow(project, command.words, caller)
            if found is not None and not isinstance(found, Unseen) and found.path == path != caller:
                yield str(command.span)


def _judged(screen: Screen, seen: Inspection, path: str) -> None:
    findings = [finding for finding in seen.report.findings if finding.span.path == path]
    if findings:
        screen.line("\nWhat is found in it:", "bold")
    for finding in findings:
        place = finding.span.place[0]
        screen.line(f"  {place}: {finding.severity.value}: {finding.rule}: {finding.verdict.message}")
    looked = {id for id, verdicts in seen.report.verdicts.items() for v in verdicts if v.span.path == path}
    content = sorted(looked - {finding.rule for finding in findings})
    if content:
        screen.line("\nContent with it:", "bold")
        screen.line(f"  {', '.join(content)}")
