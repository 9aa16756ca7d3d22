"""How long a job may run, and when its queue gives it to another worker."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opslint.model.act import Pattern, option_of
from opslint.model.command import Command
from opslint.model.horizon import Supervisor, config, number, reached, supervisors, text
from opslint.model.option import line
from opslint.model.supervisor import Program
from opslint.source import Span

if TYPE_CHECKING:
    from opslint.model.project import Project

_UNITS = {"": 0, "K": 10, "M": 20, "G": 30}


@dataclass(frozen=True, slots=True)
class Worker:
    """A command that works a queue, and which of its options bound it."""

    command: Pattern
    memory: str = ""  # the option that caps its memory
    default_memory: int | None = None  # in megabytes, without that option
    timeout: str = ""  # the option that bounds one job
    default_timeout: int | None = None  # in seconds; None where nothing bounds a job


# Illuminate\Queue\Console\WorkCommand and ListenCommand; Symfony\Component\Messenger\Command\ConsumeMessagesCommand.
# Horizon's own numbers stand in config/horizon.php.
WORKERS = (
    Worker(Pattern.parse("php artisan queue:work"), "--memory", 128, "--timeout", 60),
    Worker(Pattern.parse("php artisan queue:listen"), "--memory", 128, "--timeout", 60),
    Worker(Pattern.parse("php bin/console messenger:consume"), "--memory-limit"),
)
HORIZON = Pattern.parse("php artisan horizon")


@dataclass(frozen=True, slots=True)
class JobLimit:
    """How long a job of a worker may run."""

    seconds: int | None  # 0 is for ever; None where it is only known when it runs
    said: str  # in the words of the file: `--timeout=90`
    span: Span | None = None  # where it is set; None where it is a default


@dataclass(frozen=True, slots=True)
class Timeout:
    """What one worker may take for a job, against the `retry_after` of its connection; both in seconds."""

    span: Span  # of the timeout, else of the worker's command
    subject: str
    connection: str
    timeout: int
    retry_after: int
    retry_span: Span


def worker_of(command: Command) -> Worker | None:
    return next((each for each in WORKERS if each.command.matches(command.words)), None)


def job_limit(project: Project, command: Command) -> JobLimit | None:
    """How long a job may run that a command works on; None where the command bounds none."""
    worker = worker_of(command)
    if worker is not None:
        return _given_limit(worker, command)
    if not HORIZON.matches(command.words):
        return None
    found = [each for each in supervisors(project, command.site.path) if each.timeout is not None]
    longest = max(found, key=lambda each: (each.timeout == 0, each.timeout or 0), default=None)
    if longest is None:
        return JobLimit(60, "60 seconds, Horizon's default")
    return JobLimit(longest.timeout, f"`'timeout' => {longest.timeout}` of Horizon's `{longest.name}`", longest.place)


def _given_limit(worker: Worker, command: Command) -> JobLimit | None:
    given = option_of(command.words, worker.timeout) if worker.timeout else None
    if given is None or given.value is None:
        if worker.default_timeout is None:
            return None
        return JobLimit(worker.default_timeout, f"{worker.default_timeout} seconds, the default of `{worker.timeout}`")
    seconds = int(given.value.value) if given.is_literal and re.fullmatch("[0-9]{1,9}", given.value.value) else None
    return JobLimit(seconds, f"`{worker.timeout}={given.value.value}`", given.value.span)


def memory_cap(command: Command) -> int | None:
    """The size in megabytes at which a worker ends itself; None where nothing is known to cap it."""
    worker = worker_of(command)
    given = option_of(command.words, worker.memory) if worker is not None else None
    if worker is None or given is None or given.value is None:
        return worker.default_memory if worker is not None else None
    if not given.is_literal:
        return None
    found = re.fullmatch(r"([0-9]{1,12})\s*([KMG]?)B?", given.value.value.upper())
    if found is None:
        return None
    if worker.default_memory is not None:  # Laravel's numbers are megabytes, whatever stands behind them
        return int(found[1])
    return int(found[1]) << _UNITS[found[2]] >> 20


def timeouts(project: Project) -> Iterator[Timeout]:
    """Every worker whose connection's `retry_after` is plain to see; sqs and sync have none."""
    for path in project.all_paths("supervisor"):
        for command in project.commands_of(path):
            worker = worker_of(command)
            if worker is not None and worker.timeout:
                yield from _of_worker(project, worker, command)
    for each in supervisors(project, ""):
        yield from _of_horizon(project, each)


def _of_worker(project: Project, worker: Worker, command: Command) -> Iterator[Timeout]:
    limit = _given_limit(worker, command)
    variables = _variables(command)
    queue = config(project, command.site.path, "config/queue.php")
    operands = line(command.words).operands[1:]
    if operands and not operands[0].is_literal:
        return
    connection = operands[0].value if operands else text(reached(queue, "default", variables=variables))
    retry = reached(queue, "connections", connection or "", "retry_after", variables=variables)
    seconds = number(retry)
    if connection and retry is not None and seconds is not None and limit is not None and limit.seconds is not None:
        span = limit.span or command.span
        yield Timeout(span, command.site.subject, connection, limit.seconds, seconds, retry.span)


def _variables(command: Command) -> Mapping[str, str]:
    """The environment variables that Supervisor sets for a worker."""
    program = command.site.owner
    if not isinstance(program, Program):
        return {}
    options = (program.daemon_option("environment"), program.option("environment"))
    found: dict[str, str] = {}
    for option in options:
        if option is not None and option.is_known and option.is_valid and isinstance(option.value, Mapping):
            found |= option.value
    return found


def _of_horizon(project: Project, supervisor: Supervisor) -> Iterator[Timeout]:
    queue = config(project, "", "config/queue.php")
    retry = reached(queue, "connections", supervisor.connection, "retry_after")
    seconds = number(retry)
    if supervisor.timeout is not None and supervisor.place is not None and retry is not None and seconds is not None:
        subject = f"horizon:{supervisor.name}"
        yield Timeout(supervisor.place, subject, supervisor.connection, supervisor.timeout, seconds, retry.span)


def horizon_memory(project: Project, path: str) -> int | None:
    """What all workers of Horizon may take together in production, in MB; None where that is not plain to see."""
    found = supervisors(project, path)
    shared = {each.name: each for each in found if not each.environment}
    production = [each for each in found if each.environment == "production"] or list(shared.values())
    total = 0
    for each in production:
        default = shared.get(each.name, each)
        memory = number(each.memory) or number(default.memory)
        processes = each.processes or default.processes
        if memory is None or processes is None:
            return None
        total += memory * processes
    return total or None
