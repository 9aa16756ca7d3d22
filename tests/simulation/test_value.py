"""Values and their coercions: the statements S5-S7 of how GitHub compares, and what is unknown."""

from __future__ import annotations

import math

import pytest

from opslint.simulation.value import (
    Array,
    Known,
    Object,
    Unknown,
    Value,
    equal,
    filtered,
    index,
    less,
    number,
    string,
    truthy,
    unknown,
    written,
)


@pytest.mark.parametrize("value", [None, False, 0.0, -0.0, math.nan, ""])
def test_false(value: Known) -> None:
    assert not truthy(value)


@pytest.mark.parametrize("value", [True, 1.0, -1.0, math.inf, "false", "0", " ", Array(), Object()])
def test_true(value: Known) -> None:
    assert truthy(value)


@pytest.mark.parametrize(
    ("left", "right"),
    [("", 0.0), (None, ""), ("1", True), (" 12 ", 12.0), ("0x10", 16.0), ("1e2", 100.0), (None, False), ("Foo", "fOO")],
)
def test_equal(left: Known, right: Known) -> None:
    assert equal(left, right)
    assert equal(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [("false", False), (True, "true"), ("1", "1.0"), (math.nan, math.nan), (Array(), Array()), (Object(), "Object")],
)
def test_not_equal(left: Known, right: Known) -> None:
    assert not equal(left, right)
    assert not equal(right, left)


def test_objects_are_equal_to_themselves() -> None:
    array, thing = Array(("a",)), Object({"a": None})
    assert equal(array, array)
    assert equal(thing, thing)


def test_order() -> None:
    assert less("a", "B")
    assert less("9", 10.0)
    assert less(False, True)
    assert not less("a", 1.0)
    assert not less(Array(), 1.0)
    # In UTF-16, where what is beyond the first plane comes before the end of that plane.
    assert less("\U0001f600", "\uff5e")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "true"),
        (0.0, "0"),
        (-0.0, "0"),
        (12.0, "12"),
        (0.1, "0.1"),
        (1.1 + 2.2, "3.3"),
        (123456789012345.0, "123456789012345"),
        (1e21, "1E+21"),
        (0.00001, "1E-05"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        (Array(), "Array"),
        (Object(), "Object"),
    ],
)
def test_string(value: Known, expected: str) -> None:
    assert string(value) == expected


def test_number() -> None:
    assert [number(value) for value in (None, True, "", " 1 ", "-1.5e1", "Infinity")] == [0, 1, 0, 1, -15, math.inf]
    assert all(math.isnan(number(value)) for value in ("x", "1_0", "1 2", "0x", Array(), Object()))


def test_what_is_missing_is_null() -> None:
    thing = Object({"Name": "x"})
    assert index(thing, "name") == "x"
    assert [index(base, key) for base, key in ((thing, "y"), ("text", "y"), (None, "y"), (Array(), 0.0))] == [None] * 4


def test_filters() -> None:
    commits = Array((Object({"id": "a"}), Object({"id": "b", "ok": True}), "text"))
    ids = index(filtered(commits), "id")
    assert isinstance(ids, Array)
    assert ids.items == ("a", "b")
    values = filtered(filtered(commits))
    assert isinstance(values, Array)
    assert values.items == ("a", "b", True)


def test_unknown_values_are_named_by_their_path() -> None:
    github = unknown("github")
    assert index(github, "Ref") == Unknown("github.ref", text=True)
    assert index(index(github, "event"), "a b") == Unknown("github.event['a b']")
    assert index(github, 0.0) == Unknown("github[0]")
    assert filtered(github) == Unknown("github.*")
    assert index(Array(("a",)), Unknown("matrix.n")) == Unknown("['a'][matrix.n]")


def test_what_is_known_of_unknown_values() -> None:
    results = ("success", "failure", "cancelled", "skipped")
    assert unknown("needs.a.result").domain == results
    assert unknown("steps.a.outcome").domain == (*results, None)
    assert unknown("steps.a.outputs.x").text
    assert not unknown("inputs.force").text


def test_an_object_may_hold_more_than_is_known() -> None:
    env = Object({"A": "x"}, rest=unknown("env"))
    assert index(env, "a") == "x"
    assert index(env, "B") == Unknown("env.b", text=True)
    assert filtered(env) == Unknown("{A: 'x'}.*")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("it's", "'it''s'"), (None, "null"), (1.0, "1"), (True, "true"), (Array(("a", Unknown("b.c"))), "['a', b.c]")],
)
def test_written(value: Value, expected: str) -> None:
    assert written(value) == expected
