"""When a condition is true: every truth it can have, with the assumptions that each takes."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from opslint.simulation.assumption import Assumptions
from opslint.simulation.evaluation import MAX_WAYS, Environment, Situation, TooManyError, truths, values
from opslint.simulation.value import Failure, Unknown, Value, written
from opslint.syntax.condition import Condition
from opslint.syntax.expression import (
    STATUS_FUNCTIONS,
    Call,
    Comparison,
    Context,
    Expression,
    Index,
    Literal,
    Logical,
    Not,
    walk,
)


class Decision(NamedTuple):
    """One way a condition can be decided."""

    truth: bool
    assumptions: Assumptions
    error: str = ""  # why it cannot be evaluated: the step fails then, `continue-on-error` or not (facts S8)


def decide(
    condition: Condition | Expression, environment: Environment, assumptions: Assumptions | None = None
) -> list[Decision]:
    """All the truths a condition can have, each with the assumptions that it takes beyond those given.

    An assumption given earlier holds, and what follows from it: where `github.ref == 'refs/heads/main'`,
    neither `github.ref == 'refs/heads/next'` nor `startsWith(github.ref, 'refs/tags/')` is asked anew.
    A condition that can go in more than 256 ways is both true and false, without assumptions.
    """
    given: Assumptions = assumptions or {}
    try:
        found = list(islice(truths(_expression(condition), environment, given), MAX_WAYS + 1))
        if len(found) > MAX_WAYS:
            raise TooManyError
    except TooManyError:
        return [Decision(True, given), Decision(False, given)]
    return [
        Decision(False, taken, truth.message) if isinstance(truth, Failure) else Decision(truth, taken)
        for truth, taken in found
    ]


def evaluate(expression: Expression, environment: Environment) -> Value:
    """What an expression comes to: a known value, or an unknown that is named as the expression reads."""
    try:
        found = [value for value, _ in islice(values(expression, environment, {}), MAX_WAYS + 1)]
    except TooManyError:
        return Unknown(normal(expression))
    first = found[0]
    certain = isinstance(first, Unknown | bool | float | str | None) and all(_same(first, each) for each in found)
    return first if len(found) == 1 or certain else Unknown(normal(expression))


def _same(one: Value, other: Value) -> bool:
    return type(one) is type(other) and one == other


def atoms(condition: Condition | Expression) -> frozenset[str]:
    """All that a condition may ask of a run, in the words of its assumptions, and the paths it reads.

    `github.ref == 'refs/heads/main'`, `steps.migrate.outcome`, `failure()`: what must not be forgotten before the
    condition is evaluated; `still_needed(assumptions, atoms(condition))` tells which assumptions these are.
    """
    expression = _expression(condition)
    asked = (
        node
        for node in walk(expression)
        if isinstance(node, Comparison) or (isinstance(node, Call) and node.name in STATUS_FUNCTIONS - {"always"})
    )
    return reads(expression) | {normal(node) for node in asked}


def reads(condition: Condition | Expression) -> frozenset[str]:
    """The paths of contexts that a condition reads: `steps.migrate.outcome`, `needs.*.result`, `github.ref`."""
    expression = _expression(condition)
    longer = {id(node.base) for node in walk(expression) if isinstance(node, Index)}
    paths = (node for node in walk(expression) if isinstance(node, Context | Index) and id(node) not in longer)
    return frozenset(normal(path) for path in paths)


def normal(expression: Expression) -> str:
    """An expression in the form by which assumptions are named: names in lower case, `!=` as `==`."""
    match expression:
        case Literal(value):
            return written(value)
        case Context() | Index(_, None | Literal()):
            return written(next(values(expression, Situation(), {}))[0])
        case Index(base, key):
            return f"{normal(base)}[{normal(key) if key else '*'}]"
        case Call(name, arguments):
            return f"{name}({', '.join(map(normal, arguments))})"
        case Not(operand):
            return f"!{normal(operand)}"
        case Comparison(operator, left, right):
            return _compared(operator, left, right)
        case Logical(operator, operands):
            return "(" + f" {operator} ".join(map(normal, operands)) + ")"


def _compared(operator: str, left: Expression, right: Expression) -> str:
    if operator not in ("==", "!="):
        return f"{normal(left)} {operator} {normal(right)}"
    if isinstance(right, Literal):
        return f"{normal(left)} == {normal(right)}"
    if isinstance(left, Literal):
        return f"{normal(right)} == {normal(left)}"
    return " == ".join(sorted((normal(left), normal(right))))


def _expression(condition: Condition | Expression) -> Expression:
    return condition.expression if isinstance(condition, Condition) else condition
