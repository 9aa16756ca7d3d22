"""Every expression of a workflow or action, with the job and step it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opslint.finding import Problem
from opslint.model.workflow import Action, Job, Step, Workflow
from opslint.source import Text
from opslint.syntax.condition import Condition, condition
from opslint.syntax.expression import Context, Expression, Index, Literal, embedded, parse, walk
from opslint.syntax.tree import Entry, Mapping, Node, Scalar, Sequence


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One expression where it is written."""

    expression: Expression
    text: Text  # the whole value that it is, or is embedded in
    path: tuple[str, ...]  # the keys that lead to it from its step, its job or the file
    job: Job | None = None
    step: Step | None = None
    condition: Condition | None = None  # where it is an `if:`
    style: str = "plain"  # of the value

    @property
    def subject(self) -> str:
        """What it belongs to: a step, a job, else the key it stands under."""
        owner = self.step or self.job
        return owner.subject if owner is not None else self.path[0]


@dataclass(frozen=True, slots=True)
class Reference:
    """`steps.migrate.outputs.count`: a context, and the names behind it as far as they are written out."""

    context: str
    names: tuple[str, ...]
    places: tuple[Text, ...]  # of each name
    text: Text  # of the whole


def occurrences(found: Workflow | Action) -> Iterator[Occurrence]:
    """All that can be parsed; what cannot is a flaw of the file, and told as one."""
    root = found.document.root
    if not isinstance(root, Mapping):
        return
    apart = "jobs" if isinstance(found, Workflow) else "runs"
    yield from _of_entries([entry for entry in root if str(entry.key) != apart], None, None)
    if isinstance(found, Action):
        yield from _of_steps(found.steps, None)
        return
    for job in found.jobs:
        yield from _conditions(job.condition, job, None)
        yield from _of_entries([entry for entry in job.node if str(entry.key) not in ("if", "steps")], job, None)
        yield from _of_steps(job.steps, job)


def _of_steps(steps: tuple[Step, ...], job: Job | None) -> Iterator[Occurrence]:
    for step in steps:
        yield from _conditions(step.condition, job, step)
        yield from _of_entries([entry for entry in step.node if str(entry.key) not in ("if", "parallel")], job, step)
        yield from _of_steps(step.parallel, job)


def _conditions(scalar: Scalar | None, job: Job | None, step: Step | None) -> Iterator[Occurrence]:
    if scalar is not None:
        found = condition(scalar.text)
        if not isinstance(found, Problem) and found.written is not None:
            yield Occurrence(found.written, scalar.text, ("if",), job, step, found, scalar.style)


def _of_entries(entries: list[Entry], job: Job | None, step: Step | None) -> Iterator[Occurrence]:
    for entry in entries:
        for scalar, path in _scalars(entry.value, (str(entry.key),)):
            for fence in embedded(scalar.text) if "${{" in scalar.text.value else ():
                expression = parse(fence.inner)
                if not isinstance(expression, Problem):
                    yield Occurrence(expression, scalar.text, path, job, step, None, scalar.style)


def _scalars(node: Node, path: tuple[str, ...]) -> Iterator[tuple[Scalar, tuple[str, ...]]]:
    if isinstance(node, Scalar):
        yield node, path
    elif isinstance(node, Sequence):
        for item in node:
            yield from _scalars(item, path)
    elif isinstance(node, Mapping):
        for entry in node:
            yield entry.key, path
            yield from _scalars(entry.value, (*path, str(entry.key)))


def references(expression: Expression) -> Iterator[Reference]:
    """Every path into a context; it ends before the first `*` or computed name."""
    longer = {id(node.base) for node in walk(expression) if isinstance(node, Index)}
    for node in walk(expression):
        if isinstance(node, Index) and id(node) not in longer:
            keys: list[Expression | None] = []
            base: Expression = node
            while isinstance(base, Index):
                keys.append(base.key)
                base = base.base
            if isinstance(base, Context):
                named = []
                for key in reversed(keys):
                    if not isinstance(key, Literal) or not isinstance(key.value, str):
                        break
                    named.append(key)
                yield Reference(
                    base.name, tuple(str(key.value) for key in named), tuple(key.text for key in named), node.text
                )


def switched_off(found: Workflow | Action, where: Occurrence) -> frozenset[str]:
    """Variables whose nearest `env:` says `false`, and that no script sets anew; in lower case."""
    if isinstance(found, Action):
        return frozenset()
    values: dict[str, str] = {}
    for env in (found.env, where.job.env if where.job else {}, where.step.env if where.step else {}):
        values |= {name.lower(): str(node) if isinstance(node, Scalar) else "" for name, node in env.items()}
    scripts = [str(step.run).lower() for step in where.job.steps if step.run] if where.job else []
    written = [script for script in scripts if "github_env" in script]
    return frozenset(
        name for name, value in values.items() if value == "false" and not any(name in script for script in written)
    )
