"""Why files are linted and why not: each reason, at its place."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from opslint import policy as policies
from opslint.files import LIMIT, Disk
from opslint.views.files import listed, render
from opslint.views.files_data import Row

WORKFLOW = """\
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: ./.github/actions/setup
      - run: |
          bin/ship production
          ssh host 'cd /var/www && bash scripts/migrate.sh'
  again:
    uses: ./.github/workflows/called.yml
"""
FILES = {
    ".opslint.yaml": "exclude: [old, 'docs/*.sh']\nfiles:\n  supervisor:\n    - etc/*.dist\n    - 'etc/queue'\n",
    ".github/workflows/deploy.yml": WORKFLOW,
    ".github/workflows/called.yml": "on: workflow_call\njobs: {j: {runs-on: x, steps: [{run: make all}]}}\n",
    ".github/actions/setup/action.yml": "name: x\nruns: {using: composite, steps: []}\n",
    "other/action.yml": "name: x\n",
    "Makefile": "all:\n\tscripts/migrate.sh\n",
    "bin/ship": "scripts/notify.sh\n",
    "bin/run": "#!/usr/bin/env bash\n",
    "scripts/migrate.sh": "",
    "scripts/notify.sh": "",
    "etc/worker.conf": "; x\n[program:w]\ncommand=x\n",
    "etc/nginx.conf": "server {}\n",
    "etc/worker.conf.dist": "[program:w]\ncommand=x\n",
    "etc/queue": "[program:w]\ncommand=x\n",
    "etc/big.conf": "#" * (LIMIT + 1),
    "etc/big.sh": "#" * (LIMIT + 1),
    "old/deploy.sh": "",
    "docs/install.sh": "",
    "api/composer.json": "{}",
    "api/phpstan.neon": "includes: [baseline.neon]\nparameters: {level: 5}\n",
    "api/baseline.neon": "parameters:\n\tignoreErrors: []\n",
    "api/config/queue.php": "<?php return [];",
    "api/artisan": "#!/usr/bin/env php\n",
    "api/storage/x.sh": "",
    "api/vendor/x/composer.json": "{}",
    "README": "",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for path, content in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    (tmp_path / "outside.sh").write_text("")
    (folder / "away.sh").symlink_to(tmp_path / "outside.sh")
    (folder / "nowhere.sh").symlink_to("gone.sh")
    (folder / "link").symlink_to("scripts")
    (folder / "inside.sh").symlink_to("scripts/notify.sh")
    os.mkfifo(folder / "pipe.sh")
    return folder


def told(root: Path, *only: str, everything: bool = False) -> dict[str, Row]:
    policy = policies.load(Disk(root))
    return {row.path: row for row in listed(root, policy, only or None, everything=everything)}


LINTED = {
    ".github/actions/setup/action.yml": ("action", "is named `action.yml` and has `runs:`"),
    ".github/workflows/called.yml": ("workflow", "lies in `.github/workflows/`"),
    ".github/workflows/deploy.yml": ("workflow", "lies in `.github/workflows/`"),
    "Makefile": ("make", "is named `Makefile`"),
    "api/composer.json": ("composer", "is named `composer.json`"),
    "api/config/queue.php": ("php", "is Laravel's `config/queue.php`"),
    "api/phpstan.neon": ("phpstan", "is named `phpstan.neon`"),
    "bin/run": ("script", "begins with `#!/usr/bin/env bash`"),
    "etc/big.sh": ("script", "ends in `.sh`, but cannot be read: it has 1,048,577 bytes, more than 1,048,576"),
    "etc/queue": ("supervisor", "matches `etc/queue`"),
    "etc/worker.conf": ("supervisor", "has `[program:w]` on line 2"),
    "etc/worker.conf.dist": ("supervisor", "matches `etc/*.dist`"),
    "inside.sh": ("script", "ends in `.sh`"),
    "scripts/migrate.sh": ("script", "ends in `.sh`"),
    "scripts/notify.sh": ("script", "ends in `.sh`"),
}
FOLLOWED = {
    "api/baseline.neon": "is of no kind by itself, but followed",
    "bin/ship": "is of no kind by itself, but followed",
}
NOT_LINTED = {
    ".opslint.yaml": "is of no kind that is linted",
    "README": "is of no kind that is linted",
    "api/artisan": "is of no kind that is linted",
    "api/storage/": "`storage` beside `artisan` is not looked into: the application writes there",
    "api/vendor/": "`vendor` is not looked into: it is installed or generated",
    "away.sh": "is a link that leads out of the project",
    "docs/install.sh": "excluded by `docs/*.sh`",
    "etc/big.conf": "cannot be read: it has 1,048,577 bytes, more than 1,048,576",
    "etc/nginx.conf": "has no section that only Supervisor has",
    "link": "is a link to a folder, and those are not followed",
    "nowhere.sh": "is a link that leads nowhere",
    "old/deploy.sh": "excluded by `old`",
    "other/action.yml": "has no `runs:`",
    "pipe.sh": "is neither a file nor a folder",
}


def test_every_linted_file_and_why(root: Path) -> None:
    found = told(root)
    assert {path: (row.kind, row.because) for path, row in found.items() if row.kind} == LINTED
    assert {path: row.because for path, row in found.items() if not row.kind} == FOLLOWED


def test_every_other_file_and_why_not(root: Path) -> None:
    found = told(root, everything=True)
    assert {path: row.because for path, row in found.items() if not row.kind} == NOT_LINTED | FOLLOWED
    assert {path for path, row in found.items() if row.kind} == set(LINTED)


@pytest.mark.parametrize(
    ("path", "place"),
    [("old/deploy.sh", "1:11"), ("docs/install.sh", "1:16"), ("etc/worker.conf.dist", "4:7"), ("etc/queue", "5:7")],
)
def test_the_word_of_the_policy_has_its_place(root: Path, path: str, place: str) -> None:
    assert str(told(root, path)[path].place) == f".opslint.yaml:{place}"


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("scripts/migrate.sh", [".github/workflows/deploy.yml:9:36", "Makefile:2:2"]),
        ("bin/ship", [".github/workflows/deploy.yml:8:11"]),
        ("scripts/notify.sh", ["bin/ship:1:1"]),
        ("Makefile", [".github/workflows/called.yml:2:38"]),
        (".github/actions/setup/action.yml", [".github/workflows/deploy.yml:6:15"]),
        (".github/workflows/called.yml", [".github/workflows/deploy.yml:11:11"]),
        ("api/baseline.neon", ["api/phpstan.neon:1:12"]),
        ("bin/run", []),
    ],
)
def test_what_leads_to_a_file(root: Path, path: str, places: list[str]) -> None:
    assert sorted(map(str, told(root, path)[path].reached_from)) == places


def test_the_application_is_the_nearest_composer_json_above(root: Path) -> None:
    assert told(root, "api/config/queue.php")["api/config/queue.php"].application == "api"
    assert told(root, "bin/run")["bin/run"].application is None
    (root / "composer.json").write_text("{}")
    assert told(root, "bin/run")["bin/run"].application == "."


@pytest.mark.parametrize(
    ("only", "paths"),
    [
        (["etc/nginx.conf"], ["etc/nginx.conf"]),
        (["scripts"], ["scripts/migrate.sh", "scripts/notify.sh"]),
        (["api/vendor/x/composer.json"], ["api/vendor/"]),
        (["api/vendor"], ["api/vendor/"]),
        (["old", "away.sh"], ["away.sh", "old/deploy.sh"]),
        (["gone.sh"], ["gone.sh"]),
    ],
    ids=["a file", "a folder", "a file in a folder that is not entered", "such a folder", "several", "a deleted file"],
)
def test_a_named_path_is_told_whether_it_is_linted_or_not(root: Path, only: list[str], paths: list[str]) -> None:
    assert sorted(told(root, *only)) == paths


def test_without_a_policy_there_is_no_place(root: Path) -> None:
    (root / ".opslint.yaml").unlink()
    found = told(root)
    assert (found["old/deploy.sh"].kind, found["old/deploy.sh"].place) == ("script", None)
    assert "etc/queue" not in found


# -- how it looks ---------------------------------------------------------------------------------------------------


def test_the_text(root: Path) -> None:
    rows = tuple(told(root, "bin", "etc/queue", "etc/nginx.conf").values())
    assert render(rows, "text", everything=False, color=False, width=100) == """\
