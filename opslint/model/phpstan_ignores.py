"""What a PHPStan configuration ignores: its entries, its baselines, the errors they stand for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opslint.finding import Problem
from opslint.model.phpstan_files import File, Include
from opslint.model.phpstan_merge import Leaf, Table, Tree, declared
from opslint.source import Span
from opslint.syntax.tree import Document, Mapping, at

_GENERATED = re.compile(r"[#~/]\^.*\$[#~/]", re.DOTALL)  # the generator anchors every message at both ends
_GENERATED_KEYS = frozenset({"message", "rawMessage", "identifier", "count", "path"})


@dataclass(frozen=True, slots=True)
class Ignored:
    """One entry of `ignoreErrors`. Errors must meet every condition that is given."""

    span: Span
    file: str
    messages: tuple[str, ...] = ()  # regular expressions as PHPStan sees them, `%%` being a per cent sign
    raw_messages: tuple[str, ...] = ()  # literal ones
    identifiers: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()  # joined to the folder of the file
    count: int | None = None
    report_unmatched: bool | None = None
    generated: bool = False  # has the shape that `--generate-baseline` writes
    known: bool = True  # False where only PHP could tell a part of it

    @property
    def message(self) -> str | None:
        return next(iter((*self.messages, *self.raw_messages)), None)

    @property
    def identifier(self) -> str | None:
        return self.identifiers[0] if self.identifiers else None

    @property
    def path(self) -> str | None:
        return self.paths[0] if self.paths else None

    @property
    def errors(self) -> int:
        """How many errors it stands for; an entry without a count stands for any number, and counts as one."""
        return 1 if self.count is None else self.count


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline file, or one that only gathers others, with the entries that take effect."""

    path: str
    include: Include
    ignored: tuple[Ignored, ...]  # its own
    parts: tuple[Baseline, ...] = ()

    def everything(self) -> Iterator[Ignored]:
        yield from self.ignored
        for part in self.parts:
            yield from part.everything()

    @property
    def errors(self) -> int:
        """The number that PHPStan told when it wrote it."""
        return total(self.everything())

    @property
    def unbounded(self) -> tuple[Ignored, ...]:
        """Entries that would hide any number of further errors."""
        return tuple(each for each in self.everything() if each.count is None)


def total(entries: Iterable[Ignored]) -> int:
    return sum(each.errors for each in entries)


def ignored(merged: Table) -> tuple[Ignored, ...]:
    """The entries that take effect in a merged configuration."""
    found = merged.get("parameters", "ignoreErrors")
    return tuple(_ignored(entry) for entry in found.entries.values()) if isinstance(found, Table) else ()


def ignored_in(document: Document, path: str) -> tuple[Ignored, ...]:
    """The entries of one file alone."""
    return ignored(declared(document, path, "").table)


def refused(entries: Iterable[Ignored]) -> Iterator[Problem]:
    """Entries that PHPStan does not take, in its words."""
    for each in entries:
        if each.known and not (each.messages or each.raw_messages or each.identifiers):
            shown = json.dumps({"path": each.path} if each.path else {}, ensure_ascii=False)
            yield Problem(each.span, f"Ignored error {shown} is missing a message or an identifier.")


def is_baseline(document: Document, path: str = "") -> bool:
    """Whether a file is a baseline: nothing but `ignoreErrors`, all as generated, or it is named so."""
    if document.root is None:  # PHPStan writes an empty file for an empty baseline
        return "baseline" in path.lower() and not document.problems
    parameters = at(document.root, "parameters")
    if not isinstance(document.root, Mapping) or [str(entry.key) for entry in document.root] != ["parameters"]:
        return False
    if not isinstance(parameters, Mapping) or [str(entry.key) for entry in parameters] != ["ignoreErrors"]:
        return False
    if "baseline" in path.lower():
        return True
    entries = ignored_in(document, path)
    return bool(entries) and all(entry.generated for entry in entries)


def baselines(file: File, entries: Iterable[Ignored]) -> tuple[Baseline, ...]:
    """The baselines that a file includes, as a tree; each entry is counted at the file that holds it."""
    by_file: dict[str, list[Ignored]] = {}
    for entry in entries:
        by_file.setdefault(entry.file, []).append(entry)
    return tuple(_baselines(file, by_file))


def _baselines(file: File, by_file: dict[str, list[Ignored]]) -> Iterator[Baseline]:
    for include in file.includes:
        below = include.file
        if below is None:
            continue
        parts = tuple(_baselines(below, by_file))
        if is_baseline(below.document, below.path):
            yield Baseline(below.path, include, tuple(by_file.pop(below.path, ())), parts)
        elif parts and _only_includes(below.document):
            yield Baseline(below.path, include, (), parts)
        else:
            yield from parts


def _only_includes(document: Document) -> bool:
    return isinstance(document.root, Mapping) and [str(entry.key) for entry in document.root] == ["includes"]


def _ignored(entry: Tree) -> Ignored:
    span = entry.node.span
    if isinstance(entry, Leaf):
        return Ignored(span, entry.file, tuple(_strings(entry)), known=entry.known)
    message, raw, count = entry.get("message"), entry.get("rawMessage"), entry.get("count")
    messages = (*_strings(message), *_strings(entry.get("messages")))
    raw_messages = (*_strings(raw), *_strings(entry.get("rawMessages")))
    path, report = entry.get("path"), entry.get("reportUnmatched")
    anchored = bool(raw_messages) or (len(messages) == 1 and _GENERATED.fullmatch(messages[0]) is not None)
    shaped = entry.entries.keys() <= _GENERATED_KEYS and isinstance(path, Leaf) and isinstance(count, Leaf)
    return Ignored(
        span,
        entry.file,
        messages,
        raw_messages,
        (*_strings(entry.get("identifier")), *_strings(entry.get("identifiers"))),
        (*_strings(path), *_strings(entry.get("paths"))),
        count.value if isinstance(count, Leaf) and type(count.value) is int else None,
        report.value if isinstance(report, Leaf) and isinstance(report.value, bool) else None,
        generated=shaped and anchored,
        known=all(each.known for each in entry.entries.values() if isinstance(each, Leaf)),
    )


def _strings(found: Tree | None) -> Iterator[str]:
    """A string, or those of a list."""
    for each in found.entries.values() if isinstance(found, Table) else (found,):
        if isinstance(each, Leaf) and isinstance(each.value, str):
            yield _unescaped(each.value)


def _unescaped(text: str) -> str:
    """`%%` is a per cent sign and a leading `@@` an `@` (nette/di Helpers::escape)."""
    text = text.replace("%%", "%")
    return text[1:] if text.startswith("@@") else text


