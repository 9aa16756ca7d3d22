"""Claims about failures: that somebody notices, and that nothing goes on as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.finding import Note, Severity, Verdict
from opslint.model.deployment import PRODUCTION_ACTS, Deployment
from opslint.model.project import Project
from opslint.model.rollout import asks_status, rollouts
from opslint.simulation.deploy import place_of, play, unseen_verdicts
from opslint.simulation.explore import Result
from opslint.simulation.failing import FailTheRun, NeverBelieved
from opslint.simulation.property import job_of
from opslint.simulation.state import Happening

_ON_PURPOSE = frozenset({"maintenance-on", "restart-workers", "restart-services"})


def fail_the_run(project: Project) -> Iterator[Verdict]:
    """Where a production act fails, the job is red. One finding for each step or script that hides failures.

    A mask that is written out (`|| true`) on entering maintenance or on a restart is a note.
    """
    for deployment in rollouts(project):
        prop = FailTheRun(PRODUCTION_ACTS)
        result = play(project, deployment, prop, survive=("failure",))
        hidden = _hidden(deployment, result)
        for step, masked in hidden.items():
            place = place_of(deployment, masked[0])
            single = play(
                project,
                deployment,
                FailTheRun(PRODUCTION_ACTS, where=frozenset({masked[0].span})),
                survive=("failure",),
            )
            course = single.course()
            notes = tuple(Note(place_of(deployment, each), "nor this one's") for each in masked[1:])
            then = "the job is green" if deployment.job is not None else "the script ends with 0"
            message = f"nobody notices when `{masked[0].text}` fails: {then}"
            severity = Severity.NOTE if all(_is_on_purpose(each) for each in masked) else None
            subject = step or deployment.subject
            yield Verdict(place, "broken", message, subject, notes, severity=severity, course=course)
        if not hidden and result.state == "undecided":
            yield from unseen_verdicts(deployment, result)
        elif not hidden:
            yield Verdict(deployment.span, "holds", "a production act that fails turns the job red", deployment.subject)


def _hidden(deployment: Deployment, result: Result) -> dict[str, list[Happening]]:
    """What can fail unseen, by the step that holds it; what is hidden on purpose apart from the rest."""
    found: dict[str, list[Happening]] = {}
    for mishap in result.mishaps:
        happening = mishap.happening
        if mishap.broken and happening.act in PRODUCTION_ACTS:
            apart = "#" if _is_on_purpose(happening) else ""
            found.setdefault(happening.step + apart, []).append(happening)
    return {step.rstrip("#"): sorted(each, key=lambda h: h.span.start) for step, each in found.items()}


def _is_on_purpose(happening: Happening) -> bool:
    """Whether a `||` is written behind it, on its own line, and it is an act that may be taken lightly."""
    source, end = happening.span.source, happening.span.end
    rest = source.content[end : source.content.find("\n", end)]
    return happening.act in _ON_PURPOSE and "||" in rest


def never_believed(project: Project, *, first: str, then: tuple[str, ...]) -> Iterator[Verdict]:
    """After a failed `first` no act of `then` runs because it takes it for done; a trap or a status function may."""
    for deployment in rollouts(project):
        if not deployment.does(first):
            continue
        prop = NeverBelieved(first, frozenset(then), _aware(deployment))
        result = play(project, deployment, prop, survive=("failure",))
        if result.state == "undecided":
            yield from unseen_verdicts(deployment, result)
        elif result.state == "holds" or result.run is None:
            place = next(iter(deployment.places(first)), deployment.span)
            yield Verdict(place, "holds", f"nothing goes on after a failed `{first}`", deployment.subject)
        else:
            believing = _believing(result, prop)
            message = (
                f"`{believing.text}` runs although `{first}` has failed"
                if believing
                else f"it goes on after a failed `{first}`"
            )
            place = place_of(deployment, believing) if believing else deployment.span
            yield Verdict(place, "broken", message, deployment.subject, course=result.course())


def _aware(deployment: Deployment) -> frozenset[str]:
    """The jobs of its workflow whose condition asks how those before it have ended."""
    jobs = deployment.workflow.jobs if deployment.workflow is not None else ()
    return frozenset(job.subject for job in jobs if job.condition is not None and asks_status(job.condition))


def _believing(result: Result, prop: NeverBelieved) -> Happening | None:
    assert result.run is not None
    failed = ""
    for happening in result.run.happenings:
        if happening.act == prop.first and happening.outcome == "failed":
            failed = job_of(happening) or "a script"
        if failed and prop.believes(happening, failed):
            return happening
    return None
