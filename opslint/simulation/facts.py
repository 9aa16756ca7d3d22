"""What is known of a run while it goes on, by name, and what a condition sees of it.

    deploy/status                    the job so far: success | failure | cancelled
    deploy/steps.migrate.outcome     of a step that is over; inside an action the prefix is longer: deploy/2/steps...
    deploy/cancelled  deploy/late    the job is cancelled; because it took too long
    result/deploy  check/deploy      what `needs.deploy.result` says, and what the job's own check run says
    deploy/env.NAME                  what a script has put into GITHUB_ENV for the steps behind it
    result/deploy/outputs.version    what `needs.deploy.outputs.version` says
    cancelled                        the whole run is
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from opslint.simulation.condition import Decision, atoms, decide, reads
from opslint.simulation.exports import ANYTHING, UNTOLD
from opslint.simulation.state import Atom, State
from opslint.simulation.table import Table
from opslint.simulation.value import Object, Value, unknown
from opslint.syntax.condition import Condition
from opslint.syntax.expression import Expression

_OF_ONE_JOB = re.compile(r"\b(?:matrix|steps|strategy|runner|job)\b")  # contexts; the next job has others
_PATH = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Scope:
    """Where a condition stands: in a job, in an action of it, or before it."""

    job: str  # id, with those of the calling jobs before it: `release/deploy`
    prefix: str  # of its facts
    steps: tuple[str, ...] = ()  # ids of the steps in it
    needs: Mapping[str, str] = field(default_factory=dict)  # direct ones: the name here -> the full id
    ancestors: tuple[str, ...] = ()  # full ids of all jobs before it
    contexts: Mapping[str, Value] = field(default_factory=dict)  # what is known from the start: `inputs`, `env`
    level: str = "step"  # step | job
    variables: Mapping[str, str] = field(default_factory=dict)  # of the workflow's and the job's `env:`
    exported: set[str] = field(default_factory=set)  # variables that scripts of the job set, as far as these are read
    own: Mapping[str, str] = field(default_factory=dict)  # of the step's own `env:`, which goes before all others

    def reads(self, condition: Condition | Expression) -> frozenset[Hashable]:
        """The facts and assumptions that a condition may look at."""
        paths = reads(condition)
        known = [f"steps.{step}.{word}" for step in self.steps for word in ("outcome", "conclusion")]
        facts: set[Hashable] = {self.prefix + path for path in known if any(_covers(p, path) for p in paths)}
        # An output is null for a step that has not run, so whether it has run is read with it.
        outputs = [path for path in paths if path.startswith("steps.") and ".outputs" in path]
        facts |= {self.prefix + path for path in outputs}
        facts |= {f"{self.prefix}{path.partition('.outputs')[0]}.outcome" for path in outputs}
        for name, job in self.needs.items():
            of_it = f"needs.{name.lower()}."
            facts |= {f"result/{job}/{path[len(of_it) :]}" for path in paths if path.startswith(of_it + "outputs.")}
        variables = (*self.exported, ANYTHING)
        facts |= {f"{self.job}/env.{name}" for name in variables if any(_is_env(path, name) for path in paths)}
        facts |= {Atom(atom) for atom in atoms(condition)}
        if self.level == "step":
            facts |= {self.prefix + "status", self.job + "/cancelled"}
        for job in (*self.needs.values(), *self.ancestors):
            facts |= {f"result/{job}", f"late/{job}"}
        return frozenset(facts | {"cancelled"})


def _is_env(path: str, name: str) -> bool:
    """Whether reading a path reads a variable: `env.NAME`, `env[...]` or `env` as a whole."""
    of_one = path.startswith("env.") and "*" not in path
    return path == f"env.{name.lower()}" or (path.startswith("env") and (not of_one or name == ANYTHING))


def _covers(path: str, fact: str) -> bool:
    """Whether reading a path, `steps.*.outcome` or `steps` too, reads a fact."""
    pairs = zip(path.split("."), fact.split("."), strict=False)
    return all(mine in ("*", theirs) or mine.startswith("[") for mine, theirs in pairs)


@dataclass(frozen=True)
class Here:
    """The environment of a condition: a scope at one moment of a run."""

    scope: Scope
    facts: Table[str, str]

    def context(self, name: str) -> Value:
        if name in self.scope.contexts:
            return self.scope.contexts[name]
        if name == "steps" and self.scope.level == "step":
            return Object({step: self._step(step) for step in self.scope.steps if self._outcome(step) is not None})
        if name == "needs":
            return Object({name: self._need(name, job) for name, job in self.scope.needs.items()})
        if name == "env" and self.scope.level == "step":
            scope = self.scope
            shared = {name: self._variable(name) for name in (*scope.variables, *scope.exported)}
            own = {name: _told(value, f"env.{name.lower()}") for name, value in scope.own.items()}
            return Object({**shared, **own}, unknown("env"))
        if name == "job" and self.scope.level == "step":
            return Object({"status": self.facts.get(self.scope.prefix + "status")}, unknown("job"))
        return unknown(name)

    def _outcome(self, step: str) -> str | None:
        # The outcome may have been forgotten because only the conclusion is read, and the other way round.
        prefix = f"{self.scope.prefix}steps.{step}."
        return self.facts.get(prefix + "outcome") or self.facts.get(prefix + "conclusion")

    def _step(self, step: str) -> Value:
        prefix = f"{self.scope.prefix}steps.{step}."
        named = prefix + "outputs."
        outputs = {
            key[len(named) :]: _told(value, f"steps.{step}.outputs.{key[len(named) :]}")
            for key, value in self.facts.items()
            if key.startswith(named)
        }
        words = {word: self.facts.get(prefix + word) for word in ("outcome", "conclusion")}
        return Object({**words, "outputs": Object(outputs, unknown(f"steps.{step}.outputs"))})

    def _need(self, name: str, job: str) -> Value:
        named = f"result/{job}/outputs."
        outputs = {
            key[len(named) :]: _told(value, f"needs.{name}.outputs.{key[len(named) :]}")
            for key, value in self.facts.items()
            if key.startswith(named)
        }
        rest = unknown(f"needs.{name}.outputs")
        return Object({"result": self.facts.get(f"result/{job}"), "outputs": Object(outputs, rest)})

    def _variable(self, name: str) -> Value:
        """A variable that scripts set: before they do, what the workflow or the job says, or nothing."""
        known = self.facts.get(f"{self.scope.job}/env.{name}")
        if known is None and self.facts.get(f"{self.scope.job}/env.{ANYTHING}") is None:
            known = self.scope.variables.get(name)
        else:
            known = known or UNTOLD
        return _told(known, f"env.{name.lower()}") if known is not None else None

    def status(self, function: str, jobs: tuple[str, ...]) -> Value:
        """Facts S9, S28, S30, S31: of the job so far, of the action, of all the jobs before."""
        facts, scope = self.facts, self.scope
        if function == "cancelled":
            return bool(facts.get(f"{scope.job}/cancelled" if scope.level == "step" else "cancelled"))
        if scope.level == "step":
            return facts.get(scope.prefix + "status") == function
        if facts.get("cancelled"):
            return False
        asked = [scope.needs.get(str(job), str(job)) for job in jobs] or scope.ancestors
        results = ["late" if facts.get(f"late/{job}") else facts.get(f"result/{job}") for job in asked]
        return all(result == "success" for result in results) if function == "success" else "failure" in results


def _told(known: str, path: str) -> Value:
    return unknown(path) if known == UNTOLD else known


def decisions(condition: Condition | Expression, scope: Scope, state: State) -> list[Decision]:
    """Every way a condition can be decided here."""
    return decide(condition, Here(scope, state.world.facts), dict(state.world.conditions.items()))


def assumed(state: State, decision: Decision) -> tuple[State, str]:
    """The state in which a decision was taken, and what was newly assumed for it, in words."""
    before = state.world.conditions
    new = [(key, holds) for key, holds in decision.assumptions.items() if before.get(key) is None]
    if not new:
        return state, ""
    world = state.world._replace(conditions=Table({**dict(before.items()), **dict(new)}))
    return state._replace(world=world), ", ".join(f"`{key}` is {str(holds).lower()}" for key, holds in new)


def left(state: State, job: str, variables: Iterable[str] = ()) -> State:
    """Behind a job, or behind one leg of it: what was found or assumed of its own values says nothing of the next.

    `variables` are those of its own `env`.
    """
    world = state.world
    facts = world.facts.only(lambda name: not (name.startswith(f"{job}/") and "steps." in name))
    own = {f"env.{name.lower()}" for name in variables}
    conditions = world.conditions.only(lambda key: not (_OF_ONE_JOB.search(key) or own & set(_PATH.findall(key))))
    state = state._replace(world=world._replace(facts=facts, conditions=conditions))
    return state.fact(f"{job}/status", None).fact(f"{job}/cancelled", None)
