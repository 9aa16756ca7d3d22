"""Claims about workflows as GitHub reads them: that it accepts them, and what their words mean."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.finding import Note, Severity, Verdict
from opslint.model.project import Project
from opslint.model.workflow import Action, Workflow
from opslint.model.workflow_calls import call_flaws
from opslint.model.workflow_expressions import Occurrence, occurrences, switched_off
from opslint.model.workflow_flaw import Flaw, first_line, short
from opslint.model.workflow_ids import id_flaws
from opslint.model.workflow_names import Named, named
from opslint.model.workflow_shape import flaws
from opslint.model.workflow_subject import subject_of
from opslint.model.workflow_unwrap import unwrapped
from opslint.model.workflow_values import value_flaws
from opslint.simulation.constancy import accidents, situation


def valid(project: Project) -> Iterator[Verdict]:
    """GitHub accepts each workflow and local action: their shape, their expressions, and what they call.

    What cannot be read as YAML is `opslint/parse`'s.
    """
    for found in _readable(project):
        refused = {(flaw.span, flaw.message): flaw for flaw in _flaws(project, found)}  # an alias is met twice
        for flaw in refused.values():
            severity = Severity.WARNING if flaw.only_warned else None
            subject = subject_of(found, flaw.span)
            yield Verdict(flaw.span, "broken", flaw.message, subject, flaw.notes, severity=severity)
        if not refused:
            message = f"GitHub accepts `{found.path}`"
            yield Verdict(found.document.source.span(), "holds", message, subject_of(found, None))


def _readable(project: Project) -> tuple[Workflow | Action, ...]:
    found: tuple[Workflow | Action, ...] = (*project.workflows, *project.actions.values())
    return tuple(each for each in found if not each.document.problems)


def _flaws(project: Project, found: Workflow | Action) -> Iterator[Flaw]:
    yield from flaws(found.document, "workflow" if isinstance(found, Workflow) else "action")
    yield from id_flaws(found)
    yield from value_flaws(found)
    yield from call_flaws(project, found)


def conditions_decide(project: Project) -> Iterator[Verdict]:
    """No `if:` is constant by accident: a text around `${{ }}`, a quoted word, a comparison that never changes.

    `true`, `false`, a number and `always()` make a condition constant on purpose.
    """
    for found in _readable(project):
        known = situation(found)
        for occurrence in occurrences(found):
            condition, text = occurrence.condition, occurrence.text
            if condition is None:
                continue
            if condition.around:
                yield _always(occurrence)
                continue
            found_constant = tuple(accidents(occurrence.expression, known, switched_off(found, occurrence)))
            for part, message in found_constant:
                yield Verdict(part.span, "broken", message, occurrence.subject)
            if not found_constant:
                yield Verdict(first_line(text.span), "holds", f"`{short(text.value)}` decides", occurrence.subject)


def _always(occurrence: Occurrence) -> Verdict:
    """Text around `${{ }}` makes a text of the whole, and a text is true."""
    assert occurrence.condition is not None
    subject = occurrence.subject
    around = next((piece for piece in occurrence.condition.around if piece.value.strip()), None)
    if around is not None:
        message = f"always true: `{short(around.value)}` outside of `${{{{ }}}}` makes a text of the whole condition"
        return Verdict(first_line(around.strip().span), "broken", message, subject, fix=unwrapped(occurrence))
    message = "always true: the blank or line break outside of `${{ }}` makes a text of the whole condition"
    return Verdict(first_line(occurrence.text.span), "broken", message, subject, fix=unwrapped(occurrence))


def names_exist(project: Project) -> Iterator[Verdict]:
    """What expressions name is there: `steps.x`, `needs.x`, `inputs.x`, `matrix.x`, and outputs where they can be seen.

    GitHub takes a name that stands for nothing for an empty text. One finding per name and job.
    """
    for found in _readable(project):
        wrong: dict[tuple[str, str], list[Named]] = {}
        for each in named(project, found):
            owner = each.occurrence.job.subject if each.occurrence.job is not None else ""
            if each.wrong:
                wrong.setdefault((owner, each.wrong), []).append(each)
            else:
                message = f"`{each.text}` names something"
                yield Verdict(each.text.span, "holds", message, each.occurrence.subject)
        for (_, message), (first, *others) in wrong.items():
            notes = tuple(Note(other.text.span, "and here") for other in others)
            severity = Severity.NOTE if first.may_be_meant else None
            subject = f"{first.occurrence.subject}.{first.text}"
            yield Verdict(first.text.span, "broken", message, subject, notes, severity=severity)
