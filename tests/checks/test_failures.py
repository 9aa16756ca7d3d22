"""Failures that nobody notices, beside their page: what a job says, and what a script without one."""

from __future__ import annotations

import pytest

from opslint.checks import failures
from opslint.files import Memory
from opslint.model.project import Project

SCRIPT = "git pull\nphp artisan migrate --force\necho done\n"
JOB = "on: push\njobs:\n  deploy:\n    runs-on: x\n    steps:\n      - run: ssh shop 'git pull; php artisan migrate --force; echo done'\n"


@pytest.mark.parametrize(
    ("files", "ending"),
    [
        pytest.param({"deploy.sh": SCRIPT}, "the script ends with 0", id="a script"),
        pytest.param({".github/workflows/deploy.yml": JOB}, "the job is green", id="a job"),
        pytest.param({"deploy.sh": f"set -e\n{SCRIPT}"}, None, id="a script that stops"),
    ],
)
def test_what_ends_well_although_it_failed(files: dict[str, str], ending: str | None) -> None:
    broken = [each.message for each in failures.fail_the_run(Project(Memory(files))) if each.state == "broken"]
    assert broken == ([f"nobody notices when `git pull` fails: {ending}"] if ending else [])
