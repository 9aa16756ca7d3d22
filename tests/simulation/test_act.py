"""The simulation against a real runner: the same workflows, the same commands, the same results.

`act` is no reference: where it is known to differ from GitHub's own runner, `DIFFERENCES` says so, with the authority.
It has no timeouts of jobs and counts those of steps in minutes, so neither is compared.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from opslint.files import Memory
from opslint.model.project import Project
from opslint.model.workflow import Workflow
from opslint.simulation.deploy import meaning_of
from opslint.simulation.machine import WorkflowProgram
from opslint.simulation.state import Choice, Happening, Option, Pause, State
from tests.oracles.act_differences import DIFFERENCES, Difference
from tests.oracles.act_oracle import MAIN, courses, told
from tests.simulation.workflows import Generator, Sample

COUNT = int(os.environ.get("OPSLINT_COURSES", "75"))  # workflows, and a third as many that are cancelled
SEED = int(os.environ.get("OPSLINT_SEED", "1"))
RECORDED = Path(__file__).parents[1] / "data" / "act.json"
_FAILED_CALL = re.compile(r"\w/\w: [^;]*= failure")


# -- what the simulation makes of a workflow -------------------------------------------------------------------------


def simulated(sample: Sample) -> set[str]:
    """Every course that the simulation takes, each stub ending as its words say."""
    project = Project(Memory(dict(sample.files)))
    workflow = next(each for each in project.workflows if each.path == MAIN)
    program = WorkflowProgram(workflow, meaning_of(project, lambda act, remote: False))
    waiting: list[tuple[State, tuple[Happening, ...]]] = [(program.start(), ())]
    found: set[str] = set()
    while waiting:
        state, before = waiting.pop()
        if state.stack is None:
            _assert_order(workflow, [happening.text for happening in before if happening.kind == "command"])
            found.add(_told(sample, before, program.ending(state).status))
            continue
        waiting += [
            (option.state, (*before, option.happening) if option.happening else before)
            for option in _options(program, state.pruned(), before)
        ]
    return found


def _assert_order(workflow: Workflow, names: list[str]) -> None:
    """A job begins when those it needs are over."""
    ran = [re.split(r"[./]", name)[0] for name in names]
    for job in workflow.jobs:
        for need in map(str, job.needs):
            assert job.id not in ran or need not in ran[ran.index(job.id) :], names


def _options(program: WorkflowProgram, state: State, before: tuple[Happening, ...]) -> Iterator[Option]:
    step = state.next()
    if isinstance(step, State):
        yield Option(step)
    elif isinstance(step, Choice):
        yield from (option for option in step.options if not option.mishap)
    else:
        yield from _ended(program, step, before)


def _ended(program: WorkflowProgram, pause: Pause, before: tuple[Happening, ...]) -> Iterator[Option]:
    """The way a command ends: what is no stub succeeds."""
    if pause.words[0] != "work":
        yield Option(pause.command.ended(pause.state, 0))
        return
    name, *statuses = (word or "" for word in pause.words[1:])
    calls = sum(happening.kind == "command" and happening.text == name for happening in before)
    happening = Happening(pause.command.span, name, "succeeded")
    status = statuses[calls % len(statuses)]
    if not status.startswith("cut"):
        yield Option(pause.command.ended(pause.state, int(status)), happening)
        return
    for cut in program.cuts(pause):
        if cut.kind == "cancel":
            yield Option(pause.command.ended(cut.state, 0) if cut.survived else cut.state, happening)


def _told(sample: Sample, happenings: tuple[Happening, ...], status: str) -> str:
    results = dict.fromkeys(sample.jobs, "skipped")
    for happening in happenings:
        path = happening.span.source.path
        name = happening.text if path == MAIN else f"{Path(path).stem}/{happening.text}"
        if happening.kind == "job" and name in results:
            results[name] = {"succeeded": "success", "failed": "failure"}.get(happening.outcome, happening.outcome)
    return told((happening.text for happening in happenings if happening.kind == "command"), results, status)


# -- the comparison --------------------------------------------------------------------------------------------------


def samples(count: int, seed: int) -> list[Sample]:
    """Workflows, and a third as many that are cancelled."""
    cuts = [False] * count + [True] * (count // 3)
    return [Generator(random.Random(f"{seed} {number}"), cut).sample() for number, cut in enumerate(cuts)]


def differing(sample: Sample, ours: set[str]) -> bool:
    """Whether a workflow has something in it that act is known to do in its own way, see DIFFERENCES."""
    constructs = {"job continue-on-error", "own outcome", "error in an action"}
    return not constructs.isdisjoint(sample.constructs) or any(map(_FAILED_CALL.search, ours))


def contradiction(sample: Sample, real: str, ours: set[str]) -> str:
    """How a course of act differs from ours: of what we know all of there is but one, else it is one of ours.

    Of a workflow that is cancelled what ran is compared: act calls every cancel a failure.
    """
    if sample.constructs["cancel"]:
        real, ours = _begun(real), set(map(_begun, ours))
    if real in ours and (len(ours) == 1 or sample.unknown):
        return ""
    files = "".join(f"# {path}\n{text}\n" for path, text in sample.files.items())
    return f"{files}act        {real}\n" + "".join(f"simulated  {course}\n" for course in sorted(ours))


def _begun(course: str) -> str:
    return re.sub(r" = \w+", "", course)


def recorded() -> list[tuple[Sample, str]]:
    """Workflows that act was asked about before, and its answers."""
    cases = json.loads(RECORDED.read_text("utf-8"))
    return [(Sample(case["files"], tuple(case["jobs"]), Counter(case["constructs"])), case["act"]) for case in cases]


# -- the tests -------------------------------------------------------------------------------------------------------


@pytest.mark.oracle
def test_same_course_as_act() -> None:
    made = samples(COUNT, SEED)
    found, tried = [], Counter[str]()
    for sample, real in zip(made, courses([(sample.files, sample.jobs) for sample in made]), strict=True):
        ours = simulated(sample)
        if not differing(sample, ours):
            tried.update(set(sample.constructs))
            found += [contradiction(sample, real, ours)]
    found = [each for each in found if each]
    assert not found, f"{len(found)} of {len(made)}\n" + min(found, key=len)
    assert len(tried) > 40 or COUNT < 75, tried
    rare = {construct for sample in made for construct in sample.constructs if tried[construct] < COUNT // 75}
    assert rare <= {"job continue-on-error", "own outcome", "error in an action"}, tried


def test_same_course_as_recorded() -> None:
    cases = recorded()
    assert len(cases) > 60
    found = [contradiction(sample, real, simulated(sample)) for sample, real in cases]
    assert [each for each in found if each] == []


@pytest.mark.oracle
def test_what_is_recorded_is_what_act_says(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--regenerate"):
        made = [sample for sample in samples(60, 0) if not differing(sample, simulated(sample))]
        answers = courses([(sample.files, sample.jobs) for sample in made])
        cases = [
            {"files": sample.files, "jobs": sample.jobs, "constructs": sorted(sample.constructs), "act": answer}
            for sample, answer in zip(made, answers, strict=True)
        ]
        RECORDED.write_text(json.dumps(cases, indent=1) + "\n", "utf-8")
    cases = recorded()
    answers = courses([(sample.files, sample.jobs) for sample, _ in cases])
    assert answers == [answer for _, answer in cases]


@pytest.mark.parametrize("difference", DIFFERENCES.values(), ids=list(DIFFERENCES))
def test_we_follow_the_authority_where_act_differs(difference: Difference) -> None:
    ours = simulated(Sample(difference.repository, difference.jobs, Counter()))
    assert ours == set(difference.ours)
    assert ours != {difference.act}


@pytest.mark.oracle
def test_act_still_differs() -> None:
    """A difference that is gone is a construct to compare again."""
    answers = courses([(difference.repository, difference.jobs) for difference in DIFFERENCES.values()])
    assert dict(zip(DIFFERENCES, answers, strict=True)) == {name: each.act for name, each in DIFFERENCES.items()}
