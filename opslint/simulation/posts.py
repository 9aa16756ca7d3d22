"""What actions do at the end of a job: the `post` of those that began, the last one first (fact S15)."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from opslint.model.workflow import Action as Written
from opslint.model.workflow import Step
from opslint.simulation.facts import Scope
from opslint.simulation.process import Process
from opslint.simulation.state import Code, State
from opslint.simulation.steps import Action, StepCode, read_condition
from opslint.source import Source
from opslint.syntax.condition import Condition, condition


@cache
def _always() -> Condition:
    read = condition(Source("", "always()").text)
    assert isinstance(read, Condition)
    return read


class Post(Code):
    """The `post` of one action, as a step of the job it was used in: its status functions look at the job."""

    def __init__(self, used: Step, action: Written, scope: Scope) -> None:
        self.began = f"{scope.job}/post/{used.subject}"
        title = f"Post {used.title}"
        span = (used.uses or used.node).span
        written = replace(used, id=None, condition=action.post_condition, continue_on_error=None, timeout=None)
        body = Process(Action(span, title, None), "step")
        asked = read_condition(action.post_condition) if action.post_condition is not None else _always()
        in_job = Scope(scope.job, scope.job + "/", contexts=scope.contexts)
        self.code = StepCode(written, in_job, body, condition=asked)
        self.made_of(self.code)
        self.reads |= {self.began}

    def step(self, state: State, point: int, saved: Any) -> State:
        if state.world.facts.get(self.began) is None:
            return state
        return state.fact(self.began, None).push(self.code)
