"""That programs are restarted, run as somebody, and keep what they print."""

from __future__ import annotations

import pytest

from tests.checks.shop import CONSUME, WORK, judged, mended, places, program

KEPT = [
    WORK, "php artisan queue:listen", "php artisan horizon", CONSUME, "php artisan reverb:start --host=0.0.0.0",
    "php -d variables_order=EGPCS artisan octane:start --server=swoole", "php artisan schedule:work",
    "php artisan octane:frankenphp", "php artisan octane:roadrunner", "php artisan octane:swoole",
]  # fmt: skip


@pytest.mark.parametrize("command", KEPT)
def test_what_must_never_end_is_restarted(command: str) -> None:
    assert places("restarts-automatically", program(command)) == ["[program:w]"]
    assert not judged("restarts-automatically", program(command, "autorestart=true"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(["autorestart=unexpected"], ["unexpected"], id="the default, written down"),
        pytest.param(["autorestart=false"], ["false"], id="never"),
        pytest.param(["autorestart=1"], [], id="true by another word"),
        pytest.param(["autorestart=true", "autostart=no"], ["no"], id="not started"),
        pytest.param(["autorestart=true", "autostart=%(ENV_WITH_WORKER)s"], [], id="a switch"),
        pytest.param(["autorestart=false", "autorestart=true"], [], id="the last one counts"),
        pytest.param(["AutoRestart = TRUE"], [], id="case and blanks"),
        pytest.param(["autorestart=always"], [], id="not valid: supervisor/valid speaks"),
    ],
)
def test_restarts_automatically(options: list[str], expected: list[str]) -> None:
    assert places("restarts-automatically", program(WORK, *options)) == expected


@pytest.mark.parametrize("command", ["php-fpm -F", "nginx -g 'daemon off;'", "php artisan migrate --force", f"{WORK} --once"])
def test_other_programs_may_end(command: str) -> None:
    assert not judged("restarts-automatically", program(command))


def test_restarts_are_undecided_where_only_the_machine_knows() -> None:
    (finding,) = judged("restarts-automatically", program(WORK, "autorestart=%(ENV_X)s"), state="undecided")
    assert finding.span.written == "%(ENV_X)s"


def test_a_worker_behind_a_script_is_a_worker() -> None:
    files = {"docker/worker.sh": "#!/bin/sh\nset -e\nexec php artisan queue:work\n"}
    assert places("restarts-automatically", program("/srv/shop/docker/worker.sh"), files=files) == ["[program:w]"]
    assert not judged("restarts-automatically", program("/srv/shop/docker/other.sh"), files=files)


def test_the_fix_writes_the_option_below_the_header() -> None:
    (finding,) = judged("restarts-automatically", program(WORK))
    assert mended(finding) == f"[program:w]\nautorestart=true\ncommand={WORK}\n"


def test_the_fix_keeps_the_line_breaks_of_the_file() -> None:
    (finding,) = judged("restarts-automatically", program(WORK).replace("\n", "\r\n"))
    assert mended(finding) == f"[program:w]\r\nautorestart=true\r\ncommand={WORK}\r\n"


# -- user and logs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "options", "expected"),
    [
        pytest.param(WORK, ["user=www-data"], [], id="a user"),
        pytest.param(WORK, ["user=%(ENV_USER)s"], [], id="a user that the environment names"),
        pytest.param(WORK, [], ["[program:w]"], id="none"),
        pytest.param(WORK, ["user=root"], ["root"], id="root"),
        pytest.param(WORK, ["user=0"], ["0"], id="root by number"),
        pytest.param(f"su-exec www-data {WORK}", [], [], id="changed by su-exec"),
        pytest.param(f"gosu www-data:www-data {WORK}", ["user=root"], [], id="changed by gosu"),
        pytest.param(f"sudo -u www-data {WORK}", [], [], id="changed by sudo"),
        pytest.param(f"sudo --user=www-data {WORK}", [], [], id="changed by sudo, long"),
        pytest.param(f"sudo {WORK}", ["user=www-data"], [], id="sudo back to root is not looked at"),
        pytest.param(f"su www-data -s /bin/sh -c '{WORK}'", [], [], id="changed by su"),
        pytest.param(f"su -s /bin/sh -c '{WORK}' www-data", [], [], id="changed by su, the user last"),
        pytest.param("php artisan octane:start", [], ["[program:w]"], id="octane"),
        pytest.param("php-fpm -F", [], [], id="php-fpm changes its user itself"),
    ],
)
def test_not_root(command: str, options: list[str], expected: list[str]) -> None:
    assert places("not-root", program(command, *options)) == expected


