"""How long jobs may run, whether workers hear that they must stop, and how they are kept fresh."""

from __future__ import annotations

import pytest

from tests.checks.shop import CONSUME, HORIZON, QUEUE, WORK, judged, mended, places, program


@pytest.mark.parametrize(
    ("arguments", "wait", "is_broken"),
    [
        pytest.param("--timeout=90", 91, False, id="greater"),
        pytest.param("--timeout=90", 90, True, id="equal is not enough"),
        pytest.param("--timeout 90", 89, True, id="less"),
        pytest.param("", 60, True, id="equal to the default"),
        pytest.param("", 61, False, id="greater than the default"),
        pytest.param("", None, True, id="both by default"),
        pytest.param("--timeout=9", None, False, id="the default of 10 is enough"),
        pytest.param("--timeout=0", 3600, True, id="a job may run for ever"),
        pytest.param('"--timeout=90"', 60, True, id="quoted"),
        pytest.param("-- --timeout=5", 30, True, id="behind the end of the options"),
    ],
)
def test_stop_wait_covers_a_job(arguments: str, wait: int | None, is_broken: bool) -> None:
    options = [f"stopwaitsecs={wait}"] if wait is not None else []
    assert bool(judged("stop-wait-covers-job", program(f"{WORK} {arguments}", *options))) is is_broken


def test_the_wait_is_set_above_the_longest_job() -> None:
    (finding,) = judged("stop-wait-covers-job", program(f"{WORK} --timeout=90", "stopwaitsecs=90"))
    assert finding.span.written == "90"
    assert mended(finding) == program(f"{WORK} --timeout=90", "stopwaitsecs=120")


@pytest.mark.parametrize(
    ("timeout", "wait", "is_broken"), [(300, 300, True), (300, 301, False), ("env('T', 90)", 60, True), (0, 999, True)]
)
def test_horizon_s_longest_job_counts(timeout: object, wait: int, is_broken: bool) -> None:
    files = {"config/horizon.php": HORIZON % (timeout, 128)}
    found = judged("stop-wait-covers-job", program("php artisan horizon", f"stopwaitsecs={wait}"), files=files)
    assert bool(found) is is_broken


def test_horizon_without_its_configuration_has_its_default() -> None:
    assert judged("stop-wait-covers-job", program("php artisan horizon"))
    assert not judged("stop-wait-covers-job", program("php artisan horizon", "stopwaitsecs=61"))


def test_messenger_bounds_no_message() -> None:
    assert not judged("stop-wait-covers-job", program(CONSUME))


@pytest.mark.parametrize("options", [["stopwaitsecs=%(ENV_WAIT)s"], ["stopwaitsecs=3600"]])
def test_what_the_machine_decides_is_undecided(options: list[str]) -> None:
    command = WORK if "ENV" in options[0] else f"{WORK} --timeout=%(ENV_TIMEOUT)s"
    assert len(judged("stop-wait-covers-job", program(command, *options), state="undecided")) == 1
    assert not judged("stop-wait-covers-job", program(command, *options))


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(WORK, id="no shell"),
        pytest.param(f'bash -c "{WORK}"', id="a bash replaces itself by its only command"),
        pytest.param(f'bash -c "cd /srv/shop && {WORK}"', id="and by its last one"),
        pytest.param(f'bash -c "sleep 5; {WORK}"', id="behind a semicolon too"),
        pytest.param(f'sh -c "exec {WORK}"', id="exec"),
        pytest.param(f'sh -c "cd /srv/shop && exec {WORK}"', id="exec at the end"),
        pytest.param(f'sh -c "exec nice -n 5 {WORK}"', id="exec of a wrapper"),
        pytest.param(f"sudo -u www-data {WORK}", id="sudo hands signals on"),
        pytest.param(f"nice {WORK}", id="nice replaces itself"),
        pytest.param(f'su -s /bin/sh www-data -c "{WORK}"', id="su hands signals on"),
        pytest.param('sh -c "php-fpm -F"', id="no worker"),
    ],
)
def test_signals_reach_the_worker(command: str) -> None:
    assert not judged("signals-reach-worker", program(command))


