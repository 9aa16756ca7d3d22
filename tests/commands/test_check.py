"""`opslint check`: what is new since a revision, which rules run, and what fails."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from opslint.cli import main

WORKER = (
    "[program:w]\ncommand=php artisan queue:work\nautorestart=true\nuser=www-data\nredirect_stderr=true\n"
    "stdout_logfile=/l\nstopwaitsecs=90\n"
)
MENDED = WORKER.replace("work\n", "work --memory=512\n")
SELECT = ("--select", "workers/memory-limit")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def git(folder: Path, *arguments: str) -> None:
    people = {f"GIT_{who}_{key}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    subprocess.run(["git", *arguments], cwd=folder, env={**os.environ, **people}, check=True)


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose one worker has no limit, and a branch that begins there."""
    (tmp_path / ".opslint.yaml").write_text("extends: recommended\n")
    (tmp_path / "supervisor.conf").write_text(WORKER)
    git(tmp_path, "init", "-qb", "main")
    commit(tmp_path)
    git(tmp_path, "checkout", "-qb", "change")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(result: Result) -> list[str]:
    return [" ".join(line.split()[:3]) for line in result.output.splitlines()]


# -- what is new --------------------------------------------------------------------------------------------


def test_what_was_there_is_not_new(project: Path) -> None:
    result = run("check", "--new-from", "main", *SELECT)
    assert (result.exit_code, result.output) == (0, "1 file, 1 rule: nothing found, 1 inherited\n")
    assert json.loads(run("check", "--new-from", "main", *SELECT, "--format", "json").output)["summary"]["inherited"] == 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("; moved\n\n" + WORKER, [], id="lines that move"),
        pytest.param(WORKER + WORKER.replace(":w]", ":v]"), ["supervisor.conf:9:9: warning workers/memory-limit"], id="another program"),
        pytest.param(WORKER.replace(":w]", ":v]") + WORKER, ["supervisor.conf:2:9: warning workers/memory-limit"], id="another program above"),
        pytest.param(WORKER.replace("php artisan queue:work", "bash -c 'php artisan queue:work; php artisan queue:work'"), ["supervisor.conf:2:42: warning workers/memory-limit"], id="a second one of the same program"),
        pytest.param(MENDED, [], id="mended"),
    ],
)  # fmt: skip
def test_only_what_a_change_brings_is_told(project: Path, content: str, expected: list[str]) -> None:
    (project / "supervisor.conf").write_text(content)
    result = run("check", "-q", "--new-from", "main", *SELECT)
    assert told(result) == expected
    assert result.exit_code == bool(expected)


def test_a_renamed_file_is_the_same_file(project: Path) -> None:
    git(project, "mv", "supervisor.conf", "worker.conf")
    assert told(run("check", "-q", "--new-from", "main", *SELECT)) == []
    (project / "worker.conf").write_text(WORKER + "\n; edited\n")
    assert told(run("check", "-q", "--new-from", "main", *SELECT)) == ["worker.conf:2:9: warning workers/memory-limit"]


def test_a_copied_file_is_new(project: Path) -> None:
    (project / "worker.conf").write_text(WORKER)
    assert told(run("check", "-q", "--new-from", "main", *SELECT)) == ["worker.conf:2:9: warning workers/memory-limit"]


def test_a_script_that_is_renamed_keeps_what_its_findings_are_about(project: Path) -> None:
    (project / "deploy.sh").write_text("#!/bin/sh\nssh root@shop.example 'php artisan down'\n")
    commit(project)
    git(project, "branch", "-f", "main")
    (project / "bin").mkdir()
    git(project, "mv", "deploy.sh", "bin/release.sh")
    selected = ("--select", "deploy")
    assert told(run("check", "-q", *selected))
    assert told(run("check", "-q", "--new-from", "main", *selected)) == []


def test_the_merge_base_counts_not_the_tip(project: Path) -> None:
    git(project, "checkout", "-q", "main")
    (project / "supervisor.conf").write_text(MENDED)
    commit(project)
    git(project, "checkout", "-q", "change")
    assert told(run("check", "-q", "--new-from", "main", *SELECT)) == []


