"""Whether a value fits a JSON Schema, without saying why not: the plain cases alone, and fast."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
_SILENT = frozenset({"$schema", "$defs", "$id", "title", "description", "default", "examples"})


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """True only if a draft 2020-12 validator would accept the value; False also where this cannot tell."""
    return _fits(value, schema, schema)


def _fits(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    return all(_holds(keyword, wanted, value, schema, root) for keyword, wanted in schema.items())


def _holds(keyword: str, wanted: Any, value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    match keyword:
        case "type":
            return any(_TYPES[kind](value) for kind in ([wanted] if isinstance(wanted, str) else wanted))
        case "enum":
            return any(value == each and type(value) is type(each) for each in wanted)
        case "anyOf":
            return any(_fits(value, each, root) for each in wanted)
        case "$ref":
            return str(wanted).startswith("#/$defs/") and _fits(value, root["$defs"][wanted[8:]], root)
        case "pattern":
            return not isinstance(value, str) or re.search(wanted, value) is not None
        case "minLength":
            return not isinstance(value, str) or len(value) >= wanted
        case "maxLength":
            return not isinstance(value, str) or len(value) <= wanted
        case "minItems":
            return not isinstance(value, list) or len(value) >= wanted
        case "required":
            return not isinstance(value, dict) or all(name in value for name in wanted)
        case "additionalProperties":
            return not isinstance(value, dict) or _others_fit(value, wanted, schema, root)
        case "properties":
            named = value if isinstance(value, dict) else {}
            return all(_fits(named[name], each, root) for name, each in wanted.items() if name in named)
        case "items":
            return not isinstance(value, list) or all(_fits(each, wanted, root) for each in value)
        case _:
            return keyword in _SILENT


def _others_fit(value: dict[str, Any], wanted: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    others = [each for name, each in value.items() if name not in schema.get("properties", {})]
    if isinstance(wanted, bool):
        return wanted or not others
    return all(_fits(each, wanted, root) for each in others)
