"""When steps and jobs run, in words: the words are what the simulation answers, and quote where they cannot say."""

from __future__ import annotations

import pytest

from opslint.model.workflow import Workflow, read_workflow
from opslint.source import Source
from opslint.syntax import yaml
from opslint.views.when import When, when_job, when_step
from tests.simulation.test_facts import JOBS, NEEDS, SITUATIONS, STEPS

_ALSO = "runs also after a failure or cancel"
_FAILURE = "runs only after a failure, not after a cancel"
# Conditions of real workflows, as steps.
WORDS = {
    # the status
    "": "",
    "success()": "",
    "failure()": _FAILURE,
    "${{ failure() }}": _FAILURE,
    "always()": _ALSO,
    "cancelled()": "runs only after a cancel, not after a failure",
    "!cancelled()": "runs also after a failure, not after a cancel",
    "!success()": "runs only after a failure or cancel",
    "!failure()": "runs also after a cancel, not after a failure",
    "success() || failure()": "runs also after a failure, not after a cancel",
    "failure() || cancelled()": "runs only after a failure or cancel",
    "job.status == 'failure'": "never runs",
    "always() && job.status == 'failure'": _FAILURE,
    "${{ false }}": "never runs",
    # the status and more
    "failure() && steps.m.outcome == 'failure'": f"{_FAILURE}, and only if `Migrate` failed",
    "always() && steps.m.outcome != 'success'": f"{_ALSO}, and only if `Migrate` did not succeed",
    "always() && steps.m.outcome == 'failure'": "runs only after a failure or cancel, and only if `Migrate` failed",
    "(failure() || cancelled()) && steps.m.outcome == 'success'": (
        "runs only after a failure or cancel, and only if `Migrate` succeeded"
    ),
    "failure() || github.ref == 'refs/heads/main'": (
        "while all is well: only on branch `main`; after a failure: always; after a cancel: only on branch `main`"
    ),
    # how steps ended: what stops the job is not asked any more
    "steps.m.outcome == 'failure'": "never runs",
    "steps.l.outcome == 'failure'": "only if `Lenient` failed",
    "steps.l.conclusion == 'failure'": "never runs",
    "steps.M.outcome == 'success' && steps.l.outcome == 'success'": "only if `Migrate` succeeded and `Lenient` succeeded",
    "steps.m.outcome == 'skipped'": "only if `Migrate` was skipped",
    "steps.typo.outcome == 'failure'": "never runs",
    "steps.m.outputs.changed": "only if the output `changed` of `Migrate` is not empty",
    "!steps.m.outputs.changed": "only if the output `changed` of `Migrate` is empty",
    "steps.m.outputs.cache-hit != 'true'": "only if the output `cache-hit` of `Migrate` is not `true`",
    # what started it, and where
    "github.event_name == 'push' && github.ref == 'refs/heads/main'": "only on pushes to `main`",
    "github.ref == 'refs/tags/v1' && 'push' == github.event_name": "only on pushes of tag `v1`",
    "github.event_name == 'push' && github.ref != 'refs/heads/main'": "only on pushes and not on branch `main`",
    "github.event_name != 'pull_request'": "not on pull requests",
    "github.event_name == 'workflow_dispatch'": "only on a start by hand",
    "github.event_name == 'fork'": "only on the event `fork`",
    "github.ref == 'refs/heads/main' || github.ref == 'refs/heads/next'": "only on branch `main` or on branch `next`",
    "startsWith(github.ref, 'refs/tags/')": "only on tags",
    "!startsWith(github.ref, 'refs/tags/v')": "not on tags that begin with `v`",
    "startsWith(github.ref, 'refs/heads/release/')": "only on branches that begin with `release/`",
    "github.ref_name == 'main'": "only on the branch or tag `main`",
    "github.base_ref == 'main'": "only on pull requests into `main`",
    "github.ref_type == 'tag'": "only on tags",
    "github.repository_owner == 'shop'": "only in repositories of `shop`",
    "github.actor != 'dependabot[bot]'": "not when `dependabot[bot]` started it",
    "github.event.pull_request.merged == true": "only if the pull request was merged",
    "github.event.pull_request.merged": "only if the pull request was merged",
    "!github.event.pull_request.draft": "only if the pull request is no draft",
    "github.event.pull_request.draft == false": "only if the pull request is no draft",
    "github.event.workflow_run.conclusion == 'success'": "only if the workflow before it succeeded",
    "contains(github.event.pull_request.labels.*.name, 'deploy')": "only on pull requests labelled `deploy`",
    "!contains(github.event.head_commit.message, '[skip]')": "only if the commit message does not contain `[skip]`",
    # settings
    "github.event.inputs.environment == 'production'": "only if the input `environment` is `production`",
    "inputs.environment == 'production'": "only if the input `environment` is `production`",
    "env.DEPLOY != ''": "only if the variable `DEPLOY` is not empty",
    "vars.DEPLOY == 'yes'": "only if the repository variable `DEPLOY` is `yes`",
    "matrix.os == 'ubuntu-latest' && matrix.php != '8.2'": (
        "only in matrix legs where `os` is `ubuntu-latest` and `php` is not `8.2`"
    ),
    "matrix.php == 8.2": "only in matrix legs where `php` is `8.2`",
    "runner.os == 'Linux'": "only on Linux runners",
    # put together
    "(env.A == '1' || env.B == '2') && env.C == '3'": (
        "only (if the variable `A` is `1` or the variable `B` is `2`) and if the variable `C` is `3`"
    ),
    "!(env.A == '1' && env.B == '2')": "only if the variable `A` is not `1` or the variable `B` is not `2`",
    # what has no plain words, or whose plain words would say something else
    "inputs.run_tests": "only if `inputs.run_tests`",
    "!inputs.run_tests": "only if not `inputs.run_tests`",
    "inputs.flag == 'true'": "only if `inputs.flag == 'true'`",
    "env.HAS_DOCKER == true": "only if `env.HAS_DOCKER == true`",
    "matrix.php >= '8.2'": "only if `matrix.php >= '8.2'`",
    "contains(inputs.extensions, 'imagick')": "only if `contains(inputs.extensions, 'imagick')`",
    "startsWith(github.ref, 'refs/')": "only if `startsWith(github.ref, 'refs/')`",
    "github.ref == 'main'": "only if `github.ref == 'main'`",
    "fromJSON(env.X).y == 'z'": "only if `fromJSON(env.X).y == 'z'`",
    "hashFiles('composer.lock') != ''": "only if `hashFiles('composer.lock') != ''`",
    # what GitHub makes something else of
    "true && ${{ false }}": "text around `${{ }}` makes `true && ${{ false }}` true whatever it says",
    "${{ always() }} ": f"{_ALSO}, for text around `${{{{ }}}}` makes `${{{{ always() }}}}` true whatever it says",
    "failure": "GitHub cannot read its condition `failure`",
    "secrets.KEY != ''": "GitHub cannot read its condition `secrets.KEY != ''`",
}
_ALL = "runs also after a failure, cancel, timeout or skip"
# Conditions of jobs that wait for `deploy`, which waits for another one.
JOB_WORDS = {
    "": "",
    "failure()": "runs only after a failure, not after a cancel, timeout or skip",
    "always()": _ALL,
    "!cancelled()": "runs also after a failure, timeout or skip, not after a cancel",
    "!cancelled() && !failure()": "runs also after a timeout or skip, not after a failure or cancel",
    "needs.deploy.result == 'failure'": "never runs",
    "needs.deploy.result == 'success'": "",
    "failure() && needs.deploy.result == 'failure'": (
        "runs only after a failure, not after a cancel, timeout or skip, and only if `deploy` failed"
    ),
    "!cancelled() && needs.deploy.result == 'success'": (
        "runs also after a failure, timeout or skip, not after a cancel, and only if `deploy` succeeded"
    ),
    "always() && (needs.deploy.result == 'success' || needs.deploy.result == 'skipped')": (
        f"{_ALL}, and only if `deploy` succeeded or `deploy` was skipped"
    ),
    "always() && contains(needs.*.result, 'failure')": (
        "runs only after a failure, cancel, timeout or skip, and only if a job it needs failed"
    ),
    "needs.deploy.outputs.release == 'true'": "only if the output `release` of `deploy` is `true`",
    "steps.m.outcome == 'failure'": "GitHub cannot read its condition `steps.m.outcome == 'failure'`",
}


