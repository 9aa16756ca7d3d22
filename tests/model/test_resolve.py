"""Variables of a shell script: which it sets, which it uses."""

from __future__ import annotations

import pytest

from opslint.model.resolve import sets_unseen, settings, uses
from opslint.source import Source
from opslint.syntax.script import Script
from opslint.syntax.shell import script


def read(content: str) -> Script:
    return script(Source("x.sh", content).text)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("A=1 B=2 run", "A B", id="assignments"),
        pytest.param("export A=1 B", "A", id="exported, with a value"),
        pytest.param("f() { local A=1; }", "A", id="in a function"),
        pytest.param("for A in 1; do :; done", "A", id="loop"),
        pytest.param("read -r A B <<< x", "A B", id="read"),
        pytest.param("printf -v A %s 1", "A", id="printf"),
        pytest.param("if x; then A=1; else B=2; fi", "A B", id="in branches"),
        pytest.param("echo A=1", "", id="only said"),
    ],
)
def test_script_sets(content: str, expected: str) -> None:
    assert list(settings(read(content))) == expected.split()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param('echo $A "${B%/}" ${#C}', "A B C", id="words"),
        pytest.param("echo ${A:-x} ${B-x} ${C:+x} ${D:?x}", "", id="with an answer of their own"),
        pytest.param("echo $1 $? $@ $$", "", id="no names"),
        pytest.param("X=$A run < $B > $C", "A B C", id="assignments and redirections"),
        pytest.param("cat <<EOF\n$A\nEOF\n", "A", id="here-document"),
        pytest.param("cat <<'EOF'\n$A\nEOF\n", "", id="quoted here-document"),
        pytest.param("for i in $A; do echo $(ls $B); done", "A B", id="loop and substitution"),
        pytest.param("case $A in $B) ;; esac", "A B", id="case"),
        pytest.param("awk '{print $A}'", "", id="single quotes"),
    ],
)
def test_script_uses(content: str, expected: str) -> None:
    assert [use.name for use in uses(read(content))] == expected.split()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(". ./.env", True, id="sources a file"),
        pytest.param("source ~/.nvm/nvm.sh", False, id="sources nvm"),
        pytest.param("eval $(x)", True, id="eval"),
        pytest.param("export $(cat .env)", True, id="exports what it reads"),
        pytest.param("export A=$(x)", False, id="exports a name"),
    ],
)
def test_script_may_set_what_is_not_seen(content: str, expected: bool) -> None:
    assert sets_unseen(read(content)) is expected
