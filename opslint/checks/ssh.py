"""Claims about logging in to another machine: as whom, and whether it is the right one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from opslint.finding import Note, Verdict
from opslint.model.command import Command
from opslint.model.deployment import all_steps
from opslint.model.project import Project
from opslint.model.run import SCRIPT_INPUTS, StepOf, heredocs
from opslint.model.workflow import Job, Step, Workflow
from opslint.source import Text
from opslint.syntax.script import Word
from opslint.syntax.tree import Scalar

_PROGRAMS = frozenset(("ssh", "scp", "sftp", "rsync", "mosh", "autossh", "lftp"))
_UNCHECKED = re.compile(
    r"StrictHostKeyChecking[= \t]+\"?(?:no|off|accept-new)\b|UserKnownHostsFile[= \t]+\"?/dev/null", re.IGNORECASE
)
_LOGIN = re.compile(r"(?:ssh://)?(?P<user>[\w.-]+)@[\w.$\[{]")
_ROOT_ACTIONS = frozenset(
    (*SCRIPT_INPUTS, "appleboy/scp-action", "easingthemes/ssh-deploy", "burnett01/rsync-deployments")
)
_USER_INPUTS = ("username", "user", "remote_user", "REMOTE_USER")


def never_root(project: Project) -> Iterator[Verdict]:
    """Nobody logs in as root, where the user is visible; one that comes from a secret is not judged.

    One finding per job or file: the other places of the same habit are its notes.
    """
    roots: dict[str, list[Text]] = {}
    for user, subject in _users(project):
        if user.value == "root":
            roots.setdefault(subject, []).append(user)
        else:
            yield Verdict(user.span, "holds", f"it logs in as `{user.value}`", subject)
    for subject, users in roots.items():
        notes = tuple(Note(user.span, "here too") for user in users[1:])
        message = "it logs in as `root`: one wrong line can change everything on the host"
        yield Verdict(users[0].span, "broken", message, subject, notes)


def _users(project: Project) -> Iterator[tuple[Text, str]]:
    """Every visible user, with the job or file that logs in."""
    for command, words in _logins(project):
        user = _user(words)
        if user is not None:
            owner = command.site.owner
            is_step = isinstance(owner, StepOf) and owner.job is not None
            yield user, owner.job.subject if is_step else command.site.subject
    for _, job, step in _steps(project):
        if step.uses is not None and _action(step) in _ROOT_ACTIONS:
            for name in _USER_INPUTS:
                given = step.inputs.get(name)
                if isinstance(given, Scalar) and "${{" not in str(given):
                    yield given.text, job.subject


def _logins(project: Project) -> Iterator[tuple[Command, tuple[Word, ...]]]:
    """Every command line of a program that logs in, also where it wraps another command; each place once."""
    seen = set()
    for command in project.commands():
        for words in (command.words, *(wrapper.words for wrapper in command.via)):
            if words and posixpath.basename(words[0].value) in _PROGRAMS and words[0].span not in seen:
                seen.add(words[0].span)
                yield command, words


def _user(words: tuple[Word, ...]) -> Text | None:
    """The user of `user@host`, `-l user` or `-o User=user`, if it is literal."""
    for index, word in enumerate(words[1:], 1):
        if word.value == "-l" and index + 1 < len(words) and words[index + 1].is_literal:
            return words[index + 1].text
        option = re.match(r"(?:-o)?User[= ](?P<user>[\w.-]+)", word.value)
        if option:
            return word.text[option.start("user") : option.end("user")]
    for word in words[1:]:
        login = _LOGIN.match(word.value)
        if login and not word.value.startswith("-"):
            return word.text[login.start("user") : login.end("user")]
    return None


def checks_host_key(project: Project) -> Iterator[Verdict]:
    """Host key checking is not turned off, neither by an option nor in a configuration that a step writes."""
    for command, words in _logins(project):
        wrong = next((found for word in words if (found := _match(word.text, _UNCHECKED))), None)
        if wrong is not None:
            yield _unchecked(wrong, command)
        else:
            yield Verdict(words[0].span, "holds", f"`{words[0].value}` checks the host key", command.site.subject)
    for command in project.commands():
        if command.words[0].value in ("echo", "printf"):
            for word in command.words[1:]:
                wrong = _match(word.text, _UNCHECKED)
                if wrong is not None:
                    yield _unchecked(wrong, command)
    yield from _written_configurations(project)


def _match(text: Text, pattern: re.Pattern[str]) -> Text | None:
    match = pattern.search(text.value)
    return text[match.start() : match.end()] if match else None


def _unchecked(wrong: Text, command: Command) -> Verdict:
    message = f"`{wrong.value}` takes whatever host answers for the real one"
    return Verdict(wrong.span, "broken", message, command.site.subject)


def _written_configurations(project: Project) -> Iterator[Verdict]:
    """Here-documents that write an SSH configuration."""
    for body, site in heredocs(project):
        wrong = _match(body, _UNCHECKED)
        if wrong is not None:
            message = f"`{wrong.value}` takes whatever host answers for the real one"
            yield Verdict(wrong.span, "broken", message, site.subject)


def pins_host_key(project: Project) -> Iterator[Verdict]:
    """The host key is known beforehand: no `ssh-keyscan` at run time, a `fingerprint` for ssh-action."""
    for command in project.commands():
        if posixpath.basename(command.words[0].value) == "ssh-keyscan":
            message = "`ssh-keyscan` trusts whatever host answers now: keep the key in a secret"
            yield Verdict(command.words[0].span, "broken", message, command.site.subject)
    for _, _, step in _steps(project):
        if step.uses is not None and _action(step).startswith("appleboy/"):
            if "fingerprint" in step.inputs:
                yield Verdict(step.uses.span, "holds", "the host key is pinned by `fingerprint`", step.subject)
            else:
                message = f"`{_action(step)}` has no `fingerprint`: it takes whatever host answers for the real one"
                yield Verdict(step.uses.span, "broken", message, step.subject)


def _steps(project: Project) -> Iterator[tuple[Workflow, Job, Step]]:
    for workflow in project.workflows:
        for job in workflow.jobs:
            for step in all_steps(job.steps):
                yield workflow, job, step


def _action(step: Step) -> str:
    return str(step.uses).partition("@")[0].lower()