bin/run         script      begins with `#!/usr/bin/env bash`
bin/ship        -           is of no kind by itself, but followed; reached from .github/workflows/deploy.yml:8:11
etc/nginx.conf  -           has no section that only Supervisor has
etc/queue       supervisor  matches `etc/queue` (.opslint.yaml:5:7)

2 files linted; `opslint files --all` says why others are not.
"""


def test_what_is_alike_is_counted_by_folder_and_what_is_several_applications_named(root: Path) -> None:
    for number in range(4):
        (root / f"old/{number}.sh").write_text("")
    (root / "composer.json").write_text("{}")
    rows = tuple(told(root, "old", "api/phpstan.neon", "bin/run").values())
    assert render(rows, "text", everything=True, color=False, width=100) == """\
api/phpstan.neon  phpstan  is named `phpstan.neon`; application `api`
bin/run           script   begins with `#!/usr/bin/env bash`; application `.`
old/ (5 files)    -        excluded by `old` (.opslint.yaml:1:11)

2 files linted.
"""


def test_json_has_every_file_with_places(root: Path) -> None:
    shape = json.loads(render(tuple(told(root, "etc/queue", "bin/ship").values()), "json", everything=True, color=False, width=100))
    assert shape == {
        "schema": "opslint-files/1",
        "files": [
            {
                "path": "bin/ship",
                "linted": False,
                "kind": None,
                "because": "is of no kind by itself, but followed",
                "place": None,
                "application": None,
                "reached_from": [{"path": ".github/workflows/deploy.yml", "line": 8, "column": 11, "end_line": 8, "end_column": 30}],
            },
            {
                "path": "etc/queue",
                "linted": True,
                "kind": "supervisor",
                "because": "matches `etc/queue`",
                "place": {"path": ".opslint.yaml", "line": 5, "column": 7, "end_line": 5, "end_column": 18},
                "application": None,
                "reached_from": [],
            },
        ],
    }


def test_hostile_names_are_shown_and_not_spoken(root: Path) -> None:
    (root / "::error::\x1b[31m\u202e##[x].sh").write_text("")
    for format_name in ("text", "json"):
        rows = tuple(told(root).values())
        rendered = render(rows, format_name, everything=False, color=False, width=100)
        for sign in ("\x1b", "\u202e", "##[", "\n::"):
            assert sign not in rendered
