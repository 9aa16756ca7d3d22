"""What Supervisor would refuse, pass over or mix up, at the place where it is written."""

from __future__ import annotations

import pytest

from opslint.files import Memory
from opslint.finding import Finding
from opslint.fixes import edited
from opslint.lint import lint
from opslint.policy import Policy

HEAD = "[program:w]\ncommand=/usr/bin/worker\n"
DAEMON = "[supervisord]\nnodaemon=true\n"


def found(rule: str, files: dict[str, str] | str, *, decided: bool = True) -> list[Finding]:
    """The findings of a rule; undecided ones instead, where `decided` is False."""
    content = {"supervisor.conf": files} if isinstance(files, str) else files
    report = lint(Memory(content), Policy(preset="strict"), select=(f"supervisor/{rule}",))
    assert not [each for each in report.findings if each.rule == "opslint/internal"]
    if not decided:
        return [each for each in report.findings if not each.decided]
    return [each for each in report.findings if each.rule == f"supervisor/{rule}"]


def places(rule: str, files: dict[str, str] | str) -> list[str]:
    return [each.span.written for each in found(rule, files)]


def mended(finding: Finding) -> str:
    assert finding.verdict.fix is not None
    return edited(finding.span.source.content, finding.verdict.fix.edits)


# -- valid --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "place", "reason"),
    [
        pytest.param(f"{HEAD}numprocs=2\n", "2", "%(process_num) must be present within process_name", id="numbers"),
        pytest.param(f"{HEAD}stopwaitsecs=60s\n", "60s", "invalid literal for int()", id="a number"),
        pytest.param(f"{HEAD}autorestart=always\n", "always", "invalid 'autorestart' value 'always'", id="a choice"),
        pytest.param(f"{HEAD}autostart=\n", "", "not a valid boolean value: ''", id="a truth"),
        pytest.param(f"{HEAD}stdout_logfile_maxbytes=10M\n", "10M", "invalid literal", id="a size"),
        pytest.param(f"{HEAD}stopsignal=STOPIT\n", "STOPIT", "is not a valid signal name", id="a signal"),
        pytest.param("[program:w]\ncommand=date +%F-%H\n", "%F", "badly formatted", id="a percent sign"),
        pytest.param("[program:w]\ncommand=x %(nobody)s y\n", "%(nobody)s", "cannot be expanded", id="a name"),
        pytest.param("[program:w]\nuser=x\n", "[program:w]", "does not specify a command", id="no command"),
        pytest.param("[program:a b]\ncommand=x\n", "[program:a b]", "Invalid name", id="a blank in a name"),
        pytest.param(f"{DAEMON}{HEAD}[group:g]\nprograms=w,x\n", "x", "unknown program", id="a member"),
        pytest.param("[include]\nfiles=*.conf\n[program:w]\ncommand=x\n", "", "supervisord section", id="no daemon"),
        pytest.param(f"{HEAD}stopasgroup=true\nkillasgroup=false\n", "false", "Cannot set stopasgroup", id="groups"),
        pytest.param(f"{HEAD}--verbose\n", "--verbose", "parsing errors", id="no delimiter"),
        pytest.param("command=x\n[program:w]\ncommand=x\n", "command=x", "no section headers", id="before a section"),
    ],
)
def test_supervisord_would_not_start(files: str, place: str, reason: str) -> None:
    first = found("valid", files)[0]
    assert first.span.written == place
    assert first.verdict.message.startswith("supervisord would not start: ")
    assert reason in first.verdict.message


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(HEAD, id="a file that another one includes"),
        pytest.param(DAEMON + HEAD, id="a file of its own"),
        pytest.param(f"{HEAD}process_name=%(program_name)s_%(process_num)02d\nnumprocs=4\n", id="many"),
        pytest.param(f"{HEAD}user=%(ENV_USER)s\nnumprocs=%(ENV_COUNT)s\n", id="an environment that may be right"),
        pytest.param("[program:w]\ncommand=date +%%F\n", id="a doubled percent sign"),
        pytest.param(f"{HEAD}user=nobody-we-know\ndirectory=/nowhere\n", id="what only the machine knows"),
        pytest.param(f"{HEAD}autorestart=TRUE ; always\nstopwaitsecs = 60\n", id="comments and blanks"),
        pytest.param(f"{HEAD}stopwaitsec=60s\n", id="never read, so never refused"),
    ],
)
def test_supervisord_would_start(files: str) -> None:
    assert not found("valid", files)
    assert not found("valid", files, decided=False)


def test_an_included_file_is_read_with_its_main_file() -> None:
    files = {"supervisord.conf": DAEMON + "[include]\nfiles=conf.d/*.conf\n", "conf.d/w.conf": HEAD + "startsecs=x\n"}
    (only,) = found("valid", files)
    assert str(only.span) == "conf.d/w.conf:3:11"


