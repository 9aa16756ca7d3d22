"""Claims about how long a worker's job may run, how much it may take, and whether it hears that it must stop."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opslint.finding import Edit, Fix, Note, Verdict
from opslint.model.act import Pattern, option_of
from opslint.model.command import Command
from opslint.model.monitor import programs_doing
from opslint.model.project import Project
from opslint.model.queue import timeouts
from opslint.model.supervisor_edit import set_option
from opslint.source import Text

_MEGABYTES = {"": 1, "M": 1, "MB": 1, "G": 1024, "GB": 1024}
_BYTES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def option_is_number(project: Project, *, command: str, option: str) -> Iterator[Verdict]:
    """An option that is given has a bare whole number above 0 as its value."""
    pattern = Pattern.parse(command)
    for found in project.commands():
        given = option_of(found.words, option) if pattern.matches(found.words) else None
        if given is None or given.value is None or not given.is_literal or "%(" in given.value.value:
            continue
        value, subject = given.value, found.site.subject
        if re.fullmatch(r"0*[1-9][0-9]*", value.value):
            yield Verdict(value.span, "holds", f"`{value.value}` is a whole number", subject)
        else:
            is_zero = re.fullmatch("0+", value.value) is not None
            why = "ends the worker after every job, or never" if is_zero else "is no bare whole number of megabytes"
            message = f"`{given.written}` {why}"
            yield Verdict(value.span, "broken", message, subject, fix=_as_number(value))


def _as_number(value: Text) -> Fix | None:
    match = re.fullmatch(r"(\d+)\s*([a-zA-Z]{0,2})", value.value)
    if match is None or match[2].upper() not in _MEGABYTES or int(match[1]) == 0 or not value.is_verbatim:
        return None
    number = str(int(match[1]) * _MEGABYTES[match[2].upper()])
    return Fix(f"write `{number}`, in megabytes", (Edit(value.span, number),), safe=False)


def memory_below_php_limit(project: Project, *, command: str, option: str, default: int) -> Iterator[Verdict]:
    """The cap of a command, in megabytes, is lower than the `memory_limit` that the same command gives to PHP."""
    pattern = Pattern.parse(command)
    for found in project.commands():
        limit = _php_limit(found) if pattern.matches(found.words) else None
        if limit is None:
            continue
        given = option_of(found.words, option)
        if given is not None and (given.value is None or not given.value.value.isdigit()):
            continue
        cap = int(given.value.value) if given is not None and given.value is not None else default
        text, size = limit
        said = f"`{given.written}`" if given is not None else f"`{option}`, by default {default}"
        if size < 0 or cap << 20 < size:
            yield Verdict(text.span, "holds", f"{said} is reached before `{text.value}`", found.site.subject)
        else:
            span = given.value.span if given is not None and given.value is not None else text.span
            message = f"{said} is not lower than `{text.value}`: PHP dies first, in the middle of a job"
            yield Verdict(span, "broken", message, found.site.subject, (Note(text.span, "PHP's own limit"),))


def _php_limit(found: Command) -> tuple[Text, int] | None:
    """PHP's `-d memory_limit=256M`, and its bytes; -1 is none."""
    for word in found.words[1:]:
        match = re.search(r"(?:^|-d)memory_limit=(-?\d+)([KMG]?)$", word.value, re.IGNORECASE)
        if match:
            start = word.value.index("memory_limit")
            return word.text[start:], int(match[1]) * _BYTES[match[2].upper()]
        if word.value == "artisan" or word.value.endswith(("/artisan", "/console")):
            return None
    return None


def retry_after_exceeds_timeout(project: Project) -> Iterator[Verdict]:
    """A job that is still running is not given to a second worker: `retry_after` is greater than the timeout."""
    for each in timeouts(project):
        said = f"`retry_after` of `{each.connection}` is {each.retry_after}"
        if each.timeout == 0:
            message = f"{said}, but a job may run for ever: it is given to a second worker while it runs"
        elif each.retry_after > each.timeout:
            yield Verdict(each.span, "holds", f"{said}, a job may run {each.timeout} seconds", each.subject)
            continue
        else:
            message = f"{said}, a job may run {each.timeout} seconds: it is given to a second worker while it runs"
        yield Verdict(each.span, "broken", message, each.subject, (Note(each.retry_span, "it is set here"),))


def receive_signals(project: Project, *, act: str) -> Iterator[Verdict]:
    """A worker hears Supervisor's stop signal: no shell stands between, or the whole group is signalled."""
    for program, command in programs_doing(project, act):
        shells = [wrapper for wrapper in command.via if wrapper.name in ("sh", "bash", "dash", "ash", "zsh")]
        grouped = program.option("stopasgroup").value is True and program.option("killasgroup").value is True
        if not shells:
            yield Verdict(command.span, "holds", "no shell stands between Supervisor and the worker", program.subject)
        elif grouped or _is_replaced(command):
            yield Verdict(command.span, "holds", "the signal reaches the worker behind its shell", program.subject)
        else:
            words = shells[0].words
            span = words[0].span if words else command.span
            message = f"`{shells[0].name}` gets the stop signal, the worker behind it does not: it goes on as an orphan"
            given, killing = set_option(program, "stopasgroup", "true"), set_option(program, "killasgroup", "true")
            fix = _both(given, killing)
            yield Verdict(span, "broken", message, program.subject, fix=fix)


def _is_replaced(command: Command) -> bool:
    """Whether the shell hands its process over: by `exec`, or a bash whose only command it is."""
    if any(wrapper.name == "exec" for wrapper in command.via):
        return True
    names = [wrapper.name for wrapper in command.via]
    return names == ["bash"] and not re.search(r"[;&|\n]", command.raw.value)


def _both(one: Fix, other: Fix) -> Fix:
    """Two options; written at one place they are one edit."""
    if one.edits[0].span == other.edits[0].span:
        merged = Edit(one.edits[0].span, one.edits[0].replacement + other.edits[0].replacement)
        return Fix("write `stopasgroup=true` and `killasgroup=true`", (merged,), safe=True)
    return Fix("write `stopasgroup=true` and `killasgroup=true`", (*one.edits, *other.edits), safe=True)


def schedule_loops(project: Project) -> Iterator[Verdict]:
    """`schedule:run`, which ends at once, is no program of its own: a loop or `schedule:work` keeps it."""
    pattern, keeps = Pattern.parse("php artisan schedule:run"), Pattern.parse("php artisan schedule:work")
    for path in project.all_paths("supervisor"):
        for command in project.commands_of(path):
            subject = command.site.subject
            if keeps.matches(command.words):
                yield Verdict(command.span, "holds", "`schedule:work` loops by itself", subject)
            elif pattern.matches(command.words):
                if _loops(command):
                    yield Verdict(command.span, "holds", "a loop of the shell calls it again", subject)
                else:
                    message = (
                        "`schedule:run` ends at once: Supervisor starts it in a flapping loop, or gives it up as FATAL"
                    )
                    yield Verdict(command.span, "broken", message, subject, fix=_schedule_work(command))


def _loops(command: Command) -> bool:
    return bool(command.via) and re.search(r"\b(?:while|until|for)\b", command.raw.value) is not None


def _schedule_work(command: Command) -> Fix | None:
    word = next(word for word in command.words if word.value == "schedule:run")
    if not word.text.is_verbatim:
        return None
    return Fix("run `schedule:work`", (Edit(word.text.span, "schedule:work"),), safe=False)
