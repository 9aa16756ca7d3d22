"""Steps of a job: their conditions, how they end, and what that makes of the job."""

from __future__ import annotations

from typing import Any

from opslint.finding import Outcome, Problem
from opslint.model.workflow import Step as Written
from opslint.simulation.condition import Decision, evaluate
from opslint.simulation.exports import UNTOLD, handed_over, names
from opslint.simulation.facts import Here, Scope, assumed, decisions
from opslint.simulation.process import settle
from opslint.simulation.state import Choice, Code, Happening, Option, Pause, State, Step
from opslint.simulation.table import EMPTY, Table
from opslint.simulation.value import Failure, string
from opslint.source import Span
from opslint.syntax.condition import Condition, condition
from opslint.syntax.expression import STATUS_FUNCTIONS, Call, Expression, embedded, parse, walk
from opslint.syntax.tree import Scalar

_SKIPPED, _FAILED = "skipped", "failure"
_TOLD: dict[str, Outcome] = {
    "success": "succeeded",
    "failure": "failed",
    "cancelled": "cancelled",
    "skipped": "skipped",
}


def read_condition(scalar: Scalar | None) -> Condition:
    """The condition of a step or job; one that cannot be read is taken for `success()`: another rule speaks of it."""
    read = condition(scalar.text if scalar else None)
    if isinstance(read, Problem):
        read = condition(None)
    assert isinstance(read, Condition)
    return read


def expression_of(scalar: Scalar | None) -> Expression | bool:
    """A setting such as `continue-on-error`: a boolean, or the expression that decides it."""
    if scalar is None or isinstance(scalar.value, bool):
        return bool(scalar and scalar.value)
    fences = embedded(scalar.text)
    read = parse(fences[0].inner) if len(fences) == 1 else None
    return False if read is None or isinstance(read, Problem) else read


def asks_status(written: Condition) -> bool:
    """Whether a condition calls a status function other than `success`: its step knows what it does."""
    calls = (node for node in walk(written.expression) if isinstance(node, Call))
    return not written.implied and any(call.name in STATUS_FUNCTIONS - {"success"} for call in calls)


class Action(Code):
    """An action that is not followed: it does its work or fails, as one command."""

    def __init__(self, span: Span, text: str, act: str | None, unseen: Span | None = None) -> None:
        self.span, self.text, self.act, self.unseen = span, text, act, unseen
        self.acts = frozenset({act}) if act else frozenset()
        self.remote = False

    def step(self, state: State, point: int, saved: Any) -> Step:
        return Pause(state, self, (self.text,), self.text, self.act, None, "acts", self.unseen)

    def ended(self, state: State, status: int) -> State:
        return settle(state, status)


