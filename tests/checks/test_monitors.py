"""Whether somebody watches the workers, is kept, and is heard."""

from __future__ import annotations

import pytest

from tests.checks.shop import WORK, judged, places, program

SCHEDULE = {"routes/console.php": "<?php\nSchedule::command('queue:prune-failed')->daily();\n"}


def test_nobody_watches() -> None:
    assert places("queue-monitored", program(WORK), files=SCHEDULE) == ["[program:w]"]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"routes/console.php": "<?php\nSchedule::command('queue:monitor a');\n"}, id="a schedule"),
        pytest.param({"app/L.php": "<?php\nclass L { function handle(QueueBusy $e) {} }\n"}, id="a listener"),
        pytest.param({"bin/h.sh": "#!/bin/sh\nredis-cli llen queues:default\n"}, id="a script"),
        pytest.param({"composer.json": '{"require": {"spatie/laravel-failed-job-monitor": "^4"}}'}, id="a package"),
    ],
)
def test_somebody_watches(files: dict[str, str]) -> None:
    assert not judged("queue-monitored", program(WORK), files={**SCHEDULE, **files})


def test_a_comment_watches_nothing() -> None:
    files = {"app/L.php": "<?php\n// QueueBusy\nclass L {}\n"}
    assert judged("queue-monitored", program(WORK), files={**SCHEDULE, **files})


@pytest.mark.parametrize("command", ["php artisan horizon", "php artisan horizon --environment=production"])
def test_horizon_watches_its_own(command: str) -> None:
    assert not judged("queue-monitored", program(command), files=SCHEDULE)


def test_a_lone_file_is_undecided() -> None:
    assert not judged("queue-monitored", program(WORK))
    assert len(judged("queue-monitored", program(WORK), state="undecided")) == 1
    assert not judged("queue-monitored", program("nginx"), state="undecided")


MONITOR = """#!/bin/bash
before=$(redis-cli llen queues:default)
{sleep}
after=$(redis-cli llen queues:default)
if {condition}; then
    {alert}
fi
"""
BOTH = '[ "$after" -gt 0 ] && [ "$after" -ge "$before" ]'


@pytest.mark.parametrize(
    ("sleep", "condition", "alert", "is_broken"),
    [
        pytest.param("sleep 60", BOTH, "mail -s x ops@shop.example", False, id="whole"),
        pytest.param("sleep 60", BOTH, "echo stalled >> x.log", True, id="tells nobody"),
        pytest.param(":", BOTH, "mail -s x ops@shop.example", True, id="no time between"),
        pytest.param("sleep 60", '[ "$after" -gt 100 ]', "mail -s x ops@shop.example", True, id="compares nothing"),
        pytest.param("sleep 60", "(( after >= before ))", "mail -s x ops@shop.example", False, id="arithmetic"),
    ],
)
def test_a_monitor_compares_and_alerts(sleep: str, condition: str, alert: str, is_broken: bool) -> None:
    files = {"bin/health.sh": MONITOR.format(sleep=sleep, condition=condition, alert=alert)}
    assert bool(judged("monitor-alerts", program(WORK), files=files)) is is_broken


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(["autorestart=true", "stdout_logfile=/a"], [], id="kept"),
        pytest.param(["autorestart=true"], ["[program:health]"], id="no log"),
        pytest.param(["stdout_logfile=/a"], ["[program:health]"], id="not restarted"),
        pytest.param(["autorestart=true", "autostart=false", "stdout_logfile=/a"], ["false"], id="not started"),
    ],
)
def test_a_monitor_is_kept(options: list[str], expected: list[str]) -> None:
    files = {"bin/health.sh": MONITOR.format(sleep="sleep 60", condition=BOTH, alert="mail -s x ops@shop.example")}
    watching = program("/srv/shop/bin/health.sh", *options, name="health")
    assert places("monitor-restarts", watching, files=files) == expected
    assert not judged("monitor-restarts", program("nginx", *options), files=files)
