"""Frames, each exactly: what is underlined, and that the underline stands under it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslint.report.frame import Mark, frames, window
from opslint.report.paper import Paper, text_width
from opslint.source import Source, Span


def drawn(*marks: Mark, width: int = 60, encoding: str = "utf-8", context: int = 0) -> str:
    paper = Paper(width, encoding)
    shown = [
        "\n".join("".join(piece for piece, _ in line).rstrip() for line in frame.lines(context))
        for frame in frames(marks, paper, 2, "error")
    ]
    return "\n--\n".join(shown)


def place(source: Source, text: str, *, main: bool = False, label: str = "") -> Mark:
    start = source.content.index(text)
    return Mark(source.span(start, start + len(text)), label, main)


def test_one_line_with_the_lines_around() -> None:
    source = Source("a", "one\ntwo\n\nfour\n")
    assert drawn(place(source, "two", main=True), context=1) == (
        "  1 │ one\n"
        "  2 │ two\n"
        "    │ ^^^"
    )  # fmt: skip


def test_labels_right_to_left_on_one_line() -> None:
    source = Source("a", "run: php artisan migrate --force\n")
    marks = (
        place(source, "migrate", main=True),
        place(source, "php", label="runs PHP"),
        place(source, "--force", label="asks nothing"),
    )
    assert drawn(*marks) == (
        "  1 │ run: php artisan migrate --force\n"
        "    │                  ^^^^^^^ ------- asks nothing\n"
        "    │      --- runs PHP"
    )


def test_a_label_without_room_is_wrapped_below() -> None:
    source = Source("a", "x" * 30 + " here\n")
    mark = place(source, "here", label="a long reason that does not fit behind the underline")
    assert drawn(place(source, "here", main=True), mark, width=48) == (
        "  1 │ xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx here\n"
        "    │                                ^^^^\n"
        "    │                                ----\n"
        "    │               a long reason that does not\n"
        "    │               fit behind the underline"
    )


def test_lines_far_apart_have_a_gap_and_near_ones_none() -> None:
    source = Source("a", "a\nb\nc\nd\ne\nf\ng\n")
    assert drawn(place(source, "a", main=True), place(source, "c", label="near"), place(source, "g", label="far")) == (
        "  1 │ a\n"
        "    │ ^\n"
        "  2 │ b\n"
        "  3 │ c\n"
        "    │ - near\n"
        "  ⋮\n"
        "  7 │ g\n"
        "    │ - far"
    )  # fmt: skip


def test_several_lines_from_the_first_word() -> None:
    source = Source("a", "  run: |\n    one\n    two\nend\n")
    assert drawn(place(source, "run: |\n    one\n    two", main=True), context=1) == (
        "  1 │ ┌   run: |\n"
        "  2 │ │     one\n"
        "  3 │ │     two\n"
        "    │ └───────^\n"
        "  4 │   end"
    )  # fmt: skip


def test_several_lines_from_within_a_line() -> None:
    source = Source("a", "key: first\n  second\n")
    assert drawn(place(source, "first\n  second", main=True)) == (
        "  1 │   key: first\n"
        "    │ ┌──────^\n"
        "  2 │ │   second\n"
        "    │ └────────^"
    )  # fmt: skip


def test_many_lines_have_a_gap_in_the_bracket() -> None:
    source = Source("a", "".join(f"line {number}\n" for number in range(1, 12)))
    assert drawn(Mark(source.span(0, len(source.content)), main=True)) == (
        "  1 │ ┌ line 1\n"
        "  2 │ │ line 2\n"
        "  ⋮   │\n"
        " 10 │ │ line 10\n"
        " 11 │ │ line 11\n"
        "    │ └───────^"
    )  # fmt: skip


def test_marks_on_the_last_letter_are_not_cut_off() -> None:
    shown = window(Paper(80), "::::\t\t\u0301", 10, 6, 6)
    assert shown.holds(6, 6)


def test_two_brackets_and_a_third_apart() -> None:
    source = Source("a", "one\ntwo\nthree\nfour\n")
    first = Mark(source.span(0, 7), main=True)
    second = Mark(source.span(4, 13), "overlaps")
    third = Mark(source.span(8, 18), "the third")
    assert drawn(first, second, third) == (
        "  1 │ ┌   one\n"
        "  2 │ │ ┌ two\n"
        "    │ └─────^\n"
        "  3 │   │ three\n"
        "    │   └─────- overlaps\n"
        "--\n"
        "  3 │ ┌ three\n"
        "  4 │ │ four\n"
        "    │ └────- the third"
    )  # fmt: skip


def test_an_empty_place_is_one_column() -> None:
    source = Source("a", "ab\n")
    assert drawn(Mark(source.span(2), main=True)) == "  1 │ ab\n    │   ^"


def test_the_break_at_the_end_of_a_place_is_not_underlined() -> None:
    source = Source("a", "ab\r\ncd\r\n")
    assert drawn(Mark(source.span(0, 4), main=True)) == "  1 │ ab\n    │ ^^"


@pytest.mark.parametrize(
    ("line", "underline"),
    [
        pytest.param("\ta\tHERE", " " * 8 + "^^^^", id="tabs are blanks to the next fourth column"),
        pytest.param("部署HERE", " " * 4 + "^^^^", id="wide letters"),
        pytest.param("e\u0301HERE", " ^^^^", id="combining marks"),
        pytest.param("👩\u200d💻HERE", "  ^^^^", id="joined emoji"),
        pytest.param("👍🏽HERE", "  ^^^^", id="a skin tone"),
        pytest.param("❤\ufe0fHERE", "  ^^^^", id="a sign drawn as emoji"),
        pytest.param("\u202eHERE", " " * 8 + "^^^^", id="a direction mark as its number"),
        pytest.param("\x1bHERE", " ^^^^", id="a control picture"),
        pytest.param("##[HERE", " " * 4 + "^^^^", id="a parted command"),
        pytest.param("\ufeffHERE", " " * 8 + "^^^^", id="a byte-order mark"),
    ],
)
def test_the_underline_stands_under_its_text(line: str, underline: str) -> None:
    assert drawn(place(Source("a", line), "HERE", main=True)).splitlines()[1] == "    │ " + underline


def test_a_heap_of_marks_on_one_letter_is_shown_by_number() -> None:
    heap = "e" + "\u0301" * 9
    shown = drawn(place(Source("a", f"{heap}HERE"), "HERE", main=True))
    assert shown == "  1 │ e" + "\u0301" * 8 + "<U+0301>HERE\n    │ " + " " * 9 + "^^^^"


def test_another_encoding_is_measured_as_it_is_written() -> None:
    source = Source("a", "é HERE")
    assert drawn(place(source, "HERE", main=True), encoding="ascii") == "  1 | \\xe9 HERE\n    |      ^^^^"
    assert drawn(place(source, "HERE", main=True), encoding="latin-1") == "  1 | é HERE\n    |   ^^^^"


def test_ascii_brackets() -> None:
    source = Source("a", "key: a\n b\n")
    assert drawn(place(source, "a\n b", main=True), encoding="ascii") == (
        "  1 |   key: a\n"
        "    | /______^\n"
        "  2 | |  b\n"
        "    | \\__^"
    )  # fmt: skip


def test_a_long_line_is_shown_around_its_place() -> None:
    source = Source("a", "a" * 500 + " HERE " + "b" * 500)
    assert drawn(place(source, "HERE", main=True), width=40) == (
        "  1 │ …aaaaaaaaaaaa HERE bbbbbbbbbbbbb…\n"
        "    │               ^^^^"
    )  # fmt: skip


@pytest.mark.parametrize("length", [33, 34, 35, 500])
def test_a_place_behind_a_line_that_just_fits_is_within_the_width(length: int) -> None:
    source = Source("a", "a" * length)
    code, underline = drawn(Mark(source.span(length), main=True), width=40).splitlines()
    assert underline == " " * 4 + "│ " + " " * (len(code) - 6) + "^"
    assert len(underline) <= 40


def test_a_second_place_beyond_the_window_has_a_frame_of_its_own() -> None:
    source = Source("a", "FIRST " + "a" * 500 + " SECOND")
    shown = drawn(place(source, "SECOND", main=True), place(source, "FIRST", label="it began here"), width=40)
    assert shown == (
        "  1 │ …aaaaaaaaaaaaaaaaaaaaaaaaa SECOND\n"
        "    │                            ^^^^^^\n"
        "--\n"
        "  1 │ FIRST aaaaaaaaaaaaaaaaaaaaaaaaaa…\n"
        "    │ ----- it began here"
    )


def test_files_have_frames_of_their_own() -> None:
    a, b = Source("a", "one\n"), Source("b", "two\n")
    shown = drawn(place(a, "one", main=True), place(b, "two", label="there"), place(a, "one", label="here"))
    assert shown == "  1 │ one\n    │ ^^^\n    │ --- here\n--\n  1 │ two\n    │ --- there"


_LINES = st.text(st.sampled_from("ab \t部é\u0301\x1b\u202e👩\u200d\n\r#[:"), max_size=60)


@given(_LINES, st.data())
def test_any_place_is_underlined_within_the_width(content: str, data: st.DataObject) -> None:
    source = Source("a", content)
    offsets = st.integers(0, len(content))
    marks = []
    for number in range(data.draw(st.integers(1, 4))):
        start = data.draw(offsets)
        span = Span(source, start, data.draw(st.integers(start, len(content))))
        marks.append(Mark(span, f"label {number}", main=not number))
    paper = Paper(50)
    found = frames(marks, paper, 2, "error")
    assert sorted(mark.label for frame in found for mark in frame.marks) == sorted(mark.label for mark in marks)
    for frame in found:
        lines = ["".join(piece for piece, _ in line) for line in frame.lines()]
        assert all(text_width(paper, line.rstrip()) <= 50 for line in lines)
        for mark in frame.marks:
            assert any(mark.label in line for line in lines)
            assert any("^" in line if mark.main else "-" in line for line in lines)


@given(_LINES.filter(lambda text: not {"\n", "\r"} & set(text)), st.integers(10, 40), st.data())
def test_a_window_shows_the_characters_it_claims(line: str, width: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    paper = Paper(80)
    shown = window(paper, line, width, start, end)
    assert text_width(paper, shown.shown) <= width
    assert shown.holds(start, start)
    assert shown.columns == tuple(sorted(shown.columns))
