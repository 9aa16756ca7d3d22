"""What a script begins and never ends, or ends and never began: why most cannot be read."""

from __future__ import annotations

from collections.abc import Iterable

from opslint.finding import Problem
from opslint.source import Span, Text
from opslint.syntax.shell_token import Token

_END_OF = {
    "if": "fi", "while": "done", "until": "done", "for": "done", "select": "done", "case": "esac", "{": "}", "(": ")",
}  # fmt: skip
_ENDS = frozenset(_END_OF.values())


def unbalanced(text: Text, tokens: Iterable[Token]) -> Problem | None:
    """The first end without its beginning, else the innermost beginning without its end."""
    begun: list[Token] = []
    for token in tokens:
        if token.kind not in ("keyword", "operator"):
            continue
        if token.value in _END_OF:
            begun.append(token)
        elif token.value in _ENDS:
            if token.value == ")" and begun and begun[-1].value == "case":
                continue  # behind a pattern
            if begun and _END_OF[begun[-1].value] == token.value:
                begun.pop()
            elif any(_END_OF[each.value] == token.value for each in begun):
                return _never_ended(text, begun[-1])
            else:
                return Problem(_span(text, token), f"`{token.value}` ends nothing that was begun")
    return _never_ended(text, begun[-1]) if begun else None


def _never_ended(text: Text, token: Token) -> Problem:
    return Problem(_span(text, token), f"`{token.value}` is never ended by `{_END_OF[token.value]}`")


def _span(text: Text, token: Token) -> Span:
    return text[token.start : token.end].span
