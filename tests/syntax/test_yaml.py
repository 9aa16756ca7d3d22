"""YAML: every value as its parsers read it, every character where it stands."""

from __future__ import annotations

import io
import json
import math
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import ruamel.yaml
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from ruamel.yaml import events as ruamel_events

from opslint.source import Source, Span
from opslint.syntax import yaml
from opslint.syntax.tree import Document, Mapping, Node, Scalar, Sequence, at
from opslint.syntax.yaml_events import Events, c_events, fastest_events, python_events
from opslint.syntax.yaml_tree import MOST_NESTED, MOST_NODES

FIXTURES = Path(__file__).parents[2] / "fixtures" / "syntax" / "yaml"
CASES = sorted(path for path in FIXTURES.iterdir() if path.suffix != ".tree")
PARSERS = [pytest.param(c_events, id="libyaml"), pytest.param(python_events, id="pure Python")]


def read(content: str, events: Events | None = None) -> Document:
    return yaml.read(Source("file.yml", content), events)


def first_value(document: Document, key: str = "k") -> Scalar:
    node = at(document.root, key)
    assert isinstance(node, Scalar)
    return node


def pieces(scalar: Scalar) -> list[tuple[str, str]]:
    """Each decoded character with what stands for it in the file."""
    text = scalar.text
    written = [text.source.content[a:b] for a, b in zip(text.starts, text.ends, strict=False)]
    return list(zip(text.value, written, strict=True))


def unlike(scalar: Scalar) -> list[tuple[str, str]]:
    """Those of its characters that stand in the file as something else."""
    return [(value, written) for value, written in pieces(scalar) if value != written]


def data(node: Node | None) -> Any:
    """What a loader would make of it; the last of equal keys wins, NaN is a word."""
    match node:
        case Scalar():
            return "NaN" if isinstance(node.value, float) and math.isnan(node.value) else node.value
        case Mapping():
            return {entry.key.value: data(entry.value) for entry in node}
        case Sequence():
            return [data(item) for item in node]
    return None


def drawn(document: Document) -> str:
    """A document as text: each node with its place, then comments and problems."""
    lines = [*_drawn(document.root, 0)]
    lines += [f"comment {_place(comment.text.span)} {comment.text.value!r}" for comment in document.comments]
    lines += [f"problem {_place(problem.span)} {problem.message}" for problem in document.problems]
    return "\n".join(lines) + "\n"


def _drawn(node: Node | None, depth: int, label: str = "") -> Iterator[str]:
    if node is None:
        yield "nothing"
        return
    head = "  " * depth + label + _place(node.span)
    if isinstance(node, Scalar):
        differing = [f"{value!r} is {written!r}" for value, written in unlike(node)]
        yield f"{head} {node.style} {node.value!r}" + "".join(f", {each}" for each in differing)
    elif isinstance(node, Mapping):
        yield f"{head} mapping"
        for entry in node:
            yield from _drawn(entry.key, depth + 1, "? ")
            yield from _drawn(entry.value, depth + 1, ": ")
    elif isinstance(node, Sequence):
        yield f"{head} sequence"
        for item in node:
            yield from _drawn(item, depth + 1, "- ")


def _place(span: Span) -> str:
    line, column, end_line, end_column = span.place
    return f"{line}:{column}-{end_line}:{end_column}"


# -- fixtures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("events", PARSERS)
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_reads_the_fixture_as_recorded(path: Path, events: Events, request: pytest.FixtureRequest) -> None:
    seen = drawn(yaml.read(Source(path.name, path.read_bytes().decode()), events))
    recorded = path.with_name(path.name + ".tree")
    if request.config.getoption("--regenerate") and events is c_events:
        recorded.write_text(seen, encoding="utf-8")
    expected = recorded.read_text(encoding="utf-8")
    if events is python_events:  # the two word their syntax errors differently
        seen, expected = (without_syntax_errors(text) for text in (seen, expected))
    assert seen == expected


def without_syntax_errors(text: str) -> str:
    return "\n".join(line.split(" while ")[0].split(" did not")[0].split(" expected")[0] for line in text.split("\n"))


