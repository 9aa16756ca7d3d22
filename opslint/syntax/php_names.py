"""The names and strings of PHP code, comments left out: what a class refers to, without running it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from opslint.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_LEAVES = frozenset({"name", "string_content", "qualified_name", "namespace_name"})


@cache
def _parser() -> Parser:
    import tree_sitter_php
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_php.language_php()))


def mention(source: Source, names: frozenset[str]) -> Span | None:
    """The first place where the code itself, no comment, has one of the names as a word of its own or in a string."""
    if not any(name in source.content for name in names):
        return None
    encoded = source.content.encode("utf-8", "surrogatepass")
    pending: list[Node] = [_parser().parse(encoded).root_node]
    while pending:
        node = pending.pop()
        if node.type in _LEAVES and node.text is not None:
            said = node.text.decode("utf-8", "replace")
            if said in names or (node.type == "string_content" and any(name in said for name in names)):
                start = len(encoded[: node.start_byte].decode("utf-8", "surrogatepass"))
                return Span(source, start, start + len(said))
        if node.type != "comment":
            pending.extend(reversed(node.children))
    return None
