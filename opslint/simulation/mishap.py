"""How a command can end: it succeeds, fails or is cut; a question is answered one way or the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from opslint.simulation.state import Code, Happening, Option, Pause, State, World

CONNECTION_LOST = 255


class Cut(NamedTuple):
    """What a cancel or a timeout makes of a running command."""

    kind: str  # cancel | timeout
    state: State
    because: str
    planned: bool = False  # follows from a mishap that was counted before
    survived: bool = False  # the step goes on: its condition holds also when the run is cancelled


class Ending(NamedTuple):
    """How a course ended."""

    status: str  # success | failure | cancelled
    results: tuple[tuple[str, str], ...] = ()  # (job, what its check run says)


class Program(Protocol):
    """What can be explored: where it begins, what can cut one of its commands, how it ended."""

    def start(self) -> State: ...

    def step(self, state: State) -> tuple[str, bool]:
        """The subject of the step that is running, and whether it asks for the status itself."""

    def cuts(self, pause: Pause) -> Iterator[Cut]: ...

    def ending(self, state: State) -> Ending: ...


def ends(pause: Pause, program: Program, acts: frozenset[str], survive: tuple[str, ...]) -> Iterator[Option]:
    """Every way a command can end, the good one first. `acts` are those whose effect matters to somebody.

    Whether a cut command took effect is left open, both ways, for these; what failed did not take effect, or half.
    """
    state, command = pause.state, pause.command
    if pause.kind == "asks" and pause.question is not None:
        yield from _answers(pause)
        return
    subject, aware = program.step(state)
    happening = Happening(
        command.span,
        pause.text,
        "succeeded",
        pause.act,
        step=subject,
        guarded=aware or state.shell.in_trap,
        remote=state.shell.remote or command.remote,
    )
    again = command in state.world.failing
    sure = pause.kind == "sure"
    tell = happening._replace(again=again) if not sure or pause.act else None
    yield Option(command.ended(_tried_again(state, command), 0), tell, unseen=pause.unseen)
    if sure:
        return
    failed = happening._replace(outcome="failed", done=False)
    if again or "failure" in survive:
        after = command.ended(_tried_again(state, command, fails=True), 1)
        yield Option(after, failed, "" if again else "failure", unseen=pause.unseen)
    if "connection" in survive and state.shell.remote:
        yield Option(_disconnected(state), failed._replace(because="the connection is lost"), "connection")
    for cut in program.cuts(pause):
        kind = "" if cut.planned else cut.kind
        if kind and kind not in survive:
            continue
        if cut.survived:
            yield Option(command.ended(cut.state, 0), happening._replace(because=cut.because), kind)
            continue
        for done in (False, True) if pause.act in acts else (False,):
            yield Option(cut.state, happening._replace(outcome="cancelled", done=done, because=cut.because), kind)


def _tried_again(state: State, command: Any, fails: bool = False) -> State:
    """What fails in a loop may fail at every turn: that is one mishap, the server is down. What varies is not it."""
    stack = state.stack
    loops: list[Code] = []
    while stack is not None:
        loops += [stack.code] if stack.code.repeats else []
        stack = stack.rest
    varies = frozenset().union(*(loop.varies for loop in loops))
    if not loops or not varies.isdisjoint(command.reads):
        return state
    before = state.world.failing
    return state.failing(before | {command} if fails else before - {command})


def _answers(pause: Pause) -> Iterator[Option]:
    state, command, question = pause.state, pause.command, pause.question
    assert question is not None
    known = state.world.assumptions.get(question)
    if known is not None:
        yield Option(command.ended(state, 0 if known else 1))
        return
    for answer in (True, False):
        after = command.ended(state.assume(question, answer), 0 if answer else 1)
        yield Option(after, assumed=f"`{pause.text}` {'succeeds' if answer else 'fails'}")


def _disconnected(state: State) -> State:
    """The local side of a remote shell ends with 255; the rest of the remote script may go on or not."""
    from opslint.simulation.process import Process, settle

    loose: frozenset[str] = frozenset()
    stack = state.stack
    while stack is not None and not (isinstance(stack.code, Process) and stack.code.kind == "remote"):
        loose |= stack.code.ahead(stack.point)
        stack = stack.rest
    if stack is None:
        return state.shelled(status=CONNECTION_LOST)
    outer = stack.saved if stack.point == 1 else stack.saved[0]
    world: World = state.world._replace(loose=state.world.loose | loose)
    return settle(State(stack.rest, outer, world), CONNECTION_LOST)
