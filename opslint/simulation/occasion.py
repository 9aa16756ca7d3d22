"""What each run of a workflow knows of itself, and which of its jobs and steps can then run at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from opslint.finding import Problem
from opslint.model.command import Command
from opslint.model.concurrency import Start, starts
from opslint.model.deployment import PRODUCTION_ACTS, Deployment, deployments
from opslint.model.run import StepOf
from opslint.model.trigger import callers
from opslint.model.workflow import Job, Step, Workflow
from opslint.simulation.condition import decide, evaluate
from opslint.simulation.evaluation import Situation
from opslint.simulation.value import Object, Unknown, Value, string, unknown, written
from opslint.source import Text
from opslint.syntax.condition import condition
from opslint.syntax.expression import embedded, parse
from opslint.syntax.tree import Node, Scalar

if TYPE_CHECKING:
    from opslint.model.project import Project

_DEPTH = 4  # of workflows that call one another
_MOST = 200  # runs to look at; real workflows have a dozen, and each pair of runs is compared
_OF_ONE_RUN = frozenset({"run_id", "run_number", "sha", "head_ref"})
_PAYLOADS = ("pull_request", "inputs", "release", "workflow_run", "number", "label", "schedule", "merge_group")


@dataclass(frozen=True, slots=True)
class Occasion:
    """One run in which a job can be reached: how it started, through which jobs that call it, and what it knows."""

    start: Start
    workflow: Workflow  # that of the event: a caller's, where the job's own is a reusable one
    contexts: Mapping[str, Value]
    called_by: tuple[tuple[Workflow, Job], ...] = ()

    @property
    def place(self) -> Mapping[str, Value]:
        """What it knows without what differs from run to run, and so tells no place: the commit, the run's number."""
        github = self.contexts["github"]
        assert isinstance(github, Object)
        kept = {name: value for name, value in github.entries.items() if name not in _OF_ONE_RUN}
        return {**self.contexts, "github": Object(kept, unknown("github"))}


@dataclass(frozen=True, slots=True)
class Deploying:
    """A deployment that is a job, with the runs in which it can change its host."""

    deployment: Deployment
    workflow: Workflow
    job: Job
    reached: tuple[tuple[Occasion, frozenset[int]], ...]  # with the indices of the acts that it can do then


def deploying(project: Project) -> tuple[Deploying, ...]:
    """Every deployment that is a job."""
    return project.cached("deploying", lambda: tuple(_deploying(project)))


def _deploying(project: Project) -> Iterator[Deploying]:
    for found in deployments(project):
        if found.workflow is not None and found.job is not None:
            reached = tuple(_reached(project, found, found.workflow, found.job))
            yield Deploying(found, found.workflow, found.job, reached)


def _reached(
    project: Project, found: Deployment, workflow: Workflow, job: Job
) -> Iterator[tuple[Occasion, frozenset[int]]]:
    for occasion in islice(occasions(project, workflow), _MOST):
        if can_run(workflow, job, occasion):
            able = frozenset(
                index
                for index, (act, what) in enumerate(found.acts)
                if act.name in PRODUCTION_ACTS
                and ((step := step_of(what)) is None or step_can_run(step, occasion, (job.env, workflow.env)))
            )
            if able:
                yield occasion, able


def step_of(what: Command | Step) -> Step | None:
    """The step that does something, itself or by a command."""
    if isinstance(what, Step):
        return what
    return what.site.owner.step if isinstance(what.site.owner, StepOf) else None


def occasions(project: Project, workflow: Workflow, depth: int = _DEPTH) -> Iterator[Occasion]:
    """The runs of a workflow, those that its callers start included."""
    for start in starts(workflow):
        yield Occasion(start, workflow, _contexts(workflow, start))
    for caller, job in callers(project, workflow) if "workflow_call" in workflow.events and depth else ():
        for occasion in occasions(project, caller, depth - 1):
            if can_run(caller, job, occasion):
                inputs = {name: value_of(node, occasion.contexts) for name, node in job.inputs.items()}
                contexts = {**occasion.contexts, "inputs": Object(inputs)}
                chain = (*occasion.called_by, (caller, job))
                yield replace(occasion, contexts=contexts, called_by=chain)


