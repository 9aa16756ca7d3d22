"""NEON, the format of PHPStan's configuration, with the values and complaints of nette/neon 3.4."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from opslint.finding import Problem
from opslint.source import Source, Span, Text
from opslint.syntax.neon_layout import Layout, Pairs
from opslint.syntax.neon_tokens import NeonProblem, Token
from opslint.syntax.php_array import Item, array, unwritten
from opslint.syntax.tree import Comment, Document, Entity, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from lark import Lark

_ROUNDS = 10  # entries that are left out before the rest of a file is given up
_ROUNDS_BYTES = 8 << 20  # ... and how much text is read in all rounds
_PROBLEMS = 100  # told of one file
_SURROGATE = re.compile("[\ud800-\udfff]")


def read(source: Source) -> Document:
    """What a NEON file says. Where an entry cannot be read it is left out, told, and the rest is read.

    The first problem is nette/neon's own, in its words. A key that ends in `!` loses it and is flagged.
    """
    lone = _SURROGATE.search(source.content)
    if lone:
        return Document(source, None, (Problem(source.span(*lone.span()), "Invalid UTF-8 sequence."),))
    text = source.content.replace("\r", "")
    problems: dict[tuple[int, str], Problem] = {}
    comments: dict[int, Comment] = {}
    root: Node | None = None
    for _ in range(max(1, min(_ROUNDS, _ROUNDS_BYTES // (len(text) + 1)))):
        layout = Layout(source, text)
        root, hard = _parsed(layout)
        for problem in [*layout.soft, *hard]:
            found = Problem(layout.span(problem.start, problem.end), problem.message)
            problems.setdefault((problem.start, problem.message), found)
        comments.update(layout.comments)
        rest = _without(text, layout.anchor) if hard else text
        if rest == text:
            break
        text = rest
    told = tuple(problems.values())[:_PROBLEMS]
    return Document(source, root, told, tuple(comments[start] for start in sorted(comments)))


def position(place: Span) -> tuple[int, int]:
    """Line and column as nette/neon counts: from 1, columns in bytes, carriage returns not counted."""
    before = place.source.content[: place.start].replace("\r", "")
    line = before[before.rfind("\n") + 1 :]
    return before.count("\n") + 1, len(line.encode("utf-8", "surrogatepass")) + 1


def _parsed(layout: Layout) -> tuple[Node | None, list[NeonProblem]]:
    """The root, or what keeps the text from being read. nette looks for a place where nothing fits before all else."""
    from lark import UnexpectedToken

    try:
        root = _parser().parse(layout.stream())
        return (root if isinstance(root, (Scalar, Mapping, Sequence, Entity)) else None), []
    except NeonProblem as problem:
        hard = problem
    except UnexpectedToken as error:
        hard = layout.unexpected(error.token)
    unreadable = layout.unreadable()
    if unreadable:
        layout.anchor = unreadable.start
        layout.soft.insert(0, unreadable)
        return None, [unreadable]
    layout.soft = [problem for problem in layout.soft if problem.start != hard.start]  # noted of the same token
    return None, [hard]


def _without(text: str, anchor: int) -> str:
    """The text with the entry around `anchor` blanked: its line, and what stands deeper below."""
    start = text.rfind("\n", 0, anchor) + 1
    margin = len(text[start:]) - len(text[start:].lstrip(" \t"))
    end = len(text)
    for line in re.compile(r"^([ \t]*)[^ \t\n]", re.MULTILINE).finditer(text, text.find("\n", start) % (end + 1)):
        if len(line[1]) <= margin:
            end = line.start()
            break
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


@cache
def _parser() -> Lark:
    from importlib.resources import files

    from lark import Lark
    from lark.lexer import Lexer

    class Ready(Lexer):
        """The layout has done the work: the input is the tokens."""

        __future_interface__ = 1

        def __init__(self, lexer_conf: Any) -> None:
            del lexer_conf

        def lex(self, lexer_state: Any, parser_state: Any) -> Any:
            return lexer_state.text

    grammar = files("opslint.syntax").joinpath("neon.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=Ready, transformer=_Nodes())


def _null(token: Token) -> Scalar:
    """Nothing, where a value could stand: behind the dash or colon."""
    place = token.scanner.span(token.end, token.end)
    return Scalar(Text.verbatim(place.source, place.start, place.start), None, place)


def _lines(pairs: Pairs) -> list[Item]:
    return [(key, value, -1) for key, value in pairs]


def _block(items: list[Item]) -> Mapping | Sequence:
    key, _, dash = items[0]
    start = dash if key is None else key.span.start
    last = items[-1][1].span
    return array(items, Span(last.source, start, max(start, last.end)))


class _Nodes:
    """What each rule of the grammar makes of its children; lark calls these while it parses."""

    def start(self, children: list[Node]) -> Node | None:
        return children[0] if children else None

    def scalar(self, children: list[Token]) -> Scalar:
        return children[0].value  # type: ignore[no-any-return]

    def entries(self, children: list[list[Item]]) -> Mapping | Sequence:
        return _block([item for child in children for item in child])

    def lines(self, children: list[Token]) -> list[Item]:
        return _lines(children[0].value)

    def items(self, children: list[Token]) -> list[Item]:
        scanner = children[0].scanner
        return [(None, _block(_lines(pairs)), scanner.span(dash, dash).start) for dash, pairs in children[0].value]

    def item(self, children: list[Any]) -> list[Item]:
        dash, value = children
        return [(None, value, dash.span.start)]

    def empty_item(self, children: list[Token]) -> list[Item]:
        return [(None, _null(children[0]), children[0].span.start)]

    def pair(self, children: list[Any]) -> list[Item]:
        key, _, value = children
        return [(_key(key), value, -1)]

    def empty_pair(self, children: list[Any]) -> list[Item]:
        key, sep = children
        return [(_key(key), _null(sep), -1)]

    def inner_item(self, children: list[Node]) -> Item:
        return None, children[0], children[0].span.start

    def inner_pair(self, children: list[Any]) -> Item:
        return self.pair(children)[0]

    def inner_empty(self, children: list[Any]) -> Item:
        return self.empty_pair(children)[0]

    def brackets(self, children: list[Any]) -> Mapping | Sequence:
        opening, closing = children[0].span, children[-1].span
        items = [child for child in children if isinstance(child, tuple)]
        return array(items, Span(opening.source, opening.start, closing.end))

    def entity(self, children: list[Any]) -> Entity:
        value, attributes = children
        return Entity(value, attributes, Span(value.span.source, value.span.start, attributes.span.end))

    def link(self, children: list[Any]) -> Entity:
        return self.entity([children[0].value, children[1]])

    def last(self, children: list[Token]) -> Entity:
        name = children[0].value
        return Entity(name, Sequence((), Span(name.span.source, name.span.end, name.span.end)), name.span)

    def chain(self, children: list[Any]) -> Entity:
        first, *rest = self.entity(children[:2]), *children[2:]
        span = Span(first.span.source, first.span.start, rest[-1].span.end)
        name = unwritten("!!chain", span.source, span.start)
        return Entity(name, Sequence((first, *rest), span), span)


def _key(key: Node) -> Scalar:
    """The key of an entry; brackets and entities, which the layout has refused, stand for their first characters."""
    return key if isinstance(key, Scalar) else unwritten(key.span.written, key.span.source, key.span.start)
