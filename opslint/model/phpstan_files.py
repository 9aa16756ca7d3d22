"""Which files make up a PHPStan configuration, and why an include does not resolve."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from opslint.finding import Problem
from opslint.model.phpstan_merge import Table, declared, merge
from opslint.syntax.php_array import DIRECTORY
from opslint.syntax.tree import Document, Entity, Entry, Node, Scalar, Sequence
from opslint.syntax.tree import Mapping as Map

Read = Callable[[str], Document | None]  # a path to what stands there, None where no file is
Status = Literal["read", "missing", "repeated", "recursive", "refused", "undecided"]

_DEPTH = 10
_FILES = 2_000
_EXTENSIONS = ("neon", "dist", "php")
_ABSOLUTE = re.compile(r"(?:[a-z]+:)?[/\\]", re.IGNORECASE)
_PARAMETER = re.compile(r"%([\w.-]*)%")
_PACKAGE = re.compile(r"(?:^|/)vendor/([^/]+/[^/]+)/")


@dataclass(frozen=True, slots=True)
class Places:
    """Where PHPStan runs; paths are relative to the root of the project, or absolute throughout."""

    working: str = ""  # `%currentWorkingDirectory%`
    phpstan: str = ""  # `%rootDir%`; where Composer puts it, if empty
    environment: Mapping[str, str] = field(default_factory=dict)  # what is known of `%env.X%`

    def expanded(self, text: str) -> str | None:
        """A text with its placeholders filled in, None if one of them is not known; `%%` is a per cent sign."""
        known = {
            "": "%",
            "currentWorkingDirectory": self.working or ".",
            "rootDir": self.phpstan or posixpath.join(self.working, "vendor/phpstan/phpstan"),
            **{f"env.{name}": value for name, value in self.environment.items()},
        }
        if any(name not in known for name in _PARAMETER.findall(text)):
            return None
        return _PARAMETER.sub(lambda match: known[match[1]], text)


@dataclass(frozen=True, slots=True)
class Include:
    """An item of `includes:`. What does not resolve carries PHPStan's own message; a file in `vendor/` may yet come."""

    node: Node
    path: str  # as far as it can be told
    status: Status
    problem: Problem | None = None
    file: File | None = None

    @property
    def package(self) -> str | None:
        """The Composer package that it is a part of."""
        match = _PACKAGE.search(self.path)
        return match[1] if match else None


@dataclass(frozen=True, slots=True)
class File:
    """One file of a configuration, with what it includes in order."""

    path: str
    document: Document
    includes: tuple[Include, ...] = ()

    def walk(self) -> Iterator[File]:
        """The file and all it includes, in the order in which PHPStan reads them."""
        yield self
        for include in self.includes:
            if include.file:
                yield from include.file.walk()

    def included(self) -> Iterator[Include]:
        """Every include, also those of included files."""
        for file in self.walk():
            yield from file.includes


@dataclass(frozen=True, slots=True)
class Loaded:
    file: File
    merged: Table
    problems: tuple[Problem, ...]  # of all files; missing includes are told by themselves


def load(path: str, document: Document, read: Read, places: Places) -> Loaded:
    """A configuration with all it includes, merged as nette/di's Loader does."""
    return _Loader(read, places).loaded(path, document)


class _Loader:
    def __init__(self, read: Read, places: Places) -> None:
        self._read, self._places = read, places
        self._problems: list[Problem] = []
        self._times: Counter[str] = Counter()

    def loaded(self, path: str, document: Document) -> Loaded:
        file, merged = self._load(posixpath.normpath(path), document, ())
        return Loaded(file, merged, tuple(self._problems))

    def _load(self, path: str, document: Document, above: tuple[str, ...]) -> tuple[File, Table]:
        self._times[path] += 1
        own = declared(document, path, self._places.working)
        if self._times[path] == 1:
            self._problems += [*document.problems, *own.problems]
        own.table.entries.pop("includes", None)
        includes = []
        merged: Table | None = None
        for node in self._includes(document, path):
            include, table = self._include(node, path, (*above, path))
            includes.append(include)
            if include.problem and include.status != "missing":
                self._problems.append(include.problem)
            if table:
                result = merge(table, merged)
                merged = result if isinstance(result, Table) else merged
        result = merge(own.table, merged)
        return File(path, document, tuple(includes)), result if isinstance(result, Table) else own.table

    def _includes(self, document: Document, path: str) -> tuple[Node, ...]:
        entry = document.root.entry("includes") if isinstance(document.root, Map) else None
        if entry is None or (isinstance(entry.value, Scalar) and entry.value.value is None):
            return ()
        if isinstance(entry.value, Sequence):
            return entry.value.items
        message = f"The section 'includes' in file '{path}' expects to be list, {_type(entry)} given."
        self._problems.append(Problem(entry.value.span, message))
        return ()

    def _include(self, node: Node, path: str, above: tuple[str, ...]) -> tuple[Include, Table | None]:
        def refused(message: str, status: Status = "refused") -> tuple[Include, None]:
            return Include(node, target, status, Problem(node.span, message)), None

        written = node.value if isinstance(node, Scalar) else _beside(node)
        target = str(written) if written is not None else node.span.written
        if not isinstance(written, str):
            return (Include(node, target, "undecided"), None) if path.endswith(".php") else refused("not a path")
        expanded = self._places.expanded(written)
        if expanded is None:
            unknown = next(name for name in _PARAMETER.findall(written) if self._places.expanded(f"%{name}%") is None)
            if unknown.startswith("env."):
                return Include(node, target, "undecided"), None
            return refused(f"Missing parameter '{unknown}'.")
        if re.match(r"[a-z]{2,}:", expanded):
            target = expanded
            return Include(node, target, "undecided"), None  # `phar://phpstan.phar/conf/bleedingEdge.neon`
        is_placed = written.startswith("%") or _ABSOLUTE.match(expanded)
        target = posixpath.normpath(expanded if is_placed else posixpath.join(posixpath.dirname(path), expanded))
        document = self._read(target)
        if document is None:
            return refused(f"File '{target}' is missing or is not readable.", "missing")
        if target in above:
            return refused(f"Recursive included file '{target}'", "recursive")
        if target.rpartition(".")[2].lower() not in _EXTENSIONS:
            return refused(f"Unknown file extension '{target}'.")
        if len(above) > _DEPTH or self._times.total() > _FILES or self._times[target] > 1:
            return refused("too many includes within one another")
        twice = self._times[target] > 0
        file, table = self._load(target, document, above)
        message = f"This file is included multiple times: {target}"
        problem = Problem(node.span, message) if twice else None
        return Include(node, target, "repeated" if twice else "read", problem, file), table


def _type(entry: Entry) -> str:
    """A value as nette's Validators names it."""
    value = entry.value.value if isinstance(entry.value, Scalar) else None
    if isinstance(entry.value, Map):
        return "array"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return f"{type(value).__name__} {value}"
    if isinstance(value, str):
        return f"string '{value}'" if len(value.encode()) < 40 else "string"
    return "object"




def _beside(node: Node) -> str | None:
    """PHP's `__DIR__ . '/x.neon'`, as a path from the file's own folder."""
    if isinstance(node, Entity) and str(node.value) == DIRECTORY and isinstance(node.attributes, Sequence):
        return str(node.attributes.items[0]).lstrip("/")
    return None
