"""Why each file is linted, as what, and from where it is reached; or why it is not linted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from opslint.files import Disk, UnreadableError
from opslint.model.analysis import analyses
from opslint.model.project import Project
from opslint.model.run import Callee, follow, reach
from opslint.model.workflow import Step
from opslint.model.workflow_calls import called_action, called_workflow
from opslint.policy import Policy
from opslint.source import Source, Span
from opslint.syntax import yaml
from opslint.syntax.tree import Node, at

_INI = (".conf", ".ini")
_ACTIONS = ("action.yml", "action.yaml")


@dataclass(frozen=True, slots=True)
class Row:
    """One file, or a folder that is not entered (it ends in `/`)."""

    path: str
    kind: str | None  # None where it is not linted
    because: str  # why it is, or is not
    place: Span | None = None  # of the policy's word that decides
    application: str | None = None  # the folder of the composer.json that it belongs to, `.` for the root
    reached_from: tuple[Span, ...] = ()  # calls, `uses:` and `includes:` that lead to it


def rows(
    disk: Disk, project: Project, policy: Policy, only: tuple[str, ...] | None, *, everything: bool
) -> Iterator[Row]:
    """The linted files; with `everything` the others, too. `only` names files and folders, and all in them is told.

    No rule runs: files are read for their kind, and for the calls that lead to others.
    """
    reached = calls(project)
    words = _policy_tree(disk, policy)
    for path in disk.paths():
        if _is_in(path, only) and (everything or only is not None or path in project.kinds or path in reached):
            yield _row(disk, project, policy, words, path, tuple(reached.get(path, ())))
    for path, why in disk.left_out.items() if everything or only is not None else ():
        if _is_in(path.rstrip("/"), only) or (path.endswith("/") and any(each.startswith(path) for each in only or ())):
            yield Row(path, None, why)
    for path in only or ():
        if not disk.exists(path):
            yield Row(path, None, "is not there any more")


def _is_in(path: str, only: tuple[str, ...] | None) -> bool:
    return only is None or any(path == each or path.startswith(each.rstrip("/") + "/") for each in only)


def _row(disk: Disk, project: Project, policy: Policy, words: Node | None, path: str, reached: tuple[Span, ...]) -> Row:
    composer = project.composer_of(path)
    application = (composer.folder.rstrip("/") or ".") if composer else None
    excluding = project.exclusion(path)
    if excluding is not None:
        because = f"excluded by `{policy.exclude[excluding]}`"
        return Row(path, None, because, _span(at(words, "exclude", excluding)), application, reached)
    member = project.membership(path)
    unreadable = _unreadable(disk, path) if member is not None or _is_told_by_content(path) else ""
    if member is None:
        why = unreadable or ("is of no kind by itself, but followed" if reached else _no_kind(path))
        return Row(path, None, why, None, application, reached)
    because, place = member.because, None
    if member.glob is not None:
        because = f"matches `{policy.files[member.kind][member.glob]}`"
        place = _span(at(words, "files", member.kind, member.glob))
    because += f", but {unreadable}" if unreadable else ""
    return Row(path, member.kind, because, place, application, reached)


def _span(node: Node | None) -> Span | None:
    return node.span if node is not None else None


def _policy_tree(disk: Disk, policy: Policy) -> Node | None:
    if policy.path is None:
        return None
    return yaml.read(Source(policy.path, disk.read(policy.path).decode("utf-8"))).root


def _unreadable(disk: Disk, path: str) -> str:
    try:
        disk.read(path)
    except (UnreadableError, FileNotFoundError) as error:
        return f"cannot be read: {error}"
    return ""


def _is_told_by_content(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return name.endswith(_INI) or name in _ACTIONS or "." not in name


def _no_kind(path: str) -> str:
    if path.endswith(_INI):
        return "has no section that only Supervisor has"
    return "has no `runs:`" if path.rsplit("/", 1)[-1] in _ACTIONS else "is of no kind that is linted"


def calls(project: Project) -> Mapping[str, Iterable[Span]]:
    """By file, where commands, `uses:` and `includes:` of other files lead to it."""
    found: dict[str, dict[str, Span]] = defaultdict(dict)
    for path, span in (*_scripts(project), *_uses(project), *_includes(project)):
        if path != span.path:
            found[path][str(span)] = span
    return {path: spans.values() for path, spans in found.items()}


def _scripts(project: Project) -> Iterator[tuple[str, Span]]:
    for command in project.commands():
        for reached in reach(project, command):
            callee = follow(project, reached.command.words, reached.command.site.path)
            if isinstance(callee, Callee):
                yield callee.path, reached.command.span


def _uses(project: Project) -> Iterator[tuple[str, Span]]:
    for workflow in project.workflows:
        for job in workflow.jobs:
            called = called_workflow(project, job)
            if called is not None and job.uses is not None:
                yield called.path, job.uses.span
            yield from _actions(project, job.steps)
    for action in project.actions.values():
        yield from _actions(project, action.steps)


def _actions(project: Project, steps: tuple[Step, ...]) -> Iterator[tuple[str, Span]]:
    for step in steps:
        yield from _actions(project, step.parallel)
        action = called_action(project, step)
        if action is not None and step.uses is not None:
            yield action.path, step.uses.span


def _includes(project: Project) -> Iterator[tuple[str, Span]]:
    for analysis in analyses(project):
        for include in analysis.phpstan.includes if analysis.phpstan else ():
            if include.file is not None:
                yield include.path, include.node.span
