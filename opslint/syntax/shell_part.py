"""Parts of words, put together and taken apart: literals, substitutions, assignments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from opslint.source import Text
from opslint.syntax.script import Assignment, Block, Group, Item, Part, Script, Word

_ASSIGNED = re.compile(r"([A-Za-z_]\w*)(\[[^\]]*\])?(\+?)=")


def merged(parts: Iterable[Part]) -> Iterable[Part]:
    """Literal neighbours that are quoted alike become one."""
    waiting: list[Part] = []
    for part in parts:
        if waiting and (part.kind != "literal" or part.quoted != waiting[-1].quoted):
            yield _one(waiting)
            waiting = []
        if part.kind == "literal":
            waiting.append(part)
        else:
            yield part
    if waiting:
        yield _one(waiting)


def _one(literals: list[Part]) -> Part:
    if len(literals) == 1:
        return literals[0]
    return Part("literal", Text.join((part.text for part in literals), literals[0].text), literals[0].quoted)


def all_of(parts: list[Part], raw: Text) -> Script | None:
    """The scripts of several substitutions as one, each a subshell of its own."""
    scripts = [part.script for part in parts if part.script is not None]
    if not scripts:
        return None
    return Script(Block(tuple(Item(Group(each.body, each.raw, subshell=True)) for each in scripts), raw), raw)


def assigned(words: tuple[Word, ...]) -> tuple[tuple[Assignment, ...], tuple[Word, ...]]:
    """The assignments that words begin with, and the rest of them."""
    found: list[Assignment] = []
    for word in words:
        assignment = assignment_of(word)
        if assignment is None:
            break
        found.append(assignment)
    return tuple(found), words[len(found) :]


def assignment_of(word: Word) -> Assignment | None:
    """The assignment that a word before a command is, if it is one."""
    match = _ASSIGNED.match(word.raw.value)
    if match is None:
        return None
    value = _without(word, match.end())
    return Assignment(match[1], value, word.raw, append=bool(match[3]))


def _without(word: Word, count: int) -> Word | None:
    """The word without its first characters, which are literal; None where nothing is left of it."""
    raw = word.raw[count:]
    if not raw.value:
        return None
    parts = [*word.parts]
    while parts and parts[0].kind == "literal" and len(parts[0].text) <= count:
        count -= len(parts[0].text)
        parts.pop(0)
    if parts and parts[0].kind == "literal" and count:
        parts[0] = replace(parts[0], text=parts[0].text[count:])
    return Word(Text.join((part.text for part in parts), raw), raw, tuple(parts))
