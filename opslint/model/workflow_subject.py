"""What a place in a workflow belongs to, as findings name it: `jobs.deploy.steps.migrate`."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.model.workflow import Action, Step, Workflow
from opslint.source import Span
from opslint.syntax.tree import Mapping


def subject_of(found: Workflow | Action, span: Span | None) -> str:
    """The innermost step or job around a span, else the top-level key, else the file's own kind."""
    kind = "workflow" if isinstance(found, Workflow) else "action"
    root = found.document.root
    if span is None or not isinstance(root, Mapping):
        return kind
    for subject, place in _owners(found):
        if span in place:
            return subject
    return next((str(entry.key) for entry in root if span in entry.span), kind)


def _owners(found: Workflow | Action) -> Iterator[tuple[str, Span]]:
    """Every step and job with its place, the inner ones first."""
    if isinstance(found, Action):
        yield from _steps(found.steps)
        return
    for job in found.jobs:
        yield from _steps(job.steps)
        yield job.subject, Span(job.key.span.source, job.key.span.start, max(job.key.span.end, job.node.span.end))


def _steps(steps: tuple[Step, ...]) -> Iterator[tuple[str, Span]]:
    for step in steps:
        yield from _steps(step.parallel)
        yield step.subject, step.node.span
