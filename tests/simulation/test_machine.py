"""Single facts of how GitHub runs steps, actions and jobs; each name says which fact of which table it is."""

from __future__ import annotations

from tests.simulation.played import action, begun, course, courses, program, ran

JOB = """
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
"""


def steps(text: str) -> str:
    return JOB + "\n".join("      " + line for line in text.strip("\n").splitlines())


# -- steps ---------------------------------------------------------------------------------------------------------


def test_s10_nothing_resets_a_failed_job() -> None:
    made = program(steps("- run: a\n- {run: b, if: always()}\n- run: c"))
    assert begun(course(made, "`a` fails")) == ["a", "b"]


def test_s11_a_cancel_is_not_forgiven() -> None:
    made = program(steps("- {run: a, continue-on-error: true}\n- run: b"))
    assert begun(course(made, "`a` fails")) == ["a", "b"]
    assert begun(course(made, "`a` is cancelled")) == ["a"]


def test_s11_an_unknown_flag_is_assumed_both_ways() -> None:
    made = program(steps("- {run: a, continue-on-error: '${{ inputs.soft }}'}\n- run: b"))
    found = [begun(run) for run in courses(made) if run.mishap == "`a` fails"]
    assert sorted(found) == [["a"], ["a", "b"]]


def test_s8_an_error_in_a_condition_fails_the_step_for_good() -> None:
    made = program(steps("- {run: a, if: \"fromJSON('{')\", continue-on-error: true}\n- run: b"))
    calm = course(made)
    assert begun(calm) == []
    assert calm.status == "failure"


def test_s13_a_step_that_was_not_reached_has_no_outcome() -> None:
    made = program(steps("- {run: a, if: \"steps.m.outcome != 'success'\"}\n- {run: b, id: m}"))
    assert begun(course(made)) == ["a", "b"]


def test_s7_a_step_that_does_not_exist_has_no_outcome() -> None:
    made = program(steps("- {run: a, if: \"steps.typo.outcome == 'failure'\"}\n- {run: b, if: \"steps.typo.outcome != 'success'\"}"))
    assert begun(course(made)) == ["b"]


def test_s14_a_step_that_times_out_has_failed() -> None:
    made = program(steps("- {run: a, timeout-minutes: 5}\n- {run: b, if: failure()}"))
    run = course(made, "`a` times out", because="the step times out")
    assert begun(run) == ["a", "b"]
    assert run.status == "failure"


def test_s17_a_running_rollback_is_killed_by_a_cancel_unless_its_condition_still_holds() -> None:
    made = program(steps("- run: a\n- {run: |\n    b\n    c\n  , if: failure()}".replace("|\n    b\n    c\n  ", "'b; c'")))
    assert begun(course(made, "`a` fails, then `b` is cancelled", mishaps=2)) == ["a", "b"]
    made = program(steps("- run: a\n- {run: 'b; c', if: always()}"))
    assert begun(course(made, "`a` fails, then `b` is cancelled", mishaps=2)) == ["a", "b", "c"]


def test_s20_a_cancel_leaves_the_rest_of_the_script_undone() -> None:
    made = program(steps("- run: |\n    php artisan down\n    php artisan migrate\n    php artisan up\n"))
    assert begun(course(made, "`php artisan migrate` is cancelled")) == ["php artisan down", "php artisan migrate"]


def test_s20a_the_exit_trap_of_bash_covers_a_cancel_and_that_of_sh_does_not() -> None:
    text = "- run: |\n    trap 'php artisan up' EXIT\n    php artisan down\n"
    assert begun(course(program(steps(text)), "`php artisan down` is cancelled"))[-1] == "php artisan up"
    assert begun(course(program(steps(text + "  shell: sh\n")), "`php artisan down` is cancelled")) == ["php artisan down"]


def test_s20_a_cut_command_took_effect_or_not() -> None:
    made = program(steps("- run: php artisan down"))
    found = {run.site.get("maintenance") for run in courses(made) if run.mishap == "`php artisan down` is cancelled"}
    assert found == {"on", "perhaps on"}


def test_s22_without_its_runner_nothing_runs_but_another_job_may_rescue() -> None:
    made = program(
        steps("- run: a\n- {run: b, if: always()}")
        + "\n  rescue:\n    runs-on: x\n    needs: deploy\n    if: always()\n    steps: [{run: c}]\n"
    )
    run = course(made, "`a` loses its runner", survive="lost")
    assert begun(run) == ["a", "c"]
    assert run.results["deploy"] == "failure"


# -- background steps ------------------------------------------------------------------------------------------------


BACKGROUND = "- {id: m, run: a, background: true}\n- run: b\n- wait: m\n- run: c\n- {run: d, if: failure()}"


def test_s24_a_failed_background_step_is_noticed_at_its_wait() -> None:
    found = {tuple(begun(run)) for run in courses(program(steps(BACKGROUND))) if run.mishap == "`a` fails"}
    assert found == {("a", "b", "d"), ("b", "a", "d")}


def test_s25_a_wait_runs_after_a_failure_too() -> None:
    found = {tuple(begun(run)) for run in courses(program(steps(BACKGROUND))) if run.mishap == "`b` fails"}
    assert found == {("a", "b", "d"), ("b", "a", "d")}


def test_s24_the_end_of_the_job_waits() -> None:
    made = program(steps("- {id: m, run: a, background: true}\n- run: b"))
    assert {run.status for run in courses(made) if run.mishap == "`a` fails"} == {"failure"}


