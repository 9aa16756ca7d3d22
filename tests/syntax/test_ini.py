"""Supervisor's INI: every value as its own parser splits it, every character where it stands."""

from __future__ import annotations

import configparser
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opslint.source import Source, Span, Text
from opslint.syntax import ini
from opslint.syntax.tree import Document, Entry, Mapping, Scalar, at

FIXTURES = Path(__file__).parents[2] / "fixtures" / "syntax" / "ini"
CASES = sorted(path for path in FIXTURES.iterdir() if path.suffix != ".tree")


def read(content: str) -> Document:
    return ini.read(Source("supervisor.conf", content))


def sections(document: Document) -> Iterator[tuple[Entry, tuple[Entry, ...]]]:
    assert isinstance(document.root, Mapping)
    for section in document.root:
        assert isinstance(section.value, Mapping)
        yield section, section.value.entries


def value(content: str, option: str = "k") -> Scalar:
    """An option of the section `[s]`."""
    node = at(read(content).root, "s", option)
    assert isinstance(node, Scalar)
    return node


def unlike(text: Text) -> list[tuple[str, str]]:
    """The characters that stand in the file as something else."""
    written = [text.source.content[a:b] for a, b in zip(text.starts, text.ends, strict=False)]
    return [(each, other) for each, other in zip(text.value, written, strict=True) if each != other]


def drawn(document: Document) -> str:
    """A document as text: each name and value with its place, then comments, problems and what was cut or swallowed."""
    lines = []
    for section, options in sections(document):
        lines.append(f"{_place(section.key.span)} [{section.key}] to {_place(section.span).partition('-')[2]}")
        lines += [f"  {_drawn(entry.key)} = {_drawn(entry.value)}" for entry in options]
    lines += [f"comment {_place(comment.text.span)} {comment.text.value!r}" for comment in document.comments]
    lines += [f"problem {_place(problem.span)} {problem.message}" for problem in document.problems]
    lines += [f"cut {_place(cut.comment.span)} of {cut.entry.key}: {_quote(cut)}" for cut in ini.cuts(document)]
    lines += [f"swallowed {_place(each.line.span)} {each.key} by {each.entry.key}" for each in ini.swallowed(document)]
    lines += [f"outdented {_place(entry.key.span)} {entry.key}" for _, entry in ini.outdented(document)]
    return "".join(f"{line}\n" for line in lines)


def _drawn(node: object) -> str:
    assert isinstance(node, Scalar)
    changed = "".join(f", {each!r} is {other!r}" for each, other in unlike(node.text))
    return f"{_place(node.span)} {node.text.value!r}{changed}"


def _quote(cut: ini.Cut) -> str:
    return f"inside the quotation from {_place(cut.quote.span)}" if cut.quote is not None else "quotes are whole"


def _place(span: Span) -> str:
    line, column, end_line, end_column = span.place
    return f"{line}:{column}-{end_line}:{end_column}"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_reads_the_fixture_as_recorded(path: Path, request: pytest.FixtureRequest) -> None:
    found = drawn(ini.read(Source(path.name, path.read_bytes().decode())))
    recorded = path.with_name(path.name + ".tree")
    if request.config.getoption("--regenerate"):
        recorded.write_text(found, "utf-8")
    assert found == recorded.read_text("utf-8")


# -- the real parser ----------------------------------------------------------------------------------------------


def configparser_reads(content: str) -> tuple[str | None, dict[str, dict[str, str]], dict[str, str]]:
    """The name of its error, its sections and its defaults; with the settings of supervisor/options.py."""
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(";", "#"))
    error = None
    try:
        parser.read_file(io.StringIO(content, newline=None), "supervisor.conf")
    except configparser.ParsingError as raised:
        error = type(raised).__name__
    return error, {name: dict(parser._sections[name]) for name in parser.sections()}, dict(parser.defaults())  # type: ignore[attr-defined]


def ini_reads(document: Document) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for section, options in sections(document):
        found.setdefault(str(section.key), {}).update({str(entry.key): str(entry.value) for entry in options})
    defaults = found.pop("DEFAULT", {})
    return found, defaults


PIECES = st.sampled_from(
    [
        *("[program:a]", "[program:b]", "[DEFAULT]", "[x]]", "[]", "[", "]", "=", ":", " ", "  ", "\t", "\n", "\n", "\n"),
        *("\r\n", "\r", ";", "#", " ;", " #", '"', "'", "\\", "key", "KEY", "command", "é", "İ", "Σ", "\ufeff", "\xa0"),
        *("\x0b", "\x85", "\u2028", "\x1c", "\x00", "--tries=3", "a=1", "  b=2", "value", "%(here)s"),
    ]
)


@given(st.booleans(), st.lists(PIECES, max_size=40))
def test_any_text_is_split_as_configparser_splits_it(in_section: bool, pieces: list[str]) -> None:
    content = ("[s]\n" if in_section else "") + "".join(pieces)
    if sys.version_info >= (3, 13):  # takes the earliest comment sign, see `comment_start`
        assume(all(_earliest(line) == ini.comment_start(line) for line in content.splitlines()))
    error, their_sections, their_defaults = configparser_reads(content)
    document = read(content)
    assert bool(document.problems) == (error is not None)
    if error is None:
        assert ini_reads(document) == (their_sections, their_defaults)
    for _, options in sections(document):
        for entry in options:
            assert isinstance(entry.value, Scalar)
            for each, written in (*unlike(entry.key.text), *unlike(entry.value.text)):
                assert each in written.lower() or (each, written) == ("ς", "Σ") or (each == "\n" and written in "\r\n")
    for each_found in (*ini.cuts(document), *ini.swallowed(document)):
        assert each_found.entry.span in each_found.section.span


