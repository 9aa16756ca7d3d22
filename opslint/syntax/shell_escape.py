"""Characters that are written as several: a backslash's escapes, and those of `$'...'`."""

from __future__ import annotations

import re

from opslint.source import Text

_ANSI = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}|c.|.)", re.DOTALL)
_ANSI_NAMED = {"a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def written_as(text: Text, a: int, b: int, value: str) -> Text:
    """One character (or none) that is written as text[a:b]."""
    if not value:
        return text[a:a]
    return Text(value, text.source, [text.starts[a], text.starts[b]], [text.ends[b - 1]])


def ansi_quoted(text: Text, i: int) -> tuple[list[Text], int]:
    """The pieces of such a string from behind its opening quote, and the index behind its end (or beyond the text)."""
    pieces: list[Text] = []
    while i < len(text) and text.value[i] != "'":
        match = _ANSI.match(text.value, i)
        decoded = _ansi_value(match[1]) if match else ""
        end = match.end() if match else i + 1
        # an unknown escape stands for itself, backslash and all
        pieces.append(written_as(text, i, end, decoded) if len(decoded) == 1 else text[i:end])
        i = end
    return pieces, i + 1


def _ansi_value(escape: str) -> str:
    if escape[0] in "xuU" and len(escape) > 1:
        code = int(escape[1:], 16)
        return chr(code) if code < 0x110000 else "\ufffd"
    if escape[0] in "01234567":
        return chr(int(escape, 8) & 0xFF)
    if escape[0] == "c" and len(escape) > 1:
        return chr(ord(escape[1]) & 0x1F)
    return _ANSI_NAMED.get(escape, escape if escape in "\\'\"?" else "\\" + escape)
