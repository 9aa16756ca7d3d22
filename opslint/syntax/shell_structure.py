"""The structure of a shell script: tree-sitter's reading of its skeleton, made into statements."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import tree_sitter

from opslint.finding import Problem
from opslint.source import Text
from opslint.syntax.script import (
    AndOr,
    Arm,
    Block,
    Case,
    For,
    Function,
    Group,
    If,
    Item,
    Loop,
    Pipeline,
    Redirect,
    Simple,
    Statement,
    Unreadable,
    Word,
)
from opslint.syntax.shell_balance import unbalanced
from opslint.syntax.shell_part import assigned
from opslint.syntax.shell_skeleton import UNWRITTEN, parsed, skeleton
from opslint.syntax.shell_token import MOST_TOKENS, Token

_MOST_OPERANDS = 400  # of one list, operators counted: its statements lie in one another
_MOST_NESTED = 50
_MOST_PROBLEMS = 50
_ENDS_ARM = (";;", ";&", ";;&")
_STATEMENTS = frozenset(
    "list pipeline command if_statement while_statement for_statement case_statement compound_statement subshell "
    "function_definition".split()
)


def structure(text: Text, tokens: list[Token]) -> tuple[Block, tuple[Problem, ...]]:
    """The statements that the tokens of a text make up; what makes none is Unreadable, with a problem."""
    if not tokens:
        return Block((), text[0:0]), ()
    if len(tokens) > MOST_TOKENS:
        raw = text[tokens[0].start : tokens[-1].end]
        problem = Problem(raw[:1].span, f"a script of more than {MOST_TOKENS} words and operators is not read")
        return Block((Item(Unreadable(raw)),), raw), (problem,)
    builder = _Builder(text, tokens)
    nodes = [builder.root] if builder.root.type == "ERROR" else builder.root.children
    block = builder.block(nodes, 0)
    cause = unbalanced(text, tokens) if builder.problems else None
    return block, ((cause,) if cause is not None else tuple(builder.problems[:_MOST_PROBLEMS]))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A statement and the indices of the text that it covers."""

    statement: Statement
    start: int
    end: int
    background: bool = False


