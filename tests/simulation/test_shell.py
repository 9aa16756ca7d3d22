"""The shell machine against real shells: the same scripts, the same courses, the same exit status."""

from __future__ import annotations

import os
import random
import re
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


def differences(made: list[Sample], template: str) -> tuple[list[str], int]:
    """The scripts whose course is another one, each with both courses; and how many could not be compared."""
    found, unread = [], 0
    for sample, real in zip(made, courses([sample.text for sample in made], template), strict=True):
        try:
            expected = simulated(sample.text, template + " {0}")
        except ValueError:
            unread += 1
            continue
        if "yntax error" in real.errors:  # bash 5.2 misreads some here-documents in substitutions
            unread += 1
            continue
        same = real[0] == expected[0] if sample.ordered else sorted(real[0]) == sorted(expected[0])
        if not same or real.status != expected.status:
            found.append(f"{sample.text}---- {template}\nreal      {real}\nsimulated {expected}\n")
    return found, unread


@pytest.mark.oracle
@pytest.mark.parametrize("template", SHELLS)
def test_same_course_as_the_real_shell(template: str) -> None:
    if shutil.which(template.split()[0]) is None:
        pytest.skip(f"{template.split()[0]} is not installed")
    made = samples(template, COUNT, SEED)
    found, unread = differences(made, template)
    assert not found, f"{len(found)} of {COUNT}\n" + min(found, key=len)
    assert unread <= COUNT // 10
    _assert_tried(made)


def _assert_tried(made: list[Sample]) -> None:
    """With thousands of scripts, every construct has the failing command first, in the middle and last."""
    places: Counter[tuple[str, str]] = Counter()
    for sample in made:
        places.update(sample.failing)
    most = max(COUNT // 40, 1) if COUNT >= 150 else 0
    constructs = {name for name, _ in places}
    rare = {(name, sum(places[name, where] for where in ("first", "middle", "last", "only"))) for name in constructs}
    assert not [name for name, count in rare if count < most]
    assert len(constructs) >= 24 or COUNT < 150


def _plain(rng: random.Random, dialect: str) -> str:
    """A script whose commands all run in the step's own shell: functions, groups, conditions, loops."""
    while True:
        sample = Generator(random.Random(rng.random()), dialect, remote=False, concurrent=False).sample(cut=True)
        own = not re.search(r"\(\s|\$\(|\| |bash|sh -|ssh|eval|exec|[<>]\(", sample.text)
        if own and "cut" in sample.text:
            return sample.text


@pytest.mark.oracle
@pytest.mark.parametrize("template", ["bash -e", "bash", "sh -e"])
def test_same_course_when_the_job_is_cancelled(template: str) -> None:
    """SIGTERM while a command runs: bash runs its EXIT trap, dash does not (facts S20, S20a)."""
    if shutil.which(template.split()[0]) is None:
        pytest.skip(f"{template.split()[0]} is not installed")
    rng = random.Random(f"{SEED} cut {template}")
    scripts = [_plain(rng, "sh" if template.startswith("sh") else "bash") for _ in range(COUNT // 3)]
    found = []
    for text, real in zip(scripts, courses(scripts, template), strict=True):
        expected = simulated(text, template + " {0}")
        if real[:2] != expected[:2]:
            found.append(f"{text}---- {template}\nreal      {real}\nsimulated {expected}\n")
    assert not found, f"{len(found)} of {len(scripts)}\n" + min(found, key=len)
