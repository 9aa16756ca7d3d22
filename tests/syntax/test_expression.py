"""GitHub's expression language: what it accepts, what it refuses and where, and where it stands in a text."""

from __future__ import annotations

import math
import re

import pytest

from opslint.finding import Problem
from opslint.source import Source, Text
from opslint.syntax import expression
from opslint.syntax.expression import (
    FUNCTIONS,
    JOB_CONTEXTS,
    JOB_FUNCTIONS,
    MAX_DEPTH,
    MAX_LENGTH,
    STEP_CONTEXTS,
    STEP_FUNCTIONS,
    Call,
    Comparison,
    Context,
    Expression,
    Index,
    Literal,
    Logical,
    Not,
    embedded,
    parse,
    walk,
)
from tests.oracles.expressions import asked

# Where the published JavaScript engine and the runner differ, the runner decides what happens (LexicalAnalyzer.cs,
# ExpressionParser.cs, ExpressionUtility.cs of actions/runner): the text, and whether it is accepted.
RUNNER_DIFFERS = {
    "format('a',)": False,  # a comma before `)`
    "github.\u00a0ref": True,  # blanks that are not ASCII
    "0X10": False,  # only `0x`
    "0b11": False,
    "((" * 30 + "github" + "))" * 30: True,  # parentheses are no depth
}

UNCLOSED = "The expression is not closed. An unescaped ${{ sequence was found, but the closing }} was not"

REFUSED = [
    ("failure", "Unrecognized named-value: 'failure'", "failure"),
    ("always() && steps.a.b == 'x' || foo.bar", "Unrecognized named-value: 'foo'", "foo"),
    ("secrets.TOKEN != ''", "Unrecognized named-value: 'secrets'", "secrets"),
    ("True", "Unrecognized named-value: 'True'", "True"),
    ("failed()", "Unrecognized function: 'failed'", "failed"),
    ("success('build')", "Too many parameters supplied: 'success'", "success"),
    ("contains(github.ref)", "Too few parameters supplied: 'contains'", "contains"),
    (
        "case(true, 1, false, 2)",
        "Even number of parameters supplied, requires an odd number of parameters: 'case'",
        "case",
    ),
    ("github.ref = 'x'", "Unexpected symbol: '='", "="),
    ("github.ref & 'x'", "Unexpected symbol: '&'", "&"),
    ('github.ref == "main"', "Unexpected symbol: '\"main\"'", '"main"'),
    ("github.ref == 'main", "Unexpected symbol: ''main'", "'main"),
    ("github.ref 'main'", "Unexpected symbol: ''main''", "'main'"),
    ("github.ref ==", "Unexpected end of expression: '=='", "=="),
    ("(success()", "Unexpected end of expression: ')'", ")"),
    ("success())", "Unexpected symbol: ')'", ")"),
    ("'a'.b", "Unexpected symbol: '.'", "."),
    ("'a'[0]", "Unexpected symbol: '['", "["),
    ("github.5", "Unexpected symbol: '5'", "5"),
    ("1.2.3", "Unexpected symbol: '1.2.3'", "1.2.3"),
    ("-github", "Unexpected symbol: '-github'", "-github"),
    ("github.*x", "Unexpected symbol: 'x'", "x"),
    ("success() and failure()", "Unexpected symbol: 'and'", "and"),
    ("${{ success() }}", "Unexpected symbol: '${{'", "${{"),
    ("github..ref", "Unexpected symbol: '.'", "."),
]


def text(value: str) -> Text:
    return Source("w.yml", value).text


def parsed(value: str) -> Expression:
    expression = parse(text(value))
    assert not isinstance(expression, Problem), expression
    return expression


def step(value: str) -> Expression | Problem:
    return parse(text(value), STEP_CONTEXTS, STEP_FUNCTIONS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("null", None),
        ("true", True),
        ("false", False),
        ("12", 12.0),
        ("-1.5e3", -1500.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("0x10", 16.0),
        ("0o17", 15.0),
        ("0xFFFFFFFF", -1.0),
        ("Infinity", math.inf),
        ("-Infinity", -math.inf),
        ("''", ""),
        ("'it''s ''so'''", "it's 'so'"),
        ("'a }} b'", "a }} b"),
        ("'line\n break'", "line\n break"),
    ],
)
def test_literals(value: str, expected: object) -> None:
    literal = parsed(value)
    assert isinstance(literal, Literal)
    assert (literal.value, type(literal.value)) == (expected, type(expected))


