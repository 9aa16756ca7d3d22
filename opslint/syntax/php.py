"""PHP files that return an array, configuration or baseline, read as data and never run.

Known are literals, `env('X', default)`, `__DIR__ . '/x'`, sums of literals, and variables built up at the top:

    $ignoreErrors[] = ['message' => '#x#', 'count' => 1, 'path' => __DIR__ . '/app/A.php'];
    return ['parameters' => ['ignoreErrors' => $ignoreErrors]];

They read into the nodes of tree.py; what has no value of its own is an Entity named
ENV, DIRECTORY or OPAQUE, which php_array.py keeps and `settled` there sees through.
"""

from __future__ import annotations

from functools import cache

import tree_sitter
import tree_sitter_php

from opslint.finding import Problem
from opslint.source import Source, Span
from opslint.syntax.php_array import Item, array
from opslint.syntax.php_value import Values
from opslint.syntax.tree import Document, Node, Sequence

# Statements that cannot change what is returned.
_SILENT = frozenset(
    "comment php_tag declare_statement namespace_use_declaration empty_statement text_interpolation "
    "function_definition class_declaration const_declaration".split(" ")
)


def read_array(source: Source) -> Document | None:
    """The array that a file returns; None where it returns nothing. A file that cannot be parsed has a problem."""
    content = source.content.encode("utf-8", "replace")
    root = _parser().parse(content).root_node
    reader = _Statements(source, content)
    returned = reader.returned(root)
    if returned is None and not root.has_error:
        return None
    problems = (Problem(_broken(reader, root), "this is not valid PHP"),) if root.has_error else ()
    comments = tuple(reader.comments[start] for start in sorted(reader.comments))
    return Document(source, returned, problems, comments)


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_php.language_php()))


def _broken(reader: Values, root: tree_sitter.Node) -> Span:
    """The first place that is not PHP."""
    node = root
    while node.has_error and not node.is_error:
        below = next((child for child in node.children if child.has_error or child.is_missing), None)
        if below is None:
            break
        node = below
    return reader.span(node)


class _Statements(Values):
    """Follows the statements at the top of a file up to its `return`."""

    def __init__(self, source: Source, content: bytes) -> None:
        super().__init__(source, content)
        self._lists: dict[str, list[Item]] = {}  # variables that are appended to

    def returned(self, root: tree_sitter.Node) -> Node | None:
        for statement in self.parts(root):
            if statement.type == "return_statement":
                value = next(self.parts(statement), None)
                self._gather()
                return self.value(value) if value is not None else None
            if statement.type == "expression_statement":
                self._assigned(statement)
            elif statement.type == "namespace_definition" and statement.child_by_field_name("body") is None:
                continue
            elif statement.type not in _SILENT and self._touched(statement):
                return self.opaque(statement)
        return None

    def _gather(self) -> None:
        for name, items in self._lists.items():
            self.variables[name] = array(items, self.variables[name].span)

    def _assigned(self, statement: tree_sitter.Node) -> None:
        """`$x = value;` and `$x[] = value;`; any other expression makes what it names unknown."""
        expression = next(self.parts(statement), None)
        left = expression.child_by_field_name("left") if expression is not None else None
        right = expression.child_by_field_name("right") if expression is not None else None
        if expression is None or expression.type != "assignment_expression" or left is None or right is None:
            self._touched(statement)
            return
        name = self.text(left).value
        base = list(self.parts(left))
        if left.type == "variable_name":
            value = self.variables[name] = self.value(right)
            self._lists.pop(name, None)
            if isinstance(value, Sequence):
                self._lists[name] = [(None, item, item.span.start) for item in value.items]
        elif left.type == "subscript_expression" and len(base) == 1:
            name = self.text(base[0]).value
            value = self.value(right)
            if name not in self.variables:  # PHPStan's own generator starts with an empty list, people drop it
                self.variables[name] = Sequence((), self.span(left))
                self._lists[name] = []
            if name in self._lists:
                self._lists[name].append((None, value, value.span.start))
        else:
            self._touched(statement)

    def _touched(self, statement: tree_sitter.Node) -> bool:
        """Forget the variables that a statement names; True if it may return."""
        pending = [statement]
        while pending:
            node = pending.pop()
            if node.type == "return_statement":
                return True
            if node.type == "variable_name":
                self._lists.pop(self.text(node).value, None)
                self.variables[self.text(node).value] = self.opaque(node)
            pending.extend(node.children)
        return False
