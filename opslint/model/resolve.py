"""Which variables a shell script sets, and which it uses without setting them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opslint.model.command import inner
from opslint.source import Span
from opslint.syntax.script import Case, For, Part, Script, Simple, Statement, Word

_NAME = re.compile(r"[A-Za-z_]\w*")
_DECLARES = frozenset(("export", "declare", "typeset", "local", "readonly"))
_READS = frozenset(("read", "mapfile", "readarray", "getopts"))
_HAS_DEFAULT = re.compile(r"\$\{[#!]?\w+:?[-=?+]")
_HARMLESS_SOURCE = re.compile(r"nvm|\.cargo|rvm|\.asdf|phpbrew|bash_completion")


@dataclass(frozen=True, slots=True)
class Use:
    """A variable where a script reads it, and the command that it is given to."""

    name: str
    part: Part
    command: Simple | None = None


def uses(script: Script) -> Iterator[Use]:
    """Every variable that a script reads; those with a default of their own (`${X:-y}`) are left out."""
    for statement in statements(script.body):
        command = statement if isinstance(statement, Simple) else None
        for word in words_of(statement):
            for part in word.parts:
                if part.kind == "parameter" and _NAME.fullmatch(part.name) and not _HAS_DEFAULT.match(part.text.value):
                    yield Use(part.name, part, command)


def settings(script: Script) -> Mapping[str, Span]:
    """The variables that a script sets, each with the place where it first does."""
    found: dict[str, Span] = {}
    for name, span in _settings(script):
        found.setdefault(name, span)
    return found


def sets_unseen(script: Script) -> bool:
    """Whether a script may set variables that cannot be read from it: it sources a file, or evaluates what it reads."""
    for statement in statements(script.body):
        if isinstance(statement, Simple) and statement.words:
            program, rest = statement.words[0].value, statement.words[1:]
            if program in ("source", ".") and not (rest and _HARMLESS_SOURCE.search(rest[0].value)):
                return True
            opaque = any(word.parts and word.parts[0].kind != "literal" for word in rest)
            if program == "eval" or (program in _DECLARES and opaque):  # `export $(cat .env)`
                return True
    return False


def statements(statement: Statement) -> Iterator[Statement]:
    """A statement and all that lie in it, in the order written, those of substitutions included."""
    yield statement
    for word in words_of(statement):
        for part in word.parts:
            if part.script is not None:
                yield from statements(part.script.body)
    for each in inner(statement):
        yield from statements(each)


def _settings(script: Script) -> Iterator[tuple[str, Span]]:
    for statement in statements(script.body):
        if isinstance(statement, For):
            yield statement.variable, statement.raw.span
        if not isinstance(statement, Simple):
            continue
        for assignment in statement.assignments:
            yield assignment.name, assignment.raw.span
        program = statement.words[0].value if statement.words else ""
        for word in statement.words[1:] if program in _DECLARES else ():
            name, equals, _ = word.value.partition("=")
            if equals:
                yield name.rstrip("+"), word.span
        for word in statement.words[1:] if program in _READS else ():
            if _NAME.fullmatch(word.value):
                yield word.value, word.span
        if program == "printf" and len(statement.words) > 2 and statement.words[1].value == "-v":
            yield statement.words[2].value, statement.words[2].span


def words_of(statement: Statement) -> Iterator[Word]:
    """The words of a statement itself, those of the statements in it left out."""
    if isinstance(statement, Simple):
        yield from (assignment.value for assignment in statement.assignments if assignment.value is not None)
        yield from statement.words
    elif isinstance(statement, For):
        yield from statement.words or ()
    elif isinstance(statement, Case):
        yield statement.subject
        yield from (pattern for arm in statement.arms for pattern in arm.patterns)
    for redirect in getattr(statement, "redirects", ()):
        yield from (word for word in (redirect.target, redirect.body) if word is not None)
