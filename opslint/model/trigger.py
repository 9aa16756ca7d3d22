"""When a workflow runs: its events, followed through the workflows that call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from opslint.model.workflow import Job, Workflow
from opslint.source import Span
from opslint.syntax.tree import Mapping, at, scalars

if TYPE_CHECKING:
    from opslint.model.project import Project


@dataclass(frozen=True, slots=True)
class Triggers:
    """What starts a workflow, directly or through its callers."""

    pull_request: bool
    push: bool  # to some branch; one for tags alone is none
    filtered_by_path: bool  # every event that counts is
    span: Span  # of `on:`


def triggers(project: Project, workflow: Workflow, depth: int = 4) -> Triggers:
    """The events of a workflow; those of its callers, too, where it is a reusable one."""
    own = _own(workflow)
    if "workflow_call" not in workflow.events or depth == 0:
        return own
    through = [triggers(project, caller, depth - 1) for caller, _ in callers(project, workflow)]
    return Triggers(
        pull_request=own.pull_request or any(each.pull_request for each in through),
        push=own.push or any(each.push for each in through),
        filtered_by_path=all(each.filtered_by_path for each in through) if through else own.filtered_by_path,
        span=own.span,
    )


def callers(project: Project, workflow: Workflow) -> list[tuple[Workflow, Job]]:
    """The jobs of this repository that call a reusable workflow."""
    return [
        (other, job)
        for other in project.workflows
        for job in other.jobs
        if job.uses is not None and str(job.uses).removeprefix("./").removeprefix("$/") == workflow.path
    ]


def _own(workflow: Workflow) -> Triggers:
    events = workflow.events
    push = events.get("push")
    pushes = "push" in events and not (isinstance(push, Mapping) and push.get("tags") and not push.get("branches"))
    counted = [events[name] for name in ("pull_request", "pull_request_target", "push") if name in events]
    return Triggers(
        pull_request="pull_request" in events or "pull_request_target" in events,
        push=pushes,
        filtered_by_path=bool(counted) and all(_has_path_filter(event) for event in counted),
        span=on_span(workflow),
    )


def _has_path_filter(event: object) -> bool:
    return isinstance(event, Mapping) and any(event.get(name) is not None for name in ("paths", "paths-ignore"))


def on_span(workflow: Workflow) -> Span:
    """The place of the `on:` key, else of the file's beginning."""
    root = workflow.document.root
    entry = root.entry("on") if isinstance(root, Mapping) else None
    return entry.key.span if entry else workflow.document.source.span()


def branches(workflow: Workflow, event: str) -> tuple[str, ...] | None:
    """The branch patterns of an event, None where it has no filter."""
    filters = at(workflow.document.root, "on", event, "branches")
    return tuple(str(each) for each in scalars(filters)) if filters is not None else None
