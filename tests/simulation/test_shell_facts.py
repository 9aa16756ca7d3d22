"""How GitHub runs the script of a step, through whole workflows: facts S20, S20a and S43 to S48, case by case."""

from __future__ import annotations

import textwrap

import pytest

from opslint.simulation.explore import explore
from opslint.simulation.failing import FailTheRun
from opslint.simulation.machine import WorkflowProgram
from tests.simulation.played import begun, course, courses, program

DOWN, UP, MIGRATE = "php artisan down", "php artisan up", "php artisan migrate"


def job(script: str, *, step: str = "", settings: str = "", workflow: str = "") -> WorkflowProgram:
    """One job with one script, and a line of its step, of its job, of its workflow."""
    text = f"on: push\n{workflow}\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n"
    text += textwrap.indent(settings, "    ") + "\n    steps:\n      - id: work\n"
    text += textwrap.indent(step, "        ") + "\n        run: |\n" + textwrap.indent(script, " " * 10) + "\n"
    return program(text)


def after(made: WorkflowProgram, mishap: str) -> tuple[list[str], str]:
    """What was begun where one thing goes wrong, and how the run ended."""
    run = course(made, mishap)
    return begun(run), run.status


# -- S43: which shell ------------------------------------------------------------------------------------------------

DEFAULTS = "defaults: {{run: {{shell: {}}}}}"
WHERE = {
    "nowhere": {},
    "step": {"step": "shell: {}"},
    "job": {"settings": DEFAULTS},
    "workflow": {"workflow": DEFAULTS},
}
# What runs where `a` fails: alone on a line, and before a pipe.
SHELLS = {
    "bash": (["a"], ["a"]),
    "sh": (["a"], ["a", "c", "b"]),
    "bash {0}": (["a", "b"], ["a", "c", "b"]),
    "bash -e {0}": (["a"], ["a", "c", "b"]),
    "bash -eo pipefail {0}": (["a"], ["a", "c"]),
    "bash -leo pipefail {0}": (["a"], ["a", "c"]),
    "sudo bash -e {0}": (["a"], ["a", "c", "b"]),
    "/bin/bash {0}": (["a", "b"], ["a", "c", "b"]),
    "zsh -e {0}": (["a"], ["a", "c", "b"]),
}


@pytest.mark.parametrize("where", ["step", "job", "workflow"])
@pytest.mark.parametrize("shell", SHELLS)
def test_s43_s44_the_shell_decides_what_stops_a_script(shell: str, where: str) -> None:
    given = {key: line.format(f"'{shell}'") for key, line in WHERE[where].items()}
    plain, _ = SHELLS[shell]
    assert after(job("a\nb", **given), "`a` fails") == (plain, "success" if "b" in plain else "failure")


@pytest.mark.parametrize("shell", SHELLS)
def test_s44_pipefail_is_the_shells(shell: str) -> None:
    names, _ = after(job("a | c\nb", step=f"shell: '{shell}'"), "`a` fails")
    assert ("b" in names) is ("b" in SHELLS[shell][1])


def test_s43_the_default_is_bash_with_e_and_without_pipefail() -> None:
    assert after(job("a\nb"), "`a` fails") == (["a"], "failure")
    assert after(job("a | c\nb"), "`a` fails") == (["a", "c", "b"], "success")


@pytest.mark.parametrize("nearer", ["step", "job"])
def test_s43_the_nearest_shell_counts(nearer: str) -> None:
    farther = {"workflow": DEFAULTS.format("'bash {0}'")}
    near = {key: line.format("bash") for key, line in WHERE[nearer].items()}
    assert after(job("a\nb", **farther, **near), "`a` fails") == (["a"], "failure")
    assert after(job("a\nb", **farther), "`a` fails") == (["a", "b"], "success")


CONTAINERS = ["container: php:8.3", "container: {image: 'php:8.3'}"]


