"""What people install: the wheel, the sdist and the pre-commit hooks, each as a new user would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from opslint.model import act, bundled
from opslint.policy import Policy
from opslint.source import Source
from opslint.syntax import yaml
from opslint.syntax.schema import plain
from opslint.views import rules

ROOT = Path(__file__).parent.parent
HOOKS = plain(yaml.read(Source("hooks", (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))).root)
WORKER = "[program:w]\ncommand=php artisan queue:work\n"


def run(*command: str | Path, cwd: Path, code: int = 0) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTHON"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    pytest.importorskip("build", reason="`build` is not installed")
    pytest.importorskip("hatchling", reason="`hatchling` is not installed")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", target, ROOT, cwd=ROOT)
    return target


def test_the_sdist_and_the_wheel_carry_the_rules(built: Path) -> None:
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "rules").rglob("*.*") if path.is_file()}
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert {f"opslint/{page}" for page in pages} <= names
    assert "opslint/policy.schema.json" in names
    assert "opslint/py.typed" in names
    assert not any(name.startswith(("tests/", "fixtures/")) for name in names)
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        inside = {name.partition("/")[2] for name in sdist.getnames()}
    assert pages <= inside
    assert {"LICENSE", "README.md", "CHANGELOG.md", "ARCHITECTURE.md", "CONTRIBUTING.md"} <= inside


def test_the_wheel_works_in_an_empty_environment(built: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / "bin"
    run(programs / "pip", "install", "-q", next(built.glob("*.whl")), cwd=tmp_path)
    project = tmp_path / "shop"
    project.mkdir()
    (project / "supervisor.conf").write_text(WORKER)
    assert "workers/memory-limit" in run(programs / "opslint", "check", cwd=project, code=1)
    assert "## Bad" in run(programs / "opslint", "explain", "workers/memory-limit", cwd=project)
    assert json.loads(run(programs / "opslint", "rules", "--format", "json", cwd=project)) == json.loads(
        rules.render(project, Policy(), "json", color=False, width=100)
    ), "the index of the wheel says what the pages say"


def test_the_index_of_the_wheel_is_made_of_the_acts_and_pages(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        made = json.loads(wheel.read("opslint/rules/index.json"))
    assert {id: header for id, (header, _) in made["pages"].items()} == {id: header for id, header, _ in bundled.pages()}
    assert {id: text for id, (_, text) in made["pages"].items()} == {id: text for id, _, text in bundled.pages()}
    assert list(act._entries(made["acts"])) == [replace(entry, matches=(), but_not=()) for entry in act.bundled()]


LINTED = [
    ".github/workflows/deploy.yml",
    ".github/workflows/ci.yaml",
    ".github/actions/setup/action.yml",
    "supervisor.conf",
    "docker/supervisor/app.conf",
    "supervisord.conf",
    "laravel-worker.conf",
    "deploy/horizon.ini",
    "phpstan.neon",
    "phpstan.neon.dist",
    "phpstan-baseline.neon",
    "phpstan-baseline.php",
    "composer.json",
    "api/composer.json",
    "scripts/deploy.sh",
    "Makefile",
    "config/queue.php",
    ".opslint.yaml",
]
NOT_LINTED = ["README.md", "app/Models/User.php", "nginx.conf", "docker-compose.yml", "package.json", "phpunit.xml"]


@pytest.mark.parametrize("path", LINTED)
def test_hooks_start_for_what_is_linted(path: str) -> None:
    assert all(re.search(hook["files"], path) for hook in HOOKS)


@pytest.mark.parametrize("path", NOT_LINTED)
def test_hooks_do_not_start_for_the_rest(path: str) -> None:
    assert not any(re.search(hook["files"], path) for hook in HOOKS)


def pre_commit() -> Path:
    program = Path(sys.executable).parent / "pre-commit"
    if not program.exists() or shutil.which("git") is None:
        pytest.skip("pre-commit or git is not installed")
    return program


def test_the_manifest_is_valid() -> None:
    run(pre_commit(), "validate-manifest", ROOT / ".pre-commit-hooks.yaml", cwd=ROOT)


def test_the_hook_runs_on_a_commit(tmp_path: Path) -> None:
    program = pre_commit()
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout: pre-commit has nothing to clone")
    for path, content in {"supervisor.conf": WORKER, "old.conf": WORKER, "names with blanks [x].conf": WORKER}.items():
        (tmp_path / path).write_text(content)
    for arguments in (["init", "-q"], ["add", "-A"], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"]):
        run("git", *arguments, cwd=tmp_path)
    (tmp_path / "old.conf").unlink()
    run("git", "add", "-A", cwd=tmp_path)
    said = run(program, "try-repo", ROOT, "opslint", "--all-files", cwd=tmp_path, code=1)
    assert "supervisor.conf:2:9" in said
    assert "old.conf" not in said
    (tmp_path / "supervisor.conf").write_text("")
    run("git", "add", "-A", cwd=tmp_path)
    assert "Passed" in run(program, "try-repo", ROOT, "opslint", "--files", "supervisor.conf", cwd=tmp_path)
