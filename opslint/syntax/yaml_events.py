"""YAML's events from libyaml, or from the same library's pure Python where C is missing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, TypeAlias

import ruamel.yaml

# ruamel's events, with `index` in their marks counting characters of the string handed in
Events: TypeAlias = Callable[[str], Iterator[Any]]


def c_events(text: str) -> Iterator[Any]:
    """By libyaml; ImportError where ruamel.yaml was installed without its C extension."""
    parser = importlib.import_module("_ruamel_yaml").CParser(text)
    while (event := parser.get_event()) is not None:
        yield event


def python_events(text: str) -> Iterator[Any]:
    """By ruamel's own parser, some fifteen times slower."""
    return iter(ruamel.yaml.YAML(typ="safe", pure=True).parse(text))


@cache
def fastest_events() -> Events:
    try:
        importlib.import_module("_ruamel_yaml")
    except ImportError:
        return python_events
    return c_events
