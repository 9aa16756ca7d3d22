"""A mapping that never changes and is hashed once: what states are made of."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value", bound=Hashable)


class Table(Generic[Key, Value]):
    """Equal tables are one key, however they came about."""

    __slots__ = ("_hash", "_items")

    def __init__(self, items: Mapping[Key, Value] | Iterable[tuple[Key, Value]] = ()) -> None:
        self._items = dict(items)
        self._hash = hash(frozenset(self._items.items()))

    def get(self, key: Key) -> Value | None:
        return self._items.get(key)

    def put(self, key: Key, value: Value | None) -> Table[Key, Value]:
        """The same with one key set, or without it where the value is None; itself where nothing changes."""
        if self._items.get(key) == value:
            return self
        rest = {k: v for k, v in self._items.items() if k != key}
        return Table(rest if value is None else {**rest, key: value})

    def only(self, keep: Callable[[Key], bool]) -> Table[Key, Value]:
        kept = {key: value for key, value in self._items.items() if keep(key)}
        return self if len(kept) == len(self._items) else Table(kept)

    def items(self) -> Iterable[tuple[Key, Value]]:
        return self._items.items()

    def __iter__(self) -> Iterator[Key]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Table) and self._hash == other._hash and self._items == other._items
        )

    def __repr__(self) -> str:
        return f"Table({self._items})"


EMPTY: Table[Any, Any] = Table()
