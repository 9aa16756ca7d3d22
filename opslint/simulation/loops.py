"""Loops of a shell: how often they go round, and what `break` and `continue` leave."""

from __future__ import annotations

from typing import Any

from opslint.simulation.shell import Guarded, guard
from opslint.simulation.state import Choice, Code, Leaving, Option, State, Step
from opslint.simulation.words import value
from opslint.syntax.script import Word


class Repeated(Guarded):
    """What `while` and `for` have in common: `break` and `continue` end here. `saved` begins with the guard."""

    def again(self, state: State, saved: Any) -> Step:
        """Goes on after one turn."""
        raise NotImplementedError

    def leave(self, state: State, point: int, saved: Any) -> Step:
        state = self.unguard(state, saved[0])
        leaving = state.leaving
        if leaving is None or leaving.kind not in ("break", "continue"):
            return state
        if leaving.loops > 1:
            return state.leave(leaving._replace(loops=leaving.loops - 1))
        state = state.leave(None)
        return state if leaving.kind == "break" else self.again(state, self.turned(state, saved))

    def turned(self, state: State, saved: Any) -> Any:
        """What is saved after a turn."""
        raise NotImplementedError


class While(Repeated):
    """`while` and `until`. `saved`: the guard, and the status of the last turn.

    What its condition asks is asked anew at every turn: the world has moved on. That a loop goes round for ever
    without anything new is no course: the state was visited before.
    """

    def __init__(self, condition: Code, body: Code, until: bool) -> None:
        self.condition, self.body, self.until = condition, body, until
        self.made_of(condition, body)

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point == 0:
            return self.again(state, (state.shell.guarded, 0))
        guarded, last = saved
        if point == 2:
            return self.again(state, self.turned(state, saved))
        state = self.unguard(state, guarded)
        if (state.shell.status == 0) == self.until:
            return state.shelled(status=last)
        return state.push(self, 2, saved).push(self.body)

    def turned(self, state: State, saved: Any) -> Any:
        return saved[0], state.shell.status

    def again(self, state: State, saved: Any) -> Step:
        asked = [question for question in state.world.assumptions if question in self.condition.reads]
        for question in asked:
            state = state.forget(question.names | {question.text})
        return guard(state.push(self, 1, saved)).push(self.condition)


class For(Repeated):
    """`for x in words`: as often as the words say where they are known, else as often as you like."""

    def __init__(self, variable: str, words: tuple[Word, ...] | None, body: Code) -> None:
        self.variable, self.words, self.body = variable, words, body
        self.made_of(body)
        self.reads |= {part.name for word in words or () for part in word.parts}

    def _values(self, state: State) -> tuple[str, ...] | None:
        found: list[str] = []
        for word in self.words or ():
            known = value(word, state.shell)
            if known is None:
                return None
            whole = all(part.quoted or part.kind == "literal" for part in word.parts)
            found.extend([known] if whole else known.split())
        return None if self.words is None else tuple(found)

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point == 0:
            return self.again(state, (state.shell.guarded, self._values(state), False))
        return self.again(state, self.turned(state, saved))

    def turned(self, state: State, saved: Any) -> Any:
        return saved[0], saved[1], True

    def again(self, state: State, saved: Any) -> Step:
        guarded, values, turned = saved
        done = state if turned else state.shelled(status=0)
        if values is not None:
            return self._turn(state, values[0], (guarded, values[1:], turned)) if values else done
        return Choice((Option(done), Option(self._turn(state.forget({self.variable}), None, saved))))

    def _turn(self, state: State, word: str | None, saved: Any) -> State:
        state = state.shelled(variables=state.shell.variables.put(self.variable, word))
        return state.push(self, 1, saved).push(self.body)


def loops(state: State) -> int:
    """How many loops of this process are running: what `break` and `continue` can leave."""
    found, stack = 0, state.stack
    while stack is not None and not stack.code.encloses:
        found += isinstance(stack.code, Repeated)
        stack = stack.rest
    return found


def leave_loops(state: State, kind: str, count: int) -> State:
    """`break n` and `continue n`; outside every loop they do nothing but succeed."""
    running = loops(state)
    if not running:
        return state.shelled(status=0)
    return state.shelled(status=0).leave(Leaving("break" if kind == "break" else "continue", min(count, running)))
