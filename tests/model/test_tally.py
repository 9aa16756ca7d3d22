"""Baselines summed fast: the same as read in full, whatever is written in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from opslint.model.phpstan_ignores import ignored_in
from opslint.model.tally import Rows, row, tally
from opslint.source import Source
from opslint.syntax import neon

ENTRY = "\t\t-\n\t\t\tmessage: '#^a$#'\n\t\t\tcount: 2\n\t\t\tpath: app/A.php\n"
OTHER = "\t\t-\n\t\t\tmessage: '#^b$#'\n\t\t\tidentifier: x.y\n\t\t\tpath: app/B/C/D.php\n"
HEAD = "parameters:\n\tignoreErrors:\n"


def test_entries_are_known_again() -> None:
    rows = Rows()
    first, second = rows.of(HEAD + ENTRY + "\n" + OTHER), rows.of(HEAD + OTHER)
    assert first is not None
    assert second is not None
    assert [each.errors for each in first] == [2, 1]
    assert second == first[1:]
    assert second[0] is first[1]


def test_the_sum_and_its_groups() -> None:
    rows = Rows().of(HEAD + ENTRY + OTHER)
    assert rows is not None
    found = tally(rows, "tools")
    assert (found.errors, found.entries, found.unbounded) == (3, 2, 1)
    assert found.identifiers == {"": 2, "x.y": 1}
    assert found.folders == {"tools/app": 3}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("parameters:\n\tlevel: 5\n", id="no baseline"),
        pytest.param(HEAD, id="no entry"),
        pytest.param(HEAD + "\t\t- '#a#'\n", id="another form"),
        pytest.param(HEAD + ENTRY + "\tlevel: 5\n", id="more than ignores"),
        pytest.param(HEAD + "\t\t-\n\t\t\tmessage: '''\n\t\t-\n\t\t\tx\n\t\t\t'''\n", id="a text that looks like an entry"),
        pytest.param(HEAD + ENTRY + "\t\t-\n", id="an empty entry"),
        pytest.param("", id="an empty file"),
    ],
)
def test_what_has_another_form_is_left_to_the_reader(content: str) -> None:
    rows = Rows().of(content)
    entries = ignored_in(neon.read(Source("a.neon", content)), "a.neon")
    assert rows is None or [each.errors for each in rows] == [each.errors for each in entries]


@pytest.mark.skipif("OPSLINT_CORPUS" not in os.environ, reason="OPSLINT_CORPUS names no corpus")
def test_every_baseline_of_the_corpus_sums_up_as_read_in_full() -> None:
    rows, fast = Rows(), 0
    for path in sorted(Path(os.environ["OPSLINT_CORPUS"]).rglob("*.neon")):
        content = path.read_text("utf-8")
        found = rows.of(content)
        if found is not None:
            fast += 1
            assert found == tuple(row(each) for each in ignored_in(neon.read(Source("a.neon", content)), "a.neon"))
    assert fast >= 10
