"""Claims about order, beside their pages: what a script that is not to be seen leaves open."""

from __future__ import annotations

import pytest

from opslint import policy
from opslint.checks import order
from opslint.files import Memory
from opslint.model.act import Acts
from opslint.model.project import Project
from opslint.source import Source

WORKFLOW = "on: push\njobs:\n  deploy:\n    runs-on: x\n    steps:\n      - run: ssh shop '{} && php artisan migrate --force'\n"


@pytest.mark.parametrize(
    ("before", "files", "expected"),
    [
        pytest.param("git pull", {}, ["broken"], id="nothing"),
        pytest.param("mysqldump shop > /b/s.sql", {}, ["holds"], id="a backup"),
        pytest.param("./backup.sh", {}, ["undecided"], id="a script that is not here may do it"),
        pytest.param("git pull && php artisan migrate --force && ./health-check.sh", {}, ["broken"], id="one behind it cannot"),
        pytest.param("./backup.sh", {"backup.sh": "tar -czf /b/s.tgz .\n"}, ["broken"], id="one that is here, and does not"),
        pytest.param("./backup.sh", {"backup.sh": "set -e\nmysqldump shop > /b/s.sql\n"}, ["holds"], id="one that is here, and does"),
    ],
)
def test_backup_before_migrate(before: str, files: dict[str, str], expected: list[str]) -> None:
    project = Project(Memory({".github/workflows/deploy.yml": WORKFLOW.format(before), **files}))
    found = order.always_before(project, first=("backup-database",), then="migrate", state="it has no backup")
    assert [verdict.state for verdict in found] == expected


@pytest.mark.parametrize(
    ("called", "line"),
    [
        ("./finish.sh --now", "acts: {update-code: ['./finish.sh']}"),
        ("bash scripts/finish.sh", "acts: {update-code: ['bash scripts/finish.sh']}"),
    ],
)
def test_the_hint_teaches_what_was_not_seen(called: str, line: str) -> None:
    files = Memory({".github/workflows/deploy.yml": WORKFLOW.format(f"php artisan down && {called}")})
    (found,) = order.always_after(Project(files), first=("maintenance-on",), then="maintenance-off", state="it stays down")
    assert f"`{line}`" in found.hint
    taught = Project(files, acts=Acts.load(policy.read(Source(".opslint.yaml", line), files).acts))
    (decided,) = order.always_after(taught, first=("maintenance-on",), then="maintenance-off", state="it stays down")
    assert decided.state == "broken"
