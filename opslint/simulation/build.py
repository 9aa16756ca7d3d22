"""A workflow as code: jobs by their needs, steps, actions, and the workflows that are called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations, permutations
from typing import Any, TypeAlias

from opslint.finding import Problem
from opslint.model.run import step_script
from opslint.model.workflow import Job, Workflow
from opslint.model.workflow import Step as Written
from opslint.simulation.command import Connected, Meaning
from opslint.simulation.compile import Compiler, process, shell_of
from opslint.simulation.condition import evaluate
from opslint.simulation.exports import ANYTHING, UNTOLD
from opslint.simulation.facts import Here, Scope
from opslint.simulation.jobs import JobCode, Leg
from opslint.simulation.posts import Post
from opslint.simulation.process import Process
from opslint.simulation.shell import Sequence
from opslint.simulation.state import Code, State
from opslint.simulation.steps import Action, StepCode, WaitCode, expression_of
from opslint.simulation.value import Object, Value, string, unknown
from opslint.simulation.words import github
from opslint.syntax.expression import Expression, embedded, parse
from opslint.syntax.tree import Mapping as Tree
from opslint.syntax.tree import Node, Scalar, at

Environments: TypeAlias = tuple[Mapping[str, Node], ...]
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_STOPS_NO_MORE = (1, 2, 1)  # the version of appleboy/ssh-action
_DEEPEST = 10  # how deep actions and workflows call each other
_MOST_ORDERED = 4  # jobs that are played in every order


def ordered(codes: tuple[JobCode, ...]) -> tuple[tuple[JobCode, ...], ...]:
    """Jobs in the order of their needs: as written, and where some that act run side by side in every other order.

    Where more than four act, only as written and the other way round.
    """
    acting = [code for code in codes if code.acts]
    if not any(side_by_side(acting)):
        return (by_needs(codes),)
    others = [code for code in codes if not code.acts]
    orders = permutations(acting) if len(acting) <= _MOST_ORDERED else (acting, acting[::-1])
    found = (by_needs((*order, *others)) for order in orders)
    return tuple(dict.fromkeys((by_needs(codes), *found)))


def side_by_side(codes: Iterable[JobCode]) -> Iterator[tuple[JobCode, JobCode]]:
    """Pairs of jobs of which neither waits for the other."""
    for one, other in combinations(codes, 2):
        if one.name not in other.scope.ancestors and other.name not in one.scope.ancestors:
            yield one, other


def by_needs(codes: tuple[JobCode, ...]) -> tuple[JobCode, ...]:
    """Each after those it needs, else as they come."""
    ordered: list[JobCode] = []
    waiting = list(codes)
    names = {code.name for code in codes}
    while waiting:
        done = {code.name for code in ordered}
        ready = next((code for code in waiting if not ((set(code.scope.ancestors) & names) - done)), waiting[0])
        waiting.remove(ready)
        ordered.append(ready)
    return tuple(ordered)


@dataclass
class Builder:
    """Makes code of jobs and steps."""

    meaning: Meaning
    all_jobs: list[JobCode] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)  # of the job that is being made

    def jobs(
        self, workflow: Workflow, prefix: str, contexts: Mapping[str, Value], only: str | None = None, depth: int = 0
    ) -> tuple[JobCode, ...]:
        by_id = {job.id: job for job in workflow.jobs}
        wanted = set(by_id) if only is None else _around(only, by_id)
        return tuple(
            self.job(job, by_id, workflow, prefix, contexts, depth) for job in workflow.jobs if job.id in wanted
        )

    def job(
        self,
        job: Job,
        by_id: Mapping[str, Job],
        workflow: Workflow,
        prefix: str,
        contexts: Mapping[str, Value],
        depth: int,
    ) -> JobCode:
        name = prefix + job.id
        needs = {str(need): prefix + str(need) for need in job.needs}
        ancestors = tuple(prefix + need for need in _ancestors(job.id, by_id))
        outside = Scope(name, name + "/", (), needs, ancestors, contexts, "job")
        called = self.meaning.workflow(job) if job.uses is not None and depth < _DEEPEST else None
        if called is not None:
            given = {**contexts, "inputs": _inputs(job.inputs)}
            inner = self.jobs(called, name + "/", given, None, depth + 1)
            body: Code = Called(name, inner)
        elif job.uses is not None:
            body = Process(Action(job.uses.span, str(job.uses), self.meaning.uses(job)), "step")
            body = Outcome(name, body)
        else:
            ids = tuple(str(step.id).lower() for step in job.steps if step.id)
            envs = (workflow.env, job.env)
            scope = Scope(name, name + "/", ids, needs, ancestors, contexts, variables=_variables(envs))
            self.posts = []
            steps = self.steps(job.steps, scope, envs, job.subject)
            body = _matrix(job, name, Sequence((steps, *reversed(self.posts), OutputsCode(job, scope))))
        needed = any(str(need) == job.id for other in workflow.jobs for need in other.needs)
        code = JobCode(job, outside, body, needed)
        self.all_jobs.append(code)
        return code

    # -- steps -----------------------------------------------------------------------------------------------------

    def steps(self, steps: Iterable[Written], scope: Scope, envs: Environments, path: str, depth: int = 0) -> Code:
        codes: list[Code] = []
        started: list[StepCode] = []
        for written in steps:
            if written.parallel:
                inner = [self.step(step, scope, envs, path, depth) for step in written.parallel]
                codes += [*inner, WaitCode(tuple(inner))]
            elif written.wait is not None or written.cancel:
                names = (written.cancel,) if written.cancel else written.wait or ()
                awaited = tuple(code for code in started if not names or code.id in {str(n).lower() for n in names})
                codes.append(WaitCode(awaited, cancels=bool(written.cancel)))
            else:
                code = self.step(written, scope, envs, path, depth)
                codes.append(code)
                started += [code] if written.background else []
        return Sequence((*codes, WaitCode(tuple(started)))) if started else Sequence(tuple(codes))

    def step(self, written: Written, scope: Scope, envs: Environments, path: str, depth: int) -> StepCode:
        values = tuple(_values(written, (*envs, written.env)))
        scope = replace(scope, own={**scope.own, **_variables((written.env,))}) if written.env else scope
        action = self.meaning.action(written) if written.uses is not None and depth < _DEEPEST else None
        if action is not None and action.using == "composite":
            ids = tuple(str(step.id).lower() for step in action.steps if step.id)
            contexts = {**scope.contexts, "inputs": _inputs(written.inputs)}
            prefix = f"{scope.prefix}{written.key}/"
            inner = replace(scope, prefix=prefix, steps=ids, contexts=contexts)
            return StepCode(written, scope, self.steps(action.steps, inner, envs, action.path, depth + 1), inner)
        process = self._process(written, path)
        if action is not None and action.post is not None:
            self.posts.append(Post(written, action, scope))
            return StepCode(written, scope, process, None, values, post=self.posts[-1].began)
        return StepCode(written, scope, process, None, values)

    def _process(self, written: Written, path: str) -> Process:
        found = step_script(written)
        if found is None:
            text = str(written.uses or written.title)
            return Process(Action(written.node.span, text, self.meaning.uses(written)), "step")
        if written.run is not None and shell_of(written.shell) is None:
            line = written.run.text[: len(str(written.run).partition("\n")[0])].span
            return Process(Action(line, line.written, None, line), "step")
        code = Compiler(self.meaning, path, remote=found.remote).script(found.script)
        if found.remote:
            span, text = found.script.raw.span, str(found.uses or written.title)
            return Process(Connected(Process(code, "remote", errexit=_stops(written)), span, text), "step")
        return process(code, written.shell, "step")


class Called(Code):
    """The jobs of a reusable workflow; the worst of them is the caller's result (fact S35)."""

    def __init__(self, name: str, inner: tuple[JobCode, ...]) -> None:
        self.name, self.inner = name, inner
        self.sequence = Sequence(by_needs(inner))
        self.made_of(self.sequence)
        self.own: frozenset[Any] = frozenset(f"result/{code.name}" for code in inner)
        self.reads |= self.own

    def live(self, point: int) -> frozenset[Any]:
        return self.own if point else self.reads

    def step(self, state: State, point: int, saved: Any) -> State:
        if point == 0:
            return state.push(self, 1).push(self.sequence)
        seen = [state.world.facts.get(f"result/{code.name}") for code in self.inner]
        worst = next((word for word in ("failure", "cancelled") if word in seen), "success")
        return state.fact(f"{self.name}/status", worst)


