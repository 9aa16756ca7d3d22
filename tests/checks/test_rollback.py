"""Claims about rollbacks, beside their pages: which file is laid back."""

from __future__ import annotations

import pytest

from opslint.checks import rollback
from opslint.files import Memory
from opslint.finding import Verdict
from opslint.model.project import Project

WORKFLOW = """\
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - id: backup
        run: ssh deploy@shop.example 'BACKUP'
      - run: ssh deploy@shop.example 'cd /var/www/shop && git pull && php artisan migrate --force'
      - if: failure() && steps.backup.outcome == 'success'
        run: ssh deploy@shop.example 'RESTORE'
"""


def judged(backup: str, restore: str) -> list[Verdict]:
    text = WORKFLOW.replace("BACKUP", backup).replace("RESTORE", restore)
    return list(rollback.use_own_backup(Project(Memory({".github/workflows/deploy.yml": text}))))


@pytest.mark.parametrize(
    ("backup", "restore", "wrong"),
    [
        pytest.param("mysqldump s > /b/s.sql", "mysql s < /b/s.sql", "", id="the same"),
        pytest.param("cd /b && mysqldump s > s.sql", "mysql s < /b/s.sql", "", id="the same, seen from elsewhere"),
        pytest.param("mysqldump s | gzip > /b/s.sql.gz", "gunzip -c /b/s.sql.gz | mysql s", "", id="packed"),
        pytest.param("mysqldump s | gzip > /b/s.sql.gz", "gunzip /b/s.sql.gz && mysql s < /b/s.sql", "", id="unpacked before"),
        pytest.param("mysqldump s > /b/new.sql", "mysql s < /b/last.sql", "/b/last.sql", id="another one"),
        pytest.param("mysqldump s > /b/new.sql && cp /b/new.sql /b/last.sql", "mysql s < /b/last.sql", "", id="a copy of it"),
        pytest.param("mysqldump s > /tmp/new.sql && mv /tmp/new.sql /b/", "mysql s < /b/last.sql", "", id="moved, nobody sees whereto"),
        pytest.param("mysqldump s > /b/$STAMP.sql", "mysql s < /b/last.sql", "", id="named by a variable"),
        pytest.param("mysqldump s > /b/new.sql", "mysql s < $(ls -t /b/*.sql | head -1)", "", id="the newest is this run's"),
        pytest.param("mysqldump s > /b/s.sql; mysqldump u > /b/u.sql", "mysql s < /b/s.sql; mysql u < /b/u.sql", "", id="two of them"),
        pytest.param("mysqldump s > /b/s.sql; mysqldump u > /b/u.sql", "mysql s < /b/s.sql; mysql u < /b/v.sql", "/b/v.sql", id="two, one of them wrong"),
    ],
)
def test_the_file_restored_is_the_file_written(backup: str, restore: str, wrong: str) -> None:
    broken = [verdict for verdict in judged(backup, restore) if verdict.state == "broken"]
    assert [verdict.span.written for verdict in broken] == ([wrong] if wrong else [])
    for verdict in broken:
        assert verdict.message == f"`{wrong}` is no file that this run writes its backup to"
        assert verdict.notes[0].message == "this run's backup is written here"
