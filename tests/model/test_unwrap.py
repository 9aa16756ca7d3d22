"""Unwrapping: what a nested script is told to be, for whoever plays it through."""

from __future__ import annotations

import pytest

from opslint.model.unwrap import Nested, unwrap
from opslint.source import Source
from opslint.syntax.script import Pipeline, Simple
from opslint.syntax.shell import script


def nested(content: str) -> Nested | None:
    statement = script(Source("x.sh", content).text).body.items[0].statement
    if isinstance(statement, Pipeline):
        before, last = statement.commands
        assert isinstance(before, Simple)
        assert isinstance(last, Simple)
        return unwrap(last, before).nested
    assert isinstance(statement, Simple)
    return unwrap(statement).nested


@pytest.mark.parametrize(
    ("content", "shell", "flags"),
    [
        pytest.param("bash -c a", "bash", "", id="no flag"),
        pytest.param("bash -ec a", "bash", "errexit", id="in a cluster"),
        pytest.param("bash -e -c a", "bash", "errexit", id="apart"),
        pytest.param("bash -eo pipefail -c a", "bash", "errexit pipefail", id="pipefail"),
        pytest.param("bash -o pipefail -c a", "bash", "pipefail", id="pipefail alone"),
        pytest.param("sh -c a", "sh", "", id="sh"),
        pytest.param("ssh h a", "bash", "remote", id="the login shell has no flags"),
        pytest.param("ssh h bash -e <<E\na\nE\n", "bash", "remote errexit stdin", id="a remote bash has its own"),
        pytest.param("ssh h 'bash -se' <<E\na\nE\n", "bash", "remote errexit stdin", id="in quotes"),
        pytest.param("ssh h <<E\na\nE\n", "bash", "remote stdin", id="a here-document"),
        pytest.param("echo a | ssh h sh", "sh", "remote stdin", id="a pipe"),
        pytest.param("eval a", "", "same_shell", id="eval stays in its shell"),
        pytest.param("kubectl exec x -- sh -ec a", "sh", "remote errexit", id="in a pod"),
    ],
)
def test_nested_scripts_know_their_shell(content: str, shell: str, flags: str) -> None:
    found = nested(content)
    assert found is not None
    assert found.shell == shell
    told = [name for name in ("remote", "errexit", "pipefail", "same_shell") if getattr(found, name)]
    assert " ".join([*told, *(["stdin"] if found.given == "stdin" else [])]) == flags
    assert [str(item.statement.raw) for item in found.script.body.items] == ["a"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("bash deploy.sh", id="a script of its own"),
        pytest.param("bash", id="reads what is not known"),
        pytest.param('eval "$X"', id="only known when it runs"),
        pytest.param("ssh h 'bash -s' < x.sh", id="a file is followed by whoever knows files"),
    ],
)
def test_what_holds_no_script_has_none(content: str) -> None:
    assert nested(content) is None


def test_a_script_that_is_read_from_a_file_keeps_the_other_flags() -> None:
    statement = script(Source("x.sh", "ssh h 'bash -es' < x.sh").text).body.items[0].statement
    assert isinstance(statement, Simple)
    assert [word.value for word in unwrap(statement).words] == ["bash", "-e", "x.sh"]
