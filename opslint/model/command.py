"""What is run: commands, wherever they are written, with their wrappers taken off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from opslint.model.option import base_name
from opslint.model.unwrap import Wrapper, unwrap, unwrap_words
from opslint.source import Span, Text
from opslint.syntax.script import (
    AndOr,
    Block,
    Case,
    For,
    Function,
    Group,
    If,
    Loop,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Statement,
    Unreadable,
    Word,
)
from opslint.syntax.shell import script as read_script

__all__ = ["Command", "Site", "Wrapper", "command_of_words", "commands"]

_READERS = frozenset("cat zcat gunzip gzip bzcat bunzip2 xzcat unxz zstdcat pv".split())  # of a file, named last
_MOST_NESTED = 20  # scripts in one another, through ssh, bash -c and eval

SiteKind = Literal["supervisor", "workflow", "action", "composer", "script", "make", "npm", "php"]


@dataclass(frozen=True, slots=True)
class Site:
    """Where a command is written down."""

    kind: SiteKind
    path: str
    subject: str  # program:worker | jobs.deploy.steps.migrate | scripts.test | target:deploy | the path of a script
    owner: Any = None  # the Program, Step, ... it belongs to


@dataclass(frozen=True, slots=True)
class Command:
    words: tuple[Word, ...]  # wrappers taken off; words[0] is the program
    raw: Text  # the whole of it as written, wrappers included
    site: Site
    via: tuple[Wrapper, ...] = ()  # outermost first
    reads: str = ""  # what it is given: the file behind `<`, or the command before the `|`, as written
    source: Word | None = None  # the file that it is given: behind `<`, or by a `cat` before the `|`
    target: Word | None = None  # the file that its output ends in: behind its `>`, or that of its pipeline

    @property
    def span(self) -> Span:
        """From the first word to the last, wrappers left out."""
        first, last = self.words[0].span, self.words[-1].span
        return Span(first.source, first.start, last.end)

    @property
    def remote(self) -> bool:
        return any(wrapper.remote for wrapper in self.via)

    def __str__(self) -> str:
        return " ".join(word.value for word in self.words)


def commands(script: Script, site: Site, via: tuple[Wrapper, ...] = ()) -> Iterator[Command]:
    """Every command of a script, in the order written, however deep: in substitutions, functions, compound commands,
    and in the scripts that `ssh`, `bash -c`, `su -c` and `eval` are handed. A substitution comes before its command.
    """
    yield from _of_statement(script.body, site, via, 0)


def command_of_words(words: tuple[Word, ...], raw: Text, site: Site) -> Iterator[Command]:
    """The command or commands of a command line that no shell reads, wrappers taken off."""
    found = unwrap_words(words)
    if found.nested is not None:
        yield from _of_statement(found.nested.script.body, site, found.via, 1)
    elif found.words:
        yield Command(found.words, raw, site, found.via)


@dataclass(frozen=True, slots=True)
class _Ends:
    """What a command is tied to: the one whose output it reads, and the file that its own ends in."""

    piped: Simple | None = None
    target: Word | None = None


_LOOSE = _Ends()


def _of_statement(
    statement: Statement, site: Site, via: tuple[Wrapper, ...], depth: int, ends: _Ends = _LOOSE
) -> Iterator[Command]:
    if depth > _MOST_NESTED:
        return
    match statement:
        case Simple():
            yield from _of_simple(statement, site, via, depth, ends)
        case Unreadable():
            return
        case Pipeline():
            last = statement.commands[-1]
            target = written_by(last) or ends.target
            before: Statement | None = None
            for each in statement.commands:
                piped = before if isinstance(before, Simple) else None
                yield from _of_statement(each, site, via, depth, _Ends(piped, target))
                before = each
        case For() | Case():
            for word in (statement.words or ()) if isinstance(statement, For) else (statement.subject,):
                yield from _of_word(word, site, via, depth)
            yield from _of_inner(statement, site, via, depth, ends)
        case _:
            yield from _of_inner(statement, site, via, depth, ends)


def _of_inner(
    statement: Statement, site: Site, via: tuple[Wrapper, ...], depth: int, ends: _Ends
) -> Iterator[Command]:
    target = written_by(statement) or ends.target
    for each in inner(statement):
        yield from _of_statement(each, site, via, depth, _Ends(None, target))
    for redirect in getattr(statement, "redirects", ()):
        yield from _of_redirect(redirect, site, via, depth)


def inner(statement: Statement) -> Iterator[Statement]:
    """The statements that lie directly in another, in the order written; not those of substitutions."""
    match statement:
        case Block():
            yield from (item.statement for item in statement.items)
        case AndOr():
            yield from (statement.left, statement.right)
        case Pipeline():
            yield from statement.commands
        case If():
            for condition, body in statement.branches:
                yield from (condition, body)
            if statement.otherwise is not None:
                yield statement.otherwise
        case Loop():
            yield from (statement.condition, statement.body)
        case For() | Group() | Function():
            yield statement.body
        case Case():
            yield from (arm.body for arm in statement.arms)


def written_by(statement: Statement) -> Word | None:
    """The file that the output of a command, or of a group, goes to."""
    redirects: tuple[Redirect, ...] = getattr(statement, "redirects", ())
    into = (each for each in reversed(redirects) if each.operator in (">", ">>", ">|"))
    return next((each.target for each in into if each.descriptor in ("", "1")), None)


def _given_to(simple: Simple, piped: Simple | None) -> Word | None:
    behind = (each for each in reversed(simple.redirects) if each.operator == "<" and each.descriptor in ("", "0"))
    written = next((each.target for each in behind), None)
    reads = piped is not None and len(piped.words) > 1 and base_name(piped.words[0]) in _READERS
    return written or (piped.words[-1] if piped is not None and reads else None)


def _of_simple(
    simple: Simple, site: Site, via: tuple[Wrapper, ...], depth: int, ends: _Ends
) -> Iterator[Command]:
    for assignment in simple.assignments:
        if assignment.value is not None:
            yield from _of_word(assignment.value, site, via, depth)
    for word in simple.words:
        yield from _of_word(word, site, via, depth)
    for redirect in simple.redirects:
        yield from _of_redirect(redirect, site, via, depth)
    found = unwrap(simple, ends.piped)
    target = written_by(simple) or ends.target
    if found.nested is not None and depth < _MOST_NESTED:
        yield from _of_statement(found.nested.script.body, site, (*via, *found.via), depth + 1, _Ends(None, target))
    elif words := found.words or simple.words:
        source = _given_to(simple, ends.piped)
        yield Command(words, simple.raw, site, (*via, *found.via), found.reads, source, target)
        if words[0].value == "trap" and len(words) > 2 and words[1].is_literal:
            yield from _of_statement(read_script(words[1].text).body, site, (*via, *found.via), depth + 1)


def _of_redirect(redirect: Redirect, site: Site, via: tuple[Wrapper, ...], depth: int) -> Iterator[Command]:
    for word in (redirect.target, redirect.body):
        if word is not None:
            yield from _of_word(word, site, via, depth)


def _of_word(word: Word, site: Site, via: tuple[Wrapper, ...], depth: int) -> Iterator[Command]:
    for part in word.parts:
        if part.script is not None:
            yield from _of_statement(part.script.body, site, via, depth)
