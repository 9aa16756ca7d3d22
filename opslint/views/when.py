"""When a step or job runs, in plain words: its condition asked in every state that a run can be in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from opslint.finding import Problem
from opslint.model.workflow import Job, Step, Workflow
from opslint.simulation.condition import decide, normal
from opslint.simulation.evaluation import Situation
from opslint.simulation.steps import expression_of
from opslint.simulation.value import Object, Unknown, Value, unknown
from opslint.syntax.condition import condition
from opslint.syntax.expression import (
    JOB_CONTEXTS,
    JOB_FUNCTIONS,
    STEP_CONTEXTS,
    STEP_FUNCTIONS,
    Expression,
    Logical,
    Not,
)
from opslint.syntax.tree import Scalar
from opslint.views.phrases import Names, phrase

# What a condition comes to in a state: it is true, it is false, or it hangs on an expression.
Answer: TypeAlias = "bool | Expression"

_ENDS = ("success", "failure", "cancelled", "skipped")
# What went before, by the state that it leaves the job or its dependents in (facts S9, S17, S30, S31).
_BEFORE: Mapping[str, str] = {"failure": "failure", "cancelled": "cancel", "skipped": "timeout or skip"}


@dataclass(frozen=True, slots=True)
class When:
    """A condition as it was answered, and how it is said."""

    answers: Mapping[str, Answer]  # by state: success, failure, cancelled; of a job also skipped
    words: str  # empty where it runs as everything runs: while nothing went wrong


def when_step(step: Step, steps: Iterable[Step]) -> When:
    """When a step runs, as one of those steps: of its job, or of its action."""
    before: list[Step] = []
    for each in steps:
        if each is step:
            break
        before.append(each)
    titles = {str(each.id).lower(): each.title for each in before if each.id}
    lenient = (each for each in before if each.id and expression_of(each.continue_on_error) is not False)
    names = Names(titles, frozenset(str(each.id).lower() for each in lenient))
    states = {state: _of_steps(before, state) for state in ("success", "failure", "cancelled")}
    return _when(step.condition, states, names, STEP_CONTEXTS, STEP_FUNCTIONS)


def when_job(job: Job, workflow: Workflow) -> When:
    """When a job runs. One that waits for nothing can only be cancelled before it begins."""
    ancestors = _ancestors(job, workflow)
    states = {
        state: Situation({"needs": _needs(job, state, len(ancestors))}, state)
        for state in (_ENDS if ancestors else ("success", "cancelled"))
    }
    return _when(job.condition, states, Names(), JOB_CONTEXTS, JOB_FUNCTIONS)


def _of_steps(before: Iterable[Step], state: str) -> Situation:
    known = {str(each.id).lower(): _ended(each, state) for each in before if each.id}
    return Situation({"steps": Object(known), "job": Object({"status": state}, unknown("job"))}, state)


def _ended(step: Step, state: str) -> Value:
    """What a step that came before says of itself: while all is well, none has failed unforgiven (facts S10, S11)."""
    path = f"steps.{str(step.id).lower()}"
    concluded = [end for end in _ENDS if state == "cancelled" or end not in ("failure", "cancelled")]
    if state == "failure":
        concluded.append("failure")
    outcomes = list(concluded)
    if expression_of(step.continue_on_error) is not False and "failure" not in outcomes:
        outcomes.append("failure")
    if step.background:  # it may not be over yet, or be called off
        outcomes, concluded = list(_ENDS), list(_ENDS)
    more = (None,) if step.background else ()
    words = {"outcome": outcomes, "conclusion": concluded}
    ends = {word: Unknown(f"{path}.{word}", (*values, *more)) for word, values in words.items()}
    return Object(ends, unknown(path))


def _needs(job: Job, state: str, ancestors: int) -> Object:
    return Object({str(need): _need(str(need), state, ancestors) for need in job.needs})


def _need(name: str, state: str, ancestors: int) -> Value:
    """What `needs.<job>` says; where it is the only job before, its result is what happened."""
    possible: tuple[str, ...] = _ENDS
    if state == "success":
        possible = ("success",)
    elif ancestors == 1 and state != "cancelled":
        possible = ("failure",) if state == "failure" else ("skipped", "cancelled")
    path = f"needs.{name.lower()}"
    result: Value = possible[0] if len(possible) == 1 else Unknown(f"{path}.result", possible)
    return Object({"result": result}, unknown(path))


def _ancestors(job: Job, workflow: Workflow) -> set[str]:
    by_id = {each.id: each for each in workflow.jobs}
    found: set[str] = set()
    waiting = [str(need) for need in job.needs]
    while waiting:
        id = waiting.pop()
        if id not in found and id in by_id:
            found.add(id)
            waiting += [str(need) for need in by_id[id].needs]
    return found


# -- answers ------------------------------------------------------------------------------------------------------


def _when(
    written: Scalar | None,
    states: Mapping[str, Situation],
    names: Names,
    contexts: Collection[str],
    functions: Mapping[str, tuple[int, int]],
) -> When:
    read = condition(written.text if written is not None else None, contexts, functions)
    if isinstance(read, Problem):
        return When({}, f"GitHub cannot read its condition `{_line(str(written))}`")
    answers = {state: _answer(read.expression, situation) for state, situation in states.items()}
    words = _words(answers, states, names)
    if read.around:
        why = f"text around `${{{{ }}}}` makes `{_line(str(written))}` true whatever it says"
        words = ", for ".join(filter(None, (words, why)))
    return When(answers, words)


def _line(text: str) -> str:
    return " ".join(text.split())


def _answer(asked: Expression, situation: Situation) -> Answer:
    """True, false, or what is left of an expression when all that the state answers is taken out of it."""
    truths = {decision.truth for decision in decide(asked, situation)}
    if len(truths) == 1:
        return truths.pop()
    match asked:
        case Logical(_, operands):
            answers = [_answer(operand, situation) for operand in operands]
            left = tuple(each for each in answers if not isinstance(each, bool))
            return left[0] if len(left) == 1 else replace(asked, operands=left or operands)
        case Not(operand):
            inner = _answer(operand, situation)
            return asked if isinstance(inner, bool) else replace(asked, operand=inner)
    return asked


def _words(answers: Mapping[str, Answer], states: Mapping[str, Situation], names: Names) -> str:
    if all(answer is False for answer in answers.values()):
        return "never runs"
    head = _head(answers)
    hanging = {normal(answer): answer for answer in answers.values() if not isinstance(answer, bool)}
    if not hanging:
        return head
    running = {state: answer for state, answer in answers.items() if answer is not False}
    for asked in hanging.values():  # one of them may say it for all the states in which it runs
        if all(_same(_answer(asked, states[state]), answer) for state, answer in running.items()):
            said = phrase(asked, names).sentence
            return f"{head}, and {said}" if head else said
    return "; ".join(
        f"{f'after a {_BEFORE[state]}' if state in _BEFORE else 'while all is well'}: {_one(answer, names)}"
        for state, answer in answers.items()
    )


def _same(one: Answer, other: Answer) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return normal(one) == normal(other)


def _one(answer: Answer, names: Names) -> str:
    if isinstance(answer, bool):
        return "always" if answer else "never"
    return phrase(answer, names).sentence


def _head(answers: Mapping[str, Answer]) -> str:
    """In which states it can run: `runs also after a failure or cancel`; empty where as everything does."""
    after = [state for state in _BEFORE if answers.get(state, False) is not False]
    not_after = [state for state in _BEFORE if answers.get(state, True) is False]
    if not after:
        return ""
    lead = "runs also after a" if answers["success"] is not False else "runs only after a"
    return f"{lead} {_listed(after)}" + (f", not after a {_listed(not_after)}" if not_after else "")


def _listed(states: list[str]) -> str:
    *first, last = " or ".join(_BEFORE[state] for state in states).split(" or ")
    return " or ".join(filter(None, (", ".join(first), last)))
