"""NEON: the values, complaints and places of nette/neon, on recorded answers and on whatever hypothesis thinks of."""

from __future__ import annotations

import base64
import datetime
import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslint.source import Source, Span
from opslint.syntax import neon
from opslint.syntax.neon_layout import DEPTH, Layout
from opslint.syntax.neon_value import ValueProblem, literal
from opslint.syntax.php_array import array_key
from opslint.syntax.tree import Document, Entity, Mapping, Node, Scalar, Sequence, at

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures" / "syntax" / "neon"
RECORDED = json.loads((ROOT / "tests" / "data" / "neon" / "values.json").read_text(encoding="utf-8"))
YEAR_ZERO = {"dates#12", "dates#13"}  # Python's dates begin with year 1: they stay words


def read(content: str) -> Document:
    return neon.read(Source("file.neon", content))


def content(case: dict[str, Any]) -> str:
    if "input" in case:
        return str(case["input"])
    return base64.b64decode(case["base64"]).decode("utf-8", "surrogateescape")


def php(node: Node | None) -> Any:
    """A node in the notation of the recorded answers."""
    match node:
        case None:
            return None
        case Scalar(value=float(value)):
            return {"float": struct.pack(">d", value).hex()}
        case Scalar(value=datetime.datetime() as value):
            zoned = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
            return {"date": zoned.isoformat(timespec="microseconds")}
        case Scalar(value=value):
            return value
        case Entity(value=value, attributes=attributes):
            return {"entity": [php(value), php(attributes)]}
        case Sequence(items=items):
            return {"list": [php(item) for item in items]}
    entries = {array_key(f"{entry.key.value}!" if entry.flag else entry.key.value): php(entry.value) for entry in node}
    if list(entries) == list(range(len(entries))):
        return {"list": list(entries.values())}
    return {"map": [[key, value] for key, value in entries.items()]}


def scalars(node: Node | None) -> Iterator[Scalar]:
    match node:
        case Scalar():
            yield node
        case Entity():
            yield from scalars(node.value)
            yield from scalars(node.attributes)
        case Sequence():
            for item in node:
                yield from scalars(item)
        case Mapping():
            for entry in node:
                yield entry.key
                yield from scalars(entry.value)


def place(span: Span) -> str:
    line, column, last_line, last_column = span.place
    return f"{line}:{column}-{last_line}:{last_column}"


def drawn(document: Document) -> str:
    """A document as text: each node with its place, then comments and problems."""
    lines = [*_drawn(document.root, 0)]
    lines += [f"comment {place(comment.text.span)} {comment.text.value!r}" for comment in document.comments]
    lines += [f"problem {place(problem.span)} {problem.message}" for problem in document.problems]
    return "\n".join(lines) + "\n"


def _drawn(node: Node | None, depth: int, label: str = "") -> Iterator[str]:
    head = "  " * depth + label
    match node:
        case None:
            yield head + "nothing"
        case Scalar():
            yield f"{head}{place(node.span)} {node.style} {node.value!r}"
        case Entity():
            yield f"{head}{place(node.span)} entity"
            yield from _drawn(node.value, depth + 1, "= ")
            yield from _drawn(node.attributes, depth + 1, "( ")
        case Sequence():
            yield f"{head}{place(node.span)} sequence"
            for item in node:
                yield from _drawn(item, depth + 1, "- ")
        case Mapping():
            yield f"{head}{place(node.span)} mapping"
            for entry in node:
                yield from _drawn(entry.key, depth + 1, "?! " if entry.flag else "? ")
                yield from _drawn(entry.value, depth + 1, ": ")


@pytest.mark.parametrize("case", RECORDED, ids=[case["id"] for case in RECORDED])
def test_agrees_with_nette(case: dict[str, Any]) -> None:
    document = read(content(case))
    if "error" in case:
        message, line, column = case["error"]
        first = document.problems[0]
        assert first.message == message
        assert line is None or neon.position(first.span) == (line, column)
        return
    assert document.problems == ()
    if case["id"] in YEAR_ZERO:
        assert php(document.root) == case["input"]
    else:
        assert json.dumps(php(document.root)) == json.dumps(case["value"])


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.neon")), ids=lambda path: path.name)
def test_everything_stands_at_its_place(path: Path, request: pytest.FixtureRequest) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        found = drawn(neon.read(Source(path.name, file.read())))
    tree = path.with_name(path.name + ".tree")
    if request.config.getoption("--regenerate"):
        tree.write_text(found, encoding="utf-8")
    assert found == tree.read_text(encoding="utf-8")


def test_one_bad_entry_does_not_hide_the_rest() -> None:
    document = read("parameters:\n\tlevel: 5\n\tpaths: [app,\n\t\t- a\n\ttmpDir: x\nrules: { A ]\nservices: [b]\n")
    assert [problem.message for problem in document.problems] == ["Unexpected '-'", "Unexpected ']'"]
    assert str(at(document.root, "parameters", "level")) == "5"
    assert at(document.root, "parameters", "paths") is None
    assert str(at(document.root, "parameters", "tmpDir")) == "x"
    assert str(at(document.root, "services", 0)) == "b"


def test_a_bad_end_does_not_hide_the_rest() -> None:
    document = read("k: v\na:\n  b:\n\t")
    assert [problem.message for problem in document.problems] == ["Invalid combination of tabs and spaces"]
    assert str(at(document.root, "k")) == "v"


def test_a_flag_is_no_part_of_its_key() -> None:
    document = read("paths!: [a]\n'paths!': [b]\n")
    assert isinstance(document.root, Mapping)
    plain, quoted = document.root.entries
    assert (plain.flag, str(plain.key), plain.key.span.written) == (True, "paths", "paths")
    assert (quoted.flag, str(quoted.key), quoted.key.span.written) == (True, "paths", "'paths!'")