def test_the_c_parser_is_active() -> None:
    if platform.python_implementation() != "CPython" or platform.system() != "Linux":
        pytest.skip("only CPython on Linux is sure to have wheels with libyaml")
    assert fastest_events() is c_events


# -- places of characters, style by style -------------------------------------------------------------------

VERBATIM: list[tuple[str, str]] = []
STYLES = [
    pytest.param("k: one two # no", "one two", VERBATIM, id="plain"),
    pytest.param("k: one  \n  two", "one two", [(" ", "\n")], id="plain, folded"),
    pytest.param("k: one\n\n\n  two", "one\n\ntwo", VERBATIM, id="plain, empty lines stay"),
    pytest.param("k: one\r\n  two", "one two", [(" ", "\r\n")], id="plain, folded, CR LF"),
    pytest.param("k: one\r\n\r\n  two", "one\ntwo", [("\n", "\r\n")], id="plain, empty line, CR LF"),
    pytest.param("k: &a !!str one", "one", VERBATIM, id="behind anchor and tag"),
    pytest.param("k: !!str &a # why\n  'one'", "one", VERBATIM, id="behind anchor, tag and comment"),
    pytest.param("k: 'one # two'", "one # two", VERBATIM, id="single"),
    pytest.param("k: 'it''s'", "it's", [("'", "''")], id="single, a quote"),
    pytest.param("k: ' one \n\n  two\n three '", " one\ntwo three ", [(" ", "\n")], id="single, folded"),
    pytest.param("k: ''", "", VERBATIM, id="single, empty"),
    pytest.param('k: "one"', "one", VERBATIM, id="double"),
    pytest.param(r'k: "a\tb\\c\"d"', 'a\tb\\c"d', [("\t", r"\t"), ("\\", "\\\\"), ('"', r"\"")], id="double, escapes"),
    pytest.param(r'k: "\x41\U0001F600"', "A😀", [("A", r"\x41"), ("😀", r"\U0001F600")], id="double, numbers"),
    pytest.param(r'k: "\uD83D\uDE00\/"', "😀/", [("😀", r"\uD83D\uDE00"), ("/", r"\/")], id="double, as JSON escapes"),
    pytest.param(r'k: "\\uD83D\\uDE00"', r"\uD83D\uDE00", [("\\", "\\\\")] * 2, id="double, no pair"),
    pytest.param(r"k: '\uD83D\uDE00'", r"\uD83D\uDE00", VERBATIM, id="single, no escape at all"),
    pytest.param(r'k: "\0\a\b\e\f\n\r\v\_\N\L\P"', "\0\a\b\x1b\f\n\r\v\xa0\x85\u2028\u2029", None, id="double, all"),
    pytest.param('k: "one  \n   two"', "one two", [(" ", "\n")], id="double, folded"),
    pytest.param('k: "one \\\n   two"', "one two", VERBATIM, id="double, continued"),
    pytest.param('k: "one\\\n   \\ two"', "one two", [(" ", r"\ ")], id="double, continued by a blank"),
    pytest.param('k: "one\\\n\n  two"', "one\ntwo", VERBATIM, id="double, continued over an empty line"),
    pytest.param("k: |\n  one\n    two\n\n  three\n\n", "one\n  two\n\nthree\n", VERBATIM, id="literal"),
    pytest.param("k: |-\n  one\n\n", "one", VERBATIM, id="literal, strip"),
    pytest.param("k: |+\n  one\n\n\n", "one\n\n\n", VERBATIM, id="literal, keep"),
    pytest.param("k: |2- # why\n    one\n   two", "  one\n two", VERBATIM, id="literal, its indentation said"),
    pytest.param("k: |1-\n   ", "  ", VERBATIM, id="literal, blanks alone"),
    pytest.param("k: |\n  one", "one", VERBATIM, id="literal, no line break at the end"),
    pytest.param("k: |\n  one\r\n  two\r\n", "one\ntwo\n", [("\n", "\r\n")] * 2, id="literal, CR LF"),
    pytest.param("k: |\n\n  \n  one\n# no\n", "\n\none\n", VERBATIM, id="literal, empty lines first"),
    pytest.param("k: |\n\nl: 1", "", VERBATIM, id="literal, empty"),
    pytest.param("k: >\n  one\n  two\n\n  three\n", "one two\nthree\n", [(" ", "\n")], id="folded"),
    pytest.param("k: >\n  one\n    two\n  three\n", "one\n  two\nthree\n", VERBATIM, id="folded, deeper lines stay"),
    pytest.param("k: >-\n\n  one\n  two\n\n", "\none two", [(" ", "\n")], id="folded, strip"),
    pytest.param("k: >+\n  one\n  two\n\n", "one two\n\n", [(" ", "\n")], id="folded, keep"),
    pytest.param("k: >\r\n  one\r\n  two\r\n", "one two\n", [(" ", "\r\n"), ("\n", "\r\n")], id="folded, CR LF"),
    pytest.param("k: \x85one\u2028two\ufeff", "\x85one\u2028two\ufeff", VERBATIM, id="breaks of YAML 1.1"),
]


