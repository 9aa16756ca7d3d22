"""What stands around a command in its script: a function, an `if`, a loop, a trap, a `||`."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.model.command import inner
from opslint.model.unwrap import unwrap
from opslint.source import Span
from opslint.syntax.script import AndOr, Case, For, Function, If, Loop, Script, Simple, Statement
from opslint.syntax.shell import script as read_script

_DEEPEST = 20
_LONGEST = 24  # characters of a command that is named by the way


def enclosures(script: Script) -> tuple[tuple[Span, str], ...]:
    """Every stretch whose commands do not simply run in their turn, outermost first, and why they do not."""
    return tuple(_of(script.body, 0))


def around(found: tuple[tuple[Span, str], ...], span: Span) -> str:
    """All that stands around a place, in words: `in rollback(), in an if`; empty where nothing does."""
    return ", ".join(dict.fromkeys(word for stretch, word in found if span in stretch))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."


def _of(statement: Statement, depth: int) -> Iterator[tuple[Span, str]]:
    if depth > _DEEPEST:
        return
    match statement:
        case Function(name):
            yield statement.raw.span, f"in {name}()"
        case If(branches, otherwise):
            for number, (condition, body) in enumerate(branches):
                yield body.raw.span, "in an if"
                if number:
                    yield condition.raw.span, "in an if"
            if otherwise is not None:
                yield otherwise.raw.span, "in an else"
        case Loop(_, _, body) | For(_, _, body):
            yield body.raw.span, "in a loop"
        case Case(_, arms):
            yield from ((arm.body.raw.span, "in a case") for arm in arms)
        case AndOr(left, "||", right):
            yield left.raw.span, f"or else {_short(right.raw.value)}"
            yield right.raw.span, "behind ||"
        case Simple(words) if words and words[0].value == "trap" and len(words) > 2:
            signals = " ".join(word.value for word in words[2:])
            yield statement.raw.span, f"by the trap on {signals}"
            if words[1].is_literal:
                yield from _of(read_script(words[1].text).body, depth + 1)
        case Simple():
            nested = unwrap(statement).nested
            if nested is not None:
                yield from _of(nested.script.body, depth + 1)
    for each in inner(statement):
        yield from _of(each, depth + 1)
