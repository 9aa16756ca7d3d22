"""What a required check says when PHPStan finds errors, construct by construct, and which rule speaks of it."""

from __future__ import annotations

import pytest

from opslint import policy
from opslint.files import Memory
from opslint.lint import lint
from opslint.source import Source

COMPOSER = '{"require": {"php": "^8.3"}, "require-dev": {"phpstan/phpstan": "^2.0"}}'
ON = "{pull_request: {}, push: {branches: [main]}}"
CAN_FAIL, REPORTS, VALID = "ci/phpstan-can-fail", "ci/phpstan-always-reports", "workflow/valid"
CANCELLED = "rules: {ci/phpstan-can-fail: {with: {cancelled: true}}}"


def workflow(run: str = "vendor/bin/phpstan analyse", step: str = "", job: str = "", on: str = ON, more: str = "") -> str:
    return (
        f"on: {on}\njobs:\n  phpstan:\n    runs-on: ubuntu-latest\n{job}    steps:\n      - uses: actions/checkout@v4\n"
        f"      - run: {run}\n{step}{more}"
    )


def gate(condition: str, run: str) -> str:
    judge = f"      - {{{condition}run: {run}}}\n"
    return f"  gate:\n    runs-on: ubuntu-latest\n    needs: phpstan\n    if: always()\n    steps:\n{judge}"


FORGIVEN = "    continue-on-error: true\n"
LINT = "  lint: {runs-on: ubuntu-latest, steps: [{run: vendor/bin/pint --test}]}\n"
QUEUE = {".github/workflows/tests.yml": "on: merge_group\njobs: {tests: {runs-on: x, steps: [{run: make}]}}\n"}
CALLED = {".github/workflows/quality.yml": workflow(on="workflow_call")}
CALLER = f"on: {ON}\njobs:\n  quality:\n    if: github.event_name == 'push'\n    uses: ./.github/workflows/quality.yml\n"

# A row of the table: (workflow, other files, policy, the rules that speak).
ROWS = [
    pytest.param(workflow(), {}, "", [], id="plain step: failure, blocks"),
    pytest.param(workflow(step="        continue-on-error: true\n"), {}, "", [CAN_FAIL], id="step continue-on-error: success"),
    pytest.param(workflow("vendor/bin/phpstan analyse || true"), {}, "", [CAN_FAIL], id="|| true: success"),
    pytest.param(workflow("vendor/bin/phpstan analyse | tee log"), {}, "", [CAN_FAIL], id="pipe without pipefail: success"),
    pytest.param(workflow("vendor/bin/phpstan analyse | tee log", "        shell: bash\n"), {}, "", [], id="pipe with pipefail: failure, blocks"),
    pytest.param(workflow("'set +e; vendor/bin/phpstan analyse; true'"), {}, "", [CAN_FAIL], id="; true behind set +e: success"),
    pytest.param(workflow("'vendor/bin/phpstan analyse; true'"), {}, "", [], id="; true with -e: failure, blocks"),
    pytest.param(workflow("'set +e; vendor/bin/phpstan analyse; echo done'"), {}, "", [CAN_FAIL], id="set +e: success"),
    pytest.param(workflow(job=FORGIVEN), {}, "", [], id="job continue-on-error, itself required: failure, blocks"),
    pytest.param(workflow(job=FORGIVEN, more=gate('if: "contains(needs.*.result, \'failure\')", ', "exit 1")), {}, "", [CAN_FAIL], id="job continue-on-error, a gate is required: success"),
    pytest.param(workflow(job="    if: github.event_name == 'push'\n"), {}, "", [REPORTS], id="if is false on every pull request: skipped, passes"),
    pytest.param(workflow(job="    if: false\n"), {}, "", [REPORTS, "ci/phpstan-runs"], id="if is false: skipped, passes, and nothing runs on pushes either"),
    pytest.param(workflow(job="    needs: lint\n", more=LINT), {}, "", [], id="a failed need: skipped, passes, and the need's own check is red"),
    pytest.param(workflow(on="{pull_request: {paths: ['app/**']}, push: {branches: [main]}}"), {}, "", [REPORTS], id="paths: never reported"),
    pytest.param(workflow(on="{pull_request: {branches: ['release/**']}, push: {branches: [main]}}"), {}, "", ["ci/phpstan-runs"], id="branches: never reported for main"),
    pytest.param(workflow(job="    if: github.event_name == 'push'\n    strategy: {matrix: {php: ['8.3', '8.4']}}\n"), {}, "", [REPORTS], id="matrix skipped by the job's if: one check of another name"),
    pytest.param(CALLER, CALLED, "", [REPORTS], id="reusable workflow skipped by the caller's if: a check of another name"),
    pytest.param(workflow(job="    timeout-minutes: 10\n"), {}, "", [], id="the job times out: cancelled, blocks"),
    pytest.param(workflow(), QUEUE, "", [REPORTS], id="merge queue without merge_group: not reported"),
    pytest.param(workflow(job="    if: failure\n"), {}, "", [VALID], id="invalid file: never reported"),
    pytest.param(workflow(more=gate("", "echo ok")), {}, "", [CAN_FAIL], id="gate that says ok: success"),
    pytest.param(workflow(more=gate('if: "contains(needs.*.result, \'failure\')", ', "exit 1")), {}, "", [], id="gate that looks at failures: failure, blocks"),
    pytest.param(workflow(more=gate('if: "contains(needs.*.result, \'failure\')", ', "exit 1")), {}, CANCELLED, [CAN_FAIL], id="gate that forgets cancelled, where that is asked: success on a cancel"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "others", "said", "expected"), ROWS)
def test_s41_check_when_phpstan_finds_errors(content: str, others: dict[str, str], said: str, expected: list[str]) -> None:
    files = Memory({".github/workflows/ci.yml": content, "composer.json": COMPOSER, **others})
    chosen = policy.read(Source(".opslint.yaml", said), files)
    rules = ("ci/phpstan-runs", CAN_FAIL, REPORTS, VALID)
    report = lint(files, chosen, select=rules)
    assert [finding.rule for finding in report.findings] == expected