@pytest.mark.parametrize("container", CONTAINERS)
def test_s43_in_a_container_it_is_sh(container: str) -> None:
    """Told by what dash alone does: its EXIT trap does not run when it is killed."""
    script = f"trap '{UP}' EXIT\n{DOWN}"
    assert after(job(script, settings=container), f"`{DOWN}` is cancelled")[0] == [DOWN]
    assert after(job(script), f"`{DOWN}` is cancelled")[0] == [DOWN, UP]
    assert after(job("a\nb", settings=container), "`a` fails") == (["a"], "failure")
    assert after(job("a | c\nb", settings=container), "`a` fails") == (["a", "c", "b"], "success")


@pytest.mark.parametrize("container", CONTAINERS)
def test_s43_a_shell_that_is_named_runs_in_a_container_too(container: str) -> None:
    script = f"trap '{UP}' EXIT\n{DOWN}"
    assert after(job(script, settings=container, step="shell: bash"), f"`{DOWN}` is cancelled")[0] == [DOWN, UP]


# -- S44: shells that are none -----------------------------------------------------------------------------------------

OTHERS = ["pwsh", "powershell", "python", "cmd", "perl {0}", "node {0}", "${{ matrix.shell }}"]


@pytest.mark.parametrize("shell", OTHERS)
def test_s44_a_script_of_another_language_is_undecided(shell: str) -> None:
    result = explore(job(f"{MIGRATE}\n{UP}", step=f"shell: {shell}"), FailTheRun(frozenset({"migrate"})))
    assert (result.state, [span.written for span in result.unseen]) == ("undecided", [MIGRATE])


def test_s44_on_windows_the_default_is_powershell() -> None:
    made = program(f"on: push\njobs:\n  deploy:\n    runs-on: windows-latest\n    steps:\n      - run: {MIGRATE}\n")
    assert explore(made, FailTheRun(frozenset({"migrate"}))).state == "undecided"


@pytest.mark.parametrize("shell", OTHERS)
def test_s44_a_script_of_another_language_succeeds_or_fails_as_a_whole(shell: str) -> None:
    made = job("import os\nprint(1)", step=f"shell: {shell}")
    assert [(begun(run), run.status) for run in courses(made, survive="failure")] == [
        (["import os"], "success"),
        (["import os"], "failure"),
    ]


@pytest.mark.parametrize("shell", ["bash", "sh", "bash {0}"])
def test_s44_a_script_that_is_read_is_decided(shell: str) -> None:
    result = explore(job(f"{MIGRATE}\n{UP}", step=f"shell: {shell}"), FailTheRun(frozenset({"migrate"})))
    assert (result.state, result.unseen) == ("broken" if "{" in shell else "holds", ())


# -- S45: what is fatal ------------------------------------------------------------------------------------------------

# A script, what runs of it with the default shell and with `shell: bash`, where `a` fails.
FATAL = [
    ("a\nb", ["a"], ["a"]),
    ("a; b", ["a"], ["a"]),
    ("a | c\nb", ["a", "c", "b"], ["a", "c"]),
    ("c | a\nb", ["c", "a"], ["c", "a"]),
    ("a || true\nb", ["a", "b"], ["a", "b"]),
    ("a || b", ["a", "b"], ["a", "b"]),
    ("if ! a; then c; fi\nb", ["a", "c", "b"], ["a", "c", "b"]),
    ("! a\nb", ["a", "b"], ["a", "b"]),
    ("a && c\nb", ["a", "b"], ["a", "b"]),
    ("c && a\nb", ["c", "a"], ["c", "a"]),
    ("export V=$(a)\nb", ["a", "b"], ["a", "b"]),
    ("readonly V=$(a)\nb", ["a", "b"], ["a", "b"]),
    ("f() { local v=$(a); b; }\nf", ["a", "b"], ["a", "b"]),
    ("f() { local v; v=$(a); b; }\nf", ["a"], ["a"]),
    ("echo $(a)\nb", ["a", "b"], ["a", "b"]),
    ("a &\nwait\nb", ["a", "b"], ["a", "b"]),
    ("a &\nwait $!\nb", ["a"], ["a"]),
    ("V=$(a)\nb", ["a"], ["a"]),
    ("(a; c)\nb", ["a"], ["a"]),
    ("{ a; c; }\nb", ["a"], ["a"]),
    ("f() { a; c; }\nf\nb", ["a"], ["a"]),
    ("f() { a; c; }\nif f; then b; fi", ["a", "c", "b"], ["a", "c", "b"]),
    ("f() { a; c; }\nf || d\nb", ["a", "c", "b"], ["a", "c", "b"]),
    ("f() { a; c; }\nf && b", ["a", "c", "b"], ["a", "c", "b"]),
    ("f() { set -e; a; c; }\nf || d\nb", ["a", "c", "b"], ["a", "c", "b"]),
    ("while a; do c; done\nb", ["a", "b"], ["a", "b"]),
    ("set +e\na\nb", ["a", "b"], ["a", "b"]),
    ("set +e\na\nset -e\nb", ["a", "b"], ["a", "b"]),
    ("set -o pipefail\na | c\nb", ["a", "c"], ["a", "c"]),
    ("bash -c 'a; c'\nb", ["a", "c", "b"], ["a", "c", "b"]),
    ("bash -ec 'a; c'\nb", ["a"], ["a"]),
]


