"""Runs of a workflow, and the groups that keep them apart."""

from __future__ import annotations

import pytest

from opslint.files import Memory
from opslint.model.concurrency import groups, starts
from opslint.model.project import Project
from opslint.model.workflow import Workflow

JOBS = "jobs: {a: {runs-on: x, concurrency: own}, b: {runs-on: x}}\n"


def workflow(head: str) -> Workflow:
    return Project(Memory({".github/workflows/w.yml": f"{head}\n{JOBS}"})).workflows[0]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param("{push: {branches: [main]}}", "refs/heads/main", id="a branch"),
        pytest.param("{push: {branches: ['r/**', '!r/x']}}", "refs/heads/r/1 refs/heads/r/2", id="a pattern"),
        pytest.param("{push: {tags: [v1]}}", "refs/tags/v1", id="a tag"),
        pytest.param(
            "push", "refs/heads/main refs/heads/another-branch refs/tags/v1 refs/tags/v2", id="whatever is pushed"
        ),
        pytest.param("{push: {branches: [live]}, schedule: []}", "refs/heads/live", id="by the clock, the default"),
        pytest.param("pull_request", "refs/pull/1/merge refs/pull/2/merge", id="pull requests"),
        pytest.param("{pull_request_target: {branches: [next]}}", "refs/heads/next", id="their base"),
        pytest.param("{pull_request: {types: [closed]}}", "refs/pull/1/merge refs/pull/2/merge ", id="merged, too"),
        pytest.param("workflow_call", "", id="none of its own"),
        pytest.param("release", "refs/tags/v1 refs/tags/v2", id="releases"),
    ],
)
def test_refs_that_can_start_a_run(on: str, expected: str) -> None:
    found = dict.fromkeys(start.ref for start in starts(workflow(f"on: {on}")))
    assert " ".join(found) == expected


def test_runs_come_in_pairs_and_merged_ones_say_so() -> None:
    found = starts(workflow("on: {pull_request: {types: [closed, opened]}}"))
    assert [(start.number, start.merged) for start in found] == [(1, False), (2, False), (1, True), (2, True)]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param("on: push", [["own"], []], id="of the job"),
        pytest.param("on: push\nconcurrency: all", [["own", "all"], ["all"]], id="and of the workflow"),
        pytest.param("on: push\nconcurrency: {group: all}", [["own", "all"], ["all"]], id="as a mapping"),
        pytest.param("on: push\nconcurrency: {cancel-in-progress: true}", [["own"], []], id="without a name"),
    ],
)
def test_groups_of_a_job(head: str, expected: list[list[str]]) -> None:
    found = workflow(head)
    assert [[str(group.name) for group in groups(found, job)] for job in found.jobs] == expected


def test_cancel_is_that_of_its_group() -> None:
    found = workflow("on: push\nconcurrency: {group: all, cancel-in-progress: true}")
    assert [group.cancel and group.cancel.value for group in groups(found, found.job("a"))] == [None, True]
