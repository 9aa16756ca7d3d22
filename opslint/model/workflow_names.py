"""What the names in expressions stand for: steps, needed jobs, inputs, the matrix."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Mapping as Dict
from dataclasses import dataclass, replace

from opslint.model.project import Project
from opslint.model.workflow import Action, Job, Step, Workflow
from opslint.model.workflow_expressions import Occurrence, Reference, occurrences, references
from opslint.model.workflow_outputs import job_outputs, step_outputs
from opslint.source import Text
from opslint.syntax.schema import did_you_mean
from opslint.syntax.tree import Mapping, Node, Sequence, at

_STEP_PROPERTIES = ("outputs", "outcome", "conclusion")
_NEED_PROPERTIES = ("outputs", "result")
_BEHIND_STEPS = ("outputs", "environment")  # of a job: evaluated when its steps are done


@dataclass(frozen=True, slots=True)
class Named:
    """One reference that was judged."""

    text: Text  # the smallest name that stands for nothing, else the whole reference
    occurrence: Occurrence
    wrong: str = ""  # why it names nothing
    may_be_meant: bool = False  # a key that some legs of a matrix have in other times, and none has now


def named(project: Project, found: Workflow | Action) -> Iterator[Named]:
    """Every reference to what the file defines, or what it calls here; those that cannot be seen are left out."""
    scopes: dict[str, _Steps] = {}
    for occurrence in occurrences(found):
        job = occurrence.job
        owner = job.subject if job is not None else ""
        if owner not in scopes:
            outside = found.steps if isinstance(found, Action) else ()
            scopes[owner] = _Steps.of(job.steps if job is not None else outside)
        for reference in references(occurrence.expression):
            judged = _judge(project, found, scopes[owner], occurrence, reference)
            if judged is not None:
                yield judged


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps that `steps` can name, in the order they run."""

    by_id: Dict[str, Step]  # in lower case
    order: Dict[str, int]  # by subject

    @staticmethod
    def of(steps: tuple[Step, ...]) -> _Steps:
        flat = [each for step in steps for each in (step, *step.parallel)]
        by_id = {str(each.id).lower(): each for each in reversed(flat) if each.id is not None}
        return _Steps(by_id, {each.subject: number for number, each in enumerate(flat)})


def _judge(
    project: Project, found: Workflow | Action, steps: _Steps, where: Occurrence, reference: Reference
) -> Named | None:
    names = [name.lower() for name in reference.names]
    if reference.context == "github" and names[:2] == ["event", "inputs"] and len(names) > 2:
        return _event_input(found, where, reference)
    if not names:
        return None
    match reference.context:
        case "steps":
            return _step(project, steps, where, reference)
        case "needs" if where.job is not None:
            return _need(project, found, where, reference)
        case "jobs" if isinstance(found, Workflow):
            jobs = {job.id.lower(): job for job in found.jobs}
            known = [job.id for job in found.jobs]
            return _job(project, jobs.get(names[0]), where, reference, known, "there is no job")
        case "inputs":
            return _input(found, where, reference)
        case "matrix" if where.job is not None:
            return _matrix(where.job, where, reference)
    return None


def _step(project: Project, steps: _Steps, where: Occurrence, reference: Reference) -> Named | None:
    if where.step is None and where.job is not None and where.path[0] not in _BEHIND_STEPS:
        return None  # the context is not available there
    name = reference.names[0].lower()
    if name.startswith("__"):
        return None  # ids that GitHub gives
    step = steps.by_id.get(name)
    if step is None:
        known = [str(each.id) for each in steps.by_id.values()]
        return Named(reference.places[0], where, _no("there is no step with the id", reference, 0, known))
    if where.step is not None and step is where.step:
        return Named(reference.places[0], where, f"`{reference.names[0]}` is this very step, and has no results yet")
    if where.step is not None and steps.order[step.subject] > steps.order[where.step.subject]:
        return Named(reference.places[0], where, f"the step `{reference.names[0]}` runs later, and has no results yet")
    if wrong := _property(where, reference, 1, _STEP_PROPERTIES, "a step has"):
        return wrong
    if len(reference.names) > 2 and reference.names[1].lower() == "outputs":
        return _output(step_outputs(project, step, reference.names[2]), where, reference, f"the step `{step.id}`")
    return Named(reference.text, where)


