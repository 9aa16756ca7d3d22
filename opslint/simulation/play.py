"""One course, played by a script: how each command ends is given, and everything else follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from opslint.simulation.command import Command
from opslint.simulation.process import Process, cuts
from opslint.simulation.shell import Pipeline
from opslint.simulation.state import NOTHING, Choice, Code, Option, Pause, Stack, State

End: TypeAlias = "int | Literal['cut']"


class Played(NamedTuple):
    """The commands that ran, in order, the exit status, and after a cut what went on without its shell."""

    commands: tuple[Pause, ...]
    status: int
    orphans: tuple[Pause, ...] = ()
    loose: frozenset[str] = NOTHING  # acts of which the simulation says that they may go on
    inside: bool = False  # the cut met a process inside the step's own shell


def play(program: Code, ends: Callable[[Pause], End], limit: int = 100_000) -> Played:
    """One course; what runs side by side runs in the order it began.

    A cut command is the one that is running when the step's shell gets a SIGTERM. ValueError where it does not end,
    where something in it cannot be read, or where the script alone does not decide how it goes on.
    """
    commands: list[Pause] = []
    orphans: list[Pause] = []
    inside = False
    state = State(None).push(program)
    for _ in range(limit):
        if state.stack is None:
            return Played(tuple(commands), state.shell.status, tuple(orphans), state.world.loose, inside)
        step = state.next()
        if isinstance(step, Pause):
            end = _end(step, ends, commands)
            state = cuts(step.state, ("TERM",))[0] if end == "cut" else step.command.ended(step.state, end)
            if end == "cut":
                inside = inside or not _is_main(step.state.stack)
                orphans += _orphans(step, ends)
        else:
            state = _calm(step).state if isinstance(step, Choice) else step
    raise ValueError("the script does not end")


def _end(pause: Pause, ends: Callable[[Pause], End], commands: list[Pause]) -> End:
    if pause.kind == "asks" or pause.unseen is not None:
        raise ValueError(f"`{pause.text}` is not decided")
    if pause.kind == "sure":
        return 0
    commands.append(pause)
    return ends(pause)


def _orphans(cut: Pause, ends: Callable[[Pause], End]) -> Iterator[Pause]:
    """What the processes do that have lost the step's shell; another signal reaches nobody."""
    state = cut.command.ended(cut.state, 0)
    while not _is_main(state.stack):
        step = state.next()
        if isinstance(step, Pause):
            found: list[Pause] = []
            end = _end(step, ends, found)
            yield from found
            state = step.command.ended(step.state, 0 if end == "cut" else end)
        else:
            state = _calm(step).state if isinstance(step, Choice) else step


def _is_main(stack: Stack | None) -> bool:
    """Whether the step's own shell goes on; what it has begun is over before: a pipeline, a command's redirections."""
    if stack is not None and isinstance(stack.code, Pipeline) and 0 < stack.point < len(stack.code.elements):
        return False
    if stack is not None and isinstance(stack.code, Command) and stack.code.is_begun(stack.point):
        return False
    while stack is not None and not isinstance(stack.code, Process):
        stack = stack.rest
    return stack is None or (isinstance(stack.code, Process) and stack.code.kind == "step")


def _calm(choice: Choice) -> Option:
    """The one way without a mishap."""
    first, *others = choice.options
    if first.unseen is not None:
        raise ValueError(f"{first.unseen} could not be read")
    if not choice.concurrent and not all(option.mishap for option in others):
        raise ValueError(f"not decided: {first.assumed or 'how it goes on'}")
    return first