@pytest.mark.parametrize("events", PARSERS)
@pytest.mark.parametrize(("content", "value", "differing"), STYLES)
def test_each_character_knows_its_place(
    content: str, value: str, differing: list[tuple[str, str]] | None, events: Events
) -> None:
    document = read(content, events)
    scalar = first_value(document)
    assert document.problems == ()
    assert scalar.text.value == value
    assert differing is None or unlike(scalar) == differing
    assert len(scalar.text.starts) == len(value) + 1
    assert len(scalar.text.ends) == len(value)
    assert list(scalar.text.starts) == sorted(set(scalar.text.starts)), "no two characters share a place"
    assert scalar.text.span in scalar.span


def test_text_in_the_middle_of_a_folded_scalar() -> None:
    content = "k: >\n  php artisan\n  migrate --force\n"
    text = first_value(read(content)).text
    begin = text.value.index("migrate")
    assert text[begin : begin + 7].span.place == (3, 3, 3, 10)
    assert text[begin : begin + 7].is_verbatim
    assert not text.is_verbatim


PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff"), min_size=1)
LINES = st.text(st.sampled_from("ab'\"\\#:-|> \n\té😀"), min_size=1, max_size=60)


@pytest.mark.parametrize("style", ["", "'", '"', "|", ">"], ids=["plain", "single", "double", "literal", "folded"])
@settings(max_examples=150, deadline=None)
@given(value=st.one_of(PRINTABLE, LINES), nested=st.booleans(), carriage=st.booleans())
def test_any_text_in_any_style(style: str, value: str, nested: bool, carriage: bool) -> None:
    """An emitter writes it, a parser says what it is, and each character must stand where we say."""
    content = emitted(value, style, nested)
    if carriage:
        content = content.replace("\n", "\r\n")
    try:
        said = [values(events, content)[-1] for events in (c_events, python_events)][-1]
    except ruamel.yaml.error.YAMLError:  # a block that begins with a tab, which the emitter should have quoted
        reject()
    scalar = at(read(content).root, *(("a", 0, "k") if nested else ("k",)))
    assert isinstance(scalar, Scalar)
    assert scalar.text.value == said
    for character, written in pieces(scalar):
        escaped = written.startswith("\\") or written == "''"
        broken = (character in " \n") and written in ("\n", "\r\n")
        assert character == written or escaped or broken


def values(events: Events, content: str) -> list[str]:
    return [event.value for event in events(content) if isinstance(event, ruamel_events.ScalarEvent)]


def emitted(value: str, style: str, nested: bool) -> str:
    def scalar(text: str, how: str) -> Any:
        return ruamel_events.ScalarEvent(None, None, (True, True), text, style=how)

    start = ruamel_events.MappingStartEvent(None, None, True, flow_style=False)
    inner = [start, scalar("k", ""), scalar(value, style), ruamel_events.MappingEndEvent()]
    if nested:
        items = [ruamel_events.SequenceStartEvent(None, None, True, flow_style=False), *inner]
        inner = [start, scalar("a", ""), *items, ruamel_events.SequenceEndEvent(), ruamel_events.MappingEndEvent()]
    around = [ruamel_events.StreamStartEvent(), ruamel_events.DocumentStartEvent(explicit=False), *inner]
    around += [ruamel_events.DocumentEndEvent(explicit=False), ruamel_events.StreamEndEvent()]
    stream, emitter = io.StringIO(), ruamel.yaml.YAML(typ="safe", pure=True)
    emitter.width = 30
    emitter.emit(around, stream)
    return stream.getvalue()


