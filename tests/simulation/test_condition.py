"""When conditions are true: in every situation of a step, and where not all is known."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from opslint.finding import Problem
from opslint.simulation.assumption import still_needed
from opslint.simulation.condition import Decision, atoms, decide, evaluate, reads
from opslint.simulation.evaluation import Situation
from opslint.simulation.value import Failure, Object, Unknown, truthy, unknown
from opslint.source import Source
from opslint.syntax.condition import Condition, condition
from opslint.syntax.expression import STEP_CONTEXTS, STEP_FUNCTIONS, Expression, parse
from tests.oracles.expressions import STATUS, asked, generated, literals, revived

NOWHERE = Situation()


def parsed(value: str) -> Expression:
    expression = parse(Source("w.yml", value).text)
    assert not isinstance(expression, Problem), value
    return expression


def step(value: str) -> Condition:
    found = condition(Source("w.yml", value).text, STEP_CONTEXTS, STEP_FUNCTIONS)
    assert isinstance(found, Condition)
    return found


def told(decisions: list[Decision]) -> list[tuple[bool, dict[str, bool]]]:
    return [(decision.truth, dict(decision.assumptions)) for decision in decisions]


# --- a step later in the same job: every situation --------------------------------------------------------------------

# The status of the job, and the outcome of the step `m`.
SITUATIONS = {
    "all ok": ("success", "success"),
    "earlier step failed": ("failure", "failure"),
    "failed with continue-on-error": ("success", "failure"),
    "earlier step timed out": ("failure", "failure"),
    "job timed out": ("cancelled", "cancelled"),
    "run cancelled": ("cancelled", "cancelled"),
    "failed, then cancelled": ("cancelled", "failure"),
}
RUNS = {  # `x`: it runs
    "": "x-x----",
    "success()": "x-x----",
    "failure()": "-x-x---",
    "always()": "xxxxxxx",
    "cancelled()": "----xxx",
    "${{ !cancelled() }}": "xxxx---",
    "${{ !success() }}": "-x-xxxx",
    "${{ !failure() }}": "x-x-xxx",
    "success() || failure()": "xxxx---",
    "failure() || cancelled()": "-x-xxxx",
    "steps.m.outcome == 'failure'": "--x----",
    "failure() && steps.m.outcome == 'failure'": "-x-x---",
    "always() && steps.m.outcome != 'success'": "-xxxxxx",
    "always() && steps.m.outcome == 'failure'": "-xxx--x",
    # Accidents: text around the fence, a step that does not exist, outputs that are text.
    "${{ failure() }} ": "xxxxxxx",
    "${{ steps.m.outcome == 'failure' }} ": "x-x----",
    "steps.typo.outcome != 'success'": "x-x----",
    "failure() && steps.typo.outcome == 'failure'": "-------",
    "always() && steps.m.outputs.changed": "xxxxxxx",
}


@pytest.mark.parametrize("value", RUNS)
def test_when_a_step_runs(value: str) -> None:
    ran = ""
    for job, outcome in SITUATIONS.values():
        outputs = Object({"changed": "false"})
        steps = Object({"m": Object({"outcome": outcome, "conclusion": outcome, "outputs": outputs})})
        (decision,) = decide(step(value), Situation({"steps": steps}, job))
        assert decision.assumptions == {}
        ran += "x" if decision.truth else "-"
    assert ran == RUNS[value]


# --- where not all is known -------------------------------------------------------------------------------------------

MAIN = "github.ref == 'refs/heads/main'"


def test_an_unknown_comparison_is_assumed_both_ways() -> None:
    assert told(decide(step(MAIN), Situation(job="success"))) == [(True, {MAIN: True}), (False, {MAIN: False})]
    assert told(decide(step(MAIN), Situation(job="failure"))) == [(False, {})]


def test_what_is_not_asked_is_not_assumed() -> None:
    assert told(decide(parsed("env.A == '1' && env.B == '2'"), NOWHERE)) == [
        (False, {"env.a == '1'": False}),
        (True, {"env.a == '1'": True, "env.b == '2'": True}),
        (False, {"env.a == '1'": True, "env.b == '2'": False}),
    ]


@pytest.mark.parametrize(
    ("value", "truth"),
    [
        (MAIN, True),
        ("github.ref != 'refs/heads/main'", False),
        ("'refs/heads/MAIN' == GitHub['REF']", True),
        ("github.ref == 'refs/heads/next'", False),
        ("github.ref", True),
        ("!github.ref", False),
        ("github.ref == ''", False),
        ("github.ref == 0", False),
        ("startsWith(github.ref, 'refs/heads/')", True),
        ("startsWith(github.ref, 'refs/tags/')", False),
        ("contains(fromJSON('[\"refs/heads/main\", \"x\"]'), github.ref)", True),
        ("github.ref == 'refs/heads/main' && 'production' == format('{0}uction', 'prod')", True),
        ("(github.ref == 'refs/heads/main' && 'a' || 'b') == 'b'", False),
    ],
)
def test_an_assumption_holds_and_what_follows_from_it(value: str, truth: bool) -> None:
    assert told(decide(parsed(value), NOWHERE, {MAIN: True})) == [(truth, {MAIN: True})]


@pytest.mark.parametrize(
    ("value", "given", "truths"),
    [
        ("env.A == '1'", {"env.a": False}, {False}),
        ("env.A == '0'", {"env.a": False}, {True, False}),  # null equals '0', an empty text does not
        ("env.A == '1'", {"env.a": True}, {True, False}),
        ("env.A == ''", {"env.a": True}, {False}),
        ("env.A", {"env.a == ''": True}, {False}),
        ("env.A", {"env.a == ''": False}, {True}),
        ("inputs.n == '1'", {"inputs.n == '01'": True}, {True, False}),  # the number 1 equals both
        ("inputs.n == 'b'", {"inputs.n == 'a'": True}, {False}),
        ("inputs.n", {"inputs.n == true": True}, {True}),
        ("inputs.n == true", {"inputs.n": True}, {True, False}),
        ("inputs.n", {"inputs.n == ''": False}, {True, False}),  # NaN is false and equals nothing
        ("needs.a.result == 'success'", {"needs.a.result == 'failure'": True}, {False}),
        ("needs.a.result == 'done'", {}, {False}),
        ("needs.a.result", {}, {True}),
        ("env.A == 'x'", {"env.ab == 'x'": True}, {True, False}),
    ],
)
def test_what_fits_together(value: str, given: dict[str, bool], truths: set[bool]) -> None:
    assert {decision.truth for decision in decide(parsed(value), NOWHERE, given)} == truths


def test_what_is_left_of_a_domain_is_settled() -> None:
    given = {f"needs.a.result == '{result}'": False for result in ("success", "failure", "cancelled")}
    (decision,) = decide(parsed("needs.a.result == 'skipped'"), NOWHERE, given)
    assert decision.truth


def test_results_of_all_needs() -> None:
    needs = Object({"a": Object({"result": unknown("needs.a.result")}), "b": Object({"result": "success"})})
    failed = "needs.a.result == 'failure'"
    decisions = decide(parsed("contains(needs.*.result, 'failure')"), Situation({"needs": needs}))
    assert told(decisions) == [(True, {failed: True}), (False, {failed: False})]
    decisions = decide(parsed("contains(needs.*.result, 'success')"), Situation({"needs": needs}))
    assert {decision.truth for decision in decisions} == {True}


def test_a_text_with_an_unknown_part_is_true() -> None:
    success = Situation(job="success")
    assert told(decide(step("${{ env.A }} "), success)) == [(True, {})]
    assert {decision.truth for decision in decide(step("${{ env.A }}${{ env.B }}"), success)} == {True, False}
    assert told(decide(parsed("toJSON(github)"), NOWHERE)) == [(True, {})]


@pytest.mark.parametrize(
    ("value", "truths"),
    [
        ("${{ env.A == 'x' }}", {True, False}),
        ("${{ env.A }} == 'x'", {True}),
        ("failure() && ${{ always() }}", {True}),
        ("${{ env.A }}${{ env.B }}", {True, False}),
        ("'false'", {True}),
        ("${{ 'false' }}", {False}),
        ("env.A || 'x'", {True}),
        ("always()", {True}),
        ("steps.m.outcome == 'Success'", {True, False}),
        ("steps.m.outcome == 'succeeded'", {False}),
    ],
)
def test_what_is_written_may_be_constant(value: str, truths: set[bool]) -> None:
    written = step(value).written
    assert written is not None
    assert {decision.truth for decision in decide(written, NOWHERE)} == truths


def test_the_environment_may_rename_what_is_unknown() -> None:
    before, after = Object({"A": Unknown("env.a")}), Object({"A": Unknown("env.a, set by step 2")})
    (first, _) = decide(parsed("env.A == 'x'"), Situation({"env": before}))
    again = decide(parsed("env.A == 'x'"), Situation({"env": before}), first.assumptions)
    anew = decide(parsed("env.A == 'x'"), Situation({"env": after}), first.assumptions)
    assert (len(again), len(anew)) == (1, 2)


def test_a_condition_of_too_many_ways_is_true_and_false() -> None:
    value = " && ".join(f"(env.A{number} || env.B{number})" for number in range(20))
    assert told(decide(parsed(value), NOWHERE, {MAIN: True})) == [(True, {MAIN: True}), (False, {MAIN: True})]
    assert isinstance(evaluate(parsed(f"format('{{0}}', {value})"), NOWHERE), Unknown)


def test_evaluate_tells_known_from_unknown() -> None:
    assert evaluate(parsed("github.ref && false || 'x'"), NOWHERE) == "x"
    assert evaluate(parsed("github.ref"), NOWHERE) == Unknown("github.ref", text=True)
    either = evaluate(parsed("Github.Ref != 'a' && 'x' || 'y'"), NOWHERE)
    assert isinstance(either, Unknown)
    assert either.key == "((github.ref == 'a' && 'x') || 'y')"


def test_atoms_are_what_a_condition_may_ask() -> None:
    value = "failure() && !cancelled() && steps.m.outcome != 'failure' && contains(needs.*.result, env.X) || Github.ref"
    assert atoms(step(value)) == {
        "failure()",
        "cancelled()",
        "steps.m.outcome == 'failure'",
        "steps.m.outcome",
        "needs.*.result",
        "env.x",
        "github.ref",
    }
    assert reads(step(value)) == {"steps.m.outcome", "needs.*.result", "env.x", "github.ref"}
    assert atoms(step("always()")) == reads(step("always()")) == frozenset()


def test_only_what_may_be_asked_again_is_kept() -> None:
    given = {MAIN: True, "env.a": False, "contains(env.b, 'x')": True}
    assert still_needed(given, atoms(step("github.ref == 'refs/heads/next'"))) == {MAIN: True}
    assert still_needed(given, atoms(step("env.A != env.B"))) == {"env.a": False, "contains(env.b, 'x')": True}
    assert still_needed(given, atoms(step("always()"))) == {}
    result = {"needs.a.result == 'failure'": True}
    for value in ("contains(needs.*.result, 'failure')", "needs[env.X].result == 'failure'", "toJSON(needs) == ''"):
        assert still_needed({**result, MAIN: True}, reads(step(value))) == result


VALUES = [None, True, False, 0, 1, "", "foo", "Foo", "1", " 1", "0", "true", "success", "refs/heads/main", [], {"a": 1}]
KNOWN = {"one": 1, "word": "Foo", "empty": ""}


@pytest.mark.oracle
def test_every_truth_that_a_run_can_find_is_told() -> None:
    """Whatever the unknown values are: GitHub's answer is among ours, with assumptions that are true of them."""
    random = Random(7)
    leaves = literals("'foo' 'FOO' '' '1' 1 0 true null 'fo' 'refs/heads/main' ' 1' 'failure' one word empty success()")
    leaves += literals("u v u v w.a w.b env.a needs.d.result") * 4
    tested = []
    for _ in range(150):
        expression = generated(random, leaves, random.randint(1, 3))
        for _ in range(4):
            u, v, a, b = (random.choice(VALUES) for _ in range(4))
            env = {"a": random.choice(["", "foo", "1", "refs/heads/main"])}
            needs = {"d": {"result": random.choice(["success", "failure", "cancelled", "skipped"])}}
            contexts = {**KNOWN, "u": u, "v": v, "w": {"a": a, "b": b}, "env": env, "needs": needs}
            tested.append({"expression": expression, "contexts": contexts, "functions": STATUS, "status": "success"})
    answers = asked(tested)
    missed = [
        case
        for case, answer in zip(tested, answers, strict=True)
        if "truth" in answer and not _told(case, answer["truth"])
    ]
    assert missed == []
    assert sum("truth" in answer for answer in answers) > 500


def _told(case: Mapping[str, Any], truth: bool) -> bool:
    known = {name: revived(value) for name, value in KNOWN.items()}
    run = Situation({name: revived(value) for name, value in case["contexts"].items()}, "success")
    decisions = decide(parsed(case["expression"]), Situation(known, "success"))
    return any(
        decision.truth is truth and all(_is_so(key, holds, run) for key, holds in decision.assumptions.items())
        for decision in decisions
    )


def _is_so(key: str, holds: bool, run: Situation) -> bool:
    """Whether an assumption is true of a run: it is an expression itself."""
    expression = parse(Source("", key).text)
    if isinstance(expression, Problem):  # it names a list or an object, for which there is no literal
        return True
    value = evaluate(expression, run)
    return isinstance(value, Failure) or (not isinstance(value, Unknown) and truthy(value) is holds)
