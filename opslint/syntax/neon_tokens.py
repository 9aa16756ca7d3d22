"""The tokens of NEON: words, strings and signs, and nette/neon's own words for what is wrong."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any

from opslint.source import Source, Span, Text
from opslint.syntax.neon_value import ValueProblem, literal, string, style, unquoted
from opslint.syntax.tree import Comment, Scalar, Value

# nette/neon Lexer::Patterns; atomic, as there, so that PAIR is cut exactly where single tokens would be.
STRING = r"""(?>'''\n(?:(?:[^\n]|\n(?![\t ]*+'''))*+\n)?[\t ]*+'''
  | \"""\n(?:(?:[^\n]|\n(?![\t ]*+\"""))*+\n)?[\t ]*+\"""
  | '(?:''|[^'\n])*+' | "(?:\\.|[^"\\\n])*+")"""
LITERAL = r"""(?>(?:[^\#"',:=\[\]{}()\n\t\ `-]|(?<!["'])[:-][^"',=\[\]{}()\n\t\ ])
  (?:[^,:=\]})(\n\t\ ]++|:(?![\n\t\ ,\]})]|$)|[\t\ ]++[^\#,:=\]})(\n\t\ ])*+)"""
_TOKEN = re.compile(
    rf"(?P<blank>[\t\ ]*+)(?:(?P<STRING>{STRING})|(?P<LITERAL>{LITERAL})|(?P<SIGN>[,:=\[\]{{}}()-])"
    r"|(?P<COMMENT>\#[^\n]*+)|(?P<NL>\n++)|(?P<END>\Z))",
    re.VERBOSE | re.MULTILINE,
)
_SIGNS = {
    "-": "DASH", ":": "SEP", "=": "SEP", ",": "COMMA", "[": "SQUARE", "]": "SQUARE_END",
    "{": "CURLY", "}": "CURLY_END", "(": "ROUND", ")": "ROUND_END",
}  # fmt: skip
_BLANK = re.compile("[\t ]*")
_SHOWN = 40  # bytes of a token in a message


class NeonProblem(Exception):  # noqa: N818  # told as a Problem
    """What cannot be read, at offsets of the text without carriage returns."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message, self.start, self.end = message, start, end


class Token:
    """What the grammar sees: a type, with a place or a ready value."""

    __slots__ = ("end", "scanner", "start", "type", "value")
    line = column = end_line = end_column = start_pos = end_pos = None  # lark copies these, nobody reads them

    def __init__(self, kind: str, scanner: Scanner, start: int, end: int, value: Any = None) -> None:
        self.type, self.scanner, self.start, self.end, self.value = kind, scanner, start, end, value

    @property
    def span(self) -> Span:
        return self.scanner.span(self.start, self.end)


class LazyScalar(Scalar):
    """A scalar that knows its value, and works out text and span when asked: a baseline has thousands."""

    __slots__ = ("_end", "_scanner", "_start")
    _scanner: Scanner
    _start: int
    _end: int

    def __init__(self, scanner: Scanner, start: int, end: int, value: Value) -> None:
        put = object.__setattr__  # frozen, as every node is
        put(self, "value", value)
        put(self, "_scanner", scanner)
        put(self, "_start", start)
        put(self, "_end", end)

    @property
    def text(self) -> Text:
        written = self._scanner.written(self._start, self._end)
        return written if self.style == "plain" else string(written)

    @property
    def span(self) -> Span:
        return self._scanner.span(self._start, self._end)

    @property
    def style(self) -> str:
        return style(self._scanner.text[self._start : self._start + 4])

    def __str__(self) -> str:
        value = self.value
        return value if isinstance(value, str) and self.style != "plain" else self.text.value


class Scanner:
    """Walks over a text token by token; `soft` collects what is wrong but can be read past.

    The text is the file's without its carriage returns, which nette drops before it looks.
    """

    def __init__(self, source: Source, text: str) -> None:
        self.source, self.text = source, text
        returns = [match.start() for match in re.finditer("\r", source.content)]
        self._returns = [position - index for index, position in enumerate(returns)]
        self.soft: list[NeonProblem] = []
        self.comments: dict[int, Comment] = {}
        self.kind, self.start, self.end = "NL", 0, 0  # the current token
        self.indent = ""  # of its line, where it is the first there; else empty, as nette has it

    def advance(self) -> None:
        """Step to the next token that is no blank and no comment."""
        fresh = self.kind == "NL"
        while True:
            match = _TOKEN.match(self.text, self.end)
            if match is None:
                raise NeonProblem("", self.end, self.end)  # the reader asks `unreadable`
            kind = match.lastgroup or ""
            self.start, self.end = match.span(kind)
            if kind != "COMMENT":
                break
            fresh = False
            self.comments[self.start] = Comment(self.written(self.start + 1, self.end))
        self.kind = _SIGNS[self.text[self.start]] if kind == "SIGN" else kind
        self.indent = match["blank"] if fresh else ""

    def newlines(self) -> bool:
        """Step over line breaks; whether there were any."""
        found = self.kind == "NL"
        while self.kind == "NL":
            self.advance()
        return found

    def token(self, kind: str | None = None) -> Token:
        return Token(kind or self.kind, self, self.start, self.end)

    def span(self, start: int, end: int) -> Span:
        """The place in the file of a range of the text."""
        if not self._returns:
            return Span(self.source, start, end)
        first = start + bisect_right(self._returns, start)
        return Span(self.source, first, end + bisect_right(self._returns, end - 1) if end > start else first)

    def written(self, start: int, end: int) -> Text:
        """A range of the text, each character at its place in the file."""
        span = self.span(start, end)
        whole = Text.verbatim(self.source, span.start, span.end)
        if not self._returns or "\r" not in whole.value:
            return whole
        return Text.join((whole[match.start() : match.end()] for match in re.finditer("[^\r]+", whole.value)), whole)

    def scalar(self, start: int, end: int, word: bool, key: bool = False) -> Scalar:
        """A literal (`word`) or quoted string; what nette refuses in it is noted, and the characters stay."""
        raw = self.text[start:end]
        try:
            return LazyScalar(self, start, end, literal(raw, key) if word else unquoted(raw))
        except ValueProblem as problem:
            self.note(str(problem), start, end)
            written = self.written(start, end)
            return Scalar(written, written.value, written.span)

    def problem(self, message: str, start: int, end: int) -> NeonProblem:
        """A problem at its place."""
        return NeonProblem(message, start, end)

    def note(self, message: str, start: int, end: int) -> None:
        """A problem that does not keep the rest from being read."""
        self.soft.append(self.problem(message, start, end))

    def unexpected(self, token: Token) -> NeonProblem:
        """The problem of a token that the grammar does not take there."""
        if token.type == "END":
            return self.problem("Unexpected end", token.start, token.end)
        message = f"Unexpected '{self._shown(token.start, token.end)}'"
        return self.problem(message.replace("\n", "<new line>"), token.start, token.end)

    def unreadable(self) -> NeonProblem | None:
        """The first place from here on where no token fits: nette looks for that before anything else."""
        position = self.end
        while match := _TOKEN.match(self.text, position):
            if match.lastgroup == "END":
                return None
            position = match.end()
        blank = _BLANK.match(self.text, position)
        start = blank.end() if blank else position
        message = f"Unexpected '{self._shown(start, start + _SHOWN)}'"
        stop = self.text.find("\n", start)
        return NeonProblem(message.replace("\n", "\\n"), start, len(self.text) if stop < 0 else stop)

    def _shown(self, start: int, end: int) -> str:
        return self.text[start:end].encode("utf-8", "surrogatepass")[:_SHOWN].decode("utf-8", "ignore")
