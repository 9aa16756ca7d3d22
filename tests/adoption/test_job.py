"""The CI job: what the project's system takes, what it pins, and that opslint has nothing against it."""

from __future__ import annotations

import pytest

from opslint.adoption import job
from opslint.adoption.change import Change
from opslint.files import Memory
from opslint.lint import lint
from opslint.model.project import Project
from opslint.policy import Policy
from opslint.source import Source
from opslint.syntax import yaml
from opslint.syntax.schema import plain
from tests.oracles.workflows import asked

JOB = "jobs: {j: {runs-on: ubuntu-latest, steps: [{uses: USES}, {run: make}]}}\n"
OURS = "11bd71901bbe5b1630ceea73d27597364c9af683  # v4.2.2"
HASH = "08eba0b27e820071cde6df949e0beb9ba4906955"


def github(branch: str | None = None, **workflows: str) -> str:
    found = Memory({f".github/workflows/{name}.yml": text for name, text in workflows.items()})
    (change,) = job.changes(Project(found), "GitHub", branch)
    assert (change.path, change.before) == (".github/workflows/opslint.yml", None)
    return change.after


WORKFLOWS = {
    "nothing else": github(),
    "its branch": github("release/2"),
    "a branch that needs quotes": github("yes: no"),
    "a branch with a quote": github("it's"),
    "a merge queue": github(ci="on: [merge_group, push]\n" + JOB),
    "pinned by hash": github(ci="on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@" + HASH + "  # v4.3.0\n"),
}


def test_the_workflow_whole() -> None:
    assert github() == """\
# What would go wrong in production, said before it is merged.
name: opslint

on:
  pull_request:
  push:
    branches: [main]

permissions:
  contents: read

jobs:
  opslint:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683  # v4.2.2
        with:
          fetch-depth: 0  # so that it can compare with the base of the pull request
          persist-credentials: false
      - run: pipx run opslint==0.1.0 check --output github
"""


@pytest.mark.parametrize(
    ("branch", "written"),
    [("trunk", "[trunk]"), ("release/2", "[release/2]"), ("1.0", "['1.0']"), ("yes: no", "['yes: no']"), ("it's", "[it's]"), ("a]", "['a]']")],
)
def test_the_branch_reads_as_itself(branch: str, written: str) -> None:
    text = github(branch)
    assert f"    branches: {written}\n" in text
    assert plain(yaml.read(Source("", text)).root)["on"]["push"] == {"branches": [branch]}


def test_without_a_branch_from_git_it_is_the_one_that_workflows_name() -> None:
    assert "branches: [master]" in github(ci="on: {push: {branches: [feature/x, master]}}\n" + JOB)


def test_the_merge_queue_is_served_where_there_is_one() -> None:
    assert "  merge_group:\n" in WORKFLOWS["a merge queue"]
    assert "merge_group" not in WORKFLOWS["nothing else"]


@pytest.mark.parametrize(
    ("uses", "taken"),
    [("actions/checkout@v5", "v5"), ("actions/checkout@v10.1", "v10.1"), ("actions/checkout@v2", OURS), ("actions/checkout@main", OURS), ("other/checkout@v9", OURS)],
)
def test_checkout_is_pinned_as_elsewhere_if_it_still_runs(uses: str, taken: str) -> None:
    assert f"- uses: actions/checkout@{taken}\n" in github(ci="on: push\n" + JOB.replace("USES", uses))


def test_a_hash_keeps_the_comment_that_says_what_it_is() -> None:
    assert f"- uses: actions/checkout@{HASH}  # v4.3.0\n" in WORKFLOWS["pinned by hash"]


@pytest.mark.parametrize("text", WORKFLOWS.values(), ids=WORKFLOWS)
@pytest.mark.parametrize("preset", ["recommended", "strict"])
def test_opslint_has_nothing_against_it(text: str, preset: str) -> None:
    report = lint(Memory({".github/workflows/opslint.yml": text}), Policy(preset=preset))
    assert [(each.rule, each.verdict.message) for each in report.findings if each.span.path != "."] == []
    assert report.files == 1


