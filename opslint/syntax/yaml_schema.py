"""What a YAML scalar means: the core schema of YAML 1.2, in which `on` and `yes` are strings."""

from __future__ import annotations

import re

from opslint.syntax.tree import Value

_PREFIX = "tag:yaml.org,2002:"
# `!` alone asks for a string. Collections may say what they are; what else there is, GitHub refuses.
TAGS = {_PREFIX + name for name in ("str", "bool", "float", "int", "null", "map", "seq")} | {"!"}

_CONSTANTS: dict[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGERS = (
    (re.compile(r"[-+]?[0-9]+"), 10),
    (re.compile(r"0o[0-7]+"), 8),
    (re.compile(r"0x[0-9a-fA-F]+"), 16),
)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)")
_NOT_A_NUMBER = re.compile(r"\.(?:nan|NaN|NAN)")
_LONGEST_INTEGER = 4_000  # digits; Python refuses to read or print longer ones


def typed(text: str, plain: bool, tag: str | None) -> Value:
    """The value of a scalar by its style and tag; a string where the tag does not fit what is written."""
    if tag is None:
        return _resolved(text) if plain else text
    value = _resolved(text)
    match tag.removeprefix(_PREFIX):
        case "null" if value is None:
            return None
        case "bool" if isinstance(value, bool):
            return value
        case "int" if isinstance(value, int) and not isinstance(value, bool):
            return value
        case "float" if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    return text


def _resolved(text: str) -> Value:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "-+.0123456789":
        return text
    for pattern, base in _INTEGERS:
        if pattern.fullmatch(text):
            return int(text, base) if len(text) <= _LONGEST_INTEGER else _infinity(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text):
        return _infinity(text)
    return float("nan") if _NOT_A_NUMBER.fullmatch(text) else text


def _infinity(text: str) -> float:
    return float("-inf") if text[0] == "-" else float("inf")
