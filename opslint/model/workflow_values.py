"""Values of the right type that are refused all the same: action names, schedules, matrices."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opslint.finding import Note
from opslint.model.workflow import Action, Job, Step, Workflow
from opslint.model.workflow_cron import cron_flaw
from opslint.model.workflow_flaw import Flaw, first_line, likely, short
from opslint.model.workflow_schema import shapes
from opslint.source import Span
from opslint.syntax.tree import Mapping, Node, Scalar, Sequence, at

_LONGEST_GROUP = 400
_MOST_INPUTS = 25  # of a dispatched workflow
_CALLED = re.compile(r"[^/@\s]+/[^/@\s]+/\.github/workflows/[^/@\s]+\.ya?ml@\S+")
_CALLED_HERE = re.compile(r"(?:\./|\$/)\.github/workflows/[^/@\s]+\.ya?ml")


def value_flaws(found: Workflow | Action) -> Iterator[Flaw]:
    """What GitHub's converter refuses of values that fit (actions/runner, WorkflowTemplateConverter.cs)."""
    if isinstance(found, Action):
        for step in found.steps:
            yield from _uses(step)
        return
    root = found.document.root
    yield from _group(at(root, "concurrency"))
    yield from _filters(at(root, "on"))
    yield from _schedules(at(root, "on", "schedule"))
    yield from _inputs(at(root, "on", "workflow_dispatch", "inputs"), dispatched=True)
    yield from _inputs(at(root, "on", "workflow_call", "inputs"), dispatched=False)
    for job in found.jobs:
        yield from _job(job)


def _job(job: Job) -> Iterator[Flaw]:
    known = shapes()["steps-job"].keys  # a misspelt `steps` is told as such
    absent = job.uses is None and job.node.entry("runs-on") is not None and _is_absent(job.node.get("steps"))
    if absent and all(str(entry.key) in known for entry in job.node):
        yield Flaw(job.key.span, f"the job `{job.id}` has no steps")
    if job.uses is not None and not _is_dynamic(job.uses):
        yield from _call(job.uses)
    for step in job.steps:
        yield from _uses(step)
        for inner in step.parallel:
            yield from _uses(inner)
    yield from _group(job.concurrency)
    yield from _runner_group(at(job.runs_on, "group"))
    yield from _matrix(job)
    for entry in job.services or ():
        yield from _service(entry.value, entry.key.span, job)


def _is_absent(steps: Node | None) -> bool:
    return steps is None or (isinstance(steps, Sequence) and not steps.items)


def _uses(step: Step) -> Iterator[Flaw]:
    if step.uses is None or not str(step.uses) or _is_dynamic(step.uses):
        return
    uses = str(step.uses)
    if uses.startswith(("docker://", "./", ".\\", "$/")):
        return
    name, *refs = uses.split("@")
    if len(refs) != 1 or not refs[0] or len([part for part in re.split(r"[/\\]", name) if part]) < 2:
        message = f"`{short(uses)}` is no action: it is named `owner/repo@ref`, `./folder` or `docker://image`"
        yield Flaw(first_line(step.uses.span), message)


def _call(uses: Scalar) -> Iterator[Flaw]:
    name = str(uses)
    if name and not _CALLED.fullmatch(name) and not _CALLED_HERE.fullmatch(name):
        message = (
            f"`{short(name)}` is no workflow: it is named `./.github/workflows/file.yml`"
            " or `owner/repo/.github/workflows/file.yml@ref`"
        )
        yield Flaw(first_line(uses.span), message)


def _group(concurrency: Node | None) -> Iterator[Flaw]:
    group = at(concurrency, "group") if isinstance(concurrency, Mapping) else concurrency
    if isinstance(group, Scalar) and not _is_dynamic(group) and len(str(group)) > _LONGEST_GROUP:
        yield Flaw(first_line(group.span), f"the name of a concurrency group has at most {_LONGEST_GROUP} characters")


def _runner_group(group: Node | None) -> Iterator[Flaw]:
    if not isinstance(group, Scalar) or _is_dynamic(group) or "/" not in str(group):
        return
    owner, *rest = str(group).split("/")
    if len(rest) > 1 or owner not in ("org", "organization", "ent", "enterprise") or not rest[0]:
        yield Flaw(group.span, f"`{group}` is no runner group: it is named `group`, `org/group` or `ent/group`")


