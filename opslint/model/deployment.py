"""Which jobs and scripts are deployments: they change a host that outlives them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from opslint.model.act import Act
from opslint.model.command import Command
from opslint.model.run import DEPTH, Reached, StepOf, Unseen, follow, reach
from opslint.model.workflow import Action, Job, Step, Workflow
from opslint.source import Span
from opslint.syntax.tree import Mapping, Node, Scalar, scalars

if TYPE_CHECKING:
    from opslint.model.project import Project

# A closed list: what else a deployment runs (chmod, storage:link, prune) changes no state that rules speak of.
PRODUCTION_ACTS = frozenset(
    "update-code switch-release install-dependencies migrate maintenance-on maintenance-off build-caches "
    "restart-workers restart-services backup-database backup-files restore-database restore-files".split()
)
REPLACES = frozenset({"update-code", "switch-release", "migrate"})  # what there is to roll back
RESTORES = frozenset({"restore-database", "restore-files"})
_FROM_ANYWHERE = frozenset({"check-health", "alert"})  # a runner can ask the site as well as anybody
_BEGINS_ALONE = frozenset({"update-code", "switch-release", "maintenance-on"})  # makes a lone script a deployment

_CONTAINER_START = re.compile(r"entrypoint|(?:^|/)(?:docker-)?(?:start|init|run)(?:[-_][\w-]+)?\.sh$", re.IGNORECASE)
_SERVERS = re.compile(
    r"^\s*exec\s+\"?\$@|^\s*(?:exec\s+)?(?:php-fpm\d?(?:\.\d)?(?:\s+-F)?|apache2-foreground|supervisord\b|nginx\s+-g)",
    re.MULTILINE,
)
_DEVELOPMENT = re.compile(r"\.env\.example|\bkey:generate\b|\bartisan\s+serve\b|\bsail\b|npm run dev\b", re.IGNORECASE)
_TESTING = re.compile(r"--env[= ]testing\b|DB_CONNECTION\b.{0,12}sqlite|\.env\.(?:testing|ci)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Deployment:
    """One job, or one script that no workflow runs, with every command that it leads to, in the order written."""

    subject: str  # jobs.deploy, or the script's path
    span: Span  # the job's key, or the script's first line
    reached: tuple[Reached, ...]
    project: Project
    workflow: Workflow | None = None
    job: Job | None = None
    partners: tuple[Deployment, ...] = ()  # of a rollout: the other jobs that are part of it
    foreign: frozenset[str] = frozenset()  # of a rollout: subjects of jobs that deploy elsewhere in the same run

    @property
    def path(self) -> str:
        return self.span.path

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """Those that run where production is; what the runner does for itself is left out."""
        return tuple(each.command for each in self.reached if self._is_production(each.command))

    def _is_production(self, command: Command) -> bool:
        if self.job is None or command.remote or is_self_hosted(self.job):
            return True
        act = self.project.act(command)
        return act is not None and self.counts(act, remote=False)

    def counts(self, act: Act, remote: bool) -> bool:
        """Whether an act, done here or on another machine, is done to production or looks at it."""
        return self.job is None or remote or act.is_remote or act.name in _FROM_ANYWHERE or is_self_hosted(self.job)

    @cached_property
    def acts(self) -> tuple[tuple[Act, Command | Step], ...]:
        """What is done to production, by commands and by actions; in a rollout by all of its jobs."""
        return tuple(each for part in self.parts for each in part.own_acts)

    @property
    def parts(self) -> tuple[Deployment, ...]:
        """Itself and its partners, in the order of the file."""
        return tuple(sorted((self, *self.partners), key=lambda each: each.span.start))

    @cached_property
    def own_acts(self) -> tuple[tuple[Act, Command | Step], ...]:
        """What its own job or script does to production."""
        found: list[tuple[Act, Command | Step]] = []
        for command in self.commands:
            act = self.project.act(command)
            if act is not None:
                found.append((act, command))
        for step in _followed(self.project, self.job.steps) if self.job else ():
            act = self.project.act_of_step(step)
            if act is not None and self.counts(act, remote=False):
                found.append((act, step))
        return tuple(found)

    def does(self, act: str) -> bool:
        return any(found.name == act for found, _ in self.acts)

    def hosts(self, *acts: str) -> frozenset[str]:
        """The subjects of the steps (else the path of the script) that hold one of these acts; every act by default."""
        return frozenset(subject_of(what) for found, what in self.acts if not acts or found.name in acts)

    def places(self, *acts: str) -> tuple[Span, ...]:
        """Where these acts are written, in the order of the file."""
        return tuple(
            what.span if isinstance(what, Command) else (what.uses or what).span  # type: ignore[union-attr]
            for found, what in self.acts
            if found.name in acts
        )


def subject_of(what: Command | Step) -> str:
    """The step that holds something, else the file that it is written in."""
    if isinstance(what, Step):
        return what.subject
    return what.site.owner.step.subject if isinstance(what.site.owner, StepOf) else what.site.path


def all_steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from all_steps(step.parallel)


def _followed(project: Project, steps: tuple[Step, ...], depth: int = 0) -> Iterator[Step]:
    """Every step, and behind one that uses a local composite action the steps of that."""
    for step in all_steps(steps):
        yield step
        action = _local_action(project, step)
        if action is not None and depth < DEPTH:
            yield from _followed(project, action.steps, depth + 1)


def _local_action(project: Project, step: Step) -> Action | None:
    name = str(step.uses or "")
    return project.actions.get(posixpath.normpath(name)) if name.startswith("./") else None


def deployments(project: Project) -> tuple[Deployment, ...]:
    """Every deployment of a project, jobs before scripts."""
    return project.cached("deployments", lambda: (*_jobs(project), *_scripts(project)))


def _jobs(project: Project) -> Iterator[Deployment]:
    for workflow in project.workflows:
        for job in workflow.jobs:
            reached = tuple(_reached(project, workflow, job))
            found = Deployment(job.subject, job.key.span, reached, project, workflow, job)
            if _changes_production(found):
                yield found


def _reached(project: Project, workflow: Workflow, job: Job) -> Iterator[Reached]:
    """What the steps of a job run, each in its turn, those of local actions too."""
    own = {**_by_step(project, workflow.path)}
    for action in project.actions.values():
        own.update(_by_step(project, action.path))
    for step in _followed(project, job.steps):
        for command in own.get(id(step), ()):
            yield from reach(project, command)


def _by_step(project: Project, path: str) -> dict[int, list[Command]]:
    """The commands of a workflow or action, by the step that runs them."""

    def look() -> dict[int, list[Command]]:
        found: dict[int, list[Command]] = {}
        for command in project.commands_of(path):
            if isinstance(command.site.owner, StepOf):
                found.setdefault(id(command.site.owner.step), []).append(command)
        return found

    return project.cached(("commands by step", path), look)


def _changes_production(found: Deployment) -> bool:
    names = {act.name for act, _ in found.acts}
    if not names & PRODUCTION_ACTS or found.job is None:
        return False
    lasting = any(
        act.name in PRODUCTION_ACTS and (act.is_remote or (isinstance(what, Command) and what.remote))
        for act, what in found.acts
    )
    return lasting or not is_test(found.job, found.reached)


def is_self_hosted(job: Job) -> bool:
    return any("self-hosted" in str(label) for label in _labels(job.runs_on))


def _labels(node: Node | None) -> Iterator[Scalar]:
    if isinstance(node, Mapping):
        for entry in node:
            yield from scalars(entry.value)
    else:
        yield from scalars(node)


def is_test(job: Job, reached: tuple[Reached, ...]) -> bool:
    """Whether a job shows that its database is a throw-away one."""
    written = job.node.span.written
    services = job.services is not None and re.search(
        r"mysql|maria|postgres|pgsql|mssql|sqlite", written, re.IGNORECASE
    )
    return bool(services or _TESTING.search(written) or any(_TESTING.search(str(each.command)) for each in reached))


def _scripts(project: Project) -> Iterator[Deployment]:
    called = _called(project)
    for path in project.all_paths("script"):
        source = project.source(path)
        if path in called or source is None or _starts_container(project, path, source.content):
            continue
        reached = tuple(each for command in project.commands_of(path) for each in reach(project, command))
        found = Deployment(path, source.span(0, len(source.line(1))), reached, project)
        if any(act.name in _BEGINS_ALONE for act, _ in found.acts) and not _DEVELOPMENT.search(source.content):
            yield found


def _called(project: Project) -> frozenset[str]:
    """Scripts that something else in the repository runs: they are judged there."""
    found = set()
    for path, kind in project.kinds.items():
        if kind in ("workflow", "action", "script", "composer", "make"):
            for command in project.commands_of(path):
                callee = follow(project, command.words, path)
                if callee is not None and not isinstance(callee, Unseen) and callee.path != path:
                    found.add(callee.path)
    return frozenset(found)


def _starts_container(project: Project, path: str, content: str) -> bool:
    if _CONTAINER_START.search(path) or _SERVERS.search(content):
        return True
    name = path.rsplit("/", 1)[-1]
    return any(name in text for text in project.container_files)
