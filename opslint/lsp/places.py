"""Places as editors count them: lines from 0, columns in the units that client and server agreed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lsprotocol import types

from opslint.mask import MASK
from opslint.source import Source, Span

_BOM = "\ufeff"  # editors keep it to themselves: the first line begins behind it
_BYTES_OF_UNIT = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


@dataclass(frozen=True, slots=True)
class Ruler:
    """Turns offsets in a file into an editor's positions, and back."""

    encoding: str  # utf-8 | utf-16 | utf-32

    def units(self, text: str) -> int:
        encoded = text.encode(self.encoding if self.encoding == "utf-8" else f"{self.encoding}-le", "surrogatepass")
        return len(encoded) // _BYTES_OF_UNIT[self.encoding]

    def position(self, source: Source, offset: int) -> types.Position:
        offset = max(offset, _first(source))
        line, column = source.position(offset)
        start = max(offset - column + 1, _first(source))
        return types.Position(line - 1, self.units(source.content[start:offset]))

    def range(self, source: Source, start: int, end: int) -> types.Range:
        return types.Range(self.position(source, start), self.position(source, end))

    def offset(self, source: Source, position: types.Position) -> int:
        """The offset of a position, kept inside its line and the file; within a character, its beginning."""
        if position.line >= source.lines:
            return len(source.content)
        start = max(source.offset(position.line + 1, 1), _first(source))
        offset, left = start, position.character
        for character in source.line(position.line + 1).removeprefix(_BOM if not position.line else ""):
            left -= self.units(character)
            if left < 0:
                break
            offset += 1
        return offset


def _first(source: Source) -> int:
    return len(_BOM) if source.content.startswith(_BOM) else 0


def within(span: Span, current: Mapping[str, Source]) -> tuple[Source, int, int]:
    """A span's file as it is now, with the span's offsets there.

    A report shows secrets as `****`, which have other columns than what they hide. A span of another text (the base
    revision, a file that is gone) keeps its line and column, as far as the file has them.
    """
    source = current.get(span.path, span.source)
    if source is span.source or _is_masked(span.source.content, source.content):
        return source, span.start, span.end
    line, column, end_line, end_column = span.place
    return source, _clamped(source, line, column), _clamped(source, end_line, end_column)


def _is_masked(shown: str, content: str) -> bool:
    return len(shown) == len(content) and (
        shown == content or all(one in (other, MASK) for one, other in zip(shown, content, strict=True))
    )


def _clamped(source: Source, line: int, column: int) -> int:
    return source.offset(line, min(column, len(source.line(line)) + 1))
