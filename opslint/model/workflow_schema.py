"""The shape of a workflow and of an action: which keys, values and contexts GitHub allows where."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from opslint.syntax.expression import MAX_LENGTH

Arities = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand at a place; a scalar, a list and a mapping are allowed side by side."""

    called: str = ""  # in messages: `a step with `run``
    scalars: frozenset[str] = frozenset()  # text | name (not empty) | boolean | number | nothing | condition
    words: tuple[str, ...] = ()  # a text that is one of these
    items: str = ""  # the shape of each item of a list; no list where empty
    keys: Mapping[str, str] = field(default_factory=dict)  # the shape behind each key
    required: tuple[str, ...] = ()
    others: str = ""  # the shape behind any other key
    by: Mapping[str, str] = field(default_factory=dict)  # the shape of the mapping, by the key that decides it
    contexts: frozenset[str] = frozenset()  # that expressions may name, beside those of the places above
    functions: Arities = field(default_factory=dict)  # beside the built-in ones

    @property
    def is_mapping(self) -> bool:
        return bool(self.keys or self.others or self.by)


@cache
def shapes() -> Mapping[str, Shape]:
    """Every shape by name; `workflow` and `action` are where a file begins.

    The file is the table of GitHub's documentation (workflow syntax, metadata syntax, contexts), checked against
    its published parser by tests/oracles/workflows.py. A required key ends in `!`; `types` stands for an event with
    activity types; `=x` for the words of the shape x; `in` lists contexts, sets of them (`@leg`), and functions with
    the fewest and most arguments they take.
    """
    data = json.loads(resources.files("opslint.model").joinpath("workflow-schema.json").read_text("utf-8"))
    return _Reader(data["contexts"], data["shapes"]).read()


class _Reader:
    def __init__(self, contexts: Mapping[str, str], shapes: Mapping[str, Any]) -> None:
        self._contexts = contexts
        self._data = shapes
        self._found: dict[str, Shape] = {}

    def read(self) -> Mapping[str, Shape]:
        for name, data in self._data.items():
            self._add(name, data)
        return self._found

    def _add(self, name: str, data: Any) -> str:
        """The name of a shape, which is registered if it stands here in full."""
        if isinstance(data, str):
            return data
        keys = {key.rstrip("!"): self._add(f"{name}.{key}", value) for key, value in data.get("keys", {}).items()}
        scalars = data.get("scalar", "").split()
        if "types" in data:
            scalars.append("nothing")
            keys["types"] = self._add(f"{name}.types", {"words": data["types"], "items": f"{name}.type"})
            self._add(f"{name}.type", {"words": data["types"]})
        contexts, functions = self._allowed(data.get("in", ""))
        self._found[name] = Shape(
            called=data.get("called", ""),
            scalars=frozenset(scalars),
            words=self._words(data.get("words", "")),
            items=self._add(f"{name}.item", data["items"]) if "items" in data else "",
            keys=keys,
            required=tuple(key[:-1] for key in data.get("keys", {}) if key.endswith("!")),
            others=self._add(f"{name}.other", data["others"]) if "others" in data else "",
            by=data.get("by", {}),
            contexts=contexts,
            functions=functions,
        )
        return name

    def _words(self, words: str) -> tuple[str, ...]:
        return self._words(self._data[words[1:]]["words"]) if words.startswith("=") else tuple(words.split())

    def _allowed(self, names: str) -> tuple[frozenset[str], Arities]:
        contexts: set[str] = set()
        functions: dict[str, tuple[int, int]] = {}
        for name in names.split():
            if "(" in name:
                function, _, arity = name[:-1].partition("(")
                fewest, _, most = arity.partition(",")
                functions[function.lower()] = (int(fewest), MAX_LENGTH if most == "*" else int(most))
            elif name.startswith("@"):
                inner, called = self._allowed(self._contexts[name[1:]])
                contexts |= inner
                functions |= called
            else:
                contexts.add(name)
        return frozenset(contexts), functions

