"""Claims about order, beside their pages: what a script that is not to be seen leaves open."""

from __future__ import annotations

import pytest

from opslint.checks import order
from opslint.files import Memory
from opslint.model.project import Project

WORKFLOW = "on: push\njobs:\n  deploy:\n    runs-on: x\n    steps:\n      - run: ssh shop '{} && php artisan migrate --force'\n"


@pytest.mark.parametrize(
    ("before", "files", "expected"),
    [
        pytest.param("git pull", {}, ["broken"], id="nothing"),
        pytest.param("mysqldump shop > /b/s.sql", {}, ["holds"], id="a backup"),
        pytest.param("./backup.sh", {}, ["undecided"], id="a script that is not here may do it"),
        pytest.param("./backup.sh", {"backup.sh": "tar -czf /b/s.tgz .\n"}, ["broken"], id="one that is here, and does not"),
        pytest.param("./backup.sh", {"backup.sh": "set -e\nmysqldump shop > /b/s.sql\n"}, ["holds"], id="one that is here, and does"),
    ],
)
def test_backup_before_migrate(before: str, files: dict[str, str], expected: list[str]) -> None:
    project = Project(Memory({".github/workflows/deploy.yml": WORKFLOW.format(before), **files}))
    found = order.always_before(project, first=("backup-database",), then="migrate", state="it has no backup")
    assert [verdict.state for verdict in found] == expected
