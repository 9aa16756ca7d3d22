"""Secrets are hidden, and what stands behind them keeps its place."""

from __future__ import annotations

from opslint.files import Memory
from opslint.lint import lint
from opslint.policy import Policy

_WORKFLOW = """\
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    env:
      SSH_KEY: |
        abcdefgh
        ijklmnop
      MY_TOKEN: geheim1234
    steps:
      - run: ssh deploy@example.org 'php artisan migrate --force'
"""


def test_lines_behind_a_secret_of_several_lines_keep_their_numbers() -> None:
    report = lint(Memory({".github/workflows/deploy.yml": _WORKFLOW}), Policy(), select=("deploy/no-literal-secret",))
    places = [(*finding.span.place[:2], finding.span.written) for finding in report.findings]
    assert places == [(7, 9, "********\n****************\n"), (9, 17, "**********")]