def test_a_rule_that_the_change_turns_on_does_not_make_old_findings_new(project: Path) -> None:
    (project / ".opslint.yaml").write_text("extends: strict\n")
    result = run("check", "--new-from", "main")
    assert result.exit_code == 0
    assert re.search(r"\d+ inherited", result.output)


def test_a_silencer_that_the_change_takes_out_makes_its_finding_new(project: Path) -> None:
    (project / "supervisor.conf").write_text(WORKER.replace("command", "; opslint: ignore[workers/memory-limit] small\ncommand"))
    commit(project)
    git(project, "branch", "-f", "main")
    (project / "supervisor.conf").write_text(WORKER)
    assert told(run("check", "-q", "--new-from", "main", *SELECT)) == ["supervisor.conf:2:9: warning workers/memory-limit"]


def test_a_line_of_accepted_findings_that_the_change_takes_out_makes_its_finding_new(project: Path) -> None:
    run("accept")
    commit(project)
    git(project, "branch", "-f", "main")
    (project / ".opslint-accepted.yaml").unlink()
    assert told(run("check", "-q", "--new-from", "main", *SELECT)) == ["supervisor.conf:2:9: warning workers/memory-limit"]


def test_what_cannot_be_read_is_inherited_too(project: Path) -> None:
    path = project / ".github" / "workflows" / "ci.yml"
    path.parent.mkdir(parents=True)
    path.write_text("on: {\n")
    commit(project)
    assert "opslint/parse" in run("check", "-q", "--new-from", "main", "--select", "workflow").output
    git(project, "branch", "-f", "main")
    assert told(run("check", "-q", "--new-from", "main", "--select", "workflow")) == []


def test_what_a_ratchet_finds_is_new(project: Path) -> None:
    (project / "composer.json").write_text('{"require-dev": {"phpstan/phpstan": "^2"}}')
    (project / "phpstan.neon").write_text("parameters:\n\tlevel: 6\n\tpaths: [.]\n")
    commit(project)
    git(project, "branch", "-f", "main")
    (project / "phpstan.neon").write_text("parameters:\n\tlevel: 5\n\tpaths: [.]\n")
    commit(project)  # so that the last commit is no base to fall from
    result = run("check", "-q", "--new-from", "main", "--select", "phpstan/level-never-falls")
    assert told(result) == ["phpstan.neon:2:9: error phpstan/level-never-falls"]


def test_only_what_is_new_is_mended(project: Path) -> None:
    (project / "new.conf").write_text(WORKER)
    result = run("check", "--new-from", "main", "--fix", *SELECT)
    assert result.exit_code == 0
    assert (project / "new.conf").read_text() == MENDED
    assert (project / "supervisor.conf").read_text() == WORKER


def test_without_findings_the_base_is_not_linted(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "supervisor.conf").write_text(MENDED)

    def no_second_time(*_: object, **__: object) -> None:
        raise AssertionError("linted")

    monkeypatch.setattr("opslint.inherited.lint", no_second_time)
    assert run("check", "--new-from", "main", *SELECT).exit_code == 0


@pytest.mark.parametrize("revision", ["no-such", "-x", "main..change", "HEAD~99"])
def test_a_revision_that_is_not_there_is_exit_2(project: Path, revision: str) -> None:
    result = run("check", f"--new-from={revision}")
    assert (result.exit_code, result.output) == (2, f"opslint: --new-from {revision}: there is no revision `{revision}`\n")


def test_a_shallow_clone_gets_the_hint(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (project / "x").touch()
    commit(project)
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "-q", "--depth", "1", "--branch", "change", f"file://{project}", ".")
    result = run("check", "--root", str(clone), "--new-from", "main")
    assert (result.exit_code, result.output) == (
        2,
        "opslint: --new-from main: the clone is shallow and lacks the base revision: give `actions/checkout` `fetch-depth: 0`\n",
    )


def test_without_history_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    (tmp_path / "supervisor.conf").write_text(WORKER)
    result = run("check", "--root", str(tmp_path), "--new-from", "main")
    assert (result.exit_code, result.output) == (2, "opslint: --new-from main: there is no git history to compare with\n")


# -- which rules run ----------------------------------------------------------------------------------------


def ran(*arguments: str) -> set[str]:
    """The rules that had something to say about a bare worker."""
    found = json.loads(run("check", "--format", "json", *arguments).output)["findings"]
    return {finding["rule"] for finding in found}


