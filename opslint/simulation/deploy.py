"""A deployment of a project, played through, and what is said of what cannot be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from opslint.finding import Note, Verdict
from opslint.model.act import Act, called, taught
from opslint.model.command import Command
from opslint.model.deployment import Deployment
from opslint.model.run import follow, template_of
from opslint.model.workflow import Action, Job, Step, Workflow
from opslint.simulation.command import Meaning
from opslint.simulation.compile import shell_of
from opslint.simulation.explore import BUDGET, SURVIVE, Property, Result, explore
from opslint.simulation.machine import WorkflowProgram
from opslint.simulation.mishap import Program
from opslint.simulation.property import ActTogether, Within
from opslint.simulation.question import Kind, classify
from opslint.simulation.script import ScriptProgram
from opslint.simulation.state import Happening
from opslint.source import Span
from opslint.syntax.script import Word

if TYPE_CHECKING:
    from opslint.model.project import Project


def play(
    project: Project,
    deployment: Deployment,
    prop: Property,
    mishaps: int = 1,
    survive: tuple[str, ...] = SURVIVE,
    budget: int = BUDGET,
) -> Result:
    """Every course of a deployment against a property; the program is made once.

    Jobs that run side by side are played in every order, but not command by command: where two that do run both do
    something that the property looks at, it may not hold.
    """
    seen = Within(prop, deployment.foreign) if deployment.foreign else prop
    program = program_of(project, deployment)
    result = explore(program, seen, mishaps, survive, budget)
    if result.state == "holds" and isinstance(program, WorkflowProgram):
        pairs = tuple(program.side_by_side(prop.acts))
        theirs = tuple(pair for pair in pairs if not deployment.foreign.intersection(pair))
        if theirs and explore(program, ActTogether(theirs, prop.acts), mishaps, survive, budget).state != "holds":
            left = " and ".join(f"`{subject.removeprefix('jobs.')}`" for subject in theirs[0]) + " run side by side"
            return replace(result, state="undecided", left=left, hint="let one of them need the other")
    return result


def place_of(deployment: Deployment, happening: Happening) -> Span:
    """The smallest place of something that happened: a command without its wrappers, the action of a step."""
    for _, what in deployment.acts:
        if isinstance(what, Command) and what.raw.span == happening.span:
            return what.span
        if not isinstance(what, Command) and what.node.span == happening.span:
            return (what.uses or what).span  # type: ignore[union-attr]
    return happening.span


def program_of(project: Project, deployment: Deployment) -> Program:
    return project.cached(("program", deployment.span), lambda: _program(project, deployment))


def tally(deployment: Deployment, result: Result) -> tuple[Note, ...]:
    """On how many of the single mishaps it happens, where that is more than one."""
    broken = [mishap for mishap in result.mishaps if mishap.broken]
    if len(broken) < 2:
        return ()
    return (Note(deployment.span, f"so it ends after {len(broken)} of {len(result.mishaps)} single mishaps"),)


def unseen_verdicts(deployment: Deployment, result: Result) -> Iterator[Verdict]:
    """What could not be followed, each thing once; else why exploring stopped.

    Nothing where only the unseen rest of a remote script would decide, after a connection was cut: that is no finding.
    """
    for span in result.unseen:
        if span in result.unread:
            shown = span.written.splitlines()[0] if span.written else ""
            message = f"`{shown}` is nothing that opslint can follow in a script"
            yield Verdict(span, "undecided", message, deployment.subject, hint="write it in another way")
            continue
        foreign = deployment.job is not None and any(_begins(step, span) for step in deployment.job.steps)
        why = "its shell is none that opslint reads" if foreign else "it is not in this repository"
        message = f"what `{span.written}` does is not to be seen: {why}"
        hint = f"say what it does in `.opslint.yaml`, like `{taught('update-code', called(deployment.commands, span))}`"
        yield Verdict(span, "undecided", message, deployment.subject, hint=hint)
    if not result.unseen and result.left:
        message = f"not every course was played: {result.left}"
        yield Verdict(deployment.span, "undecided", message, deployment.subject, hint=result.hint)


def _program(project: Project, deployment: Deployment) -> Program:
    meaning = meaning_of(project, deployment.counts)
    if deployment.workflow is not None and deployment.job is not None:
        return WorkflowProgram(deployment.workflow, meaning, deployment.job.id)
    script = project.script(deployment.path)
    assert script is not None, "a deployment without a job is a script"
    return ScriptProgram(script, meaning, template_of(project, deployment.path), deployment.path)


def meaning_of(project: Project, counts: Callable[[Act, bool], bool]) -> Meaning:
    """What commands mean in a project, and what stands behind a call; `counts` says which acts do, here or remotely.

    What a runner does for itself (`composer install` before the tests) is no act of a deployment.
    """

    def acts(words: tuple[Word, ...], remote: bool, reads: str) -> str | None:
        found = project.act_of(words, reads)
        return found.name if found is not None and counts(found, remote) else None

    def uses(step: Step) -> str | None:
        found = project.act_of_step(step)
        return found.name if found is not None and counts(found, False) else None

    def action(step: Step) -> Action | None:
        name = str(step.uses or "")
        return project.actions.get(name.removeprefix("./").rstrip("/")) if name.startswith("./") else None

    def workflow(job: Job) -> Workflow | None:
        name = str(job.uses or "").removeprefix("./").removeprefix("$/")
        return next((each for each in project.workflows if each.path == name), None)

    return Meaning(
        acts=acts,
        classify=_classify,
        expand=lambda words, caller: follow(project, words, caller),
        uses=uses,
        action=action,
        workflow=workflow,
    )


def _begins(step: Step, span: Span) -> bool:
    """Whether the script of a step begins there, in a shell such as `pwsh`."""
    return step.run is not None and shell_of(step.shell) is None and step.run.text[:1].span.start == span.start


def _classify(words: tuple[str | None, ...]) -> Kind:
    """As everywhere, but a `cd` into a folder that is written out does not fail: it is where the site lives."""
    return "sure" if words[:1] == ("cd",) and len(words) > 1 and words[1] is not None else classify(words)