# -- trees --------------------------------------------------------------------------------------------------


def test_an_alias_shares_its_node() -> None:
    root = read("a: &x {b: 1}\nc: *x").root
    assert at(root, "c") is at(root, "a")


def test_an_empty_file_has_no_root_and_no_problem() -> None:
    document = read("# nothing\n")
    assert (document.root, document.problems) == (None, ())
    assert [comment.text.value for comment in document.comments] == [" nothing"]


def test_values_that_are_not_written_stand_behind_their_colon_or_dash() -> None:
    content = "a:  # why\n\nb:\n- # why\n- x\nc: {d: , e}\n"
    for events in (c_events, python_events):
        root = read(content, events).root
        places = [node.span.start for node in (at(root, "a"), at(root, "b", 0), at(root, "c", "d")) if node is not None]
        assert places == [2, 15, 32]


@pytest.mark.parametrize(
    ("content", "comments"),
    [
        pytest.param("# a\nk: v # b # c\n", [" a", " b # c"], id="own line and behind a value"),
        pytest.param("k: v#a\nl: '# b'\nm: \"\n # c\"\n", [], id="in scalars"),
        pytest.param("k: | # a\n  # b\n# c\n", [" a", " c"], id="around a block"),
        pytest.param("k: >-\n  # b\n\n  c\n\n # d\nl: [1, # e\n  2]\n", [" d", " e"], id="behind a block, in a list"),
        pytest.param("k: &a # b\n  c\n", [" b"], id="between anchor and value"),
        pytest.param("\ufeff# a\n", [" a"], id="behind a byte-order mark"),
        pytest.param("#!a\r\n#b\r\n", ["!a", "b"], id="CR LF"),
        pytest.param("k: v # a\nl: 'x # b\n# c", [" a"], id="none where a quote is never closed"),
    ],
)
@pytest.mark.parametrize("events", PARSERS)
def test_comments(content: str, comments: list[str], events: Events) -> None:
    assert [comment.text.value for comment in read(content, events).comments] == comments


