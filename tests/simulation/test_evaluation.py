"""What expressions come to where all is known: GitHub's engine answers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from opslint.finding import Problem
from opslint.simulation.condition import Decision, decide, evaluate
from opslint.simulation.evaluation import Situation
from opslint.simulation.value import Array, Failure, Unknown, truthy
from opslint.source import Source
from opslint.syntax.condition import Condition, condition
from opslint.syntax.expression import Expression, parse
from tests.oracles.expressions import CONTEXTS, LITERALS, PATHS, STATUS, asked, generated, literals, plain, revived

RECORDED = Path(__file__).parent.parent / "data" / "expressions.json"
NOWHERE = Situation()


def parsed(value: str) -> Expression:
    expression = parse(Source("w.yml", value).text)
    assert not isinstance(expression, Problem), value
    return expression


def step(value: str) -> Condition:
    found = condition(Source("w.yml", value).text)
    assert isinstance(found, Condition)
    return found


def cases(seed: int, count: int) -> list[dict[str, Any]]:
    random = Random(seed)
    leaves = literals(LITERALS) + literals(PATHS) + ["success()", "failure()", "always()"]
    return [
        {
            "expression": generated(random, leaves, random.randint(1, 4)),
            "contexts": CONTEXTS,
            "functions": STATUS,
            "status": random.choice(["success", "failure", "cancelled"]),
        }
        for _ in range(count)
    ]


def ours(case: Mapping[str, Any]) -> dict[str, Any]:
    """Our answer, as the driver would give it."""
    expression = parse(Source("", case["expression"]).text, set(CONTEXTS), STATUS)
    if isinstance(expression, Problem):
        return {"refused": expression.message}
    known = Situation({name: revived(value) for name, value in CONTEXTS.items()}, case["status"])
    value = evaluate(expression, known)
    if isinstance(value, Failure):
        return {"failed": value.message}
    assert not isinstance(value, Unknown)
    return {"value": plain(value), "truth": truthy(value)}


def differing(tested: list[dict[str, Any]], answers: list[dict[str, Any]]) -> list[tuple[str, Any, Any]]:
    """The cases in which we answer otherwise; what a failure is called is not compared."""
    found = []
    for case, theirs in zip(tested, answers, strict=True):
        mine = ours(case)
        if mine != theirs if "value" in theirs else mine.keys() != theirs.keys():
            found.append((case["expression"], theirs, mine))
    return found


def test_evaluates_as_was_recorded(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--regenerate"):
        tested = cases(1, 300)
        lines = [
            json.dumps([case["expression"], case["status"], answer], ensure_ascii=False)
            for case, answer in zip(tested, asked(tested), strict=True)
        ]
        RECORDED.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")
    recorded = json.loads(RECORDED.read_text("utf-8"))
    tested = [{"expression": expression, "status": status} for expression, status, _ in recorded]
    assert differing(tested, [answer for _, _, answer in recorded]) == []
    assert len(recorded) == 300


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(2, 5))
def test_evaluates_as_github_does(seed: int) -> None:
    tested = cases(seed, 300)
    assert differing(tested, asked(tested)) == []


def test_numbers_are_written_as_the_runner_does() -> None:
    # The published engine says 1e+21 and 0.00001; the runner, which decides, formats with `G15`.
    assert evaluate(parsed("format('{0} {1}', 1e21, 0.00001)"), NOWHERE) == "1E+21 1E-05"


@pytest.mark.parametrize(
    "value", ["format('{0')", "format('{1}', 1)", "fromJSON('')", "fromJSON('NaN')", "case(1, 2, 3)", "!fromJSON('x')"]
)
def test_what_cannot_be_evaluated_fails_the_step(value: str) -> None:
    (decision,) = decide(step(value), Situation(job="success"))
    assert not decision.truth
    assert decision.error


def test_what_is_not_reached_fails_nothing() -> None:
    assert decide(step("false && fromJSON('')"), Situation(job="success")) == [Decision(False, {})]
    assert decide(step("fromJSON('')"), Situation(job="failure")) == [Decision(False, {})]


def test_json() -> None:
    value = evaluate(parsed("""fromJSON('{"a": [1, true, null, "x"], "A": 2}')"""), NOWHERE)
    assert plain(value) == {"object": [["a", {"array": [1, True, None, "x"]}]]}
    text = """{\n  "a": [\n    1,\n    []\n  ],\n  "b": {}\n}"""
    assert evaluate(parsed(f"toJSON(fromJSON('{text}'))"), NOWHERE) == text
    deep = evaluate(parsed(f"fromJSON('{'[' * 9000}{']' * 9000}')"), NOWHERE)
    assert isinstance(deep, Failure)


def test_values_survive_the_way_to_the_driver() -> None:
    assert plain(revived([1, "a", {"b": None}])) == {"array": [1, "a", {"object": [["b", None]]}]}
    assert [plain(value) for value in (math.nan, -0.0, -math.inf)] == [
        {"number": "NaN"},
        {"number": "-0"},
        {"number": "-Infinity"},
    ]
    assert plain(Array(filtered=True)) == {"array": []}