@pytest.mark.parametrize(
    ("command", "place"),
    [
        pytest.param(f'sh -c "{WORK}"', "sh", id="dash does not replace itself"),
        pytest.param(f'/bin/sh -c "cd /srv/shop && {WORK}"', "/bin/sh", id="after cd"),
        pytest.param(f'bash -c "{WORK} >> worker.log 2>&1"', "bash", id="a redirection keeps bash there"),
        pytest.param(f'bash -c "{WORK} || true"', "bash", id="something may follow"),
        pytest.param(f'bash -c "while true; do {WORK}; done"', "bash", id="a loop"),
        pytest.param(f'bash -c "{WORK} & wait"', "bash", id="in the background"),
        pytest.param(f'bash -c "{WORK} | tee x"', "bash", id="a pipe"),
        pytest.param(f"sudo -u www-data sh -c '{WORK}'", "sh", id="behind sudo"),
        pytest.param(f"exec sh -c '{WORK}'", "sh", id="exec before the shell is no help"),
        pytest.param("sh -c 'php artisan reverb:start'", "sh", id="reverb"),
    ],
)
def test_a_shell_keeps_the_signal(command: str, place: str) -> None:
    assert places("signals-reach-worker", program(command)) == [place]
    assert not judged("signals-reach-worker", program(command, "stopasgroup=true"))
    assert not judged("signals-reach-worker", program(command, "stopasgroup=true", "killasgroup=true"))
    assert judged("signals-reach-worker", program(command, "killasgroup=true"))


def test_both_options_are_written() -> None:
    (finding,) = judged("signals-reach-worker", program(f"sh -c '{WORK}'", "stopasgroup=false"))
    assert mended(finding) == f"[program:w]\nkillasgroup=true\ncommand=sh -c '{WORK}'\nstopasgroup=true\n"


@pytest.mark.parametrize(("line", "is_broken"), [("php artisan queue:work", True), ("exec php artisan queue:work", False)])
def test_a_script_is_a_shell_too(line: str, is_broken: bool) -> None:
    files = {"docker/worker.sh": f"#!/bin/bash\ncd /srv/shop\n{line}\n"}
    found = judged("signals-reach-worker", program("/srv/shop/docker/worker.sh"), files=files)
    assert [each.span.written for each in found] == ["[program:w]"] * is_broken


# -- how they work ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [("--tries=1", []), ("--tries 3", []), ("--tries=0", ["0"]), ("", [WORK]), ("--tries=%(ENV_T)s", [])],
)
def test_tries_are_limited(arguments: str, expected: list[str]) -> None:
    assert places("tries-limited", program(f"{WORK} {arguments}".strip())) == expected


@pytest.mark.parametrize(
    ("command", "is_broken"),
    [
        (WORK, True),
        (f"{WORK} --max-time=3600", False),
        (f"{WORK} --max-jobs 1000", False),
        (f"{WORK} -- --max-time=3600", True),
        (CONSUME, True),
        (f"{CONSUME} -t 3600", False),
        (f"{CONSUME} --limit=10", False),
        ("php artisan horizon", False),
    ],
)
def test_workers_are_recycled(command: str, is_broken: bool) -> None:
    assert bool(judged("recycled", program(command))) is is_broken


@pytest.mark.parametrize(("version", "is_broken"), [("^8.0", True), ("5.8.*", False), ("^7.0|^8.0", True), ("6.*", False)])
def test_a_laravel_that_cannot_recycle_is_not_told_to(version: str, is_broken: bool) -> None:
    files = {"composer.json": f'{{"require": {{"laravel/framework": "{version}"}}}}'}
    assert bool(judged("recycled", program(WORK), files=files)) is is_broken


@pytest.mark.parametrize(
    ("command", "is_broken"),
    [
        ("php artisan queue:listen", True),
        ("php artisan queue:listen redis --queue emails", True),
        ("docker exec app php artisan queue:listen", True),
        ("php /home/vagrant/shop/artisan queue:listen", False),
        (WORK, False),
        ("echo queue:listen", False),
    ],
)
def test_workers_do_not_listen(command: str, is_broken: bool) -> None:
    assert bool(judged("not-listen", program(command))) is is_broken


