"""That the memory of workers is capped, however the cap is written."""

from __future__ import annotations

import pytest

from tests.checks.shop import CONSUME, HORIZON, WORK, judged, mended, places, program

GIVEN = [
    pytest.param(f"{WORK} --memory=512", id="with an equals sign"),
    pytest.param(f"{WORK} --memory 512", id="in a word of its own"),
    pytest.param(f'{WORK} "--memory=512"', id="quoted as a whole"),
    pytest.param(f"{WORK} --memory='512'", id="value quoted"),
    pytest.param(f"{WORK} redis --memory=512 --tries=3", id="between other arguments"),
    pytest.param(f"{WORK}\n  --tries=3\n  --memory=512", id="on a line of its own"),
    pytest.param("php8.3 -d memory_limit=1G artisan queue:work --memory=512", id="php with version and options"),
    pytest.param("/opt/plesk/php/8.2/bin/php artisan queue:work --memory=512", id="php by its path"),
    pytest.param("./artisan queue:work --memory=512", id="artisan called directly"),
    pytest.param(f"docker exec -u www-data app {WORK} --memory=512", id="docker exec"),
    pytest.param(f"sudo -u www-data -E {WORK} --memory=512", id="sudo"),
    pytest.param(f"env APP_ENV=production {WORK} --memory=512", id="env"),
    pytest.param(f"nice -n 10 {WORK} --memory=512", id="nice"),
    pytest.param(f"su-exec www-data {WORK} --memory=512", id="su-exec"),
    pytest.param(f'sh -c "cd /srv/shop && exec {WORK} --memory=512"', id="sh -c"),
    pytest.param(f"{WORK} --memory=64", id="the least"),
    pytest.param(f"{WORK} --memory=1024", id="the most"),
    pytest.param(f"{WORK} --memory=1G", id="not a number: memory-is-a-number speaks"),
    pytest.param(f"{CONSUME} --memory-limit=512M", id="messenger, with a unit"),
    pytest.param(f"{CONSUME} -m 134217728", id="messenger, in bytes"),
]


@pytest.mark.parametrize("command", GIVEN)
def test_memory_limit_is_seen_however_it_is_written(command: str) -> None:
    assert not judged("memory-limit", program(command))
    assert not judged("memory-limit", program(command), state="undecided")


@pytest.mark.parametrize(
    ("command", "place"),
    [
        pytest.param(WORK, WORK, id="none"),
        pytest.param(f"{WORK} -- --memory=512", f"{WORK} -- --memory=512", id="behind the end of the options"),
        pytest.param(f"{WORK} --memory=63", "63", id="too little"),
        pytest.param(f"{WORK} --memory 1025", "1025", id="too much, in a word of its own"),
        pytest.param(f"{WORK} --memory=2048 --memory=32", "32", id="the last one counts"),
        pytest.param(f"{WORK} --memory-limit=512", f"{WORK} --memory-limit=512", id="another option"),
        pytest.param(f"sudo -u www-data {WORK}", WORK, id="a wrapper is no part of the place"),
        pytest.param(f"docker exec app {WORK}", WORK, id="docker exec"),
        pytest.param(f"{CONSUME} --time-limit=3600", f"{CONSUME} --time-limit=3600", id="messenger"),
        pytest.param(f"{CONSUME} --memory-limit=2G", "2G", id="messenger, too much"),
        pytest.param(f"{CONSUME} --memory-limit=512", "512", id="messenger, 512 bytes"),
    ],
)
def test_memory_limit_is_missed(command: str, place: str) -> None:
    assert places("memory-limit", program(command)) == [place]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param(WORK, f"{WORK} --memory=512", id="behind the last word"),
        pytest.param(f"{WORK} -- x", f"{WORK} --memory=512 -- x", id="before the end of the options"),
        pytest.param(f'sh -c "exec {WORK}"', f'sh -c "exec {WORK} --memory=512"', id="within quotes"),
        pytest.param(CONSUME, f"{CONSUME} --memory-limit=512M", id="messenger's option has a unit"),
    ],
)
def test_memory_limit_is_added(command: str, expected: str) -> None:
    (finding,) = judged("memory-limit", program(command))
    assert finding.verdict.fix is not None
    assert finding.verdict.fix.safe
    assert mended(finding) == program(expected)


def test_each_worker_of_a_file_is_judged() -> None:
    found = judged("memory-limit", program(WORK, name="a"), program(f"{WORK} --memory=512", name="b"), program(WORK, name="c"))
    assert [each.verdict.subject for each in found] == ["program:a", "program:c"]