@pytest.fixture
def bare(project: Path) -> Path:
    (project / "supervisor.conf").write_text("[program:w]\ncommand=php artisan queue:work\n")
    return project


def test_a_family_is_all_of_its_rules(bare: Path) -> None:
    everything = ran()
    workers = {rule for rule in everything if rule.startswith("workers/")}
    assert len(workers) > 3
    assert {rule for rule in ran("--select", "workers") if not rule.startswith("opslint/")} == workers
    assert {rule for rule in ran("--ignore", "workers") if rule.startswith("workers/")} == set()


def test_what_is_ignored_is_ignored_though_it_is_selected(bare: Path) -> None:
    assert "workers/not-root" in ran("--select", "workers")
    found = ran("--select", "workers", "--ignore", "workers/not-root")
    assert "workers/not-root" not in found
    assert "workers/memory-limit" in found


def test_several_selections_add_up(bare: Path) -> None:
    assert ran("--select", "workers/not-root", "--select", "workers/memory-limit") == {"workers/not-root", "workers/memory-limit"}


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--select", "workers", "--ignore", "workers"], id="all of it is ignored again"),
        pytest.param(["--select", "workers/not-root", "--ignore", "workers"], id="a rule of an ignored family"),
        pytest.param(["--select", "workers/logs-rotate"], id="a rule that is off"),
    ],
)
def test_a_run_without_a_rule_is_a_mistake(bare: Path, arguments: list[str]) -> None:
    (bare / ".opslint.yaml").write_text("rules: {workers/logs-rotate: off}\n")
    result = run("check", *arguments)
    assert (result.exit_code, result.output) == (
        2,
        "opslint: no rule is left to run: what `--select` names is off here, or `--ignore` takes it out again\n",
    )


@pytest.mark.parametrize(
    ("option", "name", "hint"),
    [
        ("--select", "worker", " (did you mean `workers`?)"),
        ("--select", "workers/not-rot", " (did you mean `workers/not-root`?)"),
        ("--ignore", "workers/", " (did you mean `workers`?)"),
        ("--ignore", "", ""),
        ("--select", "WORKERS/NOT-ROOT", ""),
    ],
)
def test_an_unknown_name_is_refused(bare: Path, option: str, name: str, hint: str) -> None:
    result = run("check", option, name)
    assert (result.exit_code, result.output) == (2, f"opslint: there is no rule `{name}`{hint}; `opslint rules` lists them\n")


# -- what fails ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "fails"),
    [
        ("error", {"error", "warning", "note"}),
        ("warning", {"warning", "note"}),
        ("note", {"note"}),
    ],
)
def test_fail_on(project: Path, severity: str, fails: set[str]) -> None:
    (project / ".opslint.yaml").write_text(f"rules: {{workers/memory-limit: {severity}}}\n")
    for limit in ("error", "warning", "note"):
        assert run("check", *SELECT, "--fail-on", limit).exit_code == (limit in fails), limit
    assert run("check", *SELECT).exit_code == ("warning" in fails)
    assert run("check", "--fail-on", "off").exit_code == 2


def test_undecided_never_fails_by_its_severity(project: Path) -> None:
    (project / "supervisor.conf").write_text(WORKER.replace("work\n", "work --memory=%(ENV_M)s\n"))
    assert run("check", *SELECT, "--fail-on", "note").exit_code == 0
    assert run("check", *SELECT, "--fail-on-undecided").exit_code == 4


def test_incomplete_beats_findings(project: Path) -> None:
    (project / "other.conf").write_text(WORKER.replace("work\n", "work --memory=%(ENV_M)s\n"))
    assert run("check", *SELECT).exit_code == 1
    assert run("check", *SELECT, "--fail-on-undecided").exit_code == 4


def test_a_parameter_for_one_run(project: Path) -> None:
    (project / "supervisor.conf").write_text(MENDED)
    assert run("check", *SELECT).exit_code == 0
    assert run("check", *SELECT, "--rule-with", "workers/memory-limit.at-most=256").exit_code == 1
    result = run("check", "--rule-with", "workers/memory-limit.at-mots=256")
    assert result.exit_code == 2
    assert result.output.startswith("opslint: --rule-with workers/memory-limit.at-mots=256: `workers/memory-limit` has no parameter")
