"""What a report for people is drawn on: styled lines, symbols, and the width of every character."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from opslint.report.safe import opens_command, picture, visible

Piece: TypeAlias = tuple[str, str]  # text and the name of its style; no style where the name is empty
Line: TypeAlias = tuple[Piece, ...]

TAB = 4
LONGEST = 2_000  # characters of a message or label
_JOINER = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_MARKS_AT_MOST = 8  # on one letter: past that they are shown by number, or they would cover the lines around


@dataclass(frozen=True, slots=True)
class Symbols:
    """The few signs a report draws with, each one column wide."""

    bar: str
    corner_top: str
    corner_bottom: str
    rule: str
    gap: str  # lines left out
    cut: str  # text left out of a line
    succeeded: str
    failed: str
    cancelled: str
    skipped: str
    arrow: str

    def outcome(self, name: str) -> str:
        return {"succeeded": self.succeeded, "failed": self.failed, "cancelled": self.cancelled}.get(name, self.skipped)


UNICODE = Symbols("│", "┌", "└", "─", "⋮", "…", "✓", "✗", "■", "·", "→")
ASCII = Symbols("|", "/", "\\", "_", ":", "~", "+", "x", "!", ".", ">")


@dataclass(frozen=True, slots=True)
class Paper:
    """How much room there is, and what can be written on it."""

    width: int
    encoding: str = "utf-8"

    @property
    def symbols(self) -> Symbols:
        return _symbols(self.encoding)

    def show(self, text: str) -> str:
        """Text on one line, harmless, and in characters that the paper takes."""
        shown = self._fit(visible(text))
        return shown if shown.isascii() else "".join(piece for piece, _ in self.cells(shown))

    def _fit(self, text: str) -> str:
        if self.encoding.lower() in ("utf-8", "utf8"):
            return text
        return text.encode(self.encoding, "backslashreplace").decode(self.encoding)

    def cells(self, text: str) -> Iterator[tuple[str, int]]:
        """Each character as it is shown, with its width in columns: tabs as blanks, marks on their letter."""
        column = before = marks = 0
        joined = False
        for index, character in enumerate(text):
            shown, width = self._cell(text, index, column, before)
            if joined and before == 2 and width == 2 and not character.isascii():
                width = 0  # drawn into the emoji before it
            marks = marks + 1 if width == 0 else 0
            if marks > _MARKS_AT_MOST:
                shown = f"<U+{ord(character):04X}>"
                width, marks = len(shown), 0
            joined = character == _JOINER
            before = before if width == 0 else width
            column += width
            yield shown, width

    def _cell(self, text: str, index: int, column: int, before: int) -> tuple[str, int]:
        character = text[index]
        if character == "\t":
            width = TAB - column % TAB
            return " " * width, width
        if " " <= character <= "~":
            return ("# ", 2) if character == "#" and opens_command(text, index) else (character, 1)
        shown = self._fit(picture(character))
        if shown != character:
            return shown, len(shown)
        if character == _EMOJI_STYLE:
            return character, int(before == 1 and index > 0 and not text[index - 1].isascii())
        if "\U0001f3fb" <= character <= "\U0001f3ff" and before == 2:  # a skin tone colours the emoji before it
            return character, 0
        return character, character_width(character)


@cache
def _symbols(encoding: str) -> Symbols:
    try:
        "".join(getattr(UNICODE, name) for name in Symbols.__slots__).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def character_width(character: str) -> int:
    """Columns of one character on a terminal: 0 for combining ones, 2 for wide ones."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def text_width(paper: Paper, text: str) -> int:
    if text.isascii() and text.isprintable() and "##" not in text:
        return len(text)
    return sum(width for _, width in paper.cells(text))


def shorten(paper: Paper, text: str, width: int) -> str:
    """Harmless text on one line, its end cut off where it is wider than so many columns."""
    shown = paper.show(text[: 4 * width + 1])
    if len(text) <= 4 * width and text_width(paper, shown) <= width:
        return shown
    kept, used = [], 0
    for piece, columns in paper.cells(shown):
        if used + columns > width - 1:
            break
        kept.append(piece)
        used += columns
    return "".join(kept).rstrip() + paper.symbols.cut


def wrap(paper: Paper, text: str, width: int) -> list[str]:
    """Harmless text in lines of at most so many columns, broken at blanks, within a word only where it is too long.

    Of a text that nobody would read to its end the beginning is shown.
    """
    lines, line, used = [], "", 0
    if len(text) > LONGEST:
        text = text[:LONGEST] + paper.symbols.cut
    for word in _words(paper, paper.show(text).split(" "), width):
        columns = text_width(paper, word)
        if line and used + 1 + columns > width:
            lines.append(line)
            line, used = word, columns
        else:
            line, used = (f"{line} {word}", used + 1 + columns) if line else (word, columns)
    return [*lines, line]


def _words(paper: Paper, words: list[str], width: int) -> Iterator[str]:
    for word in words:
        if len(word) * 2 <= width or text_width(paper, word) <= width:
            yield word
            continue
        part, used = "", 0
        for piece, columns in paper.cells(word):
            if used + columns > width and part:
                yield part
                part, used = "", 0
            part, used = part + piece, used + columns
        yield part