class _Builder:
    def __init__(self, text: Text, tokens: list[Token]) -> None:
        self._text, self._tokens = text, tokens
        self._bones, self._starts = skeleton(tokens)
        self.root = parsed(self._bones)
        self.problems: list[Problem] = []

    def block(self, nodes: Iterable[tree_sitter.Node], depth: int) -> Block:
        """The statements among the nodes; separators and reserved words between them are passed over."""
        placed: list[_Placed] = []
        for node in nodes:
            if node.is_missing:
                self._missing(node)
            elif node.type in _ENDS_ARM:
                self._unreadable(node)
            elif node.type == "&" and placed:
                placed[-1] = replace(placed[-1], background=True)
            elif node.type == "ERROR":
                placed += self._rest_of(node, depth)
            elif node.is_named:
                placed.append(self._statement(node, depth))
        if not placed:
            return Block((), self._text[0:0])
        raw = self._text[placed[0].start : placed[-1].end]
        return Block(tuple(Item(each.statement, each.background) for each in placed), raw)

    def _statement(self, node: tree_sitter.Node, depth: int) -> _Placed:
        operands = list(_operands(node))
        if depth > _MOST_NESTED:
            return self._unreadable(node, f"more than {_MOST_NESTED} commands lie in one another")
        if len(operands) > _MOST_OPERANDS:
            return self._unreadable(node, f"more than {_MOST_OPERANDS} commands and operators are joined")
        pipeline: list[_Placed] = []
        left: _Placed | None = None
        joined: Literal["&&", "||"] = "&&"
        for operand in [*operands, None]:
            if operand is None or operand.type in ("&&", "||"):
                right = self._pipeline(pipeline)
                left = right if left is None else self._and_or(left, joined, right)
                joined = "||" if operand is not None and operand.type == "||" else "&&"
                pipeline = []
            elif operand.type not in ("|", "|&"):
                pipeline.append(self._command(operand, depth))
        assert left is not None
        return left

    def _and_or(self, left: _Placed, operator: Literal["&&", "||"], right: _Placed) -> _Placed:
        raw = self._text[left.start : right.end]
        return _Placed(AndOr(left.statement, operator, right.statement, raw), left.start, right.end)

    def _pipeline(self, commands: list[_Placed]) -> _Placed:
        if not commands:  # an operator with nothing on one side: tree-sitter has told it as an error
            return _Placed(Unreadable(self._text[0:0]), 0, 0)
        start, end, negated, timed = commands[0].start, commands[-1].end, False, False
        for token in self._unwritten_before(start):
            start, negated, timed = token.start, negated != (token.value == "!"), timed or token.value == "time"
            if token.value == "coproc":  # runs beside the script, which goes on with the status 0
                return _Placed(Unreadable(self._text[start:end]), start, end)
        if len(commands) == 1 and not negated and not timed:
            return replace(commands[0], start=start)
        statements = tuple(each.statement for each in commands)
        return _Placed(Pipeline(statements, self._text[start:end], negated, timed), start, end)

    def _unwritten_before(self, start: int) -> Iterator[Token]:
        """`!` and `time` before a pipeline, the nearest first: the skeleton leaves them out."""
        index = bisect_left(self._tokens, start, key=lambda token: token.start) - 1
        while index >= 0 and self._tokens[index].kind == "keyword" and self._tokens[index].value in UNWRITTEN:
            yield self._tokens[index]
            index -= 1

    def _command(self, node: tree_sitter.Node, depth: int) -> _Placed:
        kinds: dict[str, Callable[[tree_sitter.Node, int], _Placed]] = {
            "command": self._simple,
            "if_statement": self._if,
            "while_statement": self._loop,
            "for_statement": self._for,
            "case_statement": self._case,
            "compound_statement": self._group,
            "subshell": self._group,
            "function_definition": self._function,
        }
        known = kinds.get(node.type)
        return known(node, depth + 1) if known else self._unreadable(node)

    def _bone(self, offset: int) -> int:
        """The bone that holds an offset of the skeleton, or the last one before it."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def _first(self, node: tree_sitter.Node) -> int:
        """The index of the token with which the node begins."""
        return self._bones[self._bone(node.start_byte)].first

    def _last(self, node: tree_sitter.Node) -> int:
        """The index of the token with which the node ends."""
        return self._bones[self._bone(node.end_byte - 1)].last

    def _extent(self, node: tree_sitter.Node) -> tuple[int, int, tuple[Redirect, ...]]:
        """Where a compound command begins and ends, with the redirections that follow it."""
        last = self._last(node)
        redirects: list[Redirect] = []
        while last + 1 < len(self._tokens) and self._tokens[last + 1].follows:
            last += 1
            redirect = self._tokens[last].redirect
            assert redirect is not None
            redirects.append(redirect)
        return self._tokens[self._first(node)].start, self._tokens[last].end, tuple(redirects)

    def _unreadable(self, node: tree_sitter.Node, message: str = "") -> _Placed:
        first, last = self._tokens[self._first(node)], self._tokens[self._last(node)]
        raw = self._text[first.start : last.end]
        if not message:
            shown = self._text.value[first.start : first.end].splitlines()[:1] or ["line break"]
            message = f"`{shown[0]}` begins no command that the shell can read"
        self.problems.append(Problem(self._text[first.start : first.end].span, message))
        return _Placed(Unreadable(raw), first.start, last.end)

    def _rest_of(self, node: tree_sitter.Node, depth: int) -> Iterator[_Placed]:
        """What can be read in a stretch that the grammar has given up on; the rest of it is Unreadable."""
        told = len(self.problems)
        for child in node.children:
            if child.is_named and child.type in _STATEMENTS and depth < _MOST_NESTED:
                yield self._statement(child, depth + 1)
            elif child.type not in (";", "\n", "&"):
                yield self._unreadable(child)
        if len(self.problems) == told:
            self._unreadable(node)
        self.problems[told + 1 :] = ()  # one error is told once, where it is met first

    def _missing(self, node: tree_sitter.Node) -> None:
        opening = self._tokens[self._first(node.parent or node)]
        span = self._text[opening.start : opening.end].span
        self.problems.append(Problem(span, f"`{span.written}` is never ended by `{node.type}`"))

    def _simple(self, node: tree_sitter.Node, depth: int) -> _Placed:
        bone = self._bones[self._bone(node.start_byte)]
        if bone.written != "x" or self._bone(node.start_byte) != self._bone(node.end_byte - 1):
            return self._unreadable(node)
        tokens = self._tokens[bone.first : bone.last + 1]
        start, end = tokens[0].start, tokens[-1].end
        words = tuple(word for token in tokens for word in token.words)
        first, rest = assigned(words) if tokens[0].kind != "condition" else ((), words)
        redirects = tuple(token.redirect for token in tokens if token.redirect is not None)
        return _Placed(Simple(rest, self._text[start:end], first, redirects), start, end)

    def _if(self, node: tree_sitter.Node, depth: int) -> _Placed:
        start, end, redirects = self._extent(node)
        clauses = [child for child in node.children if child.type in ("elif_clause", "else_clause")]
        own = [child for child in node.children if child not in clauses]
        branches = [self._branch(own, depth)]
        otherwise: Block | None = None
        for clause in clauses:
            if clause.type == "elif_clause":
                branches.append(self._branch(clause.children, depth))
            else:
                otherwise = self.block(clause.children, depth)
        return _Placed(If(tuple(branches), otherwise, self._text[start:end], redirects), start, end)

    def _branch(self, nodes: list[tree_sitter.Node], depth: int) -> tuple[Block, Block]:
        then = next((index for index, node in enumerate(nodes) if node.type == "then"), len(nodes))
        return self.block(nodes[:then], depth), self.block(nodes[then + 1 :], depth)

    def _loop(self, node: tree_sitter.Node, depth: int) -> _Placed:
        start, end, redirects = self._extent(node)
        condition = self.block((child for child in node.children if child.type != "do_group"), depth)
        until = node.children[0].type == "until"
        return _Placed(Loop(until, condition, self._body(node, depth), self._text[start:end], redirects), start, end)

    def _body(self, node: tree_sitter.Node, depth: int) -> Block:
        groups = (child for child in node.children if child.type == "do_group")
        return self.block((inner for group in groups for inner in group.children), depth)

    def _for(self, node: tree_sitter.Node, depth: int) -> _Placed:
        start, end, redirects = self._extent(node)
        first = self._first(node)
        bone = self._bones[self._bone(node.start_byte)]
        header = self._tokens[first + 1 : bone.last + 1]
        words = [word for token in header if token.kind == "word" for word in token.words]
        counted = next((token.words[0] for token in header if token.kind == "arithmetic"), None)
        variable = words[0].value if words and counted is None else ""
        values = tuple(words[1:]) if any(token.value == "in" for token in header) else None
        selects, raw = self._tokens[first].value == "select", self._text[start:end]
        return _Placed(For(variable, values, self._body(node, depth), raw, redirects, counted, selects), start, end)

    def _case(self, node: tree_sitter.Node, depth: int) -> _Placed:
        start, end, redirects = self._extent(node)
        subject = self._tokens[self._first(node) + 1].words
        if not subject:
            return self._unreadable(node)
        arms = tuple(self._arm(child, depth) for child in node.children if child.type == "case_item")
        for child in node.children:
            if child.type == "ERROR":
                self._unreadable(child)
        return _Placed(Case(subject[0], arms, self._text[start:end], redirects), start, end)

    def _arm(self, node: tree_sitter.Node, depth: int) -> Arm:
        behind = next((index for index, child in enumerate(node.children) if child.type == ")"), 0)
        first, last = self._first(node), self._last(node)
        patterns: list[Word] = []
        for token in self._tokens[first : last + 1]:
            if token.kind == "pattern":
                patterns += token.words
            elif token.value == ")":
                break
        ended = node.children[-1].type in _ENDS_ARM
        body = node.children[behind + 1 : -1] if ended else node.children[behind + 1 :]
        return Arm(tuple(patterns), self.block(body, depth), node.children[-1].type if ended else ";;")

    def _group(self, node: tree_sitter.Node, depth: int) -> _Placed:
        start, end, redirects = self._extent(node)
        body = self.block(node.children, depth)
        return _Placed(Group(body, self._text[start:end], node.type == "subshell", redirects), start, end)

    def _function(self, node: tree_sitter.Node, depth: int) -> _Placed:
        first = self._first(node)
        name = next((token.words[0].value for token in self._tokens[first:] if token.words), "")
        body = self._command(node.named_children[-1], depth)
        start = self._tokens[first].start
        return _Placed(Function(name, body.statement, self._text[start : body.end]), start, body.end)


def _operands(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """The commands and operators of a list, in order; tree-sitter mistakes how tightly they bind."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node.type in ("list", "pipeline"):
            waiting += reversed(node.children)
        else:
            yield node
