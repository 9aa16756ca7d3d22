"""What NEON's words and strings mean: types of bare literals, escapes, indentation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from typing import overload

from opslint.source import Source, Text
from opslint.syntax.tree import Value

# Exactly three spellings each (nette/neon LiteralNode); `on` and `off` are words since 3.4.
_CONSTANTS: dict[str, bool | None] = {
    spelling: value
    for word, value in (("true", True), ("yes", True), ("false", False), ("no", False), ("null", None))
    for spelling in (word, word.capitalize(), word.upper())
}
_LETTER = re.compile(r"[A-Za-z_/\\%*#@$!?]")  # no number and no date begins like this
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BASED = re.compile(r"0(?:x[0-9a-fA-F]+|o[0-7]+|b[01]+)")
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:(?:[Tt]| +)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]*))? *(Z|[-+][0-9]{1,2}(?::?[0-9]{2})?)?)?"
)
_LARGEST = (1 << 63) - 1
_DIGITS = 1_000  # Python refuses to convert integers of more than some thousand digits

_INDENTATION = re.compile(r"...\n+([\t ]*)", re.DOTALL)
_LAST_BREAK = re.compile(r"\n[\t ]*\Z")
_ESCAPE = re.compile(
    r"\\(?:[uU][dD][89abAB][0-9a-fA-F]{2}\\[uU][dD][c-fC-F][0-9a-fA-F]{2}|[uU][0-9a-fA-F]{4}|.)"
)
_ESCAPES = {
    "t": "\t", "n": "\n", "r": "\r", "f": "\f", "b": "\b", '"': '"', "\\": "\\", "/": "/", "_": "\u00a0",
}  # fmt: skip


class ValueProblem(Exception):  # noqa: N818  # told as a Problem
    """A word or string that nette/neon refuses; its text is nette's own message."""


def literal(word: str, key: bool = False) -> Value:
    """The value of a bare word; a key is typed for numbers alone. Raises ValueProblem for an impossible date."""
    if not key and word in _CONSTANTS:
        return _CONSTANTS[word]
    if _LETTER.match(word):
        return word
    if _INTEGER.fullmatch(word):
        return _integer(word, 10)
    if _NUMBER.fullmatch(word):
        return float(word)
    if _BASED.fullmatch(word):
        return _integer(word[2:], {"x": 16, "o": 8, "b": 2}[word[1]])
    match = None if key else _DATE.fullmatch(word)
    return _date(word, match) if match else word


def _integer(digits: str, base: int) -> int | str:
    """An integer of 64 bits, else its decimal digits as a string, as nette does since 3.4.3."""
    if len(digits) > _DIGITS:
        return digits
    number = int(digits, base)
    if -_LARGEST - 1 <= number <= _LARGEST:
        return number
    return digits if base == 10 else str(number)


def _date(word: str, match: re.Match[str]) -> Value:
    """PHP's DateTimeImmutable: days beyond the month roll over, a year 0 is none of Python's and stays a word."""
    hour, minute, second = (int(match[group] or 0) for group in (4, 5, 6))
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    for bad, position, why in (
        (month > 12, match.start(2) + 1, "Unexpected character"),
        (day > 31, match.start(3) + 1, "Unexpected character"),
        (hour > 24, match.start(4), "Unexpected character"),
        (minute > 59, match.start(5) + 1, "Double time specification"),
        (second > 60, match.start(6) + 1, "Unexpected character"),
    ):
        if bad:
            raise ValueProblem(f"Failed to parse time string ({word}) at position {position} ({word[position]}): {why}")
    zone = _zone(word, match)
    try:
        first = datetime(year - (month == 0), month or 12, 1, tzinfo=zone)
        fraction = int((match[7] or "")[:6].ljust(6, "0"))
        return first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second, microseconds=fraction)
    except (ValueError, OverflowError):
        return word