class StepCode(Code):
    """One step: its condition, its body (a process, an action, or the steps of a composite action), its end.

    0 --condition--> skipped | 1 --body--> 2 (a background step: 3, its end is told at its wait)
    """

    def __init__(
        self,
        written: Written,
        scope: Scope,
        body: Code,
        inner: Scope | None = None,
        values: tuple[tuple[str, Expression | str], ...] = (),
        post: str = "",
        condition: Condition | None = None,
    ) -> None:
        self.written, self.scope, self.body = written, scope, body
        self.post = post  # the fact that its action has begun, and has something to do at the end of the job
        self.values = values  # of its environment, and of the `${{ }}` in its script
        self.inner = inner  # the scope of a composite action's steps
        self.condition = condition or read_condition(written.condition)
        self.lenient = expression_of(written.continue_on_error)
        self.id = str(written.id).lower() if written.id else ""
        self.span = _span(written)
        self.asks = asks_status(self.condition)
        self.made_of(body)
        own: set[Any] = {scope.prefix + "status", scope.job + "/cancelled", "cut"}
        own |= {f"{inner.prefix}status"} if inner else set()
        self.broken = f"{scope.prefix}broken" if scope.prefix != f"{scope.job}/" else ""  # of an action
        asked = (value for name, value in values if name in written.env and not isinstance(value, str))
        self.environment = () if self.broken else tuple(asked)  # what its own `env` asks for; an action goes on
        own |= scope.reads(self.condition)  # a cancel asks it once more
        own |= frozenset() if isinstance(self.lenient, bool) else scope.reads(self.lenient)
        self.own = frozenset(own | {name for name in self.reads if str(name).startswith(("output.", "env."))})
        self.outputs = names(self.reads, "output")
        self.set_here = frozenset(str(name) for name in written.env)  # its own `env:` goes before all others
        scope.exported.update(names(self.reads, "env"))
        variables = {f"{scope.job}/env.{name}" for name in scope.exported if name in self.reads}
        read = (scope.reads(value) for _, value in values if not isinstance(value, str))
        self.reads |= {self.broken} if self.broken else set()
        self.reads |= self.own.union(variables, *read)

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point == 0:
            if self.broken and state.world.facts.get(self.broken):
                return state
            here = Here(self.scope, state.world.facts)
            if any(isinstance(evaluate(value, here), Failure) for value in self.environment):
                return Choice((self.completed(state, _FAILED, _FAILED, "its `env` cannot be evaluated"),))
            found = decisions(self.condition, self.scope, state)
            options = (self._decided(*assumed(state, decision), decision) for decision in found)
            return Choice(tuple(option for ways in options for option in ways))
        if point == 1:
            return self.begin(state)
        return self._over(state)

    def live(self, point: int) -> frozenset[Any]:
        return self.own if point else self.reads

    def _decided(self, state: State, assumption: str, decision: Decision) -> tuple[Option, ...]:
        if decision.error:
            # In an action none of the steps after it runs, whatever their conditions are (fact S8).
            after = state.fact(self.broken, "yes") if self.broken else state
            failed = self.completed(after, _FAILED, _FAILED, decision.error)
            return (failed._replace(assumed=assumption),)
        if not decision.truth:
            why = f"`{self.condition.text.value.strip()}` is false" if self.condition.text else self._status(state)
            return (self.completed(state, _SKIPPED, _SKIPPED, why)._replace(assumed=assumption),)
        if not self.written.background:
            return (Option(self.begin(state), assumed=assumption),)
        waiting = state.fact(f"{self.scope.prefix}late.{self.id}", "waiting")
        return Option(self.begin(state), assumed=assumption), Option(waiting, assumed=assumption)

    def _status(self, state: State) -> str:
        status = state.world.facts.get(self.scope.prefix + "status")
        return "the job is cancelled" if status == "cancelled" else "an earlier step failed"

    def begin(self, state: State) -> State:
        """Its body runs, in an action with a status of its own (fact S28)."""
        if self.post:
            state = state.fact(self.post, "yes")
        if self.inner is not None:
            state = state.fact(self.inner.prefix + "status", "success").fact(self.inner.prefix + "broken", None)
        here = Here(self.scope, state.world.facts)
        known = {}
        for name, written in self.values:
            value = written if isinstance(written, str) else evaluate(written, here)
            if isinstance(value, str | bool | float | None):
                known[name] = string(value)
        for name in self.scope.exported:
            exported = state.world.facts.get(f"{self.scope.job}/env.{name}")
            if exported is not None and name not in self.set_here:
                known.pop(name, None)
                known |= {} if exported == UNTOLD else {name: exported}
        return state.push(self, 2).shelled(status=0, variables=Table(known)).push(self.body)

    def _over(self, state: State) -> Step:
        facts = state.world.facts
        cut = facts.get("cut")
        outcome = _FAILED if state.shell.status else "success"
        if self.inner is not None:
            outcome = facts.get(self.inner.prefix + "status") or "success"
        if cut:
            outcome = "cancelled" if cut == "cancel" else _FAILED
        state = handed_over(state, self.scope.prefix, self.scope.job, self.id, self.outputs)
        state = state.fact("cut", None).shelled(status=0, variables=EMPTY)
        if self.written.background:
            return state.fact(f"{self.scope.prefix}late.{self.id}", outcome)
        return self.finished(state, outcome, "timed out" if cut == "timeout" else "")

    def finished(self, state: State, outcome: str, because: str = "") -> Step:
        """`continue-on-error` makes a failure, and nothing else, a success (fact S11)."""
        if outcome != _FAILED or self.lenient is False:
            return Choice((self.completed(state, outcome, outcome, because),))
        if self.lenient is True:
            return Choice((self.completed(state, outcome, "success", because),))
        options = []
        for decision in decisions(self.lenient, self.scope, state):
            taken, assumption = assumed(state, decision)
            conclusion = "success" if decision.truth and not decision.error else outcome
            options.append(self.completed(taken, outcome, conclusion, because)._replace(assumed=assumption))
        return Choice(tuple(options))

    def completed(self, state: State, outcome: str, conclusion: str, because: str) -> Option:
        """The step is over: `steps.<id>` appears, and its conclusion, not its outcome, fails the job (fact S10)."""
        prefix = self.scope.prefix
        if self.id:
            state = state.fact(f"{prefix}steps.{self.id}.outcome", outcome)
            state = state.fact(f"{prefix}steps.{self.id}.conclusion", conclusion)
        if conclusion == _FAILED and state.world.facts.get(prefix + "status") == "success":
            state = state.fact(prefix + "status", _FAILED)
        told = Happening(self.span, self.written.title, _TOLD[outcome], None, outcome == "success", because, "step",
                         self.written.subject, self.asks)  # fmt: skip
        return Option(state, told)


def _span(written: Written) -> Span:
    scalar = written.name or written.uses or written.run or written.condition
    return scalar.span if scalar is not None else written.node.span


class WaitCode(Code):
    """`wait`, `wait-all`, `cancel`, and the end of a job: background steps end here (facts S24, S25)."""

    def __init__(self, awaited: tuple[StepCode, ...], cancels: bool = False) -> None:
        self.awaited, self.cancels = awaited, cancels
        self.made_of(*awaited)
        self.reads |= {f"{code.scope.prefix}late.{code.id}" for code in awaited}

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point == len(self.awaited):
            return state
        code = self.awaited[point]
        name = f"{code.scope.prefix}late.{code.id}"
        outcome = state.world.facts.get(name)
        if outcome is None:
            return state.push(self, point + 1)
        if self.cancels and outcome in ("waiting", "success"):
            outcome = "cancelled"
        if outcome == "waiting":
            return code.begin(state.push(self, point))
        return code.finished(state.fact(name, None).push(self, point + 1), outcome)
