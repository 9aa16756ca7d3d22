"""Scripts that no shell could read: found wherever they stand, and only where bash refuses them, too."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from opslint.files import Disk, Memory
from opslint.lint import lint
from opslint.model.broken import broken_scripts
from opslint.model.project import Project
from opslint.model.run import scripts_of
from opslint.policy import Policy
from opslint.source import Source
from opslint.syntax import shell

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
COUNT = int(os.environ.get("OPSLINT_MUTANTS", "300"))
DEPLOY = ".github/workflows/deploy.yml"


def found(files: dict[str, str]) -> list[str]:
    return [f"{problem.span}: {problem.message}" for problem in broken_scripts(Project(Memory(files)))]


def workflow(step: str, runs_on: str = "ubuntu-latest") -> dict[str, str]:
    return {DEPLOY: f"on: push\njobs:\n  deploy:\n    runs-on: {runs_on}\n    steps:\n      - {step}\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(workflow("run: if true; then git pull"), [f"{DEPLOY}:6:14: `if` is never ended by `fi`"], id="a step"),
        pytest.param(workflow("run: ssh h 'cd /x && if true; then git pull'"), [f"{DEPLOY}:6:30: `if` is never ended by `fi`"], id="what ssh is handed"),
        pytest.param(workflow("run: bash -c 'a | | b'"), [f"{DEPLOY}:6:27: `|` begins no command that the shell can read"], id="what bash is handed"),
        pytest.param(workflow('{uses: appleboy/ssh-action@v1, with: {script: "echo \'a"}}'), [f"{DEPLOY}:6:61: a single quote is never closed"], id="what an action is handed"),
        pytest.param({"deploy.sh": "#!/bin/bash\ngit pull\nfi\n"}, ["deploy.sh:3:1: `fi` ends nothing that was begun"], id="a file"),
        pytest.param({"deploy.sh": "a)\nb)\n"}, ["deploy.sh:1:2: `)` ends nothing that was begun"], id="one problem for each script"),
    ],
)
def test_a_script_that_cannot_be_read(files: dict[str, str], expected: list[str]) -> None:
    assert found(files) == expected


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(workflow("run: if true; then git pull; fi"), id="a script that can be read"),
        pytest.param(workflow("run: (Get-Item x) -replace 'a', 'b'", "windows-latest"), id="PowerShell, by its runner"),
        pytest.param(workflow("run: (Get-Item x) -replace 'a', 'b'", "${{ matrix.os }}"), id="perhaps PowerShell"),
        pytest.param(workflow("{run: 'print(1', shell: python}"), id="Python"),
        pytest.param({"deploy.sh": "#!/usr/bin/env fish\nif true\n  git pull\nend\n"}, id="another shell"),
        pytest.param({"Makefile": "deploy:\n\t@if [ -n \"$(X)\" ]; then \\\n"}, id="make has its own language"),
    ],
)
def test_silence(files: dict[str, str]) -> None:
    assert found(files) == []


def test_it_is_told_whichever_rules_run() -> None:
    report = lint(Memory(workflow("run: if true; then git pull")), Policy(), select=("workers",))
    assert [(str(each.span), each.rule, each.severity.value) for each in report.findings] == [(f"{DEPLOY}:6:14", "opslint/parse", "error")]


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        pytest.param("ssh h 'git pull && if true; then php artisan migrate'", [("opslint/parse", "`if` is never ended by `fi`")], id="refused"),
        pytest.param("coproc git pull; ssh h 'git pull'", [("opslint/undecided", "`coproc git pull` is nothing that opslint can follow in a script")], id="not followed"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_once(run: str, expected: list[tuple[str, str]]) -> None:
    report = lint(Memory(workflow(f"run: {run}")), Policy(), select=("deploy/maintenance-always-ends", "deploy/rollback-exists"))
    assert [(each.rule, each.verdict.message) for each in report.findings] == expected


# -- against bash ---------------------------------------------------------------------------------------------------------

PIECES = [
    *"' \" ` $( ) ( { } if then fi do done && || | ; & ;; case esac while for [[ ]] (( )) \\ ! <<EOF function".split(),
    *("\n", "case x in", "for x in", "fi\n", "then\n"),
]


def texts() -> list[str]:
    """The scripts of our own fixtures, `${{ }}` taken out."""
    project = Project(Disk(FIXTURES / "deployments"))
    written = [each.script.raw.value for path, kind in project.kinds.items() for each in scripts_of(project, path, kind)]
    return [text for text in written if "${{" not in text]


def mutant(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text))
    if rng.random() < 0.4:
        return text[:at] + text[at + rng.randrange(1, 8) :]
    return f"{text[:at]}{rng.choice(['', ' '])}{rng.choice(PIECES)}{rng.choice(['', ' '])}{text[at:]}"


@pytest.mark.oracle
def test_bash_refuses_what_we_call_broken() -> None:
    """A false alarm would stand in every commit's way. A here-document without its end is only warned of by bash."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    rng = random.Random(os.environ.get("OPSLINT_SEED", "1"))
    known = texts()
    refused = 0
    for text in (mutant(rng, rng.choice(known)) for _ in range(COUNT)):
        if not shell.script(Source("x", text).text).problems:
            continue
        done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
        refused += 1
        assert done.returncode or done.stderr, f"bash reads\n{text}"
    assert refused >= COUNT // 10
