"""`opslint init` as a newcomer meets it: on a terminal, in a pipe, and a second time."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import opslint
from opslint import policy as policies
from opslint.cli import main
from opslint.files import Disk
from tests.adoption.test_change import tree

PROJECTS = Path(__file__).parent.parent.parent / "fixtures" / "projects"
NAMES = ("mutuapix-before", "mutuapix-after", "mutuapix-hardened")
WRITTEN = (".github/workflows/opslint.yml", ".opslint.yaml", ".pre-commit-config.yaml")
WORKER = "[program:w]\ncommand=php artisan queue:work\nautorestart=true\nuser=www-data\nredirect_stderr=true\nstdout_logfile=/l\nstopwaitsecs=90\n"
POLICY = """\
# How strictly opslint judges this project. `opslint rules` lists the rules,
# `opslint explain RULE` says why one exists, `opslint files` shows what is linted.

# `recommended` is what breaks, with high confidence; `strict` is also what a careful
# team wants and most lack.
extends: recommended

# Numbers to agree on. Without a line of yours they are:
# rules:
#   workers/memory-limit: {with: {at-least: 64, at-most: 1024}}
#   workers/stop-wait-covers-job: {with: {margin: 30}}
"""
DIFF = "\n--- /dev/null\n+++ b/.opslint.yaml\n@@ -0,0 +1,11 @@\n" + "".join(f"+{line}\n" for line in POLICY.splitlines())
FINDINGS = """\
warning `php artisan queue:work` has no `--memory`
        supervisor.conf:2:9  `opslint explain workers/memory-limit`
And 1 undecided of 69 rules about 1 file: `opslint check` shows them.
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["init", *arguments], catch_exceptions=False)


