"""The command line: roots, exit codes, formats, and that heavy libraries come late."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

import opslint
from opslint.cli import main

WORKER = "[program:w]\ncommand=php artisan queue:work\nautorestart=true\nuser=www-data\nredirect_stderr=true\nstdout_logfile=/l\nstopwaitsecs=90\n"
CAPPED = WORKER.replace("work\n", "work --memory=512\n")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".opslint.yaml").write_text("extends: recommended\n")
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "supervisor.conf").write_text(WORKER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_findings_are_exit_1(project: Path) -> None:
    result = run("check")
    assert result.exit_code == 1
    assert "docker/supervisor.conf:2:9" in result.output


def test_nothing_found_is_exit_0(project: Path) -> None:
    (project / "docker" / "supervisor.conf").write_text(CAPPED)
    assert run("check").exit_code == 0


def test_below_fail_on_is_exit_0(project: Path) -> None:
    assert run("check", "--fail-on", "error").exit_code == 0


def test_a_mistake_in_the_policy_is_exit_2_with_a_place(project: Path) -> None:
    (project / ".opslint.yaml").write_text("rules:\n  workers/memory: off\n")
    result = run("check")
    assert result.exit_code == 2
    assert ".opslint.yaml:2:3: there is no rule `workers/memory`" in result.output


def test_nothing_to_lint_is_exit_3_and_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    result = run("check", str(tmp_path))
    assert result.exit_code == 3
    assert "looked for Supervisor files" in result.output


def test_undecided_is_exit_4_where_asked(project: Path) -> None:
    (project / "docker" / "supervisor.conf").write_text(CAPPED)
    assert run("check", "--fail-on-undecided").exit_code == 4


@pytest.mark.parametrize("arguments", [["check", "nowhere/at/all"], ["check", "--format", "xlm"], ["check", "--select", "workers/x"], ["bogus"]])
def test_wrong_usage_is_exit_2(project: Path, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_the_root_is_found_from_a_subfolder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "docker")
    assert "docker/supervisor.conf:2:9" in run("check").output


def test_a_path_narrows_the_report(project: Path) -> None:
    (project / "other.conf").write_text(WORKER)
    assert "other.conf" not in run("check", "docker").output


def test_a_deleted_path_has_nothing_to_report_and_a_mistyped_one_is_refused(project: Path) -> None:
    (project / "old.conf").write_text(WORKER)
    for arguments in (["init", "-q"], ["add", "-A"], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"]):
        subprocess.run(["git", *arguments], cwd=project, check=True)
    (project / "old.conf").unlink()
    assert run("check", "old.conf").exit_code == 0
    assert run("check", "odl.conf").exit_code == 2


def test_a_path_outside_the_root_is_refused(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "x.conf").write_text(WORKER)
    result = run("check", "docker", str(elsewhere / "x.conf"))
    assert result.exit_code == 2
    assert "outside the root" in result.output


def test_json_fits_its_published_schema(project: Path) -> None:
    report = json.loads(run("check", "--format", "json", "--select", "workers/memory-limit").output)
    schema = json.loads(run("schema", "report").output)
    Draft202012Validator(schema).validate(report)
    assert report["findings"][0]["fix"]["edits"] == [
        {"path": "docker/supervisor.conf", "start": [2, 31], "end": [2, 31], "replacement": " --memory=512"}
    ]


def test_several_formats_in_one_run(project: Path) -> None:
    assert run("check", "--output", "json=out/report.json", "--output", "sarif=report.sarif").exit_code == 1
    assert json.loads((project / "out" / "report.json").read_text())["schema"] == "opslint-report/1"
    assert json.loads((project / "report.sarif").read_text())["version"] == "2.1.0"


def test_fix_mends_what_is_safe_and_keeps_permissions(project: Path) -> None:
    path = project / "docker" / "supervisor.conf"
    path.chmod(0o640)
    assert run("check", "--fix").exit_code == 0
    assert path.read_text() == CAPPED
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in path.parent.iterdir()] == ["supervisor.conf"], "no temporary file is left"


def test_a_crash_of_ours_is_exit_4_and_no_traceback(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr("opslint.root.narrow", crash)
    result = run("check")
    assert result.exit_code == 4
    assert "crashed (ZeroDivisionError: on purpose)" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("name", ["report", "policy", "page", "accepted"])
def test_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(json.loads(run("schema", name).output))


def test_explain_a_rule_a_place_and_a_typo(project: Path) -> None:
    assert "## Bad" in run("explain", "workers/memory-limit").output
    place = run("explain", "docker/supervisor.conf:2").output
    assert "workers/memory-limit" in place
    assert run("explain", "docker/supervisor.conf:6").output.count("workers/logs-kept") == 1
    typo = run("explain", "workers/memory-limt")
    assert typo.exit_code == 2
    assert "did you mean `workers/memory-limit`?" in typo.output


@pytest.mark.parametrize("name", ["text", "json", "markdown"])
def test_rules_are_listed(project: Path, name: str) -> None:
    assert "workers/memory-limit" in run("rules", "--format", name).output


def test_version_and_help() -> None:
    assert opslint.__version__ in run("--version").output
    for arguments in (["--help"], ["check", "--help"], ["explain", "--help"], ["rules", "--help"]):
        assert run(*arguments).exit_code == 0
    assert "Examples:" in run("--help").output


@pytest.mark.parametrize(
    ("color", "environment", "colored"),
    [("auto", {}, False), ("always", {}, True), ("always", {"NO_COLOR": "1"}, True), ("never", {}, False)],
)
def test_color(project: Path, color: str, environment: dict[str, str], colored: bool) -> None:
    result = CliRunner(env=environment).invoke(main, ["check", "--color", color])
    assert ("\x1b[" in result.output) is colored


def imported(*arguments: str, cwd: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "opslint", *arguments], cwd=cwd, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(opslint.__file__).parent.parent)},
    )  # fmt: skip
    return {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines() if "|" in line}


def test_heavy_libraries_are_not_imported_for_nothing(project: Path) -> None:
    heavy = {"rich", "jsonschema", "lark", "tree_sitter_php", "mkdocs"}
    assert not imported("--version", cwd=project) & (heavy | {"ruamel", "tree_sitter"})
    assert not imported("check", "--format", "json", cwd=project) & heavy


def test_the_package_carries_its_rules_and_schemas() -> None:
    assert resources.files("opslint").joinpath("policy.schema.json").is_file()


def test_an_output_for_the_terminal_takes_the_place_of_text(project: Path) -> None:
    output = run("check", "--output", "sarif=report.sarif", "--output", "github").output
    assert output.startswith("::")
    assert "= fix:" not in output
    assert "= fix:" in run("check", "--format", "text", "--output", "github").output


def test_a_mistyped_format_stops_before_anything_is_written(project: Path) -> None:
    result = run("check", "--output", "json=report.json", "--output", "srif=report.sarif")
    assert result.exit_code == 2
    assert "there is no format `srif` (did you mean `sarif`?)" in result.output
    assert not (project / "report.json").exists()


@pytest.mark.parametrize("target", [".", "docker/supervisor.conf/report.json"], ids=["a folder", "below a file"])
def test_an_output_that_cannot_be_written_is_exit_2(project: Path, target: str) -> None:
    result = run("check", "--output", f"json={target}")
    assert result.exit_code == 2
    assert f"opslint: `{target}` cannot be written: " in result.output


def test_an_output_may_be_a_device(project: Path) -> None:
    command = [sys.executable, "-m", "opslint", "check", "--output", "json=/dev/stdout", "--output", "sarif=/dev/null"]
    path = str(Path(opslint.__file__).parent.parent)
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path})
    assert '"schema": "opslint-report/1"' in done.stdout
    assert done.stderr == ""


def test_a_reader_that_leaves_early_changes_no_exit_code(project: Path) -> None:
    path = str(Path(opslint.__file__).parent.parent)
    command = f"set -o pipefail; '{sys.executable}' -m opslint check --format json | true"
    done = subprocess.run(["bash", "-c", command], cwd=project, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path})
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize(("name", "path"), [("github", "file=api/supervisor.conf,"), ("gitlab", '"path": "api/supervisor.conf"'), ("sarif", '"uri": "api/supervisor.conf"'), ("text", " supervisor.conf:2:9")])
def test_a_service_is_told_paths_from_the_top_of_the_repository(project: Path, name: str, path: str) -> None:
    """A project in a folder of a repository; people who work in that folder read its own paths."""
    (project / ".git").mkdir(exist_ok=True)
    (project / "api").mkdir()
    (project / "api" / ".opslint.yaml").write_text("extends: recommended\n")
    (project / "api" / "supervisor.conf").write_text(WORKER)
    assert path in run("check", "api", "--format", name, "--select", "workers/memory-limit").output