def test_lines_that_cannot_be_parsed_are_one_finding() -> None:
    (only,) = found("valid", f"{HEAD}sudo supervisorctl reread\nsudo supervisorctl update\n")
    assert [str(note.span) for note in only.verdict.notes] == ["supervisor.conf:4:1"]


@pytest.mark.parametrize("count", ["{{ workers }}", "${WORKERS}", "@WORKERS@", "#workers#"])
def test_a_template_is_undecided(count: str) -> None:
    assert not found("valid", f"{HEAD}numprocs={count}\n")
    (only,) = found("valid", f"{HEAD}numprocs={count}\n", decided=False)
    assert only.span.written == count


def test_a_member_that_a_file_elsewhere_may_have_is_undecided() -> None:
    group = f"{HEAD}[group:g]\nprograms=w,x\n"
    assert [each.span.written for each in found("valid", group, decided=False)] == ["x"]
    files = {"a.conf": group, "b.conf": "[program:x]\ncommand=x\n"}
    assert not found("valid", files)
    assert not found("valid", files, decided=False)


def test_a_daemon_that_stands_elsewhere_on_the_server() -> None:
    files = {"docker/w.conf": "[include]\nfiles=/etc/supervisord.conf\n" + HEAD}
    (only,) = found("valid", files, decided=False)
    assert only.span.written == "/etc/supervisord.conf"
    assert not found("valid", {**files, "docker/supervisord.conf": DAEMON}, decided=False)


# -- known-options ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "place", "fixed"),
    [
        pytest.param("stopwaitsec=60", "stopwaitsec", "stopwaitsecs=60", id="misspelt"),
        pytest.param("Auto_Restart = true", "Auto_Restart", "autorestart = true", id="as it is written"),
        pytest.param("minfds=1024", "minfds", None, id="of another section"),
        pytest.param("depends_on=db", "depends_on", None, id="of another program altogether"),
    ],
)
def test_an_option_that_nobody_reads(line: str, place: str, fixed: str | None) -> None:
    (only,) = found("known-options", f"{HEAD}{line}\n")
    assert only.span.written == place
    assert only.verdict.subject == f"program:w.{place.lower()}"
    if fixed is None:
        assert only.verdict.fix is None
    else:
        assert only.verdict.fix is not None
        assert not only.verdict.fix.safe
        assert mended(only) == f"{HEAD}{fixed}\n"


def test_an_option_is_not_renamed_over_another() -> None:
    (only,) = found("known-options", f"{HEAD}stopwaitsec=60\nstopwaitsecs=90\n")
    assert only.verdict.fix is None


def test_an_option_says_where_it_belongs() -> None:
    (only,) = found("known-options", f"{HEAD}minfds=1024\n")
    assert only.verdict.message.endswith("it is one of `[supervisord]`")


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(f"{HEAD}StopWaitSecs: 60\n", id="case and colon"),
        pytest.param(f"[DEFAULT]\nuser=x\n{HEAD}", id="defaults of all sections"),
        pytest.param("[eventlistener:e]\ncommand=x\nevents=TICK_5\nbuffer_size=5\n", id="a listener's own"),
        pytest.param(f"{HEAD}--tries=3\n", id="an argument without its indent: value-not-cut speaks"),
        pytest.param("[rpcinterface:x]\nsupervisor.rpcinterface_factory=a:b\nfree=1\n" + HEAD, id="a plug-in's own"),
        pytest.param("[Program:w]\ncommand=x\n[program:v]\ncommand=x\n", id="a section: sections-are-read speaks"),
    ],
)
def test_every_option_is_known(files: str) -> None:
    assert not found("known-options", files)


def test_a_section_of_something_else() -> None:
    assert places("known-options", f"{HEAD}[unrelated]\nx=1\n") == ["[unrelated]"]
    assert not found("sections-are-read", f"{HEAD}[unrelated]\nx=1\n")


# -- sections-are-read --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "fixed"),
    [
        ("[Program:v]", "[program:v]"),
        ("[ program:v ]", "[program:v]"),
        ("[program :v]", "[program:v]"),
        ("[programs:v]", "[program:v]"),
        ("[progam:v]", "[program:v]"),
        ("[eventListener:v]", "[eventlistener:v]"),
        ("[Supervisord]", "[supervisord]"),
    ],
)
def test_a_section_that_is_passed_over(header: str, fixed: str) -> None:
    (only,) = found("sections-are-read", f"{header}\ncommand=x\n{HEAD}")
    assert only.span.written == header
    assert only.verdict.fix is not None
    assert only.verdict.fix.safe
    assert mended(only) == f"{fixed}\ncommand=x\n{HEAD}"


def test_a_section_is_not_renamed_over_another() -> None:
    (only,) = found("sections-are-read", f"{HEAD}[Program:w]\ncommand=x\n")
    assert only.verdict.fix is None


