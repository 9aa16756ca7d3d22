"""Jobs that deploy: what starts them, what runs beside them, how long they may take."""

from __future__ import annotations

import pytest

from opslint.checks import jobs
from opslint.files import Memory
from opslint.finding import Severity, Verdict
from opslint.model.project import Project

PATH = ".github/workflows/deploy.yml"


def workflow(on: str, job: str = "", top: str = "", step: str = "", run: str = "git pull") -> str:
    lines = [f"on: {on}", *([top] if top else []), "jobs:", "  deploy:", "    runs-on: ubuntu-latest"]
    lines += [f"    {line}" for line in job.splitlines()]
    lines += ["    steps:", f"      - run: ssh deploy@shop.example '{run}'"]
    lines += [f"        {line}" for line in step.splitlines()]
    return "\n".join(lines) + "\n"


def project(content: str, **files: str) -> Project:
    named = {f".github/workflows/{name}.yml": content for name, content in files.items()}
    return Project(Memory({PATH: content, **named}))


def states(verdicts: list[Verdict]) -> list[str]:
    return [verdict.state for verdict in verdicts]


# -- not_on_pull_request ----------------------------------------------------------------------------------------------


def pulled(content: str, **files: str) -> list[Verdict]:
    return list(jobs.not_on_pull_request(project(content, **files)))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(workflow("pull_request"), "broken", id="on a pull request"),
        pytest.param(workflow("[push, pull_request_target]"), "broken", id="among others, from forks too"),
        pytest.param(workflow("{pull_request: {types: [closed]}}"), "broken", id="closed without merging, too"),
        pytest.param(workflow("push"), "holds", id="on a push"),
        pytest.param(workflow("pull_request", "environment: staging"), "holds", id="an environment guards it"),
        pytest.param(workflow("[push, pull_request]", "if: github.event_name == 'push'"), "holds", id="event_name"),
        pytest.param(workflow("[push, pull_request]", "if: github.event_name != 'push'"), "broken", id="the others"),
        pytest.param(workflow("[push, pull_request]", "if: github.ref == 'refs/heads/main'"), "holds", id="ref"),
        pytest.param(workflow("pull_request", "if: github.base_ref == 'main'"), "broken", id="its base is no guard"),
        pytest.param(
            workflow("pull_request_target", "if: github.ref == 'refs/heads/main'"),
            "broken",
            id="the ref of pull_request_target is its base",
        ),
        pytest.param(
            workflow("{pull_request: {types: [closed]}}", "if: github.event.pull_request.merged == true"),
            "holds",
            id="only once it is merged",
        ),
        pytest.param(
            workflow("{pull_request: {types: [closed]}}", "if: github.event.pull_request.merged"),
            "holds",
            id="only once it is merged, said shorter",
        ),
        pytest.param(
            workflow("[push, pull_request]", step="if: github.event_name == 'push'"), "holds", id="the step has it"
        ),
        pytest.param(
            workflow(
                "[push, pull_request]",
                "env: {LIVE: \"${{ github.event_name == 'push' }}\"}",
                step="if: env.LIVE == 'true'",
            ),
            "holds",
            id="by a variable of the job",
        ),
        pytest.param(workflow("pull_request", "if: 'a b'"), "broken", id="a condition that cannot be read"),
        pytest.param(
            workflow("pull_request", run="cd /srv/previews/pr-${{ github.event.number }} && git pull"),
            "holds",
            id="a review application",
        ),
        pytest.param(
            workflow("pull_request", run="cd /var/www/shop && git checkout ${{ github.head_ref }} && git pull"),
            "broken",
            id="its branch on a host that lasts",
        ),
    ],
)
def test_pull_request_starts_no_deployment(content: str, expected: str) -> None:
    assert states(pulled(content)) == [expected]


def test_finding_names_job_and_event() -> None:
    (broken,) = pulled(workflow("{push: {}, pull_request: {}}"))
    assert broken.span.place == (3, 3, 3, 9)
    assert broken.subject == "jobs.deploy"
    assert broken.message == "`pull_request` starts `deploy`: whoever opens a pull request changes the host"
    assert [(note.span.place[:2], note.message) for note in broken.notes] == [((1, 16), "this event starts it")]


def test_job_behind_a_skipped_one_is_skipped() -> None:
    gated = "  test:\n    if: github.event_name == 'push'\n    runs-on: x\n    steps: [{run: 'true'}]\n"
    for condition, expected in (("", "holds"), ("if: always()", "broken"), ("if: ${{ !cancelled() }}", "holds")):
        content = workflow("[push, pull_request]", f"needs: test\n{condition}") + gated
        expected = "broken" if "cancelled" in condition else expected
        assert states(pulled(content)) == [expected], condition


def test_jobs_that_need_one_another_in_a_circle_never_run() -> None:
    content = workflow("pull_request", "needs: other") + "  other: {needs: deploy, runs-on: x}\n"
    assert states(pulled(content)) == ["holds"]


CALLED = workflow("workflow_call")


