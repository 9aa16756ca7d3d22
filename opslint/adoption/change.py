"""What is to be written: each file as a diff, and all of them or none."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from opslint.files import Disk, Files, UnreadableError
from opslint.fixes import write_atomically
from opslint.source import Source


class NotWrittenError(Exception):
    """A file that cannot be written; nothing else was, either. Says which and why."""


@dataclass(frozen=True, slots=True)
class Change:
    path: str
    before: str | None  # None where there is no such file
    after: str


def text_of(files: Files, path: str) -> str | None:
    """A file's text, None where there is none. Raises NotWrittenError for what is no text: it cannot be added to."""
    try:
        return files.read(path).decode("utf-8")
    except FileNotFoundError:
        return None
    except UnreadableError as error:
        raise NotWrittenError(f"{path}: cannot be read: {error}") from None
    except UnicodeDecodeError as error:
        raise NotWrittenError(f"{path}: is not UTF-8: byte {error.start + 1}") from None


def diff(change: Change) -> Iterator[str]:
    """The change as `git apply` takes it, line by line, without line breaks."""
    old = _lines(change.before or "")
    name = f"a/{change.path}" if change.before is not None else "/dev/null"
    for line in difflib.unified_diff(old, _lines(change.after), name, f"b/{change.path}"):
        yield line.rstrip("\r\n")
        if line[:1] in "+- " and not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _lines(text: str) -> list[str]:
    """Lines with their breaks, as editors count them: `str.splitlines` breaks at form feeds and more."""
    source = Source("", text)
    starts = [*(source.offset(number, 1) for number in range(1, source.lines + 1)), len(text)]
    return [text[start:end] for start, end in pairwise(starts) if start < end]


def write(root: Path, changes: Sequence[Change]) -> None:
    """Write every change, or leave all as it was and raise NotWrittenError; so, too, where a file is not as shown."""
    for change in changes:
        _check(root, change)
    undone: list[tuple[Change, list[Path]]] = []
    for change in changes:
        undone.append((change, _missing_folders(root / change.path)))
        try:
            write_atomically(root / change.path, change.after)
        except BaseException as error:
            _undo(root, undone)
            if isinstance(error, OSError):
                why = os.strerror(error.errno) if error.errno else str(error)
                raise NotWrittenError(f"{change.path}: cannot be written: {why}") from None
            raise


def _check(root: Path, change: Change) -> None:
    if not Path(os.path.realpath(root / change.path)).is_relative_to(root.resolve()):
        raise NotWrittenError(f"{change.path}: leads out of the project by a symbolic link")
    if text_of(Disk(root), change.path) != change.before:
        raise NotWrittenError(f"{change.path}: was changed meanwhile; run it again")


def _missing_folders(path: Path) -> list[Path]:
    """The folders that a file needs and that are not there, the innermost first."""
    return [folder for folder in path.parents if not folder.exists()]


def _undo(root: Path, begun: Sequence[tuple[Change, list[Path]]]) -> None:
    for change, folders in reversed(begun):
        path = root / change.path
        if change.before is not None:
            write_atomically(path, change.before)
        elif path.exists():
            path.unlink()
        for folder in folders:
            if folder.exists():
                folder.rmdir()
