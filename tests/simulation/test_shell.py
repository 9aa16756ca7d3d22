"""The shell machine against real shells: the same scripts, the same courses, the same exit status."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import pytest

from opslint.files import Memory
from opslint.model.act import Acts
from opslint.model.project import Project
from opslint.model.run import follow
from opslint.simulation.command import Meaning
from opslint.simulation.compile import Compiler, process
from opslint.simulation.play import End, Played, play
from opslint.simulation.state import Code, Pause
from opslint.source import Source
from opslint.syntax import shell
from opslint.syntax.script import Word
from tests.oracles.bash_oracle import Course, courses
from tests.simulation.constructs import BASH_ONLY
from tests.simulation.scripts import PLACES, Cell, Draft, Sample, cells, draft

COUNT = int(os.environ.get("OPSLINT_COURSES", "150"))  # scripts for each shell
MOST = 2 * COUNT
SEED = int(os.environ.get("OPSLINT_SEED", "1"))
SHELLS = ("bash -e", "bash -eo pipefail", "bash", "sh -e")
CUT_IN = ("subshell", "pipeline", "command_substitution", "assignment", "nested", "ssh", "trap_exit", "trap_signal", "command")
ACTS = Acts.load({})
BATCH = 50  # scripts that are written before it is counted what they have tried
LONG = 5_000  # scripts for each shell; with fewer, chance has a greater part
AIMED = 9  # cells that a script is aimed at
TRIALS = 30  # choices of what fails
BLIND = 1 / 8  # of the scripts are chosen without looking
DRAFTS = 12  # of which the one is taken that tries what is rare


def compiled(sample: Sample, template: str) -> Code:
    project = Project(Memory({"script.sh": sample.text, **sample.files}), acts=ACTS)
    script = shell.script(Source("script.sh", sample.text).text)
    meaning = Meaning(acts=_named, expand=partial(follow, project))
    return process(Compiler(meaning).script(script), template + " {0}", "step")


def _named(words: tuple[Word, ...], remote: bool, reads: str) -> str | None:
    """Every stub is an act of its own."""
    return words[1].value if len(words) > 1 and words[0].value == "act" else None


def simulated(code: Code, statuses: Mapping[str, str]) -> Course:
    """The course that the simulation takes."""
    played = enacted(code, statuses)
    return Course(names(played.commands), played.status)


def names(commands: Iterable[Pause]) -> tuple[str, ...]:
    return tuple(pause.words[1] or "" for pause in commands if pause.words[0] == "act")


def enacted(code: Code, statuses: Mapping[str, str]) -> Played:
    """A script played, each `act` ending as its statuses say."""
    calls: Counter[str] = Counter()

    def end(pause: Pause) -> End:
        if pause.words[0] == "cat":
            return 0
        program, name, *_ = pause.words
        assert program == "act", pause.text
        assert name is not None
        given = statuses[name].split()
        calls[name] += 1
        status = given[(calls[name] - 1) % len(given)]
        return "cut" if status == "cut" else int(status)

    return play(code, end)


def sampled(rng: random.Random, template: str, tried: Counter[Cell]) -> tuple[Sample, int]:
    """A script that tries what has been tried least, and how many were thrown away because they are not decided.

    What fails is chosen among the commands that run: up to it, the course is the one in which nothing fails.
    """
    dialect = "sh" if template.startswith("sh") else "bash"
    wanted = sorted(cells(dialect), key=lambda cell: (tried[cell] / least(cell), rng.random()))[:AIMED]
    for undecided in range(100):
        drafts = [draft(rng, dialect, _aims(rng, wanted)) for _ in range(DRAFTS)]
        made = max(drafts, key=lambda each: _worth(each.hits(_dearest(each, tried)), tried) / (30 + each.slots))
        code = compiled(made.sample(frozenset(), rng), template)
        try:
            found = [_tried(rng, made, code) for _ in range(TRIALS)]
        except ValueError:
            continue
        return max(found, key=lambda each: _worth(each[1], tried))[0] if rng.random() > BLIND else found[-1][0], undecided
    raise AssertionError("no script can be decided")


def least(cell: Cell) -> float:
    """How often a shell tries a cell: so that 6,000 scripts for each of the four, or three, try it 500 times."""
    return COUNT / 36 if cell[0] in BASH_ONLY else COUNT / 48


def _aims(rng: random.Random, wanted: list[Cell]) -> list[str]:
    """Constructs to lie in one another, the rarest among them."""
    aims = [wanted[0][0], *(name for name, _ in rng.sample(wanted[1:], rng.randint(1, 4)))]
    rng.shuffle(aims)
    return aims


def _dearest(made: Draft, tried: Counter[Cell]) -> int:
    """The command whose failure tries most of what is rare."""
    return max(range(made.slots), key=lambda slot: _worth(made.hits(slot), tried))


def _worth(hits: Iterable[Cell], tried: Counter[Cell]) -> float:
    """How much of what is rare is tried."""
    return sum((least(cell) / (1 + tried[cell])) ** 4 for cell in hits)


def _tried(rng: random.Random, made: Draft, code: Code) -> tuple[Sample, frozenset[Cell]]:
    """A script with some commands failing, and the cells that are tried, if the simulation is right."""
    failing = frozenset(rng.sample(range(made.slots), min(made.slots, rng.choice((1, 1, 2, 3, 4, 6)))))
    sample = made.sample(failing, rng)
    return sample, sample.tried(frozenset(simulated(code, sample.statuses).names))


def compared(sample: Sample, real: Course, template: str) -> str | None:
    """How the courses differ; nothing where they are the same. ValueError where one of them cannot be told."""
    expected = simulated(compiled(sample, template), sample.statuses)
    if "yntax error" in real.errors:  # bash 5.2 misreads some here-documents in substitutions
        raise ValueError("the shell cannot read it")
    same = real[0] == expected[0] if sample.ordered else sorted(real[0]) == sorted(expected[0])
    if same and real.status == expected.status:
        return None
    files = "".join(f"---- {name}\n{text}" for name, text in sample.files.items())
    return f"{sample.text}{files}---- {template}\nreal      {real}\nsimulated {expected}\n"


def rounds(template: str, tried: Counter[Cell]) -> Iterator[tuple[Sample, Course, int]]:
    """Scripts and what the shell did with them, batch by batch, aimed at what has been tried least.

    So many as are asked for, and more of them while something has been tried too seldom: chance alone is no failure.
    """
    rng = random.Random(f"{SEED} {template}")
    done = 0
    while done < COUNT or (done < MOST and rare(tried, template)):
        made: list[tuple[Sample, int]] = []
        planned = Counter(tried)
        size = min(BATCH, COUNT - done) if done < COUNT else BATCH
        done += size
        for _ in range(size):
            made.append(sampled(rng, template, planned))
            planned.update({cell for _, cell in made[-1][0].cells})
        real = courses([{"script.sh": each.text, **each.files} for each, _ in made], template)
        yield from ((sample, course, undecided) for (sample, undecided), course in zip(made, real, strict=True))


@pytest.mark.oracle
@pytest.mark.parametrize("template", SHELLS)
def test_same_course_as_the_real_shell(template: str) -> None:
    if shutil.which(template.split()[0]) is None:
        pytest.skip(f"{template.split()[0]} is not installed")
    tried: Counter[Cell] = Counter()
    found, unread = [], 0
    for sample, real, undecided in rounds(template, tried):
        unread += undecided
        try:
            difference = compared(sample, real, template)
        except ValueError:
            unread += 1
            continue
        found += [difference] if difference else []
        tried.update(sample.tried(frozenset(real.names)))
    _record(template, tried, unread)
    assert not found, f"{len(found)} of {COUNT}\n" + min(found, key=len)
    assert unread <= COUNT // 10
    assert not rare(tried, template)


# -- a cancel --------------------------------------------------------------------------------------------------------


def signalled(rng: random.Random, template: str) -> tuple[Sample, Played]:
    """A script in which the job is cancelled while one command runs, and how the simulation plays it.

    Left out: `&` and `<( )`, which run beside it in any order; and a cut inside a process while the step's own shell
    traps the signal: it waits for that process as long as the runner does, 2.5 seconds.
    """
    dialect = "sh" if template.startswith("sh") else "bash"
    while True:
        made = draft(rng, dialect, rng.sample(CUT_IN, 1), concurrent=False)
        slot = rng.randrange(made.slots)
        sample = made.sample(frozenset({slot}), rng, cut=True)
        try:
            played = enacted(compiled(sample, template), sample.statuses)
        except ValueError:
            continue
        waits = played.inside and re.search(r"trap .*TERM", sample.text + "".join(sample.files.values()))
        if f"c{slot}" in names(played.commands) and "cut" in sample.statuses[f"c{slot}"] and not waits:
            return sample, played


def difference(sample: Sample, played: Played, real: Course) -> str | None:
    """How the courses differ; an orphan that writes to its shell dies of it, so where one does, some may be missing."""
    own, orphans = Counter(names(played.commands)), Counter(names(played.orphans))
    seen = Counter(real.names)
    writes = re.search(r"echo|cat|time|set -\w*x", sample.text + "".join(sample.files.values()))
    same = own <= seen <= own + orphans if writes else seen == own + orphans
    if same and real.status == played.status and played.loose >= {*orphans}:
        return None
    files = "".join(f"---- {name}\n{text}" for name, text in sample.files.items())
    return f"{sample.text}{files}real      {real}\nsimulated {names(played.commands)} {played.status} {orphans}\n"


@pytest.mark.oracle
@pytest.mark.parametrize("template", SHELLS)
def test_same_course_when_the_job_is_cancelled(template: str) -> None:
    """SIGTERM while a command runs: bash runs its EXIT trap, dash does not (S20, S20a); what it began goes on."""
    if shutil.which(template.split()[0]) is None:
        pytest.skip(f"{template.split()[0]} is not installed")
    rng = random.Random(f"{SEED} cut {template}")
    made = [signalled(rng, template) for _ in range(COUNT // 2)]
    real = courses([{"script.sh": sample.text, **sample.files} for sample, _ in made], template)
    found = [each for (sample, played), seen in zip(made, real, strict=True) if (each := difference(sample, played, seen))]
    assert not found, f"{len(found)} of {len(made)}\n" + min(found, key=len)
    assert sum(bool(played.orphans) for _, played in made) > len(made) // 10


def rare(tried: Counter[Cell], template: str) -> list[str]:
    """The cells that were not tried often enough: a construct with the failing command first, in the middle, last."""
    wanted = cells("sh" if template.startswith("sh") else "bash")
    share = 1.0 if COUNT >= LONG else 0.25
    return [f"{name} {place}" for name, place in wanted if tried[name, place] < max(1, int(share * least((name, place))))]


def _record(template: str, tried: Counter[Cell], unread: int) -> None:
    """Adds what was tried to a file that `OPSLINT_COVERAGE` names."""
    path = os.environ.get("OPSLINT_COVERAGE")
    if path:
        lines = [f"{template}\t{name}\t" + "\t".join(str(tried[name, place]) for place in PLACES) for name in sorted({n for n, _ in tried})]
        with open(path, "a") as file:
            file.write("\n".join([f"{template}\tunread\t{unread}", *lines]) + "\n")
