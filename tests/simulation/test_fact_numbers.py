"""The facts of how GitHub runs steps and jobs by their number, played through a whole workflow: conditions and jobs.

Those of steps are in `test_fact_numbers_of_steps`. `SHOWN_ELSEWHERE` names the tests of other modules that show one;
a fact that has none anywhere is missed by the first test.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.simulation.played import begun, course, courses, program, ran

MATRIX = "    strategy: {fail-fast: false, matrix: {server: [one, two]}}\n"
HERE = Path(__file__)
STEPS = HERE.with_name("test_fact_numbers_of_steps.py")
FACTS = (*range(1, 15), 17, 18, *range(21, 26), 28, 29, *range(31, 34))
SHOWN_ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "S1": ("syntax/test_condition.py::test_what_is_evaluated",),
    "S2": ("syntax/test_condition.py::test_what_is_evaluated", "simulation/test_facts.py::test_step_runs"),
    "S4": ("syntax/test_expression.py::test_contexts_and_functions_depend_on_the_place",),
    "S5": ("simulation/test_value.py::test_false", "simulation/test_value.py::test_true",),
    "S6": ("simulation/test_evaluation.py::test_evaluates_as_was_recorded",),
    "S7": ("simulation/test_machine.py::test_s7_a_step_that_does_not_exist_has_no_outcome",),
    "S8": ("simulation/test_machine.py::test_s8_an_error_in_a_condition_fails_the_step_for_good",),
    "S9": ("simulation/test_facts.py::test_step_runs",),
    "S10": ("simulation/test_machine.py::test_s10_nothing_resets_a_failed_job",),
    "S11": (
        "simulation/test_machine.py::test_s11_a_cancel_is_not_forgiven",
        "simulation/test_machine.py::test_s11_an_unknown_flag_is_assumed_both_ways",
    ),
    "S12": ("simulation/test_facts.py::test_step_runs",),
    "S13": ("simulation/test_machine.py::test_s13_a_step_that_was_not_reached_has_no_outcome",),
    "S14": ("simulation/test_machine.py::test_s14_a_step_that_times_out_has_failed",),
    "S17": (
        "simulation/test_machine.py::"
        "test_s17_a_running_rollback_is_killed_by_a_cancel_unless_its_condition_still_holds",
    ),
    "S18": ("simulation/test_facts.py::test_step_runs",),
    "S21": ("simulation/test_facts.py::test_step_runs", "simulation/test_facts.py::test_job_runs"),
    "S22": ("simulation/test_machine.py::test_s22_without_its_runner_nothing_runs_but_another_job_may_rescue",),
    "S24": (
        "simulation/test_machine.py::test_s24_a_failed_background_step_is_noticed_at_its_wait",
        "simulation/test_machine.py::test_s24_the_end_of_the_job_waits",
    ),
    "S25": (
        "simulation/test_machine.py::test_s25_a_wait_runs_after_a_failure_too",
        "simulation/test_machine.py::test_s25_a_cancelled_background_step_does_not_count_but_a_failed_one_does",
        "simulation/test_machine.py::test_s25_parallel_is_background_with_a_wait",
    ),
    "S28": ("simulation/test_machine.py::test_s28_inside_an_action_failure_speaks_of_the_action",),
    "S29": ("simulation/test_machine.py::test_s29_a_failed_inner_step_fails_the_action",),
    "S31": (
        "simulation/test_facts.py::test_job_runs",
        "simulation/test_facts.py::test_job_runs_where_a_timeout_counts_as_a_failure",
    ),
    "S32": (
        "simulation/test_machine.py::test_s32_a_forgiven_job_is_a_success_for_its_dependents_and_a_failed_check",
    ),
    "S33": (
        "simulation/test_machine.py::test_s33_a_failure_cancels_the_other_legs_without_their_rollback",
        "simulation/test_machine.py::test_s33_without_fail_fast_each_leg_goes_its_way",
    ),
}
# Not played: nothing in a workflow guards against a force-cancel, so there is nothing to find out.
NOT_PLAYED = {"S23"}


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_fact_has_a_test() -> None:
    here = {name.split("_")[1].upper() for name in names_in(HERE) | names_in(STEPS)}
    assert {f"S{number}" for number in FACTS} == here & {f"S{n}" for n in FACTS} | set(SHOWN_ELSEWHERE) | NOT_PLAYED
    for test in (test for shown in SHOWN_ELSEWHERE.values() for test in shown):
        path, name = test.split("::")
        assert name in names_in(HERE.parents[1] / path), test


def steps(text: str, settings: str = "") -> str:
    """A workflow with one job of these steps."""
    written = textwrap.indent(textwrap.dedent(text).strip("\n"), " " * 6)
    return f"on: push\njobs:\n  deploy:\n    runs-on: x\n{settings}    steps:\n{written}\n"


def runs_after(condition: str) -> str:
    """Whether a step with this `if:` runs when all went well, and after a failure: `x-`, `-x`, `xx` or `--`."""
    made = program(steps(f"- run: work\n- run: probe\n  if: {condition}\n"))
    found = (ran(course(made, mishap), "probe") for mishap in ("", "`work` fails"))
    return "".join("x" if each else "-" for each in found)


# -- the text of a condition (S1 to S8) -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        ("", "x-"),
        ('""', "x-"),
        ("true", "x-"),
        ("${{ true }}", "x-"),
        ("true || failure()", "xx"),
        ("FAILURE()", "-x"),
        ("contains(format('{0}', always()), 'rue')", "xx"),
        ("\"'failure()' == 'failure()'\"", "x-"),
    ],
)
def test_s1_a_condition_without_a_status_function_asks_for_success(condition: str, runs: str) -> None:
    assert runs_after(condition) == runs


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        ("${{ false }}", "--"),
        ("'${{ false }} '", "x-"),
        ("|\n    ${{ false }}", "x-"),
        ("${{ true }} && ${{ false }}", "x-"),
        ("true && ${{ false }}", "x-"),
        ("'${{ always() }} '", "xx"),
        ("failure() && ${{ always() }}", "xx"),
        ("failure() && ${{ true }}", "x-"),
    ],
)
def test_s2_text_around_a_fence_is_true(condition: str, runs: str) -> None:
    assert runs_after(condition) == runs


@pytest.mark.parametrize(
    ("condition", "runs"),
    [("|\n    failure() &&\n    true", "-x"), ("'!cancelled()'", "xx"), ("${{ !cancelled() }}", "xx")],
)
def test_s3_lines_and_signs_need_no_fence_but_quotes(condition: str, runs: str) -> None:
    assert runs_after(condition) == runs


def test_s4_a_step_sees_its_job_and_the_jobs_before() -> None:
    made = program("""
        on: push
        jobs:
          a: {runs-on: x, steps: [{run: work}]}
          b:
            runs-on: x
            needs: a
            if: always()
            steps: [{run: probe, if: "job.status == 'success' && needs.a.result == 'failure'"}]
        """)
    assert begun(course(made)) == ["work"]
    assert begun(course(made, "`work` fails")) == ["work", "probe"]


def test_s4_a_variable_that_a_step_sets_is_known_to_its_condition_alone() -> None:
    asked = "if: env.MODE == 'fast'"
    made = program(steps(f"- {{run: a, env: {{MODE: fast}}, {asked}}}\n- {{run: b, env: {{MODE: slow}}, {asked}}}\n- {{run: c, {asked}}}"))
    assert {tuple(begun(run)) for run in courses(made, 0)} == {("a",), ("a", "c")}


def test_s4_a_variable_of_a_job_is_not_that_of_another() -> None:
    job = "{runs-on: x, env: {SITE: %s}, steps: [{run: %s, if: env.SITE == 'production'}]}"
    made = program(f"on: push\njobs:\n  a: {job % ('staging', 'a')}\n  b: {job % ('production', 'b')}\n")
    assert ("b",) in {tuple(begun(run)) for run in courses(made, 0)}


@pytest.mark.parametrize("value", ["false", "0", "-0", "NaN", "''", "null"])
def test_s5_these_are_false(value: str) -> None:
    assert runs_after(f'"{value}"') == "--"
    assert runs_after(f'"!{value}"') == "x-"


@pytest.mark.parametrize("value", ["'false' || false", "'0' || false", "job || false", "-1", "steps || false"])
def test_s5_these_are_true(value: str) -> None:
    assert runs_after(f'"{value}"') == "x-"


def test_s5_an_output_is_text_and_its_false_is_true() -> None:
    made = program(steps("""
        - id: m
          run: echo "changed=false" >> "$GITHUB_OUTPUT"
        - {run: a, if: steps.m.outputs.changed}
        - {run: b, if: "steps.m.outputs.changed == 'true'"}
        """))
    assert [begun(run) for run in courses(made, 0)] == [["a"]]


@pytest.mark.parametrize(
    ("comparison", "holds"),
    [
        ("'' == 0", True),
        ("null == ''", True),
        ("'1' == true", True),
        ("' 12 ' == 12", True),
        ("'0x10' == 16", True),
        ("'1e2' == 100", True),
        ("'ABC' == 'abc'", True),
        ("'false' == false", False),
        ("true == 'true'", False),
        ("'x' == 0", False),
        ("NaN == NaN", False),
        ("('' == null && 'null') == 'null'", True),
        ("(false || 'x') == 'x'", True),
    ],
)
def test_s6_a_comparison_makes_numbers_of_what_differs(comparison: str, holds: bool) -> None:
    assert runs_after(f'"{comparison}"') == ("x-" if holds else "--")


def test_s7_what_does_not_exist_is_null() -> None:
    assert runs_after("steps.typo.outcome == 'failure'") == "--"
    assert runs_after("steps.typo.outcome != 'success'") == "x-"
    assert runs_after("contains('Maintenance', 'main')") == "x-"
    assert runs_after("case(false, 'a', 'b') == 'b'") == "x-"


def test_s7_case_takes_no_predicate_but_a_boolean() -> None:
    calm = course(program(steps("- run: work\n- run: probe\n  if: case('x', 'a', 'b') == 'a'\n")))
    assert (begun(calm), calm.status) == (["work"], "failure")


def test_s8_an_error_in_the_environment_fails_the_step_whatever_its_condition() -> None:
    failing = "env: {X: \"${{ fromJSON('{') }}\"}, continue-on-error: true"
    made = program(steps(f"- {{run: a, {failing}, if: false}}\n- run: b\n- {{run: c, if: failure()}}"))
    assert begun(course(made)) == ["c"]


# -- jobs and the legs of a matrix (S31 to S33) -----------------------------------------------------------------------


def test_s31_failure_is_that_of_any_job_before() -> None:
    made = program("""
        on: push
        jobs:
          a: {runs-on: x, steps: [{run: work}]}
          b: {runs-on: x, needs: a, if: always(), steps: [{run: clean}]}
          c: {runs-on: x, needs: b, if: failure(), steps: [{run: probe}]}
        """)
    assert begun(course(made)) == ["work", "clean"]
    assert begun(course(made, "`work` fails")) == ["work", "clean", "probe"]


def test_s31_cancelled_is_that_of_the_run_whatever_a_job_is_called() -> None:
    made = program("""
        on: push
        jobs:
          run: {runs-on: x, steps: [{run: work}]}
          after: {runs-on: x, needs: run, if: cancelled(), steps: [{run: probe}]}
        """)
    assert begun(course(made, "`work` is cancelled")) == ["work", "probe"]
    assert begun(course(made, "`work` times out")) == ["work"]


def test_s32_a_gate_sees_no_failure_of_a_forgiven_job() -> None:
    made = program("""
        on: push
        jobs:
          tests: {runs-on: x, continue-on-error: true, steps: [{run: work}]}
          gate:
            runs-on: x
            needs: tests
            if: always()
            steps: [{run: exit 1, if: "contains(needs.*.result, 'failure')"}]
        """)
    run = course(made, "`work` fails")
    assert (run.status, run.results) == ("success", {"tests": "failure", "gate": "success"})


def test_s32_a_forgiven_step_leaves_the_check_green() -> None:
    run = course(program(steps("- {run: work, continue-on-error: true}")), "`work` fails")
    assert run.results == {"deploy": "success"}


def test_s33_a_matrix_has_failed_where_one_leg_has() -> None:
    made = program("""
        on: push
        jobs:
          a:
            runs-on: x
            strategy: {fail-fast: false, matrix: {server: [one, two]}}
            steps: [{run: work}]
          b: {runs-on: x, needs: a, if: "failure() && needs.a.result == 'failure'", steps: [{run: probe}]}
        """)
    found = {(tuple(begun(run)), run.results["a"]) for run in courses(made) if run.mishap == "`work` fails"}
    assert found == {(("work", "work", "probe"), "failure")}


def test_s33_each_leg_has_values_of_its_own() -> None:
    made = program(steps("- {run: a, if: matrix.server == 'one'}\n- {run: b, if: matrix.server == 'one'}", MATRIX))
    assert {tuple(begun(run)) for run in courses(made, 0)} == {("a", "b", "a", "b"), ("a", "b"), ()}
