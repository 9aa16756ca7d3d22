"""One course, played by a script: how each command ends is given, and everything else follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from opslint.simulation.process import cuts
from opslint.simulation.state import Choice, Code, Option, Pause, State

End: TypeAlias = "int | Literal['cut']"


def play(program: Code, ends: Callable[[Pause], End], limit: int = 100_000) -> tuple[list[Pause], int]:
    """The commands that ran, in order, and the exit status; what runs side by side runs in the order it began.

    A cut command is the one that is running when the job is cancelled. ValueError where it does not end, where
    something in it cannot be read, or where the script alone does not decide how it goes on.
    """
    commands: list[Pause] = []
    state = State(None).push(program)
    for _ in range(limit):
        if state.stack is None:
            return commands, state.shell.status
        step = state.next()
        match step:
            case State():
                state = step
            case Choice():
                state = _calm(step).state
            case Pause():
                if step.kind == "asks" or step.unseen is not None:
                    raise ValueError(f"`{step.text}` is not decided")
                end: End = 0 if step.kind == "sure" else ends(step)
                if step.kind != "sure":
                    commands.append(step)
                state = cuts(step.state)[0] if end == "cut" else step.command.ended(step.state, end)
    raise ValueError("the script does not end")


def _calm(choice: Choice) -> Option:
    """The one way without a mishap."""
    first, *others = choice.options
    if first.unseen is not None:
        raise ValueError(f"{first.unseen} could not be read")
    if not choice.concurrent and not all(option.mishap for option in others):
        raise ValueError(f"not decided: {first.assumed or 'how it goes on'}")
    return first
