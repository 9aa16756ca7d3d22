"""The CI job: opslint as a workflow of its own on GitHub, as an included file on GitLab."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal

import opslint
from opslint.adoption.change import Change, text_of
from opslint.adoption.draft import written
from opslint.adoption.listing import with_item
from opslint.files import Files
from opslint.model.project import Project
from opslint.model.trigger import main_branches
from opslint.model.workflow import Step
from opslint.source import Source
from opslint.syntax import yaml
from opslint.syntax.schema import plain

System = Literal["GitHub", "GitLab"]

WORKFLOW = ".github/workflows/opslint.yml"
GITLAB, GITLAB_JOB = ".gitlab-ci.yml", ".gitlab/opslint.yml"
# Where a job of ours would be of no use: these run what another file says.
ELSEWHERE = ("Jenkinsfile", "bitbucket-pipelines.yml", ".circleci/config.yml", "azure-pipelines.yml", ".travis.yml")

_CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683  # v4.2.2"
_CHECKOUTS = re.compile(r"actions/checkout@(?:[0-9a-f]{40}|v(?:[4-9]|\d\d)(?:\.\d+)*)")
COMMAND = f"pipx run opslint=={opslint.__version__} check"
_VERSION = re.compile(r"[ \t]+#[ \t]*([\w.-]+)[ \t]*\r?$", re.MULTILINE)
_RUNS_OPSLINT = re.compile(r"\bopslint(?:==[\w.]+)? check\b|\buses: *['\"]?opslint/opslint@|^opslint:", re.MULTILINE)
_GITLAB_REQUESTS = re.compile(r"merge_request")


def systems(files: Files) -> tuple[System, ...]:
    """Where the project's jobs run: by the files it has; GitHub where it has none of any system we know."""
    paths = files.paths()
    found: list[System] = []
    if any(path.startswith(".github/workflows/") for path in paths):
        found.append("GitHub")
    if GITLAB in paths:
        found.append("GitLab")
    return tuple(found) or (() if elsewhere(files) else ("GitHub",))


def elsewhere(files: Files) -> str | None:
    """The file of a CI system that we write no job for."""
    return next((path for path in ELSEWHERE if files.exists(path)), None)


def already_in(files: Files, system: System) -> str | None:
    """The file that runs opslint there today, or has the name that ours would have."""
    ours, inside = (WORKFLOW, ".github/workflows/") if system == "GitHub" else (GITLAB_JOB, ".gitlab")
    if files.exists(ours):
        return ours
    for path in files.paths():
        if path.startswith(inside) and path.endswith((".yml", ".yaml")):
            text = text_of(files, path)
            if text is not None and _RUNS_OPSLINT.search(text):
                return path
    return None


def changes(project: Project, system: System, branch: str | None) -> Iterator[Change]:
    """What brings the job in. Raises NotEditableError where nothing can be added to GitLab's file as it is written."""
    if system == "GitHub":
        yield Change(WORKFLOW, None, workflow(project, branch))
        return
    content = text_of(project.files, GITLAB) or ""
    line = f"local: {GITLAB_JOB}"
    yield Change(GITLAB, content, with_item(Source(GITLAB, content), "include", (line,), f"{{{line}}}"))
    yield Change(GITLAB_JOB, None, gitlab_job(content))


def workflow(project: Project, branch: str | None) -> str:
    """The workflow: on pull requests, on the main branch, and in the merge queue where there is one."""
    queue = "  merge_group:\n" if any("merge_group" in each.events for each in project.workflows) else ""
    main = branch if branch is not None else main_branches(project)[0]
    return (
        "# What would go wrong in production, said before it is merged.\n"
        "name: opslint\n"
        "\n"
        "on:\n"
        "  pull_request:\n"
        f"{queue}"
        "  push:\n"
        f"    branches: [{written(main)}]\n"
        "\n"
        "permissions:\n"
        "  contents: read\n"
        "\n"
        "jobs:\n"
        "  opslint:\n"
        "    runs-on: ubuntu-latest\n"
        "    timeout-minutes: 10\n"
        "    steps:\n"
        f"      - uses: {_checkout(project)}\n"
        "        with:\n"
        "          fetch-depth: 0  # so that it can compare with the base of the pull request\n"
        "          persist-credentials: false\n"
        f"      - run: {COMMAND} --output github\n"
    )


def _checkout(project: Project) -> str:
    """`actions/checkout` as the project pins it most often, with the comment that says which version a hash is.

    A hash or a tag from v4 on: those before run on a Node.js that runners no longer have.
    """
    found: Counter[str] = Counter()
    for each in project.workflows:
        for step in (step for job in each.jobs for step in _steps(job.steps)):
            if step.uses is not None and _CHECKOUTS.fullmatch(str(step.uses)):
                source, end = step.uses.span.source, step.uses.span.end
                comment = _VERSION.match(source.content[end : end + 80])
                found[str(step.uses) + (f"  # {comment[1]}" if comment else "")] += 1
    return found.most_common(1)[0][0] if found else _CHECKOUT


def _steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _steps(step.parallel)


def gitlab_job(including: str) -> str:
    """The job for a project whose `.gitlab-ci.yml` is given: in a stage that it has, on the pipelines that it runs."""
    data = plain(yaml.read(Source(GITLAB, including)).root)
    stages = data.get("stages") if isinstance(data, dict) else None
    named = [each for each in stages if isinstance(each, str)] if isinstance(stages, list) else []
    stage = f"  stage: {named[0] if 'test' not in named else 'test'}\n" if named else ""
    # Without rules a job runs for branches alone; with this one in a file that has none, each push ran two pipelines.
    rules = (
        "  rules:\n"
        '    - if: $CI_PIPELINE_SOURCE == "merge_request_event"\n'
        "    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH\n"
    )
    return (
        "# What would go wrong in production, said before it is merged.\n"
        "opslint:\n"
        f"{stage}"
        "  image: python:3.12\n"
        "  needs: []\n"
        f"{rules if _GITLAB_REQUESTS.search(including) else ''}"
        "  variables:\n"
        '    GIT_DEPTH: "0"  # so that it can compare with the base of the merge request\n'
        "  script:\n"
        f"    - pip install --quiet opslint=={opslint.__version__}\n"
        "    - opslint check --output gitlab=gl-code-quality-report.json\n"
        "  artifacts:\n"
        "    when: always\n"
        "    reports:\n"
        "      codequality: gl-code-quality-report.json\n"
    )
