"""Fixes as diffs: only lines that change, by the numbers a reader sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslint.finding import Edit, Fix
from opslint.report.patch import hunks
from opslint.source import Source


def rows(content: str, *edits: tuple[int, int, str]) -> list[list[tuple[str, int, str]]]:
    source = Source("a", content)
    return [hunk.rows() for hunk in hunks(Fix("t", tuple(Edit(source.span(a, b), text) for a, b, text in edits), True))]


@pytest.mark.parametrize(
    ("content", "edits", "expected"),
    [
        pytest.param("ab\ncd\n", [(1, 2, "x")], [[("-", 1, "ab"), ("+", 1, "ax")]], id="within a line"),
        pytest.param("ab\ncd\n", [(2, 2, "!")], [[("-", 1, "ab"), ("+", 1, "ab!")]], id="at its end"),
        pytest.param("ab\ncd\n", [(2, 2, "\nnew")], [[(" ", 1, "ab"), ("+", 2, "new")]], id="a line is added below"),
        pytest.param("ab\ncd\n", [(3, 3, "new\n")], [[(" ", 1, "ab"), ("+", 2, "new")]], id="a line is added above"),
        pytest.param("ab\n", [(0, 0, "new\n")], [[("+", 1, "new")]], id="before the first line nothing stands"),
        pytest.param("ab", [(2, 2, "\nnew\n")], [[(" ", 1, "ab"), ("+", 2, "new")]], id="no break at the end"),
        pytest.param("ab\ncd\n", [(0, 3, "")], [[("-", 1, "ab")]], id="a line goes"),
        pytest.param("ab\r\ncd\r\n", [(1, 2, "x")], [[("-", 1, "ab"), ("+", 1, "ax")]], id="CR LF"),
        pytest.param(
            "a\nb\nc\n",
            [(0, 1, "x"), (4, 5, "y")],
            [[("-", 1, "a"), ("+", 1, "x")], [("-", 3, "c"), ("+", 3, "y")]],
            id="two places far apart",
        ),
        pytest.param("abc\n", [(0, 1, "x"), (2, 3, "y")], [[("-", 1, "abc"), ("+", 1, "xby")]], id="two on a line"),
        pytest.param("abc\n", [(0, 2, "x"), (1, 3, "y")], [], id="edits that overlap"),
        pytest.param("a\x0cb\n", [(0, 1, "")], [[("-", 1, "a\x0cb"), ("+", 1, "\x0cb")]], id="a form feed is no break"),
    ],
)
def test_hunks(content: str, edits: list[tuple[int, int, str]], expected: list[list[tuple[str, int, str]]]) -> None:
    assert rows(content, *edits) == expected


def test_files_by_path() -> None:
    a, b = Source("a", "x\n"), Source("b", "y\n")
    fix = Fix("t", (Edit(b.span(0, 1), "2"), Edit(a.span(0, 1), "1")), True)
    assert [(hunk.path, hunk.new) for hunk in hunks(fix)] == [("a", ("1",)), ("b", ("2",))]


@given(st.text("ab\n", max_size=20), st.text("ab\n", max_size=8), st.data())
def test_a_hunk_put_in_place_is_the_edited_text(content: str, replacement: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    source = Source("a", content)
    lines = content.split("\n")
    for hunk in reversed(hunks(Fix("t", (Edit(source.span(start, end), replacement),), True))):
        lines[hunk.line - 1 : hunk.line - 1 + len(hunk.old)] = hunk.new
    edited = content[:start] + replacement + content[end:]
    assert "\n".join(lines).rstrip("\n") == edited.rstrip("\n")
