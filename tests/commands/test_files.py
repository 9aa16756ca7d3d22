"""`opslint files` on the command line: paths, exit codes, and that no rule runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from opslint import lint, rulebook
from opslint.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["files", *arguments], catch_exceptions=False)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".opslint.yaml").write_text("")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/deploy.sh").write_text("")
    (tmp_path / "notes.txt").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_from_a_folder_below_the_root(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "bin")
    said = "bin/deploy.sh  script  ends in `.sh`\n\n1 file linted; `opslint files --all` says why others are not.\n"
    assert (run().exit_code, run().output) == (0, said)
    assert run("deploy.sh").output == "bin/deploy.sh  script  ends in `.sh`\n\n1 file linted.\n"


def test_all(project: Path) -> None:
    assert run("--all").output == (
        ".opslint.yaml  -       is of no kind that is linted\n"
        "bin/deploy.sh  script  ends in `.sh`\n"
        "notes.txt      -       is of no kind that is linted\n"
        "\n1 file linted.\n"
    )


def test_json(project: Path) -> None:
    assert [each["path"] for each in json.loads(run("--format", "json").output)["files"]] == ["bin/deploy.sh"]


def test_wrong_usage_is_exit_2(project: Path) -> None:
    assert run("--format", "jsn").stderr == "opslint: there is no format `jsn` (did you mean `json`?); there are text, json\n"
    assert run("--format", "jsn").exit_code == 2
    assert run("no-such-file").exit_code == 2
    assert run("bin", "..").exit_code == 2


def test_nothing_to_lint_is_exit_3_and_why_is_asked_for_by_all(project: Path) -> None:
    (project / "bin/deploy.sh").unlink()
    assert run().exit_code == 3
    assert "looked for Supervisor files" in run().stderr
    assert run("--all").exit_code == 0
    assert run("notes.txt").exit_code == 0


def test_no_rule_runs(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("a rule was asked")

    monkeypatch.setattr(rulebook, "check_of", fail)
    monkeypatch.setattr(lint, "judge", fail)
    assert run("--all").exit_code == 0
