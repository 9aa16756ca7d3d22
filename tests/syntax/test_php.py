"""PHP arrays read as data: what PHP itself would return, and undecided where only PHP could tell."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslint.source import Source
from opslint.syntax import php
from opslint.syntax.php_array import DIRECTORY, ENV, OPAQUE, array_key, is_opaque, settled
from opslint.syntax.tree import Document, Entity, Mapping, Node, Scalar, Sequence, at


def read(content: str) -> Document | None:
    return php.read_array(Source("config/queue.php", content))


def root(expression: str) -> Node | None:
    document = read(f"<?php\nreturn {expression};\n")
    assert document is not None
    assert document.problems == ()
    return document.root


def data(node: Node | None) -> Any:
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [data(item) for item in node]
        case Mapping():
            return {array_key(entry.key.value): data(entry.value) for entry in node}
        case Entity():
            return {str(node.value): data(node.attributes)}
    return None


KNOWN = [
    "[]",
    "array(1, 'a', null, true, False, NULL)",
    "['a' => 1, 'b' => [2, 3], 5 => 'x', 'y', '7' => 'z', 'w']",
    "[-3, +4, -1.5, 1_000, 0x1F, 0b11, 0755, 0o17, .5, 1e3]",
    r"""['it\'s', '\n', 'a\\b', "a\n\t\"\$\\ \u{17e} \x41 \101", "\q", "ž"]""",
    "[60 * 24, 60 * (2 + 3) - 1, 'a' . 'b' . 'c']",
    "['nested' => ['deep' => ['x' => 1]]]",
    "[(int) '90', (bool) 0, (string) 'x']",
]
UNKNOWN = [
    pytest.param("Foo::class", id="constant"),
    pytest.param("storage_path('x')", id="call"),
    pytest.param('"a $b"', id="variable in a string"),
    pytest.param("$undefined", id="variable"),
    pytest.param("fn () => 1", id="function"),
    pytest.param("$a ?: 1", id="condition"),
    pytest.param("<<<EOT\na\nEOT", id="heredoc"),
    pytest.param("9223372036854775808", id="too large"),
    pytest.param("9" * 10_000, id="far too large"),
]


@pytest.mark.oracle
@pytest.mark.parametrize("expression", KNOWN)
def test_reads_what_php_returns(expression: str, tmp_path: Path) -> None:
    program = shutil.which("php")
    if program is None:
        pytest.skip("PHP is not installed")
    code = f"echo json_encode({expression}, JSON_PRESERVE_ZERO_FRACTION);"
    answer = subprocess.run([program, "-n", "-r", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert json.loads(json.dumps(data(root(expression)))) == json.loads(answer.stdout)


@pytest.mark.parametrize("expression", UNKNOWN)
def test_does_not_guess(expression: str) -> None:
    found = root(f"['k' => {expression}]")
    assert is_opaque(at(found, "k"))
    assert at(found, "k").span.written == expression  # type: ignore[union-attr]


def test_an_unpacked_array_is_one_unknown_item() -> None:
    assert data(root("[...$x, 'k' => 1]")) == {0: {OPAQUE: []}, "k": 1}


@pytest.mark.parametrize(
    ("expression", "value", "variable"),
    [
        pytest.param("env('RETRY', 90)", 90, "RETRY", id="default"),
        pytest.param("env('RETRY')", None, "RETRY", id="no default"),
        pytest.param("(int) env('RETRY', '90')", 90, "RETRY", id="cast"),
        pytest.param("env('A', env('B', 'c'))", "c", "A", id="nested"),
        pytest.param("90", 90, None, id="no variable"),
    ],
)
def test_env_is_its_default_until_told_otherwise(expression: str, value: Any, variable: str | None) -> None:
    node, name = settled(root(expression))
    assert isinstance(node, Scalar)
    assert (node.value, name) == (value, variable)


def test_the_folder_of_the_file_is_named() -> None:
    assert data(root("[__DIR__ . '/../a.php', __DIR__]")) == [{DIRECTORY: ["/../a.php"]}, {DIRECTORY: [""]}]
    assert data(root("env('X', __DIR__)")) == {ENV: ["X", {DIRECTORY: [""]}]}


BASELINE = """<?php declare(strict_types = 1);

// total 3 errors
$ignoreErrors = [];
$ignoreErrors[] = [
	// identifier: x.y
	'message' => '#^Ž\\'s$#',
	'count' => 2,
	'path' => __DIR__ . '/app/A.php',
];
$ignoreErrors[] = ['message' => '#^b$#', 'count' => 1, 'path' => __DIR__ . '/app/B.php'];

return ['parameters' => ['ignoreErrors' => $ignoreErrors]];
"""


def test_a_generated_baseline() -> None:
    document = read(BASELINE)
    assert document is not None
    entries = at(document.root, "parameters", "ignoreErrors")
    assert [data(entry)["count"] for entry in entries.items] == [2, 1]  # type: ignore[union-attr]
    message = at(entries, 0, "message")
    assert isinstance(message, Scalar)
    assert (message.value, message.span.written) == ("#^Ž's$#", "'#^Ž\\'s$#'")
    assert [str(comment.text).strip() for comment in document.comments] == ["total 3 errors", "identifier: x.y"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("if ($x) { $ignoreErrors = []; }", id="condition"),
        pytest.param("foreach ($all as $ignoreErrors) {}", id="loop"),
        pytest.param("array_pop($ignoreErrors);", id="call"),
        pytest.param("$ignoreErrors += [1];", id="other assignment"),
        pytest.param("$ignoreErrors['a']['b'] = 1;", id="deeper"),
    ],
)
def test_a_variable_that_changes_unseen_is_unknown(change: str) -> None:
    document = read(BASELINE.replace("\nreturn", f"{change}\nreturn"))
    assert document is not None
    assert is_opaque(at(document.root, "parameters", "ignoreErrors"))


def test_a_return_under_a_condition_leaves_all_unknown() -> None:
    document = read("<?php\nif ($x) { return [1]; }\nreturn [2];\n")
    assert document is not None
    assert is_opaque(document.root)


def test_a_file_that_returns_nothing_is_none() -> None:
    assert read("<?php\n$a = [1];\n") is None


def test_what_is_no_php_has_a_place() -> None:
    document = read("<?php\nreturn ['a' => 1, 'b' => ];\n")
    assert document is not None
    (problem,) = document.problems
    assert problem.message == "this is not valid PHP"
    assert str(problem.span).startswith("config/queue.php:2:")


HOSTILE = {
    "open": "<?php return " + "[" * 5_000,
    "deep": "<?php return " + "['a'=>" * 2_000 + "1" + "]" * 2_000 + ";",
    "long sum": "<?php return 1" + "+1" * 5_000 + ";",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_input_is_read(text: str) -> None:
    read(text)


PIECES = [*"[](){}'\"\\$;,.=>-+*1až\n", "=>", "return ", "env(", "$x", "$x[] = ", "'a'"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_text_is_read(pieces: list[str]) -> None:
    text = "<?php " + "".join(pieces)
    document = read(text)
    if document and document.root:
        assert 0 <= document.root.span.start <= document.root.span.end <= len(text)
