"""What a place in a workflow belongs to, as findings name it: `jobs.deploy.steps.migrate.env`."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.model.workflow import Action, Step, Workflow
from opslint.source import Span
from opslint.syntax.tree import Mapping, Node, Sequence


def subject_of(found: Workflow | Action, span: Span | None) -> str:
    """The innermost step or job around a span, or the file's own kind, and the keys that lead on to the span."""
    kind = "workflow" if isinstance(found, Workflow) else "action"
    root = found.document.root
    if span is None or not isinstance(root, Mapping):
        return kind
    for subject, node, place in _owners(found):
        if span in place:
            return ".".join((subject, *_keys(node, span)))
    return ".".join(_keys(root, span)) or kind


def _keys(node: Node, span: Span) -> Iterator[str]:
    """The keys around a span, from the outermost: items of lists have no name, and are left out."""
    if isinstance(node, Mapping):
        around = next((entry for entry in node if span in entry.span), None)
        if around is not None:
            yield str(around.key)
            yield from _keys(around.value, span)
    elif isinstance(node, Sequence):
        inner = next((item for item in node if span in item.span), None)
        if inner is not None:
            yield from _keys(inner, span)


def _owners(found: Workflow | Action) -> Iterator[tuple[str, Mapping, Span]]:
    """Every step and job with its place, the inner ones first."""
    if isinstance(found, Action):
        yield from _steps(found.steps)
        return
    for job in found.jobs:
        yield from _steps(job.steps)
        whole = Span(job.key.span.source, job.key.span.start, max(job.key.span.end, job.node.span.end))
        yield job.subject, job.node, whole


def _steps(steps: tuple[Step, ...]) -> Iterator[tuple[str, Mapping, Span]]:
    for step in steps:
        yield from _steps(step.parallel)
        yield step.subject, step.node, step.node.span
