"""Expansions that change the course: `${X:?}` ends the shell, `((i++))` counts and answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opslint.simulation.arithmetic import Number, assigns, evaluate, inner
from opslint.simulation.process import settle
from opslint.simulation.state import Choice, Happening, Leaving, Option, Pause, State, Step
from opslint.simulation.words import lacks, value
from opslint.syntax.script import Simple, Word

if TYPE_CHECKING:
    from opslint.simulation.command import Command

_ENDED = {"bash": 1, "sh": 2}  # the status of a shell that a failing expansion ends


def words(simple: Simple) -> Iterator[Word]:
    """The words that the shell itself expands, before the command is begun."""
    yield from simple.words
    yield from (assignment.value for assignment in simple.assignments if assignment.value is not None)
    yield from (redirect.target for redirect in simple.redirects if redirect.target is not None)


def lacking(command: Command, state: State) -> Step | None:
    """How the shell goes on where a word demands a value that may be missing; None where nothing is lacking."""
    simple, shell = command.simple, state.shell
    found = [lacks(word, shell) for word in words(simple)]
    given = (redirect.body or redirect.target for redirect in simple.redirects if redirect.operator.startswith("<<"))
    unsure = any(lacks(word, shell) for word in given if word is not None)
    if unsure or (True in found and command.substitutions):  # only the command fails; or in what order they come
        return Choice((Option(state.shelled(status=0), unseen=command.span),))
    if True in found:
        return gone(state)
    if None not in found:
        return None
    why = "a variable that it demands is not set"
    told = Happening(command.span, command.text, "failed", command.act, done=False, because=why, remote=command.remote)
    return Choice((Option(state.push(command, len(command.substitutions) + 1)), Option(gone(state), told, "failure")))


def gone(state: State) -> State:
    """The shell ends, in a condition, too; its EXIT trap runs."""
    return state.shelled(status=_ENDED[state.shell.dialect]).leave(Leaving("exit"))


def arithmetic_of(simple: Simple) -> tuple[str, ...]:
    """The expressions of `(( ))` or `let`; none where it is neither."""
    if not simple.words:
        return ()
    first, *rest = simple.words
    if first.parts and first.parts[0].kind == "arithmetic" and first.value == "((":
        return (inner(first.raw.value),) if all(part.script is None for part in first.parts) else ()
    return tuple(word.value for word in rest) if first.value == "let" and all(w.is_literal for w in rest) else ()


def counted(simple: Simple) -> frozenset[str]:
    """The variables that `$((i++))` in its words sets."""
    parts = (part for word in words(simple) for part in word.parts if part.kind == "arithmetic")
    if arithmetic_of(simple):
        return frozenset()
    return frozenset().union(*(assigns(inner(part.text.value)) for part in parts))


def assigned(word: Word | None, state: State) -> str | None:
    """What a variable is set to; a counter in a loop grows to `MANY` and no further."""
    counts = word is not None and any(part.kind == "arithmetic" for part in word.parts)
    if word is None or not counts or not state.looping:
        return value(word, state.shell)
    only = word.parts[0] if len(word.parts) == 1 and word.parts[0].script is None else None
    text = inner(only.text.value) if only is not None else ""
    return evaluate(text, state.shell.variables.get, counting=True).text if only and not assigns(text) else None


def calculated(state: State, text: str) -> tuple[State, Number]:
    """An expression with what it sets."""
    found = evaluate(text, state.shell.variables.get, counting=state.looping)
    for name, known in found.assigned:
        state = state.assign(name, known)
    return state, found


def count(command: Command, state: State) -> Step:
    """`(( ))` and `let`: true where the last number is not 0."""
    found = Number(None)
    for text in command.arithmetic:
        state, found = calculated(state, text)
    if found.truth is not None:
        return settle(state, 0 if found.truth else 1)
    return Pause(state, command, (None,), command.text, None, command.question, command.kind)
