"""What `$((i + 1))`, `((i++))` and `for ((...))` come to, as far as variables are known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from opslint.simulation.state import MANY, UNSET

MOST_COUNTED = 3  # in a loop; a counter beyond is `MANY`, so that its turns become one
_LARGEST = 2**62
_TOKEN = re.compile(
    r"\s*(?:(\d+)|(?:\$\{?)?([A-Za-z_]\w*)\}?|(\+\+|--|<<|>>|\*\*|&&|\|\||[<>=!+*/%-]=|[-+*/%<>=!()?:]))"
)
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)\s*(?:\+\+|--|[-+*/%]?=(?!=))|(?:\+\+|--)\s*([A-Za-z_]\w*)")
_NAME = re.compile(r"(?<![\w#])[A-Za-z_]\w*")
_BINARY = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"))


@dataclass(frozen=True)
class Number:
    """A result: known, more than MOST_COUNTED, or neither; and what the variables are that it has set."""

    value: int | None
    many: bool = False
    assigned: tuple[tuple[str, str | None], ...] = ()

    @property
    def truth(self) -> bool | None:
        return True if self.many else None if self.value is None else self.value != 0

    @property
    def text(self) -> str | None:
        """As the value of a variable."""
        return MANY if self.many else None if self.value is None else str(self.value)


def inner(written: str) -> str:
    """What stands between `((` and `))`, or `$((` and `))`."""
    return written.strip().removeprefix("$").removeprefix("((").removesuffix("))")


@lru_cache(maxsize=1024)
def names(text: str) -> frozenset[str]:
    """The variables that an expression looks at."""
    return frozenset(_NAME.findall(text))


@lru_cache(maxsize=1024)
def assigns(text: str) -> frozenset[str]:
    """The variables that an expression sets."""
    return frozenset(left or right for left, right in _ASSIGNED.findall(text))


def evaluate(text: str, variable: Callable[[str], str | None], counting: bool = False) -> Number:
    """An expression; `counting`: in a loop, where a counter that grows must not make every turn another state."""
    tokens = _tokens(text)
    reader = _Reader(tokens or [], variable, counting)
    try:
        found = reader.assignment() if tokens else None
    except _UnreadableError:
        found = None
    if found is None or reader.at < len(reader.tokens):
        return Number(None, assigned=tuple((name, None) for name in sorted(assigns(text))))
    found = _grown(found) if counting else found
    return Number(found.value, found.many, tuple(reader.assigned.items()))


def _tokens(text: str) -> list[str] | None:
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return None
        found.append(match[1] or match[2] or match[3])
        at = match.end()
    return found


class _UnreadableError(Exception):
    """Something that is not followed: `<<`, arrays, a division by zero."""


@dataclass
class _Reader:
    tokens: list[str]
    variable: Callable[[str], str | None]
    counting: bool
    at: int = 0
    assigned: dict[str, str | None] = field(default_factory=dict)

    def peek(self, ahead: int = 0) -> str:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else ""

    def assignment(self) -> Number:
        name, operator = self.peek(), self.peek(1)
        if _is_name(name) and operator in ("=", "+=", "-=", "*=", "/=", "%="):
            self.at += 2
            right = self.assignment()
            value = right if operator == "=" else _combined(operator[0], self.read(name), right)
            return self.put(name, value)
        return self.binary(0)

    def binary(self, level: int) -> Number:
        if level == len(_BINARY):
            return self.unary()
        left = self.binary(level + 1)
        while self.peek() in _BINARY[level]:
            operator = self.take()
            before = dict(self.assigned)
            right = self.binary(level + 1)
            if operator in ("&&", "||") and self.assigned != before:
                raise _UnreadableError  # whether the right side is evaluated at all
            left = _combined(operator, left, right)
        return left

    def unary(self) -> Number:
        token = self.take()
        if token in ("++", "--") and _is_name(self.peek()):
            name = self.take()
            return self.put(name, _combined(token[0], self.read(name), Number(1)))
        if token in ("-", "+"):
            return _combined(token, Number(0), self.unary())
        if token == "!":
            truth = self.unary().truth
            return Number(None if truth is None else int(not truth))
        if token == "(":
            found = self.assignment()
            if self.take() != ")":
                raise _UnreadableError
            return found
        if token.isdecimal():
            return Number(_number(token))
        if not _is_name(token):
            raise _UnreadableError
        found = self.read(token)
        if self.peek() in ("++", "--"):
            self.put(token, _combined(self.take()[0], found, Number(1)))
        return found

    def read(self, name: str) -> Number:
        known = self.assigned[name] if name in self.assigned else self.variable(name)
        if known == MANY:
            return Number(None, many=True)
        return Number(None if known is None else 0 if known in ("", UNSET) else _number(known))

    def put(self, name: str, value: Number) -> Number:
        value = _grown(value) if self.counting else value
        self.assigned[name] = value.text
        return value


def _grown(value: Number) -> Number:
    return Number(None, many=True) if value.value is not None and value.value > MOST_COUNTED else value


def _is_name(token: str) -> bool:
    return token[:1].isalpha() or token[:1] == "_"


def _number(text: str) -> int | None:
    """A decimal number; `010` is another one to bash, and other texts are looked up again."""
    return int(text) if re.fullmatch(r"-?(?:0|[1-9]\d{0,17})", text) else None


def _combined(operator: str, left: Number, right: Number) -> Number:
    if operator in ("&&", "||"):
        return _joined(operator == "||", left.truth, right.truth)
    a, b = left.value, right.value
    if left.many and b is not None:
        return _beyond(operator, b)
    if a is None or b is None:
        return Number(None)
    if operator in ("/", "%"):
        if b == 0:
            raise _UnreadableError
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return Number(quotient if operator == "/" else a - quotient * b)
    value = int(_OPERATIONS[operator](a, b))
    return Number(value if abs(value) < _LARGEST else None)


def _joined(decisive: bool, left: bool | None, right: bool | None) -> Number:
    if decisive in (left, right):
        return Number(int(decisive))
    return Number(None if left is None or right is None else int(not decisive))


def _beyond(operator: str, other: int) -> Number:
    """A number greater than MOST_COUNTED and another one."""
    if operator == "+" and other >= 0:
        return Number(None, many=True)
    if other <= MOST_COUNTED and operator in _COMPARED:
        return Number(int(operator in (">", ">=", "!=")))
    return Number(None)


_COMPARED = ("<", "<=", ">", ">=", "==", "!=")
_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
