"""What goes on around the steps of a job: its beginning, its end, its time, its dependents; a test for each fact."""

from __future__ import annotations

import pytest

from opslint.simulation.command import Meaning
from opslint.simulation.machine import WorkflowProgram
from opslint.simulation.run import Run
from tests.simulation.played import action, acts, begun, course, courses, program, workflow

JOB = "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n"


def steps(*written: str) -> str:
    return JOB + "".join(f"      - {step}\n" for step in written)


# -- S15: the end of a job ---------------------------------------------------------------------------------------------

CACHE = {"./cache": action("runs: {using: node20, main: a.js, post: b.js}")}
LATE = {"./cache": action("runs: {using: node20, main: a.js, post: b.js, post-if: failure()}")}
POST = "Post ./cache"


def test_s15_what_an_action_does_at_the_end_comes_after_all_steps() -> None:
    made = program(steps("{uses: ./cache}", "{run: a}", "{run: b}"), actions=CACHE)
    assert begun(course(made)) == ["./cache", "a", "b", POST]


def test_s15_it_runs_after_a_failure_and_after_a_cancel() -> None:
    made = program(steps("{uses: ./cache}", "{run: a}", "{run: b}"), actions=CACHE)
    assert begun(course(made, "`a` fails")) == ["./cache", "a", POST]
    assert begun(course(made, "`a` is cancelled")) == ["./cache", "a", POST]


def test_s15_the_last_one_comes_first() -> None:
    two = {name: action("runs: {using: node20, main: a.js, post: b.js}") for name in ("./one", "./two")}
    made = program(steps("{uses: ./one}", "{uses: ./two}"), actions=two)
    assert begun(course(made)) == ["./one", "./two", "Post ./two", "Post ./one"]


def test_s15_only_where_its_main_part_began() -> None:
    made = program(steps("{run: a}", "{uses: ./cache}"), actions=CACHE)
    assert begun(course(made, "`a` fails")) == ["a"]
    assert begun(course(made, "`./cache` fails")) == ["a", "./cache", POST]


def test_s15_its_own_condition_looks_at_the_job() -> None:
    made = program(steps("{uses: ./cache}", "{run: a}"), actions=LATE)
    assert begun(course(made)) == ["./cache", "a"]
    assert begun(course(made, "`a` fails")) == ["./cache", "a", POST]


def test_s15_it_fails_the_job() -> None:
    made = program(steps("{uses: ./cache}", "{run: a}"), actions=CACHE)
    assert course(made, f"`{POST}` fails").status == "failure"


# -- S16, S36: the beginning of a job ------------------------------------------------------------------------------------

RESCUE = """
on: push
jobs:
  down: {runs-on: x, steps: [{run: php artisan down}]}
  deploy:
    runs-on: x
    needs: down
    ENVIRONMENT
    steps: [{run: git pull}, {run: php artisan up, if: always()}]
  rescue: {runs-on: x, needs: deploy, if: "always() && needs.deploy.result == 'failure'", steps: [{run: probe}]}
"""


def hindered(environment: str, because: str) -> Run:
    made = program(RESCUE.replace("ENVIRONMENT", environment))
    return course(made, "`deploy` does not begin", because=because, survive="setup")


def test_s16_a_job_that_cannot_be_set_up_runs_no_step_at_all() -> None:
    run = hindered("name: deploy", "it cannot be set up")
    assert begun(run) == ["php artisan down", "probe"]
    assert run.results["deploy"] == "failure"
    assert run.site["maintenance"] == "on"


def test_s36_an_environment_that_refuses_fails_the_job() -> None:
    run = hindered("environment: production", "its environment refuses it")
    assert begun(run) == ["php artisan down", "probe"]
    assert run.results["deploy"] == "failure"


def test_s36_without_an_environment_nothing_refuses() -> None:
    with pytest.raises(AssertionError, match="no course"):
        hindered("name: deploy", "its environment refuses it")


