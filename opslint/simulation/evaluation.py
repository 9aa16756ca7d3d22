"""Evaluate an expression as GitHub does; where it depends on unknown values, in every way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, TypeVar

from opslint.simulation.assumption import Assumptions, assume, assume_freely, assume_truth, settled
from opslint.simulation.function import FUNCTIONS, format_string
from opslint.simulation.value import (
    Array,
    Failure,
    Known,
    Object,
    Unknown,
    Value,
    equal,
    filtered,
    index,
    less,
    string,
    truthy,
    unknown,
    written,
)
from opslint.syntax.expression import Call, Comparison, Context, Expression, Index, Literal, Logical, Not

MAX_WAYS = 256  # in which one part of an expression may go

Values: TypeAlias = Iterator[tuple[Value, Assumptions]]
Truths: TypeAlias = Iterator[tuple[bool | Failure, Assumptions]]
_Way = TypeVar("_Way")


class Environment(Protocol):
    """Where a condition is evaluated."""

    def context(self, name: str) -> Value:
        """A whole context, by its name in lower case; an unknown if it is not known."""

    def status(self, function: str, jobs: tuple[str, ...]) -> Value:
        """What `success`, `failure` or `cancelled` says here."""


@dataclass(frozen=True, slots=True)
class Situation:
    """An environment as data: the contexts that are known and the status so far; all else is unknown."""

    contexts: Mapping[str, Value] = field(default_factory=dict)
    job: str | None = None  # `success`, `failure` or `cancelled`

    def context(self, name: str) -> Value:
        return self.contexts.get(name, unknown(name))

    def status(self, function: str, jobs: tuple[str, ...]) -> Value:
        if self.job is None or jobs:
            return Unknown(f"{function}({', '.join(map(written, jobs))})", (True, False))
        return function == self.job


class TooManyError(Exception):
    """An expression can go in more ways than we follow."""


def values(expression: Expression, environment: Environment, assumptions: Assumptions) -> Values:
    """What an expression can come to, each with the assumptions that it takes; never nothing."""
    match expression:
        case Literal(literal):
            yield literal, assumptions
        case Context(name):
            yield environment.context(name), assumptions
        case Index(base, None):
            for value, taken in values(base, environment, assumptions):
                yield (value if isinstance(value, Failure) else filtered(value)), taken
        case Index(base, key):
            assert key is not None
            for found, taken in _all((base, key), environment, assumptions):
                yield (found if isinstance(found, Failure) else index(found[0], settled(found[1], taken))), taken
        case Not(operand):
            for truth, taken in truths(operand, environment, assumptions):
                yield (truth if isinstance(truth, Failure) else not truth), taken
        case Logical(operator, operands):
            yield from _logical(operator == "||", operands, environment, assumptions)
        case Comparison(operator, left, right):
            for found, taken in _all((left, right), environment, assumptions):
                if isinstance(found, Failure):
                    yield found, taken
                else:
                    yield from _compare(operator, found[0], found[1], taken)
        case Call():
            yield from _call(expression, environment, assumptions)


def truths(expression: Expression, environment: Environment, assumptions: Assumptions) -> Truths:
    """Whether an expression is true, as `if:` takes it."""
    for value, taken in values(expression, environment, assumptions):
        yield from _truth(value, taken)


def _truth(value: Value, assumptions: Assumptions) -> Truths:
    if isinstance(value, Failure):
        yield value, assumptions
    elif isinstance(value, Unknown):
        yield from assume_truth(value, assumptions)
    else:
        yield truthy(value), assumptions


def _logical(decisive: bool, operands: Sequence[Expression], environment: Environment, given: Assumptions) -> Values:
    """The operand that decides, or the last. In a loop: there may be thousands."""
    ways = [given]
    for operand in operands[:-1]:
        undecided = []
        for way in ways:
            for value, taken in values(operand, environment, way):
                for truth, assumed in _truth(value, taken):
                    if truth is decisive or isinstance(truth, Failure):
                        yield value, assumed
                    else:
                        undecided.append(assumed)
        ways = _counted(undecided)
    for way in ways:
        yield from values(operands[-1], environment, way)


def _all(
    operands: Sequence[Expression], environment: Environment, given: Assumptions
) -> Iterator[tuple[tuple[Value, ...] | Failure, Assumptions]]:
    """The values of all operands, or the first failure among them."""
    ways: list[tuple[tuple[Value, ...], Assumptions]] = [((), given)]
    for operand in operands:
        longer = []
        for before, way in ways:
            for value, taken in values(operand, environment, way):
                if isinstance(value, Failure):
                    yield value, taken
                else:
                    longer.append(((*before, value), taken))
        ways = _counted(longer)
    yield from ways


def _counted(ways: list[_Way]) -> list[_Way]:
    if len(ways) > MAX_WAYS:
        raise TooManyError
    return ways


def _compare(operator: str, left: Value, right: Value, assumptions: Assumptions) -> Values:
    left, right = settled(left, assumptions), settled(right, assumptions)
    if not isinstance(left, Unknown | Failure) and not isinstance(right, Unknown | Failure):
        yield _compared(operator, left, right), assumptions
    elif operator not in ("==", "!="):
        yield from assume_freely(f"{written(left)} {operator} {written(right)}", assumptions)
    else:
        for truth, taken in _equal(left, right, assumptions):
            yield truth is (operator == "=="), taken


def _compared(operator: str, left: Known, right: Known) -> bool:
    match operator:
        case "==":
            return equal(left, right)
        case "!=":
            return not equal(left, right)
        case "<":
            return less(left, right)
        case "<=":
            return equal(left, right) or less(left, right)
        case ">":
            return less(right, left)
    return equal(left, right) or less(right, left)


def _equal(left: Value, right: Value, assumptions: Assumptions) -> Iterator[tuple[bool, Assumptions]]:
    if not isinstance(left, Unknown):
        left, right = right, left
    if isinstance(left, Unknown) and (right is None or isinstance(right, bool | float | str)):
        yield from assume(left, right, assumptions)
    else:
        yield from assume_freely(" == ".join(sorted((written(left), written(right)))), assumptions)


def _call(call: Call, environment: Environment, given: Assumptions) -> Values:
    for arguments, taken in _all(call.arguments, environment, given):
        if isinstance(arguments, Failure):
            yield arguments, taken
        elif call.name == "always":
            yield True, taken
        elif call.name in ("success", "failure", "cancelled"):
            jobs = tuple(each for each in arguments if isinstance(each, str))
            yield environment.status(call.name, jobs), taken
        else:
            if call.name != "fromjson":  # the one that minds the case of letters
                arguments = tuple(settled(argument, taken) for argument in arguments)
            yield from _applied(call.name, arguments, taken)


def _applied(name: str, arguments: tuple[Value, ...], assumptions: Assumptions) -> Values:
    key = f"{name}({', '.join(map(written, arguments))})"
    if name == "case":
        yield from _case(arguments, assumptions)
    elif name == "contains" and isinstance(arguments[0], Array):
        yield from _contains(arguments[0], arguments[1], assumptions)
    elif name == "format" and not isinstance(arguments[0], Unknown | Failure):
        result = format_string(string(arguments[0]), arguments[1:])
        if any(isinstance(argument, Unknown) for argument in arguments) and isinstance(result, str):
            # Some text is certain: whatever the rest may be, the whole is true.
            yield Unknown(key, text=True, truth=bool(result) or None), assumptions
        else:
            yield result, assumptions
    elif name not in FUNCTIONS or any(_is_unknown(argument) for argument in arguments):
        if name in ("contains", "startswith", "endswith"):
            yield from assume_freely(key, assumptions)
        else:
            yield Unknown(key, text=name != "fromjson", truth=True if name == "tojson" else None), assumptions
    else:
        yield FUNCTIONS[name](*arguments), assumptions


def _is_unknown(value: Value) -> bool:
    """Whether anything in a value is unknown."""
    if isinstance(value, Array):
        return any(_is_unknown(item) for item in value.items)
    if isinstance(value, Object):
        return value.rest is not None or any(_is_unknown(item) for item in value.entries.values())
    return isinstance(value, Unknown)


def _contains(array: Array, item: Value, assumptions: Assumptions) -> Values:
    for each in array.items:
        rest = None
        for truth, taken in _compare("==", each, item, assumptions):
            if truth:
                yield True, taken
            else:
                rest = taken
        if rest is None:
            return
        assumptions = rest
    yield False, assumptions


def _case(arguments: tuple[Value, ...], assumptions: Assumptions) -> Values:
    for predicate, result in zip(arguments[:-1:2], arguments[1::2], strict=True):
        if not isinstance(predicate, bool | Unknown):
            yield Failure("case predicate must evaluate to a boolean value"), assumptions
            return
        rest = None
        for truth, taken in _truth(predicate, assumptions):
            if truth:
                yield result, taken
            else:
                rest = taken
        if rest is None:
            return
        assumptions = rest
    yield arguments[-1], assumptions