def _filters(on: Node | None) -> Iterator[Flaw]:
    """An event is filtered by what it is for or by what it is not for, never by both (docs: workflow syntax)."""
    for event in on if isinstance(on, Mapping) else ():
        found = {str(entry.key): entry for entry in event.value} if isinstance(event.value, Mapping) else {}
        for name in ("branches", "tags", "paths"):
            pair = [entry for key, entry in found.items() if key in (name, f"{name}-ignore")]
            if len(pair) == 2:
                message = f"`{name}` and `{name}-ignore` exclude one another; a pattern with `!` takes something out"
                yield Flaw(pair[1].key.span, message, (Note(pair[0].key.span, f"`{pair[0].key}` stands here"),))
    inputs = at(on, "workflow_dispatch", "inputs")
    if isinstance(inputs, Mapping) and len(inputs.entries) > _MOST_INPUTS:
        extra = inputs.entries[_MOST_INPUTS].key.span
        yield Flaw(extra, f"`workflow_dispatch` has at most {_MOST_INPUTS} inputs, here are {len(inputs.entries)}")


def _schedules(schedules: Node | None) -> Iterator[Flaw]:
    for schedule in schedules.items if isinstance(schedules, Sequence) else ():
        cron = at(schedule, "cron")
        if isinstance(cron, Scalar) and str(cron) and (why := cron_flaw(str(cron))):
            yield Flaw(cron.span, why)


def _inputs(inputs: Node | None, *, dispatched: bool) -> Iterator[Flaw]:
    for entry in inputs if isinstance(inputs, Mapping) else ():
        type = str(at(entry.value, "type") or "string")
        options = entry.value.entry("options") if isinstance(entry.value, Mapping) else None
        default = at(entry.value, "default")
        if dispatched and type == "choice":
            if options is None or (isinstance(options.value, Sequence) and not options.value.items):
                yield Flaw(entry.key.span, f"the input `{entry.key}` is a choice without `options`")
        elif dispatched and options is not None:
            yield Flaw(options.key.span, f"`options` is only for inputs of the type `choice`, this one is a `{type}`")
        elif not dispatched and isinstance(default, Scalar) and not _is_dynamic(default):
            yield from typed(default, type, f"the default of `{entry.key}`")


def typed(value: Scalar, type: str, what: str) -> Iterator[Flaw]:
    """A value that is written out and is not of the type which an input has."""
    if type == "boolean" and not isinstance(value.value, bool):
        yield Flaw(first_line(value.span), f"{what} is `true` or `false`, not {_described(value)}")
    elif type == "number" and (isinstance(value.value, bool) or not isinstance(value.value, int | float)):
        yield Flaw(first_line(value.span), f"{what} is a number, not {_described(value)}")


def _described(value: Scalar) -> str:
    return f"the text `{short(str(value))}`" if isinstance(value.value, str) else f"`{value}`"


def _matrix(job: Job) -> Iterator[Flaw]:
    entry = job.strategy.entry("matrix") if job.strategy else None
    if entry is None or not isinstance(entry.value, Mapping):
        return
    vectors = [each for each in entry.value if str(each.key) not in ("include", "exclude")]
    for vector in vectors:
        if isinstance(vector.value, Sequence) and not vector.value.items:
            yield Flaw(vector.key.span, f"`{vector.key}` of the matrix is empty: no leg of the job would run")
    included = entry.value.get("include")
    if not vectors and (included is None or (isinstance(included, Sequence) and not included.items)):
        yield Flaw(entry.key.span, "the matrix has nothing to run")
    if vectors and "${{" not in entry.value.span.written:
        yield from _excluded(entry.value, [str(vector.key) for vector in vectors])


def _excluded(matrix: Mapping, names: list[str]) -> Iterator[Flaw]:
    """What is taken out is named by the keys that make up the matrix; `include` comes later."""
    excluded = matrix.get("exclude")
    for item in excluded.items if isinstance(excluded, Sequence) else ():
        for entry in item if isinstance(item, Mapping) else ():
            if str(entry.key).lower() not in map(str.lower, names):
                yield Flaw(entry.key.span, f"the matrix has no `{entry.key}` to exclude{likely(str(entry.key), names)}")


def _service(service: Node, key: Span, job: Job) -> Iterator[Flaw]:
    """A service without image is refused at once, unless an expression stands anywhere among the services."""
    image = at(service, "image") if isinstance(service, Mapping) else service
    absent = image is None or (isinstance(image, Scalar) and str(image) == "docker://")
    if absent and job.services is not None and "${{" not in job.services.span.written:
        yield Flaw(key, f"the service `{key.written}` has no `image`")


def _is_dynamic(scalar: Scalar) -> bool:
    return "${{" in str(scalar)
