"""What became of a baseline between two revisions: by how much it grew, and by which entries."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from opslint.model.phpstan_ignores import Ignored, total

# preg_quote puts a backslash before each of these, and before the delimiter.
_QUOTED = re.compile(r"\\([.\\+*?\[^\]$(){}=!<>|:\-#/~])")


class Key(NamedTuple):
    """What makes two entries one: where, what, and its identifier where one is given."""

    path: str | None
    message: str  # as PHPStan prints it, however the entry quotes it
    identifier: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """Entries with one key that hide more errors than before, or fewer; `entry` is one of them."""

    key: Key
    before: int
    after: int
    entry: Ignored

    @property
    def by(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class Growth:
    before: int  # errors
    after: int
    grown: tuple[Change, ...]  # in the order of the baseline; `before` is 0 for a new entry
    shrunk: tuple[Change, ...]  # `after` is 0 for one that went
    loosened: tuple[Ignored, ...]  # entries that lost their count: they hide any number now

    @cached_property
    def by(self) -> int:
        return self.after - self.before

    def groups(self, name: Callable[[Key], str]) -> Mapping[str, int]:
        """By how much each group of entries grew or shrank."""
        found: Counter[str] = Counter()
        for change in (*self.grown, *self.shrunk):
            found[name(change.key)] += change.by
        return found


def key(entry: Ignored) -> Key:
    return Key(entry.path, plain(entry), entry.identifier)


def plain(entry: Ignored) -> str:
    """The message that an entry anchored at both ends matches; any other regular expression as it is written."""
    if entry.raw_messages or not entry.messages:
        return entry.message or ""
    message = entry.messages[0]
    if message[1:2] == "^" and message[-2:-1] == "$":
        return _QUOTED.sub(r"\1", message[2:-2])
    return message


def growth(before: Iterable[Ignored], after: Iterable[Ignored], exists: Callable[[str], bool]) -> Growth:
    """Compare two baselines, each with all its parts. `exists` tells whether a file is still there.

    No growth is: an entry in another file of the baseline, with an identifier that older generators left out, or for
    a file that was renamed.
    """
    old, new = tuple(before), tuple(after)
    then, now = _counted(old), _counted(new)
    changed = {each: now[each] - then[each] for each in {**now, **then}}
    places = {**{key(entry): entry for entry in reversed(old)}, **{key(entry): entry for entry in reversed(new)}}
    _settle(changed, lambda up, down: _is_older(up, down), lambda each: (each.path, each.message))
    gone = {each.path for each in then if each.path is not None and not exists(each.path)}
    _settle(changed, lambda up, down: down.path in gone, lambda each: (each.message, each.identifier))
    changes = [Change(each, now[each] - by, now[each], places[each]) for each, by in changed.items() if by]
    bounded = {key(entry) for entry in old if entry.count is not None}
    return Growth(
        total(old),
        total(new),
        tuple(change for change in changes if change.by > 0),
        tuple(change for change in changes if change.by < 0),
        tuple(entry for entry in new if entry.count is None and key(entry) in bounded),
    )


def _counted(entries: Iterable[Ignored]) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for entry in entries:
        found[key(entry)] += entry.errors
    return found


def _is_older(up: Key, down: Key) -> bool:
    """Whether one of them was written by a generator without identifiers."""
    return (up.identifier is None) != (down.identifier is None)


def _settle(
    changed: dict[Key, int], are_one: Callable[[Key, Key], bool], common: Callable[[Key], tuple[str | None, str | None]]
) -> None:
    """Set off what grew against what shrank, where both are the same entry under two keys."""
    down: dict[tuple[str | None, str | None], list[Key]] = {}
    for each, by in changed.items():
        if by < 0:
            down.setdefault(common(each), []).append(each)
    for up in [each for each, by in changed.items() if by > 0]:
        for other in down.get(common(up), ()):
            moved = min(changed[up], -changed[other])
            if moved > 0 and are_one(up, other):
                changed[up] -= moved
                changed[other] += moved
