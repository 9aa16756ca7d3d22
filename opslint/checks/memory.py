"""Claims about the memory of workers: that it is capped, by a number, below PHP's own limit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from opslint.finding import Edit, Fix, Note, Verdict
from opslint.model.act import Pattern, option_of
from opslint.model.command import Command
from opslint.model.horizon import number, supervisors
from opslint.model.project import Project
from opslint.model.supervisor_edit import add_argument
from opslint.source import Span, Text
from opslint.syntax.tree import Scalar

_MEGABYTES = {"": 1, "M": 1, "MB": 1, "G": 1024, "GB": 1024}
_BYTES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def is_capped(
    project: Project,
    *,
    command: str,
    option: str,
    at_least: int | None = None,
    at_most: int | None = None,
    unit: str = "",
    bare: Literal["MB", "bytes"] = "MB",
    add: str | None = None,
) -> Iterator[Verdict]:
    """Each command of a pattern has an explicit cap, within bounds (in MB) if there are any.

    An option without dashes is a setting of each supervisor in `config/horizon.php`. `bare` says what a number alone
    means to the program; one that takes it for bytes takes `512M`, too.
    """
    pattern = Pattern.parse(command)
    for found in project.commands():
        if pattern.matches(found.words):
            caps = _option_caps if option.startswith("-") else _horizon_caps
            for cap in caps(project, found, pattern.said(found.words), option):
                yield _capped(cap, at_least, at_most, unit, bare, add)


@dataclass(frozen=True, slots=True)
class _Cap:
    """A cap as it is set, or its absence."""

    name: str  # what has it: `php artisan queue:work`
    option: str
    subject: str
    span: Span  # all of it: option and value; without one, what should have it
    value: Text | None = None
    is_known: bool = True
    command: Command | None = None  # what an option can be added to


def _option_caps(project: Project, found: Command, name: str, option: str) -> Iterator[_Cap]:
    given = option_of(found.words, option)
    if given is None:
        yield _Cap(name, option, found.site.subject, found.span, command=found)
    else:
        is_known = given.is_literal and "%(" not in given.span.written
        yield _Cap(name, given.name, found.site.subject, given.span, given.value, is_known)


def _horizon_caps(project: Project, found: Command, name: str, option: str) -> Iterator[_Cap]:
    """Those of Horizon's supervisors; one that says nothing itself may have it from the defaults."""
    each = supervisors(project, found.site.path)
    shared = {one.name for one in each if one.memory is not None and not one.environment}
    for one in each:
        said = f"Horizon's `{one.name}`"
        if one.memory is not None:
            text = one.memory.text if isinstance(one.memory, Scalar) and number(one.memory) is not None else None
            yield _Cap(said, option, f"horizon:{one.name}", one.memory.span, text, text is not None)
        elif one.name not in shared:
            yield _Cap(said, option, f"horizon:{one.name}", one.span)


def _capped(
    cap: _Cap, at_least: int | None, at_most: int | None, unit: str, bare: str, add: str | None
) -> Verdict:
    written = cap.span.written
    if cap.value is None and cap.is_known:
        fix = add_argument(cap.command, add) if cap.command is not None and add else None
        is_bare = written == cap.option
        lacks = f"`{cap.option}` has no value" if is_bare else f"{_quoted(cap.name)} has no `{cap.option}`"
        return Verdict(cap.span, "broken", lacks, cap.subject, fix=fix)
    if cap.value is None or not cap.is_known:
        message = f"the value of `{written}` is only known when it runs"
        return Verdict(cap.span, "undecided", message, cap.subject, hint=f"write the number of {unit or 'bytes'}")
    value = cap.value.value
    if at_least is None and at_most is None:
        return Verdict(cap.span, "holds", f"{_quoted(cap.name)} has `{written}`", cap.subject)
    size = _megabytes(value, bare)
    if size is None:
        message = f"`{value}` is no whole number: another rule speaks of that"
        return Verdict(cap.value.span, "holds", message, cap.subject)
    low, high = at_least or 0, at_most
    if size < low or (high is not None and size > high):
        bounds = f"below {low}" if high is None else f"outside {low} to {high}"
        said = f"`{written}`" if written.startswith(cap.option) else f"`{cap.option}` of {cap.name}, `{value}`,"
        message = f"{said} is {bounds}{unit and ' ' + unit}"
        return Verdict(cap.value.span, "broken", message, cap.subject)
    return Verdict(cap.span, "holds", f"{_quoted(cap.name)} has `{written}`", cap.subject)


def _megabytes(value: str, bare: str) -> float | None:
    """A size in MB, as Laravel (a bare number of MB) or Symfony (bytes, or with a unit) reads it; None for others."""
    match = re.fullmatch("([0-9]{1,18})([kKmMgG]?)", value)
    if match is None or (bare == "MB" and match[2]):
        return None
    return int(match[1]) * (1 if bare == "MB" else _BYTES[match[2].upper()] / _BYTES["M"])


def _quoted(name: str) -> str:
    return name if "`" in name else f"`{name}`"


def is_a_number(project: Project, *, command: str, option: str) -> Iterator[Verdict]:
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


def is_below_php_limit(project: Project, *, command: str, option: str, default: int) -> Iterator[Verdict]:
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