def test_nan_is_a_number() -> None:
    literal = parsed("NaN")
    assert isinstance(literal, Literal)
    assert isinstance(literal.value, float)
    assert math.isnan(literal.value)


def test_operators_bind_as_they_do_at_github() -> None:
    assert parsed("!a == b && c || d < e != f") == parsed("((!a) == b && c) || ((d < e) != f)")
    assert parsed("a == b == c") == parsed("(a == b) == c")
    assert parsed("!a.b[0]") == parsed("!((a.b)[0])")
    assert parsed("a && b && c") != parsed("a && (b && c)")


def test_nodes() -> None:
    a, b = Context("a", text("")), Context("b", text(""))

    def literal(value: bool | float | str | None) -> Literal:
        return Literal(value, text(""))

    assert parsed("A.b") == parsed("a['b']") == Index(a, literal("b"), text(""))
    assert parsed("a.*") == parsed("a[ * ]") == Index(a, None, text(""))
    assert parsed("a[b]") == Index(a, b, text(""))
    assert parsed("Contains( a , b )") == Call("contains", (a, b), text(""))
    assert parsed("!a") == Not(a, text(""))
    assert parsed("a != 1") == Comparison("!=", a, literal(1.0), text(""))
    assert parsed("a || b") == Logical("||", (a, b), text(""))
    assert parsed("a.true.null.NaN.if") == parsed("a['true']['null']['NaN']['if']")


def test_every_node_knows_its_place() -> None:
    expression = parsed("failure() && (steps.m.outcome\n != 'ok')")
    assert [str(node.text) for node in walk(expression)] == [
        "failure() && (steps.m.outcome\n != 'ok')",
        "failure()",
        "steps.m.outcome\n != 'ok'",
        "steps.m.outcome",
        "steps.m",
        "steps",
        "m",
        "outcome",
        "'ok'",
    ]
    inner = parse(Source("w.yml", "if: a == 'x'").text[4:])
    assert isinstance(inner, Comparison)
    assert str(inner.right.text.span) == "w.yml:1:10"


@pytest.mark.parametrize(("value", "message", "at"), REFUSED, ids=[value for value, _, _ in REFUSED])
def test_refused_in_githubs_words(value: str, message: str, at: str) -> None:
    problem = step(value)
    assert isinstance(problem, Problem)
    assert (problem.message, problem.span.written) == (message, at)


@pytest.mark.oracle
def test_refused_by_github_in_these_words() -> None:
    cases = [
        {"expression": value, "parse": True, "contexts": dict.fromkeys(STEP_CONTEXTS), "functions": STEP_FUNCTIONS}
        for value, _, _ in REFUSED
    ]
    answers = asked(cases)
    # It takes a `.` where none may stand for the start of a number, and quotes a string without its quotes.
    words = [answer["refused"].split(". Located at")[0] for answer in answers]
    differing = [
        (value, message, word) for (value, message, _), word in zip(REFUSED, words, strict=True) if message != word
    ]
    assert differing == [
        ("github.ref 'main'", "Unexpected symbol: ''main''", "Unexpected symbol: 'main'"),
        ("'a'.b", "Unexpected symbol: '.'", "Unexpected symbol: '.b'"),
        ("github..ref", "Unexpected symbol: '.'", "Unexpected symbol: '.ref'"),
    ]


@pytest.mark.parametrize(("value", "accepted"), RUNNER_DIFFERS.items())
def test_follows_the_runner(value: str, accepted: bool) -> None:
    assert isinstance(step(value), Problem) is not accepted


@pytest.mark.oracle
def test_only_there_the_published_engine_says_otherwise() -> None:
    cases = [{"expression": value, "parse": True, "contexts": {"github": None}} for value in RUNNER_DIFFERS]
    answers = ["refused" not in answer for answer in asked(cases)]
    assert answers == [not accepted for accepted in RUNNER_DIFFERS.values()]


