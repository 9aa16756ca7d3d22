"""The commit hook: found where it is, added where it is not, and pre-commit takes the result."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from opslint.adoption import hook
from opslint.files import Memory
from opslint.source import Source
from opslint.syntax import yaml
from opslint.syntax.schema import plain
from tests.test_packaging import HOOKS

WITH_BLACK = """\
default_install_hook_types: [pre-commit, commit-msg]
repos:
- repo: https://github.com/psf/black
  rev: 24.1.0  # frozen
  hooks:
  - id: black
"""
CONFIGURATIONS = {
    "none": None,
    "empty": "",
    "only a comment": "# hooks come here\n",
    "others": WITH_BLACK,
    "an empty list": "repos: []\n",
    "local hooks": "repos:\n  - repo: local\n    hooks: [{id: x, name: x, entry: x, language: system}]\nfail_fast: true\n",
}


def files(content: str | None) -> Memory:
    return Memory({} if content is None else {hook.PATH: content})


@pytest.mark.parametrize("content", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_the_hook_is_added_once(content: str | None) -> None:
    assert not hook.is_there(files(content))
    change = hook.change(files(content))
    assert change.before == content
    assert hook.is_there(files(change.after))


def test_the_rest_stays_as_it_is() -> None:
    assert hook.change(files(WITH_BLACK)).after == WITH_BLACK + (
        "- repo: https://github.com/opslint/opslint\n  rev: v0.1.0\n  hooks:\n    - id: opslint\n"
    )


@pytest.mark.parametrize(
    "content",
    [
        "repos: [{repo: 'https://example.org/mirror', rev: x, hooks: [{id: opslint}]}]",
        "repos:\n  - repo: x\n    hooks:\n      - id: black\n      - id: opslint-project\n",
    ],
    ids=["from a mirror", "the hook for the whole project"],
)
def test_a_hook_that_is_there_is_seen_whoever_serves_it(content: str) -> None:
    assert hook.is_there(files(content))


@pytest.mark.parametrize("content", ["repos: x", "repos: [x, {hooks: [y]}, {hooks: }]", "[", "- a"])
def test_nonsense_has_no_hook_and_does_no_harm(content: str) -> None:
    assert not hook.is_there(files(content))


def test_what_is_added_names_a_hook_that_we_serve() -> None:
    repository = plain(yaml.read(Source("", hook.change(files(None)).after)).root)["repos"][0]
    assert [each["id"] for each in repository["hooks"]] == ["opslint"]
    assert "opslint" in {each["id"] for each in HOOKS}


@pytest.mark.oracle
@pytest.mark.parametrize("content", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_pre_commit_takes_the_result(tmp_path: Path, content: str | None) -> None:
    program = Path(sys.executable).parent / "pre-commit"
    if not program.is_file():
        pytest.skip("pre-commit is not installed")
    (tmp_path / hook.PATH).write_text(hook.change(files(content)).after)
    done = subprocess.run([program, "validate-config", hook.PATH], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
