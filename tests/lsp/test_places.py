"""Offsets and an editor's positions, in every unit, with every line break, at and beyond every edge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from opslint.lsp.places import Ruler, within
from opslint.source import Source

TEXTS = st.text(alphabet="aé€🚀\n\r\u2028\x0b\x85 ", max_size=30)
ENCODINGS = ("utf-8", "utf-16", "utf-32")


def position(line: int, character: int) -> types.Position:
    return types.Position(line, character)


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 10), ("utf-16", 5), ("utf-32", 4)])
def test_a_column_counts_units(encoding: str, character: int) -> None:
    source = Source("x", "one\né€🚀 x")
    assert Ruler(encoding).position(source, 8) == position(1, character)
    assert Ruler(encoding).offset(source, position(1, character)) == 8


@pytest.mark.parametrize(
    ("asked", "offset"),
    [
        pytest.param((0, 99), 2, id="behind the end of a line: its end, before the line break"),
        pytest.param((1, 99), 6, id="behind the end of the last line"),
        pytest.param((99, 0), 6, id="behind the last line: the end of the file"),
        pytest.param((1, 2), 5, id="between the halves of a character: before it"),
    ],
)
def test_places_that_do_not_exist(asked: tuple[int, int], offset: int) -> None:
    assert Ruler("utf-16").offset(Source("x", "ab\r\na🚀"), position(*asked)) == offset


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_line_breaks_are_those_of_the_protocol(line_break: str) -> None:
    source = Source("x", f"a\u2028b\x0b\x85{line_break}c")
    assert Ruler("utf-16").position(source, len(source.content) - 1) == position(1, 0)


def test_a_byte_order_mark_is_not_counted() -> None:
    source = Source("x", "\ufeffab\ncd")
    assert Ruler("utf-16").range(source, 0, 2) == types.Range(position(0, 0), position(0, 1))
    assert Ruler("utf-16").offset(source, position(0, 1)) == 2
    assert Ruler("utf-16").offset(source, position(1, 1)) == 5


@given(TEXTS, st.sampled_from(ENCODINGS))
def test_every_offset_comes_back(content: str, encoding: str) -> None:
    source, ruler = Source("x", content), Ruler(encoding)
    for offset in range(len(content) + 1):
        if content[offset - 1 : offset + 1] == "\r\n" and offset:
            continue  # within a line break no editor has a place
        assert ruler.offset(source, ruler.position(source, offset)) == offset


def test_a_secret_is_measured_by_what_it_hides() -> None:
    content, shown = "key=🚀🚀🚀🚀 x", "key=**** x"
    source, start, end = within(Source("x", shown).span(9, 10), {"x": Source("x", content)})
    assert Ruler("utf-16").range(source, start, end) == types.Range(position(0, 13), position(0, 14))


def test_a_place_of_another_text_stays_within_the_file() -> None:
    before = Source("x", "one\ntwo three\nfour\n").span(8, 13)
    source, start, end = within(before, {"x": Source("x", "one\ntwo\n")})
    assert (start, end) == (7, 7)
    assert source.content == "one\ntwo\n"


def test_a_place_in_no_file_is_its_own() -> None:
    span = Source("gone", "abc").span(1, 2)
    assert within(span, {}) == (span.source, 1, 2)
