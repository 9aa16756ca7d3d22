"""Claims about what watches the workers: that something does, is kept itself, and reaches somebody."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.finding import Verdict
from opslint.model.monitor import monitors, shows_code
from opslint.model.project import Project
from opslint.model.supervisor_edit import place, set_option
from opslint.model.watch import Watch, watches
from opslint.model.worker import programs_doing

_ALL = "workers"  # of the project together: which of them is the first tells nothing


def watch(project: Project) -> Iterator[Verdict]:
    """Where workers are kept, something looks whether jobs are processed. Undecided without the application's code."""
    workers = [program for program, _ in programs_doing(project, "work-queue")]
    if not workers:
        return
    first, found = workers[0], monitors(project)
    if found:
        yield Verdict(found[0].span, "holds", found[0].what, _ALL)
    elif shows_code(project):
        message = "nothing watches that jobs are processed: a worker can be RUNNING and do nothing"
        yield Verdict(first.section.key.span, "broken", message, _ALL)
    else:
        message = "whether something watches the workers is not to be seen: the application is not in this repository"
        hint = "lint the application's repository, or turn `workers/queue-monitored` off here"
        yield Verdict(first.section.key.span, "undecided", message, _ALL, hint=hint)


def are_kept(project: Project) -> Iterator[Verdict]:
    """A program that watches the workers is started, restarted, and keeps what it prints."""
    for program, _ in programs_doing(project, "count-jobs"):
        broken = False
        for option, wanted in (("autostart", True), ("autorestart", True)):
            found = program.option(option)
            if found.is_known and found.value is not wanted:
                broken = True
                message = (
                    f"`{option}` is `{str(found.value).lower()}`: nobody notices when the monitor itself has ended"
                )
                yield Verdict(
                    place(program, found), "broken", message, program.subject, fix=set_option(program, option, "true")
                )
        log = program.option("stdout_logfile")
        if str(log.value).lower() in ("auto", "none", "off", "/dev/null"):
            broken = True
            yield Verdict(place(program, log), "broken", "what the monitor prints is not kept", program.subject)
        if not broken:
            yield Verdict(program.section.key.span, "holds", "the monitor is restarted and logs", program.subject)


def alert(project: Project) -> Iterator[Verdict]:
    """A monitor script counts twice with time between, compares both counts, and reaches somebody if they are equal."""
    for each in watches(project):
        missing = _missing(each)
        if each.unclear:
            message = f"how `{each.path}` compares its counts is not plain to see"
            hint = "count into two variables with a `sleep` between, and test both in one condition"
            yield Verdict(each.span, "undecided", message, each.path, hint=hint)
        elif missing:
            yield Verdict(each.span, "broken", missing, each.path)
        else:
            yield Verdict(each.span, "holds", "it counts twice, compares, and alerts", each.path)


def _missing(each: Watch) -> str:
    if each.counts < 2 and not each.loops:
        return "it counts the jobs once: one number does not tell a busy queue from a stalled one"
    if not each.sleeps:
        return "it counts twice without time between: both numbers are always the same"
    if not each.compares:
        return "it counts, but compares nothing: no condition looks at both counts"
    return "" if each.alerts else "it notices a stalled queue and tells nobody: no mail, webhook or pager is reached"