class OutputsCode(Code):
    """The end of a job: its `outputs:` are what `needs.<job>.outputs` says; its variables are gone."""

    def __init__(self, job: Job, scope: Scope) -> None:
        self.scope = scope
        written = at(job.node, "outputs")
        entries = written.entries if isinstance(written, Tree) else ()
        self.outputs = {str(entry.key).lower(): _value(entry.value) for entry in entries}
        asked = (scope.reads(value) for value in self.outputs.values() if not isinstance(value, str | None))
        self.reads = frozenset().union(*asked)

    def step(self, state: State, point: int, saved: Any) -> State:
        here = Here(self.scope, state.world.facts)
        for name, written in self.outputs.items():
            value = written if isinstance(written, str | None) else evaluate(written, here)
            known = string(value) if written is not None and isinstance(value, str | bool | float | None) else UNTOLD
            state = state.fact(f"result/{self.scope.job}/outputs.{name}", known)
        for name in (*self.scope.exported, ANYTHING):
            state = state.fact(f"{self.scope.job}/env.{name}", None)
        return state


class Outcome(Code):
    """A job that is one unknown thing: its status is that of the job."""

    def __init__(self, name: str, body: Code) -> None:
        self.name, self.body = name, body
        self.made_of(body)

    def step(self, state: State, point: int, saved: Any) -> State:
        if point == 0:
            return state.push(self, 1).push(self.body)
        return state.fact(f"{self.name}/status", "failure" if state.shell.status else "success").shelled(status=0)


