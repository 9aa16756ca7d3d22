"""A lone script as a program: a deployment that no workflow runs."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.simulation.command import Meaning
from opslint.simulation.compile import Compiler, process
from opslint.simulation.mishap import Cut, Ending
from opslint.simulation.process import cuts
from opslint.simulation.state import Pause, State
from opslint.syntax.script import Script


class ScriptProgram:
    """One script in a shell of its own, by a template such as `bash -e {0}`. A cancel is a SIGTERM to that shell."""

    def __init__(self, script: Script, meaning: Meaning, template: str = "bash {0}", path: str = "") -> None:
        self.code = process(Compiler(meaning, path).script(script), template, "step")
        self.subject = path

    def start(self) -> State:
        return State(None).push(self.code)

    def step(self, state: State) -> tuple[str, bool]:
        return self.subject, False

    def cuts(self, pause: Pause) -> Iterator[Cut]:
        for state in cuts(pause.state):
            yield Cut("cancel", state, "the script is ended by a signal")

    def ending(self, state: State) -> Ending:
        return Ending("failure" if state.shell.status else "success")
