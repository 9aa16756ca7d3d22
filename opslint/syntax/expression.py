"""What is written between `${{` and `}}`, and in an `if:`: GitHub's expression language."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias
from typing import Literal as Word

from opslint.finding import Problem
from opslint.source import Text
from opslint.syntax.expression_token import RefusedError, parse_number, tokens

if TYPE_CHECKING:
    from lark import Lark, Tree

MAX_LENGTH = 21_000  # characters, and
MAX_DEPTH = 50  # nodes above one another (actions/runner, ExpressionConstants.cs); parentheses are no nodes

# Built-in functions with the fewest and most arguments they take (actions/expressions, funcs.js).
FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "case": (3, MAX_LENGTH),
    "contains": (2, 2),
    "endswith": (2, 2),
    "format": (1, 255),
    "fromjson": (1, 1),
    "join": (1, 2),
    "startswith": (2, 2),
    "tojson": (1, 1),
}
STATUS_FUNCTIONS = frozenset({"success", "failure", "cancelled", "always"})

# What the `if:` of a job and of a step may read and call (`job-if` and `step-if` of the published workflow schema).
JOB_CONTEXTS = frozenset({"github", "inputs", "vars", "needs"})
JOB_FUNCTIONS = {"always": (0, 0), "cancelled": (0, 0), "failure": (0, MAX_LENGTH), "success": (0, MAX_LENGTH)}
STEP_CONTEXTS = JOB_CONTEXTS | {"strategy", "matrix", "steps", "job", "runner", "env"}
STEP_FUNCTIONS = dict.fromkeys(STATUS_FUNCTIONS, (0, 0)) | {"hashfiles": (1, 255)}


@dataclass(frozen=True, slots=True)
class Literal:
    value: bool | float | str | None
    text: Text = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Context:
    """A context, `github`; its name in lower case, for GitHub does not mind."""

    name: str
    text: Text = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Index:
    """`base.name`, `base['name']`, `base[0]`; `base.*` and `base[*]` have no key."""

    base: Expression
    key: Expression | None
    text: Text = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; its name in lower case."""

    name: str
    arguments: tuple[Expression, ...]
    text: Text = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression
    text: Text = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: Word["==", "!=", "<", "<=", ">", ">="]
    left: Expression
    right: Expression
    text: Text = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Logical:
    """Two or more operands of one operator: it is evaluated up to the operand that decides, which is the result."""

    operator: Word["&&", "||"]
    operands: tuple[Expression, ...]
    text: Text = field(compare=False, repr=False)


Expression: TypeAlias = Literal | Context | Index | Call | Not | Comparison | Logical


