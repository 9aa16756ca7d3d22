"""Versions of PHP: requirements as Composer reads them, and the table of php.net."""

from __future__ import annotations

import pytest

from opslint.model.php_versions import allowed, allows, minor_of, table


@pytest.mark.parametrize(
    ("requirement", "inside", "outside"),
    [
        pytest.param("^8.1", ["8.1", "8.5"], ["8.0", "9.0", "7.4"], id="caret"),
        pytest.param("~8.1", ["8.1", "8.5"], ["8.0", "9.0"], id="tilde with two numbers"),
        pytest.param("~8.1.3", ["8.1"], ["8.0", "8.2"], id="tilde with three"),
        pytest.param(">=8.1 <8.3", ["8.1", "8.2"], ["8.0", "8.3"], id="both ends"),
        pytest.param(">=8.1,<8.3", ["8.1", "8.2"], ["8.0", "8.3"], id="both ends with a comma"),
        pytest.param("^7.4 || ^8.0", ["7.4", "8.0"], ["7.3", "9.0"], id="alternatives"),
        pytest.param("7.4.*|8.1.*", ["7.4", "8.1"], ["8.0", "8.2"], id="wildcards, one bar"),
        pytest.param("8.1 - 8.3", ["8.1", "8.3"], ["8.0", "8.4"], id="a range"),
        pytest.param("8.*", ["8.0", "8.5"], ["7.4", "9.0"], id="a major version"),
        pytest.param("*", ["5.6", "8.5"], [], id="anything"),
        pytest.param(">8.1.5", ["8.1", "8.2"], ["8.0"], id="a later patch is of the same minor"),
        pytest.param(">=8.2 !=8.3.1", ["8.2", "8.3"], ["8.1"], id="one patch left out"),
        pytest.param("8.2.4", ["8.2"], ["8.3"], id="one patch"),
    ],
)
def test_requirement_allows(requirement: str, inside: list[str], outside: list[str]) -> None:
    intervals = allowed(requirement)
    for version in (*inside, *outside):
        major, minor = minor_of(version)
        assert allows(intervals, (major, minor, 0), (major, minor + 1, 0)) == (version in inside), version


@pytest.mark.parametrize("requirement", ["", "dev-main", "^8.1 || dev-main", "self.version"])
def test_what_cannot_be_read_allows_nothing(requirement: str) -> None:
    assert allowed(requirement) == ()


def test_table_is_in_order_and_dated() -> None:
    releases = table().releases
    assert [each.minor for each in releases] == sorted(each.minor for each in releases)
    assert all(each.active_until <= each.security_until for each in releases)
    assert table().release(table().lowest_active) is not None


def test_support_is_asked_on_the_day_of_the_table() -> None:
    assert not table().is_supported((7, 4))
    assert table().is_supported(table().newest)
    assert table().is_supported((99, 0)), "newer than the table"
    assert not table().is_supported((4, 4)), "older than the table"
