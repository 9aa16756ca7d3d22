"""Claims about single commands: what they are given, and which must not be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from opslint.finding import Edit, Fix, Verdict
from opslint.model.act import Option, Pattern, option_of
from opslint.model.command import Command
from opslint.model.deployment import deployments
from opslint.model.environment import is_switched_on
from opslint.model.option import line
from opslint.model.project import Project
from opslint.source import Span

Where = Literal["anywhere", "deployment"]


def has_option(
    project: Project,
    *,
    command: str,
    option: str,
    at_least: int | None = None,
    at_most: int | None = None,
    unit: str = "",
    add: str | None = None,
    safe: bool = True,
    where: Where = "anywhere",
) -> Iterator[Verdict]:
    """Each command of a pattern has an option; with bounds, its value is a whole number within them."""
    pattern = Pattern.parse(command)
    for found in _commands(project, where):
        if not pattern.matches(found.words):
            continue
        given = option_of(found.words, option)
        name = _name(pattern, found)
        if given is None:
            missing = f"`{name}` has no `{option}`"
            yield Verdict(found.span, "broken", missing, found.site.subject, fix=_insertion(found, add, safe))
        elif at_least is None and at_most is None:
            yield Verdict(given.span, "holds", f"`{name}` has `{given.written}`", found.site.subject)
        else:
            yield _within(name, given, found, at_least, at_most, unit)


def _within(name: str, given: Option, found: Command, at_least: int | None, at_most: int | None, unit: str) -> Verdict:
    subject = found.site.subject
    if given.value is None or not given.is_literal:
        message = f"the value of `{given.written}` is only known when it runs"
        return Verdict(given.span, "undecided", message, subject, hint=f"write the number where `{name}` is written")
    span, value = given.value.span, given.value.value
    if not value.isascii() or not value.isdigit():
        return Verdict(span, "holds", f"`{value}` is no whole number: another rule speaks of that", subject)
    low, high = (at_least if at_least is not None else 0), at_most
    if int(value) < low or (high is not None and int(value) > high):
        bounds = f"at least {low}" if high is None else f"{low} to {high}"
        return Verdict(span, "broken", f"`{given.written}` is outside {bounds}{unit and ' ' + unit}", subject)
    return Verdict(given.span, "holds", f"`{name}` has `{given.written}`", subject)


def has_options(
    project: Project,
    *,
    commands: tuple[str, ...],
    options: Mapping[str, str],
    where: Where = "anywhere",
) -> Iterator[Verdict]:
    """Each command of these patterns has all of these options, or the environment variable that stands for one.

    `options` gives for each option that variable: `COMPOSER_NO_DEV`, which counts where it is set to 1 on the way.
    """
    patterns = [Pattern.parse(each) for each in commands]
    for found in _commands(project, where):
        pattern = next((each for each in patterns if each.matches(found.words)), None)
        if pattern is None:
            continue
        missing = [
            option
            for option, variable in options.items()
            if option_of(found.words, option) is None and not is_switched_on(project, found, variable)
        ]
        name, subject = _name(pattern, found), found.site.subject
        if not missing:
            yield Verdict(found.span, "holds", f"`{name}` has all of {', '.join(options)}", subject)
            continue
        opaque = next((word for word in line(found.words).operands if not word.is_literal), None)
        if opaque is not None:
            message = f"what `{opaque.raw}` gives `{name}` is only known when it runs"
            yield Verdict(opaque.span, "undecided", message, subject, hint=f"write {', '.join(missing)} out")
            continue
        said = " and no ".join(f"`{option}`" for option in missing)
        fix = _insertion(found, " ".join(missing), safe=True)
        yield Verdict(found.span, "broken", f"`{name}` has no {said}", subject, fix=fix)


def never_run(
    project: Project, *, commands: tuple[str, ...], why: str, unless: tuple[str, ...] = (), where: Where = "anywhere"
) -> Iterator[Verdict]:
    """No command of these patterns is run; one verdict for each command that was looked at and is none of them."""
    patterns = [Pattern.parse(each) for each in commands]
    for found in _commands(project, where):
        hit = next((pattern for pattern in patterns if pattern.matches(found.words)), None)
        if hit is None or any(option_of(found.words, name) for name in unless):
            yield Verdict(found.span, "holds", f"`{found.words[0].value}` is none of them", found.site.subject)
        else:
            name = " ".join((_name(hit, found), *hit.options))
            yield Verdict(found.span, "broken", f"`{name}` {why}", found.site.subject)


def _commands(project: Project, where: Where) -> Iterator[Command]:
    """The commands to judge, each place once, however many calls lead to it."""
    if where == "anywhere":
        yield from project.commands()
        return
    seen: set[Span] = set()
    for deployment in deployments(project):
        for command in deployment.commands:
            if command.span not in seen:
                seen.add(command.span)
                yield command


def _name(pattern: Pattern, found: Command) -> str:
    """How a person would call the command: the pattern's words without its program's path."""
    return pattern.said(found.words)


def _insertion(found: Command, add: str | None, safe: bool) -> Fix | None:
    """Add an option behind the last word, or before a `--` that ends the options."""
    if add is None:
        return None
    stop = next((index for index, word in enumerate(found.words) if index and word.value == "--"), None)
    last = found.words[stop - 1 if stop else -1]
    if not last.raw.is_verbatim:
        return None
    end = last.span.end
    return Fix(f"add `{add}`", (Edit(Span(last.span.source, end, end), f" {add}"),), safe)
