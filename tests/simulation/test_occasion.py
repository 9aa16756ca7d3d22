"""Runs of a workflow: what they know, and which jobs can then run."""

from __future__ import annotations

import pytest

from opslint.files import Memory
from opslint.model.project import Project
from opslint.simulation.occasion import deploying, occasions, runnable, value_of
from opslint.simulation.value import Unknown
from opslint.source import Source
from opslint.syntax.tree import Scalar


def project(on: str, jobs: str) -> Project:
    return Project(Memory({".github/workflows/w.yml": f"on: {on}\njobs:\n{jobs}"}))


def running(on: str, jobs: str) -> dict[str, str]:
    """The jobs that can run, by event."""
    found = project(on, jobs)
    (workflow,) = found.workflows
    return {each.start.event: " ".join(sorted(runnable(workflow, each))) for each in occasions(found, workflow)}


@pytest.mark.parametrize(
    ("condition", "pushed", "pulled"),
    [
        pytest.param("true", "a b", "a b", id="always the same"),
        pytest.param("github.event_name == 'push'", "a b", "", id="by event"),
        pytest.param("github.event.pull_request", "", "a b", id="by payload"),
        pytest.param("github.event.pull_request.draft", "", "a b", id="by what is not known of it"),
        pytest.param("github.head_ref == ''", "a b", "", id="by head"),
        pytest.param("failure()", "", "", id="nothing has failed before the first"),
        pytest.param("vars.X", "a b", "a b", id="by a variable"),
    ],
)
def test_jobs_that_can_run(condition: str, pushed: str, pulled: str) -> None:
    jobs = f"  a: {{if: \"{condition}\", runs-on: x}}\n  b: {{needs: a, runs-on: x}}\n"
    assert running("[push, pull_request]", jobs) == {"push": pushed, "pull_request": pulled}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param("always()", "b", id="always"),
        pytest.param("needs.a.result == 'success'", "", id="without a status function"),
        pytest.param("always() && needs.a.result == 'success'", "", id="its result is known"),
        pytest.param("always() && needs.a.result == 'skipped'", "b", id="to be skipped"),
        pytest.param("!failure()", "b", id="nothing failed"),
    ],
)
def test_job_behind_a_skipped_one(condition: str, expected: str) -> None:
    jobs = f"  a: {{if: github.ref == 'x', runs-on: x}}\n  b: {{needs: a, if: \"{condition}\", runs-on: x}}\n"
    assert running("push", jobs) == {"push": expected}


def test_many_jobs_that_need_all_before_them_are_no_burden() -> None:
    jobs = "".join(f"  j{n}: {{runs-on: x, needs: [{', '.join(f'j{m}' for m in range(n))}]}}\n" for n in range(60))
    assert len(running("push", jobs)["push"].split()) == 60


def test_workflows_that_call_one_another_end() -> None:
    called = "on: [push, workflow_call]\njobs: {a: {uses: ./.github/workflows/w.yml}}\n"
    found = Project(Memory({".github/workflows/w.yml": called}))
    assert list(occasions(found, found.workflows[0]))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("live", "live", id="plain"),
        pytest.param("a-${{ github.ref_name }}-b", "a-main-b", id="known"),
        pytest.param("${{ github.event_name == 'push' }}", True, id="typed"),
        pytest.param("a-${{ vars.X }}", Unknown("a-${{ vars.x }}", text=True), id="not known"),
        pytest.param("${{ a b }}", Unknown("a b"), id="not to be read"),
    ],
)
def test_value_of_text_with_expressions(written: str, expected: object) -> None:
    found = project("{push: {branches: [main]}}", "  a: {runs-on: x}\n")
    occasion = next(occasions(found, found.workflows[0]))
    text = Source("x", written).text
    assert value_of(Scalar(text, written, text.span), occasion.contexts) == expected


def test_deploying_tells_in_which_runs_which_acts_are_done() -> None:
    steps = (
        "    steps:\n      - run: ssh h 'git pull'\n"
        "      - {if: github.ref_name == 'main', run: ssh h 'php artisan up'}\n"
    )
    (each,) = deploying(project("{push: {branches: [main, next]}}", f"  a:\n    runs-on: x\n{steps}"))
    assert {run.start.ref: sorted(able) for run, able in each.reached} == {
        "refs/heads/main": [0, 1],
        "refs/heads/next": [0],
    }
