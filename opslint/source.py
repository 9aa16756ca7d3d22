"""Where characters are: a file's text, spans in it, and decoded text that remembers its places."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

_LINE_BREAK = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, eq=False)
class Source:
    """One file as it was read: byte-order mark, CR and all, so that every offset is the file's own.

    `path` is relative to the root of the project, with `/` between its parts. Compared by identity.
    """

    path: str
    content: str = field(repr=False)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_BREAK.finditer(self.content))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1, columns in characters; CR LF, LF and CR each end a line."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its line break; empty beyond the end."""
        if not 1 <= number <= len(self._line_starts):
            return ""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] if number < len(self._line_starts) else len(self.content)
        return self.content[start:end].rstrip("\r\n")

    @property
    def lines(self) -> int:
        """How many lines there are; a file that ends with a line break has an empty last one."""
        return len(self._line_starts)

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column (from 1), kept inside the file."""
        if line > len(self._line_starts):
            return len(self.content)
        return min(self._line_starts[max(line, 1) - 1] + max(column, 1) - 1, len(self.content))

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """The span of half-open offsets; an empty one at `start` where no end is given."""
        return Span(self, start, start if end is None else end)

    @cached_property
    def text(self) -> Text:
        """The whole content, verbatim."""
        return Text.verbatim(self, 0, len(self.content))


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open character offsets in a source; prints as `path:line:column`."""

    source: Source
    start: int
    end: int

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def place(self) -> tuple[int, int, int, int]:
        """line, column, end line, end column; all from 1, the end exclusive."""
        return *self.source.position(self.start), *self.source.position(self.end)

    @property
    def written(self) -> str:
        """What stands there, character by character."""
        return self.source.content[self.start : self.end]

    def __contains__(self, other: Span) -> bool:
        return self.source is other.source and self.start <= other.start and other.end <= self.end

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.path}:{line}:{column}"


def nowhere(path: str = ".") -> Span:
    """Line 1, column 1 of a path that need not exist: the place of what is absent altogether."""
    return Source(path, "").span()


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded string whose characters each remember where in the file they stand.

    Slicing is the whole source map: a word of a shell script in a quoted argument in a folded YAML scalar is
    `text[a:b][c:d]`, and `.span` is its place. A verbatim text carries two ranges, a decoded one two lists.
    """

    value: str
    source: Source
    starts: Sequence[int]  # offset of each character, plus one more: where a next character would stand
    ends: Sequence[int]  # offset behind each character; more than start + 1 where it was written as an escape

    @staticmethod
    def verbatim(source: Source, start: int, end: int) -> Text:
        return Text(source.content[start:end], source, range(start, end + 1), range(start + 1, end + 1))

    @staticmethod
    def join(pieces: Iterable[Text], empty: Text) -> Text:
        """The pieces one after the other; `empty` gives source and place where there are none."""
        parts = [piece for piece in pieces if piece.value]
        if not parts:
            return empty[:0]
        if len(parts) == 1:
            return parts[0]
        starts = [start for part in parts for start in part.starts[: len(part.value)]]
        starts.append(parts[-1].starts[len(parts[-1].value)])
        ends = [end for part in parts for end in part.ends]
        return Text("".join(part.value for part in parts), parts[0].source, starts, ends)

    @property
    def is_verbatim(self) -> bool:
        """Whether the file holds these very characters side by side: only such text may be edited."""
        span = self.span
        return span.end - span.start == len(self.value) and span.written == self.value

    @property
    def span(self) -> Span:
        return Span(self.source, self.starts[0], self.ends[-1] if self.value else self.starts[0])

    def __getitem__(self, key: slice) -> Text:
        a, b, step = key.indices(len(self.value))
        if step != 1:
            raise ValueError("a Text is sliced without a step")
        b = max(a, b)
        return Text(self.value[a:b], self.source, self.starts[a : b + 1], self.ends[a:b])

    def strip(self) -> Text:
        a = len(self.value) - len(self.value.lstrip())
        return self[a : a + len(self.value.strip())]

    def __len__(self) -> int:
        return len(self.value)

    def __str__(self) -> str:
        return self.value
