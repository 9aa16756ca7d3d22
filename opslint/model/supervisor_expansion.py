"""The `%(name)s` in Supervisor's values: Python's `%` over the names that are known there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from opslint.source import Text

_ENVIRONMENT = "ENV_"
_WIDE = re.compile(r"%(?:\([^()]*\))?[-+ #0]*(?:\d{5,}|\d*\.\d{5,})")  # would fill the memory of the linter
_PIECE = re.compile(r"%(?:%|\((?P<name>[^()]*)\)[-+ #0]*\d*(?:\.\d+)?[hlL]?[a-zA-Z])")


@dataclass(frozen=True, slots=True)
class Names:
    """What may stand between `%(` and `)s`, as far as it is known before supervisord starts."""

    known: Mapping[str, str | int] = field(default_factory=dict)
    unknown: Mapping[str, str | int] = field(default_factory=dict)  # of each, something of its type
    environment: tuple[Mapping[str, str], ...] = ()  # variables by name, those that win first
    any_environment: bool = True  # whether supervisord may be started with any variable

    def plus(self, **values: str | None) -> Names:
        """These names too; None for one whose value is not known."""
        known = {name: value for name, value in values.items() if value is not None}
        unknown = {name: "" for name, value in values.items() if value is None}
        return replace(self, known={**self.known, **known}, unknown={**self.unknown, **unknown})

    def numbered(self, **values: int | None) -> Names:
        """These numbers too; None for one that is not known."""
        known = {name: value for name, value in values.items() if value is not None}
        unknown = {name: 0 for name, value in values.items() if value is None}
        return replace(self, known={**self.known, **known}, unknown={**self.unknown, **unknown})

    def with_environment(self, variables: Mapping[str, str]) -> Names:
        """The variables that an `environment=` sets."""
        return replace(self, environment=(variables, *self.environment)) if variables else self

    def find(self, name: str) -> str | int | None:
        """The value of a name; None where it is not known."""
        if name in self.known:
            return self.known[name]
        if name.startswith(_ENVIRONMENT):
            variable = name.removeprefix(_ENVIRONMENT)
            return next((each[variable] for each in self.environment if variable in each), None)
        return None


@dataclass(frozen=True, slots=True)
class Expanded:
    text: str
    is_known: bool = True  # False where it depends on the machine
    lists_all: bool = False  # whether a bare `%s` puts all names with their values there, as Python prints a dict


def expand(text: str, names: Names, of: str) -> Expanded:
    """A value with its names replaced. Raises ValueError with Supervisor's reason; `of` is what it calls the value."""
    if "%" not in text:
        return Expanded(text)
    if _WIDE.search(text):
        return Expanded(text, is_known=False)
    table = _Table(names)
    try:
        expanded = text % table
    except KeyError as error:
        available = ", ".join(sorted({*names.known, *names.unknown}))  # Supervisor adds the whole environment
        raise ValueError(
            f"Format string {text!r} for {of!r} contains names ({error}) which cannot be expanded. "
            f"Available names: {available}"
        ) from None
    except Exception as error:
        reason = str(error).replace(f"not {_Table.__name__}", "not dict")
        raise ValueError(f"Format string {text!r} for {of!r} is badly formatted: {reason}") from None
    if table.lists_all:
        return Expanded(expanded, is_known=False, lists_all=not table.met_unknown)
    return Expanded(text if table.met_unknown else expanded, not table.met_unknown)


class _Table(dict[str, "str | int"]):
    """Remembers whether a name was asked for whose value is not known."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self.met_unknown = self.lists_all = False
        self._names = names

    def __missing__(self, name: str) -> str | int:
        value = self._names.find(name)
        if value is not None:
            return value
        if name in self._names.unknown or self._may_be_set(name):
            self.met_unknown = True
            return self._names.unknown.get(name, "")
        raise KeyError(name)

    def _may_be_set(self, name: str) -> bool:
        return self._names.any_environment and re.fullmatch(_ENVIRONMENT + r"[^()=]+", name) is not None

    def __repr__(self) -> str:
        self.lists_all = True
        return "{'here': ...}"

    __str__ = __repr__


def expand_text(text: Text, names: Names) -> Text:
    """The same for a text that keeps its places: an unknown name stays as it is written."""
    pieces = []
    at = 0
    for found in _PIECE.finditer(text.value):
        whole = text[found.start() : found.end()]
        value = "%" if found["name"] is None else _of_name(found[0], found["name"], names)
        if value is not None:
            pieces += [text[at : found.start()], _instead(whole, value)]
            at = found.end()
    return Text.join([*pieces, text[at:]], text) if pieces else text


def _of_name(written: str, name: str, names: Names) -> str | None:
    if names.find(name) is None:
        return None
    try:
        found = expand(written, names, name)
    except ValueError:
        return None
    return found.text if found.is_known else None


def _instead(written: Text, value: str) -> Text:
    """A value that stands for all of what is written."""
    start, end = written.starts[0], written.ends[-1]
    return Text(value, written.source, [start] * len(value) + [end], [end] * len(value))


def unknown_names(text: Text) -> tuple[tuple[int, int, str], ...]:
    """Start, end and name of each expansion that `expand_text` has left as it is written."""
    return tuple(
        (found.start(), found.end(), found["name"])
        for found in _PIECE.finditer(text.value)
        if found["name"] is not None and text[found.start() : found.end()].is_verbatim
    )
