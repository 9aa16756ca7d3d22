"""What keeps two runs apart: the `concurrency` of a workflow or job, and the runs that there can be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opslint.model.trigger import branches
from opslint.model.workflow import Job, Workflow
from opslint.syntax.tree import Mapping, Node, Scalar, at, scalars

PULLS = ("pull_request", "pull_request_target")


@dataclass(frozen=True, slots=True)
class Group:
    """One `concurrency:`, where it is written."""

    name: Scalar
    cancel: Scalar | None = None  # `cancel-in-progress`


@dataclass(frozen=True, slots=True)
class Start:
    """One way in which a run of a workflow can begin. `number` tells runs apart that are alike in all else."""

    event: str  # `push`
    ref: str  # `refs/heads/main`; empty where it is not known
    number: int = 1
    merged: bool = False  # the pull request is closed by merging it: somebody has agreed


def groups(workflow: Workflow | None, job: Job | None) -> tuple[Group, ...]:
    """The groups that a job runs in: its own before its workflow's."""
    written = (job.concurrency if job is not None else None, workflow.concurrency if workflow is not None else None)
    return tuple(found for node in written if (found := _group(node)) is not None)


def _group(node: Node | None) -> Group | None:
    if isinstance(node, Scalar):
        return Group(node)
    name, cancel = at(node, "group"), at(node, "cancel-in-progress")
    return Group(name, cancel if isinstance(cancel, Scalar) else None) if isinstance(name, Scalar) else None


def starts(workflow: Workflow) -> tuple[Start, ...]:
    """The runs that a workflow's own events can start: two of each, on each kind of ref that its filters let through.

    A reusable workflow starts none by `workflow_call`: its callers do.
    """
    found = [
        Start(event, ref.replace("{n}", str(number)), number)
        for event in workflow.events
        if event != "workflow_call"
        for ref in _refs(workflow, event)
        for number in (1, 2)
    ]
    merges = [
        Start(event, "", number, merged=True)
        for event in PULLS
        if any(str(each) == "closed" for each in scalars(at(workflow.events.get(event), "types")))
        for number in (1, 2)
    ]
    return tuple(dict.fromkeys((*found, *merges)))


def _refs(workflow: Workflow, event: str) -> tuple[str, ...]:
    default = _default_branch(workflow)
    match event:
        case "push":
            return tuple(dict.fromkeys(_pushed(workflow, default)))
        case "pull_request" | "pull_request_review":
            return ("refs/pull/{n}/merge",)
        case "pull_request_target":
            return tuple(f"refs/heads/{each}" for each in _examples(branches(workflow, event) or (default,)))
        case "workflow_dispatch":
            return (f"refs/heads/{default}", "refs/heads/another-branch")
        case "release" | "create":
            return ("refs/tags/v1", "refs/tags/v2")
    return (f"refs/heads/{default}",)


def _default_branch(workflow: Workflow) -> str:
    """The branch that people mean by default: the first that a push is filtered by, else `main`."""
    plain = [each for each in branches(workflow, "push") or () if not re.search(r"[*?\[\]+!]|\$\{", each)]
    return next((each for each in plain if each in ("main", "master")), plain[0] if plain else "main")


def _pushed(workflow: Workflow, default: str) -> Iterator[str]:
    on = workflow.events.get("push")
    by_branch = isinstance(on, Mapping) and any(on.get(name) is not None for name in ("branches", "branches-ignore"))
    by_tag = isinstance(on, Mapping) and any(on.get(name) is not None for name in ("tags", "tags-ignore"))
    if by_branch or not by_tag:
        named = branches(workflow, "push")
        for branch in _examples(named) if named else (default, "another-branch"):
            yield f"refs/heads/{branch}"
    if by_tag or not by_branch:
        patterns = tuple(str(each) for each in scalars(at(on, "tags"))) or ("v*",)
        for tag in _examples(patterns):
            yield f"refs/tags/{tag}"


def _examples(patterns: tuple[str, ...]) -> Iterator[str]:
    """Names that the patterns let through: two for one with a `*`. `main` and `master` are one branch, renamed."""
    for pattern in patterns:
        if pattern.startswith("!") or (pattern == "master" and "main" in patterns):
            continue
        plain = re.sub(r"\[([^\]]).*?\][+?]?", r"\1", pattern)
        if "*" in plain:
            yield re.sub(r"\*+", "1", plain)
            yield re.sub(r"\*+", "2", plain)
        else:
            yield plain