def workflow(condition: str) -> Workflow:
    """`probe` behind two steps of its job, and the job `after` behind two jobs, both with the condition."""
    written = "if: '" + condition.replace("'", "''") + "'" if condition else "name: probe"
    text = f"""
on: push
jobs:
  grand: {{runs-on: x, steps: [{{run: x}}]}}
  deploy:
    needs: grand
    runs-on: x
    steps:
      - {{id: m, name: Migrate, run: x}}
      - {{id: l, name: Lenient, run: x, continue-on-error: true}}
      - run: probe
        {written}
  after:
    needs: deploy
    {written}
    runs-on: x
    steps: [{{run: x}}]
  alone:
    {written}
    runs-on: x
    steps: [{{run: x}}]
"""
    return read_workflow(yaml.read(Source("w.yml", text)))


def of_step(condition: str) -> When:
    steps = workflow(condition).jobs[1].steps
    return when_step(steps[2], steps)


def of_job(condition: str, job: int = 2) -> When:
    found = workflow(condition)
    return when_job(found.jobs[job], found)


@pytest.mark.parametrize("condition", WORDS)
def test_a_step_in_words(condition: str) -> None:
    assert of_step(condition).words == WORDS[condition]


@pytest.mark.parametrize("condition", JOB_WORDS)
def test_a_job_in_words(condition: str) -> None:
    assert of_job(condition).words == JOB_WORDS[condition]


