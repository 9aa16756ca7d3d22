"""Where files are: a disk, a git revision, memory, or one laid over another."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

from opslint import git

LIMIT = 1 << 20  # bytes of a configuration file
BASELINE_LIMIT = 64 << 20  # bytes of a PHPStan baseline
FILES_LIMIT = 200_000  # paths below a root before the walk gives up

_SKIPPED = frozenset({".git", "vendor", "node_modules", ".hg", ".svn", ".venv", "__pycache__"})
_SKIPPED_AT = frozenset({"storage"})  # Laravel's, beside an `artisan`


class UnreadableError(Exception):
    """A file that exists but cannot be read; says why in words."""


class Files(Protocol):
    """A tree of files; paths are relative to its root, with `/` between their parts."""

    def paths(self) -> Sequence[str]:
        """Every file, sorted; what is installed or generated is left out."""

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises UnreadableError, or FileNotFoundError where there is none."""

    def mode(self, path: str) -> int | None:
        """0o100755 or 0o100644 as git would check it out, None where git does not say."""

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there, also among what `paths` leaves out."""


def limit(path: str) -> int:
    """How many bytes of a file are read before it counts as hostile."""
    return BASELINE_LIMIT if path.endswith((".neon", ".php", ".dist")) else LIMIT


class Disk:
    """The work tree below a folder. Symbolic links are followed only inside it; only regular files are read."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._walk()))

    def paths(self) -> Sequence[str]:
        return self._paths

    def _walk(self) -> Iterator[str]:
        count = 0
        pending = [""]
        while pending:
            folder = pending.pop()
            try:
                entries = list(os.scandir(self.root / folder))
            except OSError:
                continue
            names = {entry.name for entry in entries}
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _SKIPPED and not (entry.name in _SKIPPED_AT and "artisan" in names):
                        pending.append(path)
                elif entry.is_file(follow_symlinks=False) or (entry.is_symlink() and self._inside(path)):
                    yield path
                    count += 1
                    if count >= FILES_LIMIT:
                        raise UnreadableError(f"more than {FILES_LIMIT:,} files below {self.root}")

    def _inside(self, path: str) -> bool:
        try:
            target = (self.root / path).resolve(strict=True)
        except (OSError, RuntimeError):
            return False
        return target.is_file() and target.is_relative_to(self.root)

    def read(self, path: str) -> bytes:
        target = (self.root / path).resolve()
        if not target.is_relative_to(self.root):
            raise UnreadableError("it lies outside the project")
        try:
            descriptor = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise UnreadableError(os.strerror(error.errno or errno.EIO)) from None
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise UnreadableError("it is not a regular file")
        with os.fdopen(descriptor, "rb") as file:
            if status.st_size > limit(path):
                raise UnreadableError(f"it has {status.st_size:,} bytes, more than {limit(path):,}")
            return file.read(limit(path) + 1)

    @cached_property
    def _modes(self) -> Mapping[str, int]:
        return git.modes(self.root)

    def mode(self, path: str) -> int | None:
        return self._modes.get(path)

    def exists(self, path: str) -> bool:
        return os.path.lexists(self.root / path)


class Revision:
    """The tree of one commit, read by git's plumbing; `prefix` is the root's place in the repository."""

    def __init__(self, root: Path, commit: str) -> None:
        self.root, self.commit = root, commit

    @cached_property
    def _entries(self) -> Mapping[str, git.TreeEntry]:
        return git.tree(self.root, self.commit)

    def paths(self) -> Sequence[str]:
        return tuple(sorted(path for path in self._entries if not _SKIPPED.intersection(path.split("/")[:-1])))

    def read(self, path: str) -> bytes:
        entry = self._entries.get(path)
        if entry is None:
            raise FileNotFoundError(path)
        if entry.size > limit(path):
            raise UnreadableError(f"it has {entry.size:,} bytes, more than {limit(path):,}")
        try:
            return git.blob(self.root, entry.id)
        except git.GitError as error:
            raise UnreadableError(str(error)) from None

    def mode(self, path: str) -> int | None:
        entry = self._entries.get(path)
        return entry.mode if entry else None

    def exists(self, path: str) -> bool:
        return path in self._entries or any(other.startswith(path.rstrip("/") + "/") for other in self._entries)


class Memory:
    """Files given as data: for tests and examples. A path ending in `*` marks an executable."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {
            path.rstrip("*"): content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
            for path, content in files.items()
        }
        self._executable = {path.rstrip("*") for path in files if path.endswith("*")}

    def paths(self) -> Sequence[str]:
        return tuple(sorted(self._files))

    def read(self, path: str) -> bytes:
        if path not in self._files:
            raise FileNotFoundError(path)
        if len(self._files[path]) > limit(path):
            raise UnreadableError(f"it has {len(self._files[path]):,} bytes, more than {limit(path):,}")
        return self._files[path]

    def mode(self, path: str) -> int | None:
        if path not in self._files:
            return None
        return 0o100755 if path in self._executable else 0o100644

    def exists(self, path: str) -> bool:
        return path in self._files or any(other.startswith(path.rstrip("/") + "/") for other in self._files)


class Overlay:
    """Some files laid over others: an editor's unsaved buffers over the disk."""

    def __init__(self, below: Files, above: Files) -> None:
        self._below, self._above = below, above

    def paths(self) -> Sequence[str]:
        return tuple(sorted({*self._below.paths(), *self._above.paths()}))

    def _of(self, path: str) -> Files:
        return self._above if self._above.exists(path) and path in self._above.paths() else self._below

    def read(self, path: str) -> bytes:
        return self._of(path).read(path)

    def mode(self, path: str) -> int | None:
        return self._below.mode(path)

    def exists(self, path: str) -> bool:
        return self._above.exists(path) or self._below.exists(path)