@pytest.mark.parametrize(
    ("command", "options", "is_broken"),
    [
        pytest.param("php artisan schedule:work", [], False, id="it stays"),
        pytest.param("php artisan schedule:run", [], True, id="it ends"),
        pytest.param("php artisan schedule:run", ["autorestart=true", "startsecs=0"], True, id="it flaps"),
        pytest.param('sh -c "php artisan schedule:run"', [], True, id="a shell alone"),
        pytest.param('sh -c "while true; do php artisan schedule:run; sleep 60; done"', [], False, id="while"),
        pytest.param('bash -c "while [ true ]; do (php artisan schedule:run &); sleep 60; done"', [], False, id="subshell"),
        pytest.param('bash -c "for ((;;)); do php artisan schedule:run; sleep 60; done"', [], False, id="for"),
        pytest.param('sh -c "until false; do php artisan schedule:run & sleep 60; done"', [], False, id="until"),
        pytest.param('sh -c "r() { php artisan schedule:run; }; while r; do sleep 60; done"', [], False, id="a function"),
        pytest.param('sh -c "sleep 60; php artisan schedule:run"', ["autorestart=true"], False, id="sleeps, restarted"),
        pytest.param('sh -c "sleep 60; php artisan schedule:run"', [], True, id="sleeps, ends with 0 and stays dead"),
        pytest.param('sh -c "while true; do date; done; php artisan schedule:run"', [], True, id="another loop"),
    ],
)
def test_the_scheduler_loops(command: str, options: list[str], is_broken: bool) -> None:
    assert bool(judged("schedule-loops", program(command, *options))) is is_broken


@pytest.mark.parametrize(
    ("arguments", "options", "is_broken"),
    [
        pytest.param("redis --timeout=89", [], False, id="lower"),
        pytest.param("redis --timeout=90", [], True, id="equal is not enough"),
        pytest.param("redis --timeout 120", [], True, id="longer"),
        pytest.param("redis", [], False, id="the default of 60"),
        pytest.param("--timeout=120", [], True, id="the default connection"),
        pytest.param("sqs --timeout=120", [], False, id="sqs has none"),
        pytest.param("sync --timeout=120", [], False, id="sync has none"),
        pytest.param("elsewhere --timeout=120", [], False, id="a connection that is not there"),
        pytest.param("redis --timeout=0", [], True, id="for ever"),
        pytest.param("--timeout=120", ['environment=QUEUE_CONNECTION="sqs"'], False, id="another default connection"),
        pytest.param("redis --timeout=120", ['environment=REDIS_QUEUE_RETRY_AFTER="180"'], False, id="a longer wait"),
        pytest.param("redis --timeout=60", ["environment=REDIS_QUEUE_RETRY_AFTER=30"], True, id="a shorter wait"),
        pytest.param("redis --timeout=%(ENV_T)s", [], False, id="unknown"),
    ],
)
def test_retry_after_exceeds_the_timeout(arguments: str, options: list[str], is_broken: bool) -> None:
    files = {"config/queue.php": QUEUE}
    found = judged("retry-after-exceeds-timeout", program(f"{WORK} {arguments}", *options), files=files)
    assert bool(found) is is_broken


def test_horizon_s_timeout_is_below_retry_after() -> None:
    for timeout, expected in ((89, []), (90, ["90"])):
        files = {"config/queue.php": QUEUE, "config/horizon.php": HORIZON % (timeout, 128)}
        found = places("retry-after-exceeds-timeout", program("php artisan horizon"), files=files)
        assert found == ([] if timeout == 89 else expected)


# -- settings of a team -------------------------------------------------------------------------------------------


def test_a_team_sets_the_margin() -> None:
    (finding,) = judged("stop-wait-covers-job", program(WORK, "stopwaitsecs=1"), settings="{margin: 5}")
    assert mended(finding) == program(WORK, "stopwaitsecs=65")


def test_a_team_sets_what_recycles() -> None:
    settings = "{options: {--rest: '-'}, add: --rest=1}"
    (finding,) = judged("recycled", program(f"{WORK} --max-time=3600"), settings=settings)
    assert mended(finding) == program(f"{WORK} --max-time=3600 --rest=1")


def test_a_team_names_other_programs() -> None:
    for rule in ("signals-reach-worker", "not-root", "logs-kept"):
        assert not judged(rule, program("sh -c 'php artisan pulse:check'"))
        assert judged(rule, program("sh -c 'php artisan pulse:check'"), settings="{commands: [php artisan pulse:check]}")


def test_a_team_forbids_the_switch() -> None:
    settings = "{option: autostart, value: 'true', may-depend: false}"
    switched = program(WORK, "autostart=%(ENV_X)s", "autorestart=true")
    assert judged("restarts-automatically", switched, settings=settings, state="undecided")
