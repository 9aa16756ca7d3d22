"""The tokens of GitHub's expression language, as the runner's LexicalAnalyzer.cs tells them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from opslint.source import Text


class RefusedError(Exception):
    """The text that is not allowed where it stands, and why in GitHub's words."""

    def __init__(self, text: Text, message: str) -> None:
        super().__init__(message)
        self.text = text
        self.message = message


_TOKEN = re.compile(
    r"""  (?P<STRING>    '(?:[^']|'')*+' )
        | (?P<RELATION>  [<>]=? )
        | (?P<EQUALITY>  [=!]= )
        | (?P<_AND>      && )
        | (?P<_OR>       \|\| )
        | (?P<NOT>       ! )
        | (?P<punctuation> [()\[\],.*] )
        | (?P<unclosed>  '.* )
        | (?P<run>       .[^\s()\[\],.!<>=&|]* )   # a name, a number up to its dot, or nothing we know
    """,
    re.VERBOSE | re.DOTALL,
)
_NUMBER_RUN = re.compile(r".[^\s()\[\],!<>=&|]*", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_SPACE = re.compile(r"\s*")
_PUNCTUATION = {")": "RPAR", "[": "_LSQB", "]": "RSQB", ",": "_COMMA", ".": "_DOT", "*": "STAR"}
_WORDS = {"null": "NULL", "true": "TRUE", "false": "FALSE", "NaN": "NUMBER", "Infinity": "NUMBER"}
_BEFORE_NUMBER = frozenset({"", "_COMMA", "_GROUP", "LPAR", "_LSQB", "_AND", "_OR", "NOT", "EQUALITY", "RELATION"})
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_BASED = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")


def parse_number(written: str) -> float:
    """The number that a string stands for: 0 if it is blank, NaN if it is none (ExpressionUtility.ParseNumber)."""
    written = written.strip()
    if not written:
        return 0.0
    if _DECIMAL.fullmatch(written) or written in ("Infinity", "-Infinity"):
        return float(written)
    if _BASED.fullmatch(written):
        number = int(written, 0)
        if number < 1 << 32:  # 32 bits are read and no more, the first of them as the sign
            return float(number - (number >> 31 << 32))
    return float("nan")


class Token(NamedTuple):
    kind: str  # a terminal of expression.lark
    start: int
    end: int


def tokens(text: Text) -> Iterator[Token]:
    """The tokens of an expression; raises RefusedError at the first that is none."""
    value, offset, previous = text.value, 0, ""
    while (offset := _end(_SPACE, value, offset)) < len(value):
        match = _TOKEN.match(value, offset)
        assert match is not None, "a run takes any character"
        kind, end = match.lastgroup or "", match.end()
        first = value[offset]
        if first in "-+0123456789" or (first == "." and previous in _BEFORE_NUMBER):
            kind, end = "NUMBER", _end(_NUMBER_RUN, value, offset)
            if math.isnan(parse_number(value[offset:end])):
                kind = "unexpected"
        elif kind == "run" and _NAME.fullmatch(match[0]):
            kind = "NAME" if previous == "_DOT" else _WORDS.get(match[0], "NAME")
        elif first == "(":
            kind = "LPAR" if previous == "NAME" else "_GROUP"
        elif kind == "punctuation":
            kind = _PUNCTUATION[first]
        if kind in ("run", "unclosed", "unexpected"):
            raise RefusedError(text[offset:end], f"Unexpected symbol: '{value[offset:end]}'")
        yield Token(kind, offset, end)
        offset, previous = end, kind


def _end(pattern: re.Pattern[str], value: str, offset: int) -> int:
    match = pattern.match(value, offset)
    return match.end() if match else offset