def test_contexts_and_functions_depend_on_the_place() -> None:
    assert not isinstance(step("steps.a.outcome == 'x' && hashFiles('a')"), Problem)
    job = parse(text("steps.a.outcome"), JOB_CONTEXTS, JOB_FUNCTIONS)
    assert isinstance(job, Problem)
    assert job.message == "Unrecognized named-value: 'steps'"
    assert not isinstance(parse(text("success('build', 'test')"), JOB_CONTEXTS, JOB_FUNCTIONS), Problem)
    assert not isinstance(parse(text("whatever(anything.x)")), Problem)


def test_blank_is_no_expression() -> None:
    for value in ("", " ", "\n\t"):
        problem = parse(text(value))
        assert isinstance(problem, Problem)
        assert problem.message == "An expression was expected"


def test_limits() -> None:
    assert not isinstance(parse(text("!" * (MAX_DEPTH - 1) + "a")), Problem)
    deep = parse(text("!" * MAX_DEPTH + "a"))
    assert isinstance(deep, Problem)
    assert deep.message == "Exceeded max expression depth 50"
    assert not isinstance(parse(text("a" * MAX_LENGTH)), Problem)
    long = parse(text("a" * (MAX_LENGTH + 1)))
    assert isinstance(long, Problem)
    assert long.message == "Exceeded max expression length 21000"


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("(" * 20_000, False),
        ("(" * 10_000 + "a" + ")" * 10_000, True),
        ("!" * 20_000 + "a", False),
        ("a" + ".b" * 10_000, False),
        ("||".join(["a"] * 7_000), True),
        ("==".join(["a"] * 7_000), False),
        ("f(" * 7_000, False),
        ("f(" * 5_000 + ")" * 5_000, False),
        ("a[" * 10_000, False),
        (f"case({','.join(['a'] * 6_999)})", True),
        ("'" * 20_001, False),
        ("-" * 20_000, False),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else "",
)
def test_hostile_input_is_read_or_refused(value: str, accepted: bool) -> None:
    assert isinstance(parse(text(value)), Problem) is not accepted


def test_built_in_functions_need_no_naming() -> None:
    for name, (fewest, _) in FUNCTIONS.items():
        assert not isinstance(parse(text(f"{name}({', '.join('1' * fewest)})"), (), {}), Problem)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("no expression", []),
        ("$ {{ a }} {{ b }}", []),
        ("${{ a }}", ["a"]),
        ("x ${{ a }}${{b}} ${{ 'c}}' }} y", ["a", "b", "'c}}'"]),
        ("${{ 'it''s }}' }}", ["'it''s }}'"]),
        ("${{\n a\n}}", ["a"]),
        ("${{ a }}}", ["a"]),
    ],
)
def test_embedded(value: str, expected: list[str]) -> None:
    found = embedded(text(value))
    assert [str(each.inner) for each in found] == expected
    assert [each.problem for each in found] == [None] * len(expected)
    assert all(each.text.value.startswith("${{") and each.text.value.endswith("}}") for each in found)


def test_embedded_at_its_place() -> None:
    source = Source("w.yml", "run: echo ${{ github.actor }}")
    (found,) = embedded(source.text[5:])
    assert (str(found.text.span), str(found.inner.span)) == ("w.yml:1:11", "w.yml:1:15")


@pytest.mark.parametrize(
    ("value", "at", "message"),
    [
        ("a ${{ b", "${{ b", UNCLOSED),
        ("${{ a }} ${{ 'b }}", "${{ 'b }}", UNCLOSED),
        ("x${{ }}", "${{ }}", "An expression was expected"),
    ],
)
def test_embedded_that_is_none(value: str, at: str, message: str) -> None:
    problem = embedded(text(value))[-1].problem
    assert problem is not None
    assert (problem.span.written, problem.message) == (at, message)


@pytest.mark.parametrize("value", ["github.ref", " secrets.SSH_KEY ", "steps.a-b.outputs.x_y", "a.b.c.d.e.f.g", "Env.Path"])
def test_a_plain_path_reads_as_the_grammar_reads_it(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def nodes(read: object) -> list[tuple[object, str, int]]:
        assert not isinstance(read, Problem)
        return [(each, each.text.value, each.text.span.start) for each in expression.walk(read)]  # type: ignore[arg-type]

    text = Source("x", value).text
    quick = nodes(expression.parse(text))
    monkeypatch.setattr(expression, "_PATH", re.compile("(?!)"))
    assert nodes(expression.parse(text)) == quick