def test_s25_a_cancelled_background_step_does_not_count_but_a_failed_one_does() -> None:
    made = program(steps("- {id: m, run: a, background: true}\n- cancel: m\n- run: b"))
    assert ran(course(made), "b")
    failed = {tuple(begun(run)) for run in courses(made) if run.mishap == "`a` fails"}
    assert ("a",) in failed


def test_s25_parallel_is_background_with_a_wait() -> None:
    made = program(steps("- parallel:\n    - {run: a}\n    - {run: b}\n- run: c"))
    assert {tuple(begun(run)) for run in courses(made, 0)} >= {("a", "b", "c")}
    assert all(not ran(run, "c") for run in courses(made) if run.mishap == "`a` fails")


# -- composite actions -------------------------------------------------------------------------------------------------


INNER = """
runs:
  using: composite
  steps:
    - {run: x, shell: bash}
    - {run: y, shell: bash, if: failure()}
    - {run: z, shell: bash, if: always()}
"""


def test_s28_inside_an_action_failure_speaks_of_the_action() -> None:
    made = program(steps("- run: a\n- {uses: ./action, if: failure()}"), actions={"./action": action(INNER)})
    assert begun(course(made, "`a` fails")) == ["a", "x", "z"]


def test_s29_a_failed_inner_step_fails_the_action() -> None:
    made = program(steps("- uses: ./action\n- run: b\n- {run: c, if: failure()}"), actions={"./action": action(INNER)})
    assert begun(course(made, "`x` fails")) == ["x", "y", "z", "c"]
    forgiven = program(steps("- {uses: ./action, continue-on-error: true}\n- run: b"), actions={"./action": action(INNER)})
    assert begun(course(forgiven, "`x` fails")) == ["x", "y", "z", "b"]


# -- jobs ----------------------------------------------------------------------------------------------------------------


def test_s32_a_forgiven_job_is_a_success_for_its_dependents_and_a_failed_check() -> None:
    made = program("""
        on: push
        jobs:
          a: {runs-on: x, continue-on-error: true, steps: [{run: work}]}
          b: {runs-on: x, needs: a, steps: [{run: probe}]}
        """)
    run = course(made, "`work` fails")
    assert ran(run, "probe")
    assert (run.status, run.results) == ("success", {"a": "failure", "b": "success"})


MATRIX = """
on: push
jobs:
  a:
    runs-on: x
    strategy: {fail-fast: %s, matrix: {server: [one, two]}}
    steps: [{run: work}, {run: restart}, {run: rollback, if: failure()}]
  b: {runs-on: x, needs: a, if: "failure()", steps: [{run: probe}]}
"""


def test_s33_a_failure_cancels_the_other_legs_without_their_rollback() -> None:
    found = {tuple(begun(run)) for run in courses(program(MATRIX % "true")) if run.mishap == "`work` fails"}
    assert ("work", "rollback", "probe") in found  # the second leg never began
    assert ("work", "rollback", "work", "probe") in found  # the second leg is cut: no rollback
    assert ("work", "restart", "work", "rollback", "probe") in found  # the second leg fails when the first is done


def test_s33_without_fail_fast_each_leg_goes_its_way() -> None:
    found = {tuple(begun(run)) for run in courses(program(MATRIX % "false")) if run.mishap == "`work` fails"}
    assert found == {
        ("work", "rollback", "work", "restart", "probe"),
        ("work", "restart", "work", "rollback", "probe"),
    }


def test_a_cancel_hits_all_jobs_that_run() -> None:
    made = program("""
        on: push
        jobs:
          a: {runs-on: x, steps: [{run: php artisan migrate}]}
          b: {runs-on: x, steps: [{run: php artisan down}, {run: php artisan up}]}
        """)
    found = {tuple(begun(run)) for run in courses(made) if run.mishap == "`php artisan migrate` is cancelled"}
    assert ("php artisan migrate", "php artisan down") in found
    assert ("php artisan down", "php artisan up", "php artisan migrate") in found


# -- what is not known ----------------------------------------------------------------------------------------------------


def test_an_unknown_is_assumed_once_for_the_whole_course() -> None:
    made = program(steps("- {run: a, if: github.ref == 'refs/heads/main'}\n- run: b\n- {run: c, if: github.ref == 'refs/heads/main'}"))
    assert {tuple(begun(run)) for run in courses(made, 0)} == {("a", "b", "c"), ("b",)}


def test_an_expression_in_a_script_is_what_the_run_made_of_it() -> None:
    made = program(steps("- {id: m, run: a}\n- if: always()\n  run: |\n    if [ \"${{ steps.m.outcome }}\" = failure ]; then b; fi\n"))
    assert begun(course(made)) == ["a"]
    assert begun(course(made, "`a` fails")) == ["a", "b"]


def test_a_variable_of_the_environment_is_what_the_run_made_of_it() -> None:
    made = program(steps("- {id: m, run: a}\n- if: always()\n  env: {M: '${{ steps.m.outcome }}'}\n  run: |\n    [ \"$M\" = success ] || b\n"))
    assert begun(course(made)) == ["a"]
    assert begun(course(made, "`a` fails")) == ["a", "b"]


def test_an_output_that_a_script_sets_is_known() -> None:
    made = program(steps("- id: m\n  run: echo \"changed=no\" >> \"$GITHUB_OUTPUT\"\n- {run: a, if: \"steps.m.outputs.changed == 'yes'\"}\n- {run: b, if: \"steps.m.outputs.changed == 'no'\"}"))
    assert {tuple(begun(run)) for run in courses(made, 0)} == {("b",)}
