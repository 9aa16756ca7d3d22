"""Where a project begins, and which of its files were named on the command line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from opslint import git
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


def below_repository(root: Path) -> str:
    """Where a root lies in its repository, as `api` or `services/api`; empty at its top, and where there is none."""
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    return "" if top == root else root.relative_to(top).as_posix()


def narrow(paths: Sequence[Path], root: Path | None) -> tuple[Path, tuple[str, ...] | None]:
    """The root, and the named paths relative to it; None where nothing narrows the report.

    Raises RootError where a path lies outside the root, or names nothing that is or was there.
    """
    named = [Path(os.path.abspath(path)) for path in paths]
    top = Path(os.path.abspath(root)) if root else find_root(named[0] if named else Path.cwd())
    if not top.is_dir():
        raise RootError(f"{top}: the root is not a folder")
    for path, absolute in zip(paths, named, strict=True):
        if not absolute.is_relative_to(top):
            raise RootError(f"{path}: lies outside the root {top}")
        if not os.path.lexists(absolute) and not _was_committed(absolute, top):
            raise RootError(f"{path}: there is no such file or folder")
    relative = tuple(absolute.relative_to(top).as_posix() for absolute in named)
    return top, None if not relative or "." in relative else relative


def _was_committed(path: Path, root: Path) -> bool:
    """Whether a path that is gone was in the last commit: hooks name deleted files, people mistype."""
    try:
        return path.relative_to(root).as_posix() in git.tree(root, "HEAD")
    except git.GitError:
        return False
