"""Values as GitHub's expressions have them, and those that nobody knows before the run."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeGuard

from opslint.syntax.expression_token import parse_number

Scalar: TypeAlias = "bool | float | str | None"


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """A list; two are equal only if they are the same one. `filtered` is what `.*` makes."""

    items: tuple[Value, ...] = ()
    filtered: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Object:
    """Properties by name, found without minding case. What is missing is null, or `rest` if more may be there."""

    entries: Mapping[str, Value] = field(default_factory=dict)
    rest: Unknown | None = None

    def get(self, name: str) -> Value:
        for key, value in self.entries.items():
            if key.lower() == name.lower():
                return value
        return index(self.rest, name) if self.rest else None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only a run knows, named by `key`: the same key is the same value, for as long as it is asked."""

    key: str  # `github.ref`
    domain: tuple[Scalar, ...] = ()  # all it can be; anything if empty
    text: bool = False  # whether it can only be a string or null
    truth: bool | None = None  # what is known of its truth all the same

    @property
    def keys(self) -> frozenset[str]:
        """The unknowns it is made of."""
        return frozenset({self.key})


@dataclass(frozen=True, slots=True)
class Failure:
    """What an expression that cannot be evaluated comes to: the step fails, whatever it says of errors (facts S8)."""

    message: str


Value: TypeAlias = "Scalar | Array | Object | Unknown | Failure"
Known: TypeAlias = "Scalar | Array | Object"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_RESULTS = ("success", "failure", "cancelled", "skipped")
_RESULT = re.compile(r"needs\.[^.]+\.result|steps\.[^.]+\.(outcome|conclusion)")
_TEXT = re.compile(
    r"(env|vars|secrets)\.[^.]+|(steps|needs)\.[^.]+\.outputs\.[^.]+|runner\.(name|os|arch|temp|debug)"
    r"|github\.(action\w*|actor|base_ref|event_name|head_ref|job|ref|ref_name|ref_type|repository(_owner)?|run_id"
    r"|run_number|sha|triggering_actor|workflow)"
)


def unknown(key: str) -> Unknown:
    """An unknown value of that name, with what GitHub's documentation of contexts says of its kind."""
    if _RESULT.fullmatch(key):
        # A step that was not reached has no outcome yet: null.
        return Unknown(key, _RESULTS if key.startswith("needs") else (*_RESULTS, None))
    return Unknown(key, text=_TEXT.fullmatch(key) is not None)


def truthy(value: Known) -> bool:
    """False are `false`, 0, -0, NaN, '' and null; a text that says `false` is true (facts S5)."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return isinstance(value, Array | Object) or bool(value)


def number(value: Known) -> float:
    """As comparisons across kinds take it; NaN where it is none."""
    if isinstance(value, str):
        return parse_number(value)
    if isinstance(value, Array | Object):
        return math.nan
    return float(value or 0)


def string(value: Known) -> str:
    """As `format` and `join` write it; numbers with 15 digits, as the runner does (`G15`)."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return number_string(value)
        case str():
            return value
    return "Array" if isinstance(value, Array) else "Object"


def number_string(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return format(value, ".15G") if value else "0"


def folded(text: str) -> str:
    """Upper case character by character, as strings are compared; dotless i stays what it is."""
    if text.isascii():
        return text.upper()
    pairs = ((character, character.upper()) for character in text)
    return "".join(upper if character != "ı" and len(upper) == 1 else character for character, upper in pairs)


def _units(text: str) -> bytes:
    """What decides the order of two strings: UTF-16 units, not characters."""
    return folded(text).encode("utf-16-be", "surrogatepass")


def _alike(left: Known, right: Known) -> tuple[Known, Known] | None:
    """Both as values of one kind; None if they cannot be compared."""
    if type(left) is type(right):
        return left, right
    if isinstance(left, Array | Object) or isinstance(right, Array | Object):
        return None
    return number(left), number(right)


def equal(left: Known, right: Known) -> bool:
    """`==`: numbers if the kinds differ, strings without case, objects by identity (facts S6)."""
    if (pair := _alike(left, right)) is None:
        return False
    first, second = pair
    if isinstance(first, str) and isinstance(second, str):
        return folded(first) == folded(second)
    return first is second if isinstance(first, Array | Object) else first == second


def less(left: Known, right: Known) -> bool:
    """`<`; `>` is the same with the sides changed."""
    match _alike(left, right):
        case (str() as first, str() as second):
            return _units(first) < _units(second)
        case (bool() | float() as low, bool() | float() as high):
            return low < high
    return False


def index(base: Value, key: Value) -> Value:
    """`base[key]`: null where there is nothing, never an error (facts S7)."""
    if isinstance(base, Array) and base.filtered:
        return Array(tuple(_members(base, key)), filtered=True)
    if isinstance(base, Unknown) or (isinstance(key, Unknown) and isinstance(base, Array | Object)):
        return unknown(_member(written(base), key))
    if isinstance(base, Object) and _is_scalar(key):
        return base.get(string(key))
    if isinstance(base, Array) and _is_scalar(key):
        return next(_at(base, key), None)
    return None


def filtered(base: Value) -> Value:
    """`base.*`: the values of an object, the items of a list; of a list that `.*` made, what is in its items."""
    if isinstance(base, Array) and base.filtered:
        inner = [_items(item) for item in base.items]
        if any(items is None for items in inner):
            return unknown(f"{written(base)}.*")
        return Array(tuple(item for items in inner if items for item in items), filtered=True)
    items = _items(base)
    return unknown(f"{written(base)}.*") if items is None else Array(tuple(items), filtered=True)


def written(value: Value) -> str:
    """A value as an expression would write it: what assumptions are named by."""
    match value:
        case Unknown(key):
            return key
        case None:
            return "null"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case Array(items):
            return "[" + ", ".join(map(written, items)) + "]"
        case Object(entries):
            return "{" + ", ".join(f"{name}: {written(item)}" for name, item in entries.items()) + "}"
        case Failure(message):
            return message
    return string(value)


def _items(value: Value) -> Iterable[Value] | None:
    """What `.*` takes out of a value; None if that is unknown."""
    if isinstance(value, Unknown) or (isinstance(value, Object) and value.rest):
        return None
    if isinstance(value, Object):
        return value.entries.values()
    return value.items if isinstance(value, Array) else ()


def _members(base: Array, key: Value) -> Iterator[Value]:
    for item in base.items:
        if isinstance(item, Unknown) or (isinstance(key, Unknown) and isinstance(item, Array | Object)):
            yield unknown(_member(written(item), key))
        elif isinstance(item, Array) and _is_scalar(key):
            yield from _at(item, key)
        elif isinstance(item, Object) and _is_scalar(key):
            known = {name.lower() for name in item.entries}
            if item.rest or string(key).lower() in known:
                yield item.get(string(key))


def _at(array: Array, key: Scalar) -> Iterator[Value]:
    place = number(key)
    if 0 <= place < len(array.items):  # and no NaN
        yield array.items[int(place)]


def _is_scalar(value: Value) -> TypeGuard[Scalar]:
    return value is None or isinstance(value, bool | float | str)


def _member(base: str, key: Value) -> str:
    if isinstance(key, str) and _NAME.fullmatch(key):
        return f"{base}.{key.lower()}"
    return f"{base}[{written(key)}]"
