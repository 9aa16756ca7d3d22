"""The functions of GitHub's expressions, where all they are given is known."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from opslint.simulation.value import (
    Array,
    Failure,
    Known,
    Object,
    Unknown,
    Value,
    equal,
    folded,
    number_string,
    string,
)

MAX_JSON_DEPTH = 100  # of what `fromJSON` reads

_PLACE = re.compile(r"\{\{|\}\}|\{([0-9]+)[^}]*\}|[{}]")


def format_string(pattern: str, arguments: tuple[Value, ...]) -> str | Failure:
    """`format`: `{0}` is an argument, `{{` a brace. An argument may be unknown if its text is not needed."""
    pieces, end = [], 0
    for match in _PLACE.finditer(pattern):
        pieces.append(pattern[end : match.start()])
        end = match.end()
        if match[0] in ("{{", "}}"):
            pieces.append(match[0][0])
        elif match[1] is None:
            return Failure(f"The following format string is invalid: {pattern}")
        elif int(match[1][:9]) >= len(arguments):
            return Failure(f"The following format string references more arguments than were supplied: {pattern}")
        else:
            argument = arguments[int(match[1])]
            pieces.append("" if isinstance(argument, Unknown | Failure) else string(argument))
    return "".join((*pieces, pattern[end:]))


def contains(search: Known, item: Known) -> bool:
    if isinstance(search, Array):
        return any(equal(item, each) for each in search.items if not isinstance(each, Unknown | Failure))
    return _primitive(search, item) and folded(string(item)) in folded(string(search))


def starts_with(search: Known, item: Known) -> bool:
    return _primitive(search, item) and folded(string(search)).startswith(folded(string(item)))


def ends_with(search: Known, item: Known) -> bool:
    return _primitive(search, item) and folded(string(search)).endswith(folded(string(item)))


def join(items: Known, separator: Known = ",") -> str:
    if not isinstance(items, Array):
        return "" if isinstance(items, Object) else string(items)
    between = string(separator) if _primitive(separator) else ","
    return between.join(string(item) for item in items.items if not isinstance(item, Unknown | Failure))


def to_json(value: Known) -> str:
    return _json(value, "\n")


def from_json(value: Known) -> Known | Failure:
    """What a text says in JSON; a Failure if it is none."""
    try:
        return _read(json.loads(string(value), parse_int=float, parse_constant=_refuse), MAX_JSON_DEPTH)
    except (ValueError, RecursionError):
        return Failure("Error parsing JSON when evaluating fromJson")


FUNCTIONS: Mapping[str, Callable[..., Known | Failure]] = {
    "contains": contains,
    "startswith": starts_with,
    "endswith": ends_with,
    "join": join,
    "tojson": to_json,
    "fromjson": from_json,
}


def _primitive(*values: Known) -> bool:
    return not any(isinstance(value, Array | Object) for value in values)


def _json(value: Value, line: str) -> str:
    if isinstance(value, Array | Object):
        inner = line + "  "
        if isinstance(value, Array):
            parts, ends = [_json(item, inner) for item in value.items], "[]"
        else:
            parts = [f"{_quoted(key)}: {_json(item, inner)}" for key, item in value.entries.items()]
            ends = "{}"
        return ends[0] + inner + f",{inner}".join(parts) + line + ends[1] if parts else ends
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float):
        return number_string(value) if value - value == 0 else "null"
    return "null" if value is None else string(value)  # type: ignore[arg-type]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _refuse(word: str) -> float:
    raise ValueError(word)


def _read(value: object, depth: int) -> Known:
    if depth == 0:
        raise ValueError("nested too deep")
    if isinstance(value, list):
        return Array(tuple(_read(item, depth - 1) for item in value))
    if isinstance(value, dict):
        entries: dict[str, Known] = {}
        taken: set[str] = set()
        for key, item in value.items():
            if key.lower() not in taken:  # the first of two that differ in case
                taken.add(key.lower())
                entries[key] = _read(item, depth - 1)
        return Object(entries)
    return value  # type: ignore[return-value]
