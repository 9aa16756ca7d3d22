"""What a workflow tells people: what starts it, what it does, its checks and when they fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from opslint.mask import Masks
from opslint.model.deployment import deployments
from opslint.model.gate import trusted_judge
from opslint.model.project import Project
from opslint.model.secret import secrets
from opslint.model.trigger import callers, path_filter
from opslint.model.workflow import Job, Workflow
from opslint.simulation.gate import EVENTS, PASSING, RedAfterAll, RedWith, reported
from opslint.simulation.occasion import Occasion, can_run, occasions
from opslint.simulation.steps import expression_of
from opslint.syntax.tree import Mapping as Tree
from opslint.syntax.tree import scalars
from opslint.views.drawing import draw
from opslint.views.drawn_workflow import workflow_rows
from opslint.views.screen import Screen

_MOST = 200  # occasions
_LONGEST = 76  # characters of a command
_TOLD = 8  # commands of one kind


def explain_workflow(screen: Screen, project: Project, path: str) -> None:
    """Print it for one workflow: its events, its jobs and steps, its checks by event and when each fails."""
    workflow = next((each for each in project.workflows if each.path == path), None)
    if workflow is None:
        return
    hide = Masks(secrets(project)).hide
    deploying = {id(each.job) for each in deployments(project)}
    screen.line("\nWhat starts it:", "bold")
    for line in _starts(project, workflow):
        screen.line(f"  {hide(line)}")
    screen.line("\nWhat it does:", "bold")
    screen.lines(draw(hide(tuple(workflow_rows(project, workflow))), screen.paper))
    if any(id(job) in deploying for job in workflow.jobs):
        screen.line(f"`opslint simulate {path}` shows what each mishap leaves behind.")
    found = list(islice(occasions(project, workflow), _MOST))
    first: dict[str, Occasion] = {}
    for occasion in found:
        if occasion.start.event in EVENTS and not occasion.start.ref.startswith("refs/tags/"):
            first.setdefault(occasion.start.event, occasion)
    first = {event: first[event] for event in EVENTS if event in first}
    checking = [job for job in workflow.jobs if id(job) not in deploying] if first else []
    if checking:
        screen.line("\nThe checks it reports:", "bold")
    for job in checking:
        for line in _check(project, workflow, job, found, first):
            screen.line(f"  {hide(line)}")


# -- what starts it ---------------------------------------------------------------------------------------------------


def _starts(project: Project, workflow: Workflow) -> Iterator[str]:
    for event, filters in workflow.events.items():
        parts = []
        for entry in filters if isinstance(filters, Tree) else ():
            values = ", ".join(f"`{each}`" for each in scalars(entry.value))
            if values:
                parts.append(f"{entry.key} {values}")
        yield f"{event}: {'; '.join(parts)}" if parts else event
        if event == "workflow_call":
            yield from (f"  called by `{job.id}` in {caller.path}" for caller, job in callers(project, workflow))


# -- checks -----------------------------------------------------------------------------------------------------------


def _check(
    project: Project, workflow: Workflow, job: Job, found: list[Occasion], first: Mapping[str, Occasion]
) -> Iterator[str]:
    """What is to be said of one job: its name, the events it reports on, what reddens it and what does not."""
    running = {each.start.event for each in found if can_run(workflow, job, each)}
    able = [event for event in first if event in running]
    skipped = [event for event in first if event not in able]
    yield f"{_name(project, workflow, job)}{f', on {_listed(able)}' if able else ''}"
    if skipped:
        then = "so the checks of the workflow it calls never report" if job.uses else "and that counts as passed"
        yield f"  is skipped on {_listed(skipped)}, {then}"
    for event in able:
        kept = path_filter(first[event].workflow, event)
        if kept is not None:
            yield f"  never reports on {event} where `{kept.written}` leaves every changed file out"
    if able:
        yield from (f"  {line}" for line in _verdict(project, workflow, job, first[able[0]]))


def _name(project: Project, workflow: Workflow, job: Job) -> str:
    name = str(job.name or job.id)
    if job.strategy is not None and job.strategy.get("matrix") is not None and "${{" not in name:
        name += " (each leg of its matrix)"
    through = [str(calling.name or calling.id) for _, calling in callers(project, workflow)]
    return f"{through[0]} / {name}" if len(through) == 1 and "workflow_call" in workflow.events else name


def _verdict(project: Project, workflow: Workflow, job: Job, occasion: Occasion) -> Iterator[str]:
    if job.uses is not None:
        yield f"fails when a job of {job.uses} fails"
    else:
        yield from _commands(project, workflow, job, occasion)
    for need in job.needs:
        yield from _needed(project, workflow, job, str(need), occasion)
    lenient = expression_of(job.continue_on_error)
    if lenient is not False:
        yield "when it fails, its own check is red, and jobs that need it are told of a success"


def _commands(project: Project, workflow: Workflow, job: Job, occasion: Occasion) -> Iterator[str]:
    prop = RedAfterAll(job.id, job.subject)
    result = reported(project, workflow, job, prop, occasion.contexts)
    own = [each for each in result.mishaps if each.kind == "failure" and prop.is_own(each.happening)]
    red = dict.fromkeys(each.happening.text for each in own if not each.broken)
    green = dict.fromkeys(each.happening.text for each in own if each.always)
    open_ones = dict.fromkeys(each.happening.text for each in own if each.broken and not each.always)
    yield from _told("fails when one of these fails:", [text for text in red if text not in green])
    yield from _told("passes although one of these fails:", list(green))
    yield from _told("fails or passes, by what only the run knows, when one of these fails:", list(open_ones))
    if result.left:
        yield f"not every course was played: {result.left}"


def _told(head: str, texts: list[str]) -> Iterator[str]:
    if texts:
        yield head
    for text in texts[:_TOLD]:
        yield f"  {text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}"
    if len(texts) > _TOLD:
        yield f"  and {len(texts) - _TOLD} more"


def _needed(project: Project, workflow: Workflow, job: Job, need: str, occasion: Occasion) -> Iterator[str]:
    """What becomes of a check when a job that it needs fails or is cancelled."""
    words = {"failure": "fails", "cancelled": "is cancelled"}
    green = frozenset({"skipped"}) if trusted_judge(job) is not None else PASSING
    for result, word in words.items():
        survive = ("failure",) if result == "failure" else ("cancel", "timeout")
        prop = RedWith(need, result, job.id, green)
        found = reported(project, workflow, job, prop, occasion.contexts, survive)
        if found.run is not None and found.state == "broken":
            ends = found.run.results.get(job.id)
            yield f"passes although `{need}` {word}" + (": it is skipped then" if ends == "skipped" else "")
        elif found.state == "holds":
            yield f"does not pass when `{need}` {word}"


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
