"""The facts of how GitHub runs the steps of a job, by their number: outcomes, cancels, background steps, actions."""

from __future__ import annotations

import pytest

from tests.simulation.played import action, begun, course, courses, program, ran
from tests.simulation.test_fact_numbers import MATRIX, steps

# -- steps of a job (S9 to S14) ---------------------------------------------------------------------------------------


def test_s9_a_status_function_speaks_of_the_job_so_far() -> None:
    made = program(steps("- run: a\n- {run: b, if: always()}\n- {run: c, if: failure()}\n- {run: d, if: success()}"))
    assert begun(course(made)) == ["a", "b", "d"]
    assert begun(course(made, "`a` fails")) == ["a", "b", "c"]


def test_s10_a_skipped_step_changes_nothing() -> None:
    made = program(steps("- {run: a, if: false}\n- run: b"))
    calm = course(made)
    assert (begun(calm), calm.status) == (["b"], "success")


def test_s11_a_forgiven_step_has_failed_and_is_seen_as_a_success() -> None:
    made = program(steps("""
        - {id: m, run: a, continue-on-error: true}
        - {run: b, if: failure()}
        - {run: c, if: "steps.m.outcome == 'failure' && steps.m.conclusion == 'success'"}
        - run: d
        """))
    assert begun(course(made)) == ["a", "d"]
    failed = course(made, "`a` fails")
    assert (begun(failed), failed.status) == (["a", "c", "d"], "success")


def test_s11_the_flag_is_asked_for_after_the_failure_and_an_error_in_it_is_a_no() -> None:
    asked = "\"${{ steps.m.outcome == 'failure' }}\""
    made = program(steps(f"- {{id: m, run: a, continue-on-error: true}}\n- {{run: b, continue-on-error: {asked}}}\n- run: c"))
    assert begun(course(made, "`b` fails")) == ["a", "b"]
    assert begun(course(made, "`a` fails, then `b` fails", mishaps=2)) == ["a", "b", "c"]
    broken = program(steps("- {run: a, continue-on-error: \"${{ fromJSON('{') }}\"}\n- run: b"))
    assert begun(course(broken, "`a` fails")) == ["a"]


def test_s12_an_outcome_alone_is_not_asked_for_after_a_failure() -> None:
    made = program(steps("""
        - {id: m, run: a}
        - {run: b, if: "steps.m.outcome == 'failure'"}
        - {run: c, if: "failure() && steps.m.outcome == 'failure'"}
        """))
    assert begun(course(made, "`a` fails")) == ["a", "c"]


def test_s13_a_skipped_step_has_the_outcome_skipped() -> None:
    skipped = "steps.m.outcome == 'skipped' && steps.m.conclusion == 'skipped'"
    made = program(steps(f'- {{id: m, run: a, if: false}}\n- {{run: b, if: "{skipped}"}}'))
    assert begun(course(made)) == ["b"]


def test_s13_a_step_is_not_among_the_steps_while_it_is_asked() -> None:
    made = program(steps("- {id: m, run: a, if: steps.m.outcome == 'success'}\n- {id: n, run: b, if: '!steps.n'}"))
    assert begun(course(made)) == ["b"]


def test_s13_a_background_step_is_there_from_its_wait_on() -> None:
    asked = "\"steps.m.outcome == 'success'\""
    made = program(steps(f"- {{id: m, run: a, background: true}}\n- {{run: b, if: {asked}}}\n- wait: m\n- {{run: c, if: {asked}}}"))
    assert {tuple(begun(run)) for run in courses(made, 0)} == {("a", "c")}


def test_s13_a_leg_does_not_see_the_steps_of_another() -> None:
    made = program(steps("- {run: a, if: steps.m.outcome == 'success'}\n- {run: b, id: m}", MATRIX))
    assert [begun(run) for run in courses(made, 0)] == [["b", "b"]]


def test_s13_outputs_of_a_step_say_nothing_of_a_namesake_in_another_job() -> None:
    job = "{runs-on: x, steps: [{uses: x/y@v1, id: m}, {run: %s, if: steps.m.outputs.changed == 'yes'}]}"
    made = program(f"on: push\njobs:\n  a: {job % 'a'}\n  b: {job % 'b'}\n")
    found = {tuple(name for name in begun(run) if name != "x/y@v1") for run in courses(made, 0)}
    assert found == {("a", "b"), ("a",), ("b",), ()}


def test_s14_a_step_that_times_out_may_be_forgiven() -> None:
    made = program(steps("- {id: m, run: a, timeout-minutes: 5, continue-on-error: true}\n- {run: b, if: steps.m.outcome == 'failure'}"))
    run = course(made, "`a` times out", because="the step times out")
    assert (begun(run), run.status) == (["a", "b"], "success")


# -- a cancel, a timeout, a lost runner (S17 to S22) ------------------------------------------------------------------