def without_numbers(text: str) -> str:
    """How many rules there are is not what these tests are about."""
    return re.sub(r"\d+ rules", "69 rules", text)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "supervisor.conf").write_text(WORKER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(root: Path) -> dict[str, str]:
    return {path: content for path, content in tree(root).items() if not path.startswith(".git/")}


# -- with and without --yes -----------------------------------------------------------------------------------------


def test_the_whole_of_it(project: Path) -> None:
    result = run("--yes")
    assert without_numbers(result.output) == (
        FINDINGS
        + DIFF
        + "\nWrote .opslint.yaml\n\n"
        + "  opslint check                   every finding\n"
        + "  opslint check --fix             mends 1 of them, what is safe to mend\n"
        + "  opslint accept                  accepts today's findings, so that only new ones fail\n"
        + "  opslint init --pre-commit --ci  adds the commit hook and the CI job\n"
    )
    assert result.exit_code == 0
    assert files(project) == {"supervisor.conf": WORKER, ".opslint.yaml": POLICY}


def test_without_a_terminal_nothing_is_written_and_that_is_said(project: Path) -> None:
    result = run()
    assert result.exit_code == 2
    assert without_numbers(result.stdout) == FINDINGS + DIFF
    assert result.stderr == "opslint: nothing was written: there is no terminal to ask on; --yes writes without asking\n"
    assert files(project) == {"supervisor.conf": WORKER}


def test_a_second_run_changes_nothing_and_needs_no_answer(project: Path) -> None:
    assert run("--yes", "--pre-commit", "--ci").exit_code == 0
    before = files(project)
    result = run("--pre-commit", "--ci")
    assert result.exit_code == 0
    assert (
        "\nKept: `.opslint.yaml` is there.\n"
        "Kept: `.pre-commit-config.yaml` has the hook.\n"
        "Kept: `.github/workflows/opslint.yml` runs opslint.\n"
        "\nNothing to write.\n"
    ) in result.stdout
    assert files(project) == before


def test_a_policy_that_is_there_is_left_alone_and_holds(project: Path) -> None:
    policy = "rules: {workers/memory-limit: off}\n"
    (project / ".config").mkdir()
    (project / ".config/opslint.yaml").write_text(policy)
    result = run("--yes", "--pre-commit")
    assert "workers/memory-limit" not in result.stdout
    assert "Kept: `.config/opslint.yaml` is there." in result.stdout
    assert set(files(project)) == {"supervisor.conf", ".config/opslint.yaml", ".pre-commit-config.yaml"}
    assert files(project)[".config/opslint.yaml"] == policy


def test_a_policy_with_a_mistake_is_told_before_anything_else(project: Path) -> None:
    (project / ".opslint.yaml").write_text("rules:\n  workers/memory: off\n")
    result = run("--yes", "--ci")
    assert result.exit_code == 2
    assert ".opslint.yaml:2:3: there is no rule `workers/memory`" in result.stderr
    assert set(files(project)) == {"supervisor.conf", ".opslint.yaml"}


def test_where_there_is_nothing_to_lint_nothing_is_written(project: Path) -> None:
    (project / "supervisor.conf").unlink()
    result = run("--yes", "--ci")
    assert result.exit_code == 3
    assert "looked for Supervisor files" in result.stderr
    assert files(project) == {}


def test_no_findings_are_said(project: Path) -> None:
    (project / "supervisor.conf").write_text("[supervisord]\nnodaemon=true\n")
    result = run("--yes", "--pre-commit", "--ci")
    assert re.match(r"No findings of \d+ rules about 1 file\.\n\n---", result.stdout)
    assert result.stdout.endswith("Wrote .github/workflows/opslint.yml\n\n  pre-commit install  once in each clone\n")


def test_a_hook_file_that_cannot_be_added_to_is_said_with_what_to_do(project: Path) -> None:
    (project / ".pre-commit-config.yaml").write_text("repos:\n  repo: x\n")
    result = run("--yes", "--pre-commit")
    assert result.exit_code == 4
    assert (
        "Not written: .pre-commit-config.yaml:1:1: nothing can be added to `repos` as it is written; add "
        "`{repo: https://github.com/opslint/opslint, rev: v0.1.0, hooks: [{id: opslint}]}` to `repos` yourself.\n"
    ) in result.stdout
    assert files(project)[".pre-commit-config.yaml"] == "repos:\n  repo: x\n"
    assert ".opslint.yaml" in files(project)


def test_another_ci_system_is_named(project: Path) -> None:
    (project / "Jenkinsfile").write_text("")
    result = run("--yes", "--ci")
    assert result.exit_code == 4
    assert "Not written: `Jenkinsfile`: no job is written for it; let one run `pipx run opslint==0.1.0 check`.\n" in result.stdout
    assert ".github/workflows/opslint.yml" not in files(project)


def test_gitlab(project: Path) -> None:
    (project / ".gitlab-ci.yml").write_text("include:\n  - template: x.yml\n")
    assert run("--yes", "--ci").exit_code == 0
    assert files(project)[".gitlab-ci.yml"] == "include:\n  - template: x.yml\n  - local: .gitlab/opslint.yml\n"
    assert "opslint check --output gitlab=" in files(project)[".gitlab/opslint.yml"]
    assert "Nothing to write." in run("--ci").stdout


def test_the_hook_and_the_job_belong_beside_git(project: Path) -> None:
    (project / "api").mkdir()
    (project / "supervisor.conf").rename(project / "api/supervisor.conf")
    result = run("--yes", "--ci", "--root", "api")
    assert result.exit_code == 2
    assert f"--pre-commit and --ci write beside `.git`: call it in {project}, or with --root {project}" in result.stderr
    assert set(files(project)) == {"api/supervisor.conf"}
    assert run("--yes", "--root", "api").exit_code == 0
    assert set(files(project)) == {"api/supervisor.conf", "api/.opslint.yaml"}


def test_what_cannot_be_written_leaves_all_as_it_was(project: Path) -> None:
    (project / ".github").write_text("a file, where the workflow needs a folder\n")
    result = run("--yes", "--pre-commit", "--ci")
    assert result.exit_code == 2
    assert result.stderr.startswith("opslint: nothing was written: .github/workflows/opslint.yml: ")
    assert set(files(project)) == {"supervisor.conf", ".github"}


def test_the_branch_is_the_one_that_the_remote_calls_its_own(project: Path) -> None:
    subprocess.run(["git", "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release/next"], cwd=project, check=True)
    run("--yes", "--ci")
    assert "    branches: [release/next]\n" in files(project)[".github/workflows/opslint.yml"]


def test_hostile_names_are_shown_and_not_spoken(project: Path) -> None:
    folder = project / "\x1b[31m\u202e##[error]x" / "fixtures"
    folder.mkdir(parents=True)
    (folder / "a.sh").write_text("set -e\n")
    result = run("--yes")
    assert result.exit_code == 0
    for sign in ("\x1b", "\u202e", "##["):
        assert sign not in result.output
    assert policies.load(Disk(project)).exclude == ("\x1b[[]31m\u202e##[[]error]x/fixtures/*",)


# -- real projects --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_real_project_from_the_first_run_to_the_second(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / name
    shutil.copytree(PROJECTS / name, root)
    (root / ".opslint.yaml").unlink()
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    monkeypatch.chdir(root)
    before = files(root)
    assert run("--pre-commit", "--ci").exit_code == 2
    assert files(root) == before
    assert run("--pre-commit", "--ci", "--yes").exit_code == 0
    after = files(root)
    assert {path: content for path, content in after.items() if path not in WRITTEN} == before
    assert policies.load(Disk(root)).preset == "recommended"
    checked = CliRunner().invoke(main, ["check", "-q", *WRITTEN])
    assert (checked.exit_code, checked.output) == (0, ""), "opslint has nothing against what it wrote"
    assert "Nothing to write." in run("--pre-commit", "--ci").stdout
    assert files(root) == after


def test_the_worst_of_a_real_project_comes_first(tmp_path: Path) -> None:
    shutil.copytree(PROJECTS / "mutuapix-after", tmp_path / "p")
    (tmp_path / "p/.opslint.yaml").unlink()
    lines = run("--root", str(tmp_path / "p")).stdout.splitlines()
    assert [line.split("`opslint explain ")[1] for line in lines if "`opslint explain " in line and not line.startswith("+")] == [
        "deploy/rollback-before-up`",
        "deploy/no-literal-secret`",
        "deploy/rollback-needs-own-backup`",
    ]


def test_a_mistake_in_what_is_accepted_is_told_with_its_place(project: Path) -> None:
    (project / ".opslint-accepted.yaml").write_text("- {path: x}\n")
    result = run("--yes")
    assert result.exit_code == 2
    assert result.stderr.startswith("opslint: .opslint-accepted.yaml:1:3: ")


# -- on a terminal --------------------------------------------------------------------------------------------------


# A terminal whose session leader ends may lose what was written last: a shell stays until all has been read.
SESSION = """trap : INT; "$@"; printf '<%s>' "$?"; read -r _"""
CTRL_C = b"\x03"
ENDED = re.compile(rb"<(\d+)>\Z")


def on_a_terminal(answer: bytes, cwd: Path, *arguments: str, asked: Callable[[], object] = lambda: None) -> tuple[int, str]:
    """The exit code and the screen of a session; `asked` is called, and the answer typed, when the question stands there."""
    child, terminal = pty.openpty()
    path = str(Path(opslint.__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": path, "TERM": "xterm", "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
    program = subprocess.Popen(
        ["sh", "-c", SESSION, "sh", sys.executable, "-m", "opslint", "init", *arguments],
        stdin=terminal, stdout=terminal, stderr=terminal, cwd=cwd, env=environment, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C interrupts
    )  # fmt: skip
    os.close(terminal)
    screen, answered = b"", False
    while not (ended := ENDED.search(screen)):
        if not select.select([child], [], [], 60 if answer != CTRL_C or not answered else 1)[0]:
            assert answer == CTRL_C, screen
            os.write(child, answer)  # Python may have been about to wait for a key, and still does
            continue
        screen += os.read(child, 65536)
        if b"[y/N]: " in screen and not answered:
            asked()
            os.write(child, answer)
            answered = True
    os.close(child)
    program.wait(timeout=60)
    return int(ended[1]), screen[: ended.start()].decode()


def test_yes_on_a_terminal_writes(project: Path) -> None:
    code, screen = on_a_terminal(b"y\n", project, "--pre-commit")
    assert "Write .opslint.yaml and .pre-commit-config.yaml? [y/N]: y" in screen
    assert "\x1b[32m+extends: recommended\x1b[0m" in screen, "in colour"
    assert "Wrote .opslint.yaml" in screen
    assert code == 0
    assert set(files(project)) == {"supervisor.conf", ".opslint.yaml", ".pre-commit-config.yaml"}


@pytest.mark.parametrize("answer", [b"\n", b"n\n", b"rubbish\nno\n"], ids=["return", "no", "what is neither, then no"])
def test_anything_else_on_a_terminal_writes_nothing(project: Path, answer: bytes) -> None:
    code, screen = on_a_terminal(answer, project)
    assert screen.replace("\r", "").endswith("Nothing was written.\n")
    assert code == 0
    assert set(files(project)) == {"supervisor.conf"}


@pytest.mark.parametrize("key", [CTRL_C, b"\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_leaving_the_question_writes_nothing(project: Path, key: bytes) -> None:
    code, screen = on_a_terminal(key, project)
    assert "Aborted!" in screen
    assert "Traceback" not in screen
    assert code == 1
    assert set(files(project)) == {"supervisor.conf"}


def test_where_there_is_nothing_to_write_there_is_no_question(project: Path) -> None:
    run("--yes")
    code, screen = on_a_terminal(b"", project)
    assert (code, "[y/N]" in screen, "Nothing to write." in screen) == (0, False, True)


def test_what_is_changed_while_it_asks_is_left_alone(project: Path) -> None:
    hooks = project / ".pre-commit-config.yaml"
    hooks.write_text("repos: []\n")
    code, screen = on_a_terminal(b"y\n", project, "--pre-commit", asked=lambda: hooks.write_text("repos: []  # theirs\n"))
    assert "opslint: nothing was written: .pre-commit-config.yaml: was changed meanwhile; run it again" in screen
    assert code == 2
    assert files(project) == {"supervisor.conf": WORKER, ".pre-commit-config.yaml": "repos: []  # theirs\n"}