def test_s16_is_only_played_where_it_is_asked_for() -> None:
    made = program(RESCUE.replace("ENVIRONMENT", "environment: production"))
    assert not [run for run in courses(made) if "begin" in run.mishap]


# -- S19: the time after a cancel ------------------------------------------------------------------------------------------

SLOW = steps("{run: a}", "{run: b; c, if: always()}", "{run: d, if: always()}")


def test_s19_what_runs_too_long_after_a_cancel_is_ended() -> None:
    run = course(program(SLOW), "`a` is cancelled, then `b` takes too long after the cancel", 2, "5 minutes", "cancel overrun")
    assert begun(run) == ["a", "b"]
    assert run.results["deploy"] == "cancelled"


def test_s19_the_time_is_the_jobs_own() -> None:
    made = program(SLOW.replace("runs-on: ubuntu-latest", "runs-on: x\n    cancel-timeout-minutes: 2"))
    assert course(made, "`a` is cancelled, then `b` takes too long after the cancel", 2, "2 minutes", "cancel overrun")


def test_s19_without_a_cancel_there_is_no_such_limit() -> None:
    assert all("too long" not in run.mishap for run in courses(program(SLOW), 1, "overrun"))


# -- S37: the next run ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cancel", "because"),
    [("true", "the run is cancelled, as by the next one"), ("false", "the run is cancelled")],
)
def test_s37_the_next_run_is_a_source_of_cancels(cancel: str, because: str) -> None:
    made = program(f"concurrency: {{group: live, cancel-in-progress: {cancel}}}\n" + steps("{run: a}", "{run: b}"))
    run = course(made, "`a` is cancelled")
    assert [h.because for h in run.happenings if h.text == "a" and h.kind == "command"] == [because]


# -- S26, S27: background steps ----------------------------------------------------------------------------------------------


def test_s26_what_stands_before_the_wait_runs_on_a_half_migrated_schema() -> None:
    made = program(steps("{id: m, run: php artisan migrate, background: true}", "{run: php artisan queue:restart}", "{wait: m}", "{run: php artisan up}"))
    found = [run for run in courses(made) if run.mishap == "`php artisan migrate` fails"]
    assert {tuple(begun(run)) for run in found} == {
        ("php artisan migrate", "php artisan queue:restart"),
        ("php artisan queue:restart", "php artisan migrate"),
    }
    assert {run.status for run in found} == {"failure"}


BACKGROUND = [
    pytest.param(("{id: m, run: a, background: true}", "{run: b}", "{wait-all: true}", "{run: c}"), "`a` fails", {"ab", "ba"}, "failure", id="a failure counts at wait-all"),
    pytest.param(("{id: m, run: a, background: true}", "{run: b}", "{wait: m}", "{run: c, if: failure()}"), "`a` fails", {"abc", "bac"}, "failure", id="and is seen behind it"),
    pytest.param(("{id: m, run: a, background: true, continue-on-error: true}", "{wait: m}", "{run: c}"), "`a` fails", {"ac"}, "success", id="continue-on-error forgives it"),
    pytest.param(("{id: m, run: a, background: true}", "{run: b}", "{run: c}", "{wait: m}"), "`a` fails", {"abc", "bca"}, "failure", id="before its wait nobody sees it"),
    pytest.param(("{id: m, run: a, background: true}", "{run: b}", "{cancel: m}", "{run: c}"), "", {"abc", "bc"}, "success", id="a cancelled one does not count"),
    pytest.param(("{id: m, run: a, background: true}", "{run: b}", "{cancel: m}", "{run: c}"), "`a` fails", {"ab"}, "failure", id="one that failed before its cancel does"),
    pytest.param(("{run: z}", "{id: m, run: a, background: true}", "{wait: m}", "{run: c}"), "`z` fails", {"z"}, "failure", id="after a failure none is begun"),
    pytest.param(("{id: m, run: a, background: true, if: 'false'}", "{wait: m}", "{run: c}"), "", {"c"}, "success", id="a skipped one is waited for in no time"),
    pytest.param(("{id: m, run: a, background: true}", "{id: n, run: b, background: true}", "{wait: [m, n]}", "{run: c}"), "`a` fails", {"ab", "ba"}, "failure", id="several are waited for together"),
    pytest.param(("{id: m, run: a, background: true}", "{run: b}"), "`a` fails", {"ab", "ba"}, "failure", id="the end of the job waits for all"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "mishap", "ways", "status"), BACKGROUND)
