"""Workflows and actions: what each job and step resolves to, and what wrong shapes leave empty."""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import dedent

import pytest

from opslint.model.workflow import CONTAINER_SHELL, DEFAULT_SHELL, SHELLS, Action, Job, Step, Workflow
from opslint.model.workflow import read_action as read_action_of
from opslint.model.workflow import read_workflow as read_workflow_of
from opslint.source import Source
from opslint.syntax import yaml
from opslint.syntax.tree import Mapping, scalars


def read(content: str) -> Workflow:
    return read_workflow_of(yaml.read(Source(".github/workflows/deploy.yml", dedent(content))))


def read_action(content: str) -> Action:
    return read_action_of(yaml.read(Source("setup/action.yml", dedent(content))))


def job(content: str) -> Job:
    """The only job, written without its key."""
    inner = dedent(content).strip().replace("\n", "\n    ")
    return read(f"jobs:\n  deploy:\n    {inner}\n").jobs[0]


def steps(content: str) -> tuple[Step, ...]:
    inner = dedent(content).strip().replace("\n", "\n  ")
    return job(f"steps:\n  {inner}").steps


def test_a_workflow_with_everything() -> None:
    workflow = read(
        """
        name: Deploy
        on: {push: {branches: [main]}, workflow_dispatch: }
        env: {PHP: 8.3}
        concurrency: production
        jobs:
          test:
            runs-on: ubuntu-latest
          deploy:
            name: To production
            needs: test
            if: github.ref == 'refs/heads/main'
            runs-on: [self-hosted, linux]
            environment: {name: production}
            services: {db: {image: 'mysql:8'}}
            strategy: {matrix: {host: [a, b]}}
            env: {A: 1}
            concurrency: {group: deploy}
            continue-on-error: true
            timeout-minutes: 30
            steps:
              - id: migrate
                name: Migrate
                if: always()
                run: php artisan migrate
                env: {B: 2}
                continue-on-error: ${{ inputs.calm }}
                timeout-minutes: 5
              - uses: appleboy/ssh-action@v1
                with: {host: example.org, script: php artisan up}
          call:
            uses: ./.github/workflows/other.yml
            with: {php: 8.3}
        """
    )
    assert (workflow.name, workflow.path) == ("Deploy", ".github/workflows/deploy.yml")
    assert isinstance(workflow.events["push"], Mapping)
    assert workflow.events["workflow_dispatch"] is None
    assert (str(workflow.env["PHP"]), str(workflow.concurrency)) == ("8.3", "production")

    assert [each.id for each in workflow.jobs] == ["test", "deploy", "call"]
    deploy = workflow.job("deploy")
    assert deploy is not None
    assert (deploy.subject, str(deploy.key), str(deploy.name)) == ("jobs.deploy", "deploy", "To production")
    assert [str(need) for need in deploy.needs] == ["test"]
    assert str(deploy.condition) == "github.ref == 'refs/heads/main'"
    assert [str(label) for label in scalars(deploy.runs_on)] == ["self-hosted", "linux"]
    assert isinstance(deploy.environment, Mapping)
    assert isinstance(deploy.concurrency, Mapping)
    assert deploy.services is not None
    assert deploy.strategy is not None
    assert (str(deploy.env["A"]), str(deploy.continue_on_error), str(deploy.timeout)) == ("1", "true", "30")

    migrate, ssh = deploy.steps
    assert (migrate.index, migrate.key, migrate.subject) == (0, "migrate", "jobs.deploy.steps.migrate")
    assert (str(migrate.id), migrate.title, str(migrate.condition)) == ("migrate", "Migrate", "always()")
    assert (str(migrate.run), str(migrate.env["B"])) == ("php artisan migrate", "2")
    assert (str(migrate.continue_on_error), str(migrate.timeout)) == ("${{ inputs.calm }}", "5")
    assert (ssh.subject, ssh.title, ssh.run) == ("jobs.deploy.steps.appleboy-ssh-action", "appleboy/ssh-action@v1", None)
    assert list(ssh.inputs) == ["host", "script"]

    call = workflow.job("call")
    assert call is not None
    assert (str(call.uses), list(call.inputs), call.steps) == ("./.github/workflows/other.yml", ["php"], ())
    assert workflow.job("missing") is None


@pytest.mark.parametrize(
    ("on", "events"),
    [
        ("push", ["push"]),
        ("[push, pull_request]", ["push", "pull_request"]),
        ("{push: , pull_request: {branches: [main]}}", ["push", "pull_request"]),
        ("", []),
        ("{<<: {push: }}", []),
        ("[[push]]", []),
    ],
)
def test_events(on: str, events: list[str]) -> None:
    assert list(read(f"on: {on}").events) == events


