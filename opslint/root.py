"""Where a project begins, and which of its files were named on the command line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from opslint.policy import NAMES


class RootError(Exception):
    """Paths that make no project; says what was expected."""


def find_root(start: Path) -> Path:
    """The nearest folder at or above a path that holds a policy or `.git`, else the folder itself."""
    folder = Path(os.path.abspath(start))
    while not folder.is_dir():
        folder = folder.parent
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists() or any((candidate / name).is_file() for name in NAMES):
            return candidate
    return folder


def narrow(paths: Sequence[Path], root: Path | None) -> tuple[Path, tuple[str, ...] | None]:
    """The root, and the named paths relative to it; None where nothing narrows the report.

    A path that does not exist is kept where its folder could have held it: hooks name deleted files.
    Raises RootError where a path lies outside the root, or names nothing on its own.
    """
    named = [Path(os.path.abspath(path)) for path in paths]
    if len(named) == 1 and not named[0].exists() and root is None and not _could_be_deleted(named[0]):
        raise RootError(f"{paths[0]}: there is no such file or folder")
    top = Path(os.path.abspath(root)) if root else find_root(named[0] if named else Path.cwd())
    if not top.is_dir():
        raise RootError(f"{top}: the root is not a folder")
    outside = [str(path) for path, absolute in zip(paths, named, strict=True) if not absolute.is_relative_to(top)]
    if outside:
        raise RootError(f"{outside[0]}: lies outside the root {top}")
    relative = tuple(absolute.relative_to(top).as_posix() for absolute in named)
    return top, None if not relative or "." in relative else relative


def _could_be_deleted(path: Path) -> bool:
    return path.parent.is_dir() and (find_root(path.parent) / ".git").exists()
