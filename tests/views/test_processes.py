"""What is told of a Supervisor file: processes, memory, groups, stops and deployments."""

from __future__ import annotations

import pytest

from opslint.files import Memory
from opslint.model.project import Project
from opslint.views.processes import tell
from opslint.views.screen import Screen


def told(files: dict[str, str], path: str = "supervisor.conf") -> str:
    screen = Screen(color=False, width=100)
    tell(screen, Project(Memory(files)), path)
    return screen.text


WORKERS = """[program:shop-worker]
process_name=%(program_name)s_%(process_num)02d
command=php /srv/shop/artisan queue:work redis
    --memory=512 --timeout=90
numprocs=4
autorestart=true
user=www-data
stopwaitsecs=120
stopasgroup=true

[program:shop-mails]
command=sh -c "cd /srv/shop && php artisan queue:work --queue=mails"
autostart=%(ENV_WITH_MAILS)s

[program:nginx]
command=nginx -g "daemon off;"
autorestart=false
numprocs=%(ENV_COUNT)s
process_name=%(process_num)d

[group:shop]
programs=shop-worker,shop-mails
"""
DEPLOYMENT = {
    ".github/workflows/deploy.yml": """on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: ssh shop 'cd /srv/shop && git pull && php artisan queue:restart'
"""
}


def test_a_file_is_told_whole() -> None:
    assert told({"supervisor.conf": WORKERS, **DEPLOYMENT}) == """
What Supervisor runs:
  program      processes  user           restart                                       stop wait  cap     all at it
  shop-worker  4          www-data       always                                        120 s      512 MB  2 GB
  shop-mails   1          supervisord's  unless exit 0, started if %(ENV_WITH_MAILS)s  10 s       128 MB  128 MB
  nginx        ?          supervisord's  never                                         10 s       -       -
Memory, if all reach their caps: 2.1 GB; 1 program has no cap that is known

By these commands:
  shop-worker: php /srv/shop/artisan queue:work redis --memory=512 --timeout=90
  shop-mails: sh -c "cd /srv/shop && php artisan queue:work --queue=mails"
  nginx: nginx -g "daemon off;"
Group `shop`: shop-worker, shop-mails

What a stop does, and so `supervisorctl restart`:
  shop-worker: TERM to its whole process group, KILL after 120 s; a job may run 90 s, and ends in peace
  shop-mails: TERM to `sh` alone, KILL after 10 s; the worker behind the shell goes on as an orphan
  nginx: TERM to it, KILL after 10 s

What `queue:restart` and `horizon:terminate` do in a deployment:
  shop-worker: each process ends with 0 after its job, and Supervisor starts it anew, with the new code
  shop-mails: each process ends with 0 after its job, and stays dead
  .github/workflows/deploy.yml:6:52: `php artisan queue:restart`
"""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param([], "a job may run 60 s, and is cut then", id="ten seconds by default"),
        pytest.param(["stopwaitsecs=60"], "a job may run 60 s, and is cut then", id="equal is not enough"),
        pytest.param(["stopwaitsecs=61"], "a job may run 60 s, and ends in peace", id="longer"),
        pytest.param(["stopsignal=QUIT"], "QUIT to it, KILL after 10 s", id="another signal"),
        pytest.param(["exitcodes=2"], "Supervisor starts it anew", id="0 is not expected"),
        pytest.param([], "nothing in this repository tells them to end", id="no deployment"),
    ],
)
def test_what_a_stop_and_a_restart_do(options: list[str], said: str) -> None:
    lines = ["[program:w]", "command=php artisan queue:work", *options, ""]
    assert said in told({"supervisor.conf": "\n".join(lines)})


def test_a_timeout_of_zero_is_for_ever() -> None:
    assert "a job may run for ever" in told({"supervisor.conf": "[program:w]\ncommand=php artisan queue:work --timeout=0\n"})


HORIZON = """<?php return [
    'defaults' => ['a' => ['connection' => 'redis', 'memory' => 128, 'timeout' => 300], 'b' => ['memory' => 64]],
    'environments' => ['production' => ['a' => ['maxProcesses' => 10], 'b' => ['maxProcesses' => 2, 'memory' => 256]]],
];
"""


def test_horizon_s_workers_are_added_up() -> None:
    files = {"supervisor.conf": "[program:h]\ncommand=php artisan horizon\n", "config/horizon.php": HORIZON}
    assert "Memory, if all reach their caps: 1.8 GB" in told(files)
    assert "a job may run 300 s" in told(files)


def test_included_files_are_told_with_their_main_file_and_alone() -> None:
    files = {
        "supervisord.conf": "[supervisord]\nuser=www-data\n[include]\nfiles=conf.d/*.conf\n",
        "conf.d/a.conf": "[program:a]\ncommand=x\n",
        "conf.d/b.conf": "[program:b]\ncommand=y\n",
    }
    assert "  a: x\n  b: y\n" in told(files, "supervisord.conf")
    assert "  a: x\n" not in told(files, "conf.d/b.conf")
    assert "  b: y\n" in told(files, "conf.d/b.conf")


def test_included_files_that_are_elsewhere_are_named() -> None:
    files = {"supervisord.conf": "[supervisord]\n[include]\nfiles=/etc/supervisor/conf.d/*.conf\n[program:a]\ncommand=x\n"}
    assert told(files, "supervisord.conf").startswith("It includes `/etc/supervisor/conf.d/*.conf`, which is not in")


def test_a_file_without_programs_and_another_kind_of_file() -> None:
    assert told({"supervisor.conf": "[supervisord]\n"}) == "Supervisor runs nothing of it.\n"
    assert not told({"supervisor.conf": "[supervisord]\n", "x.sh": "date\n"}, "x.sh")


def test_what_is_no_text_for_a_terminal_is_shown_as_such() -> None:
    assert "\x1b" not in told({"supervisor.conf": "[program:w]\ncommand=x \x1b[31m\n"})


def test_a_secret_in_a_command_is_not_told() -> None:
    text = told({"supervisor.conf": "[program:w]\ncommand=worker --from amqp://shop:Zx81qq77@mq.example/\n"})
    assert "Zx81qq77" not in text
    assert "amqp://shop:********@mq.example/" in text
