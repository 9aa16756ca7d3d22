"""Supervisor's INI, split exactly as its own parser splits it, with the place of every key and value.

That parser is `RawConfigParser(strict=False, inline_comment_prefixes=(";", "#"))` (supervisor/options.py,
UnhosedConfigParser): quotes protect nothing from a comment, and what stands deeper than an option belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from opslint.finding import Problem
from opslint.source import Source, Span, Text
from opslint.syntax.tree import Comment, Document, Entry, Mapping, Scalar

_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_DELIMITER = re.compile("[=:]")
_BYTE_ORDER_MARK = "\ufeff"
_COMMENT_SIGNS = (";", "#")
_PROBLEMS = 100  # told of one file

Kind = Literal["header", "option", "continuation", "blank", "headless", "unreadable", "ignored"]


@dataclass(frozen=True, slots=True)
class Cut:
    """An inline comment behind a value; `quote` is the quotation that it breaks off, None where it breaks none."""

    section: Entry
    entry: Entry
    comment: Text  # its sign included
    quote: Text | None  # the opening `"` or `'`, whose closing one stands behind the comment's sign


@dataclass(frozen=True, slots=True)
class Swallowed:
    """An indented line that reads like an option or a header, but belongs to the value above it."""

    section: Entry
    entry: Entry
    key: str  # in lower case; a header with its brackets
    line: Text  # without indent and comment


@dataclass(frozen=True, slots=True)
class _Line:
    text: Text  # stripped, its comment cut off
    comment: Text | None  # its sign included
    indent: int
    end: int  # of its characters, where its line break stands
    next: int  # behind its line break


@dataclass(frozen=True, slots=True)
class _Option:
    key: Text
    delimiter: int  # where the value begins, in the text of its first line
    lines: tuple[_Line, ...]  # its own, and those that belong to it


@dataclass(frozen=True, slots=True)
class _Section:
    header: _Line
    options: tuple[_Option, ...]


def read(source: Source) -> Document:
    """A Supervisor file as sections of options, duplicates kept; never raises.

    Keys are in lower case. The lines of a value are joined by line feeds; comments and indents leave gaps in its Text.
    The key of a section spans its brackets too. Problems are worded like Supervisor's errors; each of them
    keeps the whole file, and with it supervisord, from loading.
    """
    lines = tuple(_lines(source))
    kinds = tuple(_kinds(lines))
    sections = tuple(_section(each) for each in _sections(lines, kinds))
    comments = tuple(Comment(line.comment[1:]) for line in lines if line.comment is not None)
    problems = tuple(_problems(source, lines, kinds))[:_PROBLEMS]
    return Document(source, Mapping(sections, source.span(0, len(source.content))), problems, comments)


def has_byte_order_mark(document: Document) -> bool:
    """Whether the file begins with U+FEFF, which Supervisor takes for text before the first section."""
    return document.source.content.startswith(_BYTE_ORDER_MARK)


def cuts(document: Document) -> Iterator[Cut]:
    """Every value that an inline comment ends, in the order written."""
    for section, entry, option in _options(document):
        opened: Text | None = None
        last = {mark: number for number, line in enumerate(option.lines) for mark in "'\"" if mark in line.text.value}
        for number, (line, piece) in enumerate(zip(option.lines, _values(option), strict=True)):
            opened = _opened(piece, opened)
            if line.comment is not None and line.text.value:
                closed = opened is not None and (opened.value in line.comment.value or last[opened.value] > number)
                yield Cut(section, entry, line.comment, opened if closed else None)


def swallowed(document: Document) -> Iterator[Swallowed]:
    """Every continuation line of the form `name=value`, `name: value` or `[name]`; some of them are meant."""
    for section, entry, option in _options(document):
        for line in option.lines[1:]:
            found = re.match(r"\[[^\[\]]+\]|([A-Za-z][\w.]*)\s*[=:]", line.text.value)
            if found:
                yield Swallowed(section, entry, (found[1] or found[0]).lower(), line.text)


def outdented(document: Document) -> Iterator[tuple[Entry, Entry]]:
    """Each section and option whose name begins with `-`: an argument that lost its indent, such as `--tries=3`."""
    for section, entry, _ in _options(document):
        if str(entry.key).startswith("-"):
            yield section, entry


# -- lines --------------------------------------------------------------------------------------------------------


def _lines(source: Source) -> Iterator[_Line]:
    for match in _LINE.finditer(source.content):
        if match[0]:
            yield _line(source, match.start(), match.end(1), match.end())


def _line(source: Source, start: int, end: int, after: int) -> _Line:
    text = Text.verbatim(source, start, end)
    if start == 0 and text.value.startswith(_BYTE_ORDER_MARK):
        text = text[1:]  # told as a problem of its own; what stands behind it is read as it is meant
    at = comment_start(text.value)
    comment = None if at is None else text[at:]
    indent = len(text.value) - len(text.value.lstrip())
    return _Line((text if at is None else text[:at]).strip(), comment, indent, end, after)


def comment_start(line: str) -> int | None:
    """Where the comment of a line begins, by configparser's own search in Python 3.2 to 3.12.

    It tries the first `;` and the first `#`, then the second ones, and so on, and stops at the first round that finds
    one: in `a;b ;c #d` the comment is `#d`. Since 3.13 it is the earliest; the two differ in no file we have seen.
    """
    stripped = line.lstrip()
    if stripped.startswith(_COMMENT_SIGNS):
        return len(line) - len(stripped)
    found = dict.fromkeys(_COMMENT_SIGNS, -1)
    while found:
        found = {sign: at for sign, before in found.items() if (at := line.find(sign, before + 1)) >= 0}
        comments = [at for at in found.values() if at == 0 or line[at - 1].isspace()]
        if comments:
            return min(comments)
    return None


def _kinds(lines: tuple[_Line, ...]) -> Iterator[Kind]:
    """What the parser takes each line for; deeper than the last line that is no continuation is a continuation."""
    in_section, in_option, indent = False, False, 0
    for line in lines:
        value = line.text.value
        if not value:
            yield "blank" if in_option and line.comment is None else "ignored"
        elif in_option and line.indent > indent:
            yield "continuation"
        else:
            indent = line.indent
            if _header(value):
                in_section, in_option = True, False
                yield "header"
            elif not in_section:
                yield "headless"
            elif _delimiter(value) >= 0:
                in_option = _delimiter(value) > 0
                yield "option" if in_option else "unreadable"
            else:
                yield "unreadable"  # and what stands deeper below still belongs to the option above


def _header(value: str) -> int:
    """How long a section header is, brackets included; 0 where a line is none. What follows it is not looked at."""
    return value.rfind("]") + 1 if value.startswith("[") and value.rfind("]") > 1 else 0


def _delimiter(value: str) -> int:
    """Where the first `=` or `:` stands; -1 where there is none."""
    found = _DELIMITER.search(value)
    return found.start() if found else -1


def _problems(source: Source, lines: tuple[_Line, ...], kinds: tuple[Kind, ...]) -> Iterator[Problem]:
    """A file that does not begin with a section is refused there and then; other lines are collected."""
    if source.content.startswith(_BYTE_ORDER_MARK):
        yield Problem(source.span(0, 1), "file contains no section headers: it begins with a byte-order mark")
    headless = next((line for line, kind in zip(lines, kinds, strict=True) if kind == "headless"), None)
    if headless is not None:
        yield Problem(headless.text.span, "file contains no section headers before this line")
    for line, kind in zip(lines, kinds, strict=True):
        if kind == "unreadable":
            lacks = "a name before the delimiter" if _delimiter(line.text.value) == 0 else "a `=` or `:`"
            yield Problem(line.text.span, f"source contains parsing errors: this line lacks {lacks}")


# -- sections and options -----------------------------------------------------------------------------------------


def _sections(lines: tuple[_Line, ...], kinds: tuple[Kind, ...]) -> Iterator[_Section]:
    header: _Line | None = None
    options: list[_Option] = []
    own: list[_Line] = []
    for line, kind in [*zip(lines, kinds, strict=True), (None, "header")]:
        if kind in ("option", "header") and own:
            options.append(_option(own))
            own = []
        if kind == "header":
            if header is not None:
                yield _Section(header, tuple(options))
            header, options = line, []
        elif line is not None and (kind == "option" or (own and kind in ("continuation", "blank"))):
            own.append(line)


def _option(lines: list[_Line]) -> _Option:
    while len(lines) > 1 and not lines[-1].text.value:
        lines.pop()
    at = _delimiter(lines[0].text.value)
    return _Option(lines[0].text[:at].strip(), at + 1, tuple(lines))


def _options(document: Document) -> Iterator[tuple[Entry, Entry, _Option]]:
    """The options of a document, beside the entries that `read` made of them."""
    lines = tuple(_lines(document.source))
    root = document.root
    assert isinstance(root, Mapping), "every Supervisor file has a root"
    for section, entry in zip(_sections(lines, tuple(_kinds(lines))), root, strict=True):
        if isinstance(entry.value, Mapping):
            for option, own in zip(section.options, entry.value, strict=True):
                yield entry, own, option


def _section(section: _Section) -> Entry:
    header = section.header.text[: _header(section.header.text.value)]
    entries = tuple(_entry(option) for option in section.options)
    end = entries[-1].span.end if entries else header.span.end
    return Entry(
        Scalar(header[1:-1], header.value[1:-1], header.span),
        Mapping(entries, Span(header.source, header.span.start, end)),
    )


def _entry(option: _Option) -> Entry:
    key, value = _lowered(option.key), _value(option)
    style = "multi" if len(option.lines) > 1 else "plain"
    return Entry(Scalar(key, key.value, option.key.span), Scalar(value, value.value, value.span, style))


def _lowered(text: Text) -> Text:
    """A name in lower case, as configparser takes it; some letters become two."""
    lower = text.value.lower()
    if lower == text.value:
        return text
    each = [at for at, letter in enumerate(text.value) for _ in letter.lower()]
    starts = [text.starts[at] for at in each]
    return Text(lower, text.source, [*starts, text.starts[len(text)]], [text.ends[at] for at in each])


def _values(option: _Option) -> list[Text]:
    """What each line of an option adds to its value."""
    first, *rest = option.lines
    return [first.text[option.delimiter :].strip(), *(line.text for line in rest)]


def _value(option: _Option) -> Text:
    pieces = _values(option)
    if not any(piece.value for piece in pieces):
        return pieces[0]
    joined = [pieces[0]]
    for before, piece in zip(option.lines, pieces[1:], strict=False):
        joined += [Text("\n", piece.source, [before.end, before.next], [before.next]), piece]
    return Text.join(joined, pieces[0])


def _opened(text: Text, opened: Text | None) -> Text | None:
    """The quotation mark that is open behind a line, by shlex's rules; `opened` is the one before it."""
    escaped = False
    for at, sign in enumerate(text.value):
        if escaped:
            escaped = False
        elif sign == "\\" and (opened is None or opened.value == '"'):
            escaped = True
        elif sign in "'\"" and opened is None:
            opened = text[at : at + 1]
        elif opened is not None and sign == opened.value:
            opened = None
    return opened
