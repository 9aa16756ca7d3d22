"""Claims about the programs that Supervisor keeps."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.finding import Verdict
from opslint.model.act import option_of
from opslint.model.command import Command
from opslint.model.project import Project
from opslint.model.supervisor import Option, Program
from opslint.model.supervisor_edit import place, set_option

_LOST = {
    "AUTO": "Supervisor deletes it when it restarts",
    "NONE": "nothing is kept",
    "/dev/null": "nothing is kept",
}


def has_setting(project: Project, *, act: str, option: str, value: str, why: str) -> Iterator[Verdict]:
    """Each program that does an act has an option of that value, given or by default."""
    for program, _ in _programs(project, act):
        found = program.option(option)
        said = str(found.value).lower()
        if not found.is_known:
            yield _unknown(program, found, option)
        elif said == value:
            yield Verdict(place(program, found), "holds", f"`{option}` is `{said}`", program.subject)
        else:
            how = f"`{option}` is `{said}`" if found.node is not None else f"`{option}` is missing, so `{said}`"
            fix = set_option(program, option, value)
            yield Verdict(place(program, found), "broken", f"{how}: {why}", program.subject, fix=fix)


def outlasts(project: Project, *, act: str, option: str, argument: str, default: int, margin: int) -> Iterator[Verdict]:
    """An option in seconds is greater than what an argument of the command allows; 0 there is for ever.

    `default` is what the command takes without the argument; `margin` is how much the fix adds.
    """
    for program, command in _programs(project, act):
        given = option_of(command.words, argument)
        seconds = _number(given.value.value) if given is not None and given.value is not None else default
        found = program.option(option)
        if seconds is None or not isinstance(found.value, int):
            continue
        said = f"`{option}` is {found.value}" + ("" if found.node is not None else " by default")
        if seconds == 0:
            message = f"{said}, but `{argument}=0` lets a job run for ever"
            yield Verdict(place(program, found), "broken", message, program.subject)
        elif found.value > seconds:
            yield Verdict(place(program, found), "holds", f"{said}, a job may run {seconds}", program.subject)
        else:
            limit = (
                f"`{argument}={seconds}`" if given is not None else f"{seconds} seconds, the default of `{argument}`"
            )
            message = f"{said}, not more than {limit}: a running job is killed at every stop"
            fix = set_option(program, option, str(seconds + margin))
            yield Verdict(place(program, found), "broken", message, program.subject, fix=fix)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def run_as_user(project: Project, *, act: str) -> Iterator[Verdict]:
    """Each program that does an act has a user, its own or supervisord's, that is not root."""
    for program, _ in _programs(project, act):
        found = program.option("user")
        user = found if found.value else program.daemon_option("user")
        if user is None or not user.value:
            message = "no `user`: it runs as whoever started supervisord, mostly root"
            yield Verdict(program.section.key.span, "broken", message, program.subject)
        elif not user.is_known:
            yield _unknown(program, user, "user")
        elif str(user.value) in ("root", "0"):
            yield Verdict(user.span, "broken", "the worker runs as `root`", program.subject)
        else:
            yield Verdict(user.span, "holds", f"it runs as `{user.value}`", program.subject)


def keep_logs(project: Project, *, act: str) -> Iterator[Verdict]:
    """Each program that does an act keeps what it prints: stdout in a file that outlives a restart, stderr likewise."""
    for program, _ in _programs(project, act):
        out, err = program.option("stdout_logfile"), program.option("stderr_logfile")
        joined = program.option("redirect_stderr").value is True
        lost = _lost(out)
        if lost:
            yield Verdict(place(program, out), "broken", f"`stdout_logfile` is {lost}", program.subject)
        elif not joined and (lost := _lost(err)):
            message = (
                f"stderr, where PHP writes fatal errors, is lost: `redirect_stderr` is false, `stderr_logfile` {lost}"
            )
            fix = set_option(program, "redirect_stderr", "true")
            yield Verdict(place(program, err), "broken", message, program.subject, fix=fix)
        else:
            yield Verdict(place(program, out), "holds", f"it logs to `{out.value}`", program.subject)


def rotate_logs(project: Project, *, act: str) -> Iterator[Verdict]:
    """A log that is a file rotates; one that is a stream or pipe, which cannot, does not."""
    for program, _ in _programs(project, act):
        log, size = program.option("stdout_logfile"), program.option("stdout_logfile_maxbytes")
        value = str(log.value)
        if not value.startswith("/") or value == "/dev/null" or not (log.is_known and size.is_known):
            continue
        is_stream = value.startswith(("/dev/", "/proc/"))
        if is_stream and size.value != 0:
            message = f"`{value}` cannot be rotated: above 0, `stdout_logfile_maxbytes` makes Supervisor seek in it"
            fix = set_option(program, "stdout_logfile_maxbytes", "0")
            yield Verdict(place(program, size), "broken", message, program.subject, fix=fix)
        elif not is_stream and size.value == 0:
            yield Verdict(place(program, size), "broken", f"`{value}` grows until the disk is full", program.subject)
        else:
            yield Verdict(place(program, size), "holds", f"`{value}` is rotated as it can be", program.subject)


def _lost(log: Option) -> str:
    """Why nothing is left of a log, or nothing if it is kept."""
    value = str(log.value)
    why = _LOST.get(value.upper() if value.upper() in _LOST else value)
    if value.lower() in ("none", "off"):
        why = _LOST["NONE"]
    return f"{'missing, so ' if log.node is None else ''}`{value}`: {why}" if why else ""


def _unknown(program: Program, option: Option, name: str) -> Verdict:
    message = f"`{name}` is only known when supervisord starts"
    return Verdict(place(program, option), "undecided", message, program.subject, hint=f"write the value of `{name}`")


def _programs(project: Project, act: str) -> Iterator[tuple[Program, Command]]:
    """The programs that do an act, each once, with the command that does."""
    seen = set()
    for command in project.commands():
        program = command.site.owner
        if isinstance(program, Program) and program.section.key.span not in seen:
            found = project.act(command)
            if found is not None and found.name == act:
                seen.add(program.section.key.span)
                yield program, command
