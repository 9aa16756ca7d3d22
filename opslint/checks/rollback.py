"""Claims about rollbacks: that there is one, that it runs, in time, and with the right backup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from opslint.finding import Edit, Fix, Note, Verdict
from opslint.model.backup import mentions, name_of, restored_from, written_to
from opslint.model.command import Command
from opslint.model.deployment import PRODUCTION_ACTS, REPLACES, RESTORES, Deployment, subject_of
from opslint.model.platform import HINT, UNSEEN, platform_of
from opslint.model.project import Project
from opslint.model.rollout import rollouts
from opslint.model.run import StepOf
from opslint.model.workflow import Step
from opslint.simulation.deploy import place_of, play, tally, unseen_verdicts
from opslint.simulation.explore import Property, Result
from opslint.simulation.property import CHANGES, AlwaysBefore
from opslint.simulation.restoring import RestoresAfter, RestoresBeforeUp, RestoresOwnBackup
from opslint.simulation.state import Happening
from opslint.source import Span

_MATTERS = PRODUCTION_ACTS | {"check-health"}  # a chat message that fails is no reason to restore
_SWITCHED = frozenset({"switch-release", "migrate"})  # a release in a folder of its own changes nothing before
_PAIRS = (("restore-database", "backup-database"), ("restore-files", "backup-files"))
_NEEDED = (  # what was done, any act that takes it back, in words
    (("update-code", "switch-release"), ("restore-files", "switch-release"), "the code"),
    (("migrate",), ("restore-database",), "the database"),
    (("restart-workers", "restart-services"), ("restart-workers", "restart-services"), "the services"),
    (("maintenance-on",), ("maintenance-off",), "maintenance"),
)


def exists(project: Project) -> Iterator[Verdict]:
    """A deployment that migrates or replaces code has some act that restores."""
    for deployment in rollouts(project):
        if not any(deployment.does(act) for act in REPLACES):
            continue
        restoring = deployment.places(*RESTORES)
        if restoring:
            yield Verdict(restoring[0], "holds", "something restores", deployment.subject)
            continue
        by = platform_of(deployment, tuple(REPLACES))
        result = play(project, deployment, AlwaysBefore(frozenset(), REPLACES), mishaps=0)
        place = next(iter(deployment.places(*REPLACES)), deployment.span)
        if by == "containers":
            message = "the platform keeps the old release where the new one does not start"
            yield Verdict(place, "holds", message, deployment.subject)
        elif by == "hook":
            yield Verdict(place, "undecided", UNSEEN, deployment.subject, hint=HINT)
        elif result.state == "undecided" or result.unseen:
            yield from unseen_verdicts(deployment, result)
        elif result.state == "broken":  # else no course comes that far
            changes = "migrates" if deployment.does("migrate") else "replaces code"
            message = f"it {changes}, and nothing restores anything when it fails"
            yield Verdict(deployment.span, "broken", message, deployment.subject)


def runs_after(project: Project, *, mishap: Literal["failure", "cancel"]) -> Iterator[Verdict]:
    """Once production was changed and something fails (or the run is cut), a restoring act is tried."""
    outcome, survive = ("failed", ("failure",)) if mishap == "failure" else ("cancelled", ("cancel", "timeout"))
    for deployment in _restoring(project):
        last = _last(project, deployment)
        changes = _SWITCHED if deployment.does("switch-release") else CHANGES
        prop = RestoresAfter(outcome, _steps(deployment, last), last, changes)
        result = play(project, deployment, prop, survive=survive)
        place = _condition(deployment)
        if result.state == "holds":
            yield Verdict(place, "holds", "what restores is tried in every such course", deployment.subject)
        elif result.state == "undecided" or result.unseen or result.run is None:
            yield from unseen_verdicts(deployment, result)
        else:
            message = f"nothing restores when {result.run.mishap}"
            fix = _also_cancelled(deployment) if mishap == "cancel" else None
            notes = tally(deployment, result)
            yield Verdict(place, "broken", message, deployment.subject, notes, fix, course=result.course())


def _restoring(project: Project) -> Iterator[Deployment]:
    return (each for each in rollouts(project) if any(each.does(act) for act in RESTORES))


def _steps(deployment: Deployment, last: Span | None) -> frozenset[str]:
    """The steps that change production or check it, less those that restore and one that holds the last act alone."""
    restoring = deployment.hosts(*RESTORES)
    holding = [subject_of(what) for act, what in deployment.acts if act.name in _MATTERS]
    ends = {subject_of(what) for _, what in deployment.acts if isinstance(what, Command) and what.raw.span == last}
    return frozenset(holding) - restoring - {subject for subject in ends if holding.count(subject) == 1}


def _last(project: Project, deployment: Deployment) -> Span | None:
    """The last production act or check of a calm course."""
    result = play(project, deployment, _Calm(), mishaps=0)
    steps = _steps(deployment, None)
    done = [h for h in result.run.happenings if h.act is not None and h.step in steps] if result.run else []
    return done[-1].span if done else None


class _Calm:
    """Every course, so that the first one is told."""

    acts: frozenset[str] = frozenset()

    def start(self) -> int:
        return 0

    def after(self, memory: int, happening: Happening) -> int:
        return memory

    def verdict(self, memory: int, ending: object) -> Literal["broken"]:
        return "broken"


def _condition(deployment: Deployment) -> Span:
    """The condition of the step that restores, else that of a job which is there to restore, else the restoring act."""
    for part in deployment.parts:
        for act, what in part.own_acts:
            if act.name not in RESTORES:
                continue
            step = what.site.owner.step if isinstance(what, Command) and isinstance(what.site.owner, StepOf) else what
            if isinstance(step, Step) and step.condition is not None:
                return step.condition.text.span
            if part is not deployment and part.job is not None and part.job.condition is not None:
                return part.job.condition.text.span
            return next(iter(deployment.places(*RESTORES)))
    return deployment.span


def _also_cancelled(deployment: Deployment) -> Fix | None:
    span = _condition(deployment)
    if span.written.strip() != "failure()":
        return None
    return Fix("write `failure() || cancelled()`", (Edit(span, "failure() || cancelled()"),), safe=False)


def use_own_backup(project: Project) -> Iterator[Verdict]:
    """A database or file backup is restored only in courses where this run made it."""
    for deployment in _restoring(project):
        pairs = tuple(
            (restore, backup) for restore, backup in _PAIRS if _restores_from_backup(deployment, restore, backup)
        )
        if not pairs:
            continue
        result = play(project, deployment, RestoresOwnBackup(pairs), survive=("failure",))
        others = tuple(each for pair in pairs for each in _other_files(deployment, *pair))
        if result.state == "holds" and others:
            yield from others
            continue
        acts = tuple(restore for restore, _ in pairs)
        yield from _judged(
            deployment, result, RestoresOwnBackup(pairs), acts, "restores a backup that this run did not make"
        )


def _restores_from_backup(deployment: Deployment, restore: str, backup: str) -> bool:
    """Files may be restored from version control: that needs no backup of this run's."""
    return deployment.does(restore) and (restore == "restore-database" or deployment.does(backup))


