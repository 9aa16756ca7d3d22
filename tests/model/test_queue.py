"""What a worker may take, as its command says it."""

from __future__ import annotations

import pytest

from opslint.files import Memory
from opslint.model.horizon import supervisors
from opslint.model.project import Project
from opslint.model.queue import horizon_memory, job_limit, memory_cap


def project(command: str, horizon: str = "") -> Project:
    files = {"supervisor.conf": f"[program:w]\ncommand={command}\n"}
    return Project(Memory({**files, "config/horizon.php": horizon} if horizon else files))


@pytest.mark.parametrize(
    ("command", "cap"),
    [
        pytest.param("php artisan queue:work", 128, id="Laravel's default"),
        pytest.param("php artisan queue:work --memory=512", 512, id="megabytes"),
        pytest.param("php artisan queue:work --memory=1G", 1, id="1G is one megabyte to Laravel"),
        pytest.param("php artisan queue:work --memory=%(ENV_X)s", None, id="only the machine knows"),
        pytest.param("bin/console messenger:consume a", None, id="Symfony has none"),
        pytest.param("bin/console messenger:consume a -m 512M", 512, id="with a unit"),
        pytest.param("bin/console messenger:consume a --memory-limit=1G", 1024, id="a gigabyte"),
        pytest.param("bin/console messenger:consume a --memory-limit=128", 0, id="bytes without a unit"),
        pytest.param("nginx", None, id="no worker"),
    ],
)
def test_memory_cap(command: str, cap: int | None) -> None:
    (found,) = project(command).commands_of("supervisor.conf")
    assert memory_cap(found) == cap


@pytest.mark.parametrize(
    ("command", "seconds"),
    [
        ("php artisan queue:work", 60),
        ("php artisan queue:work --timeout=5 --timeout=7", 7),
        ("php artisan queue:listen --timeout 30", 30),
        ("php artisan queue:work --timeout=x", None),
        ("php artisan horizon", 60),
    ],
)
def test_job_limit(command: str, seconds: int | None) -> None:
    one = project(command)
    (found,) = one.commands_of("supervisor.conf")
    limit = job_limit(one, found)
    assert limit is not None
    assert limit.seconds == seconds


def test_what_bounds_no_job_has_no_limit() -> None:
    one = project("bin/console messenger:consume a")
    (found,) = one.commands_of("supervisor.conf")
    assert job_limit(one, found) is None


HORIZON = """<?php return [
    'defaults' => ['a' => ['connection' => 'redis', 'memory' => 128, 'maxProcesses' => 1, 'timeout' => env('T', 60)]],
    'environments' => [
        'production' => ['a' => ['maxProcesses' => 4, 'timeout' => $unknown]],
        'local' => ['a' => ['maxProcesses' => 99]],
    ],
];
"""


def test_horizon_s_supervisors_are_read_and_those_of_developers_are_not() -> None:
    found = supervisors(project("php artisan horizon", HORIZON), "supervisor.conf")
    assert [(each.environment, each.connection, each.timeout, each.processes) for each in found] == [
        ("", "redis", 60, 1),
        ("production", "redis", None, 4),
    ]


def test_horizon_s_memory_is_that_of_production() -> None:
    assert horizon_memory(project("php artisan horizon", HORIZON), "supervisor.conf") == 4 * 128
    assert horizon_memory(project("php artisan horizon"), "supervisor.conf") is None


def test_a_configuration_that_is_no_array_says_nothing() -> None:
    assert supervisors(project("php artisan horizon", "<?php return make();"), "supervisor.conf") == ()
