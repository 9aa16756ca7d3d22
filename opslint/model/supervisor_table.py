"""The sections and options that Supervisor knows, as the schema beside this module lists them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

PROCESS_KINDS = ("program", "eventlistener", "fcgi-program")


@dataclass(frozen=True, slots=True)
class Known:
    """One option of one kind of section."""

    name: str
    type: str  # of `supervisor_value.CONVERSIONS`
    default: Any  # converted; None where Supervisor has none
    description: str
    since: str = ""  # the version that brought it, where it matters


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of section."""

    name: str  # supervisord | program | group | ...
    title: str  # `[program:x]`
    description: str
    options: Mapping[str, Known]
    takes_any: bool  # whether it hands options that Supervisor does not know to a plug-in


@cache
def schema() -> Mapping[str, Any]:
    """The JSON Schema of a whole configuration, its values converted."""
    text = files("opslint.model").joinpath("supervisor-options.json").read_text("utf-8")
    loaded: Mapping[str, Any] = json.loads(text)
    return loaded


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind of section by its name."""
    definitions = schema()["$defs"]
    return MappingProxyType({name: _kind(name, definitions) for name in definitions if name != "process"})


def kind_of(section: str) -> Kind | None:
    """The kind of a section by its whole name, to the character as Supervisor compares it; None for one never read."""
    exact = schema()["properties"].get(section)
    found = exact or next((each for start, each in _starts() if start.match(section)), None)
    return kinds()[found["$ref"].rpartition("/")[2]] if found else None


@cache
def _starts() -> tuple[tuple[re.Pattern[str], Mapping[str, str]], ...]:
    return tuple((re.compile(pattern), each) for pattern, each in schema()["patternProperties"].items())


def _kind(name: str, definitions: Mapping[str, Any]) -> Kind:
    definition = definitions[name]
    options = {option: _known(option, each) for option, each in _properties(definition, definitions)}
    takes_any = isinstance(definition.get("additionalProperties"), Mapping)
    return Kind(name, definition["title"], definition["description"], MappingProxyType(options), takes_any)


def _properties(
    definition: Mapping[str, Any], definitions: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The shared options first, so that a kind's own ones replace them."""
    for shared in definition.get("allOf", ()):
        yield from _properties(definitions[shared["$ref"].rpartition("/")[2]], definitions)
    yield from definition.get("properties", {}).items()


def _known(name: str, each: Mapping[str, Any]) -> Known:
    default = each.get("default")
    if isinstance(default, list):
        default = tuple(default)
    elif isinstance(default, dict):
        default = MappingProxyType(default)
    return Known(name, each["x-type"], default, each["description"], each.get("x-since", ""))
