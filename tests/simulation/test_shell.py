"""The shell machine against real shells: the same scripts, the same courses, the same exit status."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter

import pytest

from opslint.simulation.command import Meaning
from opslint.simulation.compile import Compiler, process
from opslint.simulation.play import End, play
from opslint.simulation.state import Pause
from opslint.source import Source
from opslint.syntax import shell
from tests.oracles.bash_oracle import Course, courses
from tests.simulation.scripts import Generator, Sample

COUNT = int(os.environ.get("OPSLINT_COURSES", "150"))  # scripts for each shell
SEED = int(os.environ.get("OPSLINT_SEED", "1"))
SHELLS = ("bash -e", "bash -eo pipefail", "bash", "sh -e")


def simulated(text: str, template: str) -> Course:
    """The course that the simulation takes, each `act` ending as its words say."""
    script = shell.script(Source("script.sh", text).text)
    assert not script.problems, script.problems
    calls: Counter[str] = Counter()

    def end(pause: Pause) -> End:
        if pause.words[0] == "cat":
            return 0
        program, name, *statuses = pause.words
        assert program == "act", pause.text
        calls[name or ""] += 1
        status = statuses[(calls[name or ""] - 1) % len(statuses)] or ""
        return "cut" if status == "cut" else int(status)

    commands, status = play(process(Compiler(Meaning()).script(script), template, "step"), end)
    return Course(tuple(pause.words[1] or "" for pause in commands if pause.words[0] == "act"), status)


def samples(template: str, count: int, seed: int, cut: bool = False) -> list[Sample]:
    dialect = "sh" if template.startswith("sh") else "bash"
    rng = random.Random(f"{seed} {template}")
    return [Generator(random.Random(rng.random()), dialect).sample(cut) for _ in range(count)]


def differences(made: list[Sample], template: str) -> list[str]:
    """The scripts whose course is another one, each with both courses."""
    found = []
    for sample, real in zip(made, courses([sample.text for sample in made], template), strict=True):
        if "yntax error" in real.errors:
            continue  # bash 5.2 misreads some here-documents in substitutions
        expected = simulated(sample.text, template + " {0}")
        same = real[0] == expected[0] if sample.ordered else sorted(real[0]) == sorted(expected[0])
        if not same or real.status != expected.status:
            found.append(f"{sample.text}---- {template}\nreal      {real}\nsimulated {expected}\n")
    return found


@pytest.mark.oracle
@pytest.mark.parametrize("template", SHELLS)
def test_same_course_as_the_real_shell(template: str) -> None:
    if shutil.which(template.split()[0]) is None:
        pytest.skip(f"{template.split()[0]} is not installed")
    found = differences(samples(template, COUNT, SEED), template)
    assert not found, f"{len(found)} of {COUNT}\n" + min(found, key=len)
