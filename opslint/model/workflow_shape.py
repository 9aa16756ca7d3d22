"""Holding a file to its shape: keys, values and expressions that GitHub would refuse."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from collections.abc import Mapping as Dict
from dataclasses import dataclass, replace

from opslint.finding import Note, Problem
from opslint.model.workflow_flaw import Flaw, first_line, joined, likely, refused, short
from opslint.model.workflow_schema import Arities, Shape, shapes
from opslint.source import Span
from opslint.syntax.condition import condition
from opslint.syntax.expression import Literal, embedded, parse
from opslint.syntax.tree import Document, Entry, Mapping, Node, Scalar, Sequence, scalars

_MOST_WORDS = 12  # that a message lists
_SCALARS = {
    "condition": "a condition",
    "text": "a text",
    "name": "a text",
    "boolean": "`true` or `false`",
    "number": "a number",
    "nothing": "nothing",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands: what is allowed there, and how it is called."""

    shape: Shape
    contexts: frozenset[str]
    functions: Arities
    key: str  # the nearest key above, empty at the root
    span: Span  # to point at where the value itself is no place
    owner: str = ""  # what the key belongs to: `a step with `run``
    item: bool = False  # whether it is an item of the list behind that key

    @property
    def where(self) -> str:
        item = "an item of " if self.item else ""
        owner = f" of {self.owner}" if self.owner not in ("", "a workflow") else ""
        return item + (f"`{self.key}`" if self.key else "this file") + owner

    def below(self, shape: str, key: str, span: Span, owner: str = "", *, item: bool = False) -> _Place:
        found = shapes()[shape]
        functions = {**self.functions, **found.functions} if found.functions else self.functions
        return _Place(found, self.contexts | found.contexts, functions, key, span, owner, item)


def flaws(document: Document, shape: str) -> Iterator[Flaw]:
    """Everything in a file that its shape (`workflow` or `action`) does not allow; one flaw per cause."""
    begin = document.source.span()
    place = _Place(shapes()[shape], frozenset(), {}, "", begin)
    if document.root is None:
        yield Flaw(begin, "the file is empty")
        return
    on = document.root.entry("on") if isinstance(document.root, Mapping) and shape == "workflow" else None
    refused_events = _refused_events(on, place) if on is not None else ()
    for flaw in _value(document.root, place):
        if on is None or flaw.span not in on.value.span or flaw.span in refused_events:
            yield flaw
        else:
            yield replace(flaw, message=f"{flaw.message}; GitHub passes over it", only_warned=True)


def _refused_events(on: Entry, place: _Place) -> Collection[Span]:
    """Where `on` is really refused: GitHub passes over filters and events it does not know, as long as it knows one.

    Its workflow service reads `on` as anything but for `workflow_call` (actions/runner, workflow-v1.0.json,
    `workflow-root`); the strict reading, of which editors warn, is that of `workflow-root-strict`.
    """
    names = {str(each) for each in (*scalars(on.value), *(entry.key for entry in _entries_of(on.value)))}
    if names.isdisjoint(shapes()["on"].keys):
        return tuple(flaw.span for flaw in _value(on.value, place.below("on", "on", on.key.span)))
    return tuple(flaw.span for flaw in _value(on.value, place.below("on-loose", "on", on.key.span)))


def _entries_of(node: Node) -> tuple[Entry, ...]:
    return node.entries if isinstance(node, Mapping) else ()


def _value(node: Node, place: _Place) -> Iterator[Flaw]:
    shape = place.shape
    if isinstance(node, Scalar):
        yield from _scalar(node, place)
    elif isinstance(node, Sequence) and shape.items:
        for item in node:
            yield from _value(item, place.below(shape.items, place.key, first_line(item.span), place.owner, item=True))
    elif isinstance(node, Mapping) and shape.is_mapping:
        yield from _mapping(node, place)
    elif not (shape.scalars == {"nothing"} and isinstance(node, Mapping) and not node.entries):  # `status: {}`
        found = "a list" if isinstance(node, Sequence) else "a mapping"
        yield Flaw(place.span, f"{_expected(place)}, found {found}")


def _scalar(node: Scalar, place: _Place) -> Iterator[Flaw]:
    if "condition" in place.shape.scalars:
        found = condition(node.text, place.contexts, place.functions) if node.value is not None else None
        if isinstance(found, Problem):
            yield refused(found, place.where, place.contexts, place.functions)
        return
    if isinstance(node.value, str) and "${{" in node.value:
        quoted = yield from _expressions(node, place)
        if quoted is None:
            return
        node = quoted
    if not _fits(node, place.shape):
        span = node.span if node.span.end > node.span.start else place.span
        yield Flaw(first_line(span), _misfit(node, place))


def _expressions(node: Scalar, place: _Place) -> Generator[Flaw, None, Scalar | None]:
    """Judge every `${{ }}`; returns the text that stands for itself where a quoted one is all there is."""
    fences = embedded(node.text)
    whole = len(fences) == 1 and fences[0].text.value == node.text.value
    if whole and fences[0].problem is None:
        alone = parse(fences[0].inner)
        if isinstance(alone, Literal) and isinstance(alone.value, str):
            return replace(node, value=alone.value, text=fences[0].inner)
    for fence in fences:
        if not place.contexts and fence.problem is None:
            yield Flaw(first_line(fence.text.span), f"no expression is allowed in {place.where}")
            return None
        found = fence.problem or parse(fence.inner, place.contexts, place.functions)
        if isinstance(found, Problem):
            yield refused(found, place.where, place.contexts, place.functions)
    return None