def _other_files(deployment: Deployment, restore: str, backup: str) -> Iterator[Verdict]:
    """Restored files that no backup of this run is written to, where all the names are to be seen."""
    makers = [what for act, what in deployment.acts if act.name == backup]
    written = [word for what in makers if isinstance(what, Command) and (word := written_to(what)) is not None]
    names = {name for word in written if (name := name_of(word)) is not None}
    if len(written) < len(makers) or not all(map(name_of, written)):
        return
    takers = [what for act, what in deployment.acts if act.name == restore and isinstance(what, Command)]
    read = [word for what in takers if (word := restored_from(what)) is not None]
    commands = [command for part in deployment.parts for command in part.commands]
    for file in read:
        name = name_of(file)
        if name is None or name in names or any(mentions(commands, {name, *names}, [*read, *written])):
            continue
        notes = tuple(Note(word.span, "this run's backup is written here") for word in written)
        message = f"`{file.value}` is no file that this run writes its backup to"
        yield Verdict(file.span, "broken", message, deployment.subject, notes)


def before_up(project: Project) -> Iterator[Verdict]:
    """When something failed, maintenance does not end before what restores."""
    for deployment in _restoring(project):
        if deployment.does("maintenance-on") and deployment.does("maintenance-off"):
            prop = RestoresBeforeUp()
            result = play(project, deployment, prop, survive=("failure",))
            what = "ends maintenance before anything is restored"
            yield from _judged(deployment, result, prop, ("maintenance-off",), what)


