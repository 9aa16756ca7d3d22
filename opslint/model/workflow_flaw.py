"""What GitHub would refuse of a workflow: a flaw, and the words in which it is told."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from opslint.finding import Note, Problem
from opslint.model.workflow_schema import Arities
from opslint.source import Span
from opslint.syntax.expression import FUNCTIONS, STATUS_FUNCTIONS
from opslint.syntax.schema import did_you_mean

_CONTEXTS = frozenset("env github inputs job jobs matrix needs runner secrets steps strategy vars".split())
_FUNCTIONS = frozenset(FUNCTIONS) | STATUS_FUNCTIONS | {"hashfiles"}
_SPELT = {name.lower(): name for name in ("endsWith", "fromJSON", "hashFiles", "startsWith", "toJSON")}
_QUOTED = re.compile(r"'(.*)'$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Flaw:
    span: Span
    message: str
    notes: tuple[Note, ...] = ()
    only_warned: bool = False  # GitHub goes on, and says so in the run's annotations


def first_line(span: Span) -> Span:
    """What is wrong as a whole is pointed at by its first line."""
    return Span(span.source, span.start, span.start + len(span.written.split("\n", 1)[0].rstrip("\r")))


def short(text: str) -> str:
    """A text as it can be quoted: its first line, cut where it is long."""
    line = text.strip().split("\n", 1)[0]
    return line if len(line) <= 60 and line == text.strip() else line[:59] + "…"


def likely(found: str, allowed: Collection[str]) -> str:
    """` (did you mean `x`?)`, first of all where only the case of letters is wrong."""
    same = next((name for name in allowed if name.lower() == found.lower()), None)
    return f" (did you mean `{same}`?)" if same is not None and same != found else did_you_mean(found, allowed)


def joined(names: Collection[str], conjunction: str = "and") -> str:
    """`a`, `b` and `c`"""
    quoted = [f"`{name}`" for name in names]
    return f" {conjunction} ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1] if quoted else "")))


def refused(problem: Problem, where: str, contexts: Collection[str], functions: Arities) -> Flaw:
    """What the reader of expressions refuses, told with what would be allowed where it stands."""
    reason, _, _ = problem.message.partition(":")
    quoted = _QUOTED.search(problem.message)
    name = quoted[1] if quoted else ""
    match reason:
        case "Unrecognized named-value":
            message = _no_context(name, where, contexts, functions)
        case "Unrecognized function":
            message = _no_function(name, where, functions)
        case "Too few parameters supplied" | "Too many parameters supplied":
            message = f"`{name}` is given too {reason.split()[1]} arguments"
        case "Unexpected symbol":
            message = f"`{short(name)}` is not allowed in an expression{_hint(name)}"
        case "Unexpected end of expression":
            message = f"the expression ends after `{short(name)}`, where more is expected"
        case "An expression was expected":
            message = "`${{ }}` holds no expression"
        case _ if reason.startswith("Even number"):
            message = "`case` needs an odd number of arguments: pairs, and what is left over"
        case _ if reason.startswith("The expression is not closed"):
            message = "`${{` is not closed by `}}`"
        case _:
            message = reason[:1].lower() + reason[1:]
    span = problem.span if problem.span.end > problem.span.start else first_line(problem.span)
    return Flaw(first_line(span), message)


def _no_context(name: str, where: str, contexts: Collection[str], functions: Arities) -> str:
    lower = name.lower()
    if lower in functions or (lower in _FUNCTIONS and lower not in _CONTEXTS):
        return f"`{name}` is a function: write `{name}()`"
    if lower in _CONTEXTS:
        there = f"there are {joined(sorted(contexts))}" if contexts else "no context is"
        return f"the context `{name}` is not available in {where}; {there}"
    hint = likely(name, [*contexts, "true", "false"])
    return f"`{name}` is no context{hint or '; a text needs single quotes'}"


def _no_function(name: str, where: str, functions: Arities) -> str:
    if name.lower() in _FUNCTIONS:
        return f"`{name}()` cannot be called in {where}"
    known = [_SPELT.get(each, each) for each in sorted({*FUNCTIONS, *functions})]
    return f"there is no function `{name}()`{likely(name, known)}"


def _hint(symbol: str) -> str:
    if symbol.startswith('"'):
        return ": texts have single quotes"
    if symbol == "=":
        return ": equal is `==`"
    return ""
