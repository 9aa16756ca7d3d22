"""What starts a workflow, keeps its runs apart and names its checks: a test for each fact that the gates rest on."""

from __future__ import annotations

import pytest

from opslint.checks import jobs
from opslint.files import Memory
from opslint.finding import Severity
from opslint.model.concurrency import groups
from opslint.model.project import Project
from opslint.model.trigger import passes
from opslint.views.checks import explain_workflow
from opslint.views.screen import Screen
from tests.checks.test_gates import runs, states, workflow

CI = ".github/workflows/ci.yml"
DEPLOY = "on: push\nconcurrency: {{group: live{0}}}\njobs:\n  deploy:\n    runs-on: x\n    steps: [{{run: ssh h 'git pull'}}]\n"


def project(content: str, **files: str) -> Project:
    others = {f".github/workflows/{name}.yml": text for name, text in files.items()}
    return Project(Memory({CI: content, "composer.json": "{}", **others}))


def told(content: str, path: str = CI, **files: str) -> str:
    screen = Screen(color=False, width=100)
    explain_workflow(screen, project(content, **files), path)
    return screen.text


def test_s34_a_matrix_that_is_skipped_is_one_check_and_counts_as_passed() -> None:
    job = "{runs-on: x, if: github.event_name == 'push', strategy: {matrix: {php: ['8.3', '8.4']}}, steps: [{run: phpunit}]}"
    text = told(f"on: [push, pull_request]\njobs:\n  tests: {job}\n")
    assert "  tests (each leg of its matrix), on push\n    is skipped on pull_request, and that counts as passed\n" in text


def test_s37_the_next_run_stops_a_running_deployment() -> None:
    (stopped,) = jobs.serialised(project(DEPLOY.format(", cancel-in-progress: true")))
    assert (stopped.state, stopped.severity) == ("broken", Severity.ERROR)
    (waits,) = jobs.serialised(project(DEPLOY.format("")))
    assert waits.state == "holds"


def test_s37_a_job_waits_in_its_own_group_and_in_that_of_its_workflow() -> None:
    found = project(DEPLOY.format("").replace("runs-on: x", "runs-on: x\n    concurrency: own")).workflows[0]
    assert [str(group.name) for group in groups(found, found.jobs[0])] == ["own", "live"]


def test_s38_a_filter_leaves_the_check_unreported_and_a_condition_reports_a_success() -> None:
    text = told("on: {pull_request: {paths: ['app/**']}}\njobs: {a: {runs-on: x, steps: [{run: phpunit}]}}\n")
    assert "never reports on pull_request where `paths` leaves every changed file out" in text
    text = told("on: [push, pull_request]\njobs: {a: {runs-on: x, if: github.event_name == 'push', steps: [{run: phpunit}]}}\n")
    assert "is skipped on pull_request, and that counts as passed" in text


GATE = "on: pull_request\njobs:\n  a: {{runs-on: x, steps: [{{run: phpunit}}]}}\n  gate: {{runs-on: x, needs: a, {0}steps: [{{{1}run: {2}}}]}}\n"


@pytest.mark.parametrize(
    ("condition", "step", "run", "said"),
    [
        pytest.param("", "", "exit 0", "passes although `a` fails: it is skipped then", id="without a condition"),
        pytest.param("if: always(), ", "", "echo ok", "passes although `a` fails", id="it asks nothing"),
        pytest.param("if: always(), ", "if: \"contains(needs.*.result, 'failure')\", ", "exit 1", "does not pass when `a` fails", id="it asks"),
    ],
)
def test_s39_a_gate_is_green_unless_it_runs_and_asks(condition: str, step: str, run: str, said: str) -> None:
    assert said in told(GATE.format(condition, step, run))


def test_s40_a_check_is_named_after_its_job_its_leg_and_its_caller() -> None:
    called = "on: workflow_call\njobs: {tests: {name: Unit, runs-on: x, steps: [{run: phpunit}]}}\n"
    caller = "on: pull_request\njobs: {quality: {uses: ./.github/workflows/quality.yml}}\n"
    assert "  quality / Unit, on pull_request\n" in told(caller, ".github/workflows/quality.yml", quality=called)
    named = "on: pull_request\njobs: {a: {name: Tests, runs-on: x, strategy: {matrix: {n: [1]}}, steps: [{run: phpunit}]}}\n"
    assert "  Tests (each leg of its matrix), on pull_request\n" in told(named)


@pytest.mark.parametrize(
    ("pulls", "expected"),
    [
        pytest.param("{branches: [main], paths: ['app/**']}", "holds", id="both let it through"),
        pytest.param("{branches: [main], paths: ['**.md']}", "broken", id="the paths do not"),
        pytest.param("{branches: ['release/**'], paths: ['app/**']}", "broken", id="the branches do not"),
    ],
)
def test_s42_branches_and_paths_must_both_match(pulls: str, expected: str) -> None:
    assert states(runs(workflow(f"{{push: {{}}, pull_request: {pulls}}}"))) == [expected]


@pytest.mark.parametrize(
    ("patterns", "name", "expected"),
    [
        pytest.param(["**", "!main"], "main", False, id="taken back"),
        pytest.param(["!main", "**"], "main", True, id="and let in again"),
        pytest.param(["**", "!r/**", "r/1"], "r/1", True, id="one of those taken back"),
    ],
)
def test_s42_the_last_pattern_that_matches_decides(patterns: list[str], name: str, expected: bool) -> None:
    assert passes(patterns, name) is expected


def test_s42_tags_do_not_look_at_paths() -> None:
    both = "{push: {branches: [main], tags: ['v*'], paths: ['**.md']}, pull_request: {}}"
    assert states(runs(workflow(both))) == ["broken"]  # a push of a branch does look