@pytest.mark.parametrize(("text", "default", "bash"), FATAL, ids=[text for text, _, _ in FATAL])
def test_s45_what_is_fatal(text: str, default: list[str], bash: list[str]) -> None:
    assert _called(after(job(text), "`a` fails")[0]) == default
    assert _called(after(job(text, step="shell: bash"), "`a` fails")[0]) == bash


def _called(names: list[str]) -> list[str]:
    return [name for name in names if name in "abcd"]


@pytest.mark.parametrize(("text", "status"), [("a\nb", "failure"), ("b\na", "failure"), ("a\nexit 0", "failure"), ("a || exit 0\nb", "success")])
def test_s45_the_last_status_is_that_of_the_step(text: str, status: str) -> None:
    assert after(job(text), "`a` fails")[1] == status


def test_s45_without_e_the_last_command_alone_decides() -> None:
    assert after(job("a\nb", step="shell: bash {0}"), "`a` fails")[1] == "success"
    assert after(job("b\na", step="shell: bash {0}"), "`a` fails")[1] == "failure"


# -- S46: another machine ----------------------------------------------------------------------------------------------

REMOTE = {
    "words": "ssh host '{}'",
    "quoted heredoc": "ssh host <<'END'\n{}\nEND",
    "heredoc": "ssh host <<END\n{}\nEND",
    "heredoc to bash -s": "ssh host 'bash -s' <<'END'\n{}\nEND",
}


@pytest.mark.parametrize("form", REMOTE)
def test_s46_a_remote_shell_has_no_e(form: str) -> None:
    made = job(REMOTE[form].format(f"{DOWN}\n{MIGRATE}\n{UP}"))
    assert after(made, f"`{MIGRATE}` fails") == ([DOWN, MIGRATE, UP], "success")


@pytest.mark.parametrize("form", REMOTE)
def test_s46_its_status_is_that_of_the_last_command(form: str) -> None:
    made = job(REMOTE[form].format(f"{DOWN}\n{UP}\n{MIGRATE}") + "\nb")
    assert after(made, f"`{MIGRATE}` fails") == ([DOWN, UP, MIGRATE], "failure")


@pytest.mark.parametrize("form", REMOTE)
@pytest.mark.parametrize("joint", ["set -e\n{}\n{}\n{}", "{} && {} && {}"])
def test_s46_where_it_stops_maintenance_stays(form: str, joint: str) -> None:
    made = job(REMOTE[form].format(joint.format(DOWN, MIGRATE, UP)))
    run = course(made, f"`{MIGRATE}` fails")
    assert (begun(run), run.status, run.site["maintenance"]) == ([DOWN, MIGRATE], "failure", "on")


def test_s46_a_remote_trap_ends_maintenance() -> None:
    made = job(f"ssh host <<'END'\ntrap \"{UP}\" EXIT\nset -e\n{DOWN}\n{MIGRATE}\nEND")
    assert after(made, f"`{MIGRATE}` fails") == ([DOWN, MIGRATE, UP], "failure")


