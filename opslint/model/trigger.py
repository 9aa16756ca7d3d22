"""When a workflow runs: its events and their filters, followed through the workflows that call it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from opslint.model.workflow import Job, Workflow
from opslint.source import Span
from opslint.syntax.tree import Mapping, at, scalars

if TYPE_CHECKING:
    from opslint.model.project import Project

PULLS = ("pull_request", "pull_request_target")
_USUAL = ("main", "master", "trunk", "develop")  # what teams call the branch that everything is merged into
_CODE = ("app/Models/Order.php", "src/Order.php", "src/Shop/Cart/Order.php", "app/Order.php", "lib/Order.php")
_MOST_FILES = 2_000  # of a repository that path filters are tried on


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
    counted = [events[name] for name in (*PULLS, "push") if name in events]
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


def event_span(workflow: Workflow, event: str) -> Span:
    """Where an event is named, else the place of `on:`."""
    on = at(workflow.document.root, "on")
    if isinstance(on, Mapping) and (entry := on.entry(event)) is not None:
        return entry.key.span
    return next((each.span for each in scalars(on) if str(each) == event), on_span(workflow))


def branches(workflow: Workflow, event: str) -> tuple[str, ...] | None:
    """The branch patterns of an event, None where it has no filter."""
    return _filter(workflow, event, "branches")


def _filter(workflow: Workflow, event: str, name: str) -> tuple[str, ...] | None:
    filters = at(workflow.document.root, "on", event, name)
    return tuple(str(each) for each in scalars(filters)) if filters is not None else None


# -- what the filters let through ----------------------------------------------------------------------------------


def path_filter(workflow: Workflow, event: str) -> Span | None:
    """The key of an event's path filter: where no changed file passes it, the workflow never reports (facts S38)."""
    filters = workflow.events.get(event)
    for name in ("paths", "paths-ignore") if isinstance(filters, Mapping) else ():
        entry = filters.entry(name)  # type: ignore[union-attr]
        if entry is not None and not _lets_all(name, tuple(str(each) for each in scalars(entry.value))):
            return entry.key.span
    return None


def _lets_all(name: str, patterns: tuple[str, ...]) -> bool:
    return name == "paths" and patterns[-1:] in (("**",), ("**/*",))


def sees_code(project: Project, workflow: Workflow, event: str) -> bool:
    """Whether a change of PHP code passes an event's path filters."""
    paths, ignored = _filter(workflow, event, "paths"), _filter(workflow, event, "paths-ignore")
    if paths is None and ignored is None:
        return True
    own = [path for path in project.files.paths() if path.endswith(".php") and not path.startswith("vendor/")]
    changed = (*own[:_MOST_FILES], *(each.folder + path for each in project.composers for path in _CODE))
    return any(
        (paths is None or passes(paths, path)) and (ignored is None or not passes(ignored, path)) for path in changed
    )


def sees_updates(workflow: Workflow, event: str) -> bool:
    """Whether an event comes again when a pull request is pushed to: its `types` name `synchronize`, as by default."""
    types = _filter(workflow, event, "types")
    return event not in PULLS or types is None or "synchronize" in types


def reaches_main(project: Project, workflow: Workflow, event: str) -> bool:
    """Whether the branch filters of an event let one of the main branches through: pushed to, or merged into.

    Which branch is the main one stands in no file. It is one that the workflows of the repository name, else `main`
    or `master`; and a branch that a filter names in full is none of those that come and go.
    """
    named, ignored = branches(workflow, event), _filter(workflow, event, "branches-ignore")
    tags = any(_filter(workflow, event, name) is not None for name in ("tags", "tags-ignore"))
    if named is None and ignored is None:
        return not tags
    mains = main_branches(project)
    if named is not None:
        literal = (each for each in named if not re.search(r"[*?+\[\]!]", each))
        whole = any("/" not in each for each in literal)
        return whole or any("${{" in each for each in named) or any(passes(named, each) for each in mains)
    return not all(passes(ignored or (), each) for each in mains)


def main_branches(project: Project) -> tuple[str, ...]:
    """The usual names of a main branch that some workflow filters by, else `main` and `master`."""
    written = {
        pattern.lstrip("!")
        for workflow in project.workflows
        for event in workflow.events
        for name in ("branches", "branches-ignore")
        for pattern in _filter(workflow, event, name) or ()
    }
    return tuple(each for each in _USUAL if each in written) or ("main", "master")


def passes(patterns: Iterable[str], name: str) -> bool:
    """Whether the last pattern that speaks of a name takes it; one with `!` before it leaves it out again."""
    taken = False
    for pattern in patterns:
        negative = pattern.startswith("!")
        if _expression(pattern[negative:]).fullmatch(name):
            taken = not negative
    return taken


_SIGN = re.compile(
    r"(?P<folders>\*\*/)|(?P<any>\*\*)|(?P<some>\*)|(?P<again>[?+])|(?P<set>\[[^\]]+\])|(?P<plain>.)", re.DOTALL
)


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    """A filter pattern: `*` stops at `/`, `**` does not, `?` and `+` speak of the character before them.

    docs.github.com, Workflow syntax, "Filter pattern cheat sheet".
    """
    found = ""
    for sign in _SIGN.finditer(pattern[:500]):
        match sign.lastgroup:
            case "folders":
                found += "(?:.*/)?"
            case "any":
                found += ".*"
            case "some":
                found += "[^/]*"
            case "again" if found and found[-1] not in "*?+":
                found += sign[0]
            case "set":
                found += "[" + re.sub(r"[\\\[^&~|]", r"\\\g<0>", sign[0][1:-1]) + "]"
            case _:
                found += re.escape(sign[0])
    try:
        return re.compile(found, re.DOTALL)
    except re.error:
        return re.compile(re.escape(pattern))

