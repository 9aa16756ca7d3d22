"""Claims about the order of acts, in every course that a deployment can take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Literal

from opslint.finding import Edit, Fix, Note, Verdict
from opslint.model.act import called, option_of, taught
from opslint.model.command import Command
from opslint.model.deployment import REPLACES, Deployment
from opslint.model.platform import HINT, UNSEEN, platform_of, ships_images
from opslint.model.project import Project
from opslint.model.rollout import rollouts
from opslint.model.run import StepOf, Unseen, follow
from opslint.model.workflow import Step
from opslint.simulation.deploy import play, tally, unseen_verdicts
from opslint.simulation.explore import Property, Result
from opslint.simulation.failing import FailTheRun
from opslint.simulation.property import (
    AlwaysAfter,
    AlwaysBefore,
    CachesFollowCode,
    CheckedLast,
    InstallsInTime,
    NeverBefore,
)
from opslint.source import Span


def always_after(
    project: Project,
    *,
    first: tuple[str, ...],
    then: str,
    state: str,
    mishaps: int = 1,
    unless_failed: str = "",
    only_with: Literal["", "queued-work"] = "",
) -> Iterator[Verdict]:
    """Once `first` took effect, `then` is at least tried before the end, whatever goes wrong on the way.

    `state` says what it means when it is not. With `mishaps: 0` only courses are looked at in which all goes well.
    """
    if only_with == "queued-work" and not _shows_queued_work(project):
        return
    prop = AlwaysAfter(frozenset(first), then, unless_failed, calm=not mishaps)
    for deployment in rollouts(project):
        if not any(deployment.does(act) for act in first):
            continue
        by = platform_of(deployment, first) if only_with == "queued-work" else None
        if by == "containers":
            yield Verdict(_place(deployment, *first), "holds", "the platform starts new containers", deployment.subject)
        elif by == "hook":
            place = next(iter(deployment.places(*REPLACES)), deployment.span)
            yield Verdict(place, "undecided", UNSEEN, deployment.subject, hint=HINT)
        else:
            yield from _judged(deployment, play(project, deployment, prop, mishaps), first, then, state, mishaps)


def _judged(
    deployment: Deployment, result: Result, first: tuple[str, ...], then: str, state: str, mishaps: int
) -> Iterator[Verdict]:
    place = _place(deployment, *first)
    if result.state == "holds":
        yield Verdict(place, "holds", f"`{then}` follows `{first[0]}` in every course", deployment.subject)
    elif result.state == "undecided" or result.unseen:
        yield from unseen_verdicts(deployment, result)
    else:
        run = result.run
        assert run is not None
        when = f" when {run.mishap}" if run.mishap else ""
        notes = tuple(Note(each, "this would have to run") for each in deployment.places(then)[:3])
        fix = _always(deployment, then) if notes and mishaps else None
        yield Verdict(
            place,
            "broken",
            f"{state}{when}",
            deployment.subject,
            (*notes, *tally(deployment, result)),
            fix,
            course=result.course(),
        )


def _place(deployment: Deployment, *acts: str) -> Span:
    return next(iter(deployment.places(*acts)), deployment.span)


def _always(deployment: Deployment, act: str) -> Fix | None:
    """`if: always()` on the step that does an act, where it has no condition and nothing else."""
    for found, what in deployment.own_acts:
        step = what.site.owner.step if isinstance(what, Command) and isinstance(what.site.owner, StepOf) else what
        if found.name != act or not isinstance(step, Step):
            continue
        others = {other.name for other, each in deployment.acts if _step_of(each) is step} - {act, "check-health"}
        line_start = step.node.span.source.content.rfind("\n", 0, step.node.span.start) + 1
        lead = step.node.span.source.content[line_start : step.node.span.start]
        if others or not re.fullmatch(r"\s*-\s+", lead):
            return None
        if step.condition is None:
            start = step.node.span.start
            edit = Edit(Span(step.node.span.source, start, start), f"if: always()\n{' ' * len(lead)}")
        else:
            edit = Edit(step.condition.span, "always()")
        return Fix(f"run `{step.title}` always", (edit,), safe=True)
    return None


def _step_of(what: Command | Step) -> Step | None:
    if isinstance(what, Step):
        return what
    return what.site.owner.step if isinstance(what.site.owner, StepOf) else None


def always_before(
    project: Project,
    *,
    first: tuple[str, ...],
    then: str,
    state: str,
    tried: bool = False,
    silent_with: tuple[str, ...] = (),
) -> Iterator[Verdict]:
    """`then` is never reached unless one of `first` came before: succeeded, or with `tried` was at least begun.

    A condition of the team's that skips `first` is no fault where some calm course does it. Silent for deployments
    that do an act of `silent_with`.
    """
    for deployment in rollouts(project):
        if not deployment.does(then) or any(deployment.does(act) for act in silent_with):
            continue
        place = _place(deployment, then)
        firsts, thens = frozenset(first), frozenset({then})
        result = play(project, deployment, AlwaysBefore(firsts, thens, tried), mishaps=0 if tried else 1)
        if result.state == "broken" and tried:
            sometimes = play(project, deployment, NeverBefore(firsts, thens), mishaps=0)
            if sometimes.state == "broken":
                yield Verdict(
                    place, "holds", f"a condition decides whether `{first[0]}` comes before", deployment.subject
                )
                continue
        if result.state == "holds":
            yield Verdict(place, "holds", f"`{first[0]}` comes before `{then}`", deployment.subject)
        elif result.state == "undecided" or result.unseen or result.run is None:
            yield from unseen_verdicts(deployment, result)
        elif (hidden := _hidden_script(project, deployment, then)) is not None:
            message = f"what `{hidden.written}` does besides is not to be seen: it is not in this repository"
            said = taught(first[0], called(deployment.commands, hidden))
            hint = f"say what it does in `.opslint.yaml`, like `{said}`"
            yield Verdict(hidden, "undecided", message, deployment.subject, hint=hint)
        else:
            course = result.course() if result.run.mishap else None
            yield Verdict(place, "broken", state, deployment.subject, course=course)


def _hidden_script(project: Project, deployment: Deployment, then: str) -> Span | None:
    """A script before an act, known by its name alone: `./backup.sh` backs something up, and perhaps more than that."""
    for _, what in takewhile(lambda found: found[0].name != then, deployment.acts):
        callee = follow(project, what.words, what.site.path) if isinstance(what, Command) else None
        if isinstance(callee, Unseen):
            return callee.span
    return None


def _shows_queued_work(project: Project) -> bool:
    """Whether the repository shows queued work: a worker that Supervisor keeps, Horizon, a job class, `queue:`."""

    def look() -> bool:
        from opslint.syntax.php_names import mention

        for path in project.kinds:
            for command in project.commands_of(path):
                done = project.act(command)
                if done is not None and done.name in ("work-queue", "restart-workers"):
                    return True
        if any("laravel/horizon" in composer.packages for composer in project.composers):
            return True
        names = frozenset({"ShouldQueue"})
        jobs = (path for path in project.files.paths() if re.search(r"(?:^|/)app/.*\.php$", path))
        return any((source := project.source(path)) and mention(source, names) for path in jobs)

    return project.cached("queued-work", look)


def caches_follow_code(project: Project) -> Iterator[Verdict]:
    """Caches are not built before the code they cache arrives, and each that is built is built again after it."""
    for deployment in rollouts(project):
        if deployment.does("build-caches"):
            yield from _calm(
                project,
                deployment,
                CachesFollowCode(),
                deployment.places("build-caches")[0],
                "it caches the old code: the new code comes later, and the cache is not built again",
                "caches are built from the new code",
            )


def health_is_checked(project: Project) -> Iterator[Verdict]:
    """After the last change somebody asks the site whether it answers, and the answer can make the job red."""
    for deployment in rollouts(project):
        checks = deployment.places("check-health")
        if not any(deployment.does(act) for act in ("update-code", "switch-release", "migrate")):
            continue
        if not checks:
            message = "nothing asks the site whether it answers"
            yield from _calm(project, deployment, CheckedLast(), deployment.span, message, "the health is checked")
            continue
        result = play(project, deployment, FailTheRun(frozenset({"check-health"})), survive=("failure",))
        if result.state == "broken" and result.run is not None:
            then = "the job is green" if deployment.job is not None else "the script ends with 0"
            message = f"this check cannot fail: {then} whatever the site answers"
            yield Verdict(checks[-1], "broken", message, deployment.subject, course=result.course())
            continue
        blind = [what for act, what in deployment.acts if act.name == "check-health" and _is_blind(what)]
        if len(blind) == len(checks):
            message = "`curl` without `--fail` succeeds whatever the site answers"
            yield Verdict(checks[-1], "broken", message, deployment.subject)
            continue
        message = "what comes after this check is not checked"
        yield from _calm(project, deployment, CheckedLast(), checks[-1], message, "the health is checked last")


def _is_blind(what: Command | Step) -> bool:
    """A `curl` that takes an error page for an answer, and whose answer nobody else looks at."""
    if not isinstance(what, Command) or what.words[0].value.rsplit("/", 1)[-1] != "curl":
        return False
    source, end = what.raw.source, what.raw.span.end
    looked_at = "http_code" in what.raw.value or re.match(r"\s*(?:\||\))", source.content[end : end + 20])
    return not looked_at and not any(option_of(what.words, name) for name in ("--fail", "--fail-with-body"))


def dependencies_follow_code(project: Project) -> Iterator[Verdict]:
    """Code that is pulled from version control gets its dependencies before anything uses it.

    Silent where the repository carries `vendor/`, and where the code arrives as an artifact or image that may carry it.
    """
    used_by = frozenset({"migrate", "build-caches", "restart-workers"})
    for deployment in rollouts(project):
        pulls = [
            what.span
            for act, what in deployment.acts
            if act.name == "update-code" and isinstance(what, Command) and what.words[0].value == "git"
        ]
        carried = project.exists("vendor/autoload.php") or ships_images(deployment)
        if not pulls or carried or not _is_php(project, deployment):
            continue
        result = play(project, deployment, InstallsInTime(used_by), mishaps=0)
        if result.state == "broken":
            yield Verdict(pulls[0], "holds", "new code gets its dependencies in time", deployment.subject)
        elif result.unseen or result.left:
            yield from unseen_verdicts(deployment, result)
        elif play(project, deployment, AlwaysBefore(frozenset(), frozenset({"update-code"})), 0).state == "broken":
            late = deployment.does("install-dependencies")
            message = (
                "new code is used before its dependencies are installed" if late else "new code gets no dependencies"
            )
            yield Verdict(pulls[0], "broken", f"{message}: a new package is a fatal error", deployment.subject)


def _is_php(project: Project, deployment: Deployment) -> bool:
    return bool(project.composers) or deployment.does("migrate") or deployment.does("install-dependencies")


def _calm(
    project: Project, deployment: Deployment, prop: Property, place: Span, message: str, content: str
) -> Iterator[Verdict]:
    """A claim about courses in which all goes well."""
    result = play(project, deployment, prop, mishaps=0)
    if result.state == "holds":
        yield Verdict(place, "holds", content, deployment.subject)
    elif result.state == "undecided" or result.unseen:
        yield from unseen_verdicts(deployment, result)
    else:
        yield Verdict(place, "broken", message, deployment.subject)