def test_reusable_workflow_is_judged_by_its_callers() -> None:
    caller = "on: {}\njobs:\n  ship:\n    uses: ./.github/workflows/deploy.yml\n"
    assert states(pulled(CALLED, ci=caller.replace("{}", "push"))) == ["holds"]
    (broken,) = pulled(CALLED, ci=caller.replace("{}", "pull_request"))
    assert broken.state == "broken"
    assert [note.message for note in broken.notes] == ["this event starts it", "`ship` calls it"]


def test_inputs_of_a_caller_decide() -> None:
    called = workflow("workflow_call", "if: inputs.live")
    caller = "on: pull_request\njobs:\n  ship:\n    uses: ./.github/workflows/deploy.yml\n    with: {{live: {0}}}\n"
    assert states(pulled(called, ci=caller.format("false"))) == ["holds"]
    assert states(pulled(called, ci=caller.format("true"))) == ["broken"]


# -- serialised -------------------------------------------------------------------------------------------------------


def serial(content: str, **files: str) -> list[Verdict]:
    return list(jobs.serialised(project(content, **files)))


def group(name: str, cancel: str = "") -> str:
    return f'concurrency: {{group: "{name}"{", cancel-in-progress: " + cancel if cancel else ""}}}'


MAIN = "{push: {branches: [main]}}"
REF = "deploy-${{ github.ref }}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(workflow("push"), "broken", id="nothing"),
        pytest.param(workflow("push", group("live")), "holds", id="at the job"),
        pytest.param(workflow("push", top=group("live")), "holds", id="at the workflow"),
        pytest.param(workflow("push", "concurrency: live"), "holds", id="as a word"),
        pytest.param(workflow("push", group(REF)), "broken", id="by ref, and any branch can come"),
        pytest.param(workflow("[push]", group("${{ github.workflow }}")), "holds", id="by workflow"),
        pytest.param(workflow(MAIN, group(REF)), "holds", id="by ref, and only one can come"),
        pytest.param(workflow("{push: {branches: [main, master]}}", group(REF)), "holds", id="the same, renamed"),
        pytest.param(workflow("{push: {branches: [main, next]}}", group(REF)), "broken", id="two branches"),
        pytest.param(workflow("{push: {branches: ['release/*']}}", group(REF)), "broken", id="a pattern"),
        pytest.param(workflow("{push: {tags: ['v*']}}", group(REF)), "broken", id="tags"),
        pytest.param(
            workflow("{push: {branches: [main]}, workflow_dispatch: {}}", group(REF)), "broken", id="by hand from any"
        ),
        pytest.param(
            workflow("[push, workflow_dispatch]", "if: github.ref == 'refs/heads/main'\n" + group(REF)),
            "holds",
            id="a condition leaves one ref",
        ),
        pytest.param(workflow(MAIN, group("live-${{ github.sha }}")), "broken", id="by commit"),
        pytest.param(workflow(MAIN, group("live-${{ github.run_id }}")), "broken", id="by run"),
        pytest.param(
            workflow("workflow_dispatch", group("live-${{ inputs.environment }}")), "holds", id="by what was chosen"
        ),
        pytest.param(
            workflow(
                "{push: {branches: [main, next]}}",
                "environment: ${{ github.ref_name == 'main' && 'live' || 'stage' }}\n" + group(REF),
            ),
            "holds",
            id="each branch has an environment of its own",
        ),
        pytest.param(
            workflow("push", group("live"), top=group(REF)), "holds", id="one of two is enough"
        ),
        pytest.param(workflow(MAIN, group("${{ vars.GROUP }}")), "holds", id="a variable of the repository"),
    ],
)
def test_one_group_keeps_runs_apart(content: str, expected: str) -> None:
    assert states(serial(content)) == [expected]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(workflow(MAIN, group("live", "true")), True, id="true"),
        pytest.param(workflow(MAIN, group("live", "false")), False, id="false"),
        pytest.param(workflow(MAIN, group("live"), top=group("all", "true")), True, id="of the workflow around"),
        pytest.param(workflow(MAIN, group("x-${{ github.run_id }}", "true")), False, id="where no two meet"),
        pytest.param(
            workflow(
                "[push]",
                "if: github.ref == 'refs/heads/main'",
                top=group(REF, "\"${{ github.ref != 'refs/heads/main' }}\""),
            ),
            False,
            id="never where it deploys",
        ),
        pytest.param(
            workflow("[push]", top=group(REF, "\"${{ github.ref == 'refs/heads/main' }}\"")), True, id="on main"
        ),
    ],
)
def test_running_deployment_is_not_cancelled(content: str, expected: bool) -> None:
    (verdict,) = serial(content)
    assert (verdict.severity is Severity.ERROR) is expected