def test_s46_a_lost_connection_is_255() -> None:
    text = f"ssh host '{DOWN}; {UP}'"
    made = job(f"{text} || rc=$?\n[ $rc = 255 ] && a\ntrue", step="shell: bash {0}")
    lost = course(made, f"`{DOWN}` loses its connection", survive="connection")
    assert begun(lost) == [DOWN, "a"]
    assert begun(course(made, f"`{text}` fails")) == [text, "a"]


def test_s46_the_local_e_sees_the_status_of_ssh() -> None:
    text = f"ssh host '{DOWN}'"
    assert after(job(f"{text}\nb"), f"`{DOWN}` fails") == ([DOWN], "failure")
    assert course(job(f"{text}\nb"), f"`{text}` fails").status == "failure"


# -- S47: actions that run a script over ssh ---------------------------------------------------------------------------


def over_ssh(script: str, given: str = "", version: str = "v1.2.2") -> WorkflowProgram:
    text = f"on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: appleboy/ssh-action@{version}\n"
    text += "        with:\n" + textwrap.indent(given, " " * 10) + "\n          script: |\n" + textwrap.indent(script, " " * 12) + "\n"
    return program(text)


def test_s47_the_script_has_no_e() -> None:
    assert after(over_ssh(f"{DOWN}\n{MIGRATE}\n{UP}"), f"`{MIGRATE}` fails") == ([DOWN, MIGRATE, UP], "success")
    assert after(over_ssh(f"set -e\n{DOWN}\n{MIGRATE}\n{UP}"), f"`{MIGRATE}` fails") == ([DOWN, MIGRATE], "failure")


def test_s47_the_last_command_is_the_result() -> None:
    assert after(over_ssh(f"{DOWN}\n{MIGRATE}"), f"`{MIGRATE}` fails") == ([DOWN, MIGRATE], "failure")


# `script_stop` is an input of v0.0.3 to v1.2.0; the tag `v1` has moved beyond it.
STOPS = {"v0.1.10": True, "v1.0.0": True, "v1.2.0": True, "v1.2.1": False, "v1.2.2": False, "v1": False, "master": False}


@pytest.mark.parametrize("version", STOPS)
def test_s47_script_stop_by_version(version: str) -> None:
    made = over_ssh(f"{DOWN}\n{MIGRATE}\n{UP}", "script_stop: true", version)
    names = [DOWN, MIGRATE] if STOPS[version] else [DOWN, MIGRATE, UP]
    assert after(made, f"`{MIGRATE}` fails") == (names, "failure" if STOPS[version] else "success")


def test_s47_script_stop_that_is_off_does_not_stop() -> None:
    made = over_ssh(f"{DOWN}\n{MIGRATE}\n{UP}", "script_stop: false", "v1.0.0")
    assert after(made, f"`{MIGRATE}` fails") == ([DOWN, MIGRATE, UP], "success")


# -- S48: what does not cross ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["words", "quoted heredoc"])
def test_s48_an_exported_variable_does_not_cross(form: str) -> None:
    remote = REMOTE[form].format('[ "$NAME" = yes ] && a\ntrue')
    made = job("echo NAME=yes >> $GITHUB_ENV")
    assert made is not None
    text = "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo NAME=yes >> $GITHUB_ENV\n"
    text += "      - run: |\n" + textwrap.indent(remote, " " * 10) + "\n"
    assert sorted("a" in begun(run) for run in courses(program(text), 0)) == [False, True]


@pytest.mark.parametrize("form", ["words", "quoted heredoc"])
def test_s48_a_local_variable_is_not_known_remotely(form: str) -> None:
    made = job("NAME=yes\n" + REMOTE[form].format('[ "$NAME" = yes ] && a\ntrue'))
    assert sorted(begun(run) for run in courses(made, 0)) == [[], ["a"]]


