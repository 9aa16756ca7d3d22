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
from jsonschema import Draft202012Validator

from opslint.model import act, bundled
from opslint.policy import Policy
from opslint.report.safe import visible
from opslint.source import Source
from opslint.syntax import yaml
from opslint.syntax.schema import plain
from opslint.views import rules
from tests.report.runner import obeyed

ROOT = Path(__file__).parent.parent
HOOKS = plain(yaml.read(Source("hooks", (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))).root)
WORKER = "[program:w]\ncommand=php artisan queue:work\n"


def run(*command: str | Path, cwd: Path, code: int = 0, **variables: str) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTHON", "PRE_COMMIT"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False, env={**kept, **variables}
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


def test_the_pipeline_of_the_page_for_gitlab_runs(built: Path, tmp_path: Path) -> None:
    """Its lines, in a merge request whose project lies in a folder; GitLab reads what they write."""
    page = (ROOT / "docs" / "gitlab.md").read_text("utf-8")
    pipeline = plain(yaml.read(Source("ci", re.findall(r"^```yaml\n(# \.gitlab-ci\.yml\n(?:.*\n)+?)```$", page, re.M)[0])).root)
    job = pipeline["opslint"]
    venv.create(tmp_path / "venv", with_pip=True)
    project = tmp_path / "project"
    (project / "api").mkdir(parents=True)
    (project / "api" / "worker.conf").write_text(WORKER + WORKER.replace("w]", "x]") + WORKER.replace("w]", "y]"))
    run("git", "init", "-q", cwd=project)
    run("git", "add", "-A", cwd=project)
    run("git", "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x", cwd=project)
    path = f"{tmp_path / 'venv' / 'bin'}:{os.environ['PATH']}"
    links = f"{built} {os.environ.get('PIP_FIND_LINKS', '')}".strip()
    head = run("git", "rev-parse", "HEAD", cwd=project).strip()
    service = {"CI": "true", "GITLAB_CI": "true", "CI_MERGE_REQUEST_DIFF_BASE_SHA": head}
    *before, last = job["script"]
    for line in before:
        run("bash", "-eo", "pipefail", "-c", line, cwd=project, PATH=path, PIP_FIND_LINKS=links)
    said = run("bash", "-eo", "pipefail", "-c", last, cwd=project, code=1, PATH=path, **service)
    assert "--> api/worker.conf:2:9" in said
    issues = json.loads((project / job["artifacts"]["reports"]["codequality"]).read_text())
    Draft202012Validator(json.loads((ROOT / "tests" / "data" / "gitlab.schema.json").read_text())).validate(issues)
    assert {issue["location"]["path"] for issue in issues} == {"api/worker.conf"}
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) > 3


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


CAPPED = WORKER.replace("queue:work", "queue:work --memory=512")
ME = ("-c", "user.name=x", "-c", "user.email=x@example.org")


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """This checkout as a repository that pre-commit can clone, and a home in which it installs the hook once."""
    pre_commit()
    copy = tmp_path_factory.mktemp("opslint")
    for name in ("opslint", "rules"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, copy / name)
    for arguments in (["init", "-q"], ["add", "-A"], [*ME, "commit", "-qm", "x"]):
        run("git", *arguments, cwd=copy)
    return copy, tmp_path_factory.mktemp("home")


class Team:
    """A repository whose commits go through the hook."""

    def __init__(self, folder: Path, hooks: tuple[Path, Path], hook: str = "opslint") -> None:
        self.folder = folder
        self.home = hooks[1]
        revision = run("git", "rev-parse", "HEAD", cwd=hooks[0]).strip()
        config = f"repos:\n- repo: {hooks[0]}\n  rev: {revision}\n  hooks:\n  - id: {hook}\n"
        (folder / ".pre-commit-config.yaml").write_text(config)
        (folder / ".opslint.yaml").write_text(POLICY)
        run("git", "init", "-q", cwd=folder)
        self.git("add", "-A")
        self.git("commit", "-qm", "begin")
        run(pre_commit(), "install", cwd=folder, PRE_COMMIT_HOME=str(self.home))

    def git(self, *arguments: str, code: int = 0) -> str:
        return run("git", *ME, *arguments, cwd=self.folder, code=code, PRE_COMMIT_HOME=str(self.home))

    def commit(self, code: int = 0, **files: str) -> str:
        for path, content in files.items():
            (self.folder / path).write_text(content)
        self.git("add", "-A")
        return self.git("commit", "-m", "x", code=code)


