"""What Supervisor will run of a file: processes, what they may take, what a stop and a deployment do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opslint.mask import Masks
from opslint.model.command import Command
from opslint.model.project import Project
from opslint.model.queue import HORIZON, horizon_memory, job_limit, memory_cap
from opslint.model.secret import secrets
from opslint.model.supervisor import Configuration, Program
from opslint.model.worker import programs_doing, shell_between
from opslint.views.screen import Screen

_HEADS = ("program", "processes", "user", "restart", "stop wait", "cap", "all at it")
_UNKNOWN = "?"  # only the machine knows
_NONE = "-"
_TOLD = 10  # restarting commands


@dataclass(frozen=True, slots=True)
class Kept:
    """A program, the worker that it runs if it runs one, and what all its processes may take together."""

    program: Program
    worker: Command | None
    cap: int | None  # MB of one process
    total: int | None  # MB of all


def tell(screen: Screen, project: Project, path: str) -> None:
    """Print it for one Supervisor file, with the files that it includes."""
    configuration = _configuration(project, path)
    if configuration is None:
        return
    hide = Masks(secrets(project)).hide
    for pattern in configuration.merged.unseen if configuration.path == path else ():
        screen.line(f"It includes `{pattern}`, which is not in this repository: what stands there is not told.")
    kept = tuple(_kept(project, configuration, path))
    if not kept:
        screen.line("Supervisor runs nothing of it.")
        return
    screen.line("\nWhat Supervisor runs:", "bold")
    for line in _table((_HEADS, *(_row(each) for each in kept))):
        screen.line(line)
    screen.line(_sum(kept))
    screen.line("\nBy these commands:", "bold")
    for each in kept:
        screen.line(f"  {each.program.name}: {hide(_command(each.program))}")
    for group in configuration.groups:
        screen.line(f"Group `{group.name}`: {', '.join(group.members) or 'nobody'}")
    screen.line("\nWhat a stop does, and so `supervisorctl restart`:", "bold")
    for each in kept:
        screen.line(f"  {each.program.name}: {_stop(project, each)}")
    workers = [each for each in kept if each.worker is not None]
    if workers:
        screen.line("\nWhat `queue:restart` and `horizon:terminate` do in a deployment:", "bold")
        for each in workers:
            screen.line(f"  {each.program.name}: {_told_to_end(each.program)}")
        for line in _restarts(project):
            screen.line(f"  {hide(line)}")


def _configuration(project: Project, path: str) -> Configuration | None:
    """The configuration that begins with a file, else one that includes it."""
    found = project.supervisors
    own = next((each for each in found if each.path == path), None)
    return own or next((each for each in found if path in {one.source.path for one in each.documents}), None)


def _kept(project: Project, configuration: Configuration, path: str) -> Iterator[Kept]:
    paths = {each.source.path for each in configuration.documents} if configuration.path == path else {path}
    workers = {program.section.key.span: command for program, command in programs_doing(project, "work-queue")}
    seen = set()
    for program in configuration.programs:
        span = program.section.key.span
        if span.path in paths and span not in seen:
            seen.add(span)
            yield _with_caps(project, program, workers.get(span))


def _with_caps(project: Project, program: Program, worker: Command | None) -> Kept:
    count = _count(program)
    if worker is not None and HORIZON.matches(worker.words):
        total = horizon_memory(project, program.path)
        return Kept(program, worker, None, total * count if total is not None and count is not None else None)
    cap = memory_cap(worker) if worker is not None else None
    return Kept(program, worker, cap, cap * count if cap is not None and count is not None else None)


def _count(program: Program) -> int | None:
    numprocs = program.option("numprocs")
    return max(numprocs.value, 0) if numprocs.is_known and numprocs.is_valid else None


def _table(rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Columns as wide as they need: a name that is cut is of no use."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(each: Kept) -> tuple[str, ...]:
    program, count = each.program, _count(each.program)
    wait = program.option("stopwaitsecs")
    return (
        program.name if program.kind == "program" else f"{program.name} ({program.kind})",
        str(count) if count is not None else _UNKNOWN,
        _user(program),
        _restart(program),
        f"{wait.value} s" if wait.is_known else _UNKNOWN,
        _size(each.cap) if each.cap is not None else _NONE,
        _size(each.total) if each.total is not None else _NONE,
    )


def _command(program: Program) -> str:
    return " ".join(program.command.value.split()) if program.command is not None else "no command"


def _user(program: Program) -> str:
    option = program.option("user")
    user = option if option.value else program.daemon_option("user")
    return str(user.value) if user is not None and user.value else "supervisord's"


def _restart(program: Program) -> str:
    start, restart = program.option("autostart"), program.option("autorestart")
    codes = ", ".join(str(code) for code in program.option("exitcodes").value or ())
    said = {True: "always", False: "never", "unexpected": f"unless exit {codes}" if codes else "always"}
    words = said.get(restart.value, _UNKNOWN) if restart.is_known else _UNKNOWN
    if not start.is_known:
        return f"{words}, started if {start.value}"
    return words if start.value is not False else f"{words}, started by hand"


def _size(megabytes: int) -> str:
    if megabytes < 1024:
        return f"{megabytes} MB"
    return f"{megabytes / 1024:.1f} GB".replace(".0 GB", " GB")


def _sum(kept: tuple[Kept, ...]) -> str:
    known = [each.total for each in kept if each.total is not None]
    others = len(kept) - len(known)
    uncapped = f"{others} program{' has' if others == 1 else 's have'} no cap that is known" if others else ""
    if not known:
        return f"Memory: {uncapped}"
    return f"Memory, if all reach their caps: {_size(sum(known))}" + (f"; {uncapped}" if uncapped else "")


def _stop(project: Project, each: Kept) -> str:
    program = each.program
    signal, wait = program.option("stopsignal"), program.option("stopwaitsecs")
    grouped = program.option("stopasgroup").value is True
    shell = shell_between(program, each.worker) if each.worker is not None else None
    whom = "its whole process group" if grouped else f"`{shell.name}` alone" if shell else "it"
    said = f"{signal.value} to {whom}, KILL after {wait.value} s"
    if shell and not grouped:
        return f"{said}; the worker behind the shell goes on as an orphan"
    limit = job_limit(project, each.worker) if each.worker is not None else None
    if limit is None or limit.seconds is None or not isinstance(wait.value, int):
        return said
    if limit.seconds == 0 or wait.value <= limit.seconds:
        longest = f"{limit.seconds} s" if limit.seconds else "for ever"
        return f"{said}; a job may run {longest}, and is cut then"
    return f"{said}; a job may run {limit.seconds} s, and ends in peace"


def _told_to_end(program: Program) -> str:
    restart = program.option("autorestart")
    codes = program.option("exitcodes").value or ()
    if restart.is_known and (restart.value is False or (restart.value == "unexpected" and 0 in codes)):
        return "each process ends with 0 after its job, and stays dead"
    return "each process ends with 0 after its job, and Supervisor starts it anew, with the new code"


def _restarts(project: Project) -> Iterator[str]:
    """Where the repository restarts workers."""
    found = [
        f"{command.span}: `{command}`"
        for path in project.kinds
        for command in project.commands_of(path)
        if command.site.kind != "supervisor" and (act := project.act(command)) and act.name == "restart-workers"
    ]
    yield from found[:_TOLD]
    if len(found) > _TOLD:
        yield f"and {len(found) - _TOLD} more"
    if not found:
        yield "nothing in this repository tells them to end"
