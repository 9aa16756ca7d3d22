"""Claims about what a workflow can say: a tool's verdict reaches its check, every step can run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from opslint.finding import Note, Verdict
from opslint.model.gate import Doing, Gate, doings, gates
from opslint.model.project import Project
from opslint.model.workflow import Job, Step
from opslint.simulation.deploy import meaning_of
from opslint.simulation.explore import Result, explore
from opslint.simulation.gate import BUDGET, PASSING, RedAfter, legs, on_events, reported
from opslint.simulation.machine import WorkflowProgram
from opslint.simulation.occasion import Occasion
from opslint.simulation.property import StepRuns
from opslint.simulation.run import Run
from opslint.simulation.state import Happening
from opslint.simulation.value import Value, unknown
from opslint.source import Span

_ASKS = re.compile(r"\.(?:outcome|conclusion)\b|\bneeds\.[\w-]+\.result\b")  # what only a course can answer
_CUTS = ("failure", "cancel", "timeout")


@dataclass(frozen=True, slots=True)
class Asked:
    """The question of a check: what must redden it, and how it is called."""

    project: Project
    name: str  # of the tool, for people
    cancelled: bool


def reach_the_check(
    project: Project,
    *,
    act: str,
    name: str,
    never_with: tuple[str, ...] = (),
    formats: tuple[str, ...] = (),
    gates: tuple[str, ...] = (),
    cancelled: bool = False,
) -> Iterator[Verdict]:
    """Where an act fails, the check of its job is red, and so is that of a gate job that judges its result.

    With an option of `never_with` the command does not judge at all. `formats` are those of `--error-format` that are
    known to fail; of another nobody knows, for a formatter gives the exit code. `gates` names jobs that are gates,
    whatever they run. With `cancelled` a gate is red, too, where the job that it judges is cancelled or runs out of
    time.
    """
    asked = Asked(project, name, cancelled)
    found = [(doing, _own(asked, doing, never_with, formats)) for doing in doings(project, act)]
    judging = {doing.scope for doing, verdicts in found if verdicts and all(v.state == "holds" for v in verdicts)}
    told: set[tuple[Span, str]] = set()
    for doing, verdicts in found:
        # What is run a second time for its report alone need not fail: the first run does.
        spoken = [v for v in verdicts if v.state == "holds" or doing.scope not in judging]
        if spoken and all(v.state == "holds" for v in verdicts):
            spoken += _gated(asked, doing, gates)
        for verdict in spoken:
            if (verdict.span, verdict.message) not in told:
                told.add((verdict.span, verdict.message))
                yield verdict


def _own(
    asked: Asked, doing: Doing, never_with: tuple[str, ...], formats: tuple[str, ...]
) -> tuple[Verdict, ...]:
    """What is to be said of the check of the job itself; nothing where no pull request or push starts it."""
    found = on_events(asked.project, doing)
    given = doing.option(*never_with)
    if found and given is not None and not doing.compares:
        message = f"with `{given.written}` {asked.name} succeeds whatever it finds"
        return (Verdict(given.span, "broken", message, doing.job.subject),)
    named = doing.option("--error-format")
    if found and formats and named is not None and named.value is not None and named.value.value not in formats:
        message = f"whether `{named.written}` fails is for the formatter of that name to say: it gives the exit code"
        hint = "use a format of PHPStan's own, or name this one among `formats` in the policy if it fails"
        return (Verdict(named.span, "undecided", message, doing.job.subject, hint=hint),)
    verdicts = tuple(_judged(asked, doing, None, occasion) for occasion in found.values())
    return tuple(v for v in verdicts if v.state != "holds")[:1] or verdicts[:1]


def _gated(asked: Asked, doing: Doing, named: tuple[str, ...]) -> Iterator[Verdict]:
    for gate in gates(asked.project, doing.workflow, doing.job, named):
        for occasion in on_events(asked.project, doing).values():
            verdict = _judged(asked, doing, gate, occasion)
            yield verdict
            if verdict.state != "holds":
                break


def _judged(asked: Asked, doing: Doing, gate: Gate | None, occasion: Occasion) -> Verdict:
    places = frozenset({doing.watched})
    found = _explored(asked, doing, gate, occasion, places)
    if found.state == "broken" and doing.keepers:
        places = frozenset(each.raw.span for each in doing.keepers)
        found = _explored(asked, doing, gate, occasion, places)
    if "matrix." in found.left or (found.state == "broken" and found.run and _hangs_on_matrix(found.run)):
        found = _of_legs(asked, doing, gate, occasion, places) or found
    return _verdict(asked, doing, gate, found, places)


def _of_legs(
    asked: Asked, doing: Doing, gate: Gate | None, occasion: Occasion, places: frozenset[Span]
) -> Result | None:
    """The best of a matrix: a leg that is allowed to fail is no gate, as long as another one is."""
    worst = None
    for leg in legs(doing.job, occasion.contexts):
        found = _explored(asked, doing, gate, occasion, places, leg)
        if found.state != "broken" and not found.left:
            return found
        worst = worst or found
    return worst


def _hangs_on_matrix(run: Run) -> bool:
    return any("matrix." in each for each in run.assumptions)


def _explored(
    asked: Asked,
    doing: Doing,
    gate: Gate | None,
    occasion: Occasion,
    places: frozenset[Span],
    leg: Mapping[str, Value] | None = None,
) -> Result:
    if gate is None:
        prop = RedAfter(places, doing.job.id)
        found = reported(asked.project, doing.workflow, doing.job, prop, leg or occasion.contexts)
        return _alone(asked, doing, prop, leg or occasion.contexts) if found.left and doing.job.needs else found
    green = frozenset({"skipped"}) if gate.trusted is not None else PASSING
    prop = RedAfter(places, gate.job.id, asked.cancelled, green)
    contexts = leg or occasion.contexts
    if gate.workflow is not doing.workflow:
        contexts = {key: value for key, value in contexts.items() if key != "inputs"}  # those of the called one
    survive = _CUTS if asked.cancelled else _CUTS[:1]
    return reported(asked.project, gate.workflow, gate.job, prop, contexts, survive)


def _alone(asked: Asked, doing: Doing, prop: RedAfter, contexts: Mapping[str, Value]) -> Result:
    """A job without those that it needs: they decide whether it runs, and not how it ends."""
    job = replace(doing.job, needs=())
    workflow = replace(doing.workflow, jobs=(job,))
    return reported(asked.project, workflow, job, prop, {**contexts, "needs": unknown("needs")})


def _verdict(asked: Asked, doing: Doing, gate: Gate | None, result: Result, places: frozenset[Span]) -> Verdict:
    where = f"the gate `{gate.job.id}`" if gate is not None else "the check"
    job = gate.job if gate is not None else doing.job
    open_question = _open_question(result, places)
    if result.state == "broken" and not open_question and result.run is not None:
        return _broken(doing, gate, result.run, places)
    if result.left or open_question:
        message = f"whether {where} is red when {asked.name} fails is not to be seen: {open_question or result.left}"
        return Verdict(doing.place, "undecided", message, job.subject, hint="split the step, or end it with `exit`")
    return Verdict(doing.place, "holds", f"{where} is red when {asked.name} fails", job.subject)


def _open_question(result: Result, places: frozenset[Span]) -> str:
    """What a violation hangs on that nobody can see: an answer that is another in other runs, a script."""
    if result.state != "broken" or result.run is None:
        return ""
    happenings = result.run.happenings
    wrong = next((i for i, each in enumerate(happenings) if _is_wrong(each, places)), len(happenings))
    unseen = next((each for each in happenings[wrong + 1 :] if each.span in result.unseen), None)
    if unseen is not None:
        return f"`{unseen.text}` runs what is not in this repository"
    if any(mishap.always for mishap in result.mishaps if _is_wrong(mishap.happening, places)):
        return ""
    return f"it hangs on {', '.join(result.run.assumptions) or 'a status that only the run knows'}"


def _is_wrong(happening: Happening, places: frozenset[Span]) -> bool:
    return happening.kind == "command" and happening.span in places and happening.outcome in ("failed", "cancelled")


def _broken(doing: Doing, gate: Gate | None, run: Run, places: frozenset[Span]) -> Verdict:
    wrong = next(each for each in run.happenings if _is_wrong(each, places))
    mishap = f"`{wrong.text}` {'fails' if wrong.outcome == 'failed' else 'is cancelled'}"
    if gate is None:
        return Verdict(
            doing.place, "broken", f"the check is green although {mishap}", doing.job.subject, course=run.course()
        )
    job = gate.job
    notes = (Note(doing.place, f"`{doing.job.id}` runs it here"),)
    if run.results.get(job.id, "skipped") == "skipped":
        message = f"the gate `{job.id}` is skipped when {mishap}, and a skipped check counts as passed"
    else:
        message = f"the gate `{job.id}` is green although {mishap}"
    return Verdict(job.key.span, "broken", message, job.subject, notes, course=run.course())


def every_step_can_run(project: Project) -> Iterator[Verdict]:
    """No step or job is dead in every course. One that is switched off by a plain `false` is so on purpose."""
    meaning = meaning_of(project, lambda found, remote: False)
    for workflow in project.workflows:
        for job in workflow.jobs:
            legs = 2 if job.strategy is not None and job.strategy.get("matrix") is not None else 1
            for condition, subject, what in _conditioned(job):
                text = condition.written
                if not _ASKS.search(text):
                    continue
                program = WorkflowProgram(workflow, meaning, job.id)
                result = explore(program, StepRuns(subject, job.id, legs), mishaps=1, budget=BUDGET)
                if result.state == "broken" or result.left or result.unseen:
                    yield Verdict(condition, "holds", f"`{what}` runs in some course", subject)
                else:
                    message = f"`{what}` never runs: `{text.strip()}` is false in every course"
                    yield Verdict(condition, "broken", message, subject)


def _conditioned(job: Job) -> Iterator[tuple[Span, str, str]]:
    if job.condition is not None:
        yield job.condition.text.span, job.subject, job.id
    for step in _all(job.steps):
        if step.condition is not None:
            yield step.condition.text.span, step.subject, step.title


def _all(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _all(step.parallel)