def test_s27_background_steps(written: tuple[str, ...], mishap: str, ways: set[str], status: str) -> None:
    found = [run for run in courses(program(steps(*written))) if run.mishap == mishap]
    assert {"".join(begun(run)) for run in found} == ways
    assert {run.status for run in found} == {status}


# -- S30, S34, S35: jobs -------------------------------------------------------------------------------------------------------

CHAIN = """
on: push
jobs:
  a: {runs-on: x, if: FIRST, steps: [{run: a}]}
  b: {runs-on: x, needs: a, if: always(), steps: [{run: b}]}
  c: {runs-on: x, needs: b, steps: [{run: c}]}
  d: {runs-on: x, needs: c, if: failure(), steps: [{run: d}]}
"""


def test_s30_a_skipped_ancestor_skips_those_who_come_after_a_job_that_ran() -> None:
    assert begun(course(program(CHAIN.replace("FIRST", "'false'")))) == ["b"]
    assert begun(course(program(CHAIN.replace("FIRST", "'true'")))) == ["a", "b", "c"]


def test_s30_a_failed_ancestor_is_seen_by_all_who_come_after() -> None:
    assert begun(course(program(CHAIN.replace("FIRST", "'true'")), "`a` fails")) == ["a", "b", "d"]


def test_s34_a_condition_skips_a_matrix_as_one_job() -> None:
    made = program("""
        on: push
        jobs:
          a: {runs-on: x, if: 'false', strategy: {matrix: {n: [1, 2]}}, steps: [{run: a}]}
          b: {runs-on: x, needs: a, if: "always() && needs.a.result == 'skipped'", steps: [{run: b}]}
        """)
    run = course(made)
    assert (begun(run), run.results) == (["b"], {"a": "skipped", "b": "success"})
    assert [h.text for h in run.happenings if h.kind == "job" and h.outcome == "skipped"] == ["a"]


CALLER = """
on: push
env: {FLAG: set}
jobs:
  release: {uses: ./.github/workflows/release.yml}
  after: {runs-on: x, needs: release, steps: [{run: after}]}
  rescue: {runs-on: x, needs: release, if: failure(), steps: [{run: rescue}]}
"""
CALLED = """
on: workflow_call
jobs:
  one: {runs-on: x, steps: [{run: one, if: env.FLAG != 'set'}, {run: flagged, if: env.FLAG == 'set'}]}
  two: {runs-on: x, needs: one, SETTING, steps: [{run: two}]}
"""


def calling(setting: str = "name: two") -> WorkflowProgram:
    called = workflow(CALLED.replace("SETTING", setting))
    return WorkflowProgram(workflow(CALLER), Meaning(acts=acts, workflow=lambda job: called))


def test_s35_the_worst_result_of_a_called_workflow_is_the_callers() -> None:
    made = calling()
    assert begun(course(made, "`two` fails"))[-1] == "rescue"
    assert course(made, "`two` fails").results["release"] == "failure"
    assert course(made, "`two` is cancelled").results["release"] == "cancelled"


def test_s35_a_job_that_is_skipped_in_it_is_no_failure() -> None:
    assert begun(course(calling("if: 'false'")))[-1] == "after"


def test_s35_a_job_that_is_forgiven_in_it_is_no_failure() -> None:
    assert begun(course(calling("continue-on-error: true"), "`two` fails"))[-1] == "after"

