"""What a monitor script does with its counts: how often it counts, waits, compares and alerts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opslint.model.command import Command, Site, commands, inner
from opslint.source import Span
from opslint.syntax.script import Block, Function, If, Item, Loop, Script, Simple, Statement, Word

if TYPE_CHECKING:
    from opslint.model.project import Project


@dataclass(frozen=True, slots=True)
class Watch:
    """A script that counts the jobs, and what it makes of it."""

    path: str
    span: Span  # of the first count
    counts: int
    loops: bool  # one count in a loop is many
    sleeps: bool
    compares: bool  # a condition looks at two counts
    alerts: bool  # and in a branch of it somebody is told
    unclear: bool  # it counts in a way that does not show what it compares


def watches(project: Project) -> Iterator[Watch]:
    """The scripts of the repository that count jobs."""
    for path in project.all_paths("script"):
        script = project.script(path)
        if script is not None and (counts := list(_doing(project, script.body, path, "count-jobs"))):
            yield _watch(project, script, path, counts)


def _watch(project: Project, script: Script, path: str, counts: list[Command]) -> Watch:
    functions = {each.name: each.body for each in _all(script.body) if isinstance(each, Function)}
    names = set(_counted(project, script.body, path, functions))
    deciding = [each for each in _all(script.body) if isinstance(each, If) and _looks_at(each, names) >= 2]
    calls = max(len(counts), sum(1 for _ in _counted(project, script.body, path, functions)))
    loops = any(isinstance(each, Loop) for each in _all(script.body))
    return Watch(
        path=path,
        span=counts[0].span,
        counts=calls,
        loops=loops,
        sleeps=any(command.words[0].value == "sleep" for command in _commands(script.body, path)),
        compares=bool(deciding),
        alerts=any(_alerts(project, body, path, functions) for each in deciding for body in _branches(each)),
        unclear=not deciding and ((loops and calls < 2) or not names),
    )


def _commands(statement: Statement, path: str) -> Iterator[Command]:
    block = statement if isinstance(statement, Block) else Block((Item(statement),), statement.raw)
    yield from commands(Script(block, statement.raw), Site("script", path, path))


def _doing(project: Project, statement: Statement, path: str, act: str) -> Iterator[Command]:
    for command in _commands(statement, path):
        done = project.act(command)
        if done is not None and done.name == act:
            yield command


def _all(statement: Statement) -> Iterator[Statement]:
    yield statement
    for each in inner(statement):
        yield from _all(each)


def _counted(project: Project, body: Statement, path: str, functions: dict[str, Statement]) -> Iterator[str]:
    """The variables that a count is put into, once for each time."""
    counting = {name for name, inside in functions.items() if any(_doing(project, inside, path, "count-jobs"))}
    for statement in _all(body):
        if isinstance(statement, Simple):
            for assignment in statement.assignments:
                if assignment.value is not None and _counts(project, assignment.value, path, counting):
                    yield assignment.name


def _counts(project: Project, word: Word, path: str, counting: set[str]) -> bool:
    for part in word.parts:
        if part.script is not None:
            for command in commands(part.script, Site("script", path, path)):
                done = project.act(command)
                if command.words[0].value in counting or (done is not None and done.name == "count-jobs"):
                    return True
    return False


def _looks_at(statement: If, names: set[str]) -> int:
    """How many of the counted variables the conditions of an `if` look at."""
    seen = set()
    for condition, _ in statement.branches:
        for each in _all(condition):
            if isinstance(each, Simple):
                seen |= {part.name for word in each.words for part in word.parts if part.name in names}
                seen |= {name for name in names for word in each.words if word.value == name}
                if each.words and each.words[0].value == "((":
                    seen |= {name for name in names if name in each.raw.value}
    return len(seen)


def _branches(statement: If) -> Iterator[Block]:
    yield from (body for _, body in statement.branches)
    if statement.otherwise is not None:
        yield statement.otherwise


def _alerts(project: Project, body: Statement, path: str, functions: dict[str, Statement]) -> bool:
    if any(_doing(project, body, path, "alert")):
        return True
    called = {command.words[0].value for command in _commands(body, path)}
    return any(name in called and any(_doing(project, inside, path, "alert")) for name, inside in functions.items())
