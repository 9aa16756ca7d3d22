"""Acts: every line of `rules/acts.yaml` by its own examples, and the team's lines before ours."""

from __future__ import annotations

import pytest

from opslint.model.act import Act, Acts, Entry, bundled
from opslint.model.command import Command, Site, commands
from opslint.model.option import line
from opslint.source import Source
from opslint.syntax.script import Word
from opslint.syntax.shell import script
from opslint.syntax.tree import Scalar

ACTS = Acts.load({})


def last(content: str) -> Command:
    return list(commands(script(Source("x.sh", content).text), Site("script", "x.sh", "x.sh")))[-1]


def words(content: str) -> tuple[Word, ...]:
    return last(content).words


def uses(acts: Acts, example: str) -> Act | None:
    """`owner/repo@v1 name=value`"""
    repository, _, given = example.partition(" ")
    name, _, value = given.partition("=")
    text = Source("x.yml", value).text
    return acts.of_uses(repository, {name: Scalar(text, value, text.span)} if given else {})


def examples(kind: str) -> list[object]:
    return [
        pytest.param(entry, example, id=f"{entry.act}: {entry.run.written if entry.run else entry.uses} | {example}")
        for entry in bundled()
        for example in (entry.matches if kind == "matches" else entry.but_not)
    ]


@pytest.mark.parametrize(("entry", "example"), examples("matches"))
def test_an_entry_means_its_examples(entry: Entry, example: str) -> None:
    if entry.run is None:
        found = uses(ACTS, example)
        assert found is not None
        assert found.name == entry.act
        return
    command = last(example)
    assert entry.means(line(command.words), command.reads)
    act = ACTS.of_command(command)
    assert act is not None
    assert act.name == entry.act


@pytest.mark.parametrize(("entry", "example"), examples("but-not"))
def test_an_entry_does_not_mean_its_counterexamples(entry: Entry, example: str) -> None:
    if entry.run is None:
        found = uses(ACTS, example)
        assert found is None or found.entry is not entry
        return
    command = last(example)
    assert not entry.means(line(command.words), command.reads)


@pytest.mark.parametrize("entry", bundled(), ids=lambda each: f"{each.act} {each.run or each.uses}"[:80])
def test_every_entry_carries_examples(entry: Entry) -> None:
    assert entry.matches
    assert entry.but_not


def test_no_entry_is_dead() -> None:
    """Each is the first that matches at least one of its own examples."""
    for entry in bundled():
        found = [uses(ACTS, each) if entry.run is None else ACTS.of_command(last(each)) for each in entry.matches]
        assert any(act is not None and act.entry is entry for act in found), (entry.act, entry.run, entry.uses)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("echo php artisan migrate", id="what is printed is not done"),
        pytest.param("php artisan migrate:status", id="reading"),
        pytest.param("php artisan storage:link", id="no production act"),
        pytest.param("php artisan make:migration create_x", id="a name that holds another"),
        pytest.param('"$COMMAND" up', id="only known when it runs"),
        pytest.param("php -r 'echo 1;'", id="PHP without a script"),
        pytest.param("git fetch --all", id="fetched code is not yet used"),
        pytest.param("cp .env.example .env", id="settings"),
        pytest.param("grep -q down storage/log", id="a word of another command"),
    ],
)
def test_what_changes_nothing_is_no_act(content: str) -> None:
    assert ACTS.of(words(content)) is None


def test_the_first_that_matches_wins_and_the_team_comes_before_us() -> None:
    up = {"run": "php artisan up", "effect": "remote"}
    own = Acts.load({"migrate": ("./bin/db update",), "restart-services": (up,)})
    found = own.of(words("bin/db update --now"))
    assert found is not None
    assert (found.name, found.is_remote) == ("migrate", False)
    found = own.of(words("php artisan up"))
    assert found is not None
    assert (found.name, found.is_remote) == ("restart-services", True)
    still = own.of(words("php artisan down"))
    assert still is not None
    assert still.name == "maintenance-on"


def test_actions_of_a_team() -> None:
    own = Acts.load({"update-code": ({"uses": "acme/deploy", "effect": "remote"},)})
    found = own.of_uses("Acme/Deploy@v3", {})
    assert found is not None
    assert found.is_remote
    assert own.of_uses("acme/deploy-docs@v3", {}) is None
    assert own.of_uses("actions/checkout@v4", {}) is None
