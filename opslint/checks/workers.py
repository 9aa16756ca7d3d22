"""Claims about a worker: how long its job may run, what it may take, whether it hears a stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opslint.finding import Edit, Fix, Note, Verdict
from opslint.model.act import Pattern, option_of
from opslint.model.command import Command
from opslint.model.project import Project
from opslint.model.queue import job_limit, timeouts
from opslint.model.supervisor import Program
from opslint.model.supervisor_edit import add_argument, place, set_option
from opslint.model.version import Range, application, majors
from opslint.model.worker import loops, programs_doing, shell_between

_LISTEN, _WORK = Pattern.parse("php artisan queue:listen"), Pattern.parse("php artisan queue:work")
_DEVELOPMENT = "/home/vagrant/"


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


def stop_wait_covers_job(project: Project, *, margin: int) -> Iterator[Verdict]:
    """Supervisor waits longer for a worker to stop than a job may run; `margin`: how many seconds the fix adds."""
    for program, command in programs_doing(project, "work-queue"):
        limit, found = job_limit(project, command), program.option("stopwaitsecs")
        if limit is None or not found.is_valid:
            continue
        said = f"`stopwaitsecs` is {found.value}" + ("" if found.node is not None else " by default")
        spot = place(program, found)
        notes = (Note(limit.span, "how long a job may run"),) if limit.span is not None else ()
        if limit.seconds is None or not found.is_known:
            message = f"how long a job may run is only known when it runs: {limit.said}"
            if not found.is_known:
                message = f"`stopwaitsecs` is only known when supervisord starts: `{found.value}`"
            unseen = spot if not found.is_known or limit.span is None else limit.span
            yield Verdict(unseen, "undecided", message, program.subject, hint="write the number of seconds")
        elif limit.seconds == 0:
            message = f"{said}, but {limit.said} lets a job run for ever"
            yield Verdict(spot, "broken", message, program.subject, notes)
        elif found.value > limit.seconds:
            yield Verdict(spot, "holds", f"{said}, a job may run {limit.seconds}", program.subject)
        else:
            message = f"{said}, not more than {limit.said}: a running job is killed at every stop"
            fix = set_option(program, "stopwaitsecs", str(limit.seconds + margin))
            yield Verdict(spot, "broken", message, program.subject, notes, fix)


def receive_signals(project: Project, *, act: str = "", commands: tuple[str, ...] = ()) -> Iterator[Verdict]:
    """A program hears Supervisor's stop signal: no shell stands between, or the whole group is signalled."""
    for program, command in programs_doing(project, act, commands):
        shell = shell_between(program, command)
        stop, kill = program.option("stopasgroup"), program.option("killasgroup")
        if shell is None:
            yield Verdict(command.span, "holds", "no shell keeps the stop signal from it", program.subject)
        elif (stop.value is True or not stop.is_known) and (kill.value is True or not kill.is_known):
            yield Verdict(command.span, "holds", "the signal goes to its whole group", program.subject)
        else:
            span = shell.span if shell.span.path == program.path else program.section.key.span
            message = f"`{shell.name}` gets the stop signal, what it runs does not: it goes on as an orphan"
            fix = _both(set_option(program, "stopasgroup", "true"), set_option(program, "killasgroup", "true"))
            notes = (Note(command.span, "this goes on"),) if span.path != command.span.path else ()
            yield Verdict(span, "broken", message, program.subject, notes, fix)


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
            program, subject = command.site.owner, command.site.subject
            if keeps.matches(command.words):
                yield Verdict(command.span, "holds", "`schedule:work` loops by itself", subject)
            elif pattern.matches(command.words) and isinstance(program, Program):
                if loops(program, command):
                    yield Verdict(command.span, "holds", "it is run again and again", subject)
                else:
                    message = (
                        "`schedule:run` ends at once: Supervisor starts it in a flapping loop, or gives it up as FATAL"
                    )
                    yield Verdict(command.span, "broken", message, subject, fix=_schedule_work(command))


def _schedule_work(command: Command) -> Fix | None:
    word = next(word for word in command.words if word.value == "schedule:run")
    if not word.text.is_verbatim:
        return None
    return Fix("run `schedule:work`", (Edit(word.text.span, "schedule:work"),), safe=False)


def never_listen(project: Project) -> Iterator[Verdict]:
    """Workers work, none of them listens; on a developer's virtual machine it may."""
    for found in project.commands():
        subject = found.site.subject
        if _WORK.matches(found.words):
            yield Verdict(found.span, "holds", "`php artisan queue:work` keeps the framework between jobs", subject)
        elif _LISTEN.matches(found.words) and not any(_DEVELOPMENT in word.value for word in found.words):
            why = "boots the whole framework for every job, and its child does not hear the stop signal"
            yield Verdict(found.span, "broken", f"`php artisan queue:listen` {why}", subject)


def are_recycled(
    project: Project, *, command: str, package: str, options: Mapping[str, str], add: str
) -> Iterator[Verdict]:
    """Each command of a pattern has one of some options that end it now and then.

    `options` says for each which major versions of the package have it: `8-`, or `-` for all.
    """
    pattern = Pattern.parse(command)
    for found in project.commands():
        if not pattern.matches(found.words):
            continue
        name, subject = pattern.said(found.words), found.site.subject
        given = next((each for option in options if (each := option_of(found.words, option))), None)
        if given is not None:
            yield Verdict(given.span, "holds", f"`{name}` has `{given.written}`", subject)
        elif any(_may_have(project, found, package, Range.parse(written)) for written in options.values()):
            missing = " nor ".join(f"`{option}`" for option in options)
            fix = add_argument(found, add, safe=False)
            yield Verdict(found.span, "broken", f"`{name}` has neither {missing}", subject, fix=fix)


def _may_have(project: Project, found: Command, package: str, having: Range) -> bool:
    """Whether the version that composer.json asks for, if it says one, has an option."""
    composer = application(project, found.site.path, package)
    allowed = majors(composer, package) if composer is not None else ()
    return not allowed or any(having.meets(each) for each in allowed)
