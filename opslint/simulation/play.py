"""One course, played by a script: how each command ends is given, and everything else follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

from opslint.simulation.process import TERMINATED, cuts
from opslint.simulation.state import Choice, Code, Pause, State

End: TypeAlias = "int | Literal['cut']"


def play(program: Code, ends: Callable[[Pause], End], limit: int = 100_000) -> tuple[list[Pause], int]:
    """The commands that ran, in order, and the exit status; where the way is free the first way is taken.

    A cut command is the one that is running when the job is cancelled. ValueError where it does not end, or where
    something in it cannot be read.
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
                if step.options[0].unseen is not None:
                    raise ValueError(f"{step.options[0].unseen} could not be read")
                state = step.options[0].state
            case Pause():
                end: End = 0 if step.kind == "sure" else ends(step)
                if step.kind != "sure":
                    commands.append(step)
                state = cuts(step.state)[0] if end == "cut" else step.command.ended(step.state, end)
    raise ValueError("the script does not end")


def scripted(statuses: dict[str, tuple[int, ...]]) -> Callable[[Pause], End]:
    """Ends by name: the k-th call of a program ends with the k-th of its statuses, 0 where there are no more."""
    left: dict[str, Iterator[int]] = {name: iter(given) for name, given in statuses.items()}

    def end(pause: Pause) -> End:
        return next(left.get(pause.words[0] or "", iter(())), 0)

    return end


__all__ = ["TERMINATED", "End", "play", "scripted"]