@pytest.mark.parametrize(
    "written",
    [
        pytest.param('"a\\u0041\\ud83d\\ude00\\n"', id="escapes"),
        pytest.param("'it''s'", id="quotes"),
        pytest.param("'''\n\t\ta\n\t\t\tb\n\t'''", id="indentation"),
        pytest.param('"""\n  a\\t\n b\n"""', id="indentation and escapes"),
        pytest.param("'a\rb'", id="carriage return"),
    ],
)
def test_every_character_knows_where_it_stands(written: str) -> None:
    document = read(f"k: {written}\n")
    node = at(document.root, "k")
    assert isinstance(node, Scalar)
    assert node.span.written == written
    text = node.text
    assert text.value == node.value
    assert len(text.starts) == len(text.value) + 1
    for character, start, end in zip(text.value, text.starts, text.ends, strict=False):
        assert document.source.content[start:end] == character or document.source.content[start] in "\\'"


HOSTILE = {
    "open brackets": "[" * 5_000,
    "brackets": "[" * 5_000 + "]" * 5_000,
    "entities": "a(" * 5_000,
    "dashes": "- " * 5_000 + "]",
    "dashes, nette's exponential case": "- " * 30 + "]",
    "deeper and deeper": "".join(" " * depth + "a:\n" for depth in range(1_000)),
    "one quote": "'" * 100_001,
    "many quotes": '"""\n' * 20_000,
    "all lines bad": "a: ]\n" * 20_000,
    "one key again and again": "a: b\n" * 20_000,
    "digits": "1" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_input_is_a_problem(text: str) -> None:
    document = read(text)
    assert document.problems or text.isdigit()
    assert len(document.problems) <= 100


def test_nesting_ends_somewhere() -> None:
    assert read("[" * DEPTH + "]" * DEPTH).problems[0].message == f"nested more than {DEPTH} levels deep"
    assert not read("[" * (DEPTH - 1) + "]" * (DEPTH - 1)).problems


SIGNS = "\n\n\n\t  ::--==,[]{}()#'\"!\\abcx019.ž𝄞"
PIECES = [*SIGNS, "a: b", "\n\t", "\n  ", "- ", "-\n", "'''\n", '"""\n', "\r\n", "\\u00e9"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_text_is_read(text: str) -> None:
    document = read(text)
    for problem in document.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
    for scalar in scalars(document.root):
        if isinstance(scalar.value, str) and scalar.text.value and not document.problems:
            assert scalar.text.value.rstrip("!") == scalar.value.rstrip("!")
        assert scalar.span.start <= scalar.text.span.start <= scalar.text.span.end <= scalar.span.end


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_many_lines_at_once_are_read_like_one_by_one(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        fast = drawn(read(text))
        patch.setattr(Layout, "_pairs", lambda layout, block, position: ([], position))
        patch.setattr(Layout, "_items", lambda layout, block: [])
        assert drawn(read(text)) == fast


def test_lark_is_loaded_late() -> None:
    check = "import sys, opslint.syntax.neon; assert 'lark' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=False).returncode == 0


def test_a_place_where_nothing_fits_comes_first() -> None:
    document = read("a: 1\na: 2\nb: `\n")
    assert [problem.message for problem in document.problems] == ["Unexpected '`\\n'", "Duplicated key 'a'"]


@pytest.fixture
def php_program() -> str:
    program = shutil.which("php")
    if program is None:
        pytest.skip("PHP is not installed")
    return program


def asked(program: str, code: str, words: list[str]) -> list[str]:
    command = [program, "-n", "-r", code, "--", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


NUMBERS = ["0", "-0", "+1", "1.", ".5", "1e3", "1e400", "017", "1_000", "0x1F", "e5", ".", "-", "+", "99"]
DATES = ["2020-02-30", "2020-00-00", "2020-13-01", "2020-01-32", "2020-1-1 24:00:00", "2020-01-01 1:20:30.5 +2",
         "2020-01-01 10:60:00", "2020-01-01T10:20:30Z", "2020-01-01 10:00:61", "2021-12-31 23:59:60 -0530"]  # fmt: skip


@pytest.mark.oracle
def test_dates_are_those_of_php(php_program: str) -> None:
    code = r"""
        date_default_timezone_set('UTC');
        foreach (array_slice($argv, 1) as $date) {
            try { echo (new DateTimeImmutable($date))->format('Y-m-d\TH:i:s.uP'), PHP_EOL; }
            catch (Exception $e) { echo 'refused', PHP_EOL; }
        }"""
    for word, answer in zip(DATES, asked(php_program, code, DATES), strict=True):
        try:
            value = literal(word)
        except ValueProblem:
            assert answer == "refused"
            continue
        assert isinstance(value, datetime.datetime)
        zoned = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        assert zoned.isoformat(timespec="microseconds") == answer


@pytest.mark.oracle
def test_numbers_are_those_of_php(php_program: str) -> None:
    code = "foreach (array_slice($argv, 1) as $n) echo json_encode(is_numeric($n)), PHP_EOL;"
    for word, answer in zip(NUMBERS, asked(php_program, code, NUMBERS), strict=True):
        based = word.startswith("0x")  # NEON's own, no number to PHP's is_numeric
        assert isinstance(literal(word), (int, float)) == (json.loads(answer) or based), word


def test_the_corpus_is_read() -> None:
    corpus = os.environ.get("OPSLINT_CORPUS")
    if not corpus:
        pytest.skip("OPSLINT_CORPUS names no folder of files")
    paths = [path for path in Path(corpus).rglob("*") if path.name.endswith((".neon", ".neon.dist")) and path.is_file()]
    assert paths
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            document = neon.read(Source(path.name, file.read()))
        assert document.problems == (), path
