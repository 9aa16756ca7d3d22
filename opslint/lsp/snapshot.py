"""The files of one run: what an editor has not saved yet over the disk, each read once and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from opslint.files import Disk, Memory, Overlay, UnreadableError
from opslint.source import Source

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Buffer:
    """A document that is open in the editor."""

    uri: str  # as the editor spells it
    version: int | None
    text: str


class Snapshot:
    """A tree of files that stays what it was when it was first read; `buffers` are by path below the root."""

    def __init__(self, root: Path, buffers: Mapping[str, Buffer]) -> None:
        self.root = root
        self.buffers = buffers
        self._disk = Disk(root)
        known = frozenset(self._disk.paths())
        # What the walk leaves out (vendor, .git) is not linted because somebody looks at it.
        shown = {path: each for path, each in buffers.items() if path in known or not self._disk.exists(path)}
        texts = {path: self._bom(path) + each.text for path, each in shown.items()}
        self._files = Overlay(self._disk, Memory(texts))
        self._paths = self._files.paths()
        self._read: dict[str, bytes | Exception] = {}
        self._sources: dict[str, Source] = {}

    def _bom(self, path: str) -> str:
        """Editors keep the byte-order mark to themselves, and write it again."""
        try:
            return _BOM if self._disk.read(path).startswith(_BOM.encode()) else ""
        except (OSError, UnreadableError):
            return ""

    def paths(self) -> Sequence[str]:
        return self._paths

    def read(self, path: str) -> bytes:
        if path not in self._read:
            try:
                self._read[path] = self._files.read(path)
            except (OSError, UnreadableError) as error:
                self._read[path] = error
        found = self._read[path]
        if isinstance(found, Exception):
            raise found
        return found

    def mode(self, path: str) -> int | None:
        return self._files.mode(path)

    def exists(self, path: str) -> bool:
        return self._files.exists(path)

    def was_read(self, path: str) -> bool:
        """Whether what stands in a file had a part in what was found."""
        return path in self._read

    @property
    def sources(self) -> Mapping[str, Source]:
        """The text of every file that was read, as far as it is text."""
        for path, content in self._read.items():
            if path not in self._sources and isinstance(content, bytes):
                self._sources[path] = Source(path, content.decode("utf-8", "replace"))
        return self._sources

    def is_current(self, path: str, buffers: Mapping[str, Buffer]) -> bool:
        """Whether an open document still has the text that was looked at."""
        now, then = buffers.get(path), self.buffers.get(path)
        return now is then or (now is not None and then is not None and now.text == then.text)
