"""Major versions that a requirement of composer.json allows."""

from __future__ import annotations

import pytest

from opslint.files import Memory
from opslint.model.project import Project
from opslint.model.version import Range, application, majors


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("^8.75", [(8, 8)], id="caret"),
        pytest.param("~8.1", [(8, 8)], id="tilde"),
        pytest.param("8.*", [(8, 8)], id="wildcard"),
        pytest.param("v8.83.27", [(8, 8)], id="exact"),
        pytest.param("^7.0|^8.0", [(7, 7), (8, 8)], id="one bar"),
        pytest.param("^7.0 || ^8.0", [(7, 7), (8, 8)], id="two bars"),
        pytest.param(">=8.0", [(8, None)], id="no upper bound"),
        pytest.param(">=8.0 <10.0", [(8, 9)], id="both bounds"),
        pytest.param(">=8.0,<10.5", [(8, 10)], id="a bound within a version"),
        pytest.param("8.0 - 9.5", [(8, 9)], id="a hyphen"),
        pytest.param("<=9.0", [(0, 9)], id="upper bound alone"),
        pytest.param("*", [], id="any"),
        pytest.param("dev-master", [], id="a branch"),
        pytest.param("^8.0|dev-master", [], id="a branch among versions"),
    ],
)
def test_requirement_allows(written: str, expected: list[tuple[int, int | None]]) -> None:
    project = Project(Memory({"composer.json": f'{{"require": {{"a/b": "{written}"}}}}'}))
    assert [(each.low, each.high) for each in majors(project.composers[0], "a/b")] == expected


def test_missing_package_allows_nothing_known() -> None:
    assert majors(Project(Memory({"composer.json": "{}"})).composers[0], "a/b") == ()


@pytest.mark.parametrize(
    ("one", "other", "holds", "meets"),
    [
        ("8-", "9-9", True, True),
        ("8-", "7-8", False, True),
        ("8-", "7-7", False, False),
        ("-7", "7-", False, True),
        ("-7", "8-", False, False),
        ("-", "3-", True, True),
    ],
)
def test_ranges_hold_and_meet(one: str, other: str, holds: bool, meets: bool) -> None:
    assert Range.parse(one).holds_all_of(Range.parse(other)) is holds
    assert Range.parse(one).meets(Range.parse(other)) is meets


def test_application_is_the_nearest_that_has_the_package() -> None:
    having = '{"require": {"a/b": "^1"}}'
    files = {"composer.json": having, "api/composer.json": having, "web/composer.json": "{}"}
    project = Project(Memory(files))
    found = application(project, "api/deploy.sh", "a/b")
    assert found is not None
    assert found.folder == "api/"
    assert application(project, "web/deploy.sh", "a/b") is None, "two others have it: neither is meant"
