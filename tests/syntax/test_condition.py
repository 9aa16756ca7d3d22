"""The text of an `if:`, and what GitHub makes of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from opslint.finding import Problem
from opslint.source import Source, Text
from opslint.syntax.condition import Condition, calls_status, condition
from opslint.syntax.expression import (
    JOB_CONTEXTS,
    JOB_FUNCTIONS,
    STEP_CONTEXTS,
    STEP_FUNCTIONS,
    Expression,
    Literal,
    parse,
)
from tests.oracles.expressions import asked, generated

# The text of a step's `if:`, and the expression that is evaluated.
CONDITIONS = [
    ("", "success()"),
    ("  \n", "success()"),
    ("${{ '' }}", "success()"),
    ("github.ref", "success() && (github.ref)"),
    ("${{ github.ref }}", "success() && (github.ref)"),
    ("failure()", "failure()"),
    (" Failure() ", "failure()"),
    ("github.ref == 'failure()'", "success() && (github.ref == 'failure()')"),
    ("contains(format('{0}', always()), 'x')", "contains(format('{0}', always()), 'x')"),
    ("steps.a.outcome\n== 'failure'", "success() && (steps.a.outcome == 'failure')"),
    ("true", "success() && (true)"),
    ("'false'", "success() && ('false')"),
    ("${{ 'false' }}", "success() && (false)"),
    ("${{ 'failure()' }}", "failure()"),
    ("${{ 'github.ref == ''it''''s''' }}", "success() && (github.ref == 'it''s')"),
    ("${{ 'github.ref == ''x''' }}", "success() && (github.ref == 'x')"),
    ("${{ github.ref }} ", "success() && (format('{0} ', github.ref))"),
    ("${{ github.ref }}\n", "success() && (format('{0}\n', github.ref))"),
    ("${{ always() }} ", "format('{0} ', always())"),
    ("failure() && ${{ always() }}", "format('failure() && {0}', always())"),
    ("${{ env.A }} && ${{ env.B }}", "success() && (format('{0} && {1}', env.A, env.B))"),
    ("${{ env.A }} == 'it''s {x}'", "success() && (format('{0} == ''it''''s {{x}}''', env.A))"),
    ("${{ env.A }}${{ env.A }}", "success() && (format('{0}{1}', env.A, env.A))"),
    ("!${{ failure() }}", "format('!{0}', failure())"),
]
REFUSED = ["failure", "success() &&", "${{ github.ref", "${{ }}", "secrets.TOKEN", "a ${{ x }}", "success('job')"]


def text(value: str) -> Text:
    return Source("w.yml", value).text


def parsed(value: str) -> Expression:
    expression = parse(text(value))
    assert not isinstance(expression, Problem)
    return expression


def step(value: str) -> Condition | Problem:
    return condition(text(value), STEP_CONTEXTS, STEP_FUNCTIONS)


def agrees(answer: dict[str, str], found: Condition | Problem) -> bool:
    """Whether GitHub's parser evaluates the same, or refuses as we do."""
    if isinstance(found, Problem) or "refused" in answer:
        return isinstance(found, Problem) and "refused" in answer
    return found.expression == parsed(answer["expression"])


@pytest.mark.parametrize(("value", "evaluated"), CONDITIONS)
def test_what_is_evaluated(value: str, evaluated: str) -> None:
    found = step(value)
    assert isinstance(found, Condition)
    assert found.expression == parsed(evaluated)
    assert found.implied is evaluated.startswith("success()")


@pytest.mark.parametrize("value", REFUSED)
def test_refused(value: str) -> None:
    assert isinstance(step(value), Problem)


@pytest.mark.oracle
def test_github_evaluates_the_same() -> None:
    cases = [value for value, _ in CONDITIONS] + REFUSED
    answers = asked([{"condition": value} for value in cases])
    assert [value for value, answer in zip(cases, answers, strict=True) if not agrees(answer, step(value))] == []


@pytest.mark.oracle
def test_github_evaluates_the_same_of_whatever_is_written() -> None:
    random = Random(20260801)
    cases = [_written(random) for _ in range(400)]
    answers = asked([{"condition": value} for value in cases])
    assert [value for value, answer in zip(cases, answers, strict=True) if not agrees(answer, step(value))] == []
    assert sum("refused" in answer for answer in answers) > 50
    assert sum("format(" in answer.get("expression", "") for answer in answers) > 50


