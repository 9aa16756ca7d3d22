"""PHP's arrays as trees: what NEON and PHP files share, lists and maps being one thing to both."""

from __future__ import annotations

import re

from opslint.source import Source, Span, Text
from opslint.syntax.tree import Entity, Entry, Mapping, Node, Scalar, Sequence, Value

Item = tuple[Scalar | None, Node, int]  # key and value, or none, the value, and where the item starts

ENV = "env"  # an Entity of PHP; attributes: the variable's name, and the default (null where none is given)
DIRECTORY = "__DIR__"  # attributes: what is appended to the file's own folder
OPAQUE = "..."  # no attributes: something that only PHP can work out

_DECIMAL = re.compile(r"0|-?[1-9][0-9]{0,17}")


def key_name(value: Value) -> str:
    """A key as PHP spells it: what makes two keys one. Floats as with `precision=14`."""
    if not isinstance(value, float):
        return str(value)
    text = f"{value:.14G}"
    mantissa, e, exponent = text.partition("E")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent):+d}" if e else text


def array_key(value: Value) -> int | str:
    """A key as PHP's arrays keep it: decimal strings are integers."""
    name = key_name(value)
    return int(name) if _DECIMAL.fullmatch(name) else name


def unwritten(value: int | str, source: Source, start: int) -> Scalar:
    """A scalar that nobody wrote: the number of a list's item, the name of a thing that has none."""
    name = str(value)
    text = Text(name, source, (start,) * (len(name) + 1), (start,) * len(name))
    return Scalar(text, value, Span(source, start, start))


def array(items: list[Item], span: Span) -> Mapping | Sequence:
    """A sequence if no item has a key; in a mixed one the items get PHP's numbers."""
    if all(key is None for key, _, _ in items):
        return Sequence(tuple(value for _, value, _ in items), span)
    if all(key is not None for key, _, _ in items):
        return Mapping(tuple(_entry(key, value) for key, value, _ in items if key is not None), span)
    entries = []
    following = 0
    for key, value, start in items:
        name = key if key is not None else unwritten(following, span.source, start)
        number = array_key(name.value)
        if isinstance(number, int):
            following = max(following, number + 1)
        entries.append(_entry(name, value))
    return Mapping(tuple(entries), span)


def settled(node: Node | None) -> tuple[Node | None, str | None]:
    """The value to believe, and the environment variable that may change it: `env('X', 90)` is 90 and `X`."""
    if isinstance(node, Entity) and str(node.value) == ENV and isinstance(node.attributes, Sequence):
        name, default = node.attributes.items
        return settled(default)[0], str(name)
    return node, None


def is_opaque(node: Node | None) -> bool:
    """Whether only PHP could tell the value."""
    return isinstance(node, Entity) and str(node.value) == OPAQUE


def _entry(key: Scalar, value: Node) -> Entry:
    """An entry; nette/di's `!` behind a key, which makes its value replace instead of merge, becomes the flag."""
    if isinstance(key.value, str) and key.value.endswith("!"):
        text = key.text[:-1]
        return Entry(Scalar(text, text.value, text.span if key.style == "plain" else key.span, key.style), value, True)
    return Entry(key, value)
