"""Shell statements: how control goes through sequences, conditions, pipelines and processes."""

from __future__ import annotations

import fnmatch
from collections.abc import Hashable
from typing import Any

from opslint.simulation.process import Process, settle
from opslint.simulation.state import NOTHING, Choice, Code, Option, Question, State, Step, ask
from opslint.simulation.words import piped, value
from opslint.source import Span
from opslint.syntax.script import Word


def guard(state: State) -> State:
    """`-e` and the ERR trap go to sleep."""
    return state if state.shell.guarded else state.shelled(guarded=True)


class Sequence(Code):
    """One after the other. Remembers what each tail of it reads, so that what is behind is soon forgotten."""

    def __init__(self, items: tuple[Code, ...]) -> None:
        self.items = self.parts = items
        reads: frozenset[Hashable] = frozenset()
        acts: frozenset[str] = frozenset()
        self._live, self._ahead = [reads], [acts]
        for item in reversed(items):
            reads = reads if item.reads <= reads else reads | item.reads
            acts = acts if item.acts <= acts else acts | item.acts
            self._live.append(reads)
            self._ahead.append(acts)
        self._live.reverse()
        self._ahead.reverse()
        self.reads, self.acts = reads, acts
        self.kept = frozenset().union(*(item.kept for item in items))

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point == len(self.items):
            return state
        if point + 1 < len(self.items):
            state = state.push(self, point + 1)
        return state.push(self.items[point])

    def live(self, point: int) -> frozenset[Hashable]:
        return self._live[point]

    def ahead(self, point: int) -> frozenset[str]:
        return self._ahead[point]


class Guarded(Code):
    """A piece that contains a condition: while that runs, `-e` sleeps; `saved` is whether it slept before."""

    def unguard(self, state: State, guarded: bool) -> State:
        return state if state.shell.guarded == guarded else state.shelled(guarded=guarded)

    def leave(self, state: State, point: int, saved: Any) -> Step:
        return self.unguard(state, saved)


class AndOr(Guarded):
    """`left && right`, `left || right`: a left side that fails never ends the script."""

    def __init__(self, left: Code, conjunction: bool, right: Code) -> None:
        self.left, self.conjunction, self.right = left, conjunction, right
        self.made_of(left, right)

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point == 0:
            return guard(state.push(self, 1, state.shell.guarded)).push(self.left)
        state = self.unguard(state, saved)
        return state.push(self.right) if (state.shell.status == 0) == self.conjunction else state

    def live(self, point: int) -> frozenset[Hashable]:
        return self.right.reads if point else self.reads

    def ahead(self, point: int) -> frozenset[str]:
        return self.right.acts if point else self.acts


class Not(Guarded):
    """`! command`: the other status, and never the end of the script.

    Bash puts `-e` to sleep inside only where it is on when it comes to the `!`, and turns the status of a `break` too.
    """

    negates = True

    def __init__(self, inner: Code, direct: bool) -> None:
        self.made_of(inner if direct else Sequence((inner, Sequence(()))))

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point == 0:
            inside = state.push(self, 1, state.shell.guarded)
            asleep = state.shell.errexit or state.shell.dialect == "sh"
            return (guard(inside) if asleep else inside).push(self.parts[0])
        return self._inverted(self.unguard(state, saved))

    def leave(self, state: State, point: int, saved: Any) -> Step:
        state = self.unguard(state, saved)
        jumps = state.leaving is not None and state.leaving.kind in ("break", "continue")
        return self._inverted(state) if jumps and state.shell.dialect == "bash" else state

    def live(self, point: int) -> frozenset[Hashable]:
        return NOTHING if point else self.reads

    def ahead(self, point: int) -> frozenset[str]:
        return NOTHING if point else self.acts

    def _inverted(self, state: State) -> State:
        return state.shelled(status=0 if state.shell.status else 1)


class If(Guarded):
    """`if`, `elif`, `else`: point 2k asks condition k, point 2k + 1 reads its answer."""

    def __init__(self, branches: tuple[tuple[Code, Code], ...], otherwise: Code | None) -> None:
        self.branches, self.otherwise = branches, otherwise
        inner = [code for branch in branches for code in branch]
        self.made_of(*inner, *([otherwise] if otherwise else []))

    def step(self, state: State, point: int, saved: Any) -> Step:
        branch, answered = divmod(point, 2)
        if not answered:
            return guard(state.push(self, point + 1, state.shell.guarded)).push(self.branches[branch][0])
        state = self.unguard(state, saved)
        if state.shell.status == 0:
            return state.push(self.branches[branch][1])
        if branch + 1 < len(self.branches):
            return state.push(self, point + 1)
        return state.push(self.otherwise) if self.otherwise else state.shelled(status=0)

    def leave(self, state: State, point: int, saved: Any) -> Step:
        return state if saved is None else self.unguard(state, saved)

    def live(self, point: int) -> frozenset[Hashable]:
        return NOTHING.union(*(part.reads for part in self.parts[point:]))

    def ahead(self, point: int) -> frozenset[str]:
        return NOTHING.union(*(part.acts for part in self.parts[point:]))


