"""Commands as rows of a drawing: the acts, the calls that lead to them, and what is not to be seen."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from opslint.model.act import Act
from opslint.model.command import Command, Wrapper, inner
from opslint.model.project import Project
from opslint.model.run import Reached, StepOf, Unseen, follow, reach
from opslint.model.workflow import Step
from opslint.model.wrappers import SHELLS, SSH
from opslint.source import Span
from opslint.syntax.script import Script, Statement, Unreadable
from opslint.syntax.tree import Scalar
from opslint.views.drawing import Row
from opslint.views.enclosure import around, enclosures

_FENCE = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def command_rows(
    project: Project, commands: Iterable[Command], depth: int, script: Script | None = None
) -> Iterator[Row]:
    """The acts among some commands of a script and all that they call; a call is drawn above what it leads to."""
    calls: tuple[Command, ...] = ()
    own = enclosures(script) if script is not None else ()
    for each in (found for command in commands for found in reach(project, command)):
        row = _row(project, each, depth + len(each.stack))
        if row is None:
            continue
        inside = _enclosures_of_file(project, each.command.site.path) if each.stack else own
        row = replace(row, after=around(inside, each.command.span))
        for level, call in enumerate(each.stack):
            if calls[: level + 1] != each.stack[: level + 1]:
                yield _call(project, call, depth + level)
        calls = each.stack
        yield row


def _enclosures_of_file(project: Project, path: str) -> tuple[tuple[Span, str], ...]:
    script = project.script(path) if project.kinds.get(path) == "script" else None
    return project.cached(("enclosures", path), lambda: enclosures(script) if script is not None else ())


def _row(project: Project, each: Reached, depth: int) -> Row | None:
    command = each.command
    act = project.act(command)
    if act is not None:
        return Row(command.span, depth, str(command), act=act.name, host=host_of(command, act))
    called = follow(project, command.words, command.site.path)
    if isinstance(called, Unseen):
        return Row(command.span, depth, str(command), act="?", host="not in this repository")
    first = command.words[0]
    if not first.is_literal and all(part.kind in ("github", "parameter") for part in first.parts):
        return Row(command.span, depth, str(command), act="?", host="known to the run alone")
    return None


def _call(project: Project, call: Command, depth: int) -> Row:
    called = follow(project, call.words, call.site.path)
    path = getattr(called, "path", "")
    act = project.act(call)
    said = f"{act.name}, " if act is not None else ""
    return Row(call.span, depth, str(call), "code", f"{said}which runs {path}:" if path else said)


def host_of(command: Command, act: Act | None = None) -> str:
    """Where a command runs, or what it changes from here."""
    away = next((wrapper for wrapper in command.via if wrapper.remote), None)
    if away is None:
        return "another machine" if act is not None and act.is_remote else "here"
    if away.name == "ssh-action":
        owner = command.site.owner
        given = owner.step.inputs.get("host") if isinstance(owner, StepOf) else None
        return f"ssh {plain(str(given))}" if isinstance(given, Scalar) else "ssh"
    host = destination(away)
    return f"{posixpath.basename(away.name)} {plain(host)}".strip()


def destination(wrapper: Wrapper) -> str:
    """The host of `ssh -p 22 user@host`; empty where it is no ssh."""
    if wrapper.name != "ssh":
        return ""
    words = iter(wrapper.words[1:])
    for word in words:
        if not word.value.startswith("-"):
            return word.value
        if word.value in SSH.valued:
            next(words, None)
    return ""


def plain(text: str) -> str:
    """`secrets.HOST` for `${{ secrets.HOST }}`, on one line."""
    return " ".join(_FENCE.sub(r"\1", text).split())


def step_rows(project: Project, step: Step, path: str, depth: int) -> Iterator[Row]:
    """What a step does: as an action, or by the commands of its script."""
    act = project.act_of_step(step)
    if act is not None and step.uses is not None:
        host = "another machine" if act.is_remote else "here"
        yield Row(step.uses.span, depth, str(step.uses), act=act.name, host=host)
    found = project.step_script(step)
    if found is None or not is_read(step):
        return
    owned = (each for each in project.commands_of(path) if _is_of(each, step))
    yield from command_rows(project, owned, depth, found.script)
    for each in unreadable(found.script):
        yield Row(each.raw.span, depth, each.raw.value.strip().split("\n")[0], act="?", host="cannot be read")


def is_read(step: Step) -> bool:
    """Whether the shell of a step is one whose scripts opslint reads."""
    return step.run is None or posixpath.basename(step.shell.split(" ")[0]) in SHELLS


def _is_of(command: Command, step: Step) -> bool:
    return isinstance(command.site.owner, StepOf) and command.site.owner.step is step


def unreadable(script: Script) -> Iterator[Unreadable]:
    """The stretches of a script that no grammar reads."""
    waiting: list[Statement] = [script.body]
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, Unreadable):
            yield statement
        else:
            waiting += inner(statement)
