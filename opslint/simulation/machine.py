"""A workflow as a program: its jobs and steps as code, and what a cancel or a timeout does to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opslint.model.concurrency import groups
from opslint.model.workflow import Workflow
from opslint.simulation.build import Builder, ordered, side_by_side
from opslint.simulation.command import Meaning
from opslint.simulation.facts import decisions
from opslint.simulation.jobs import JobCode, Jobs
from opslint.simulation.mishap import Cut, Ending
from opslint.simulation.process import cuts
from opslint.simulation.shell import Sequence
from opslint.simulation.state import Pause, Shell, State
from opslint.simulation.steps import StepCode
from opslint.simulation.value import Value
from opslint.syntax.tree import Scalar

_MINUTES_AFTER_CANCEL = "5"  # where `cancel-timeout-minutes` says nothing else


class WorkflowProgram:
    """All jobs of a workflow; or one of them, with those it needs and those that need it, and what these need."""

    def __init__(
        self,
        workflow: Workflow,
        meaning: Meaning,
        job: str | None = None,
        contexts: Mapping[str, Value] | None = None,  # what the run knows of itself from the start
    ) -> None:
        self.workflow = workflow
        self.builder = Builder(meaning)
        codes = self.builder.jobs(workflow, "", contexts or {}, job)
        self.code = Jobs((codes,), tuple(Sequence(order) for order in ordered(codes)))
        self.jobs = {code.name: code for code in self.builder.all_jobs}

    def start(self) -> State:
        return State(None).push(self.code)

    def side_by_side(self, acts: frozenset[str]) -> Iterator[tuple[str, str]]:
        """The subjects of jobs that may do some of the acts at once; each is played wholly before the other."""
        for one, other in side_by_side(code for code in self.builder.all_jobs if code.acts & acts):
            yield one.job.subject, other.job.subject

    def step(self, state: State) -> tuple[str, bool]:
        running = _running(state)
        return (running[0].written.subject, any(code.asks for code in running)) if running else ("", False)

    def ending(self, state: State) -> Ending:
        facts = state.world.facts
        results = tuple((code.name, facts.get(f"check/{code.name}") or "skipped") for code in self.code.orders[0])
        seen = {facts.get(f"result/{name}") for name, _ in results}
        worst = next((word for word in ("failure", "cancelled") if word in seen), "success")
        return Ending("cancelled" if facts.get("cancelled") else worst, results)

    def cuts(self, pause: Pause) -> Iterator[Cut]:
        """A cancel of the run, the job's timeout, the step's own (facts S14, S17, S20, S21)."""
        state = pause.state
        running = _running(state)
        if not running:
            return
        job = running[0].scope.job
        planned = state.world.facts.get(f"pending/{job}") is not None
        if state.world.facts.get(f"{job}/cancelled"):
            why = f"{self._minutes(job)} minutes after the cancel everything is ended"
            yield Cut("overrun", _ended(state, "cancelled"), why)
        else:
            cancelled = _cancelled(state, running, job)
            all_of_it = cancelled if planned else self._all_cancelled(cancelled, job)
            yield from _stopped(state, all_of_it, running, "cancel", self._why_cancelled(job), planned)
            if not planned:
                late = cancelled.fact(f"late/{job}", "yes")
                yield from _stopped(state, late, running, "timeout", "the job times out", False)
        if any(code.written.timeout is not None for code in running):
            for after in cuts(state.fact("cut", "timeout")):
                yield Cut("timeout", after, "the step times out")
        yield Cut("lost", _ended(state, "failure"), "the runner is lost")

    def _why_cancelled(self, job: str) -> str:
        """A person cancels a run; so does the next one, where `cancel-in-progress` says so (fact S37)."""
        found = groups(self.workflow, self.jobs[job].job)
        overtaken = any(group.cancel is not None and group.cancel.value is True for group in found)
        return "the run is cancelled, as by the next one" if overtaken else "the run is cancelled"

    def _minutes(self, job: str) -> str:
        """How long the steps that run after a cancel may take together (fact S19, P7)."""
        given = self.jobs[job].job.node.get("cancel-timeout-minutes")
        return str(given) if isinstance(given, Scalar) else _MINUTES_AFTER_CANCEL

    def _all_cancelled(self, state: State, job: str) -> State:
        """A cancel hits every job that runs at the same time; those are stopped at one of their commands."""
        state = state.fact("cancelled", "yes").fact(f"pending/{job}", None)
        facts = state.world.facts
        for code in self.jobs.values():
            others = code.name != job and job not in code.scope.ancestors and facts.get(f"result/{code.name}") is None
            if others and all(facts.get(f"result/{need}") for need in code.scope.ancestors):
                state = state.fact(f"pending/{code.name}", "yes")
        return state


def _running(state: State) -> list[StepCode]:
    """The steps that are running, innermost first: more than one inside an action."""
    found, stack = [], state.stack
    while stack is not None:
        if isinstance(stack.code, StepCode) and stack.point == 2:
            found.append(stack.code)
        stack = stack.rest
    return found


def _ended(state: State, result: str) -> State:
    """The job is over at once, and no condition is asked any more: its runner is gone (S22), its time is up (S19)."""
    stack = state.stack
    while stack is not None and not isinstance(stack.code, JobCode):
        stack = stack.rest
    assert stack is not None, "a step is part of a job"
    assert isinstance(stack.code, JobCode)
    return State(stack, Shell(), state.world).fact(f"{stack.code.scope.job}/status", result)


def _cancelled(state: State, running: list[StepCode], job: str) -> State:
    for code in running:
        state = state.fact(code.scope.prefix + "status", "cancelled")
    return state.fact(f"{job}/cancelled", "yes")


def _stopped(
    before: State, state: State, running: list[StepCode], kind: str, because: str, planned: bool
) -> Iterator[Cut]:
    """The condition of the running step is asked once more: if it holds the step goes on, else it is cut (fact S17).

    In an action its own step decides alone, the step that uses the action does not; and while it goes on, the action
    is as it was, so what comes after it in the action may run, too [runner:CompositeActionHandler.cs].
    """
    innermost = running[0]
    if all(decision.truth for decision in decisions(innermost.condition, innermost.scope, state)):
        for code in running[:-1]:
            name = code.scope.prefix + "status"
            state = state.fact(name, before.world.facts.get(name))
        yield Cut(kind, state, because, planned, survived=True)
        return
    for after in cuts(state.fact("cut", "cancel")):
        yield Cut(kind, after, because, planned)