def test_findings_tell_what_is_missing_and_where() -> None:
    (absent,) = serial(workflow("push"))
    assert absent.span.written == "deploy"
    assert absent.message == "two runs of `deploy` can overlap: neither it nor its workflow has `concurrency`"
    (split,) = serial(workflow("{push: {branches: [main, next]}}", group(REF)))
    assert split.span.written == f'"{REF}"'
    assert split.message == (
        "`deploy-${{ github.ref }}` does not keep two runs apart: a run for `refs/heads/main` is in another group than "
        "one for `refs/heads/next` by `push`"
    )
    (cancelled,) = serial(workflow(MAIN, group("live", "true")))
    assert cancelled.span.written == "true"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("git pull\n", id="a script alone"),
    ],
)
def test_scripts_are_not_judged(content: str) -> None:
    assert list(jobs.serialised(Project(Memory({"deploy.sh": content})))) == []


def test_hook_is_for_its_platform_to_say() -> None:
    steps = "    steps: [{run: 'curl -f https://forge.laravel.com/deploy'}]\n"
    content = f"on: push\njobs:\n  deploy:\n    runs-on: x\n{steps}"
    (verdict,) = serial(content)
    assert verdict.state == "undecided"
    for grouped in ("live", "{group: live, cancel-in-progress: true}"):  # what the hook began goes on all the same
        found = serial(content.replace("    runs-on", f"    concurrency: {grouped}\n    runs-on"))
        assert states(found) == ["holds"]


def test_one_group_of_a_workflow_is_one_finding() -> None:
    other = "  migrate:\n    runs-on: x\n    steps: [{run: \"ssh h 'php artisan migrate'\"}]\n"
    (cancelled,) = serial(workflow(MAIN, top=group("live", "true")) + other)
    assert [note.message for note in cancelled.notes] == ["the same for `migrate`"]
    assert states(serial(workflow(MAIN) + other)) == ["broken", "broken"]


def test_reusable_workflow_is_for_its_callers_to_say() -> None:
    caller = "on: push\njobs:\n  ship:\n    uses: ./.github/workflows/deploy.yml\n"
    assert states(serial(CALLED)) == ["undecided"]
    assert states(serial(CALLED, ci=caller)) == ["undecided"]
    assert states(serial(CALLED, ci=caller + "    concurrency: live\n")) == ["holds"]
    assert states(serial(workflow("workflow_call", group("live")))) == ["holds"]


def test_preview_of_a_pull_request_may_be_cut_short() -> None:
    preview = "pr-${{ github.event.number }}"
    assert serial(workflow("pull_request", group(preview, "true"), run=f"cd /p/{preview} && git pull")) == []


def test_two_steps_for_two_branches_are_two_hosts() -> None:
    content = (
        "on: {push: {branches: [main, next]}}\n"
        "jobs:\n  deploy:\n    runs-on: x\n    concurrency: d-${{ github.ref }}\n    steps:\n"
        "      - {if: github.ref_name == 'main', run: \"ssh live 'git pull'\"}\n"
        "      - {if: github.ref_name == 'next', run: \"ssh stage 'git pull'\"}\n"
    )
    assert states(serial(content)) == ["holds"]


# -- bounded ----------------------------------------------------------------------------------------------------------


def limits(content: str, **params: str) -> list[Verdict]:
    return list(jobs.bounded(project(content), **params))


MIGRATE = "php artisan migrate --force"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(workflow("push"), "broken", id="no limit"),
        pytest.param(workflow("push", "timeout-minutes: 30"), "holds", id="nothing that migrates"),
        pytest.param(workflow("push", "timeout-minutes: 30", run=MIGRATE), "broken", id="none of the step's own"),
        pytest.param(
            workflow("push", "timeout-minutes: 30", run=MIGRATE, step="timeout-minutes: 10"), "holds", id="both"
        ),
        pytest.param(
            workflow("push", "timeout-minutes: 30", run=MIGRATE, step="timeout-minutes: 30"), "broken", id="no shorter"
        ),
        pytest.param(workflow("push", run=MIGRATE, step="timeout-minutes: 10"), "broken", id="none of the job"),
        pytest.param(
            workflow("push", "timeout-minutes: 30", run=f"timeout 600 {MIGRATE}"), "holds", id="the command has one"
        ),
        pytest.param(
            workflow("push", "timeout-minutes: ${{ vars.MINUTES }}", run=MIGRATE, step="timeout-minutes: 10"),
            "holds",
            id="a limit that is not known here",
        ),
    ],
)
def test_job_and_migrating_step_have_limits(content: str, expected: str) -> None:
    assert states(limits(content)) == [expected]


def test_ssh_action_has_a_limit_by_itself() -> None:
    content = (
        "on: push\njobs:\n  deploy:\n    runs-on: x\n    timeout-minutes: 30\n    steps:\n"
        f"      - uses: appleboy/ssh-action@v1\n        with: {{script: {MIGRATE}}}\n"
    )
    assert states(limits(content)) == ["holds"]


def test_act_is_the_one_that_was_asked_for() -> None:
    content = workflow("push", "timeout-minutes: 30")
    assert states(limits(content)) == ["holds"]
    assert states(limits(content, act="update-code")) == ["broken"]


def test_one_finding_with_the_step_as_a_note() -> None:
    (broken,) = limits(workflow("push", run=MIGRATE))
    assert broken.span.written == "deploy"
    assert [note.span.place[:2] for note in broken.notes] == [(6, 7)]
