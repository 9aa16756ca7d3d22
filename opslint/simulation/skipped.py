"""What did not run any more: the acts that an exit, a cancel or a short-circuit leaves behind."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.simulation.command import Call, Command
from opslint.simulation.process import Process
from opslint.simulation.shell import AndOr, Define, Sequence
from opslint.simulation.state import Code, Happening, Stack, State

_MOST = 50  # told of one place


def skipped(state: State, last: Happening) -> tuple[Happening, ...]:
    """The acts that are not done because of what happened last, each with the reason."""
    step, remote = last.step, last.remote
    if state.leaving is None:
        because = f"`{last.text}` {'failed' if state.shell.status else 'succeeded'}"
        commands = _short_circuited(state)
    else:
        ended = f"`{last.text}` {last.outcome}, and the shell ended"
        because = last.because if state.leaving.kind == "cut" else ended
        commands = _left(state.stack, state.leaving.kind)
    found = list(zip(commands, range(_MOST), strict=False))
    return tuple(
        Happening(command.span, command.text, "skipped", command.act, False, because, step=step, remote=remote)
        for command, _ in found
    )


def _short_circuited(state: State) -> Iterator[Command]:
    stack = state.stack
    while stack is not None and isinstance(stack.code, AndOr) and stack.point == 1:
        if (state.shell.status == 0) == stack.code.conjunction:
            return
        yield from _acts(stack.code.right)
        stack = stack.rest


def _left(stack: Stack | None, kind: str) -> Iterator[Command]:
    """What stood on the stack, to the boundary that stops the leaving."""
    while stack is not None:
        code = stack.code
        if isinstance(code, Process) and (kind != "cut" or code.kind == "step"):
            return
        if kind == "return" and isinstance(code, Call):
            return
        if isinstance(code, Sequence):
            for item in code.items[stack.point :]:
                yield from _acts(item)
        stack = stack.rest


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