def test_a_program_has_the_user_of_supervisord() -> None:
    assert not judged("not-root", "[supervisord]\nuser=www-data\n", program(WORK))
    assert places("not-root", "[supervisord]\nuser=root\n", program(WORK)) == ["root"]


def test_a_program_has_the_user_of_its_container() -> None:
    image = "FROM php:8.3\nCMD supervisord -n\n"
    assert judged("not-root", program(WORK), files={"Dockerfile": image})
    assert judged("not-root", program(WORK), files={"Dockerfile": image + "USER www-data\nUSER root\n"})
    assert not judged("not-root", program(WORK), files={"Dockerfile": image + "USER root\nUSER www-data\n"})


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(["stdout_logfile=/var/log/w.log", "redirect_stderr=true"], [], id="one file"),
        pytest.param(["stdout_logfile=/var/log/w.log", "stderr_logfile=/var/log/w.err"], [], id="two files"),
        pytest.param(["stdout_logfile=/dev/stdout", "stderr_logfile=/dev/stderr"], [], id="a container's"),
        pytest.param(["stdout_logfile=%(ENV_LOG)s", "redirect_stderr=%(ENV_X)s"], [], id="the environment decides"),
        pytest.param([], ["[program:w]"], id="none"),
        pytest.param(["stdout_logfile=auto"], ["auto"], id="AUTO, in lower case"),
        pytest.param(["stdout_logfile=NONE"], ["NONE"], id="nowhere"),
        pytest.param(["stdout_logfile=off"], ["off"], id="nowhere by another word"),
        pytest.param(["stdout_logfile=/dev/null", "redirect_stderr=true"], ["/dev/null"], id="thrown away"),
        pytest.param(["stdout_logfile=/var/log/w.log"], ["[program:w]"], id="stderr is lost"),
        pytest.param(["stdout_logfile=/a", "stderr_logfile=/dev/null"], ["/dev/null"], id="stderr thrown away"),
    ],
)
def test_logs_are_kept(options: list[str], expected: list[str]) -> None:
    assert places("logs-kept", program(WORK, *options)) == expected


def test_logs_of_a_supervisord_that_cleans_up_nothing_are_kept() -> None:
    assert not judged("logs-kept", "[supervisord]\nnocleanup=true\n", program(WORK))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(["stdout_logfile=/var/log/w.log"], [], id="a file, by default"),
        pytest.param(["stdout_logfile=/var/log/w.log", "stdout_logfile_maxbytes=0"], ["0"], id="a file that grows"),
        pytest.param(["stdout_logfile=/var/log/w.log", "stdout_logfile_maxbytes=1MB"], [], id="a file with a size"),
        pytest.param(["stdout_logfile=/dev/stdout"], ["[program:w]"], id="a stream, by default"),
        pytest.param(["stdout_logfile=/dev/stdout", "stdout_logfile_maxbytes=0"], [], id="a stream"),
        pytest.param(["stdout_logfile=/proc/1/fd/1", "stdout_logfile_maxbytes=5MB"], ["5MB"], id="a pipe"),
        pytest.param(["stderr_logfile=/dev/stderr"], ["[program:w]"], id="stderr"),
        pytest.param(["stderr_logfile=/dev/stderr", "redirect_stderr=true"], [], id="a stderr that is not used"),
        pytest.param(["stdout_logfile=/dev/null"], [], id="nothing: logs-kept speaks"),
        pytest.param(["stdout_logfile=/dev/stdout", "stdout_logfile_maxbytes=%(ENV_X)s"], [], id="unknown"),
        pytest.param([], [], id="AUTO"),
    ],
)
def test_logs_rotate(options: list[str], expected: list[str]) -> None:
    assert places("logs-rotate", program(WORK, *options)) == expected
