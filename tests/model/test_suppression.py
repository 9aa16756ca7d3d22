"""Comments that silence: where they can stand, what they name, which lines they speak for."""

from __future__ import annotations

import datetime

import pytest

from opslint.model.suppression import Suppression, suppressions
from opslint.source import Source

RULE = "workers/not-root"


def only(text: str) -> Suppression:
    (found,) = suppressions(Source("file", text))
    return found


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("a # opslint: ignore[x/y] why\nb\n", (1, 1), id="behind its line"),
        pytest.param("# opslint: ignore[x/y] why\na\n", (2, 2), id="above its line"),
        pytest.param("    # opslint: ignore[x/y] why\n    a\n", (2, 2), id="indented"),
        pytest.param("# opslint: ignore[x/y] why\n\n# more\n; more\n// more\na\n", (6, 6), id="blank lines and other comments between"),
        pytest.param("# opslint: ignore[x/y] why\na \\\n  b \\\n  c\nd\n", (2, 4), id="above a command of three lines"),
        pytest.param("a \\\n  b \\\n  c # opslint: ignore[x/y] why\nd\n", (1, 3), id="behind a command of three lines"),
        pytest.param("# a \\\n# opslint: ignore[x/y] why\nb\n", (3, 3), id="a comment goes on nowhere"),
        pytest.param("a\r\n# opslint: ignore[x/y] why\r\nb\r\n", (3, 3), id="CR LF"),
        pytest.param("a\n# opslint: ignore[x/y] why", (3, 3), id="above nothing"),
    ],
)
def test_lines(text: str, lines: tuple[int, int]) -> None:
    found = only(text)
    assert (found.first, found.last) == lines


@pytest.mark.parametrize("sign", ["#", ";", "//", "#  ", ";;", "//\t"])
def test_signs(sign: str) -> None:
    found = only(f"a\n{sign} opslint: ignore[{RULE}] why\nb")
    assert [each.rule for each in found.names] == [RULE]
    assert (found.reason, found.problem, found.first) == ("why", "", 3)


@pytest.mark.parametrize(
    ("rest", "names", "reason", "until"),
    [
        pytest.param("[a/b] why it is so", ["a/b"], "why it is so", None, id="a reason"),
        pytest.param("[a/b, c/d ,e/f] why", ["a/b", "c/d", "e/f"], "why", None, id="several rules"),
        pytest.param("[a/b]: why -", ["a/b"], "why", None, id="decoration"),
        pytest.param("[a/b] -- why */", ["a/b"], "why", None, id="the end of a block comment"),
        pytest.param("[a/b] why until=2027-01-31", ["a/b"], "why", datetime.date(2027, 1, 31), id="a date behind"),
        pytest.param("[a/b] until=2027-01-31 why", ["a/b"], "why", datetime.date(2027, 1, 31), id="a date before"),
    ],
)
def test_what_is_said(rest: str, names: list[str], reason: str, until: datetime.date | None) -> None:
    found = only(f"# opslint: ignore{rest}\na")
    assert ([each.rule for each in found.names], found.reason, found.until, found.problem) == (names, reason, until, "")
    assert [each.span.written for each in found.names] == names
    assert found.span.written == f"# opslint: ignore{rest}"


@pytest.mark.parametrize(
    ("rest", "problem"),
    [
        pytest.param("", "names no rule: write `opslint: ignore[family/name] reason`", id="nothing"),
        pytest.param("[] why", "names no rule: write `opslint: ignore[family/name] reason`", id="an empty bracket"),
        pytest.param(" [a/b] why", "names no rule: write `opslint: ignore[family/name] reason`", id="a blank before the bracket"),
        pytest.param("[a/b]", "gives no reason: say behind the bracket why this is right here", id="no reason"),
        pytest.param("[a/b] - ", "gives no reason: say behind the bracket why this is right here", id="only decoration"),
        pytest.param("[a/b] until=2027-01-31", "gives no reason: say behind the bracket why this is right here", id="only a date"),
        pytest.param("[a/b] why until=2027-02-30", "has no date that can be read: `until=2027-02-30`, expected one like until=2027-01-31", id="no such day"),
        pytest.param("[a/b] why until=soon", "has no date that can be read: `until=soon`, expected one like until=2027-01-31", id="no date"),
    ],
)  # fmt: skip
def test_problems(rest: str, problem: str) -> None:
    found = only(f"# opslint: ignore{rest}\na")
    assert found.problem == problem
    assert not found.covers("x/y", 2)


@pytest.mark.parametrize(
    "text",
    ["# opslint: ignored[a/b] why", "# see opslint: it ignores", "# opslint ignore[a/b] why", "opslint: ignore[a/b] why", "# flake: ignore[a/b]"],
)
def test_what_is_no_such_comment(text: str) -> None:
    assert list(suppressions(Source("file", text))) == []
