"""Which files PHPStan analyses: what `paths` reach, and what `excludePaths` takes away again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from opslint.model.analysis import Analysis
from opslint.model.phpstan import Path
from opslint.model.phpstan_merge import Leaf, Table


@dataclass(frozen=True)
class Scope:
    """Paths and excludes as PHPStan's FileFinder and FileExcluder take them."""

    paths: tuple[Path, ...]
    excludes: tuple[Path, ...]
    extensions: tuple[str, ...] = ("php",)

    @property
    def unknown(self) -> Path | None:
        """A path that only a run would tell."""
        return next((each for each in (*self.paths, *self.excludes) if each.value is None), None)

    @cached_property
    def _endings(self) -> tuple[str, ...]:
        return tuple(f".{each}" for each in self.extensions)

    def reached_by(self, file: str) -> Path | None:
        """The path that leads to a file, excludes aside."""
        for path in self.paths:
            if path.value == file or (file.endswith(self._endings) and is_below(file, path.value)):
                return path
        return None

    def excluded_by(self, file: str) -> Path | None:
        return next((each for each in self.excludes if is_matched(file, each)), None)

    def analyses(self, file: str) -> bool:
        return self.reached_by(file) is not None and self.excluded_by(file) is None


def scope(analysis: Analysis) -> Scope:
    """What an analysis looks at."""
    phpstan = analysis.phpstan
    found = phpstan.parameter("fileExtensions") if phpstan else None
    entries = found.entries.values() if isinstance(found, Table) else ()
    extensions = tuple(str(each.value) for each in entries if isinstance(each, Leaf))
    return Scope(analysis.paths, phpstan.exclude_paths if phpstan else (), extensions or ("php",))


def is_below(file: str, folder: str | None) -> bool:
    """Whether a file is that file, or lies in that folder; None is a folder that is not known."""
    return folder is not None and (folder == "." or file == folder or file.startswith(folder.rstrip("/") + "/"))


def is_matched(file: str, exclude: Path) -> bool:
    """Whether an exclude takes a file away: a pattern is for the absolute path, and `*` crosses folders."""
    if exclude.value is None:
        return False
    if exclude.is_pattern:
        return fnmatchcase(file, exclude.value) or fnmatchcase(f"/{file}", exclude.value)
    return is_below(file, exclude.value)


def lost(files: Iterable[str], before: Scope, after: Scope) -> dict[Path, list[str]]:
    """The files that are analysed no more, by what takes them away: an exclude, or a path no longer named."""
    found: dict[Path, list[str]] = {}
    for file in files:
        reached = before.reached_by(file)
        if reached is None or before.excluded_by(file) or after.analyses(file):
            continue
        found.setdefault((after.reached_by(file) and after.excluded_by(file)) or reached, []).append(file)
    return found