def test_s48_a_folder_that_is_not_set_remotely_leaves_the_course_open() -> None:
    """Seen in a real file: `cd ${DEPLOY_PATH}` behind `<<'ENDSSH'` goes home."""
    made = job("ssh host <<'ENDSSH'\nset -e\ncd ${DEPLOY_PATH}\na\nENDSSH", settings="env: {DEPLOY_PATH: /srv/shop}")
    run = course(made, "`cd ${DEPLOY_PATH}` fails")
    assert (begun(run), run.status) == (["cd ${DEPLOY_PATH}"], "failure")


@pytest.mark.parametrize("form", ["words", "quoted heredoc"])
def test_s48_a_remote_script_sets_nothing_here(form: str) -> None:
    remote = REMOTE[form].format("echo DONE=1 >> $GITHUB_ENV")
    text = "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n" + textwrap.indent(remote, " " * 10)
    text += "\n      - run: false && echo DONE=0 >> $GITHUB_ENV; true\n      - {run: a, if: \"env.DONE == '1'\"}\n"
    assert all("a" not in begun(run) for run in courses(program(text), 0))


# -- S20, S20a: a cancel -----------------------------------------------------------------------------------------------

TRAP = f"trap '{UP}' EXIT\n"


@pytest.mark.parametrize(
    ("shell", "names"),
    [("bash", [DOWN, UP]), ("bash -e {0}", [DOWN, UP]), ("bash {0}", [DOWN, UP]), ("sh", [DOWN]), ("dash {0}", [DOWN])],
)
def test_s20a_an_exit_trap_covers_a_cancel_in_bash_only(shell: str, names: list[str]) -> None:
    made = job(f"{TRAP}{DOWN}\n{MIGRATE}", step=f"shell: {shell}")
    run = course(made, f"`{DOWN}` is cancelled")
    assert (begun(run), run.status) == (names, "cancelled")


def test_s20_the_rest_of_the_script_does_not_run() -> None:
    assert after(job(f"{DOWN}\n{MIGRATE}\n{UP}"), f"`{MIGRATE}` is cancelled") == ([DOWN, MIGRATE], "cancelled")


def test_s20_what_runs_in_a_process_of_its_own_may_go_on() -> None:
    for text in (f"( {DOWN}; {MIGRATE} )", f"x=$({DOWN}; {MIGRATE})", f"bash -c '{DOWN}; {MIGRATE}'", f"{{ {DOWN}; {MIGRATE}; }} | cat"):
        run = course(job(text), f"`{DOWN}` is cancelled")
        told = [(event.command, event.because) for event in run.course().events if event.outcome == "skipped"]
        assert told == [(MIGRATE, "it may still run where it was started")], text


def test_s20_a_remote_script_may_go_on() -> None:
    run = course(job(f"ssh host '{DOWN}; {MIGRATE}'\n{UP}"), f"`{DOWN}` is cancelled")
    told = [(event.command, event.because) for event in run.course().events if event.outcome == "skipped"]
    assert told == [(MIGRATE, "it may still run where it was started"), (UP, "the run is cancelled")]


def test_s20a_a_remote_trap_does_not_run_because_the_job_is_cancelled() -> None:
    made = job(f"ssh host <<'END'\ntrap \"{UP}\" EXIT\n{DOWN}\n{MIGRATE}\nEND")
    assert after(made, f"`{DOWN}` is cancelled") == ([DOWN], "cancelled")


def test_s20a_an_err_trap_does_not_reach_into_functions_without_errtrace() -> None:
    text = "trap t ERR\nf() { a; b; }\nf"
    without = job(text, step="shell: bash {0}")
    assert begun(course(without, "`a` fails")) == ["a", "b"]
    assert begun(course(job("set -E\n" + text, step="shell: bash {0}"), "`a` fails")) == ["a", "t", "b"]


def test_s20a_a_trapped_signal_runs_its_handler_and_the_script_goes_on() -> None:
    made = job(f"trap '{UP}' TERM\n{DOWN}\n{MIGRATE}")
    found = {tuple(begun(run)) for run in courses(made) if run.mishap == f"`{DOWN}` is cancelled"}
    assert found == {(DOWN,), (DOWN, UP, MIGRATE)}