@pytest.mark.parametrize(
    ("needs", "expected"), [("a", ["a"]), ("[a, b]", ["a", "b"]), ("", []), ("{a: b}", []), ("[a, [b]]", ["a"])]
)
def test_needs(needs: str, expected: list[str]) -> None:
    assert [str(each) for each in job(f"needs: {needs}").needs] == expected


def test_a_workflow_without_name_is_called_by_its_path() -> None:
    assert read("on: push").name == ".github/workflows/deploy.yml"


# -- shells (facts S43, S44) --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("", DEFAULT_SHELL),
        ("shell: bash", "bash --noprofile --norc -e -o pipefail {0}"),
        ("shell: sh", "sh -e {0}"),
        ("shell: python", "python {0}"),
        ("shell: pwsh", SHELLS["pwsh"]),
        ("shell: cmd", SHELLS["cmd"]),
        ("shell: bash {0}", "bash {0}"),
        ("shell: ${{ matrix.shell }}", "${{ matrix.shell }}"),
        ("shell: ''", DEFAULT_SHELL),
        ("shell: [bash]", DEFAULT_SHELL),
    ],
)
def test_the_shell_of_a_step(written: str, resolved: str) -> None:
    (step,) = steps(f"- run: 'true'\n  {written}")
    assert step.shell == resolved


@pytest.mark.parametrize(
    ("workflow", "of_job", "step", "resolved"),
    [
        pytest.param("zsh {0}", "ksh {0}", "fish {0}", "fish {0}", id="the step's own"),
        pytest.param("zsh {0}", "ksh {0}", "", "ksh {0}", id="the job's defaults"),
        pytest.param("zsh {0}", "", "", "zsh {0}", id="the workflow's defaults"),
        pytest.param("", "", "", DEFAULT_SHELL, id="none"),
    ],
)
def test_the_nearest_shell_and_folder_count(workflow: str, of_job: str, step: str, resolved: str) -> None:
    found = read(
        f"""
        defaults: {{run: {{shell: "{workflow}", working-directory: "{workflow}"}}}}
        jobs:
          deploy:
            defaults: {{run: {{shell: "{of_job}", working-directory: "{of_job}"}}}}
            steps: [{{run: "true", shell: "{step}", working-directory: "{step}"}}]
        """
    )
    (step_read,) = found.jobs[0].steps
    assert step_read.shell == resolved
    folder = step_read.working_directory
    assert (None if folder is None else str(folder)) == (None if resolved == DEFAULT_SHELL else resolved)


@pytest.mark.parametrize(
    ("of_job", "resolved"),
    [
        pytest.param("container: php:8.3", CONTAINER_SHELL, id="an image"),
        pytest.param("container: {image: php}", CONTAINER_SHELL, id="a mapping"),
        pytest.param("container: php:8.3\ndefaults: {run: {shell: bash}}", SHELLS["bash"], id="bash in a container"),
        pytest.param("container:", DEFAULT_SHELL, id="null is no container"),
        pytest.param("container: ''", DEFAULT_SHELL, id="empty is no container"),
        pytest.param("runs-on: windows-latest", SHELLS["pwsh"], id="Windows"),
        pytest.param("runs-on: [self-hosted, Windows]", SHELLS["pwsh"], id="Windows by label"),
        pytest.param("runs-on: macos-latest", DEFAULT_SHELL, id="macOS"),
        pytest.param("services: {db: {image: mysql}}", DEFAULT_SHELL, id="services alone"),
    ],
)
def test_the_default_shell_follows_where_the_job_runs(of_job: str, resolved: str) -> None:
    (step,) = job(f"{of_job}\nsteps: [{{run: 'true'}}]").steps
    assert step.shell == resolved


# -- subjects -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        pytest.param("- env: {A: b}\n- env: {A: c}", ["1", "2"], id="numbers"),
        pytest.param("- id: a\n- env: {A: b}", ["a", "2"], id="an id"),
        pytest.param("- id: a\n- id: a\n- id: a", ["a", "a-2", "a-3"], id="the same id"),
        pytest.param("- id: a-2\n- id: a\n- id: a", ["a-2", "a", "a-3"], id="an id that looks like ours"),
        pytest.param("- id: 2\n- env: {A: b}", ["2", "2-2"], id="an id that is a number"),
        pytest.param("- id: ''\n- id:\n- env: {A: b}", ["1", "2", "3"], id="empty ids"),
        pytest.param("- text\n- env: {A: b}", ["2"], id="no step at all"),
        pytest.param("- {id: a, name: b, run: c}\n- {name: b, run: c}\n- run: c", ["a", "b", "c"], id="the best name first"),
        pytest.param("- run: a\n- run: b\n- run: a", ["a", "b", "a-2"], id="the same program"),
    ],
)
def test_no_two_steps_share_a_subject(written: str, keys: list[str]) -> None:
    found = steps(written)
    assert [step.key for step in found] == keys
    assert [step.subject for step in found] == [f"jobs.deploy.steps.{key}" for key in keys]


