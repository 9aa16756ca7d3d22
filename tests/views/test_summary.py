"""The summary of a job: the report, and for each deployment with a story what every mishap leaves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from opslint.files import Disk
from opslint.lint import lint
from opslint.policy import Policy
from opslint.report import markdown
from opslint.views import simulate, summary

PROJECTS = Path(__file__).parent.parent.parent / "fixtures" / "projects"
AFTER = PROJECTS / "mutuapix-after"


def written(root: Path, *select: str) -> str:
    return summary.render(lint(Disk(root), Policy(), select=select), root, Policy())


def test_a_story_brings_the_table_of_its_deployment() -> None:
    shown = written(AFTER, "deploy/rollback-runs-on-cancel")
    assert shown.startswith("## opslint: 1 warning\n")
    assert "<details><summary>When <code>git pull origin main</code> is cancelled</summary>" in shown
    assert shown.count("### What the deployments leave behind") == 1
    rows = simulate.render(
        ".github/workflows/deploy-backend.yml", AFTER, Policy(), job=None, format_name="markdown", color=False, width=100
    ).splitlines()[2:]
    assert "\n".join(rows) in shown
    mishaps = len(rows) - 3  # without the head, the rule, and the calm course
    head = f"<details><summary><code>.github/workflows/deploy-backend.yml</code>: <code>jobs.deploy</code>, {mishaps} mishaps</summary>"
    assert re.findall("<details><summary><code>.*", shown) == [head]


def test_findings_without_a_story_bring_no_table() -> None:
    assert "leave behind" not in written(AFTER, "workers/logs-kept")


def test_nothing_found_is_a_line() -> None:
    assert written(PROJECTS / "mutuapix-hardened", "workers/memory-limit") == (
        "## opslint: nothing found\n\n8 files checked by 1 rule.\n"
    )


def test_no_secret_is_in_a_table() -> None:
    shown = written(AFTER)
    assert "php artisan down --secret=****" in shown
    assert not re.search(r"--secret=[^*\\]", shown)


def test_tables_that_do_not_fit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    report = lint(Disk(AFTER), Policy(), select=("deploy/rollback-runs-on-cancel",))
    shown = markdown.render(report, ("a table\n", "x" * 500_000, "another\n"))
    assert len(shown.encode()) < 2**20
    assert "a table\n\n\nanother\n" in shown
    assert shown.endswith("\nLeft out: 1 table, since a summary holds 1 MiB; `opslint simulate` shows them all.\n")