@pytest.mark.parametrize(
    ("content", "place", "kept"),
    [
        pytest.param("a: 1\nb: [1, 2\n", (2, 4), {"a": 1, "b": [1, 2]}, id="a list is never closed"),
        pytest.param("a: 1\nb: 'x\nc: 2\n", (2, 4), {"a": 1}, id="a quote is never closed"),
        pytest.param("a: 1\nb: c: d\n", (2, 5), {"a": 1, "b": "c"}, id="two colons"),
        pytest.param("a: 1\n\tb: 2\n", (2, 1), {}, id="a tab for indentation"),
        pytest.param("a: [b:c]\nd: 'x\n", (2, 4), {"a": ["b:c"]}, id="behind a colon that libyaml refuses"),
        pytest.param("a: 1\n---\nb: 2\n", (2, 1), {"a": 1}, id="a second document"),
        pytest.param("a: 1\nb: *c\nd: 2\n", (2, 4), {"a": 1, "b": None, "d": 2}, id="an alias without anchor"),
        pytest.param("a: &a [*a]\n", (1, 8), {"a": [None]}, id="an alias inside what it names"),
        pytest.param("a: !cancelled()\nb: 1", (1, 4), {"a": "", "b": 1}, id="a tag by accident"),
        pytest.param("a: {{ b }}\nc: 1", (1, 5), {"a": {"{ b }": None}, "c": 1}, id="a mapping as key"),
        pytest.param("a: b\0c\nd: 1", (1, 5), {"a": "b\0c", "d": 1}, id="a control character"),
        pytest.param("a: b\ud800\nd: 1", (1, 5), {"a": "b\ud800", "d": 1}, id="half a character"),
        pytest.param('a: "\\q"\n', (1, 5), {}, id="an unknown escape"),
        pytest.param("@a: 1\n", (1, 1), None, id="nothing can be read"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_place(content: str, place: tuple[int, int], kept: Any) -> None:
    document = read(content)
    assert [problem.span.place[:2] for problem in document.problems] == [place]
    assert data(document.root) == kept
    message = document.problems[0].message
    assert message[0].islower() or message[0] == "`"
    assert not message.endswith(".")


# -- bounds -------------------------------------------------------------------------------------------------

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "m0: &m0 {k: v}\n" + "".join(f"m{i + 1}: &m{i + 1} {{<<: [*m{i}, *m{i}]}}\n" for i in range(40))
BOMBS = [
    pytest.param(LAUGHS, "nodes", id="billion laughs"),
    pytest.param(MERGES, "nodes", id="doubled merge keys"),
    pytest.param("[" * 20_000, "nested", id="nested lists"),
    pytest.param("{" * 20_000, "nested", id="nested mappings"),
    pytest.param("- " * 20_000, "nested", id="nested dashes"),
    pytest.param("".join(" " * i + "a:\n" for i in range(400)), "nested", id="nested keys"),
    pytest.param("a: &a 1\nb: [" + "*a, " * 3_000 + "]", "aliases", id="aliases"),
]


@pytest.mark.parametrize("events", PARSERS)
@pytest.mark.parametrize(("content", "bound"), BOMBS)
def test_a_bomb_is_a_problem_and_a_bounded_tree(content: str, bound: str, events: Events) -> None:
    document = read(content, events)
    assert [bound in problem.message for problem in document.problems] == [True]
    nodes, depth = walked(document.root)
    assert nodes <= MOST_NODES
    assert depth <= MOST_NESTED


def walked(root: Node | None) -> tuple[int, int]:
    """How many nodes a walk that knows of no aliases meets, and how deep it goes."""
    count = deepest = 0
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        count += 1
        inner: list[Node] = []
        if isinstance(node, Mapping):
            inner = [each for entry in node for each in (entry.key, entry.value)]
        elif isinstance(node, Sequence):
            inner = list(node)
        deepest = max(deepest, depth + (not isinstance(node, Scalar)))
        waiting += [(each, depth + 1) for each in inner]
    return count, deepest


def test_a_colon_that_libyaml_refuses_is_a_problem_in_a_huge_file_alone() -> None:
    content = "a: [b:c]\n" + "# filling\n" * 20_000
    assert read(content[:1_000]).problems == ()
    assert [problem.message for problem in read(content, c_events).problems] == ["found unexpected ':'"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("&x [" * 30 + "1" + "]" * 30, id="nested"),
        pytest.param("a: &a [1, 2]\nb: &b [*a, *a]\nc: [*b, *b]\n", id="shared"),
    ],
)
def test_within_the_bounds_nothing_is_said(content: str) -> None:
    assert read(content).problems == ()


@pytest.mark.parametrize("number", ["9" * 200_000, "-" + "9" * 200_000, "0x" + "f" * 200_000, "0o" + "7" * 200_000])
def test_a_huge_integer_is_infinite(number: str) -> None:
    value = first_value(read(f"k: {number}")).value
    assert isinstance(value, float)
    assert math.isinf(value)


# -- the corpus ---------------------------------------------------------------------------------------------


def corpus(*patterns: str) -> list[Path]:
    folder = os.environ.get("OPSLINT_CORPUS")
    if not folder:
        pytest.skip("OPSLINT_CORPUS names no folder of repositories")
    return sorted(path for pattern in patterns for path in Path(folder).rglob(pattern))


def test_real_yaml_reads_as_ruamel_composes_it() -> None:
    for path in corpus("*.yml", "*.yaml"):
        content = path.read_bytes().decode("utf-8", "replace")
        document = read(content)
        composed = ruamel.yaml.YAML(typ="safe", pure=True).load(content)
        assert data(document.root) == composed, path
        assert drawn(document) == drawn(read(content, python_events)), path


def test_real_json_reads_as_json() -> None:
    for path in corpus("composer.json"):
        content = path.read_bytes().decode("utf-8", "replace")
        document = read(content)
        assert document.problems == (), path
        assert data(document.root) == json.loads(content.lstrip("\ufeff")), path
