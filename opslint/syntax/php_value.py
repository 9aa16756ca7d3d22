"""Expressions of PHP whose value one can read: literals, arrays, `env()`, `__DIR__ . '/x'`, sums."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from operator import add, mul, sub

import tree_sitter

from opslint.source import Source, Span, Text
from opslint.syntax.php_array import DIRECTORY, ENV, OPAQUE, Item, array, unwritten
from opslint.syntax.tree import Comment, Entity, Node, Scalar, Sequence, Value

_DEPTH = 100
_LARGEST = 1 << 63
_CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
_ESCAPE = re.compile(r"\\(?:[nrtvef\\$\"]|[0-7]{1,3}|x[0-9a-fA-F]{1,2}|u\{[0-9a-fA-F]{1,6}\})")
_ESCAPES = {
    "n": "\n", "r": "\r", "t": "\t", "v": "\v", "e": "\x1b", "f": "\f", "\\": "\\", "$": "$", '"': '"',
}  # fmt: skip
_SUMS: Mapping[str, Callable[[int, int], int]] = {"+": add, "-": sub, "*": mul}


class Values:
    """The expressions of one file. Offsets of tree-sitter are bytes; ours are characters."""

    def __init__(self, source: Source, content: bytes) -> None:
        self.source = source
        self.variables: dict[str, Node] = {}  # `$x`, as far as known
        self.comments: dict[int, Comment] = {}
        self._characters: list[int] | None = None
        if not content.isascii():
            self._characters = [*accumulate((byte & 0xC0 != 0x80 for byte in content), initial=0)]

    def span(self, node: tree_sitter.Node) -> Span:
        start, end = node.start_byte, node.end_byte
        if self._characters is not None:
            start, end = self._characters[start], self._characters[end]
        return Span(self.source, start, end)

    def text(self, node: tree_sitter.Node) -> Text:
        place = self.span(node)
        return Text.verbatim(self.source, place.start, place.end)

    def parts(self, node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
        """Named children without comments, which are collected."""
        for child in node.named_children:
            if child.type != "comment":
                yield child
                continue
            text = self.text(child)
            marker = re.match(r"#|/[/*]", text.value)
            self.comments[child.start_byte] = Comment(text[marker.end() if marker else 0 :])

    def opaque(self, node: tree_sitter.Node) -> Entity:
        return self._entity(OPAQUE, (), node)

    def _entity(self, name: str, attributes: tuple[Node, ...], node: tree_sitter.Node) -> Entity:
        place = self.span(node)
        return Entity(unwritten(name, self.source, place.start), Sequence(attributes, place), place)

    def value(self, node: tree_sitter.Node, depth: int = 0) -> Node:
        """What an expression is worth, an opaque entity if that cannot be read off it."""
        if depth > _DEPTH or (node.has_error and node.type != "array_creation_expression"):
            return self.opaque(node)
        read = _EXPRESSIONS.get(node.type)
        return (read(self, node, depth + 1) if read else None) or self.opaque(node)

    def _scalar(self, node: tree_sitter.Node, value: Value) -> Scalar:
        text = self.text(node)
        return Scalar(text, value, text.span)

    def array(self, node: tree_sitter.Node, depth: int) -> Node:
        items: list[Item] = []
        for element in self.parts(node):
            start = self.span(element).start
            parts = list(self.parts(element)) if element.type == "array_element_initializer" else []
            if not 1 <= len(parts) <= 2 or any(child.type == "&" for child in element.children):
                items.append((None, self.opaque(element), start))
                continue
            key: Node | None = self.value(parts[0], depth) if len(parts) == 2 else None
            if key is not None and not isinstance(key, Scalar):
                key = unwritten(OPAQUE, self.source, key.span.start)
            items.append((key, self.value(parts[-1], depth), start))
        return array(items, self.span(node))

    def variable(self, node: tree_sitter.Node, depth: int) -> Node | None:
        return self.variables.get(self.text(node).value)

    def single(self, node: tree_sitter.Node, depth: int) -> Scalar:
        whole = self.text(node)
        inner = whole[1:-1]
        if "\\" not in inner.value:
            return Scalar(inner, inner.value, whole.span, "single")
        cuts = [match.start() for match in re.finditer(r"\\[\\']", inner.value)]  # the backslash goes
        starts, ends = [0, *(cut + 1 for cut in cuts)], [*cuts, len(inner)]
        text = Text.join((inner[start:end] for start, end in zip(starts, ends, strict=True)), inner)
        return Scalar(text, text.value, whole.span, "single")

    def double(self, node: tree_sitter.Node, depth: int) -> Scalar | None:
        if any(child.type not in ("string_content", "escape_sequence") for child in node.named_children):
            return None  # there is a variable in it
        whole = self.text(node)
        inner = whole[1:-1]
        pieces, position = [], 0
        for match in _ESCAPE.finditer(inner.value):
            place = inner[match.start() : match.end()].span
            pieces.append(inner[position : match.start()])
            pieces.append(Text(_character(match[0]), inner.source, (place.start, place.end), (place.end,)))
            position = match.end()
        text = Text.join([*pieces, inner[position:]], inner)
        return Scalar(text, text.value, whole.span, "double")

    def integer(self, node: tree_sitter.Node, depth: int) -> Scalar | None:
        digits = self.text(node).value.replace("_", "").lower()
        if re.fullmatch(r"0[0-7]+", digits):
            digits = "0o" + digits[1:]
        try:
            value = int(digits, 0)
        except ValueError:  # more digits than Python takes
            return None
        return self._scalar(node, value) if value < _LARGEST else None

    def number(self, node: tree_sitter.Node, depth: int) -> Scalar | None:
        try:
            return self._scalar(node, float(self.text(node).value.replace("_", "")))
        except ValueError:  # a lone `.` of broken code
            return None

    def constant(self, node: tree_sitter.Node, depth: int) -> Node | None:
        word = self.text(node).value
        if word == DIRECTORY:
            return self._entity(DIRECTORY, (self._scalar_of("", node),), node)
        return self._scalar(node, _CONSTANTS[word.lower()]) if word.lower() in _CONSTANTS else None

    def _scalar_of(self, value: str, node: tree_sitter.Node) -> Scalar:
        end = self.span(node).end
        return unwritten(value, self.source, end)

    def signed(self, node: tree_sitter.Node, depth: int) -> Scalar | None:
        argument = next(self.parts(node), None)
        inner = self.value(argument, depth) if argument is not None else None
        sign = self.text(node).value[0]
        if sign not in "+-" or not isinstance(inner, Scalar) or type(inner.value) not in (int, float):
            return None
        return self._scalar(node, -inner.value if sign == "-" else inner.value)  # type: ignore[operator]

    def parenthesised(self, node: tree_sitter.Node, depth: int) -> Node | None:
        inner = next(self.parts(node), None)
        return self.value(inner, depth) if inner is not None else None

    def sum(self, node: tree_sitter.Node, depth: int) -> Node | None:
        """`60 * 24`, `'a' . 'b'`, `__DIR__ . '/x'`."""
        left, operator, right = (node.child_by_field_name(name) for name in ("left", "operator", "right"))
        if left is None or operator is None or right is None:
            return None
        a, b = self.value(left, depth), self.value(right, depth)
        if not isinstance(b, Scalar):
            return None
        if operator.type == "." and isinstance(b.value, str):
            if isinstance(a, Entity) and str(a.value) == DIRECTORY and isinstance(a.attributes, Sequence):
                return self._entity(DIRECTORY, (self._joined(a.attributes.items[0], b, node),), node)
            return self._joined(a, b, node) if isinstance(a, Scalar) and isinstance(a.value, str) else None
        if operator.type in _SUMS and isinstance(a, Scalar) and type(a.value) is int and type(b.value) is int:
            value = _SUMS[operator.type](a.value, b.value)
            return self._scalar(node, value) if abs(value) < _LARGEST else None
        return None

    def _joined(self, first: Node, second: Scalar, node: tree_sitter.Node) -> Scalar:
        pieces = [first.text, second.text] if isinstance(first, Scalar) else [second.text]
        text = Text.join(pieces, second.text)
        return Scalar(text, text.value, self.span(node), "single")

    def cast(self, node: tree_sitter.Node, depth: int) -> Node | None:
        """`(int) env('X', '90')`: the cast changes what the default is worth."""
        kind, inner = node.child_by_field_name("type"), node.child_by_field_name("value")
        if kind is None or inner is None:
            return None
        return _cast(self.value(inner, depth), self.text(kind).value.lower())

    def call(self, node: tree_sitter.Node, depth: int) -> Node | None:
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None or self.text(function).value.lstrip("\\").lower() != ENV:
            return None
        given = [self.value(part, depth) for each in self.parts(arguments) for part in list(self.parts(each))[-1:]]
        if not given or len(given) > 2 or not isinstance(given[0], Scalar):
            return None
        end = given[0].span.end
        nothing = Scalar(Text.verbatim(self.source, end, end), None, Span(self.source, end, end))
        return self._entity(ENV, (given[0], given[1] if len(given) == 2 else nothing), node)


_EXPRESSIONS: Mapping[str, Callable[[Values, tree_sitter.Node, int], Node | None]] = {
    "array_creation_expression": Values.array,
    "binary_expression": Values.sum,
    "boolean": Values.constant,
    "cast_expression": Values.cast,
    "encapsed_string": Values.double,
    "float": Values.number,
    "function_call_expression": Values.call,
    "integer": Values.integer,
    "name": Values.constant,
    "null": Values.constant,
    "parenthesized_expression": Values.parenthesised,
    "string": Values.single,
    "unary_op_expression": Values.signed,
    "variable_name": Values.variable,
}


def _cast(node: Node, kind: str) -> Node | None:
    if isinstance(node, Entity) and str(node.value) == ENV and isinstance(node.attributes, Sequence):
        name, default = node.attributes.items
        cast = _cast(default, kind)
        return cast and Entity(node.value, Sequence((name, cast), node.attributes.span), node.span)
    if not isinstance(node, Scalar):
        return None
    value = node.value
    if kind in ("int", "integer"):
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
            return Scalar(node.text, int(value), node.span, node.style)
        return Scalar(node.text, int(value or 0), node.span) if value is None or isinstance(value, int) else None
    if kind in ("bool", "boolean"):
        return Scalar(node.text, value not in (None, False, 0, 0.0, "", "0"), node.span, node.style)
    if kind == "string" and isinstance(value, str):
        return node
    return None


def _character(sequence: str) -> str:
    kind = sequence[1]
    if kind in _ESCAPES:
        return _ESCAPES[kind]
    if kind == "u":
        code = int(sequence[3:-1], 16)
        return chr(code) if code <= 0x10FFFF else sequence
    return chr(int(sequence[2:], 16) if kind == "x" else int(sequence[1:], 8) & 0xFF)
