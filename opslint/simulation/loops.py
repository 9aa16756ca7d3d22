"""Loops of a shell: how often they go round, and what `break` and `continue` leave."""

from __future__ import annotations

from typing import Any

from opslint.simulation import arithmetic
from opslint.simulation.expansion import calculated, gone
from opslint.simulation.listed import turns
from opslint.simulation.process import is_fork
from opslint.simulation.shell import Guarded, guard
from opslint.simulation.state import NOTHING, Choice, Code, Leaving, Option, Question, State, Step, ask
from opslint.simulation.words import lacks, variables
from opslint.syntax.script import Word


class Repeated(Guarded):
    """What `while` and `for` have in common: `break` and `continue` end here. `saved` begins with the guard."""

    repeats = True

    def ended(self, state: State) -> State:
        """Behind the last turn: what failed in the outermost loop has failed for good."""
        return state if state.looping else state.failing(NOTHING)

    def again(self, state: State, saved: Any) -> Step:
        """Goes on after one turn."""
        raise NotImplementedError

    def leave(self, state: State, point: int, saved: Any) -> Step:
        state = self.unguard(state, saved[0])
        leaving = state.leaving
        if leaving is None or leaving.kind not in ("break", "continue"):
            return self.ended(state)
        if leaving.loops > 1:
            return self.ended(state.leave(leaving._replace(loops=leaving.loops - 1)))
        state = state.leave(None)
        return self.ended(state) if leaving.kind == "break" else self.again(state, self.turned(state, saved))

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
            return self.ended(state.shelled(status=last))
        return state.push(self, 2, saved).push(self.body)

    def turned(self, state: State, saved: Any) -> Any:
        return saved[0], state.shell.status

    def again(self, state: State, saved: Any) -> Step:
        asked = [question for question in state.world.assumptions if question in self.condition.reads]
        for question in asked:
            state = state.forget(question.names | {question.text})
        return guard(state.push(self, 1, saved)).push(self.condition)


class For(Repeated):
    """`for x in words`: once for each that is written, else as often as you like.

    `saved`: the guard, what is still to come, and whether a turn is over. To come are the words where each is known;
    else a number of turns that are certain, behind which it may end at any time: so equal states are met, and what
    a range of 30 does is done in one turn as well.
    """

    def __init__(self, variable: str, words: tuple[Word, ...] | None, body: Code) -> None:
        self.variable, self.words, self.body = variable, words, body
        self.made_of(body)
        self.reads |= frozenset().union(*(variables(word) for word in words or ()))
        self.varies = frozenset({variable})

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point:
            return self.again(state, self.turned(state, saved))
        if any(lacks(word, state.shell) for word in self.words or ()):
            return gone(state)
        return self.again(state, (state.shell.guarded, turns(self.words, state.shell), False))

    def turned(self, state: State, saved: Any) -> Any:
        return saved[0], saved[1], True

    def again(self, state: State, saved: Any) -> Step:
        guarded, left, turned = saved
        done = self.ended(state if turned else state.shelled(status=0))
        if isinstance(left, tuple):
            return self._turn(state, left[0], (guarded, left[1:], turned)) if left else done
        if left:
            return self._turn(state, None, (guarded, left - 1, turned))
        return Choice((Option(done), Option(self._turn(state, None, saved))))

    def _turn(self, state: State, word: str | None, saved: Any) -> State:
        return state.assign(self.variable, word).push(self, 1, saved).push(self.body)


class Counted(Repeated):
    """`for ((i = 0; i < 3; i++))`. `saved`: the guard, and the status of the last turn.

    Where the number of turns is not known, or great, its condition is a question that is asked anew at each.
    """

    def __init__(self, sections: tuple[str, str, str], question: Question, body: Code) -> None:
        self.first, self.condition, self.after = sections
        self.question, self.body = question, body
        self.made_of(body)
        self.reads |= {question, *question.names}
        self.varies = arithmetic.assigns(self.after)

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point == 0:
            state = self._calculated(state.push(self), self.first)
            state = state._replace(stack=state.stack.rest if state.stack else None)
            return self.again(state, (state.shell.guarded, 0), False)
        return self.again(state, self.turned(state, saved))

    def turned(self, state: State, saved: Any) -> Any:
        return saved[0], state.shell.status

    def again(self, state: State, saved: Any, counted: bool = True) -> Step:
        state = state.push(self, 1, saved)
        if counted:
            state = self._calculated(state, self.after)
        found = arithmetic.Number(1)
        if self.condition.strip():
            state, found = calculated(state, self.condition)
        if found.truth is None:
            asked = state.forget(self.question.names | {self.question.text})
            return ask(asked, self.question, self._turn, self._done)
        return self._turn(state) if found.truth else self._done(state)

    def _calculated(self, state: State, text: str) -> State:
        return calculated(state, text)[0] if text.strip() else state

    def _turn(self, state: State) -> State:
        return state.push(self.body)

    def _done(self, state: State) -> State:
        assert state.stack is not None
        return self.ended(state._replace(stack=state.stack.rest).shelled(status=state.stack.saved[1]))


def loops(state: State) -> int:
    """How many loops `break` and `continue` can leave; a subshell of dash remembers those around it."""
    found, stack = 0, state.stack
    forgets = state.shell.dialect == "bash"
    while stack is not None and not (stack.code.encloses and (forgets or not is_fork(stack.code))):
        found += isinstance(stack.code, Repeated)
        stack = stack.rest
    return found


def leave_loops(state: State, kind: str, count: int) -> State:
    """`break n` and `continue n`; outside every loop they do nothing but succeed."""
    running = loops(state)
    if not running:
        return state.shelled(status=0)
    return state.shelled(status=0).leave(Leaving("break" if kind == "break" else "continue", min(count, running)))
