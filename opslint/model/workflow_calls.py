"""Calls of what the repository itself holds: reusable workflows, local actions, their inputs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from opslint.finding import Note
from opslint.model.project import Project
from opslint.model.trigger import on_span
from opslint.model.workflow import Action, Job, Step, Workflow
from opslint.model.workflow_flaw import Flaw, first_line, joined
from opslint.model.workflow_values import typed
from opslint.syntax.schema import did_you_mean
from opslint.syntax.tree import Entry, Node, Scalar, at
from opslint.syntax.tree import Mapping as Tree

_ALWAYS_READ = frozenset({"args", "entrypoint"})  # of an action that is a Docker image
_MOST_NAMES = 12  # that a message lists


def called_path(uses: Scalar | None) -> str | None:
    """The path in this repository that a local `uses:` names; `$/` is the repository of the workflow itself."""
    name = str(uses) if uses is not None else ""
    if not name.startswith(("./", "$/")) or "${{" in name:
        return None
    path = posixpath.normpath(name[2:])
    return "" if path == "." else path


def called_workflow(project: Project, job: Job) -> Workflow | None:
    """The workflow of this repository that a job calls."""
    path = called_path(job.uses)
    return next((each for each in project.workflows if each.path == path), None) if path else None


def called_action(project: Project, step: Step) -> Action | None:
    """The action of this repository that a step uses."""
    path = called_path(step.uses)
    return project.actions.get(path) if path is not None else None


def call_flaws(project: Project, found: Workflow | Action) -> Iterator[Flaw]:
    """Calls that GitHub refuses, and those of actions which it only warns of."""
    if isinstance(found, Action):
        yield from _step_calls(project, found.steps)
        return
    for job in found.jobs:
        yield from _step_calls(project, job.steps)
        yield from _job_call(project, job)


def _job_call(project: Project, job: Job) -> Iterator[Flaw]:
    path = called_path(job.uses)
    if not path or job.uses is None:
        return
    workflow = called_workflow(project, job)
    if workflow is None:
        if posixpath.dirname(path) == ".github/workflows" and not project.exists(path):
            yield Flaw(first_line(job.uses.span), f"there is no workflow `{path}` in this repository")
        return
    if "workflow_call" not in workflow.events:
        note = Note(on_span(workflow), "its events")
        yield Flaw(first_line(job.uses.span), f"`{path}` cannot be called: it has no event `workflow_call`", (note,))
        return
    on = at(workflow.document.root, "on", "workflow_call")
    yield from _given("input", job.uses, job.node.get("with"), _table(at(on, "inputs")))
    if not (isinstance(job.node.get("secrets"), Scalar)):
        yield from _given("secret", job.uses, job.node.get("secrets"), _table(at(on, "secrets")))


def _given(what: str, uses: Scalar, given: Node | None, known: Mapping[str, Entry]) -> Iterator[Flaw]:
    entries = {str(entry.key).lower(): entry for entry in given} if isinstance(given, Tree) else {}
    if any("${{" in name for name in entries):
        return
    yield from _unknown(what, uses, entries.values(), known)
    for name, entry in known.items():
        value = entries[name].value if name in entries else None
        if isinstance(value, Scalar) and what == "input" and "${{" not in str(value):
            yield from typed(value, str(at(entry.value, "type")), f"the input `{entry.key}`")
        elif value is None and _is_true(at(entry.value, "required")):
            yield _missing(what, uses, entry)


def _missing(what: str, uses: Scalar, entry: Entry, *, only_warned: bool = False) -> Flaw:
    note = Note(entry.key.span, "defined here")
    return Flaw(first_line(uses.span), f"the {what} `{entry.key}` is required and not given", (note,), only_warned)


def _unknown(
    what: str, uses: Scalar, given: Iterable[Entry], known: Mapping[str, Entry], *, only_warned: bool = False
) -> Iterator[Flaw]:
    names = [str(entry.key) for entry in known.values()]
    for entry in given:
        if str(entry.key).lower() not in known:
            there = f"; there is {joined(names)}" if names and len(names) <= _MOST_NAMES else ""
            hint = did_you_mean(str(entry.key), names) or there
            message = f"`{uses}` has no {what} `{entry.key}`{hint}"
            yield Flaw(entry.key.span, message, only_warned=only_warned)


def _step_calls(project: Project, steps: Iterable[Step]) -> Iterator[Flaw]:
    for step in steps:
        yield from _step_calls(project, step.parallel)
        action = called_action(project, step)
        if action is None or step.uses is None:
            continue
        known = _table(at(action.document.root, "inputs"))
        given = step.node.get("with")
        entries = [entry for entry in given if "${{" not in str(entry.key)] if isinstance(given, Tree) else []
        if isinstance(given, Scalar) or len(entries) != len(given.entries if isinstance(given, Tree) else ()):
            continue
        read = [entry for entry in entries if action.using != "docker" or str(entry.key) not in _ALWAYS_READ]
        yield from _unknown("input", step.uses, read, known, only_warned=True)
        names = {str(entry.key).lower() for entry in entries}
        for name, entry in known.items():
            required = at(entry.value, "required")
            if name not in names and _is_true(required) and at(entry.value, "default") is None:
                yield _missing("input", step.uses, entry, only_warned=True)


def _table(node: Node | None) -> Mapping[str, Entry]:
    """Entries by name; inputs and secrets are the same in upper and lower case."""
    return {str(entry.key).lower(): entry for entry in node} if isinstance(node, Tree) else {}


def _is_true(node: Node | None) -> bool:
    return isinstance(node, Scalar) and str(node).lower() == "true"

