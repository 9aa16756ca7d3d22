"""Decoding a YAML scalar as it stands in the file, each character with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opslint.source import Source, Text

_FLOW = {
    "plain": re.compile(r"(?P<break>\r\n|[\n\r])|(?P<blank>[ \t]+)|(?P<text>[^ \t\r\n]+)"),
    "single": re.compile(r"(?P<break>\r\n|[\n\r])|(?P<blank>[ \t]+)|(?P<escape>'')|(?P<text>[^ \t\r\n']+)"),
    "double": re.compile(
        r"(?P<break>\r\n|[\n\r])|(?P<blank>[ \t]+)|(?P<joint>\\(?:\r\n|[\n\r]))"
        # JSON writes what lies beyond U+FFFF as two escapes
        r"|(?P<escape>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
        r"|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\.)"
        r"|(?P<text>[^ \t\r\n\\]+)"
    ),
}
_ESCAPES = dict(zip('0abt\tnvfre "/\\N_LP', '\0\a\b\t\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029', strict=True))
_LINE = re.compile(r"([^\r\n]*)(\r\n|[\n\r]|\Z)")
_HEADER = re.compile(r"[|>]([-+0-9]*)[ \t]*(?:#[^\r\n]*)?(\r\n|[\n\r]|\Z)")


class _Pieces:
    """A decoded string while it grows."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []

    def verbatim(self, content: str, start: int, end: int) -> None:
        self.values.append(content[start:end])
        self.starts.extend(range(start, end))
        self.ends.extend(range(start + 1, end + 1))

    def written(self, value: str, place: tuple[int, int]) -> None:
        """One character that stands in the file as something else."""
        self.values.append(value)
        self.starts.append(place[0])
        self.ends.append(place[1])

    def text(self, source: Source, nothing: int) -> Text:
        """All of it; `nothing` is the place of an empty text."""
        self.starts.append(self.ends[-1] if self.ends else nothing)
        return Text("".join(self.values), source, self.starts, self.ends)


def decode(source: Source, start: int, end: int, style: str, expected: str) -> Text:
    """The scalar that stands between two offsets, quotes or block header included.

    `expected` is what the parser made of it: a block scalar needs it to know its indentation and its end. Where
    decoding comes to something else, the caller sees it by comparing the values.
    """
    if style in ("literal", "folded"):
        return _block(source, start, end, style == "folded", expected)
    inner, behind = (start, end) if style == "plain" else (start + 1, max(end - 1, start + 1))
    if source.content[inner:behind] == expected:  # by far the most
        return Text.verbatim(source, inner, behind)
    return _flow(source, inner, behind, style)


def whole(source: Source, start: int, end: int, value: str) -> Text:
    """A value of which only the place as a whole is known."""
    return Text(value, source, [*[start] * len(value), end if value else start], [end] * len(value))


def _flow(source: Source, start: int, end: int, style: str) -> Text:
    """One line break among blanks folds into a space, more of them into one fewer; `\\` before it joins the lines."""
    content, pieces = source.content, _Pieces()
    blank: tuple[int, int] | None = None
    breaks: list[tuple[int, int]] = []
    joined = False

    def flush() -> None:
        if blank is not None:
            pieces.verbatim(content, *blank)
        if len(breaks) == 1 and not joined:
            pieces.written(" ", breaks[0])
        else:
            for each in breaks if joined else breaks[1:]:
                pieces.written("\n", each)

    for match in _FLOW[style].finditer(content, start, end):
        match match.lastgroup:
            case "blank":
                blank = None if breaks or joined else match.span()
                continue
            case "break":
                blank = None
                breaks.append(match.span())
                continue
        flush()
        blank, breaks, joined = None, [], match.lastgroup == "joint"
        if match.lastgroup == "text":
            pieces.verbatim(content, *match.span())
        elif match.lastgroup == "escape":
            pieces.written(_unescaped(match[0]), match.span())
    flush()
    return pieces.text(source, start)


def _unescaped(escape: str) -> str:
    if escape == "''":
        return "'"
    if escape[1] not in "xuU":
        return _ESCAPES.get(escape[1], escape[1])
    if len(escape) == 12:
        return chr(0x10000 + ((int(escape[2:6], 16) & 0x3FF) << 10) + (int(escape[8:], 16) & 0x3FF))
    number = int(escape[2:], 16)
    return chr(number) if number <= 0x10FFFF else "\ufffd"


def _block(source: Source, start: int, end: int, folded: bool, expected: str) -> Text:
    header = _HEADER.match(source.content, start, end)
    if header is None:
        return whole(source, start, end, expected)
    lines = [(match.start(1), match.end(1), match.end(2)) for match in _lines(source.content, header.end(), end)]
    indent = _indent(source.content, lines, expected)
    pieces = _Pieces()
    pending: list[tuple[int, int]] = []  # line breaks behind the last line with content, that one's own first
    blank_before = True
    for begin, stop, next_line in lines:
        lead = stop - begin if begin + indent > stop else indent
        if source.content[begin : begin + lead].strip(" "):
            break  # less indented: behind the scalar
        place = (stop, next_line)
        if begin + indent >= stop:
            pending.append(place)
            continue
        blank = source.content[begin + indent] in " \t"
        fold = folded and not blank and not blank_before
        if fold and len(pending) == 1:
            pieces.written(" ", pending[0])
        else:
            for each in pending[1:] if fold else pending:
                pieces.written("\n", each)
        pieces.verbatim(source.content, begin + indent, stop)
        pending, blank_before = [place], blank
    for each in pending:
        if each[0] < each[1]:
            pieces.written("\n", each)
    return pieces.text(source, header.end(1))[: len(expected)]


def _lines(content: str, start: int, end: int) -> Iterator[re.Match[str]]:
    while start < end and (match := _LINE.match(content, start, end)):
        yield match
        start = match.end()


def _indent(content: str, lines: list[tuple[int, int, int]], expected: str) -> int:
    """How many columns the lines are indented: what the first one has in the file and lacks in the value."""
    value = next((line for line in expected.split("\n") if line.strip(" ")), None)
    written = next((content[a:b] for a, b, _ in lines if content[a:b].strip(" ")), None)
    if value is None or written is None:  # blanks alone
        return max((b - a for a, b, _ in lines), default=0) - max(map(len, expected.split("\n")))
    return max(0, len(written) - len(written.lstrip(" ")) - (len(value) - len(value.lstrip(" "))))
