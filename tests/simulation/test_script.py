"""Scripts, local and remote, as steps and alone: what fails, what is masked, what a question does."""

from __future__ import annotations

import pytest

from tests.simulation.played import begun, course, courses, program, script

DOWN, UP, MIGRATE = "php artisan down", "php artisan up", "php artisan migrate"

# Fact S45: a script, the same with the default shell and with `shell: bash`, when `a` fails.
MASKS = [
    ("a\nb", ["a"], ["a"]),
    ("a | tee log\nb", ["a", "b"], ["a"]),
    ("a || true\nb", ["a", "b"], ["a", "b"]),
    ("if ! a; then b; fi\nc", ["a", "b", "c"], ["a", "b", "c"]),
    ("a && b\nc", ["a", "c"], ["a", "c"]),
    ("export V=$(a)\nb", ["a", "b"], ["a", "b"]),
    ("f() { local v=$(a); b; }\nf", ["a", "b"], ["a", "b"]),
    ("a & wait\nb", ["a", "b"], ["a", "b"]),
    ("V=$(a)\nb", ["a"], ["a"]),
    ("(a; b)\nc", ["a"], ["a"]),
    ("f() { a; b; }\nif f; then c; fi", ["a", "b", "c"], ["a", "b", "c"]),
]


@pytest.mark.parametrize(("text", "unset", "bash"), MASKS, ids=[text.split("\n")[0] for text, _, _ in MASKS])
def test_s45_what_stops_a_script(text: str, unset: list[str], bash: list[str]) -> None:
    assert begun(course(script(text), "`a` fails")) == unset
    assert begun(course(script(text, "bash --noprofile --norc -e -o pipefail {0}"), "`a` fails")) == bash


def test_s44_a_template_without_e_does_not_stop() -> None:
    assert begun(course(script("a\nb", "bash {0}"), "`a` fails")) == ["a", "b"]


@pytest.mark.parametrize(
    "text", [f"ssh host '{DOWN}; {MIGRATE}; {UP}'", f"ssh host <<'END'\n{DOWN}\n{MIGRATE}\n{UP}\nEND\n"], ids=["words", "heredoc"]
)
def test_s46_a_remote_shell_hides_a_failure_in_the_middle(text: str) -> None:
    run = course(script(text), f"`{MIGRATE}` fails")
    assert begun(run) == [DOWN, MIGRATE, UP]
    assert run.status == "success"


def test_s46_with_set_e_a_remote_shell_stops_and_maintenance_stays() -> None:
    run = course(script(f"ssh host <<'END'\nset -e\n{DOWN}\n{MIGRATE}\n{UP}\nEND\n"), f"`{MIGRATE}` fails")
    assert begun(run) == [DOWN, MIGRATE]
    assert (run.status, run.site["maintenance"]) == ("failure", "on")


def test_s46_without_a_connection_nothing_runs() -> None:
    text = f"ssh host '{DOWN}'"
    run = course(script(text), f"`{text}` fails")
    assert [h.outcome for h in run.happenings] == ["failed"]
    assert run.status == "failure"


def test_s46_a_lost_connection_fails_the_step() -> None:
    run = course(script(f"ssh host '{DOWN}; {UP}'"), f"`{DOWN}` loses its connection", survive="connection")
    assert run.status == "failure"


def test_s47_the_script_of_an_ssh_action_is_a_remote_shell_without_e() -> None:
    made = program(f"""
        on: push
        jobs:
          deploy:
            runs-on: ubuntu-latest
            steps:
              - uses: appleboy/ssh-action@v1
                with:
                  script: |
                    {DOWN}
                    {MIGRATE}
                    {UP}
        """)
    run = course(made, f"`{MIGRATE}` fails")
    assert begun(run) == [DOWN, MIGRATE, UP]
    assert run.status == "success"


def test_a_question_is_asked_once_until_its_variable_changes() -> None:
    asked = '[ -n "$X" ] && a\nb\n[ -n "$X" ] && c\n'
    assert {tuple(begun(run)) for run in courses(script(asked), 0)} == {("a", "b", "c"), ("b",)}
    anew = '[ -n "$X" ] && a\nX=$(b)\n[ -n "$X" ] && c\n'
    assert len(courses(script(anew), 0)) == 4


def test_a_question_is_asked_anew_after_an_act_on_what_it_names() -> None:
    assert len(courses(script("[ -f lock ] && a\nrm lock\n[ -f lock ] && b\n"), 0)) == 4
    assert len(courses(script("[ -f lock ] && a\nrm other\n[ -f lock ] && b\n"), 0)) == 2


def test_a_question_that_fails_is_no_mishap() -> None:
    run = next(run for run in courses(script("if grep -q x file; then a; else b; fi"), 0) if begun(run) == ["b"])
    assert (run.mishap, run.assumptions) == ("", ("`grep -q x file` fails",))


def test_a_status_in_a_variable_is_known() -> None:
    made = script("a\nrc=$?\nif [ $rc -ne 0 ]; then b; fi\nexit $rc", "bash {0}")
    assert begun(course(made)) == ["a"]
    run = course(made, "`a` fails")
    assert (begun(run), run.status) == (["a", "b"], "failure")


def test_a_loop_over_the_unknown_ends_in_every_state() -> None:
    found = {tuple(begun(run)) for run in courses(script('for x in $LIST; do a "$x"; done\nb'), 0)}
    assert {("b",), ('a "$x"', "b"), ('a "$x"', 'a "$x"', "b")} <= found


def test_a_loop_over_words_runs_for_each() -> None:
    assert begun(course(script("for x in 1 2 3; do a; done"), "")) == ["a", "a", "a"]


def test_a_trap_of_the_signal_runs_behind_the_command_or_not_at_all() -> None:
    made = script(f"trap '{UP}; exit 1' TERM\n{DOWN}\n{MIGRATE}")
    found = {tuple(begun(run)) for run in courses(made) if run.mishap == f"`{DOWN}` is cancelled"}
    assert found == {(DOWN,), (DOWN, UP)}


def test_the_course_tells_what_was_skipped_and_why() -> None:
    run = course(script(f"{DOWN}\n{MIGRATE} && php artisan queue:restart\nfoo\n{UP}", "bash {0}"), f"`{MIGRATE}` fails")
    told = [(event.command, event.outcome, event.because) for event in run.course().events]
    assert told == [
        (DOWN, "succeeded", ""),
        (MIGRATE, "failed", ""),
        ("php artisan queue:restart", "skipped", f"`{MIGRATE}` failed"),
        ("foo", "succeeded", ""),
        (UP, "succeeded", ""),
    ]


def test_the_course_tells_the_state_of_the_site() -> None:
    run = course(script(f"{DOWN}\n{MIGRATE}\n{UP}"), f"`{MIGRATE}` fails")
    last = run.course().events[-1]
    assert (last.command, last.outcome, last.because) == (UP, "skipped", f"`{MIGRATE}` failed, and the shell ended")
    assert run.site == {"maintenance": "on", "schema": "half migrated"}
    assert run.course().events[1].state == {"maintenance": "on", "schema": "half migrated"}


def test_the_rest_of_a_remote_script_may_still_run_after_a_cancel() -> None:
    run = course(script(f"ssh host '{DOWN}; {MIGRATE}'\n{UP}"), f"`{DOWN}` is cancelled")
    told = [(event.command, event.because) for event in run.course().events if event.outcome == "skipped"]
    assert told == [(MIGRATE, "it may still run where it was started"), (UP, "the script is ended by a signal")]