def test_a_byte_order_mark_is_removed_and_told_once() -> None:
    files = "\ufeff" + HEAD
    (only,) = found("sections-are-read", files)
    assert str(only.span) == "supervisor.conf:1:1"
    assert mended(only) == HEAD
    assert not found("valid", files)


@pytest.mark.parametrize("header", ["[program:v]", "[program: v]", "[program:v]  trailing", "[fcgi-program:v]", "[group:v]"])
def test_a_section_that_is_read(header: str) -> None:
    assert not found("sections-are-read", f"{header}\ncommand=x\n{HEAD}")


# -- unique-programs ----------------------------------------------------------------------------------------------


def test_a_program_twice_in_a_file() -> None:
    (only,) = found("unique-programs", f"{HEAD}\n{HEAD}")
    assert str(only.span) == "supervisor.conf:4:1"
    assert [str(note.span) for note in only.verdict.notes] == ["supervisor.conf:1:1"]


def test_a_program_three_times_is_found_twice() -> None:
    assert len(found("unique-programs", HEAD * 3)) == 2


def test_a_program_twice_by_another_spelling() -> None:
    assert places("unique-programs", f"{HEAD}[program: w]\ncommand=x\n") == ["[program: w]"]


MAIN = DAEMON + "[include]\nfiles=conf.d/*.conf\n"


def test_a_program_twice_in_included_files() -> None:
    files = {"supervisord.conf": MAIN, "conf.d/a.conf": HEAD, "conf.d/b.conf": HEAD, "old/c.conf": HEAD}
    (only,) = found("unique-programs", files)
    assert only.span.path == "conf.d/b.conf"
    assert [note.span.path for note in only.verdict.notes] == ["conf.d/a.conf"]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"a.conf": HEAD, "b.conf": HEAD}, id="files that nobody loads together"),
        pytest.param({"supervisord.conf": MAIN + "a.conf", "conf.d/a.conf": HEAD}, id="one file"),
        pytest.param({"s.conf": DAEMON + "[include]\nfiles=a.conf a.conf\n", "a.conf": HEAD}, id="included twice"),
        pytest.param({"a.conf": f"{HEAD}[program:v]\ncommand=x\n"}, id="other names"),
        pytest.param({"one.conf": DAEMON + HEAD, "two.conf": DAEMON + HEAD}, id="two main files"),
    ],
)
def test_every_program_once(files: dict[str, str]) -> None:
    assert not found("unique-programs", files)


# -- command-exists -----------------------------------------------------------------------------------------------

SHOP = {"artisan*": "#!/usr/bin/env php\n", "bin/health.sh*": "#!/bin/sh\n", "bin/plain.sh": "#!/bin/sh\n"}
WORKER = "[program:w]\ncommand=php /srv/shop/artisan queue:work\n"


@pytest.mark.parametrize(
    ("command", "place"),
    [
        pytest.param("/srv/shop/bin/helth.sh", "/srv/shop/bin/helth.sh", id="not there"),
        pytest.param("/srv/shop/bin/plain.sh", "/srv/shop/bin/plain.sh", id="not executable"),
        pytest.param("bash /srv/shop/bin/gone.sh --once", "/srv/shop/bin/gone.sh", id="read by a shell, not there"),
        pytest.param("sudo -u x /srv/shop/bin/gone.sh", "/srv/shop/bin/gone.sh", id="behind a wrapper"),
        pytest.param("php /srv/shop/gone.php", "/srv/shop/gone.php", id="read by php, not there"),
        pytest.param("php8.3 -d x=1 /srv/shop/gone.php", "/srv/shop/gone.php", id="behind an option of php"),
    ],
)
def test_a_command_that_is_not_there(command: str, place: str) -> None:
    assert places("command-exists", {**SHOP, "s.conf": f"{WORKER}[program:h]\ncommand={command}\n"}) == [place]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("/srv/shop/bin/health.sh", id="there"),
        pytest.param("bash /srv/shop/bin/plain.sh", id="read by a shell, needs no bit"),
        pytest.param("/opt/elsewhere/x.sh", id="not of this repository"),
        pytest.param("/srv/shop/vendor/bin/rr serve", id="installed"),
        pytest.param("/srv/shop/%(ENV_SCRIPT)s", id="only the machine knows"),
        pytest.param("/srv/shop/bin/../bin/health.sh", id="by another way"),
        pytest.param("nginx", id="no path"),
        pytest.param("php -S 0.0.0.0:80 -t /srv/shop/public", id="php's own server"),
        pytest.param("php -d include_path=/srv/shop/gone /srv/shop/artisan about", id="a path in an option of php"),
    ],
)
def test_a_command_that_is_there(command: str) -> None:
    assert not found("command-exists", {**SHOP, "s.conf": f"{WORKER}[program:h]\ncommand={command}\n"})
