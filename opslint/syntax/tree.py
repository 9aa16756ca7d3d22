"""What every data format reads into: scalars, mappings and sequences, each with its place."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from opslint.finding import Problem
from opslint.source import Source, Span, Text

Value: TypeAlias = "bool | int | float | str | datetime.date | None"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `text` is its decoded string without quotes, `span` the whole of it as written."""

    text: Text
    value: Value  # as the format's own schema types it
    span: Span
    style: str = "plain"  # plain | single | double | literal | folded (YAML), multi (NEON)

    def __str__(self) -> str:
        return self.text.value


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value; `flag` is NEON's `!` behind a key that replaces instead of merging."""

    key: Scalar
    value: Node
    flag: bool = False

    @property
    def span(self) -> Span:
        return Span(self.key.span.source, self.key.span.start, max(self.key.span.end, self.value.span.end))


@dataclass(frozen=True)
class Mapping:
    """Entries in the order they were written, duplicates included."""

    entries: tuple[Entry, ...]
    span: Span

    @cached_property
    def _by_key(self) -> dict[str, Entry]:
        return {str(entry.key): entry for entry in self.entries}

    def entry(self, key: str) -> Entry | None:
        """The last entry of that name."""
        return self._by_key.get(key)

    def get(self, key: str) -> Node | None:
        entry = self._by_key.get(key)
        return entry.value if entry else None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    span: Span

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Entity:
    """NEON's `value(attributes)`; a chain is an Entity of the value `!!chain` with entities as attributes."""

    value: Node
    attributes: Mapping | Sequence
    span: Span


Node: TypeAlias = Scalar | Mapping | Sequence | Entity


@dataclass(frozen=True, slots=True)
class Comment:
    text: Text  # without its `#` or `;`


@dataclass(frozen=True, slots=True)
class Document:
    """A file as its reader understood it: the root as far as it was readable, and what was not."""

    source: Source
    root: Node | None
    problems: tuple[Problem, ...] = ()
    comments: tuple[Comment, ...] = ()


def at(node: Node | None, *keys: str | int) -> Node | None:
    """The node behind keys and indices, or None where a step does not exist."""
    for key in keys:
        if isinstance(node, Mapping) and isinstance(key, str):
            node = node.get(key)
        elif isinstance(node, Sequence) and isinstance(key, int) and -len(node.items) <= key < len(node.items):
            node = node.items[key]
        else:
            return None
    return node


def scalars(node: Node | None) -> Iterator[Scalar]:
    """A scalar itself, or the scalar items of a sequence: how many formats write one or many."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        yield from (item for item in node.items if isinstance(item, Scalar))