@pytest.mark.oracle
def test_github_has_nothing_against_it() -> None:
    assert dict(zip(WORKFLOWS, asked(WORKFLOWS.values()), strict=True)) == {name: [] for name in WORKFLOWS}


# -- GitLab ---------------------------------------------------------------------------------------------------------

GITLAB_JOB = """\
# What would go wrong in production, said before it is merged.
opslint:
  image: python:3.12
  needs: []
  variables:
    GIT_DEPTH: "0"  # so that it can compare with the base of the merge request
  script:
    - pip install --quiet opslint==0.1.0
    - opslint check --output gitlab=gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"""


def gitlab(content: str) -> tuple[Change, ...]:
    return tuple(job.changes(Project(Memory({".gitlab-ci.yml": content})), "GitLab", None))


def test_gitlab_includes_a_file_of_its_own() -> None:
    content = "test:\n  script: [make test]\n"
    assert gitlab(content) == (
        Change(".gitlab-ci.yml", content, content + "include:\n  - local: .gitlab/opslint.yml\n"),
        Change(".gitlab/opslint.yml", None, GITLAB_JOB),
    )


def test_an_include_more() -> None:
    assert gitlab("include:\n- template: x.yml\n")[0].after == "include:\n- template: x.yml\n- local: .gitlab/opslint.yml\n"
    assert gitlab("include: x.yml\n")[0].after == "include: [x.yml, {local: .gitlab/opslint.yml}]\n"


@pytest.mark.parametrize(
    ("stages", "stage"),
    [("stages: [build, test]", "test"), ("stages: [build, deploy]", "build"), ("a: b", None), ("stages: [!reference [a]]", None), ("stages: x", None)],
)
def test_it_runs_in_a_stage_that_there_is(stages: str, stage: str | None) -> None:
    assert plain(yaml.read(Source("", job.gitlab_job(stages))).root)["opslint"].get("stage") == stage


def test_it_runs_on_merge_requests_where_others_do() -> None:
    text = job.gitlab_job("a: {rules: [{if: $CI_PIPELINE_SOURCE == 'merge_request_event'}]}")
    assert plain(yaml.read(Source("", text)).root)["opslint"]["rules"] == [
        {"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'},
        {"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"},
    ]


# -- which system ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "systems"),
    [
        ([], ("GitHub",)),
        ([".github/workflows/ci.yml"], ("GitHub",)),
        ([".gitlab-ci.yml"], ("GitLab",)),
        ([".gitlab-ci.yml", ".github/workflows/ci.yml"], ("GitHub", "GitLab")),
        ([".gitlab-ci.yml", ".github/CODEOWNERS"], ("GitLab",)),
        (["Jenkinsfile"], ()),
        (["Jenkinsfile", ".github/workflows/ci.yml"], ("GitHub",)),
    ],
)
def test_the_system_is_the_one_that_the_project_uses(paths: list[str], systems: tuple[str, ...]) -> None:
    assert job.systems(Memory(dict.fromkeys(paths, ""))) == systems


@pytest.mark.parametrize(
    ("system", "path", "content", "there"),
    [
        ("GitHub", ".github/workflows/opslint.yml", "anything", True),
        ("GitHub", ".github/workflows/ci.yml", "run: opslint check", True),
        ("GitHub", ".github/workflows/ci.yml", "run: pipx run opslint==0.0.9 check -q", True),
        ("GitHub", ".github/workflows/ci.yml", "- uses: opslint/opslint@v1", True),
        ("GitHub", ".github/workflows/ci.yml", "run: make lint", False),
        ("GitHub", "docs/ci.yml", "run: opslint check", False),
        ("GitLab", ".gitlab-ci.yml", "opslint:\n  script: x", True),
        ("GitLab", ".gitlab/jobs/lint.yml", "- opslint check", True),
        ("GitLab", ".gitlab-ci.yml", "test:\n  script: x", False),
    ],
)
def test_a_job_that_runs_opslint_is_seen(system: job.System, path: str, content: str, there: bool) -> None:
    assert job.already_in(Memory({path: content}), system) == (path if there else None)
