"""Claims about what a workflow can say: that a tool's verdict reaches its check, and that every step can run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opslint.finding import Note, Verdict
from opslint.model.act import option_of
from opslint.model.command import Command
from opslint.model.project import Project
from opslint.model.run import StepOf, reach
from opslint.model.trigger import triggers
from opslint.model.workflow import Job, Step, Workflow
from opslint.simulation.deploy import meaning_of
from opslint.simulation.explore import Result, explore
from opslint.simulation.machine import WorkflowProgram
from opslint.simulation.property import FailTheRun, StepRuns
from opslint.source import Span

_BUDGET = 40_000  # states: a gate is small
# What keeps the verdict of what is piped into it: cs2pr by itself, reviewdog by its option.
_FILTERS = re.compile(r"\|\s*(?:\S*/)?(?:cs2pr\b|reviewdog\b[^\n|]*-fail-(?:on-error|level))")
_ASKS = re.compile(r"\.(?:outcome|conclusion)\b|\bneeds\.[\w-]+\.result\b")  # what only a course can answer


def reach_the_check(project: Project, *, act: str, name: str, never_with: tuple[str, ...] = ()) -> Iterator[Verdict]:
    """Where an act fails, the check of its job is red, and so is that of a gate job that judges its result.

    With an option of `never_with` the command does not judge at all.
    """
    for workflow in project.workflows:
        when = triggers(project, workflow)
        if not (when.pull_request or when.push or "merge_group" in workflow.events):
            continue
        for job in workflow.jobs:
            commands = tuple(_doing(project, workflow, job, act))
            if commands:
                yield from _judged(project, workflow, job, act, name, commands, never_with)


def _doing(project: Project, workflow: Workflow, job: Job, act: str) -> Iterator[Command]:
    for command in project.commands_of(workflow.path):
        if isinstance(command.site.owner, StepOf) and command.site.owner.job is job:
            for each in reach(project, command):
                done = project.act(each.command)
                if done is not None and done.name == act:
                    yield each.command


def _judged(
    project: Project,
    workflow: Workflow,
    job: Job,
    act: str,
    name: str,
    commands: tuple[Command, ...],
    never_with: tuple[str, ...],
) -> Iterator[Verdict]:
    for command in commands:
        given = next((each for option in never_with if (each := option_of(command.words, option))), None)
        if given is not None:
            message = f"with `{given.written}` {name} succeeds whatever it finds"
            yield Verdict(given.span, "broken", message, job.subject)
            return
    judging = frozenset(each.raw.span for each in commands if not _is_filtered(each))
    meaning = meaning_of(project, lambda found, remote: not remote)
    for gate in (job, *_gates(workflow, job)):
        program = WorkflowProgram(workflow, meaning, gate.id)
        prop = FailTheRun(frozenset({act}), gate.id, judging)
        result = explore(program, prop, survive=("failure",), budget=_BUDGET)
        yield _verdict(result, job, gate, name, commands[0])


def _is_filtered(command: Command) -> bool:
    source, end = command.raw.source, command.raw.span.end
    return _FILTERS.match(source.content[end : end + 200].lstrip()) is not None


def _gates(workflow: Workflow, judged: Job) -> Iterator[Job]:
    """Jobs that need a job and only judge results: no checkout, no action at all."""
    for job in workflow.jobs:
        needs = judged.id in (str(each) for each in job.needs)
        if needs and job.steps and all(step.uses is None for step in job.steps) and "needs" in job.node.span.written:
            reads = re.search(r"needs(?:\.|\[|\s*\))", job.node.span.written.replace("needs:", "", 1))
            if reads or job.condition is not None:
                yield job


def _verdict(result: Result, job: Job, gate: Job, name: str, command: Command) -> Verdict:
    where = "the check" if gate is job else f"the gate `{gate.id}`"
    if result.state == "holds":
        return Verdict(command.span, "holds", f"{where} is red when {name} fails", job.subject)
    if result.state == "undecided" or result.run is None:
        message = f"whether {where} is red when {name} fails is not to be seen: {result.left or 'a script is missing'}"
        return Verdict(result.unseen[0] if result.unseen else job.key.span, "undecided", message, job.subject)
    failed = next((h for h in result.run.happenings if h.outcome == "failed"), None)
    span = command.span if gate is job else gate.key.span
    notes = (Note(command.span, f"{name} runs here"),) if gate is not job else ()
    culprit = f"`{failed.text}`" if failed is not None else name
    message = f"{where} is green although {culprit} fails"
    return Verdict(span, "broken", message, gate.subject, notes, course=result.run.course())


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
                result = explore(program, StepRuns(subject, job.id, legs), mishaps=1, budget=_BUDGET)
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
