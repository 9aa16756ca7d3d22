"""The files of a repository: their kinds, what their readers made of them, what could not be read."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from opslint.files import Files, UnreadableError
from opslint.finding import Problem
from opslint.model.kinds import Membership, membership
from opslint.model.suppression import Suppression, suppressions
from opslint.source import Source, Span, nowhere
from opslint.syntax.tree import Document

_PEEK = 65_536  # characters that tell a file's kind
T = TypeVar("T")


class Library:
    """Reads each file once; nothing changes after it was read."""

    def __init__(self, files: Files, named: Mapping[str, tuple[str, ...]], exclude: tuple[str, ...]) -> None:
        self.files = files
        self._named = named
        self._exclude = exclude
        self._kinds: frozenset[str] | None = None
        self._cache: dict[Any, Any] = {}

    def cached(self, key: object, make: Callable[[], T]) -> T:
        """What `make` gives, made once per project: for what several checks ask."""
        if key not in self._cache:
            self._cache[key] = make()
        made: T = self._cache[key]
        return made

    @property
    def kinds(self) -> Mapping[str, str]:
        """The kind of every file that has one, by path."""
        return self.cached("kinds", self._find_kinds)

    def _find_kinds(self) -> Mapping[str, str]:
        found = {}
        for path in self.files.paths():
            if not self.is_excluded(path):
                member = self.membership(path)
                if member is not None:
                    found[path] = member.kind
        return found

    def membership(self, path: str) -> Membership | None:
        """The kind that a file would have were it not excluded, and what makes it so."""
        return membership(path, lambda: self._peek(path), self._named)

    def is_excluded(self, path: str) -> bool:
        return self.exclusion(path) is not None

    def exclusion(self, path: str) -> int | None:
        """Which of the policy's globs excludes a file, from 0."""
        return next(
            (
                index
                for index, glob in enumerate(self._exclude)
                if fnmatchcase(path, glob) or path.startswith(glob.rstrip("/") + "/")
            ),
            None,
        )

    def _peek(self, path: str) -> str:
        try:
            return self.files.read(path)[:_PEEK].decode("utf-8", "replace")
        except (UnreadableError, FileNotFoundError):
            return ""

    def all_paths(self, kind: str) -> tuple[str, ...]:
        """The files of a kind, whatever this project is narrowed to."""
        return tuple(path for path, other in self.kinds.items() if other == kind)

    def paths(self, kind: str) -> tuple[str, ...]:
        """The files of a kind; none where this project is narrowed to others."""
        if self._kinds is not None and kind not in self._kinds:
            return ()
        return self.all_paths(kind)

    def source(self, path: str) -> Source | None:
        """A file's text, or None where there is no such file or it cannot be read (see `problems`)."""
        return self.cached(("source", path), lambda: self._read(path))

    def _read(self, path: str) -> Source | None:
        try:
            return Source(path, self.files.read(path).decode("utf-8"))
        except FileNotFoundError:
            return None
        except UnreadableError as error:
            self._note_problem(nowhere(path), f"cannot be read: {error}")
        except UnicodeDecodeError as error:
            self._note_problem(
                nowhere(path), f"is not UTF-8: byte {error.start + 1} is 0x{error.object[error.start]:02x}"
            )
        return None

    def _note_problem(self, span: Span, message: str) -> None:
        self._unreadable.append(Problem(span, message))

    @property
    def _unreadable(self) -> list[Problem]:
        return self.cached("unreadable", list)

    def document(self, path: str) -> Document | None:
        """A file read by the reader of its kind; None for what has none or cannot be read."""
        return self.cached(("document", path), lambda: self._parse(path))

    def _parse(self, path: str) -> Document | None:
        source = self.source(path)
        if source is None:
            return None
        kind = self.kinds.get(path)
        if kind == "supervisor":
            from opslint.syntax import ini

            return ini.read(source)
        if kind == "phpstan" or path.endswith((".neon", ".neon.dist")):
            from opslint.model import phpstan

            return phpstan.document(source)
        if kind in ("workflow", "action", "composer") or path.endswith((".yml", ".yaml", ".json")):
            from opslint.syntax import yaml

            return yaml.read(source)
        return None

    def exists(self, path: str) -> bool:
        return self.files.exists(posixpath.normpath(path))

    def problems(self, told_elsewhere: frozenset[str] = frozenset()) -> tuple[Problem, ...]:
        """Files that could not be read or parsed, less what is wrong inside files of kinds that a rule speaks for."""
        found = list(self._unreadable)
        for path, kind in self.kinds.items():
            document = self.document(path) if kind not in told_elsewhere else None
            found += document.problems if document is not None else ()
        return tuple(dict.fromkeys([*found, *self._unreadable]))

    @property
    def suppressions(self) -> tuple[Suppression, ...]:
        return self.cached("suppressions", lambda: tuple(self._suppressions()))

    def _suppressions(self) -> Iterator[Suppression]:
        for path, kind in self.kinds.items():
            source = self.source(path) if kind != "composer" else None
            if source is not None and "opslint:" in source.content:
                yield from suppressions(source)
