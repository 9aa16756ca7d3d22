"""What `opslint init` would write into a repository, and what it leaves as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opslint import policy as policies
from opslint.adoption import hook, job
from opslint.adoption.change import Change
from opslint.adoption.draft import PATH, draft
from opslint.adoption.listing import NotEditableError
from opslint.files import Files, Memory, Overlay
from opslint.finding import Report
from opslint.lint import lint, open_project
from opslint.model.project import Project
from opslint.policy import Policy


@dataclass(frozen=True, slots=True)
class Plan:
    report: Report  # under the policy that is there or would be
    changes: tuple[Change, ...]
    kept: tuple[str, ...]  # what was asked for and is there already, one sentence each
    refused: tuple[str, ...]  # what cannot be written by itself, with what to do by hand


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked for besides the policy, and the branch that everything is merged into, where git knows."""

    pre_commit: bool = False
    ci: bool = False
    branch: str | None = None


def plan(files: Files, policy: Policy, wanted: Wanted, before: Files | None = None, before_missing: str = "") -> Plan:
    """Everything that would be written, without writing it. Raises NotWrittenError for a file that is no text."""
    report = lint(files, policy, None, before, before_missing=before_missing)
    changes: list[Change] = []
    kept: list[str] = []
    refused: list[str] = []
    project = open_project(files, policy)
    if policy.path is not None:
        kept.append(f"`{policy.path}` is there")
    elif report.files:
        change = Change(PATH, None, draft(project, report))
        changes.append(change)
        drafted = policies.load(Memory({PATH: change.after}))
        if drafted.exclude or drafted.files:
            planned = Overlay(files, Memory({PATH: change.after}))
            report = lint(planned, drafted, None, before, before_missing=before_missing)
    for step in (*([_hook] if wanted.pre_commit else []), *([_jobs] if wanted.ci else [])):
        for outcome in step(project, wanted):
            match outcome:
                case Change():
                    changes.append(outcome)
                case _Kept():
                    kept.append(outcome.said)
                case _Refused():
                    refused.append(outcome.said)
    return Plan(report, tuple(changes), tuple(kept), tuple(refused))


@dataclass(frozen=True, slots=True)
class _Kept:
    said: str


@dataclass(frozen=True, slots=True)
class _Refused:
    said: str


def _hook(project: Project, wanted: Wanted) -> Iterator[Change | _Kept | _Refused]:
    if hook.is_there(project.files):
        yield _Kept(f"`{hook.PATH}` has the hook")
        return
    try:
        yield hook.change(project.files)
    except NotEditableError as error:
        yield _Refused(f"{error}; add `{{{', '.join(hook.ITEM[:2])}, hooks: [{{id: opslint}}]}}` to `repos` yourself")


def _jobs(project: Project, wanted: Wanted) -> Iterator[Change | _Kept | _Refused]:
    systems = job.systems(project.files)
    if not systems:
        yield _Refused(f"`{job.elsewhere(project.files)}`: no job is written for it; let one run `{job.COMMAND}`")
    for system in systems:
        there = job.already_in(project.files, system)
        if there is not None:
            yield _Kept(f"`{there}` runs opslint")
            continue
        try:
            yield from tuple(job.changes(project, system, wanted.branch))
        except NotEditableError as error:
            yield _Refused(f"{error}; let a job run `{job.COMMAND}`")
