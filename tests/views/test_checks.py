"""What is told of a workflow: its events, its checks and when they fail, its deployments."""

from __future__ import annotations

from opslint.files import Memory
from opslint.model.project import Project
from opslint.views.checks import explain_workflow
from opslint.views.screen import Screen

CI = ".github/workflows/ci.yml"
CHECKS = """on:
  push: {branches: [main]}
  pull_request: {paths: ['app/**']}
jobs:
  tests:
    runs-on: ubuntu-latest
    strategy: {matrix: {php: ['8.3', '8.4']}}
    steps:
      - uses: actions/checkout@v4
      - run: vendor/bin/phpunit
      - run: bin/upload-coverage
        continue-on-error: true
  lint:
    runs-on: ubuntu-latest
    if: github.event_name == 'push'
    continue-on-error: true
    steps:
      - run: vendor/bin/phpstan analyse || true
  required:
    needs: [tests]
    if: always()
    runs-on: ubuntu-latest
    steps:
      - if: contains(needs.*.result, 'failure')
        run: exit 1
"""
DEPLOY = """on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - name: Deploy
        timeout-minutes: 10
        run: ssh shop 'cd /srv/shop && php artisan down && git pull && php artisan migrate --force'
      - name: Roll back
        if: failure() && github.ref == 'refs/heads/main'
        run: ssh shop '/srv/shop/restore.sh'
      - name: Up
        if: always()
        continue-on-error: true
        run: ssh shop 'cd /srv/shop && php artisan up'
"""


def told(files: dict[str, str], path: str = CI) -> str:
    screen = Screen(color=False, width=100)
    explain_workflow(screen, Project(Memory(files)), path)
    return screen.text


def test_checks_are_told_by_event() -> None:
    assert told({CI: CHECKS}) == """
What starts it:
  push: branches `main`
  pull_request: paths `app/**`

What it does:
 5  tests  on ubuntu-latest
       a job for each leg of its matrix, which is cancelled when another one fails
 9     1 actions/checkout@v4
10     2 vendor/bin/phpunit
10        test     here  vendor/bin/phpunit
11     3 bin/upload-coverage  when it fails, the job goes on as if it had not
13  lint  on ubuntu-latest
       only on pushes
       when it fails, jobs that need it are told of a success
18     1 vendor/bin/phpstan analyse || true
18        analyse  here  vendor/bin/phpstan analyse  or else true
19  required  on ubuntu-latest
       waits for `tests`
       runs also after a failure, cancel, timeout or skip
25     1 exit 1
          only if a job it needs failed

The checks it reports:
  tests (each leg of its matrix), on pull_request and push
    never reports on pull_request where `paths` leaves every changed file out
    fails when one of these fails:
      actions/checkout@v4
      vendor/bin/phpunit
    passes although one of these fails:
      bin/upload-coverage
  lint, on push
    is skipped on pull_request, and that counts as passed
    passes although one of these fails:
      vendor/bin/phpstan analyse
    when it fails, its own check is red, and jobs that need it are told of a success
  required, on pull_request and push
    never reports on pull_request where `paths` leaves every changed file out
    does not pass when `tests` fails
    passes although `tests` is cancelled
"""


def test_deployment_is_told_step_by_step() -> None:
    assert told({CI: DEPLOY}) == """
What starts it:
  push: branches `main`

What it does:
 3  deploy  on ubuntu-latest
       at most 6 hours: it has no `timeout-minutes`
       nothing here keeps two runs apart: there is no `concurrency`
 6     1 Deploy  at most 10 minutes
 8        maintenance-on   ssh shop  php artisan down
 8        update-code      ssh shop  git pull
 8        migrate          ssh shop  php artisan migrate --force
 9     2 Roll back
          runs only after a failure, not after a cancel, and only on branch `main`
11        restore-files    ssh shop  /srv/shop/restore.sh
12     3 Up  when it fails, the job goes on as if it had not
          runs also after a failure or cancel
15        maintenance-off  ssh shop  php artisan up
`opslint simulate .github/workflows/ci.yml` shows what each mishap leaves behind.
"""


def test_called_workflow_is_named_by_its_caller() -> None:
    called = CHECKS.split("jobs:")[1]
    quality = "on: workflow_call\njobs:" + called.split("  required:")[0]
    caller = "on: pull_request\njobs:\n  quality: {uses: ./.github/workflows/quality.yml}\n"
    files = {CI: caller, ".github/workflows/quality.yml": quality}
    text = told(files, ".github/workflows/quality.yml")
    assert "  workflow_call\n    called by `quality` in .github/workflows/ci.yml\n" in text
    assert "  quality / tests (each leg of its matrix), on pull_request\n" in text
    assert "fails when a job of ./.github/workflows/quality.yml fails" in told(files)


def test_gate_without_a_condition_is_skipped() -> None:
    gate = "on: push\njobs:\n  a: {steps: [{run: phpunit}]}\n  all: {needs: a, steps: [{run: echo ok}]}\n"
    assert "passes although `a` fails: it is skipped then" in told({CI: gate})


def test_known_judge_does_not_pass() -> None:
    judge = "{needs: a, if: always(), steps: [{uses: re-actors/alls-green@release/v1}]}"
    text = told({CI: f"on: push\njobs:\n  a: {{steps: [{{run: phpunit}}]}}\n  all: {judge}\n"})
    assert "does not pass when `a` fails" in text
    assert "does not pass when `a` is cancelled" in text


def test_secret_is_not_told() -> None:
    token = "ghp_" + "a1B2" * 9
    leaking = f"on: push\njobs:\n  a:\n    steps:\n      - run: curl -H 'Authorization: Bearer {token}' https://x.example\n"
    assert token not in told({CI: leaking})


def test_nothing_is_told_of_what_is_no_workflow() -> None:
    assert told({CI: CHECKS}, "composer.json") == ""


def test_no_checks_where_nothing_starts_that_reports_one() -> None:
    assert "The checks" not in told({CI: "on: workflow_dispatch\njobs: {a: {steps: [{run: phpunit}]}}\n"})