# The rules that these tests are about, and no others.
POLICY = "extends: recommended\nrules:\n" + "".join(
    f"  {name}: off\n"
    for name in (
        "workers/restarts-automatically",
        "workers/logs-kept",
        "workers/not-root",
        "workers/stop-wait-covers-job",
        "phpstan/baseline-error-format",
    )
    if (ROOT / "rules" / f"{name}.md").exists()
)


@pytest.fixture
def team(tmp_path: Path, hooks: tuple[Path, Path]) -> Team:
    return Team(tmp_path, hooks)


def test_a_finding_blocks_the_commit_until_it_is_mended(team: Team) -> None:
    said = team.commit(1, **{"worker.conf": WORKER})
    assert "worker.conf:2:9" in said
    assert "workers/memory-limit" in said
    assert team.git("rev-list", "--count", "HEAD").strip() == "1"
    team.commit(**{"worker.conf": CAPPED})
    assert team.git("rev-list", "--count", "HEAD").strip() == "2"


def test_what_is_staged_is_judged_and_not_what_is_beside_it(team: Team) -> None:
    (team.folder / "worker.conf").write_text(WORKER)
    team.git("add", "-A")
    (team.folder / "worker.conf").write_text(CAPPED)
    assert "workers/memory-limit" in team.git("commit", "-m", "x", code=1)
    assert (team.folder / "worker.conf").read_text() == CAPPED


def test_a_renamed_file_is_judged_under_its_new_name_and_a_deleted_one_is_not(team: Team) -> None:
    (team.folder / "worker.conf").write_text(WORKER)
    team.git("add", "-A")
    team.git("commit", "-qnm", "unseen")
    team.git("mv", "worker.conf", "horizon-worker.conf")
    assert "--> horizon-worker.conf:2:9" in team.commit(1)
    team.git("rm", "-q", "--cached", "horizon-worker.conf")
    (team.folder / "horizon-worker.conf").unlink()
    team.commit()
    assert team.git("ls-files", "*.conf") == ""


HOSTILE_NAMES = (
    "-q-worker.conf",
    "--ignore=workers-worker.conf",
    "--help.worker.conf",
    "'\"worker.conf",
    "$(touch pwned)worker.conf",
    "; touch pwned; worker.conf",
    "a\n::error::forged-worker.conf",
    "::error::worker.conf",
    "##[error]worker.conf",
    "\x1b]8;;http:evil\x07worker.conf",
    "\u202efnoc.worker.conf",
    "*worker.conf",
)


def test_a_file_name_is_never_an_option_code_or_a_command(team: Team) -> None:
    assert "Passed" in team.commit(**dict.fromkeys(HOSTILE_NAMES, CAPPED))
    said = team.commit(1, **dict.fromkeys(HOSTILE_NAMES, WORKER))
    assert said.count("workers/memory-limit") >= len(HOSTILE_NAMES)
    for name in HOSTILE_NAMES:
        assert f"--> {visible(name)}:2:9" in said
    assert obeyed(said) == []
    assert "\x1b]" not in said
    assert not (team.folder / "pwned").exists()


@pytest.mark.parametrize("hook", ["opslint", "opslint-project"])
def test_a_baseline_that_grows_blocks_the_commit(tmp_path: Path, hooks: tuple[Path, Path], hook: str) -> None:
    team = Team(tmp_path, hooks, hook)
    entry = "\t\t-\n\t\t\tmessage: '#^x is wrong\\.$#'\n\t\t\tidentifier: x.y\n\t\t\tcount: {}\n\t\t\tpath: app/X.php\n"
    head = "parameters:\n\tignoreErrors:\n"
    neon = "includes:\n\t- phpstan-baseline.neon\n\nparameters:\n\tlevel: 5\n\tpaths:\n\t\t- app\n"
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "X.php").write_text("<?php\n")
    (tmp_path / "phpstan.neon").write_text(neon)
    (tmp_path / "phpstan-baseline.neon").write_text(head + entry.format(2))
    team.git("add", "-A")
    team.git("commit", "-qnm", "begin")
    said = team.commit(1, **{"phpstan-baseline.neon": head + entry.format(5)})
    assert "phpstan/baseline-never-grows" in said
    assert "from 2 to 5 errors" in said
    team.commit(**{"phpstan-baseline.neon": head + entry.format(1)})