def _need(project: Project, found: Workflow | Action, where: Occurrence, reference: Reference) -> Named | None:
    assert where.job is not None
    needed = [str(need) for need in where.job.needs]
    jobs = {job.id.lower(): job for job in found.jobs} if isinstance(found, Workflow) else {}
    name = reference.names[0].lower()
    if name not in map(str.lower, needed):
        wrong = f"`{where.job.id}` does not need the job `{reference.names[0]}`"
        if name not in jobs:
            wrong = _no(f"`{where.job.id}` needs no job", reference, 0, needed)
        return Named(reference.places[0], where, wrong)
    return _job(project, jobs.get(name), where, reference, needed, "there is no job")


def _job(
    project: Project, job: Job | None, where: Occurrence, reference: Reference, known: list[str], what: str
) -> Named | None:
    if job is None:
        return Named(reference.places[0], where, _no(what, reference, 0, known))
    if wrong := _property(where, reference, 1, _NEED_PROPERTIES, "a job has"):
        return wrong
    if len(reference.names) > 2 and reference.names[1].lower() == "outputs":
        return _output(job_outputs(project, job, reference.names[2]), where, reference, f"the job `{job.id}`")
    return Named(reference.text, where)


def _property(where: Occurrence, reference: Reference, at: int, known: tuple[str, ...], what: str) -> Named | None:
    if len(reference.names) <= at or reference.names[at].lower() in known:
        return None
    listed = ", ".join(f"`{name}`" for name in known)
    name = reference.names[at]
    return Named(reference.places[at], where, f"{what} {listed}, no `{name}`{did_you_mean(name, known)}")


def _output(settable: bool | None, where: Occurrence, reference: Reference, owner: str) -> Named | None:
    if settable is None:
        return None
    if settable:
        return Named(reference.text, where)
    return Named(reference.places[2], where, f"{owner} sets no output `{reference.names[2]}`")


def _input(found: Workflow | Action, where: Occurrence, reference: Reference) -> Named | None:
    if isinstance(found, Action):
        known = _keys(at(found.document.root, "inputs"))
    else:
        events = [event for event in ("workflow_call", "workflow_dispatch") if event in found.events]
        if not events:
            wrong = "has no inputs: neither `workflow_call` nor `workflow_dispatch` starts it"
            return Named(reference.text, where, f"the workflow {wrong}")
        known = [name for event in events for name in _keys(at(found.events[event], "inputs"))]
    return _one_of(known, where, reference, 0, "there is no input")


def _event_input(found: Workflow | Action, where: Occurrence, reference: Reference) -> Named | None:
    """`github.event.inputs` are those of the event that started the run: of a caller, too."""
    if isinstance(found, Action) or "workflow_call" in found.events or "workflow_dispatch" not in found.events:
        return None
    known = _keys(at(found.events["workflow_dispatch"], "inputs"))
    return _one_of(known, where, reference, 2, "there is no input")


def _one_of(known: Collection[str], where: Occurrence, reference: Reference, at: int, what: str) -> Named:
    if reference.names[at].lower() in map(str.lower, known):
        return Named(reference.text, where)
    return Named(reference.places[at], where, _no(what, reference, at, known))


def _no(what: str, reference: Reference, at: int, known: Collection[str]) -> str:
    name = reference.names[at]
    return f"{what} `{name}`{did_you_mean(name, known)}"


def _matrix(job: Job, where: Occurrence, reference: Reference) -> Named | None:
    if where.path[0] == "strategy" and where.step is None:
        return None
    matrix = job.strategy.get("matrix") if job.strategy is not None else None
    if job.node.entry("strategy") is None or (job.strategy is not None and matrix is None):
        return Named(reference.text, where, f"the job `{job.id}` has no matrix")
    if not isinstance(matrix, Mapping):
        return None
    included = matrix.get("include")
    items = included.items if isinstance(included, Sequence) else ()
    if (included is not None and not isinstance(included, Sequence)) or not all(isinstance(i, Mapping) for i in items):
        return None  # an expression: its names are made when it runs
    known = {name for node in (matrix, *items) for name in _keys(node)} - {"include", "exclude"}
    if any("${{" in name for name in known):
        return None
    judged = _one_of(sorted(known), where, reference, 0, "the matrix has no")
    return replace(judged, may_be_meant=bool(judged.wrong) and not did_you_mean(reference.names[0], known))


def _keys(node: Node | None) -> list[str]:
    return [str(entry.key) for entry in node] if isinstance(node, Mapping) else []
