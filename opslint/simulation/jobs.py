"""Jobs of a run: what they need, how they end, and what their dependents see of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opslint.model.workflow import Job
from opslint.simulation.facts import Scope, assumed, decisions, left
from opslint.simulation.state import Choice, Code, Happening, Option, State, Step
from opslint.simulation.steps import _TOLD, expression_of, read_condition

_RANK = ("success", "skipped", "cancelled", "failure")


class JobCode(Code):
    """One job: its condition, its body, its result. `name` is its full id."""

    def __init__(self, job: Job, scope: Scope, body: Code, needed: bool) -> None:
        self.job, self.scope, self.body, self.name = job, scope, body, scope.job
        self.needed = needed  # by another job
        self.hindrances = tuple(_hindrances(job))
        self.condition = read_condition(job.condition)
        self.lenient = expression_of(job.continue_on_error)
        self.made_of(body)
        after = frozenset() if isinstance(self.lenient, bool) else scope.reads(self.lenient)
        name = self.name
        self.own = after | {f"{name}/status", f"{name}/cancelled", f"late/{name}", f"pending/{name}"}
        self.reads |= scope.reads(self.condition) | self.own

    def live(self, point: int) -> frozenset[Any]:
        return self.own if point else self.reads

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point == 1:
            return self._over(state)
        pending = state.world.facts.get(f"pending/{self.name}")
        if pending is None:
            return Choice(tuple(self._asked(state)))
        # The run was cancelled while this job ran, too; or while it was still in the queue.
        earlier = state.fact("cancelled", None)
        running = (option for option in self._asked(earlier) if option.happening is None)
        began = (option._replace(state=option.state.fact("cancelled", "yes")) for option in running)
        return Choice((*began, *self._asked(state.fact(f"pending/{self.name}", None))))

    def _asked(self, state: State) -> Iterator[Option]:
        """Whether it runs, both ways where that is not known."""
        for decision in decisions(self.condition, self.scope, state):
            taken, assumption = assumed(state, decision)
            if decision.truth:
                begun = left(taken, self.name, self.job.env)
                inside = begun.fact(f"{self.name}/status", "success").push(self, 1).push(self.body)
                yield Option(inside, assumed=assumption)
                for why in self.hindrances:
                    yield self._ended(taken, "failure", "failure", why)._replace(assumed=assumption, mishap="setup")
            else:
                text = self.condition.text
                false = f"`{text.value.strip()}` is false" if text else "a job it needs did not succeed"
                why = decision.error or false
                result = "failure" if decision.error else self._not_run(taken)
                yield self._ended(taken, result, result, why)._replace(assumed=assumption)

    def _not_run(self, state: State) -> str:
        return "cancelled" if state.world.facts.get("cancelled") else "skipped"

    def _over(self, state: State) -> Step:
        facts = state.world.facts
        result = facts.get(f"{self.name}/status") or "success"
        options = [self._ended(state, result, result, "")]
        if facts.get(f"late/{self.name}"):
            # Sources disagree on what dependents see of a job that timed out (fact S31): both.
            failed = state.fact(f"late/{self.name}", None)
            options += [self._ended(failed, "failure", "failure", "timed out")] if self.needed else []
        elif result == "failure" and self.lenient is not False:
            options = self._forgiven(state)
        return Choice(tuple(options))

    def _forgiven(self, state: State) -> list[Option]:
        """`continue-on-error` of a job: dependents see a success, its own check run a failure (fact S32)."""
        if isinstance(self.lenient, bool):
            return [self._ended(state, "success", "failure", "")]
        options = []
        for decision in decisions(self.lenient, self.scope, state):
            taken, assumption = assumed(state, decision)
            result = "success" if decision.truth else "failure"
            options.append(self._ended(taken, result, "failure", "")._replace(assumed=assumption))
        return options

    def _ended(self, state: State, result: str, check: str, because: str) -> Option:
        state = left(state, self.name, self.job.env).fact(f"pending/{self.name}", None)
        state = state.fact(f"result/{self.name}", result).fact(f"check/{self.name}", check)
        told = Happening(self.job.key.span, self.job.id, _TOLD[check], None, check == "success", because, "job",
                         self.job.subject)  # fmt: skip
        return Option(state, told)


def _hindrances(job: Job) -> Iterator[str]:
    """Why a job may fail before its first step, so that not even `always()` runs one (facts S16, S36)."""
    if job.uses is None:
        yield "it cannot be set up: none of its steps runs"
    if job.environment is not None:
        yield "its environment refuses it: none of its steps runs"


class Leg(Code):
    """One of the two legs that stand for a matrix. With fail-fast a failure of the first cancels the second (S33)."""

    def __init__(self, name: str, body: Code, fail_fast: bool, lenient: bool) -> None:
        self.name, self.body, self.fail_fast, self.lenient = name, body, fail_fast, lenient
        self.made_of(body)
        own = {f"worst/{name}", f"{name}/status", f"{name}/cancelled", f"pending/{name}"}
        self.own: frozenset[Any] = frozenset(own)
        self.reads |= self.own

    def live(self, point: int) -> frozenset[Any]:
        return self.own if point else self.reads

    def step(self, state: State, point: int, saved: Any) -> Step:
        facts = state.world.facts
        worst = facts.get(f"worst/{self.name}") or "success"
        if point == 1:
            status = facts.get(f"{self.name}/status") or "success"
            worst = max(worst, status, key=_RANK.index)
            state = left(state, self.name).fact(f"worst/{self.name}", worst).fact(f"pending/{self.name}", None)
            return state.fact(f"{self.name}/status", worst)
        fresh = state.fact(f"{self.name}/status", "success")
        run = fresh.push(self, 1).push(self.body)
        fails_fast = self.fail_fast and not self.lenient and worst == "failure"
        if not fails_fast and not facts.get("cancelled"):
            return run
        stopped = state.fact(f"{self.name}/status", worst)
        return Choice((Option(run.fact(f"pending/{self.name}", "yes")), Option(stopped)))


class Jobs(Code):
    """All jobs, each after those it needs; at the end nothing but their results is left to look at."""

    def __init__(self, orders: tuple[tuple[JobCode, ...], ...], sequences: tuple[Code, ...]) -> None:
        self.orders, self.sequences = orders, sequences
        self.made_of(*sequences)
        names = [code.name for code in orders[0]]
        seen = {f"{word}/{name}" for name in names for word in ("result", "check")}
        self._results = frozenset({*seen, "cancelled"})

    def live(self, point: int) -> frozenset[Any]:
        return self._results

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point:
            return state
        inside = state.push(self, 1)
        if len(self.sequences) == 1:
            return inside.push(self.sequences[0])
        return Choice(tuple(Option(inside.push(sequence)) for sequence in self.sequences))
