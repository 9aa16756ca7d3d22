"""What supervisord never reads: sections and options that it does not know and does not report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from opslint.model.supervisor_merge import Merged
from opslint.model.supervisor_table import PROCESS_KINDS, Kind, kind_of, kinds
from opslint.source import Span
from opslint.syntax.tree import Document, Entry, Mapping, Scalar

_SOCKET = ("socket", "socket_owner", "socket_mode", "socket_backlog")
_DEFAULTS = "DEFAULT"


@dataclass(frozen=True, slots=True)
class NeverRead:
    """A section or an option that is ignored."""

    section: Entry
    key: Scalar  # its name, where it is written
    is_section: bool
    why: str  # a few words that go on from the name: `is no option of [program:x]`
    candidates: tuple[str, ...] = ()  # names that may be meant, the likeliest first
    belongs_to: tuple[str, ...] = ()  # kinds of sections that know an option of this name: `[supervisord]`

    @property
    def span(self) -> Span:
        return self.key.span


def ignored(merged: Merged, grouped: frozenset[str]) -> Iterator[NeverRead]:
    """What is ignored in each file, in the order written; `grouped` are the names of programs that groups name."""
    for number, document in enumerate(_by_path(merged.documents)):
        for section in document.root if isinstance(document.root, Mapping) else ():
            name = str(section.key)
            kind = kind_of(name)
            if name == "include" and (number or merged.is_fragment):
                yield NeverRead(section, section.key, True, "is not followed in a file that is itself included")
            elif kind is None and name != _DEFAULTS:
                yield _section(section, name)
            else:
                yield from _options(section, kind, name.partition(":")[2] in grouped)


def _by_path(documents: Iterable[Document]) -> Iterator[Document]:
    seen = set()
    for document in documents:
        if document.source.path not in seen:
            seen.add(document.source.path)
            yield document


def _section(section: Entry, name: str) -> NeverRead:
    return NeverRead(section, section.key, True, "is a section that Supervisor never reads", _likely_section(name))


def _likely_section(name: str) -> tuple[str, ...]:
    """The same section with its kind spelt right."""
    before, colon, after = name.partition(":")
    kind = re.sub(r"\s", "", before).lower()
    if colon:
        found = get_close_matches(kind, [*PROCESS_KINDS, "group", "rpcinterface", "ctlplugin"], n=3, cutoff=0.7)
        return tuple(f"{each}:{after.strip()}" for each in found)
    words = kind.replace(" ", "")
    plain = [each for each in kinds() if kinds()[each].title == f"[{each}]"]
    return tuple(get_close_matches(words, plain, n=3, cutoff=0.7))


def _options(section: Entry, kind: Kind | None, is_grouped: bool) -> Iterator[NeverRead]:
    """`kind` is None for [DEFAULT], whose options go to every section."""
    if kind is not None and kind.takes_any:
        return
    known = kind.options if kind is not None else {name for each in kinds().values() for name in each.options}
    title = kind.title if kind is not None else "any section"
    for entry in section.value if isinstance(section.value, Mapping) else ():
        name = str(entry.key)
        if name not in known:
            others = tuple(each.title for each in kinds().values() if name in each.options)
            close = tuple(get_close_matches(name, list(known), n=3, cutoff=0.6))
            yield NeverRead(section, entry.key, False, f"is no option of {title}", close, others)
        elif kind is not None and kind.name == "fcgi-program" and is_grouped and name in _SOCKET:
            yield NeverRead(section, entry.key, False, "is not read of a program that a [group:x] names")
