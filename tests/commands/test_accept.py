"""`opslint accept`: what it writes, what it lowers, what it never does."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from opslint.cli import main

NAME = ".opslint-accepted.yaml"
WORKER = (
    "[program:w]\ncommand=php artisan queue:work\nautorestart=true\nuser=www-data\nredirect_stderr=true\n"
    "stdout_logfile=/l\nstopwaitsecs=90\n"
)
MENDED = WORKER.replace("work\n", "work --memory=512\n")
LINE = '- {path: "docker/supervisor.conf", rule: "workers/memory-limit", subject: "program:w", count: 1}\n'


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".opslint.yaml").write_text("extends: recommended\n")
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "supervisor.conf").write_text(WORKER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lines(project: Path) -> str:
    return "".join(line for line in (project / NAME).read_text().splitlines(keepends=True) if not line.startswith("#"))


def test_the_first_time_everything_is_accepted(project: Path) -> None:
    result = run("accept")
    assert (result.exit_code, result.output) == (0, "opslint: 1 finding accepted in 1 file (1 new)\n")
    assert lines(project) == LINE
    checked = run("check")
    assert checked.exit_code == 0
    assert re.search(r"^1 file, \d+ rules: 1 undecided, 1 accepted;", checked.output, re.MULTILINE)


def test_running_twice_changes_nothing(project: Path) -> None:
    run("accept")
    before = (project / NAME).stat().st_mtime_ns, (project / NAME).read_bytes()
    result = run("accept")
    assert (result.exit_code, result.output) == (0, "opslint: 1 finding accepted in 1 file (nothing changed)\n")
    assert ((project / NAME).stat().st_mtime_ns, (project / NAME).read_bytes()) == before
    assert sorted(each.name for each in project.iterdir()) == [NAME, ".opslint.yaml", "docker"], "no temporary file"


def test_what_is_new_is_named_and_added_only_where_asked(project: Path) -> None:
    run("accept")
    (project / "docker" / "other.conf").write_text(WORKER)
    result = run("accept")
    assert result.exit_code == 1
    assert result.output == (
        "opslint: 1 finding accepted in 1 file (nothing changed)\n"
        "opslint: 1 more is new: `opslint accept --add` accepts what is new\n"
    )
    assert lines(project) == LINE
    assert run("accept", "--prune").exit_code == 1
    result = run("accept", "--add")
    assert (result.exit_code, result.output) == (0, "opslint: 2 findings accepted in 2 files (1 new)\n")
    assert lines(project) == LINE.replace("supervisor.conf", "other.conf") + LINE


def test_another_of_the_same_key_raises_the_count_only_where_asked(project: Path) -> None:
    run("accept")
    (project / "docker" / "supervisor.conf").write_text(
        WORKER.replace("php artisan queue:work", "bash -c 'php artisan queue:work & php artisan queue:work & wait'")
    )
    assert "1 accepted" in run("check", "--select", "workers/memory-limit").output
    assert run("check", "--select", "workers/memory-limit").exit_code == 1
    run("accept", "--add", "--select", "workers/memory-limit")
    assert lines(project) == LINE.replace("count: 1", "count: 2")
    assert run("check", "--select", "workers/memory-limit").exit_code == 0


def test_counts_fall_by_themselves(project: Path) -> None:
    run("accept")
    (project / NAME).write_text(LINE.replace("count: 1", "count: 3"))
    assert run("check").exit_code == 1
    result = run("accept")
    assert (result.exit_code, result.output) == (0, "opslint: 1 finding accepted in 1 file (2 fewer)\n")
    assert lines(project) == LINE


def test_the_fix_of_check_does_the_same(project: Path) -> None:
    (project / NAME).write_text("# ours\n" + LINE.replace("count: 1", "count: 3"))
    result = run("check", "--fix")
    assert result.exit_code == 0
    assert (project / NAME).read_text() == "# ours\n" + LINE


def test_the_file_goes_with_its_last_line(project: Path) -> None:
    run("accept")
    (project / "docker" / "supervisor.conf").write_text(MENDED)
    result = run("accept")
    assert (result.exit_code, result.output) == (0, "opslint: 0 findings accepted (1 fewer)\n")
    assert not (project / NAME).exists()


def test_prune_never_begins(project: Path) -> None:
    result = run("accept", "--prune")
    assert result.exit_code == 1
    assert "1 more is new" in result.output
    assert not (project / NAME).exists()


def test_add_and_prune_exclude_one_another(project: Path) -> None:
    assert run("accept", "--add", "--prune").exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["accept", "other.conf"], id="a path"),
        pytest.param(["accept", "--select", "deploy"], id="a family"),
        pytest.param(["accept", "--ignore", "workers/memory-limit"], id="without the rule"),
        pytest.param(["accept", "--prune", "other.conf"], id="prune"),
        pytest.param(["accept", "--add", "other.conf"], id="add"),
    ],
)
def test_a_partial_run_drops_nothing_of_what_was_not_judged(project: Path, arguments: list[str]) -> None:
    (project / "other.conf").write_text(MENDED)
    run("accept")
    (project / "docker" / "supervisor.conf").write_text(MENDED)
    assert run(*arguments).exit_code == 0
    assert lines(project) == LINE


def test_a_path_adds_only_what_it_names(project: Path) -> None:
    for name in ("a.conf", "b.conf"):
        (project / name).write_text(WORKER)
    run("accept", "docker")
    assert lines(project) == LINE
    run("accept", "--add", "b.conf")
    assert lines(project) == LINE.replace("docker/supervisor", "b") + LINE


def test_a_renamed_file_leaves_a_stale_line(project: Path) -> None:
    run("accept")
    (project / "docker" / "supervisor.conf").rename(project / "docker" / "worker.conf")
    result = run("check", "-q")
    assert result.exit_code == 1
    assert f"{NAME}:3:3: warning opslint/accepted" in result.output
    assert "docker/worker.conf:2:9: warning workers/memory-limit" in result.output
    assert run("accept", "--add").output == "opslint: 1 finding accepted in 1 file (1 new, 1 fewer)\n"
    assert run("check").exit_code == 0


@pytest.mark.parametrize("command", ["check", "accept"])
def test_a_broken_file_is_exit_2_with_a_place(project: Path, command: str) -> None:
    (project / NAME).write_text(LINE + "- {path: x}\n")
    result = run(command)
    assert result.exit_code == 2
    assert result.output == f"opslint: {NAME}:2:3: missing `rule`, `subject`, `count` in `1`\n"
    assert (project / NAME).read_text() == LINE + "- {path: x}\n"


def test_a_link_out_of_the_project_is_neither_read_nor_written(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "file"
    (project / NAME).symlink_to(outside)
    result = run("accept")
    assert result.exit_code == 2
    assert f"{NAME}:1:1: cannot be read: it lies outside the project" in result.output
    assert not outside.exists()


def test_windows_line_ends_stay(project: Path) -> None:
    (project / NAME).write_bytes(LINE.replace("\n", "\r\n").encode())
    run("accept")
    assert b"\r\n" in (project / NAME).read_bytes()
    assert b"\n" not in (project / NAME).read_bytes().replace(b"\r\n", b"")


def test_what_is_never_accepted_is_named(project: Path) -> None:
    (project / "docker" / "supervisor.conf").write_text(WORKER.replace("command", "; opslint: ignore[workers/no-such] why\ncommand"))
    result = run("accept")
    assert result.exit_code == 0
    assert "never accepted, and still to mend: 1 of `opslint/suppression`" in result.output
    assert lines(project) == LINE
    assert run("check").exit_code == 1


def test_a_crash_is_incomplete_and_drops_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("on purpose")

    run("accept")
    monkeypatch.setattr("opslint.rulebook.arguments", crash)
    result = run("accept")
    assert result.exit_code == 4
    assert "incomplete" in result.output
    assert lines(project) == LINE


def test_nothing_to_lint_is_exit_3(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert run("accept", str(tmp_path)).exit_code == 3


def test_an_unknown_rule_is_refused(project: Path) -> None:
    assert run("accept", "--select", "worker").exit_code == 2


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    names = {f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in {"NAME": "x", "EMAIL": "x@example.org"}.items()}
    return subprocess.run(
        ["git", *arguments], cwd=folder, env={**os.environ, **names}, capture_output=True, text=True, check=False
    )


def test_two_branches_that_mend_different_things_merge(project: Path) -> None:
    for name in ("a", "b", "c", "d", "e"):
        (project / f"{name}.conf").write_text(WORKER)
    run("accept")
    git(project, "init", "-qb", "main")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "one")
    for branch, name in (("mend-a", "a"), ("mend-e", "e")):
        git(project, "checkout", "-qb", branch, "main")
        (project / f"{name}.conf").write_text(MENDED)
        assert run("accept").exit_code == 0
        git(project, "commit", "-qam", branch)
    merged = git(project, "merge", "-q", "mend-a", "-m", "merge")
    assert merged.returncode == 0, merged.stdout
    assert run("check").exit_code == 0
    assert run("accept").output == "opslint: 4 findings accepted in 4 files (nothing changed)\n"


def test_a_conflict_is_named_and_both_sides_can_be_kept(project: Path) -> None:
    (project / NAME).write_text(f"<<<<<<< HEAD\n{LINE}=======\n{LINE.replace('count: 1', 'count: 4')}>>>>>>> other\n")
    result = run("check")
    assert result.exit_code == 2
    assert f"{NAME}:1:1: a merge conflict is left here" in result.output
    (project / NAME).write_text(LINE + LINE.replace("count: 1", "count: 4"))
    run("accept")
    assert lines(project) == LINE


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        pytest.param(None, LINE, "1:95: this change begins to accept one finding", id="the first time"),
        pytest.param(LINE, LINE.replace("count: 1", "count: 3"), "1:95: this change accepts 2 more findings of `workers/memory-limit`", id="more of one"),
        pytest.param(LINE, LINE + LINE.replace("docker/supervisor", "x"), "2:79: this change accepts one more finding of `workers/memory-limit`", id="another"),
        pytest.param(LINE.replace("count: 1", "count: 3"), LINE, None, id="fewer"),
        pytest.param(LINE, LINE, None, id="the same"),
        pytest.param(LINE, "", None, id="none any more"),
    ],
)  # fmt: skip
def test_a_raised_count_is_told(project: Path, then: str | None, now: str, expected: str | None) -> None:
    git(project, "init", "-qb", "main")
    if then is not None:
        (project / NAME).write_text(then)
    git(project, "add", "-A")
    git(project, "commit", "-qm", "one")
    (project / NAME).write_text(now)
    told = [line for line in run("check", "-q").output.splitlines() if "policy-weakened" in line]
    assert told == ([f"{NAME}:{expected}".replace(": this", ": note opslint/policy-weakened  this")] if expected else [])
