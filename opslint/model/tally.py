"""What a baseline adds up to, worked out fast for one version after another.

Two versions of a generated baseline differ in a few entries, so entries are read once and known again by their text:

    parameters:             <- the head
        ignoreErrors:
            -               <- here one entry ends and the next begins
                message: ...
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from opslint.model.phpstan_ignores import Ignored, ignored_in
from opslint.source import Source
from opslint.syntax import neon

_HEAD = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*parameters:[ \t]*\n([ \t]+)ignoreErrors:[ \t]*\n")
_DEPTH = 2  # folders of a path that a tally keeps apart


@dataclass(frozen=True, slots=True)
class Row:
    """What is kept of one entry."""

    errors: int
    identifier: str
    path: str | None
    has_count: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """The errors of a baseline, in total and by group."""

    errors: int = 0
    entries: int = 0
    unbounded: int = 0  # entries without a count: each hides any number, and counts as one
    identifiers: Counter[str] = field(default_factory=Counter)
    folders: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.errors + other.errors,
            self.entries + other.entries,
            self.unbounded + other.unbounded,
            self.identifiers + other.identifiers,
            self.folders + other.folders,
        )


def row(entry: Ignored) -> Row:
    return Row(entry.errors, entry.identifier or "", entry.path, entry.count is not None)


def tally(rows: Iterable[Row], folder: str = "") -> Tally:
    """The sum of entries; their paths are read against the folder of the baseline."""
    found = tuple(rows)
    identifiers: Counter[str] = Counter()
    folders: Counter[str] = Counter()
    for path, errors in _summed((each.path or "", each.errors) for each in found).items():
        folders[_folder(folder, path)] += errors
    for each in found:
        identifiers[each.identifier] += each.errors
    unbounded = sum(not each.has_count for each in found)
    return Tally(sum(each.errors for each in found), len(found), unbounded, identifiers, folders)


def _summed(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, errors in pairs:
        found[name] += errors
    return found


@lru_cache(maxsize=1 << 16)
def _folder(folder: str, path: str) -> str:
    """The folder that a path counts for, not deeper than two."""
    whole = posixpath.normpath(posixpath.join(folder, path)) if path else ""
    return "/".join([part for part in whole.split("/")[:-1] if part != ".."][:_DEPTH])


class Rows:
    """Reads generated baselines, each entry once for all versions."""

    def __init__(self) -> None:
        self._known: dict[str, Row] = {}

    def of(self, content: str) -> tuple[Row, ...] | None:
        """The entries of a generated baseline; None for a file of any other form."""
        text = content.replace("\r\n", "\n")
        head = _HEAD.match(text)
        if head is None:
            return None
        dash = f"{head[1] * 2}-\n"
        before, *chunks = text[head.end() - 1 :].split(f"\n{dash}")
        chunks = [chunk.rstrip() for chunk in chunks]
        unknown = list(dict.fromkeys(chunk for chunk in chunks if chunk not in self._known))
        if before.strip() or not chunks or not self._learn(head[1], dash, unknown):
            return None
        return tuple(self._known[chunk] for chunk in chunks)

    def _learn(self, indentation: str, dash: str, chunks: list[str]) -> bool:
        """Read entries that were never seen, together; False if they are no entries after all."""
        if not chunks:
            return True
        text = f"parameters:\n{indentation}ignoreErrors:\n" + "".join(f"{dash}{chunk}\n" for chunk in chunks)
        document = neon.read(Source("baseline.neon", text))
        entries = ignored_in(document, "baseline.neon") if not document.problems else ()
        if len(entries) != len(chunks):
            return False
        starts = [entry.span.source.content[entry.span.start : entry.span.end] for entry in entries]
        if any(start.split("\n", 1)[0] not in chunk for start, chunk in zip(starts, chunks, strict=True)):
            return False
        self._known |= {chunk: row(entry) for entry, chunk in zip(entries, chunks, strict=True)}
        return True
