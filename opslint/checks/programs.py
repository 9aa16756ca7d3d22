"""Claims about the programs that Supervisor keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opslint.finding import Verdict
from opslint.model.command import Command
from opslint.model.project import Project
from opslint.model.supervisor import Option, Program
from opslint.model.supervisor_edit import place, set_option
from opslint.model.worker import programs_doing

_LOST = {
    "AUTO": "Supervisor deletes it when it restarts",
    "NONE": "nothing is kept",
    "/dev/null": "nothing is kept",
}


def has_setting(
    project: Project,
    *,
    option: str,
    value: str,
    why: str,
    act: str = "",
    commands: tuple[str, ...] = (),
    may_depend: bool = False,
) -> Iterator[Verdict]:
    """Each program that does an act, or runs a command, has an option of that value, given or by default.

    `may_depend`: where an environment variable decides, it is meant as a switch, and holds.
    """
    for program, _ in programs_doing(project, act, commands):
        found = program.option(option)
        said = str(found.value).lower()
        if not found.is_known and may_depend:
            message = f"`{option}` is `{found.value}`: whoever starts supervisord decides"
            yield Verdict(place(program, found), "holds", message, program.subject)
        elif not found.is_known:
            yield _unknown(program, found, option)
        elif said == value:
            yield Verdict(place(program, found), "holds", f"`{option}` is `{said}`", program.subject)
        elif found.is_valid:
            how = f"`{option}` is `{said}`" if found.node is not None else f"`{option}` is missing, so `{said}`"
            fix = set_option(program, option, value)
            yield Verdict(place(program, found), "broken", f"{how}: {why}", program.subject, fix=fix)


def run_as_user(project: Project, *, act: str = "", commands: tuple[str, ...] = ()) -> Iterator[Verdict]:
    """Each program that does an act, or runs a command, has a user, its own or supervisord's, that is not root.

    A user that an environment variable names is a choice, made elsewhere: it holds.
    """
    for program, command in programs_doing(project, act, commands):
        found = program.option("user")
        user = found if found.value else program.daemon_option("user")
        other = _changed_user(command)
        if other:
            yield Verdict(command.span, "holds", f"`{other}` changes to another user", program.subject)
        elif user is None or not user.value:
            image = _user_of_image(project)
            if image:
                message = f"no `user`, but a container starts supervisord as `{image}`"
                yield Verdict(program.section.key.span, "holds", message, program.subject)
                continue
            message = "no `user`: it runs as whoever started supervisord, mostly root"
            yield Verdict(program.section.key.span, "broken", message, program.subject)
        elif not user.is_known:
            message = f"it runs as `{user.value}`: whoever starts supervisord decides"
            yield Verdict(user.span, "holds", message, program.subject)
        elif str(user.value) in ("root", "0"):
            yield Verdict(user.span, "broken", "it runs as `root`", program.subject)
        else:
            yield Verdict(user.span, "holds", f"it runs as `{user.value}`", program.subject)


def _user_of_image(project: Project) -> str:
    """The last `USER` of a Dockerfile that speaks of Supervisor, if there is one that is not root."""
    for content in project.container_files:
        users = re.findall(r"^\s*USER\s+([\w.-]+)", content, re.MULTILINE | re.IGNORECASE)
        if users and users[-1] not in ("root", "0") and "supervis" in content:
            return str(users[-1])
    return ""


def _changed_user(command: Command) -> str:
    """The program that runs a command as somebody who is not root: `su-exec www-data`, `sudo -u www-data`."""
    for wrapper in command.via:
        words = [word.value for word in wrapper.words]
        if wrapper.name in ("su-exec", "gosu"):
            user = words[1].partition(":")[0] if len(words) > 1 else "root"
        elif wrapper.name in ("sudo", "runuser", "doas"):
            user = next((_user_of(words, at) for at in range(1, len(words)) if words[at][:2] in ("-u", "--")), "root")
        elif wrapper.name == "su":
            user = next((word for word in words[1:] if not word.startswith("-") and "/" not in word), "root")
        else:
            continue
        if user not in ("root", "0"):
            return f"{wrapper.name} {user}"
    return ""


def _user_of(words: list[str], at: int) -> str:
    """The user that `-u www-data`, `-uwww-data` or `--user=www-data` names."""
    name, equals, value = words[at].partition("=")
    if name in ("-u", "--user"):
        return value if equals else next(iter(words[at + 1 :]), "root")
    return words[at][2:] if words[at].startswith("-u") else "root"


def keep_logs(project: Project, *, act: str = "", commands: tuple[str, ...] = ()) -> Iterator[Verdict]:
    """Each program that does an act, or runs a command, keeps what it prints: stdout in a file that outlives a restart,
    stderr likewise."""
    for program, _ in programs_doing(project, act, commands):
        out, err = program.option("stdout_logfile"), program.option("stderr_logfile")
        redirect = program.option("redirect_stderr")
        joined = redirect.value is True or not redirect.is_known
        if lost := _lost(program, out):
            yield Verdict(place(program, out), "broken", f"`stdout_logfile` is {lost}", program.subject)
        elif not joined and (lost := _lost(program, err)):
            message = f"stderr, where PHP writes fatal errors, is lost: `stderr_logfile` is {lost}"
            fix = set_option(program, "redirect_stderr", "true")
            yield Verdict(place(program, err), "broken", message, program.subject, fix=fix)
        else:
            yield Verdict(place(program, out), "holds", f"it logs to `{out.value}`", program.subject)


def rotate_logs(project: Project, *, act: str) -> Iterator[Verdict]:
    """A log that is a file rotates; one that is a stream or pipe, which cannot, does not."""
    for program, _ in programs_doing(project, act):
        streams = ("stdout",) if program.option("redirect_stderr").value is True else ("stdout", "stderr")
        for stream in streams:
            name = f"{stream}_logfile_maxbytes"
            yield from _rotates(program, program.option(f"{stream}_logfile"), program.option(name))


def _rotates(program: Program, log: Option, size: Option) -> Iterator[Verdict]:
    value = str(log.value)
    if not value.startswith("/") or value == "/dev/null" or not (log.is_known and size.is_known):
        return
    is_stream = value.startswith(("/dev/", "/proc/"))
    if is_stream and size.value != 0:
        message = f"`{value}` cannot be rotated: above 0, `{size.name}` makes Supervisor seek in it"
        fix = set_option(program, size.name, "0")
        yield Verdict(place(program, size), "broken", message, program.subject, fix=fix)
    elif not is_stream and size.value == 0:
        yield Verdict(place(program, size), "broken", f"`{value}` grows until the disk is full", program.subject)
    else:
        yield Verdict(place(program, size), "holds", f"`{value}` is rotated as it can be", program.subject)


def _lost(program: Program, log: Option) -> str:
    """Why nothing is left of a log, or nothing if it is kept."""
    value = str(log.value)
    cleanup = program.daemon_option("nocleanup")
    if value == "AUTO" and cleanup is not None and cleanup.value is True:
        return ""
    return f"{'missing, so ' if log.node is None else ''}`{value}`: {_LOST[value]}" if value in _LOST else ""


def _unknown(program: Program, option: Option, name: str) -> Verdict:
    message = f"`{name}` is only known when supervisord starts"
    return Verdict(place(program, option), "undecided", message, program.subject, hint=f"write the value of `{name}`")
