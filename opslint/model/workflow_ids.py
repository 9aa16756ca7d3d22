"""What jobs and steps are named, and whether what they wait for is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from opslint.finding import Note
from opslint.model.workflow import Action, Job, Step, Workflow
from opslint.model.workflow_flaw import Flaw, first_line
from opslint.source import Span
from opslint.syntax.schema import did_you_mean
from opslint.syntax.tree import Mapping, Scalar, at, scalars

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LONGEST_ID = 99


def id_flaws(found: Workflow | Action) -> Iterator[Flaw]:
    """Ids that GitHub refuses, `needs` that no job or a circle of jobs meets, and waits for no step."""
    if isinstance(found, Action):
        yield from _step_ids(found.steps)
        return
    for job in found.jobs:
        yield from _id(job.key)
        yield from _step_ids(job.steps)
        yield from _waits(job.steps)
    yield from _needs(found)


def _id(id: Scalar) -> Iterator[Flaw]:
    """Identifiers are letters, digits, `_` and `-`; `__` is GitHub's own (actions/runner, IdBuilder.cs)."""
    name = str(id)
    if not name or "${{" in name or name == "<<":
        return  # its shape says so
    if not _ID.fullmatch(name):
        message = f"`{name}` is no id: letters, digits, `_` and `-`, and a letter or `_` first"
        yield Flaw(first_line(id.span), message)
    elif len(name) > _LONGEST_ID:
        yield Flaw(id.span, f"an id has at most {_LONGEST_ID} characters, this one has {len(name)}")
    elif name.startswith("__"):
        yield Flaw(id.span, f"`{name}` begins with `__`, which GitHub keeps for its own ids")


def _step_ids(steps: Sequence[Step]) -> Iterator[Flaw]:
    taken: dict[str, Scalar] = {}
    for step in steps:
        if step.id is not None:
            yield from _id(step.id)
            first = taken.setdefault(str(step.id).lower(), step.id)
            if first is not step.id:
                other = "" if str(first) == str(step.id) else f" as `{first}`, which GitHub takes for the same"
                message = f"the id `{step.id}` is already taken{other}"
                yield Flaw(step.id.span, message, (Note(first.span, "taken here"),))
        yield from _step_ids(step.parallel)


def _waits(steps: Sequence[Step]) -> Iterator[Flaw]:
    known: list[str] = []
    for step in steps:
        yield from _targets(step, known)
        known += [str(step.id)] if step.id is not None else []


def _targets(step: Step, known: list[str]) -> Iterator[Flaw]:
    for target in (*scalars(step.node.get("wait")), *scalars(step.node.get("cancel"))):
        name = str(target)
        if step.id is not None and name.lower() == str(step.id).lower():
            yield Flaw(target.span, f"the step waits for itself: `{name}`")
        elif name and name.lower() not in map(str.lower, known):
            yield Flaw(target.span, f"no step above has the id `{name}`{did_you_mean(name, known)}")
    everything = step.node.get("wait-all")
    if isinstance(everything, Scalar) and everything.value is False:
        yield Flaw(everything.span, "`wait-all` is `true` or nothing")


def _needs(workflow: Workflow) -> Iterator[Flaw]:
    jobs = at(workflow.document.root, "jobs")
    if isinstance(jobs, Mapping) and not jobs.entries:
        yield Flaw(_key_of(workflow, "jobs"), "`jobs` holds no job")
    by_name = {job.id.lower(): job for job in workflow.jobs}
    named = {str(entry.key).lower() for entry in jobs} if isinstance(jobs, Mapping) else set()
    for job in workflow.jobs:
        for need in job.needs:
            if str(need) and str(need).lower() not in named:
                known = [each.id for each in workflow.jobs if each is not job]
                yield Flaw(first_line(need.span), f"there is no job `{need}`{did_you_mean(str(need), known)}")
    yield from _cycles(workflow, by_name)


def _cycles(workflow: Workflow, by_name: dict[str, Job]) -> Iterator[Flaw]:
    """One flaw per circle, at the `needs` that closes it; without recursion, for a chain may be long."""
    done: set[str] = set()
    for start in workflow.jobs:
        path = {} if start.id.lower() in done else {start.id.lower(): iter(start.needs)}
        while path:
            name = next(reversed(path))
            need = next(path[name], None)
            if need is None:
                done.add(name)
                del path[name]
                continue
            wanted = str(need).lower()
            if wanted in path:
                above = list(path)
                yield _circle(need, [by_name[each] for each in above[above.index(wanted) :]])
            elif wanted in by_name and wanted not in done:
                path[wanted] = iter(by_name[wanted].needs)


def _circle(need: Scalar, jobs: list[Job]) -> Flaw:
    if len(jobs) == 1:
        return Flaw(need.span, f"the job `{jobs[0].id}` needs itself")
    story = " needs ".join(f"`{job.id}`" for job in (jobs[-1], *jobs))
    return Flaw(need.span, f"no job can begin: {story}", tuple(Note(job.key.span, f"`{job.id}`") for job in jobs))


def _key_of(workflow: Workflow, key: str) -> Span:
    root = workflow.document.root
    entry = root.entry(key) if isinstance(root, Mapping) else None
    return entry.key.span if entry else workflow.document.source.span()
