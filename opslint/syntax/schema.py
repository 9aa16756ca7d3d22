"""A JSON Schema's complaints about a tree, each in plain words at the smallest place that is wrong."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from opslint.finding import Problem
from opslint.source import Span
from opslint.syntax.fit import fits
from opslint.syntax.tree import Entity, Node, Scalar, at
from opslint.syntax.tree import Mapping as Tree
from opslint.syntax.tree import Sequence as Items

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


def plain(node: Node | None) -> Any:
    """A tree as Python's own dicts, lists and values; the last of duplicate keys wins; dates become text.

    Aliased nodes are converted once and shared, so a bomb of aliases stays as small as it was written.
    """
    done: dict[int, Any] = {}

    def convert(node: Node | None) -> Any:
        if node is None or isinstance(node, Scalar):
            value = node.value if node is not None else None
            return str(node) if isinstance(value, datetime.date) else value
        if id(node) not in done:
            if isinstance(node, Tree):
                done[id(node)] = {str(entry.key): convert(entry.value) for entry in node}
            elif isinstance(node, Items):
                done[id(node)] = [convert(item) for item in node]
            elif isinstance(node, Entity):
                done[id(node)] = {"value": convert(node.value), "attributes": convert(node.attributes)}
        return done[id(node)]

    return convert(node)


def did_you_mean(found: str, allowed: Iterable[str]) -> str:
    """` (did you mean `x`?)`, or nothing where no allowed name is close."""
    close = get_close_matches(found, list(allowed), n=1, cutoff=0.6)
    return f" (did you mean `{close[0]}`?)" if close else ""


def validate(root: Node, schema: Mapping[str, Any]) -> Iterator[Problem]:
    """What a draft 2020-12 schema has against a tree: one problem per cause, never a list of alternatives."""
    instance = plain(root)
    if fits(instance, schema):  # jsonschema takes longer to import than all that a commit hook does
        return
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(schema)
    for error in sorted(validator.iter_errors(instance), key=lambda error: [str(key) for key in error.path]):
        yield from _problems(root, _deepest(error))


def _deepest(error: Any) -> Any:
    """The complaint of the alternative that the author most likely meant: the one that fits the furthest."""
    while error.context:
        error = max(
            error.context,
            key=lambda inner: (len(inner.path), inner.validator not in ("type", "const"), inner.validator == "enum"),
        )
    return error


def _problems(root: Node, error: Any) -> Iterator[Problem]:
    keys = list(error.absolute_path)
    node = at(root, *keys)
    span = node.span if node is not None else root.span
    if error.validator == "additionalProperties" and isinstance(node, Tree):
        allowed = sorted(error.schema.get("properties", {}))
        patterns = error.schema.get("patternProperties", {})
        for entry in node:
            if str(entry.key) not in allowed and not any(_matches(pattern, str(entry.key)) for pattern in patterns):
                yield Problem(entry.key.span, _unknown(str(entry.key), allowed, keys))
    elif error.validator == "propertyNames" and isinstance(node, Tree):
        wrong = str(error.instance)
        named = node.entry(wrong)
        yield Problem(named.key.span if named else span, f"`{wrong}` is not allowed here{_of(keys)}")
    else:
        yield Problem(_first_line(span), f"{_sentence(error)}{_of(keys)}")


def _matches(pattern: str, key: str) -> bool:
    import re

    return re.search(pattern, key) is not None


def _first_line(span: Span) -> Span:
    """A mapping that is wrong as a whole is pointed at by its first line."""
    written = span.written
    return Span(span.source, span.start, span.start + len(written.split("\n", 1)[0].rstrip("\r")))


def _of(keys: list[Any]) -> str:
    return f" in `{'.'.join(str(key) for key in keys)}`" if keys else ""


def _unknown(key: str, allowed: list[str], keys: list[Any]) -> str:
    return f"unknown key `{key}`{_of(keys)}; allowed: {', '.join(allowed)}{did_you_mean(key, allowed)}"


def _sentence(error: Any) -> str:
    found = error.instance
    match error.validator:
        case "enum":
            allowed = [str(value) for value in error.validator_value]
            return f"expected one of {', '.join(allowed)}, found `{found}`{did_you_mean(str(found), allowed)}"
        case "type":
            types = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
            return f"expected {' or '.join(_KINDS[kind] for kind in types)}, found {_found(found)}"
        case "required":
            missing = [key for key in error.validator_value if key not in found]
            return f"missing `{'`, `'.join(missing)}`"
        case "pattern":
            wanted = error.schema.get("description", f"text that matches `{error.validator_value}`")
            return f"expected {wanted}, found `{found}`"
        case _:
            return str(error.message)


def _found(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"