def test_s17_a_cancel_makes_a_failed_job_a_cancelled_one() -> None:
    made = program(steps("- run: a\n- {run: b, if: failure()}\n- {run: c, if: failure()}\n- {run: d, if: cancelled()}"))
    run = course(made, "`a` fails, then `b` is cancelled", mishaps=2)
    assert begun(run) == ["a", "b", "d"]
    assert run.results == {"deploy": "cancelled"}


USING = "- {{run: before}}\n- {{uses: ./action, if: {0}}}\n- {{run: after, if: always()}}"
INNER = """
runs:
  using: composite
  steps:
    - {run: "a; b", shell: bash, if: %s}
    - {run: c, shell: bash}
    - {run: d, shell: bash, if: cancelled()}
"""


def test_s17_in_an_action_the_inner_step_alone_decides_whether_a_cancel_cuts_it() -> None:
    def after_a_cancel(outer: str, inner: str) -> list[str]:
        made = program(steps(USING.format(outer)), actions={"./action": action(INNER % inner)})
        return begun(course(made, "`a` is cancelled"))

    assert after_a_cancel("success()", "always()") == ["before", "a", "b", "c", "d", "after"]
    assert after_a_cancel("always()", "success()") == ["before", "a", "d", "after"]


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        ("success()", False),
        ("failure()", False),
        ("success() || failure()", False),
        ("!cancelled()", False),
        ("always()", True),
        ("cancelled()", True),
        ("failure() || cancelled()", True),
        ("!success()", True),
        ("!failure()", True),
    ],
)
def test_s18_after_a_cancel_conditions_are_asked_as_ever(condition: str, runs: bool) -> None:
    made = program(steps(f'- run: work\n- {{run: probe, if: "{condition}"}}'))
    assert ran(course(made, "`work` is cancelled"), "probe") is runs


def test_s21_the_timeout_of_a_job_is_a_cancel_that_is_not_forgiven() -> None:
    made = program("""
        on: push
        jobs:
          deploy:
            runs-on: x
            timeout-minutes: 5
            continue-on-error: true
            steps: [{run: work}, {run: a, if: failure()}, {run: b, if: cancelled()}]
        """)
    run = course(made, "`work` times out", because="the job times out")
    assert begun(run) == ["work", "b"]
    assert (run.status, run.results) == ("cancelled", {"deploy": "cancelled"})


def test_s22_without_its_runner_no_condition_is_asked() -> None:
    made = program(steps("- run: a\n- {run: b, if: always()}\n- {run: c, if: cancelled()}"))
    run = course(made, "`a` loses its runner", survive="lost")
    assert (begun(run), run.status) == (["a"], "failure")


# -- background steps (S24, S25) --------------------------------------------------------------------------------------


def test_s24_until_its_wait_a_failed_background_step_is_no_failure() -> None:
    made = program(steps("- {id: m, run: a, background: true}\n- {run: b, if: failure()}\n- wait-all:\n- {run: c, if: failure()}"))
    assert {tuple(begun(run)) for run in courses(made) if run.mishap == "`a` fails"} == {("a", "c")}


# -- actions (S8, S28, S29) -------------------------------------------------------------------------------------------


def test_s8_an_error_in_a_condition_ends_the_action_that_it_stands_in() -> None:
    inner = """
        runs:
          using: composite
          steps:
            - {run: a, shell: bash, if: "fromJSON('{')", continue-on-error: true}
            - {run: b, shell: bash, if: always()}
        """
    calm = course(program(steps(USING.format("success()")), actions={"./action": action(inner)}))
    assert (begun(calm), calm.status) == (["before", "after"], "failure")


def test_s28_inside_an_action_cancelled_speaks_of_the_job_and_success_of_the_action() -> None:
    inner = """
        runs:
          using: composite
          steps:
            - {run: a, shell: bash}
            - {run: b, shell: bash, if: cancelled()}
            - {run: c, shell: bash, if: failure()}
        """
    made = program(steps(USING.format("always()")), actions={"./action": action(inner)})
    assert begun(course(made, "`before` is cancelled")) == ["before", "a", "b", "after"]
    assert begun(course(made, "`before` fails")) == ["before", "a", "after"]


def test_s29_an_action_goes_on_behind_a_failure_that_it_forgives() -> None:
    inner = """
        runs:
          using: composite
          steps:
            - {run: a, shell: bash, continue-on-error: true}
            - {run: b, shell: bash}
            - {run: c, shell: bash}
        """
    made = program(steps(USING.format("success()")), actions={"./action": action(inner)})
    forgiven, failed = course(made, "`a` fails"), course(made, "`b` fails")
    assert (begun(forgiven), forgiven.status) == (["before", "a", "b", "c", "after"], "success")
    assert (begun(failed), failed.status) == (["before", "a", "b", "after"], "failure")
