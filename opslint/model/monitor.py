"""Who watches the workers: programs, scripts and code that look whether jobs are processed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opslint.model.queue import HORIZON
from opslint.model.supervisor import Program
from opslint.model.worker import programs_doing
from opslint.source import Span
from opslint.syntax.php_names import mention

if TYPE_CHECKING:
    from opslint.model.project import Project

# Framework and package names that watch queues, of laravel/framework, laravel/horizon, spatie/laravel-health and
# spatie/laravel-failed-job-monitor. A listener or a schedule names them in code.
WATCHING_NAMES = frozenset(
    "queue:monitor QueueBusy LongWaitDetected routeMailNotificationsTo routeSlackNotificationsTo "
    "routeSmsNotificationsTo QueueCheck HorizonCheck JobFailed queue:failed-monitor".split()
)
WATCHING_PACKAGES = ("spatie/laravel-failed-job-monitor", "laravel/pulse")
_CODE = re.compile(r"(?:^|/)(?:app|routes|bootstrap|src)/.*\.php$")


@dataclass(frozen=True, slots=True)
class Monitor:
    """Something that watches, where it says so, and the program that keeps it, if Supervisor does."""

    span: Span
    what: str
    program: Program | None = None


def monitors(project: Project) -> tuple[Monitor, ...]:
    """Everything that watches that jobs are processed; programs first."""
    return project.cached("monitors", lambda: tuple(_monitors(project)))


def _monitors(project: Project) -> Iterator[Monitor]:
    for program, _ in programs_doing(project, "count-jobs"):
        yield Monitor(program.section.key.span, f"`{program.name}` counts the jobs", program)
    for path in project.kinds:
        for command in project.commands_of(path):
            done = project.act(command)
            if done is not None and done.name == "count-jobs" and command.site.kind != "supervisor":
                yield Monitor(command.span, f"`{command}` counts the jobs")
            elif command.site.kind == "supervisor" and HORIZON.matches(command.words):
                yield Monitor(command.span, "Horizon watches its queues")
    for composer in project.composers:
        for name in WATCHING_PACKAGES:
            if name in composer.packages:
                yield Monitor(composer.packages[name].key.span, f"`{name}` watches the queues")
    for path in project.files.paths():
        source = project.source(path) if _CODE.search(path) else None
        place = mention(source, WATCHING_NAMES) if source is not None else None
        if place is not None:
            yield Monitor(place, f"`{place.written}` watches the queues")


def shows_code(project: Project) -> bool:
    """Whether the application is in this repository: else nobody can say that nothing watches."""
    return any(_CODE.search(path) for path in project.files.paths())