class Case(Code):
    """`case`: each pattern a question where the subject is not known; `*` always matches."""

    def __init__(self, subject: Word, arms: tuple[tuple[tuple[Word, ...], Question, Code, str], ...]) -> None:
        self.subject, self.arms = subject, arms
        self.made_of(*(body for _, _, body, _ in arms))
        self.reads |= {part.name for part in subject.parts} | {question for _, question, _, _ in arms}

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point == len(self.arms):
            return state if saved else state.shelled(status=0)  # behind `;;&` the status of that arm stays
        patterns, question, _, _ = self.arms[point]
        answer = self._matches(value(self.subject, state.shell), patterns)
        if answer is None:
            return ask(state, question, lambda s: self._enter(s, point), lambda s: s.push(self, point + 1, saved))
        return self._enter(state, point) if answer else state.push(self, point + 1, saved)

    def _matches(self, subject: str | None, patterns: tuple[Word, ...]) -> bool | None:
        if any(pattern.value == "*" for pattern in patterns):
            return True
        if subject is None or any(part.kind not in ("literal", "glob") for p in patterns for part in p.parts):
            return None
        return any(fnmatch.fnmatchcase(subject, pattern.value) for pattern in patterns)

    def _enter(self, state: State, point: int) -> State:
        """Into the arm; behind `;&` the next one follows, behind `;;&` the next one that matches."""
        _, _, body, terminator = self.arms[point]
        if terminator == ";;&" and point + 1 < len(self.arms):
            state = state.push(self, point + 1, True)
        if terminator == ";&" and point + 1 < len(self.arms):
            state = state.push(_Through(self), point + 1)
        empty = isinstance(body, Sequence) and not body.items
        return (state.shelled(status=0) if empty else state).push(body)


class _Through(Code):
    """Falls into the next arm of a case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.made_of(case)

    def step(self, state: State, point: int, saved: Any) -> Step:
        return self.case._enter(state, point)


class Pipeline(Code):
    """`a | b`: each a process of its own, run from left to right. `saved`: `$?` before, and the statuses so far."""

    def __init__(self, elements: tuple[Code, ...], lone: tuple[bool, ...]) -> None:
        self.elements = tuple(Process(each, "element", lone=own) for each, own in zip(elements, lone, strict=True))
        self.made_of(*self.elements)

    def step(self, state: State, point: int, saved: Any) -> Step:
        before: int
        statuses: tuple[int, ...]
        before, statuses = saved or (state.shell.status, ())
        if point:
            statuses = (*statuses, state.shell.status)
        if point < len(self.elements):
            inside = state.push(self, point + 1, (before, statuses)).shelled(status=before)
            return inside.push(self.elements[point])
        status = statuses[-1]
        if state.shell.pipefail:
            status = next((failed for failed in reversed(statuses) if failed), 0)
        state = settle(state, status)
        return state._replace(shell=piped(state.shell, statuses))


    def leave(self, state: State, point: int, saved: Any) -> Step:
        """A cut kills the shell; the elements behind the one that it met are running and have lost their parent."""
        if state.leaving is None or state.leaving.kind != "cut":
            return state
        running = NOTHING.union(*(element.acts for element in self.elements[point:]))
        return state._replace(world=state.world._replace(loose=state.world.loose | running)) if running else state


class Background(Code):
    """`command &`: a process that runs wholly now, or wholly when it is waited for (or the script ends)."""

    def __init__(self, body: Process) -> None:
        self.body = body
        self.made_of(body)

    def step(self, state: State, point: int, saved: Any) -> Step:
        jobs = state.shell.jobs
        if point == 1:
            return state.shelled(status=0, jobs=(*jobs, (self.body, state.shell.status)))
        later = state.shelled(status=0, jobs=(*jobs, (self.body, None)))
        return Choice((Option(state.push(self, 1).push(self.body)), Option(later)), concurrent=True)


class Define(Code):
    """`name() ...`: from now on the name is a function."""

    def __init__(self, name: str, body: Code) -> None:
        self.name, self.body = name, body
        self.parts = (body,)  # what it reads is read where it is called

    def step(self, state: State, point: int, saved: Any) -> Step:
        return state.shelled(status=0, functions=state.shell.functions.put(self.name, self.body))


class Unknown(Code):
    """A stretch that nobody could read: it may do anything, so whatever follows is not decided."""

    def __init__(self, span: Span) -> None:
        self.span = span

    def step(self, state: State, point: int, saved: Any) -> Step:
        return Choice((Option(state.shelled(status=0), unseen=self.span, unread=True),))
