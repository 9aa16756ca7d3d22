"""What a course assumes of unknown values, and what follows from it.

An assumption is an expression in its normal form and whether it is true: `github.ref == 'refs/heads/main'`, or a bare
`inputs.force` for the truth of a value. What two of them say of the same value must fit together. To see that, we hold
a few values against them that stand for all there are: those that are named, and one of every other kind.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias

from opslint.simulation.value import Scalar, Unknown, Value, equal, folded, number, number_string, truthy, written
from opslint.source import Source
from opslint.syntax.expression import Literal, parse

Assumptions: TypeAlias = Mapping[str, bool]

_OTHER_TEXT = "\x00another text"
_EQUALS = " == "
_CERTAIN = re.compile(r"[^*\[]+")


def assume(unknown: Unknown, literal: Scalar, assumptions: Assumptions) -> Iterator[tuple[bool, Assumptions]]:
    """Whether an unknown equals a literal: each answer that fits, with the assumptions it takes."""
    key = f"{unknown.key}{_EQUALS}{written(literal)}"
    answers = {equal(value, literal) for value in _possible(unknown, assumptions, literal)}
    yield from _taken(key, answers, assumptions)


def assume_truth(unknown: Unknown, assumptions: Assumptions) -> Iterator[tuple[bool, Assumptions]]:
    """Whether an unknown is true, as `if:` takes it."""
    if unknown.truth is not None:
        yield unknown.truth, assumptions
    else:
        answers = {truthy(value) for value in _possible(unknown, assumptions)}
        yield from _taken(unknown.key, answers, assumptions)


def assume_freely(key: str, assumptions: Assumptions) -> Iterator[tuple[bool, Assumptions]]:
    """Whether an atom is true of which we know no more than its name."""
    yield from _taken(key, {True, False}, assumptions)


def settled(value: Value, assumptions: Assumptions) -> Value:
    """The value an unknown must have, but for the case of its letters, if the assumptions leave one alone."""
    if not isinstance(value, Unknown):
        return value
    if not value.domain and not any(_is_text(_literal(key, value.key)) for key, holds in assumptions.items() if holds):
        return value
    left = _possible(value, assumptions)
    return left[0] if len(left) == 1 else value


def still_needed(assumptions: Assumptions, reads: Iterable[str]) -> Assumptions:
    """The assumptions that speak of one of these paths or atoms: what a later condition may depend on."""
    paths = tuple(reads)
    return {key: holds for key, holds in assumptions.items() if any(_speaks_of(key, path) for path in paths)}


def _speaks_of(key: str, path: str) -> bool:
    certain = _CERTAIN.match(path)  # what stands behind `.*` or `[...]` may be any of its members
    return (certain is not None and certain[0] in key) or key.partition(_EQUALS)[0] in path


def _taken(key: str, answers: set[bool], assumptions: Assumptions) -> Iterator[tuple[bool, Assumptions]]:
    """The answers there can be. One that was given, or follows from what was, is no new assumption."""
    if key in assumptions:
        yield assumptions[key], assumptions
    elif len(answers) == 1:
        yield next(iter(answers)), assumptions
    else:
        yield True, {**assumptions, key: True}
        yield False, {**assumptions, key: False}


def _possible(unknown: Unknown, assumptions: Assumptions, *literals: Scalar) -> list[Scalar]:
    """Of the values that stand for all an unknown can be, those the assumptions leave.

    All of them if the assumptions leave none: they were made of something else under the same name.
    """
    facts = [(literal.value, holds) for key, holds in assumptions.items() if (literal := _literal(key, unknown.key))]
    truth = assumptions.get(unknown.key, unknown.truth)
    candidates = unknown.domain or _candidates(unknown.text, [*literals, *(literal for literal, _ in facts)])
    return [
        value
        for value in candidates
        if all(equal(value, literal) is holds for literal, holds in facts) and truth in (None, truthy(value))
    ] or list(candidates)


def _candidates(text: bool, literals: Iterable[Scalar]) -> list[Scalar]:
    """One value of every kind that comparing with these literals, or asking for truth, can tell apart."""
    named = list(literals)
    numbers = {number(literal) for literal in named if not math.isnan(number(literal))}
    strings = {folded(each): each for each in ("", _OTHER_TEXT, *named) if isinstance(each, str)}
    # The same number in other letters, unlike all those named: ` 1` equals 1 and differs from '1'.
    blanks = " " * (1 + max(map(len, strings)))
    padded = [blanks + (number_string(each) if math.isinf(each) else repr(each)) for each in sorted(numbers)]
    texts: list[Scalar] = [None, *strings.values(), *padded]
    if text:
        return texts
    other = math.pi + max((abs(each) for each in numbers if not math.isinf(each)), default=0.0)
    return [*texts, True, False, 0.0, 1.0, math.nan, other, *sorted(numbers - {0.0, 1.0})]


@lru_cache(maxsize=4096)
def _literal(key: str, subject: str) -> Literal | None:
    """The literal that an assumption compares this subject with; None if it is about anything else."""
    if not key.startswith(subject + _EQUALS):
        return None
    expression = parse(Source("", key[len(subject) + len(_EQUALS) :]).text)
    return expression if isinstance(expression, Literal) else None


def _is_text(literal: Literal | None) -> bool:
    # Nothing but the same letters equals a text that is no number; many texts equal a number.
    return literal is not None and isinstance(literal.value, str)
