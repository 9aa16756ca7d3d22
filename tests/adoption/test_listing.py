"""Adding to a list in YAML: the rest stays as it is, character by character."""

from __future__ import annotations

import pytest

from opslint.adoption.listing import NotEditableError, with_item
from opslint.source import Source

ITEM = ("repo: new", "hooks:", "  - id: x")
FLOW = "{repo: new, hooks: [{id: x}]}"


def added(before: str) -> str:
    return with_item(Source("c.yaml", before), "repos", ITEM, FLOW)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "repos:\n  - repo: new\n    hooks:\n      - id: x\n", id="an empty file"),
        pytest.param("# ours\n", "# ours\nrepos:\n  - repo: new\n    hooks:\n      - id: x\n", id="only a comment"),
        pytest.param(
            "fail_fast: true", "fail_fast: true\nrepos:\n  - repo: new\n    hooks:\n      - id: x\n", id="no such key, no line break at the end"
        ),
        pytest.param("repos:\nci: {}\n", "repos:\n  - repo: new\n    hooks:\n      - id: x\nci: {}\n", id="a key without value"),
        pytest.param(
            "repos:  # none yet\nci: {}\n", "repos:  # none yet\n  - repo: new\n    hooks:\n      - id: x\nci: {}\n", id="a key without value but with a comment"
        ),
        pytest.param("repos: ~\n", "repos: \n  - repo: new\n    hooks:\n      - id: x\n", id="null written out"),
        pytest.param("repos: []\n", "repos: [{repo: new, hooks: [{id: x}]}]\n", id="an empty list in brackets"),
        pytest.param("repos: [ {repo: a} ]\n", "repos: [ {repo: a}, {repo: new, hooks: [{id: x}]} ]\n", id="a list in brackets"),
        pytest.param("repos: [{repo: a}, ]\n", "repos: [{repo: a}, {repo: new, hooks: [{id: x}]} ]\n", id="a comma at its end"),
        pytest.param(
            "repos: one.yml  # why\n", "repos: [one.yml, {repo: new, hooks: [{id: x}]}]  # why\n", id="one value instead of a list"
        ),
        pytest.param(
            "repos:\n- repo: a\n  hooks:\n  - id: b  # last\nci: {}\n",
            "repos:\n- repo: a\n  hooks:\n  - id: b  # last\n- repo: new\n  hooks:\n    - id: x\nci: {}\n",
            id="a list at its key's column",
        ),
        pytest.param(
            "repos:\n    - repo: a\n      hooks:\n        - id: b\n        # - id: c\n\n# the end\nci: {}\n",
            "repos:\n    - repo: a\n      hooks:\n        - id: b\n        # - id: c\n    - repo: new\n      hooks:\n        - id: x\n\n# the end\nci: {}\n",
            id="a comment of the last item stays with it",
        ),
        pytest.param(
            "repos:\n  - repo: a\n\n  # two\n  - repo: b\n",
            "repos:\n  - repo: a\n\n  # two\n  - repo: b\n\n  - repo: new\n    hooks:\n      - id: x\n",
            id="blank lines between items",
        ),
        pytest.param(
            "repos:\r\n  - repo: a", "repos:\r\n  - repo: a\r\n  - repo: new\r\n    hooks:\r\n      - id: x\r\n", id="CR LF, no line break at the end"
        ),
        pytest.param(
            "repos:\n  - repo: a\n    text: |\n      - b\n\n",
            "repos:\n  - repo: a\n    text: |\n      - b\n  - repo: new\n    hooks:\n      - id: x\n\n",
            id="a block text at the end",
        ),
        pytest.param(
            "---\nrepos:\n  -\n    repo: a\n...\n", "---\nrepos:\n  -\n    repo: a\n  - repo: new\n    hooks:\n      - id: x\n...\n", id="a dash on its own line"
        ),
        pytest.param(
            "job: {script: !reference [a, b]}\nrepos:\n  - a\n",
            "job: {script: !reference [a, b]}\nrepos:\n  - a\n  - repo: new\n    hooks:\n      - id: x\n",
            id="GitLab's own tags",
        ),
    ],
)
def test_an_item_is_added(before: str, after: str) -> None:
    assert added(before) == after


@pytest.mark.parametrize(
    ("before", "why"),
    [
        pytest.param("repos: [\n", "c.yaml:2:1: ", id="no YAML"),
        pytest.param("- a\n", "c.yaml:1:1: nothing can be added to `repos` as it is written", id="a list as root"),
        pytest.param("{repos: []}\nx", "c.yaml:2:1: ", id="rubbish behind the root"),
        pytest.param("ci: x\nrepos:\n  repo: a\n", "c.yaml:2:1: nothing can be added to `repos` as it is written", id="a mapping"),
        pytest.param("a: &x\n  - b\nrepos: *x\n", "c.yaml:3:1: nothing can be added to `repos` as it is written", id="an alias: both would change"),
        pytest.param("a: b\n---\nc: d\n", "c.yaml:2:1: ", id="two documents"),
        pytest.param("a: &x {b: c}\nrepos:\n  - d\n  - *x\n", "c.yaml:2:1: nothing can be added to `repos` as it is written", id="an alias is the last item"),
    ],
)
def test_what_cannot_be_added_to_is_refused_with_its_place(before: str, why: str) -> None:
    with pytest.raises(NotEditableError) as error:
        added(before)
    assert str(error.value).startswith(why)


def test_a_root_in_braces_is_added_to_inside() -> None:
    assert added("{repos: []}\n") == "{repos: [{repo: new, hooks: [{id: x}]}]}\n"