def _zone(word: str, match: re.Match[str]) -> timezone | None:
    written = match[8]
    if not written:
        return None
    if written == "Z":
        return UTC
    digits = written[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) < 3 else (int(digits[:-2]), int(digits[-2:]))
    if hours > 24:
        at = match.start(8) + 3
        where = f"at position {at} ({word[at : at + 1]})"
        raise ValueProblem(f"Failed to parse time string ({word}) {where}: Unexpected character")
    offset = timedelta(hours=hours, minutes=minutes)
    try:
        return timezone(-offset if written[0] == "-" else offset)
    except ValueError:  # beyond 24 hours
        raise ValueProblem(f"Failed to parse time string ({word})") from None


def style(raw: str) -> str:
    """How a scalar is written, by its first four characters."""
    if raw[:1] not in ("'", '"'):
        return "plain"
    if raw[:4] in ("'''\n", '"""\n'):
        return "multi"
    return "double" if raw[0] == '"' else "single"


def unquoted(raw: str) -> str:
    """The value of a quoted string, given with its quotes. Raises ValueProblem for an escape nette does not know."""
    kind = style(raw)
    if kind == "single":
        return raw[1:-1].replace("''", "'")
    if kind == "multi":
        raw = f'"{_unindented(Text.verbatim(Source("", raw), 0, len(raw))).value}{raw[0]}'
    return _ESCAPE.sub(_character, raw[1:-1]) if raw[-1] == '"' else raw[1:-1]


def string(raw: Text) -> Text:
    """The same, with the place of every character."""
    kind = style(raw.value)
    inner = _unindented(raw) if kind == "multi" else raw[1:-1]
    if raw.value[0] == '"':
        if "\\" not in inner.value:
            return inner
        value = _ESCAPE.sub(_character, inner.value)
        return Text(value, inner.source, _Offsets(inner, ends=False), _Offsets(inner, ends=True))
    if kind == "single" and "''" in inner.value:
        cuts = [match.end() for match in re.finditer("''", inner.value)]  # the second quote of each pair goes
        starts, ends = [0, *cuts], [*(cut - 1 for cut in cuts), len(inner)]
        return Text.join((inner[start:end] for start, end in zip(starts, ends, strict=True)), inner)
    return inner


def _unindented(raw: Text) -> Text:
    """Lines of a ''' block without the first line's indentation, which goes only where it stands exactly so."""
    found = _INDENTATION.match(raw.value)
    indentation = found[1] if found else ""
    inner = raw[3:-3]
    prefix = "\n" + indentation
    if indentation and prefix in inner.value:
        pieces, position = [], 0
        for match in re.finditer(re.escape(prefix), inner.value):
            pieces.append(inner[position : match.start() + 1])
            position = match.end()
        inner = Text.join([*pieces, inner[position:]], inner)
    if inner.value.startswith("\n"):
        inner = inner[1:]
    last = _LAST_BREAK.search(inner.value)
    return inner[: last.start()] if last else inner


class _Offsets(Sequence[int]):
    """Where the characters of an unescaped text stand: worked out when asked for, as few of a baseline's are."""

    def __init__(self, raw: Text, ends: bool) -> None:
        self._raw, self._ends = raw, ends

    @cached_property
    def _offsets(self) -> list[int]:
        side = self._raw.ends if self._ends else self._raw.starts
        offsets: list[int] = []
        position = 0
        for match in _ESCAPE.finditer(self._raw.value):
            offsets.extend(side[position : match.start()])
            offsets.append(side[match.end() - 1 if self._ends else match.start()])
            position = match.end()
        offsets.extend(side[position:])
        return offsets

    def __len__(self) -> int:
        return len(self._offsets)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        return self._offsets[index]


def _character(match: re.Match[str]) -> str:
    sequence = match[0]
    kind = sequence[1]
    if kind in _ESCAPES:
        return _ESCAPES[kind]
    if kind != "u" or len(sequence) < 6:
        raise ValueProblem(f"Invalid escaping sequence {sequence}")
    code = int(sequence[2:6], 16)
    if len(sequence) == 12:
        code = 0x10000 + ((code - 0xD800) << 10) + int(sequence[8:], 16) - 0xDC00
    if 0xD800 <= code <= 0xDFFF:
        raise ValueProblem(f"Invalid UTF-8 sequence {sequence}")
    return chr(code)