def _earliest(line: str) -> int | None:
    signs = (at for at, sign in enumerate(line) if sign in ";#" and (not line[:at].strip() or line[at - 1].isspace()))
    return next(signs, None)


@pytest.mark.parametrize(
    ("line", "comment"),
    [
        ("a ;b", ";b"),
        ("a #b", "#b"),
        ("a;b#c", None),
        ("  ; whole", "; whole"),
        ("a\t;b ;c", ";b ;c"),
        pytest.param("a;b ;c #d", "#d", id="the round that finds one ends the search"),
        ("", None),
    ],
)
def test_where_a_comment_begins(line: str, comment: str | None) -> None:
    at = ini.comment_start(line)
    assert (None if at is None else line[at:]) == comment


# -- places -------------------------------------------------------------------------------------------------------


def test_a_value_of_several_lines_leaves_gaps() -> None:
    node = value("[s]\nk = one ; note\n  # dropped\n\n   two\n")
    assert node.text.value == "one\n\ntwo"
    assert unlike(node.text) == []
    assert [node.text.source.position(start) for start in node.text.starts[3:6]] == [(2, 15), (4, 1), (5, 4)]
    assert not node.text.is_verbatim
    assert node.text[5:].is_verbatim


def test_an_empty_value_stands_behind_its_delimiter() -> None:
    assert value("[s]\nk= ;none\n").span.place == (2, 3, 2, 3)
    assert value("[s]\nk=;none\n").text.value == ";none"


def test_a_name_in_capitals_keeps_its_place() -> None:
    document = read("[s]\nStopAsGroup : true\n")
    ((_, (entry,)),) = sections(document)
    assert (str(entry.key), entry.key.span.written, entry.key.text.span.written) == ("stopasgroup", *["StopAsGroup"] * 2)


def test_a_header_is_its_brackets() -> None:
    ((section, _),) = sections(read("  [program:a] tail\n"))
    assert (section.key.span.written, section.key.text.span.written) == ("[program:a]", "program:a")


# -- problems -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("\ufeff[s]\n", (1, 1), "file contains no section headers: it begins with a byte-order mark"),
        ("; x\nk=v\n", (2, 1), "file contains no section headers before this line"),
        ("[s]\n  --verbose\n", (2, 3), "source contains parsing errors: this line lacks a `=` or `:`"),
        ("[s]\n= v\n", (2, 1), "source contains parsing errors: this line lacks a name before the delimiter"),
        ("[]\n[s]\n", (1, 1), "file contains no section headers before this line"),
    ],
)
def test_what_cannot_be_read(content: str, place: tuple[int, int], message: str) -> None:
    (problem,) = read(content).problems
    assert (problem.span.place[:2], problem.message) == (place, message)


@pytest.mark.parametrize("content", ["", "\n\n", "; only\n# comments\n", "[s]", "[s]\nk:v", "[s]\n  k=v\n  l=w\n"])
def test_what_can_be_read_has_no_problem(content: str) -> None:
    assert read(content).problems == ()


def test_what_stands_behind_a_problem_is_read() -> None:
    assert ini_reads(read("junk\n[s]\nk=v\n")) == ({"s": {"k": "v"}}, {})
    assert ini_reads(read("\ufeff[s]\nk=v\n")) == ({"s": {"k": "v"}}, {})


def test_a_byte_order_mark_is_told() -> None:
    assert ini.has_byte_order_mark(read("\ufeff[s]\n"))
    assert not ini.has_byte_order_mark(read("[s]\n"))


def test_problems_are_bounded() -> None:
    assert len(read("[s]\n" + "junk\n" * 1_000).problems) == 100


# -- what gets lost -----------------------------------------------------------------------------------------------


def broken_quotes(content: str) -> list[str]:
    return [cut.quote.value for cut in ini.cuts(read("[s]\n" + content)) if cut.quote is not None]


@pytest.mark.parametrize(
    ("content", "quotes"),
    [
        ('k=sh -c "a ; b"\n', ['"']),
        ("k=sh -c 'a # b'\n", ["'"]),
        pytest.param('k=sh -c "a ; b\n  c"\n', ['"'], id="closed on a later line"),
        pytest.param("k=sh -c \"it's ; so\"\n", ['"'], id="an apostrophe inside"),
    ],
)
def test_a_comment_cuts_a_quotation(content: str, quotes: list[str]) -> None:
    assert broken_quotes(content) == quotes


@pytest.mark.parametrize(
    "content",
    [
        'k=sh -c "a;b"\n',
        'k=sh -c "a" ; note "x"\n',
        pytest.param("k=don't ; a note\n", id="never closed"),
        pytest.param("k=a \\\" ; b \"c\n", id="escaped"),
        'k= ; "x"\n',
    ],
)
def test_a_comment_cuts_no_quotation(content: str) -> None:
    assert broken_quotes(content) == []


@pytest.mark.parametrize(
    ("content", "keys"),
    [
        ("k=v\n  autostart=false\n", ["autostart"]),
        ("k=v\n  AutoStart : false\n", ["autostart"]),
        ("k=v\n  [program:b]\n", ["[program:b]"]),
        pytest.param("k=v\n  --tries=3\n  word\n  http://x\n", ["http"], id="arguments are none; `name:` may be"),
        ("k=v\nautostart=false\n", []),
        ("k=v\n  ; autostart=false\n", []),
    ],
)
def test_swallowed_lines(content: str, keys: list[str]) -> None:
    assert [each.key for each in ini.swallowed(read("[s]\n" + content))] == keys


def test_outdented_arguments() -> None:
    assert [str(entry.key) for _, entry in ini.outdented(read("[s]\nk=v\n--tries=3\nuser=u\n"))] == ["--tries"]
    assert list(ini.outdented(read("[s]\nk=v\n  --tries=3\n"))) == []
