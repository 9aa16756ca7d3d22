"""Options of commands, with their values at their exact place."""

from __future__ import annotations

import pytest

from opslint.model.option import option_of, options_named
from opslint.source import Source
from opslint.syntax.script import Simple, Word
from opslint.syntax.shell import script


def words(content: str) -> tuple[Word, ...]:
    statement = script(Source("x.sh", content).text).body.items[0].statement
    assert isinstance(statement, Simple)
    return statement.words


WORK = "php artisan queue:work"


@pytest.mark.parametrize(
    ("content", "name", "value", "place", "written"),
    [
        pytest.param(f"{WORK} --memory=512 x", "--memory", "512", 33, "--memory=512", id="attached"),
        pytest.param(f"{WORK} --memory 512 x", "--memory", "512", 33, "--memory 512", id="the next word"),
        pytest.param(f'{WORK} "--memory=512"', "--memory", "512", 34, '"--memory=512"', id="quoted as a whole"),
        pytest.param(f"{WORK} --memory='512'", "--memory", "512", 34, "--memory='512'", id="quoted value"),
        pytest.param(f"{WORK} --memory=1 --memory=2", "--memory", "2", 44, "--memory=2", id="the last one counts"),
        pytest.param(f"{WORK} --memory=", "--memory", "", 33, "--memory=", id="empty value"),
        pytest.param("phpstan analyse -l 5", "--level", "5", 20, "-l 5", id="the short name"),
        pytest.param("phpstan analyse -l5", "--level", "5", 19, "-l5", id="the short name, attached"),
        pytest.param("phpstan analyse --level 5", "-l", "5", 25, "--level 5", id="asked for by its short name"),
        pytest.param("mysqldump -psecret app", "--password", "secret", 13, "-psecret", id="a password that sticks"),
        pytest.param("tar xzf a.tgz", "--file", "a.tgz", 9, "xzf a.tgz", id="a cluster without its dash"),
        pytest.param("curl -fsSo /dev/null", "--output", "/dev/null", 12, "-fsSo /dev/null", id="ends a cluster"),
    ],
)
def test_a_value_is_found_with_its_place(content: str, name: str, value: str, place: int, written: str) -> None:
    found = option_of(words(content), name)
    assert found is not None
    assert found.value is not None
    assert found.value.value == value
    assert found.value.span.place[1] == place
    assert found.written == written
    assert found.is_literal


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(f"{WORK} --memory", "--memory", id="nothing follows"),
        pytest.param(f"{WORK} --memory --tries=3", "--memory", id="an option follows"),
        pytest.param("php artisan migrate --force x", "--force", id="a flag takes no word"),
        pytest.param("mysql -p app", "--password", id="a password that is asked for"),
        pytest.param("rsync -avn a b", "--dry-run", id="a flag in a cluster"),
    ],
)
def test_an_option_without_a_value(content: str, name: str) -> None:
    found = option_of(words(content), name)
    assert found is not None
    assert found.value is None


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(f"{WORK} --max-memory=1", "--memory", id="a longer name"),
        pytest.param(f"{WORK} -- --memory=512", "--memory", id="behind a double dash"),
        pytest.param(f"{WORK} memory=512", "--memory", id="no dashes"),
        pytest.param("php -d memory_limit=1G artisan up", "-d", id="PHP's own is not artisan's"),
        pytest.param("git -C --force pull", "-x", id="none such"),
    ],
)
def test_what_is_no_such_option(content: str, name: str) -> None:
    assert option_of(words(content), name) is None


def test_a_value_that_is_only_known_when_it_runs() -> None:
    found = option_of(words(f'{WORK} --memory="$MEMORY" --queue=$Q'), "--memory")
    assert found is not None
    assert not found.is_literal


def test_every_option_of_a_name() -> None:
    found = options_named(words("rsync --exclude=a --exclude b c d:e"), "--exclude")
    assert [option.value.value for option in found if option.value] == ["a", "b"]
