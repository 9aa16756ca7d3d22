"""How exploring grows: a deployment of many commands, of one long script, and with unknowns read throughout.

    python benchmarks/simulation.py [commands]

Prints nodes and seconds with the default mishaps: (a) as many steps of one command, (b) one script of as many
commands, (c) the same script with 0 to 8 unknowns that are asked about all the way.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from opslint.finding import State
from opslint.model.workflow import read_workflow
from opslint.simulation.command import Meaning
from opslint.simulation.explore import Result, explore
from opslint.simulation.machine import WorkflowProgram
from opslint.simulation.mishap import Ending, Program
from opslint.simulation.script import ScriptProgram
from opslint.simulation.state import Happening
from opslint.source import Source
from opslint.syntax import shell, yaml
from opslint.syntax.script import Word


@dataclass(frozen=True)
class MaintenanceEnds:
    """Once maintenance is on, its end is at least tried."""

    acts: frozenset[str] = frozenset({"maintenance-on", "maintenance-off"})

    def start(self) -> Hashable:
        return False

    def after(self, memory: Any, happening: Happening) -> Hashable:
        if happening.act == "maintenance-on" and happening.done:
            return True
        return False if happening.act == "maintenance-off" else memory

    def verdict(self, memory: Any, ending: Ending) -> State:
        return "broken" if memory else "holds"


def acts(words: tuple[Word, ...], remote: bool, reads: str) -> str | None:
    known = {"down": "maintenance-on", "up": "maintenance-off"}
    return known.get(words[2].value) if len(words) == 3 and words[1].value == "artisan" else None


def steps(count: int) -> Program:
    """One job; each step runs one command, and the last one always."""
    commands = ["php artisan down", *(f"command {number}" for number in range(count - 2))]
    text = "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n"
    text += "".join(f"      - run: {command}\n" for command in commands)
    text += "      - {run: php artisan up, if: always()}\n"
    return WorkflowProgram(read_workflow(yaml.read(Source("deploy.yml", text))), Meaning(acts=acts))


def script(count: int, unknowns: int = 0, template: str = "bash -e {0}") -> Program:
    """One script; every tenth command is only run if an unknown variable is set."""
    lines = ["trap 'php artisan up' EXIT", "php artisan down"]
    for number in range(count - 2):
        guard = f'[ -n "$X{number // 10 % unknowns}" ] && ' if unknowns and number % 10 == 0 else ""
        lines.append(f"{guard}command {number}")
    return ScriptProgram(shell.script(Source("deploy.sh", "\n".join(lines)).text), Meaning(acts=acts), template)


def measure(name: str, program: Program) -> Result:
    started = time.perf_counter()
    result = explore(program, MaintenanceEnds())
    seconds = time.perf_counter() - started
    print(f"{name:36}{result.nodes:>10,} nodes{seconds:>8.2f} s  {result.state}  {result.left[:60]}")
    return result


def main(count: int) -> None:
    for size in (count // 10, count):
        measure(f"(a) {size} steps", steps(size))
    for size in (count // 10, count):
        measure(f"(b) a script of {size} commands", script(size))
        measure("    without -e", script(size, template="bash {0}"))
    for unknowns in range(9):
        measure(f"(c) {count} commands, {unknowns} unknowns", script(count, unknowns))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
