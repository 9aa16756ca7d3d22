"""`opslint trend` over a real git history: the numbers, the words, and every format."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from opslint.policy import Policy
from opslint.views.trend import FORMATS, NothingError, render

CONFIGURATION = "includes:\n\t- phpstan-baseline.neon\n\nparameters:\n\tlevel: 5\n\tpaths: [app]\n"
DAY = 86_400
START = 1_700_000_000  # 2023-11-14


def entry(identifier: str, count: int, path: str) -> str:
    lines = (f"message: '#^{identifier} in {path}$#'", f"identifier: '{identifier}'", f"count: {count}", f"path: {path}")
    return "\t\t-\n" + "".join(f"\t\t\t{line}\n" for line in lines)


def baseline(*entries: str) -> str:
    return "parameters:\n\tignoreErrors:\n" + "\n".join(entries)


class Repository:
    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self._git("init", "-q", "-b", "main")

    def _git(self, *arguments: str, date: int = START) -> None:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.root), "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
            "GIT_AUTHOR_DATE": f"{date} +0000", "GIT_COMMITTER_DATE": f"{date} +0000",
        }  # fmt: skip
        subprocess.run(["git", "-C", str(self.root), *arguments], check=True, capture_output=True, env=environment)

    def commit(self, day: int, subject: str, files: dict[str, str | None]) -> None:
        for path, content in files.items():
            target = self.root / path
            if content is None:
                target.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(content, "utf-8")
        self._git("add", "-A")
        self._git("commit", "-q", "--allow-empty", "-m", subject, date=START + day * DAY)

    def clone(self, target: Path) -> Path:
        self._git("clone", "-q", "--depth", "1", f"file://{self.root}", str(target))
        return target

    def told(self, format_name: str = "text", width: int = 100) -> str:
        return render(self.root, Policy(), format_name, color=False, width=width)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    found = Repository(tmp_path / "project")
    one, two = entry("method.notFound", 6, "app/Http/Controllers/A.php"), entry("argument.type", 4, "app/Models/B.php")
    found.commit(0, "Begin", {"README.md": "nothing to see\n"})
    found.commit(1, "Analyse", {"phpstan.neon": CONFIGURATION, "phpstan-baseline.neon": baseline(one, two)})
    found.commit(10, "Unrelated", {"README.md": "more\n"})
    found.commit(22, "Grow | it", {"phpstan-baseline.neon": baseline(entry("method.notFound", 9, "app/Http/A.php"), two)})
    found.commit(50, "Shrink", {"phpstan-baseline.neon": baseline(entry("argument.type", 3, "app/Models/B.php"))})
    found.commit(71, "Unrelated again", {"README.md": "most\n"})
    return found


def totals(repository: Repository) -> list[tuple[str, int]]:
    return [(each["date"], each["errors"]) for each in json.loads(repository.told("json"))["points"]]


def test_numbers_by_date_identifier_and_folder(repository: Repository) -> None:
    data = json.loads(repository.told("json"))
    assert data["schema"] == "opslint-trend/1"
    assert totals(repository) == [("2023-11-15", 10), ("2023-12-06", 13), ("2024-01-03", 3), ("2024-01-24", 3)]
    assert data["points"][0]["identifiers"] == {"argument.type": 4, "method.notFound": 6}
    assert data["points"][0]["folders"] == {"app/Http": 6, "app/Models": 4}
    assert data["points"][0]["levels"] == ["5"]
    assert data["pace"] == {"errors_per_week": -0.7, "days": 70}  # from 10 to 3 in ten weeks
    assert data["zero"] == "2024-02-23"  # 30 days on


def test_the_words(repository: Repository) -> None:
    text = repository.told()
    assert "3 errors in 1 entry: -7 since 2023-11-15, when there were 10; at most 13, on 2023-12-06." in text
    assert "In the last 70 days, 0.7 errors fewer a week: at this pace it is empty about 2024-02-23." in text
    assert "It grew once; most:\n  2023-12-06  +3 to 13" in text
    assert ["argument.type", "3", "-1"] in [line.split()[:3] for line in text.splitlines()]
    assert "1 gone altogether" in text
    assert max(len(line) for line in text.splitlines()) <= 105


def test_a_split_and_moved_baseline_is_one_line(repository: Repository) -> None:
    split = {
        "phpstan-baseline.neon": None,
        "phpstan.neon": CONFIGURATION.replace("phpstan-baseline", "baselines/loader"),
        "baselines/loader.neon": "includes:\n\t- one.baseline.neon\n\t- two.baseline.php\n",
        "baselines/one.baseline.neon": baseline(entry("argument.type", 2, "../app/Models/B.php")),
        "baselines/two.baseline.php": "<?php return ['parameters' => ['ignoreErrors' => [['message' => '#^x$#', "
        "'identifier' => 'argument.type', 'count' => 1, 'path' => __DIR__ . '/../app/Models/C.php']]]];",
    }
    repository.commit(80, "Split", split)
    last = json.loads(repository.told("json"))["points"][-1]
    assert last["errors"] == 3
    assert last["folders"] == {"app/Models": 3}


def test_a_file_that_is_not_included_does_not_count(repository: Repository) -> None:
    repository.commit(80, "Forgotten", {"other-baseline.neon": baseline(entry("x", 99, "app/A.php"))})
    assert totals(repository)[-1][1] == 3


def test_a_baseline_written_by_hand_is_read_all_the_same(repository: Repository) -> None:
    inline = "parameters: {ignoreErrors: [{message: '#^a$#', count: 2, path: app/A.php}, {message: '#^b$#', path: app/B.php}]}"
    repository.commit(80, "Rewrite", {"phpstan-baseline.neon": inline})
    last = json.loads(repository.told("json"))["points"][-1]
    assert (last["errors"], last["unbounded"]) == (3, 1)


def test_an_empty_baseline_is_the_end(repository: Repository) -> None:
    repository.commit(80, "Done", {"phpstan-baseline.neon": ""})
    assert "It is empty since 2024-02-02." in repository.told()


def test_a_shallow_clone_says_so(repository: Repository, tmp_path: Path) -> None:
    told = render(repository.clone(tmp_path / "shallow"), Policy(), "text", color=False, width=80)
    assert "This clone is shallow" in told
    assert "The history is too short to tell its pace." in told


def test_without_git_or_baseline_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(NothingError, match="no git history"):
        render(tmp_path, Policy(), "text", color=False, width=80)
    empty = Repository(tmp_path / "empty")
    empty.commit(0, "Begin", {"phpstan.neon": "parameters:\n\tlevel: 5\n"})
    with pytest.raises(NothingError, match="no commit has a PHPStan baseline"):
        empty.told()


def test_csv_holds_every_number_once(repository: Repository) -> None:
    rows = list(csv.DictReader(io.StringIO(repository.told("csv"))))
    assert [row["errors"] for row in rows if row["by"] == "total"] == ["10", "13", "3", "3"]
    for kind in ("identifier", "folder"):
        assert sum(int(row["errors"]) for row in rows if row["by"] == kind) == 29


def test_pictures_are_xml_and_pages_are_whole(repository: Repository) -> None:
    root = ElementTree.fromstring(repository.told("svg"))
    assert len(root.findall(".//{http://www.w3.org/2000/svg}circle")) == 1
    page = repository.told("html")
    assert page.startswith("<!doctype html>")
    assert page.endswith("</html>\n")
    assert "http://www.w3.org/2000/svg" in page


def test_nothing_of_the_repository_speaks_through_the_report(repository: Repository) -> None:
    hostile = entry("=cmd()", 1, "app/<script>alert(1)</script>/A.php")
    repository.commit(80, "\x1b[31m<b>@everyone</b> ::error::x", {"phpstan-baseline.neon": baseline(hostile, hostile * 9)})
    for name in FORMATS:
        told = repository.told(name)
        assert "\x1b" not in told
        if name in ("html", "svg", "markdown"):
            assert "<script>" not in told
            assert "<b>" not in told
    assert ",identifier,'=cmd()," in repository.told("csv")


def test_a_commit_may_claim_any_date(repository: Repository) -> None:
    repository.commit(-300, "From the past", {"phpstan-baseline.neon": baseline(entry("argument.type", 1, "app/B.php"))})
    for name in FORMATS:
        assert repository.told(name)
    assert "1 error in 1 entry" in repository.told()