def _fits(node: Scalar, shape: Shape) -> bool:
    value, scalars = node.value, shape.scalars
    text = value if isinstance(value, str) else node.text.value
    if value is None:
        return not scalars.isdisjoint({"nothing", "text"})
    if "text" in scalars or ("name" in scalars and text) or text in shape.words:
        return True
    if isinstance(value, bool):
        return "boolean" in scalars
    return isinstance(value, int | float) and "number" in scalars


def _misfit(node: Scalar, place: _Place) -> str:
    written = short(str(node.value) if isinstance(node.value, str) else node.text.value)
    words = place.shape.words
    if words and written:
        listed = "" if len(words) > _MOST_WORDS else f"; there is {joined(words)}"
        return f"`{written}` is not known in {place.where}{likely(written, words) or listed}"
    if not written:
        return f"{_expected(place)}, found nothing"
    quoted = "the text " if node.style in ("single", "double") else ""
    return f"{_expected(place)}, found {quoted}`{written}`"


def _expected(place: _Place) -> str:
    shape = place.shape
    allowed = [text for kind, text in _SCALARS.items() if kind in shape.scalars and kind != "nothing"]
    if shape.words:
        allowed.append(joined(shape.words, "or") if len(shape.words) <= _MOST_WORDS else "a known name")
    if shape.items:
        allowed.append("a list")
    if shape.is_mapping:
        allowed.append("a mapping")
    return f"{place.where} takes {' or '.join(dict.fromkeys(allowed)) or 'nothing'}"


def _mapping(node: Mapping, place: _Place) -> Iterator[Flaw]:
    shape = place.shape
    if not shape.by:
        yield from _entries(node, place, {})
        return
    deciding = list({str(entry.key): entry for entry in node if str(entry.key) in shape.by}.values())
    elsewhere = {key: each for each in shape.by.values() for key in shapes()[each].keys}
    if not deciding:
        yield from _undecided(node, place, elsewhere)
        return
    for extra in deciding[1:]:
        message = f"{shape.called} has both `{deciding[0].key}` and `{extra.key}`"
        yield Flaw(extra.key.span, message, (Note(deciding[0].key.span, f"`{deciding[0].key}` stands here"),))
    chosen = place.below(shape.by[str(deciding[0].key)], place.key, place.span, place.owner, item=place.item)
    ignored = {str(extra.key) for extra in deciding[1:]}
    yield from _entries(node, chosen, elsewhere if not ignored else dict.fromkeys([*elsewhere, *ignored], ""))


def _undecided(node: Mapping, place: _Place, elsewhere: Dict[str, str]) -> Iterator[Flaw]:
    """A step or job that does not say what it is: the key that is misspelt, else what is missing."""
    shape = place.shape
    unknown = [entry for entry in node if str(entry.key) not in elsewhere]
    for entry in unknown:
        yield _unknown(entry, shape.called, [*elsewhere])
    if not unknown:
        is_item = node.entries and place.span.start == node.span.start
        first = node.entries[0].key.span if is_item else place.span
        names = list(shape.by)
        yield Flaw(first, f"{shape.called} has neither `{names[0]}` nor `{names[1]}`")


def _entries(node: Mapping, place: _Place, elsewhere: Dict[str, str]) -> Iterator[Flaw]:
    """The entries of a mapping; `elsewhere` are keys that other mappings of its kind have, '' to pass them over."""
    shape, seen, dynamic = place.shape, dict[str, Scalar](), False
    for entry in node:
        key = str(entry.key)
        first = seen.setdefault(key.upper(), entry.key)  # to GitHub, all keys are the same in upper and lower case
        if key == "<<" and entry.key.style == "plain":
            yield Flaw(entry.key.span, "GitHub knows no merge key `<<`")
        elif "${{" in key:
            dynamic = True
            yield from _key(entry, place)
        elif first is not entry.key:
            same = "" if str(first) == key else f" as `{first}`, which GitHub takes for the same"
            yield Flaw(entry.key.span, f"`{key}` is already defined{same}", (Note(first.span, "first defined here"),))
        elif key in shape.keys:
            yield from _value(entry.value, place.below(shape.keys[key], key, entry.key.span, shape.called))
        elif shape.others:
            if not key:
                yield Flaw(entry.span, f"a key of {place.where} is empty")
            yield from _value(entry.value, place.below(shape.others, key, entry.key.span))
        elif key in elsewhere:
            if elsewhere[key]:
                yield Flaw(entry.key.span, f"`{key}` is not allowed in {shape.called}")
        else:
            yield _unknown(entry, shape.called or place.where, shape.keys)
    for key in shape.required:
        if not dynamic and key.upper() not in seen:
            yield Flaw(place.span, f"{shape.called or place.where} has no `{key}`")


def _unknown(entry: Entry, owner: str, known: Dict[str, str] | list[str]) -> Flaw:
    key = str(entry.key)
    listed = "" if len(known) > _MOST_WORDS else f"; there is {joined(list(known))}"
    return Flaw(entry.key.span, f"{owner} has no key `{short(key)}`{likely(key, known) or listed}")


def _key(entry: Entry, place: _Place) -> Iterator[Flaw]:
    """A key that is an expression, or `${{ insert }}`, which adds the keys of its value."""
    anything = place.below("any", place.key, entry.key.span, place.owner)
    if not place.contexts:
        yield Flaw(entry.key.span, f"no expression is allowed as a key of {place.where}")
    elif [fence.inner.value for fence in embedded(entry.key.text)] != ["insert"]:
        yield from _scalar(entry.key, anything)
    yield from _value(entry.value, anything)