def children(expression: Expression) -> tuple[Expression, ...]:
    """The expressions directly below one, in the order they were written."""
    match expression:
        case Index(base, key):
            return (base,) if key is None else (base, key)
        case Call(_, arguments):
            return arguments
        case Not(operand):
            return (operand,)
        case Comparison(_, left, right):
            return left, right
        case Logical(_, operands):
            return operands
    return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and all below it, the outer ones first."""
    yield expression
    for child in children(expression):
        yield from walk(child)


def parse(
    text: Text, contexts: Collection[str] | None = None, functions: Mapping[str, tuple[int, int]] | None = None
) -> Expression | Problem:
    """Read one expression, or tell in GitHub's words what it refuses, at the very token.

    `contexts` and `functions` (lower case; beside the built-in ones) are what may be named here; any where None.
    Follows the runner's own reader (actions/runner, Expressions/) in the few places where its published
    JavaScript twin is more lenient (`f(a,)`, `0X1`) or wrong (`'a''b''c'`).
    """
    try:
        if len(text) > MAX_LENGTH:
            raise RefusedError(text, f"Exceeded max expression length {MAX_LENGTH}")
        reader = _Reader(text, contexts, functions)
        path = _PATH.fullmatch(text.value)
        return reader.path(path) if path else reader.node(_tree(text), 1)
    except RefusedError as refused:
        return Problem(refused.text.span, refused.message)


# A context and a few names, no word that is a value; short enough to be no matter of depth.
_PATH = re.compile(
    r"[ \t]*(?P<path>(?!(?i:null|true|false|nan|infinity)\b)[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*){1,8})[ \t]*", re.ASCII
)


@cache
def _grammar() -> Lark:
    from lark import Lark

    grammar = (files("opslint.syntax") / "expression.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", start="expression", propagate_positions=True, maybe_placeholders=False)


def _tree(text: Text) -> Tree[str]:
    from lark import Token, UnexpectedInput

    parser = _grammar().parse_interactive()
    token = None
    for token in tokens(text):
        value = text.value[token.start : token.end]
        try:
            parser.feed_token(Token(token.kind, value, start_pos=token.start, end_pos=token.end))
        except UnexpectedInput:
            raise RefusedError(text[token.start : token.end], f"Unexpected symbol: '{value}'") from None
    if token is None:
        raise RefusedError(text, "An expression was expected")
    try:
        tree: Tree[str] = parser.feed_eof()  # type: ignore[no-untyped-call]
    except UnexpectedInput:
        last = text[token.start : token.end]
        raise RefusedError(last, f"Unexpected end of expression: '{last}'") from None
    return tree


@dataclass(frozen=True, slots=True)
class _Reader:
    text: Text
    contexts: Collection[str] | None
    functions: Mapping[str, tuple[int, int]] | None

    def node(self, tree: Tree[str], depth: int) -> Expression:
        while tree.data == "group":  # in a loop: parentheses may be nested by the thousand
            tree = _trees(tree)[0]
        text = self.text[tree.meta.start_pos : tree.meta.end_pos]
        if depth > MAX_DEPTH:
            raise RefusedError(text, f"Exceeded max expression depth {MAX_DEPTH}")
        below = tuple(self.node(child, depth + 1) for child in _trees(tree))
        words = [str(child) for child in tree.children if isinstance(child, str)]
        match tree.data:
            case "literal":
                return Literal(_literal(words[0]), text)
            case "context":
                return self._context(words[0], text)
            case "call":
                return self._call(words[0], below, text)
            case "negation":
                return Not(below[0], text)
            case "comparison":
                return Comparison(words[0], below[0], below[1], text)  # type: ignore[arg-type]
            case "all" | "any":
                return Logical("&&" if tree.data == "all" else "||", below, text)
            case "property":
                return Index(below[0], Literal(words[0], text[len(text) - len(words[0]) :]), text)
        return Index(below[0], below[1] if tree.data == "index" else None, text)

    def path(self, match: re.Match[str]) -> Expression:
        """`secrets.SSH_KEY`, as most expressions are, without waking the grammar."""
        start = match.start("path")
        first, *names = match["path"].split(".")
        end = start + len(first)
        found: Expression = self._context(first, self.text[start:end])
        for name in names:
            end += 1 + len(name)
            found = Index(found, Literal(name, self.text[end - len(name) : end]), self.text[start:end])
        return found

    def _context(self, name: str, text: Text) -> Context:
        if self.contexts is not None and name.lower() not in self.contexts:
            raise RefusedError(text, f"Unrecognized named-value: '{name}'")
        return Context(name.lower(), text)

    def _call(self, name: str, arguments: tuple[Expression, ...], text: Text) -> Call:
        fewest, most = FUNCTIONS.get(name.lower(), (self.functions or {}).get(name.lower(), (-1, -1)))
        reason = ""
        if fewest < 0:
            reason = "Unrecognized function" if self.functions is not None else ""
        elif len(arguments) < fewest:
            reason = "Too few parameters supplied"
        elif len(arguments) > most:
            reason = "Too many parameters supplied"
        elif name.lower() == "case" and len(arguments) % 2 == 0:
            reason = "Even number of parameters supplied, requires an odd number of parameters"
        if reason:
            raise RefusedError(text[: len(name)], f"{reason}: '{name}'")
        return Call(name.lower(), arguments, text)


def _trees(tree: Tree[str]) -> list[Tree[str]]:
    return [child for child in tree.children if not isinstance(child, str)]


def _literal(word: str) -> bool | float | str | None:
    if word.startswith("'"):
        return word[1:-1].replace("''", "'")
    words = {"null": None, "true": True, "false": False, "NaN": float("nan")}
    return words[word] if word in words else parse_number(word)


@dataclass(frozen=True, slots=True)
class Embedded:
    """One `${{ ... }}`. Without an end it has a problem, and reaches to the end of its text."""

    text: Text  # with its fence
    inner: Text  # without, and without the blanks around
    problem: Problem | None = None


def embedded(text: Text) -> tuple[Embedded, ...]:
    """Every `${{ ... }}` of a scalar, in order; `}}` in a string of the expression does not end it."""
    found: list[Embedded] = []
    end = 0
    while (start := text.value.find("${{", end)) >= 0:
        end = _fence_end(text.value, start)
        if not end:
            whole = text[start:]
            message = "The expression is not closed. An unescaped ${{ sequence was found, but the closing }} was not"
            return (*found, Embedded(whole, whole[3:].strip(), Problem(whole.span, message)))
        whole, inner = text[start:end], text[start + 3 : end - 2].strip()
        problem = None if inner.value else Problem(whole.span, "An expression was expected")
        found.append(Embedded(whole, inner, problem))
    return tuple(found)


def _fence_end(value: str, start: int) -> int:
    quoted = False
    for offset in range(start + 3, len(value)):
        if value[offset] == "'":
            quoted = not quoted
        elif not quoted and value[offset - 1 : offset + 1] == "}}":
            return offset + 1
    return 0