def _judged(
    deployment: Deployment, result: Result, prop: Property, acts: tuple[str, ...], what: str
) -> Iterator[Verdict]:
    place = next(iter(deployment.places(*acts)), deployment.span)
    if result.state == "holds":
        yield Verdict(place, "holds", f"no course {what}", deployment.subject)
    elif result.state == "undecided" or result.run is None:
        yield from unseen_verdicts(deployment, result)
    else:
        culprit = _culprit(result, acts, prop)
        message = f"`{culprit.text}` {what} when {result.run.mishap}" if culprit else what
        notes = (*_others(deployment, acts, culprit), *tally(deployment, result))
        span = place_of(deployment, culprit) if culprit else place
        yield Verdict(span, "broken", message, deployment.subject, notes, course=result.course())


def _culprit(result: Result, acts: tuple[str, ...], prop: Property) -> Happening | None:
    """The first of the acts in the course with which the property is lost."""
    assert result.run is not None
    found = [h for h in result.run.happenings if h.act in acts and h.outcome != "skipped"]
    return found[0] if found else None


def _others(deployment: Deployment, acts: tuple[str, ...], culprit: Happening | None) -> tuple[Note, ...]:
    here = place_of(deployment, culprit) if culprit else None
    return tuple(Note(span, "and this") for span in deployment.places(*acts) if span != here)[:2]


def _afterwards(deployment: Deployment) -> frozenset[str]:
    """The subjects of steps that run after a failure, and of all steps of a job that is there to restore."""
    found = set()
    for part in deployment.parts:
        restores = part is not deployment and any(act.name in RESTORES for act, _ in part.own_acts)
        for _, what in part.own_acts:
            step = what.site.owner.step if isinstance(what, Command) and isinstance(what.site.owner, StepOf) else what
            condition = step.condition if isinstance(step, Step) else None
            if restores or (condition is not None and "failure()" in condition.text.value):
                found.add(subject_of(what))
    return frozenset(found)


def is_complete(project: Project, *, health: bool = False) -> Iterator[Verdict]:
    """What the deployment changed is taken back: code, database, services, maintenance; and with `health` it looks."""
    for deployment in _restoring(project):
        restoring = deployment.hosts(*RESTORES) | _afterwards(deployment)
        done = {act.name for act, what in deployment.acts if subject_of(what) in restoring}
        changed = {act.name for act, what in deployment.acts if subject_of(what) not in restoring}
        ends = {"maintenance-off"} if deployment.does("maintenance-off") else set()
        missing = [name for acts, back, name in _NEEDED if changed & set(acts) and not (done | ends) & set(back)]
        flaws = [f"leaves {' and '.join(missing)} as the failed deployment made it"] if missing else []
        if health and "check-health" not in done:
            flaws.append("does not ask the site whether it answers")
        place = _condition(deployment)
        if flaws:
            yield Verdict(place, "broken", f"the rollback {' and '.join(flaws)}", deployment.subject)
        else:
            yield Verdict(place, "holds", "the rollback takes back what was changed", deployment.subject)
