"""Growing a tree out of YAML's events, with bounds that no alias and no nesting gets round."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import events

from opslint.finding import Problem
from opslint.source import Source, Span, Text
from opslint.syntax.tree import Entry, Mapping, Node, Scalar, Sequence
from opslint.syntax.yaml_scalar import decode, whole
from opslint.syntax.yaml_schema import TAGS, typed

MOST_NESTED = 100
MOST_NODES = 200_000  # as a walker meets them: what an alias names counts each time
MOST_ALIASES = 2_000

_STYLES = {"'": "single", '"': "double", "|": "literal", ">": "folded"}
_PROPERTY = re.compile(r"&[^ \t\r\n,\[\]{}]+|!<[^> \t\r\n]*>|![^ \t\r\n,\[\]{}]*|#[^\r\n]*|[ \t\r\n]+")
_INDICATOR = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*+[-:?]")


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been met."""

    event: Any
    start: int
    nodes_before: int
    nodes: list[Node] = field(default_factory=list)  # of a mapping: key, value, key, ...
    first: int | None = None  # where its first node is written: an alias lies elsewhere than what it names
    end: int = 0
    height: int = 1  # how deep it nests, itself included


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    height: int
    weight: int  # how many nodes a walker meets in it


class Tree:
    """The tree of the first document, while it grows. An explicit stack: nesting costs no recursion."""

    def __init__(self, source: Source, parsed: Source) -> None:
        self.source = source
        self.parsed = parsed  # what the parser sees: the source itself, or one of the same length
        self.base = len(source.content) - len(source.content.lstrip("\ufeff"))  # a byte-order mark is not parsed
        self.reached = len(source.content)  # how far the file was read
        self.problems: list[Problem] = []
        self.regions: list[tuple[int, int]] = []  # in which a `#` is text
        self._root: Node | None = None
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Anchored | None] = {}  # None while the node is still open
        self._last = self.base  # the end of what was last met
        self._nodes = 0
        self._aliases = 0
        self._documents = 0

    def take(self, event: Any) -> bool:
        """Grow by one event; False where reading ends before the parser does."""
        start, end = self.base + event.start_mark.index, self.base + event.end_mark.index
        match event:
            case events.ScalarEvent():
                self._scalar(event, start, end)
                return self._bounded(start, 0, 1)
            case events.AliasEvent():
                return self._alias(event.anchor, start, end)
            case events.CollectionStartEvent():
                return self._open(event, start, end)
            case events.CollectionEndEvent():
                self._close(end)
            case events.DocumentStartEvent():
                self._documents += 1
                self._last = end
                if self._documents > 1:
                    return self.stop(start, "a second document begins here, only the first is read", end)
        return True

    def stop(self, place: int, message: str, end: int | None = None) -> bool:
        """Note why nothing more is read."""
        self.reached = min(place, len(self.source.content))
        self.problems.append(Problem(self.source.span(self.reached, end), message))
        return False

    def finish(self) -> Node | None:
        """The root; what is still open is closed where it got to, a key without its value left out."""
        while self._stack:
            self._close(self._stack[-1].end)
        return self._root

    def _bounded(self, place: int, height: int, weight: int) -> bool:
        """Count what is about to be met, unless it is too much."""
        self._nodes += weight
        if self._nodes > MOST_NODES:
            return self.stop(place, f"more than {MOST_NODES} nodes, the rest is not read")
        if len(self._stack) + height > MOST_NESTED:
            return self.stop(place, f"nested deeper than {MOST_NESTED}, the rest is not read")
        return True

    def _scalar(self, event: Any, start: int, end: int) -> None:
        style = _STYLES.get(event.style or "", "plain")
        begin = start
        if event.anchor is not None or event.ctag is not None:
            begin = self._behind_properties(start, end)
        elif start == end:
            begin = end = self._place_of_nothing(start)
        text = self._decode(begin, end, style, event.value)
        self._last = end
        if style in ("literal", "folded"):
            end = text.ends[-1] if text.value else text.starts[0]
        if end > begin:
            self.regions.append((text.starts[0] if style in ("literal", "folded") else begin, end))
        tag = str(event.ctag) if event.ctag is not None else None
        self._known(tag, start, begin)
        value = typed(text.value, style == "plain", tag)
        scalar = Scalar(text, value, Span(self.source, begin, end), style)
        self._add(_Anchored(scalar, 0, 1), event.anchor, start, end)

    def _decode(self, start: int, end: int, style: str, value: str) -> Text:
        """What the parser read, with places; where ours comes out differently, only the place as a whole."""
        text = decode(self.parsed, start, end, style, value)
        if text.value != value:
            return whole(self.source, start, end, value.encode("utf-8", "replace").decode())
        return text if self.parsed is self.source else decode(self.source, start, end, style, value)

    def _behind_properties(self, start: int, limit: int) -> int:
        """Where a node begins behind its anchor and tag, which its start mark includes."""
        while start < limit and (match := _PROPERTY.match(self.source.content, start, limit)):
            start = match.end()
        return start

    def _place_of_nothing(self, start: int) -> int:
        """Behind the colon or dash that has no value; the parsers disagree about blanks and comments after it."""
        match = _INDICATOR.match(self.source.content, self._last, start)
        return match.end() if match else start

    def _known(self, tag: str | None, start: int, end: int) -> None:
        if tag is not None and tag not in TAGS:
            span = self.source.text[start:end].strip().span
            message = f"`{_short(span.written)}` is a YAML tag; a text that begins so needs quotes"
            self.problems.append(Problem(span, message))

    def _alias(self, name: str, start: int, end: int) -> bool:
        self._aliases += 1
        if self._aliases > MOST_ALIASES:
            return self.stop(start, f"more than {MOST_ALIASES} aliases, the rest is not read")
        anchored = self._anchors.get(name)
        if anchored is None:
            why = "stands inside what it names" if name in self._anchors else "names no anchor above it"
            self.problems.append(Problem(Span(self.source, start, end), f"`*{_short(name)}` {why}"))
            nothing = Scalar(Text.verbatim(self.source, end, end), None, Span(self.source, start, end))
            anchored = _Anchored(nothing, 0, 1)
        if not self._bounded(start, anchored.height, anchored.weight):
            return False
        self._last = end
        self._add(anchored, None, start, end)
        return True

    def _open(self, event: Any, start: int, end: int) -> bool:
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        nodes_before = self._nodes
        if not self._bounded(start, 1, 1):
            return False
        start = end - 1 if event.flow_style else start  # the bracket
        self._last = end if event.flow_style else start
        self._stack.append(_Open(event, start, nodes_before, end=end))
        return True

    def _close(self, end: int) -> None:
        opened = self._stack.pop()
        event, start = opened.event, opened.start
        if event.anchor is not None or event.ctag is not None:
            written = self.base + event.start_mark.index
            start = start if event.flow_style else self._behind_properties(start, opened.first or start)
            self._known(None if event.ctag is None else str(event.ctag), written, start)
        self._last = end if event.flow_style else self._last
        # libyaml ends a block where the next thing begins: far behind its last node
        span = Span(self.source, start, end if event.flow_style else max(opened.end, start))
        node: Node
        if isinstance(event, events.MappingStartEvent):
            keys, values = opened.nodes[::2], opened.nodes[1::2]
            node = Mapping(tuple(Entry(self._key(key), value) for key, value in zip(keys, values, strict=False)), span)
        else:
            node = Sequence(tuple(opened.nodes), span)
        weight = self._nodes - opened.nodes_before
        self._add(_Anchored(node, opened.height, weight), event.anchor, self.base + event.start_mark.index, span.end)

    def _key(self, node: Node) -> Scalar:
        if isinstance(node, Scalar):
            return node
        message = "a mapping or a list is no key; a text that begins with `{` or `[` needs quotes"
        self.problems.append(Problem(node.span, message))
        return Scalar(Text.verbatim(self.source, node.span.start, node.span.end), node.span.written, node.span)

    def _add(self, anchored: _Anchored, name: str | None, start: int, end: int) -> None:
        if name is not None:
            self._anchors[name] = anchored
        if not self._stack:
            self._root = anchored.node
            return
        parent = self._stack[-1]
        parent.nodes.append(anchored.node)
        parent.first = start if parent.first is None else parent.first
        parent.end = max(parent.end, end)
        parent.height = max(parent.height, 1 + anchored.height)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
