"""Places: lines, columns, spans, and decoded text that remembers where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslint.source import Source, Span, Text, nowhere


@pytest.mark.parametrize(
    ("content", "offset", "place"),
    [
        pytest.param("abc", 2, (1, 3), id="first line"),
        pytest.param("a\nb", 2, (2, 1), id="behind LF"),
        pytest.param("a\r\nb", 3, (2, 1), id="CR LF is one line break"),
        pytest.param("a\rb", 2, (2, 1), id="a lone CR ends a line, as editors count"),
        pytest.param("\ufeffa", 1, (1, 2), id="a byte-order mark is a character"),
        pytest.param("ä\u20acb", 2, (1, 3), id="columns count characters, not bytes"),
        pytest.param("", 0, (1, 1), id="an empty file has a first place"),
    ],
)
def test_position(content: str, offset: int, place: tuple[int, int]) -> None:
    assert Source("x", content).position(offset) == place


@given(st.text(alphabet="ab\r\n", max_size=30), st.integers(0, 30))
def test_offset_is_the_inverse_of_position(content: str, offset: int) -> None:
    source = Source("x", content)
    offset = min(offset, len(content))
    assert source.offset(*source.position(offset)) == offset


def test_line_has_no_line_break() -> None:
    source = Source("x", "one\r\ntwo\n")
    assert [source.line(number) for number in (0, 1, 2, 3, 4)] == ["", "one", "two", "", ""]


def test_span_prints_as_path_line_column() -> None:
    assert str(Source("a/b.yml", "x\nyz").span(3, 4)) == "a/b.yml:2:2"
    assert str(nowhere()) == ".:1:1"


def test_slices_keep_their_place() -> None:
    text = Source("x", "echo 'hello'").text
    assert text[6:11][1:3].span == Span(text.source, 7, 9)
    assert text[6:11].is_verbatim


def test_joined_text_ends_before_what_was_removed() -> None:
    source = Source("x", '--memory="512" --tries=3')
    word = Text.join([source.text[:9], source.text[10:13]], source.text[:0])
    assert word.value == "--memory=512"
    assert word.span.written == '--memory="512'
    assert word[9:].span.written == "512", "the closing quote is not part of the value"
    assert not word.is_verbatim
    assert word[9:].is_verbatim


def test_empty_slice_is_a_place() -> None:
    text = Source("x", "abc").text
    assert text[1:1].span == Span(text.source, 1, 1)
    assert text[3:3].span == Span(text.source, 3, 3)


def test_strip_keeps_places() -> None:
    assert Source("x", "  ab ").text.strip().span.written == "ab"