def _contexts(workflow: Workflow, start: Start) -> Mapping[str, Value]:
    is_pull = start.event.startswith("pull_request")
    payload: dict[str, Value] = dict.fromkeys(_PAYLOADS)
    if is_pull:
        of_pull: dict[str, Value] = {"merged": start.merged, "number": float(start.number)}
        payload["pull_request"] = Object(of_pull, unknown("github.event.pull_request"))
        payload["number"] = float(start.number)
        payload.pop("label")
    else:
        payload.pop(start.event, None)
    if start.event == "workflow_dispatch":
        payload.pop("inputs")
    kind, _, name = start.ref.removeprefix("refs/").partition("/")
    github: dict[str, Value] = {
        "event_name": start.event,
        "ref": start.ref,
        "ref_name": name,
        "ref_type": "tag" if kind == "tags" else "branch",
        "head_ref": f"branch-{start.number}" if is_pull else "",
        "run_id": str(start.number),
        "run_number": str(start.number),
        "sha": str(start.number) * 40,
        "workflow": workflow.name,
        "event": Object(payload, unknown("github.event")),
    }
    if not is_pull:
        github["base_ref"] = ""
    if not start.ref:
        github = {key: value for key, value in github.items() if key not in ("ref", "ref_name", "ref_type")}
    inputs = unknown("inputs") if start.event == "workflow_dispatch" else Object()
    return {"github": Object(github, unknown("github")), "inputs": inputs}


def can_run(workflow: Workflow, job: Job, occasion: Occasion) -> bool:
    """Whether a job can run on an occasion, as far as its condition and those of the jobs it needs tell."""
    return job.id in runnable(workflow, occasion)


def runnable(workflow: Workflow, occasion: Occasion) -> frozenset[str]:
    """The ids of the jobs that can run on an occasion.

    A job that needs a skipped one is skipped too, unless its condition calls a status function that is true then.
    Jobs that need one another in a circle never run.
    """
    ids = {job.id for job in workflow.jobs}
    can: dict[str, bool] = {}
    waiting = list(workflow.jobs)
    while waiting:
        ready = [job for job in waiting if all(str(each) in can or str(each) not in ids for each in job.needs)]
        if not ready:
            break
        for job in ready:
            can[job.id] = _job_may(job, [str(each) for each in job.needs if str(each) in ids], can, occasion)
        waiting = [job for job in waiting if job.id not in can]
    return frozenset(id for id, answer in can.items() if answer)


def _job_may(job: Job, needs: list[str], can: Mapping[str, bool], occasion: Occasion) -> bool:
    skipped: dict[str, Value] = {id: Object({"result": "skipped", "outputs": Object()}) for id in needs if not can[id]}
    contexts = {**occasion.contexts, "needs": Object(skipped, unknown("needs"))}
    return _may(job.condition, Situation(contexts, "skipped" if skipped else None if needs else "success"))


def step_can_run(step: Step, occasion: Occasion, environments: tuple[Mapping[str, Node], ...] = ()) -> bool:
    """Whether a step can run on an occasion; `environments` are the `env:` around it, the nearest first."""
    known: dict[str, Value] = {}
    for environment in reversed(environments):
        known |= {name: value_of(node, occasion.contexts) for name, node in environment.items()}
    return _may(step.condition, Situation({**occasion.contexts, "env": Object(known, unknown("env"))}))


def _may(given: Scalar | None, situation: Situation) -> bool:
    read = condition(given.text if given is not None else None)
    return isinstance(read, Problem) or any(decision.truth for decision in decide(read, situation))


def value_of(node: Node | None, contexts: Mapping[str, Value]) -> Value:
    """What a value with `${{ }}` in it comes to: known, or an unknown that is named as it is written."""
    if not isinstance(node, Scalar):
        return None if node is None else Unknown(node.span.written)
    text, situation = node.text, Situation(contexts)
    fences = embedded(text)
    if not fences:
        return node.value if isinstance(node.value, bool) else text.value
    values = [_inner(fence.inner, situation) for fence in fences]
    if len(fences) == 1 and len(fences[0].text) == len(text.value):
        return values[0]
    pieces, rest = [], text.value
    for fence, value in zip(fences, values, strict=True):
        before, _, rest = rest.partition(fence.text.value)
        # What is not known stands for itself: the same words are the same value.
        if value is None or isinstance(value, bool | float | str):
            pieces += [before, string(value)]
        else:
            pieces += [before, f"${{{{ {written(value)} }}}}"]
    whole = "".join((*pieces, rest))
    return Unknown(whole, text=True) if "${{" in whole else whole


def _inner(text: Text, situation: Situation) -> Value:
    expression = parse(text)
    return Unknown(text.value) if isinstance(expression, Problem) else evaluate(expression, situation)
