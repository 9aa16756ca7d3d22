"""A workflow as rows of a drawing: jobs in the order of their needs, their steps, and when each runs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from opslint.model.concurrency import Group, groups
from opslint.model.deployment import deployments
from opslint.model.project import Project
from opslint.model.run import reach
from opslint.model.workflow import Action, Job, Step, Workflow
from opslint.simulation.steps import expression_of
from opslint.syntax.tree import Mapping, Node, Scalar, at, scalars
from opslint.views.drawing import Row
from opslint.views.drawn_commands import is_read, plain, step_rows
from opslint.views.when import When, when_job, when_step

_DEEPEST = 10  # how deep actions use one another


def workflow_rows(project: Project, workflow: Workflow) -> Iterator[Row]:
    """Every job, each after those that it needs."""
    deploying = {id(each.job) for each in deployments(project)}
    for remark in _turns(groups(workflow, None), "one run of the workflow at a time"):
        yield Row(None, 0, remark, "dim")
    for job in _by_needs(workflow):
        yield Row(job.key.span, 0, job.id, "title", _header(job))
        yield from (Row(None, 1, remark, "dim") for remark in _needs(job))
        yield from (Row(None, 1, remark, "rule") for remark in _remarks(when_job(job, workflow)))
        yield from (Row(None, 1, remark, "dim") for remark in _settings(workflow, job, id(job) in deploying))
        if job.uses is not None:
            yield from _called(project, job)
        yield from _steps(project, job.steps, workflow, 1)


def _by_needs(workflow: Workflow) -> Iterator[Job]:
    ids = {job.id for job in workflow.jobs}
    waiting, done = list(workflow.jobs), set[str]()
    while waiting:
        ready = (job for job in waiting if all(str(need) in done or str(need) not in ids for need in job.needs))
        job = next(ready, waiting[0])
        waiting.remove(job)
        done.add(job.id)
        yield job


# -- jobs ---------------------------------------------------------------------------------------------------------


def _header(job: Job) -> str:
    said = []
    if job.runs_on is not None:
        labels = at(job.runs_on, "labels") if isinstance(job.runs_on, Mapping) else job.runs_on
        said.append(f"on {', '.join(plain(str(label)) for label in scalars(labels)) or 'a group of runners'}")
    if job.container is not None:
        said.append("in a container")
    if job.services is not None and job.services.entries:
        said.append(f"with {', '.join(str(entry.key) for entry in job.services)}")
    if (name := _environment(job.environment)) is not None:
        said.append(f"environment {plain(str(name))}")
    return ", ".join(said)


def _environment(node: Node | None) -> Scalar | None:
    name = at(node, "name") if isinstance(node, Mapping) else node
    return name if isinstance(name, Scalar) else None


def _needs(job: Job) -> Iterator[str]:
    if job.needs:
        *first, last = (f"`{need}`" for need in job.needs)
        yield f"waits for {' and '.join(filter(None, (', '.join(first), last)))}"


def _remarks(when: When) -> Iterator[str]:
    if when.words:
        yield when.words


def _settings(workflow: Workflow, job: Job, deploys: bool) -> Iterator[str]:
    if job.timeout is not None:
        yield f"at most {_minutes(job.timeout)}"
    elif deploys:
        yield "at most 6 hours: it has no `timeout-minutes`"
    matrix = job.strategy.get("matrix") if job.strategy is not None else None
    if job.strategy is not None and matrix is not None:
        fail_fast = job.strategy.get("fail-fast")
        together = not (isinstance(fail_fast, Scalar) and fail_fast.value is False)
        others = "is cancelled when another one fails" if together else "goes on when another one fails"
        yield f"a job for each leg of its matrix, which {others}"
    yield from _turns(groups(None, job), "one run of it at a time")
    if deploys and not groups(workflow, job):
        yield "nothing here keeps two runs apart: there is no `concurrency`"
    yield from _leniency(job.continue_on_error, "jobs that need it are told of a success")


def _minutes(written: Scalar) -> str:
    return f"{plain(str(written))} minute{'s'[: str(written) != '1']}"


def _turns(found: tuple[Group, ...], what: str) -> Iterator[str]:
    for group in found:
        yield f"{what} in `{' '.join(str(group.name).split())}`: {_newer(group.cancel)}"


def _newer(cancel: Scalar | None) -> str:
    if cancel is None or cancel.value is False:
        return "a newer one waits, and takes the place of one that waits already"
    return "a newer one cancels it" if cancel.value is True else f"a newer one cancels it if `{plain(str(cancel))}`"


def _leniency(written: Scalar | None, then: str) -> Iterator[str]:
    lenient = expression_of(written)
    if lenient is not False:
        asked = "" if lenient is True else f" and `{plain(str(written))}`"
        yield f"when it fails{asked}, {then}"


def _called(project: Project, job: Job) -> Iterator[Row]:
    """A job that is another workflow: what that does, as far as it is here."""
    assert job.uses is not None
    name = str(job.uses)
    path = name.removeprefix("./").removeprefix("$/")
    called = next((each for each in project.workflows if each.path == path), None)
    if called is None:
        yield Row(job.uses.span, 1, name, "code", "is not in this repository: what it does is not to be seen")
        return
    yield Row(job.uses.span, 1, name, "code", f"its jobs: {', '.join(each.id for each in called.jobs)}")
    acts = dict.fromkeys(
        act.name
        for command in project.commands_of(path)
        for each in reach(project, command)
        if (act := project.act(each.command)) is not None
    )
    if acts:
        yield Row(None, 2, f"does {', '.join(acts)}; `opslint explain {path}` draws it", "dim")


def action_rows(project: Project, action: Action) -> Iterator[Row]:
    """The steps of a local composite action, by themselves."""
    yield from _steps(project, action.steps, action, 0)


# -- steps --------------------------------------------------------------------------------------------------------


def _steps(
    project: Project, steps: tuple[Step, ...], owner: Workflow | Action, depth: int, nested: int = 0
) -> Iterator[Row]:
    digits = len(str(len(steps)))
    for number, step in enumerate(steps, 1):
        span = (step.name or step.uses or step.run or step.node).span
        yield Row(span, depth, f"{number:>{digits}} {_title(step)}", after=", ".join(_step_settings(step)))
        below = depth + 1
        yield from (Row(None, below, remark, "rule") for remark in _remarks(when_step(step, steps)))
        if step.parallel:
            yield from _steps(project, step.parallel, owner, below, nested)
        yield from step_rows(project, step, owner.path, below)
        yield from _action(project, step, below, nested)


def _title(step: Step) -> str:
    if step.parallel:
        return "at the same time:"
    if step.cancel:
        return f"cancel `{step.cancel}`"
    if step.wait is not None:
        return f"wait for {', '.join(f'`{each}`' for each in step.wait) or 'all that runs in the background'}"
    return step.title


def _step_settings(step: Step) -> Iterator[str]:
    if step.background:
        yield "in the background"
    if not is_read(step):
        yield f"by `{step.shell.split(' ')[0]}`, whose scripts opslint does not read"
    if step.timeout is not None:
        yield f"at most {_minutes(step.timeout)}"
    yield from _leniency(step.continue_on_error, "the job goes on as if it had not")


def _action(project: Project, step: Step, depth: int, nested: int) -> Iterator[Row]:
    """The steps of a local action."""
    name = str(step.uses or "")
    if step.uses is None or not name.startswith("./"):
        return
    action = project.actions.get(posixpath.normpath(name))
    if action is None:
        yield Row(step.uses.span, depth, name, act="?", host="not in this repository")
    elif action.using != "composite":
        yield Row(None, depth, f"is written for {action.using}: opslint does not read what it does", "dim")
    elif nested < _DEEPEST:
        yield Row(None, depth, f"runs {action.path}:", "dim")
        yield from _steps(project, action.steps, action, depth, nested + 1)
