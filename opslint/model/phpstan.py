"""A PHPStan configuration as PHPStan resolves it: level, what it analyses, what it ignores."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from opslint.finding import Problem
from opslint.model.kinds import PHPSTAN_NAMES
from opslint.model.phpstan_files import File, Include, Loaded, Places, Read, load
from opslint.model.phpstan_ignores import Baseline, Ignored, baselines, ignored, refused
from opslint.model.phpstan_merge import Leaf, Table, is_question
from opslint.source import Source, Span
from opslint.syntax.tree import Document, Entity, Scalar

HIGHEST = {0: 8, 1: 9, 2: 10}  # by major version; `max` is the highest
_LEVEL_FILE = re.compile(r"/conf/config\.level(\w+)\.neon$")
_GLOB = re.compile(r"[*?\[\]]")


@dataclass(frozen=True, slots=True)
class Level:
    """The strictness asked for, and where: 0 to 10, or `max`."""

    value: int | str
    span: Span

    def rank(self, major: int = 2) -> int | None:
        """As a number, None where it is none that PHPStan has."""
        highest = HIGHEST.get(major, HIGHEST[2])
        if self.value == "max":
            return highest
        text = str(self.value)
        return int(text) if text.isdecimal() and len(text) < 3 and int(text) <= highest else None


@dataclass(frozen=True, slots=True)
class Path:
    """An item of `paths` or `excludePaths`."""

    value: str | None  # joined to the folder of its file, placeholders filled in; None if that cannot be told
    written: str
    span: Span
    section: str = "paths"  # paths | analyse | analyseAndScan
    optional: bool = False  # `path (?)`: need not exist

    @property
    def is_pattern(self) -> bool:
        """Whether it is for fnmatch, so that nothing need exist there."""
        return self.value is not None and _GLOB.search(self.value) is not None


@dataclass(frozen=True)
class Phpstan:
    """One resolved configuration. `path` is the file PHPStan starts from."""

    path: str
    loaded: Loaded
    places: Places

    @property
    def file(self) -> File:
        return self.loaded.file

    @property
    def document(self) -> Document:
        return self.loaded.file.document

    @property
    def merged(self) -> Table:
        """Everything after merging; each Leaf knows its node."""
        return self.loaded.merged

    @cached_property
    def files(self) -> tuple[File, ...]:
        """All files, each once, in the order in which PHPStan reads them."""
        return tuple({file.path: file for file in reversed([*self.file.walk()])}.values())[::-1]

    @cached_property
    def includes(self) -> tuple[Include, ...]:
        """Every include of every file."""
        return tuple(self.file.included())

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What PHPStan refuses in any of the files; missing includes are in `missing`."""
        return (*self.loaded.problems, *refused(self.ignored))

    @property
    def missing(self) -> tuple[Include, ...]:
        """Includes of files that are not there; those in `vendor/` name their package."""
        return tuple(include for include in self.includes if include.status == "missing")

    @property
    def is_complete(self) -> bool:
        """Whether every include was read, so that what is not set here is set nowhere but in PHPStan's own defaults."""
        return all(include.file is not None for include in self.includes)

    def parameter(self, *keys: str) -> Leaf | Table | None:
        """A parameter after merging."""
        return self.merged.get("parameters", *keys)

    def span(self) -> Span:
        """The start of the file: where something is missing altogether."""
        return self.document.source.span()

    @cached_property
    def level(self) -> Level | None:
        """The level of the configuration; None leaves it to the command line. Also by an include of a level's file."""
        found = self.parameter("level")
        if isinstance(found, Leaf) and found.known and isinstance(found.value, (int, str)):
            return Level(found.value, found.node.span)
        for include in reversed(self.includes):
            match = _LEVEL_FILE.search(include.path)
            if match:
                return Level(int(match[1]) if match[1].isdecimal() else match[1], include.node.span)
        return None

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """What is analysed, unless the command line names paths."""
        return tuple(self._paths(self.parameter("paths"), "paths"))

    @cached_property
    def exclude_paths(self) -> tuple[Path, ...]:
        """What is not; the deprecated `excludes_analyse` counts as analyseAndScan."""
        return (
            *self._paths(self.parameter("excludePaths", "analyse"), "analyse"),
            *self._paths(self.parameter("excludePaths", "analyseAndScan"), "analyseAndScan"),
            *self._paths(self.parameter("excludes_analyse"), "analyseAndScan"),
        )

    def _paths(self, found: Leaf | Table | None, section: str) -> Iterator[Path]:
        for each in found.entries.values() if isinstance(found, Table) else ():
            if not isinstance(each, Leaf):
                continue
            span = each.node.span
            said, optional = each.value, each.optional
            if isinstance(each.node, Entity) and is_question(each.node):  # what earlier 2.x takes for a service
                said, optional = said or str(each.node.value), True
            value = self.places.expanded(said) if isinstance(said, str) else None
            if value is not None and "%" in str(said):
                value = posixpath.normpath(value)
            written = str(each.node) if isinstance(each.node, Scalar) else span.written
            yield Path(value, written, span, section, optional)

    @cached_property
    def ignored(self) -> tuple[Ignored, ...]:
        """Every entry of `ignoreErrors` that takes effect, baselines included."""
        return ignored(self.merged)

    @cached_property
    def baselines(self) -> tuple[Baseline, ...]:
        """The baselines, as a tree of files."""
        return baselines(self.file, self.ignored)

    @cached_property
    def written_by_hand(self) -> tuple[Ignored, ...]:
        """Entries that stand in no baseline and have not a baseline's shape."""
        generated = {id(entry) for baseline in self.baselines for entry in baseline.everything()}
        return tuple(entry for entry in self.ignored if id(entry) not in generated and not entry.generated)

    @property
    def unmatched_reported(self) -> tuple[bool, Span | None]:
        """Whether ignores that match nothing are errors, as is PHPStan's default, and where that is said."""
        found = self.parameter("reportUnmatchedIgnoredErrors")
        if isinstance(found, Leaf) and isinstance(found.value, bool):
            return found.value, found.node.span
        return True, None


def discovered(folder: str, exists: Callable[[str], bool]) -> str | None:
    """The configuration that PHPStan finds in a folder without `-c`: the first of its names that is there."""
    return next((path for name in PHPSTAN_NAMES if exists(path := posixpath.join(folder, name))), None)


def configuration(path: str, read: Read, places: Places | None = None) -> Phpstan | None:
    """The configuration that starts at a file; None where there is no such file.

    `read` gives the Document of a path (`document` below makes one), None for what is not there.
    """
    found = read(path)
    if found is None:
        return None
    where = places or Places(posixpath.dirname(path))
    return Phpstan(path, load(path, found, read, where), where)


def configurations(folders: Iterable[str], read: Read, exists: Callable[[str], bool]) -> Iterator[Phpstan]:
    """The configuration of each application's folder that has one."""
    for folder in folders:
        path = discovered(folder, exists)
        found = configuration(path, read, Places(folder.rstrip("/"))) if path else None
        if found:
            yield found


def document(source: Source) -> Document | None:
    """A file as PHPStan would take it: NEON, or a PHP file that returns an array."""
    if source.path.lower().endswith(".php"):
        from opslint.syntax import php

        return php.read_array(source)
    from opslint.syntax import neon

    return neon.read(source)
