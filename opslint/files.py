"""Where files are: a disk, a git revision, memory, or one laid over another."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

from opslint import git

LIMIT = 1 << 20  # bytes of a configuration file
BASELINE_LIMIT = 64 << 20  # bytes of a PHPStan baseline
FILES_LIMIT = 200_000  # paths below a root before the walk gives up

_SKIPPED = frozenset({".git", "vendor", "node_modules", ".hg", ".svn", ".venv", "__pycache__"})
_SKIPPED_AT = frozenset({"storage"})  # Laravel's, beside an `artisan`


def _not_entered(name: str, beside: Collection[str]) -> str:
    """Why the walk does not enter a folder, in words; empty where it does."""
    if name in _SKIPPED:
        return f"`{name}` is not looked into: it is installed or generated"
    if name in _SKIPPED_AT and "artisan" in beside:
        return f"`{name}` beside `artisan` is not looked into: the application writes there"
    return ""


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
        return tuple(sorted(path for path, why in self._walked if not why))

    def paths(self) -> Sequence[str]:
        return self._paths

    @cached_property
    def left_out(self) -> Mapping[str, str]:
        """What `paths` leaves out, and why in words; a folder ends in `/` and stands for all below it."""
        return dict(sorted((path, why) for path, why in self._walked if why))

    @cached_property
    def _walked(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._walk())

    def _walk(self) -> Iterator[tuple[str, str]]:
        """Every file, with nothing or why it is left out, and the folders that are not entered."""
        count = 0
        pending = [""]
        while pending:
            folder = pending.pop()
            try:
                entries = list(os.scandir(self.root / folder))
            except OSError as error:
                yield f"{folder}/", f"cannot be opened: {os.strerror(error.errno or errno.EIO)}"
                continue
            names = {entry.name for entry in entries}
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if why := _not_entered(entry.name, names):
                        yield f"{path}/", why
                    else:
                        pending.append(path)
                elif entry.is_file(follow_symlinks=False) or (entry.is_symlink() and self._inside(path)):
                    yield path, ""
                    count += 1
                    if count >= FILES_LIMIT:
                        raise UnreadableError(f"more than {FILES_LIMIT:,} files below {self.root}")
                else:
                    yield path, self._why_no_file(path, entry)

    def _why_no_file(self, path: str, entry: os.DirEntry[str]) -> str:
        if not entry.is_symlink():
            return "is neither a file nor a folder"
        try:
            target = (self.root / path).resolve(strict=True)
        except (OSError, RuntimeError):
            return "is a link that leads nowhere"
        if not target.is_relative_to(self.root):
            return "is a link that leads out of the project"
        return "is a link to a folder, and those are not followed" if target.is_dir() else "is a link to no file"

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

    def ids(self) -> Mapping[str, str]:
        """The name that git has for the content of each file, by path."""
        return {path: entry.id for path, entry in self._entries.items()}

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
