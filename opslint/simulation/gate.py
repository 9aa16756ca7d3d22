"""What a check says when something in its job, or in a job that it judges, goes wrong."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from opslint.finding import State
from opslint.model.gate import Doing
from opslint.model.workflow import Job, Workflow
from opslint.simulation.deploy import meaning_of
from opslint.simulation.explore import Property, Result, explore
from opslint.simulation.machine import WorkflowProgram
from opslint.simulation.mishap import Ending
from opslint.simulation.occasion import Occasion, can_run, occasions, step_can_run
from opslint.simulation.state import Happening
from opslint.simulation.value import Object, Value
from opslint.source import Span
from opslint.syntax.tree import Mapping as Tree
from opslint.syntax.tree import Node, Scalar, Sequence, at

if TYPE_CHECKING:
    from opslint.model.project import Project

EVENTS = ("pull_request", "pull_request_target", "merge_group", "push")  # that branch protection may look at
BUDGET = 40_000  # states: a gate is small
PASSING = frozenset({"success", "skipped"})  # what branch protection lets through
_MOST = 200  # occasions to look at
_MOST_LEGS = 64  # of a matrix


@dataclass(frozen=True)
class RedAfter:
    """Where what stands at one of these places fails, the check of a job is neither green nor skipped."""

    places: frozenset[Span]
    job: str
    cuts: bool = False  # whether being cancelled is to be told, too
    green: frozenset[str] = PASSING
    acts: frozenset[str] = frozenset()

    def start(self) -> Hashable:
        return False

    def after(self, memory: bool, happening: Happening) -> Hashable:
        wrong = happening.outcome == "failed" or (self.cuts and happening.outcome == "cancelled")
        return memory or (wrong and happening.kind == "command" and happening.span in self.places)

    def verdict(self, memory: bool, ending: Ending) -> State:
        return "broken" if memory and dict(ending.results).get(self.job, "skipped") in self.green else "holds"


@dataclass(frozen=True)
class RedAfterAll:
    """The check of a job is red after whatever fails in it: of what use the single mishaps of the result are."""

    job: str
    subject: str  # jobs.tests
    acts: frozenset[str] = frozenset()

    def start(self) -> Hashable:
        return False

    def after(self, memory: bool, happening: Happening) -> Hashable:
        return memory or (happening.kind == "command" and happening.outcome == "failed" and self.is_own(happening))

    def is_own(self, happening: Happening) -> bool:
        """Whether something happens in the job itself, or in an action that one of its steps uses."""
        return happening.step.startswith(f"{self.subject}.") or not happening.step.startswith("jobs.")

    def verdict(self, memory: bool, ending: Ending) -> State:
        return "broken" if memory and dict(ending.results).get(self.job) == "success" else "holds"


@dataclass(frozen=True)
class RedWith:
    """Where the result of one job is this one, the check of another that needs it is neither green nor skipped."""

    needed: str
    result: str  # failure | cancelled
    job: str
    green: frozenset[str]
    acts: frozenset[str] = frozenset()

    def start(self) -> Hashable:
        return None

    def after(self, memory: None, happening: Happening) -> Hashable:
        return memory

    def verdict(self, memory: None, ending: Ending) -> State:
        results = dict(ending.results)
        if results.get(self.needed) != self.result:
            return "holds"
        return "broken" if results.get(self.job) in self.green else "holds"


def reported(
    project: Project,
    workflow: Workflow,
    job: Job,
    prop: Property,
    contexts: Mapping[str, Value],
    survive: tuple[str, ...] = ("failure",),
) -> Result:
    """What becomes of a job's check in every course of a run that knows these contexts."""
    meaning = meaning_of(project, lambda found, remote: False)
    program = WorkflowProgram(workflow, meaning, job.id, contexts)
    return explore(program, prop, survive=survive, budget=BUDGET)


def on_events(project: Project, doing: Doing, events: tuple[str, ...] = EVENTS) -> dict[str, Occasion]:
    """By event, the first run in which something is done at all, as far as the conditions before it tell."""
    found: dict[str, Occasion] = {}
    for occasion in islice(occasions(project, doing.workflow), _MOST):
        event = occasion.start.event
        if event in events and event not in found and not _is_of_tags(occasion) and is_done(doing, occasion):
            found[event] = occasion
    return {event: found[event] for event in events if event in found}


def is_done(doing: Doing, occasion: Occasion) -> bool:
    """Whether a job and its step can run on an occasion."""
    if not can_run(doing.workflow, doing.job, occasion):
        return False
    environments = (doing.job.env, doing.workflow.env)
    return doing.step is None or step_can_run(doing.step, occasion, environments)


def _is_of_tags(occasion: Occasion) -> bool:
    return occasion.start.ref.startswith("refs/tags/")


def legs(job: Job, contexts: Mapping[str, Value]) -> Iterator[Mapping[str, Value]]:
    """The contexts of each leg of a job's matrix, as far as it is written out; none where it is made by a run."""
    matrix = job.strategy.get("matrix") if job.strategy is not None else None
    if not isinstance(matrix, Tree):
        return
    found: list[dict[str, Value]] = [{}]
    for entry in matrix:
        name = str(entry.key)
        if name in ("include", "exclude"):
            continue
        if not isinstance(entry.value, Sequence):
            return
        found = [{**leg, name: _plain(item)} for leg in found for item in entry.value.items][:_MOST_LEGS]
    for given in _mappings(at(matrix, "include")):
        matching = [leg for leg in found if leg and all(leg.get(k, v) == v for k, v in given.items())]
        if not matching or not (set(given) & set(found[0])):
            found = [*(leg for leg in found if leg), given] if not matching else [{**leg, **given} for leg in found]
        else:
            found = [{**leg, **given} if leg in matching else leg for leg in found]
    left_out = list(_mappings(at(matrix, "exclude")))
    for leg in found[:_MOST_LEGS]:
        if not any(all(leg.get(k) == v for k, v in each.items()) for each in left_out):
            yield {**contexts, "matrix": Object(leg)}


def _mappings(node: Node | None) -> Iterator[dict[str, Value]]:
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Tree):
            yield {str(entry.key): _plain(entry.value) for entry in item}


def _plain(node: Node) -> Value:
    """A literal of a matrix; a list or mapping in it is none of its values that a condition compares."""
    if not isinstance(node, Scalar):
        return Object()
    value = node.value
    if isinstance(value, bool) or value is None:
        return value
    return float(value) if isinstance(value, int | float) else str(node)