def test_no_two_jobs_share_a_subject() -> None:
    found = read("jobs: {a: {x: 1}, a: {y: 1}}").jobs
    assert [(each.id, each.subject) for each in found] == [("a", "jobs.a"), ("a", "jobs.a-2")]


# -- steps in the background (facts P4) ---------------------------------------------------------------------


def test_background_wait_and_cancel() -> None:
    found = steps(
        """
        - {id: a, run: one, background: true}
        - {id: b, run: two, background: false}
        - wait: a
        - wait: [a, b]
        - wait-all:
        - cancel: a
        - {run: three, background: "true"}
        """
    )
    assert [step.background for step in found] == [True, False, False, False, False, False, False]
    assert [step.wait for step in found] == [None, None, ("a",), ("a", "b"), (), None, None]
    assert [step.cancel for step in found] == [None, None, None, None, None, "a", None]


def test_parallel_steps_have_subjects_of_their_own() -> None:
    found = steps(
        """
        - run: first
        - parallel:
          - run: one
          - {id: two, run: two}
        - {id: two, run: three}
        """
    )
    assert [step.key for step in found] == ["first", "2", "two-2"]
    assert [step.subject for step in found[1].parallel] == ["jobs.deploy.steps.one", "jobs.deploy.steps.two"]
    assert [str(step.run) for step in found[1].parallel] == ["one", "two"]


# -- actions ------------------------------------------------------------------------------------------------


def test_a_composite_action() -> None:
    action = read_action(
        """
        inputs: {php: {default: 8.3}}
        runs:
          using: composite
          steps:
            - {run: composer install, shell: bash}
            - {id: cache, uses: actions/cache@v4}
        """
    )
    assert (action.using, action.path, list(action.inputs)) == ("composite", "setup/action.yml", ["php"])
    assert [step.subject for step in action.steps] == ["runs.steps.composer-install", "runs.steps.cache"]
    assert action.steps[0].shell == SHELLS["bash"]


@pytest.mark.parametrize(
    ("content", "using"),
    [
        ("runs: {using: node20, main: index.js}", "node20"),
        ("runs: {using: docker, steps: [{run: x}]}", "docker"),
        ("runs: composite", ""),
        ("", ""),
    ],
)
def test_another_action_has_no_steps(content: str, using: str) -> None:
    action = read_action(content)
    assert (action.using, action.steps) == (using, ())


# -- wrong shapes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="nothing"),
        pytest.param("text", id="a text"),
        pytest.param("[jobs]", id="a list"),
        pytest.param("jobs: [deploy]", id="jobs as a list"),
        pytest.param("jobs: {deploy: }", id="a job without anything"),
        pytest.param("jobs: {<<: {deploy: {}}}", id="jobs by a merge key"),
        pytest.param("jobs: {deploy: [", id="not closed"),
        pytest.param("defaults: bash\nenv: x\non: {on: [on]}\nname: [x]", id="no jobs"),
    ],
)
def test_a_workflow_without_usable_jobs(content: str) -> None:
    workflow = read(content)
    assert workflow.jobs == ()
    assert workflow.env == {}


def test_fields_of_the_wrong_shape_are_empty() -> None:
    found = job("steps: {run: x}\nif: [a]\nservices: x\nstrategy: []\nenv: [A]\nneeds: {}\nname:\ntimeout-minutes: {}")
    assert found.steps == found.needs == ()
    assert found.condition is found.services is found.strategy is found.name is found.timeout is None
    assert found.env == {}
    (step,) = steps("- {if: , run: [a], uses: {}, with: x, env: , wait: {}, cancel: [], parallel: x, background: []}")
    assert step.condition is step.run is step.uses is step.wait is step.cancel is None
    assert (step.inputs, step.env, step.parallel, step.background) == ({}, {}, (), False)


def test_real_workflows_have_subjects_of_their_own() -> None:
    folder = os.environ.get("OPSLINT_CORPUS")
    if not folder:
        pytest.skip("OPSLINT_CORPUS names no folder of repositories")
    for path in sorted(Path(folder).glob("*/.github/workflows/*.y*ml")):
        workflow = read_workflow_of(yaml.read(Source(path.name, path.read_bytes().decode())))
        assert workflow.jobs, path
        assert workflow.events, path
        subjects = [step.subject for each in workflow.jobs for step in each.steps]
        assert len(subjects) == len(set(subjects)), path
        assert all(each.steps or each.uses for each in workflow.jobs), path
