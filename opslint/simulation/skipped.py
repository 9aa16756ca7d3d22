"""What did not run any more: the acts that an exit, a cancel or a short-circuit leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from opslint.simulation.command import Call, Command
from opslint.simulation.process import Process
from opslint.simulation.shell import AndOr, Define, Sequence
from opslint.simulation.state import Code, Happening, Stack, State

_MOST = 50  # told of one place
ORPHANED = "it may still run where it was started"


def skipped(state: State, last: Happening) -> tuple[Happening, ...]:
    """The acts that are not done because of what happened last, each with the reason."""
    leaving = state.leaving
    if leaving is None:
        because = f"`{last.text}` {'failed' if state.shell.status else 'succeeded'}"
        found = [(command, because) for command in islice(_short_circuited(state), _MOST)]
    else:
        ended = f"`{last.text}` {last.outcome}, and the shell ended"
        because = last.because if leaving.kind == "cut" else ended
        left = islice(_left(state.stack, leaving.kind), _MOST)
        found = [(command, ORPHANED if orphaned else because) for command, orphaned in left]
    return tuple(
        Happening(command.span, command.text, "skipped", command.act, False, why, step=last.step, remote=command.remote)
        for command, why in found
    )


def _short_circuited(state: State) -> Iterator[Command]:
    stack = state.stack
    while stack is not None and isinstance(stack.code, AndOr) and stack.point == 1:
        if (state.shell.status == 0) == stack.code.conjunction:
            return
        yield from _acts(stack.code.right)
        stack = stack.rest


def _left(stack: Stack | None, kind: str) -> Iterator[tuple[Command, bool]]:
    """What stood on the stack to the boundary that stops the leaving; and whether a process of its own has it."""
    inside: list[Command] = []
    while stack is not None:
        code = stack.code
        if isinstance(code, Process):
            orphaned = kind == "cut" and code.kind != "step"
            yield from ((command, orphaned) for command in inside)
            inside = []
            if not orphaned:
                return
        if kind == "return" and isinstance(code, Call):
            break
        if isinstance(code, Sequence):
            inside += [command for item in code.items[stack.point :] for command in _acts(item)]
        stack = stack.rest
    yield from ((command, False) for command in inside)


def _acts(code: Code) -> Iterator[Command]:
    """The commands in a piece of code that are acts; not what it only defines or traps."""
    if isinstance(code, Command):
        if code.act is not None:
            yield code
        if code.name == "trap":
            return
    if not isinstance(code, Define) and code.acts:
        for part in code.parts:
            yield from _acts(part)