def _stops(step: Written) -> bool:
    """Whether `script_stop` of ssh-action has an effect: up to v1.2.0, which floating tags have left behind (S47)."""
    version = _VERSION.fullmatch(str(step.uses).partition("@")[2])
    old = version is not None and tuple(map(int, version.groups())) < _STOPS_NO_MORE
    return old and str(step.inputs.get("script_stop")).lower() == "true"


def _ancestors(job: str, by_id: Mapping[str, Job]) -> tuple[str, ...]:
    """The ids of all the jobs before it, each once."""
    found: dict[str, None] = {}
    waiting = [job]
    while waiting:
        for need in by_id[waiting.pop()].needs:
            if str(need) in by_id and str(need) not in found and str(need) != job:
                found[str(need)] = None
                waiting.append(str(need))
    return tuple(found)


def _around(job: str, by_id: Mapping[str, Job]) -> set[str]:
    after = {job} | {other for other in by_id if job in _ancestors(other, by_id)}
    return after | {before for other in after for before in _ancestors(other, by_id)}


def _matrix(job: Job, name: str, body: Code) -> Code:
    matrix = job.strategy.get("matrix") if job.strategy is not None else None
    if job.strategy is None or matrix is None:
        return body
    fail_fast = job.strategy.get("fail-fast")
    fast = not (isinstance(fail_fast, Scalar) and fail_fast.value is False)
    lenient = expression_of(job.continue_on_error) is not False
    return Sequence(tuple(Leg(name, body, fast, lenient) for _ in range(2)))


def _inputs(given: Mapping[str, Node]) -> Value:
    """`inputs` of a call: what is written as it stands is known."""
    known = {key: node.value for key, node in given.items() if isinstance(node, Scalar) and not embedded(node.text)}
    simple = {key: value for key, value in known.items() if isinstance(value, str | bool | float | int | None)}
    return Object({k: float(v) if type(v) is int else v for k, v in simple.items()}, unknown("inputs"))


def _variables(envs: Environments) -> Mapping[str, str]:
    """The variables of all steps, as far as they are written out."""
    nodes = {name: node for env in envs for name, node in env.items()}
    values = {name: _value(node) for name, node in nodes.items()}
    return {name: value if isinstance(value, str) else UNTOLD for name, value in values.items()}


def _value(node: Node) -> Expression | str | None:
    """A text as it stands, or the expression that it is as a whole; None where it is neither."""
    if not isinstance(node, Scalar):
        return None
    fences = embedded(node.text)
    if not fences:
        return str(node)
    read = parse(fences[0].inner) if len(fences) == 1 and fences[0].text.value == str(node).strip() else None
    return None if isinstance(read, Problem) else read


def _values(written: Written, envs: Environments) -> Iterator[tuple[str, Expression | str]]:
    """The variables that a step begins with, and the `${{ }}` that its script holds."""
    for env in envs:
        for name, node in env.items():
            value = _value(node)
            if value is not None:
                yield name, value
    for fence in embedded(written.run.text) if written.run is not None else ():
        read = parse(fence.inner)
        if not isinstance(read, Problem):
            yield github(fence.inner.value), read
