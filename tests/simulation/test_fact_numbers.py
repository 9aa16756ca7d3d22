"""The facts of how GitHub runs steps and jobs by their number, played through a whole workflow."""

from __future__ import annotations

import textwrap

from tests.simulation.played import action, begun, course, courses, program


def steps(text: str, settings: str = "") -> str:
    """A workflow with one job of these steps."""
    written = textwrap.indent(textwrap.dedent(text).strip("\n"), " " * 6)
    return f"on: push\njobs:\n  deploy:\n    runs-on: x\n{settings}    steps:\n{written}\n"


# -- actions (S8, S17, S28, S29) --------------------------------------------------------------------------------------

USING = "- {{run: before}}\n- {{uses: ./action, if: {0}}}\n- {{run: after, if: always()}}"


def test_s8_an_error_in_a_condition_ends_the_action_that_it_stands_in() -> None:
    inner = """
        runs:
          using: composite
          steps:
            - {run: a, shell: bash, if: "fromJSON('{')", continue-on-error: true}
            - {run: b, shell: bash, if: always()}
        """
    calm = course(program(steps(USING.format("success()")), actions={"./action": action(inner)}))
    assert begun(calm) == ["before", "after"]
    assert calm.status == "failure"


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


# -- jobs and the legs of a matrix (S13, S33) -------------------------------------------------------------------------

MATRIX = "    strategy: {fail-fast: false, matrix: {server: [one, two]}}\n"


def test_s13_a_leg_does_not_see_the_steps_of_another() -> None:
    made = program(steps("- {run: a, if: steps.m.outcome == 'success'}\n- {run: b, id: m}", MATRIX))
    assert [begun(run) for run in courses(made, 0)] == [["b", "b"]]


def test_s13_outputs_of_a_step_say_nothing_of_a_namesake_in_another_job() -> None:
    job = "{runs-on: x, steps: [{uses: x/y@v1, id: m}, {run: %s, if: steps.m.outputs.changed == 'yes'}]}"
    made = program(f"on: push\njobs:\n  a: {job % 'a'}\n  b: {job % 'b'}\n")
    found = {tuple(name for name in begun(run) if name != "x/y@v1") for run in courses(made, 0)}
    assert found == {("a", "b"), ("a",), ("b",), ()}


def test_s33_each_leg_has_values_of_its_own() -> None:
    made = program(steps("- {run: a, if: matrix.server == 'one'}\n- {run: b, if: matrix.server == 'one'}", MATRIX))
    assert {tuple(begun(run)) for run in courses(made, 0)} == {("a", "b", "a", "b"), ("a", "b"), ()}