def test_a_job_that_waits_for_nothing_can_only_be_cancelled() -> None:
    assert of_job("always()", job=3).words == "runs also after a cancel"
    assert of_job("failure()", job=3).words == "never runs"
    assert of_job("!cancelled()", job=3).words == ""


# The columns of the tables of conditions that are states of their own.
STEP_COLUMNS = {"success": "ok", "failure": "failed", "cancelled": "cancelled"}
JOB_COLUMNS = {"success": "ok", "failure": "failed", "skipped": "skipped", "cancelled": "cancelled"}


@pytest.mark.parametrize("state", STEP_COLUMNS)
@pytest.mark.parametrize("condition", STEPS)
def test_what_is_said_of_a_step_is_what_is_played(condition: str, state: str) -> None:
    """The simulation's table knows how the step `m` ended; what hangs on that is said as a condition."""
    answer, runs = of_step(condition).answers[state], STEPS[condition][SITUATIONS.index(STEP_COLUMNS[state])] == "R"
    assert answer is runs or (not isinstance(answer, bool) and "steps.m" in condition)


@pytest.mark.parametrize("state", JOB_COLUMNS)
@pytest.mark.parametrize("condition", JOBS)
def test_what_is_said_of_a_job_is_what_is_played(condition: str, state: str) -> None:
    answer, runs = of_job(condition).answers[state], JOBS[condition][NEEDS.index(JOB_COLUMNS[state])] == "R"
    assert answer is runs or (not isinstance(answer, bool) and "needs.deploy" in condition)


@pytest.mark.parametrize("condition", ["failure()", "always()", "cancelled()", "!failure()"])
def test_a_sure_answer_is_no_condition(condition: str) -> None:
    assert all(isinstance(answer, bool) for answer in of_step(condition).answers.values())