@pytest.mark.parametrize("command", ["php-fpm -F", "php artisan queue:restart", f"{CONSUME} -m 128M", "nginx --memory"])
def test_memory_limit_is_silent_about(command: str) -> None:
    assert not judged("memory-limit", program(command))


def test_a_cap_that_only_the_machine_knows_is_undecided() -> None:
    (finding,) = judged("memory-limit", program(f"{WORK} --memory=%(ENV_MEMORY)s"), state="undecided")
    assert finding.span.written == "--memory=%(ENV_MEMORY)s"


@pytest.mark.parametrize(
    ("memory", "expected"), [("64", []), ("1024", []), ("63", ["63"]), ("1025", ["1025"]), ("env('M', 32)", ["32"])]
)
def test_horizon_caps_its_workers_in_its_configuration(memory: str, expected: list[str]) -> None:
    files = {"config/horizon.php": HORIZON % (60, memory)}
    assert places("memory-limit", program("php artisan horizon"), files=files) == expected


def test_a_supervisor_of_horizon_without_memory_is_found_once() -> None:
    content = "<?php return ['defaults' => ['mails' => ['connection' => 'redis']], 'environments' => []];"
    assert places("memory-limit", program("php artisan horizon"), files={"config/horizon.php": content}) == ["'mails'"]


@pytest.mark.parametrize("value", ["512", "0512", "1"])
def test_a_bare_number_is_one(value: str) -> None:
    assert not judged("memory-is-a-number", program(f"{WORK} --memory={value}"))


@pytest.mark.parametrize(
    ("value", "fixed"),
    [("1G", "1024"), ("512M", "512"), ("512MB", "512"), ("2gb", "2048"), ("0", None), ("00", None), ("lots", None)],
)
def test_a_value_that_is_no_bare_number(value: str, fixed: str | None) -> None:
    (finding,) = judged("memory-is-a-number", program(f"{WORK} --memory={value}"))
    assert finding.span.written == value
    if fixed is None:
        assert finding.verdict.fix is None
    else:
        assert mended(finding) == program(f"{WORK} --memory={fixed}")


@pytest.mark.parametrize(
    ("limit", "rest", "is_broken"),
    [
        pytest.param("-d memory_limit=256M", "--memory=128", False, id="lower"),
        pytest.param("-d memory_limit=256M", "--memory=256", True, id="equal is not enough"),
        pytest.param("-dmemory_limit=128M", "--memory=512", True, id="attached"),
        pytest.param("-d memory_limit=-1", "--memory=512", False, id="none at all"),
        pytest.param("-d memory_limit=128M", "", True, id="Laravel's default is equal"),
        pytest.param("-d memory_limit=1G", "--memory 1023", False, id="a gigabyte"),
        pytest.param("-d memory_limit=524288K", "--memory=512", True, id="kilobytes"),
        pytest.param("-d memory_limit=268435456", "--memory=255", False, id="bytes"),
        pytest.param("", "--memory=512", False, id="not set here"),
        pytest.param("-d max_execution_time=0", "--memory=512", False, id="another setting"),
    ],
)
def test_php_s_own_limit(limit: str, rest: str, is_broken: bool) -> None:
    command = f"php {limit} /srv/shop/artisan queue:work {rest}"
    assert bool(judged("memory-below-php-limit", program(command))) is is_broken


@pytest.mark.parametrize(
    ("memory", "settings", "is_broken"),
    [
        ("2048", "{at-most: 2048}", False),
        ("2048", "{at-most: 2047}", True),
        ("32", "{at-least: 32}", False),
        ("512", "{at-least: 513}", True),
    ],
)
def test_a_team_sets_its_own_bounds(memory: str, settings: str, is_broken: bool) -> None:
    found = judged("memory-limit", program(f"{WORK} --memory={memory}"), settings=settings)
    assert bool(found) is is_broken


def test_a_team_sets_what_is_added() -> None:
    (finding,) = judged("memory-limit", program(WORK), settings="{add: --memory=256}")
    assert mended(finding) == program(f"{WORK} --memory=256")


def test_the_memory_of_laravel_s_default_can_be_set() -> None:
    command = "php -d memory_limit=128M /srv/shop/artisan queue:work"
    assert not judged("memory-below-php-limit", program(command), settings="{default: 96}")
