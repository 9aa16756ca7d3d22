"""Programs by what they run, and what stands between Supervisor and a worker: shells, loops, scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opslint.model.command import Command, inner
from opslint.model.pattern import Pattern
from opslint.model.run import reach
from opslint.model.supervisor import Program
from opslint.model.unwrap import Wrapper, unwrap, unwrap_words
from opslint.source import Span
from opslint.syntax.script import AndOr, Block, For, Function, Loop, Simple, Statement

if TYPE_CHECKING:
    from opslint.model.project import Project

_SHELLS = ("sh", "bash", "dash", "ash", "zsh", "ksh")
_MOST_NESTED = 20


@dataclass(frozen=True, slots=True)
class Shell:
    """A shell that stays between Supervisor and a command: it gets the stop signal."""

    name: str  # `sh`, or the path of a script of the repository
    span: Span


@dataclass(frozen=True, slots=True)
class _Frame:
    """One shell, and the statements that lead in its script to a command, the script's own block first."""

    via: tuple[Wrapper, ...]
    shell: str
    statements: tuple[Statement, ...]


def programs_doing(
    project: Project, act: str, commands: tuple[str, ...] = ()
) -> tuple[tuple[Program, Command], ...]:
    """The programs that do an act or run one of these commands, each once with the first command that does.

    They do it directly or through the scripts that they run.
    """
    key = ("programs doing", act, commands)
    return project.cached(key, lambda: tuple(_programs_doing(project, act, commands)))


def _programs_doing(project: Project, act: str, commands: tuple[str, ...]) -> Iterator[tuple[Program, Command]]:
    patterns = [Pattern.parse(each) for each in commands]
    seen = set()
    for path in project.all_paths("supervisor"):
        for command in project.commands_of(path):
            program = command.site.owner
            if not isinstance(program, Program) or program.section.key.span in seen:
                continue
            found = next((each.command for each in reach(project, command) if _does(project, each.command, act)), None)
            found = found or next(
                (each.command for each in reach(project, command) if _is_one_of(each.command, patterns)), None
            )
            if found is not None:
                seen.add(program.section.key.span)
                yield program, found


def _does(project: Project, command: Command, act: str) -> bool:
    done = project.act(command) if act else None
    return done is not None and done.name == act


def _is_one_of(command: Command, patterns: list[Pattern]) -> bool:
    return any(pattern.matches(command.words) for pattern in patterns)


def loops(program: Program, command: Command) -> bool:
    """Whether a command is run again and again: by a loop of its shell, or by Supervisor after a `sleep` beside it."""
    restarted = program.option("autorestart").value is True
    for frame in _frames(program, command):
        everything = tuple(_all(frame.statements[0]))
        called = any(isinstance(each, Function) for each in frame.statements)
        if any(isinstance(each, Loop | For) for each in (everything if called else frame.statements)):
            return True
        if restarted and any(_sleeps(each) for each in everything):
            return True
    return False


def shell_between(program: Program, command: Command) -> Shell | None:
    """The first shell that neither replaces itself by the command nor hands the stop signal on; None if there is none.

    `exec` replaces a shell. A bash also replaces itself by the last command that it is given, if that has no
    redirection (bash 5.1; before, by a lone command only); dash does not.
    """
    if command.site.kind != "supervisor":
        if any(wrapper.name == "exec" for wrapper in command.via):
            return None
        return Shell(command.site.path, command.span)
    frames = tuple(_frames(program, command))
    for number, frame in enumerate(frames):
        behind = frames[number + 1].via if number + 1 < len(frames) else _innermost(command, frames)
        shell = frame.via[-1]
        if shell.name not in _SHELLS or any(wrapper.remote for wrapper in frame.via):
            continue
        if not any(wrapper.name == "exec" for wrapper in behind) and not _replaces_itself(frame):
            return Shell(shell.name, shell.words[0].span)
    return None


def _frames(program: Program, command: Command) -> Iterator[_Frame]:
    """The shells between a program and a command in its `command=`, outermost first."""
    found = unwrap_words(program.words())
    for _ in range(_MOST_NESTED):
        if found.nested is None:
            return
        statements = tuple(_leading_to(found.nested.script.body, command.span))
        yield _Frame(found.via, found.nested.shell, statements)
        if not isinstance(statements[-1], Simple):
            return
        found = unwrap(statements[-1])


def _innermost(command: Command, frames: tuple[_Frame, ...]) -> tuple[Wrapper, ...]:
    """The wrappers of a command that stand inside the innermost shell."""
    return command.via[sum(len(frame.via) for frame in frames) :]


def _leading_to(statement: Statement, span: Span) -> Iterator[Statement]:
    yield statement
    for each in inner(statement):
        if span in each.raw.span:
            yield from _leading_to(each, span)
            return


def _replaces_itself(frame: _Frame) -> bool:
    """Whether it is a bash, and the command is the last that it runs, nothing around it."""
    if frame.shell != "bash" or not isinstance(frame.statements[-1], Simple) or frame.statements[-1].redirects:
        return False
    for outer, each in zip(frame.statements, frame.statements[1:], strict=False):
        match outer:
            case Block():
                if outer.items[-1].statement is not each or outer.items[-1].background:
                    return False
            case AndOr():
                if outer.right is not each:
                    return False
            case _:
                return False
    return True


def _all(statement: Statement) -> Iterator[Statement]:
    yield statement
    for each in inner(statement):
        yield from _all(each)


def _sleeps(statement: Statement) -> bool:
    return isinstance(statement, Simple) and bool(statement.words) and statement.words[0].value == "sleep"