def _written(random: Random) -> str:
    leaves = ["github.ref", "env.A", "steps.m.result", "'x'", "'failure()'", "'}}'", "always()", "failure()", "'a''s'"]

    def fence() -> str:
        inner = random.choice([generated(random, leaves, random.randint(0, 2))] * 8 + ["", "x", "'a"])
        return f"${{{{{random.choice(['', ' '])}{inner} {random.choice(['}}'] * 9 + ['}'])}"

    around = [" ", "&&", " && ", "a", "{", "}", "{0}", "'", "!", "(", " == 'x'", "failure() && "]
    pieces = [fence() if random.random() < 0.5 else random.choice(around) for _ in range(random.randint(1, 4))]
    return random.choice([fence(), generated(random, leaves, 2), "".join(pieces)])


def test_nothing_written_is_success() -> None:
    found = condition(None)
    assert isinstance(found, Condition)
    assert (found.expression, found.written, found.text, found.implied) == (parsed("success()"), None, None, True)


def test_what_was_written_is_kept() -> None:
    found = step("github.ref == 'x'")
    assert isinstance(found, Condition)
    assert found.written == parsed("github.ref == 'x'")
    assert found.written is not None
    assert str(found.written.text.span) == "w.yml:1:1"


@pytest.mark.parametrize(
    ("value", "around"),
    [
        ("${{ env.A }}", []),
        ("env.A", []),
        ("${{ env.A }} ", [" "]),
        ("${{ env.A }} && ${{ env.B }}", [" && "]),
        ("!${{ env.A }}", ["!"]),
        ("a ${{ env.A }} b ${{ env.A }} c", ["a ", " b ", " c"]),
        ("${{ env.A }}${{ env.B }}", []),
    ],
)
def test_text_around_the_fence_makes_it_constant(value: str, around: list[str]) -> None:
    found = step(value)
    assert isinstance(found, Condition)
    assert [str(each) for each in found.around] == around


def test_text_around_the_fence_is_found_at_its_place() -> None:
    source = Source("w.yml", "if: ${{ env.A }} == 'x'")
    found = condition(source.text[4:])
    assert isinstance(found, Condition)
    assert str(found.around[0].span) == "w.yml:1:17"


def test_a_condition_in_quotes_within_the_fence_is_what_the_quotes_hold() -> None:
    found = step("${{ 'false' }}")
    assert isinstance(found, Condition)
    assert found.written == Literal(False, text(""))


def test_what_is_wrong_in_these_quotes_is_found_at_its_place() -> None:
    problem = condition(Source("w.yml", "${{ 'env.A == ''x'' && foo' }}").text, STEP_CONTEXTS, STEP_FUNCTIONS)
    assert isinstance(problem, Problem)
    assert (problem.message, str(problem.span)) == ("Unrecognized named-value: 'foo'", "w.yml:1:24")


def test_status_functions_are_found_wherever_they_are_called() -> None:
    assert calls_status(parsed("a[b || !contains(c, Failure())]"))
    assert not calls_status(parsed("success.failure == 'always()'"))


def test_a_condition_beyond_all_measure_is_refused() -> None:
    problem = condition(text("${{a}}" * 5_000))
    assert isinstance(problem, Problem)
    assert problem.message == "Exceeded max expression length 21000"


def _corpus() -> Iterator[tuple[str, bool]]:
    """Every `if:` on one line below the corpus, and whether a job has it."""
    folder = os.environ.get("OPSLINT_CORPUS", "")
    if not folder:
        pytest.skip("OPSLINT_CORPUS names no folder with workflows")
    line = re.compile(r"^( *)(- )?if:[ \t]+([^|>\s].*?)[ \t]*\r?$", re.MULTILINE)
    for path in sorted(Path(folder).rglob("*.y*ml")):
        if ".github" in path.parts:
            for indent, item, value in line.findall(path.read_text("utf-8", errors="replace")):
                yield _unquoted(value), len(indent) <= 4 and not item


def _unquoted(value: str) -> str:
    if value[0] == "'":
        return re.sub(r"'((?:[^']|'')*)'.*", lambda match: match[1].replace("''", "'"), value)
    if value[0] == '"':
        return re.sub(r'"((?:[^"\\]|\\.)*)".*', lambda match: match[1].replace('\\"', '"'), value)
    return re.sub(r"[ \t]+#.*", "", value)


@pytest.mark.oracle
def test_github_evaluates_the_same_in_real_workflows() -> None:
    cases = sorted(set(_corpus()))
    answers = asked([{"condition": value, "job": job} for value, job in cases])
    places = {True: (JOB_CONTEXTS, JOB_FUNCTIONS), False: (STEP_CONTEXTS, STEP_FUNCTIONS)}
    differing = [
        value
        for (value, job), answer in zip(cases, answers, strict=True)
        if not agrees(answer, condition(text(value), *places[job]))
    ]
    assert differing == []
    assert cases
