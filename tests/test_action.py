"""The GitHub action: its shell run as the runner runs it, in a workspace that may be hostile."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click import Option
from packaging.requirements import Requirement

from opslint.commands.check import command
from opslint.files import Disk
from opslint.lint import lint
from opslint.policy import Policy
from opslint.source import Source
from opslint.syntax import yaml
from opslint.syntax.schema import plain
from tests.report.runner import obeyed

ROOT = Path(__file__).parent.parent
ACTION: dict[str, Any] = plain(yaml.read(Source("action.yml", (ROOT / "action.yml").read_text("utf-8"))).root)  # type: ignore[assignment]
INSTALL, CHECK = ACTION["runs"]["steps"]
WORKER = "[program:w]\ncommand=php artisan queue:work\n"
CAPPED = "[program:w]\ncommand=php artisan queue:work --memory=512\n"
MEMORY = "workers/memory-limit"


@dataclass(frozen=True)
class Ran:
    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str


@dataclass(frozen=True)
class Runner:
    """A runner's folders; the environment of its steps is what actions/runner sets and nothing of ours."""

    workspace: Path
    temp: Path
    environment: Mapping[str, str]

    def run(self, step: Mapping[str, Any], **inputs: str) -> Ran:
        files = {name: self.temp / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.write_text("")
        given = {name: inputs.get(name.replace("-", "_"), each.get("default", "")) for name, each in ACTION["inputs"].items()}
        variables = {name: evaluated(value, given) for name, value in step.get("env", {}).items()}
        script = self.temp / "script.sh"
        script.write_text(step["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.workspace, capture_output=True, text=True, check=False,
            env={**self.environment, **variables, **{name: str(path) for name, path in files.items()}},
        )  # fmt: skip
        outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        return Ran(done.returncode, done.stdout + done.stderr, outputs, files["GITHUB_STEP_SUMMARY"].read_text("utf-8"))


def evaluated(value: str, inputs: Mapping[str, str]) -> str:
    """The only expression that the action uses, in the only place: the whole of a variable."""
    found = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", value)
    assert found, value
    return inputs[found[1]]


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    workspace, temp = tmp_path / "work space", tmp_path / "temp"
    for folder in (workspace / ".git", temp):
        folder.mkdir(parents=True)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    ours = {"CI": "true", "GITHUB_ACTIONS": "true", "RUNNER_TEMP": str(temp), "GITHUB_ACTION_PATH": str(ROOT)}
    return Runner(workspace, temp, {**kept, **pip, **ours})


@pytest.fixture
def check(runner: Runner) -> Callable[..., Ran]:
    """The step that checks, where opslint is already installed: here, the one that is tested."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    programs = runner.temp / "opslint" / "environment" / "bin"
    programs.mkdir(parents=True)
    python = programs / "python"
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from opslint.cli import main; main()"
    python.write_text(
        f'#!/bin/sh\nif [ "$1 $2 $3" = "-I -m opslint" ]; then shift 3; exec {sys.executable} -I -c {shlex.quote(code)} "$@"; fi\n'
        f'exec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    return lambda **inputs: runner.run(CHECK, **inputs)


def test_it_installs_what_it_pins_and_checks(runner: Runner) -> None:
    """The whole action, in a workspace whose modules have the names of ours."""
    for name in ("venv", "pip", "opslint", "click", "json", "sitecustomize", "hatchling"):
        (runner.workspace / f"{name}.py").write_text("open('pwned', 'w')\n")
    (runner.workspace / "supervisor.conf").write_text(WORKER)
    installed = runner.run(INSTALL)
    assert installed.code == 0, installed.log
    ran = runner.run(CHECK, select=MEMORY)
    assert ran.code == 1, ran.log
    assert ran.outputs == {"exit-code": "1", "findings": "1", "sarif": ""}
    assert not (runner.workspace / "pwned").exists()


def test_an_old_python_is_told_what_is_missing(runner: Runner) -> None:
    programs = runner.temp / "old"
    programs.mkdir()
    (programs / "python3").write_text("#!/bin/sh\nexit 1\n")
    (programs / "python3").chmod(0o755)
    old = Runner(runner.workspace, runner.temp, {**runner.environment, "PATH": f"{programs}:{os.environ['PATH']}"})
    ran = old.run(INSTALL)
    assert ran.code == 2
    assert ran.log == "::error title=opslint::Python 3.11 or newer is needed: put actions/setup-python before this step\n"


def test_findings_are_annotations_a_summary_outputs_and_exit_1(runner: Runner, check: Callable[..., Ran]) -> None:
    (runner.workspace / "supervisor.conf").write_text(WORKER)
    ran = check(select=MEMORY, sarif="out/opslint.sarif")
    assert ran.code == 1
    assert obeyed(ran.log) == ["warning", "stop-commands"]
    assert ran.log.startswith(f"::warning title={MEMORY},file=supervisor.conf,line=2,")
    assert ran.summary.startswith("## opslint: 1 warning\n")
    assert ran.outputs == {"exit-code": "1", "findings": "1", "sarif": "out/opslint.sarif"}
    assert json.loads((runner.workspace / "out" / "opslint.sarif").read_text())["version"] == "2.1.0"


def test_nothing_found_is_exit_0(runner: Runner, check: Callable[..., Ran]) -> None:
    (runner.workspace / "supervisor.conf").write_text(CAPPED)
    ran = check(select=MEMORY)
    assert (ran.code, ran.outputs) == (0, {"exit-code": "0", "findings": "0", "sarif": ""})
    assert ran.summary == "## opslint: nothing found\n\n1 file checked by 1 rule.\n"


def test_a_deployment_brings_its_story_and_its_table(runner: Runner, check: Callable[..., Ran]) -> None:
    shutil.copytree(ROOT / "fixtures" / "projects" / "mutuapix-after", runner.workspace, dirs_exist_ok=True)
    ran = check(select="deploy")
    assert ran.code == 1
    assert "<details><summary>When <code>git pull origin main</code> is cancelled</summary>" in ran.summary
    assert "| what goes wrong | line | what still happens | the site | rolled back | job |" in ran.summary
    assert len(ran.summary.encode()) < 2**20


@pytest.mark.parametrize(
    ("content", "inputs", "code", "annotation"),
    [
        pytest.param("", {}, 3, "nothing was linted", id="nothing to lint"),
        pytest.param(WORKER, {"select": "workers/memory"}, 2, "wrong usage", id="no such rule"),
        pytest.param(WORKER, {"fail_on": "warnings"}, 2, "wrong usage", id="no such severity"),
        pytest.param(WORKER, {"fail_on_undecided": "yes"}, 2, "either true or false", id="no boolean"),
        pytest.param(WORKER, {"paths": "nowhere"}, 2, "wrong usage", id="no such path"),
        pytest.param(WORKER, {"sarif": "a\nb"}, 2, "names one file", id="two files"),
        pytest.param(CAPPED, {"fail_on_undecided": "true"}, 4, "incomplete", id="undecided"),
    ],
)
def test_every_exit_code_is_its_own(runner: Runner, check: Callable[..., Ran], content: str, inputs: dict[str, str], code: int, annotation: str) -> None:
    if content:
        (runner.workspace / "supervisor.conf").write_text(content)
    ran = check(**inputs)
    assert ran.code == code, ran.log
    assert re.search(f"^::error title=opslint::.*{annotation}", ran.log, re.M)
    assert ran.outputs.get("exit-code", "2") == str(code)


def test_inputs_become_options(runner: Runner, check: Callable[..., Ran]) -> None:
    for path in ("a/supervisor.conf", "b c/supervisor.conf", "d/supervisor.conf"):
        (runner.workspace / path).parent.mkdir()
        (runner.workspace / path).write_text(WORKER)
    ran = check(paths="a\r\nb c\n", select="workers\nsupervisor", ignore="workers/memory-limit", root=".", fail_on="error")
    told = {line.split(":")[0] for line in ran.log.splitlines() if re.match(r"\w[\w ]*/", line)}
    assert told == {"a/supervisor.conf", "b c/supervisor.conf"}
    assert MEMORY not in ran.log


def test_a_base_is_named(runner: Runner, check: Callable[..., Ran]) -> None:
    (runner.workspace / "composer.json").write_text('{"require": {"phpstan/phpstan": "*"}}')
    (runner.workspace / "phpstan.neon").write_text("parameters:\n\tlevel: 5\n\tpaths:\n\t\t- app\n")
    shutil.rmtree(runner.workspace / ".git")
    for arguments in (["init", "-q"], ["add", "-A"], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"]):
        subprocess.run(["git", *arguments], cwd=runner.workspace, check=True)
    assert "there is no revision `relaese`" in check(base="relaese").log


HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "x' || touch pwned #",
    'x" && touch pwned "',
    "--root=/\n$(touch pwned)",
    "--output=text=pwned",
    "--help",
    "-q",
    "*",
    "::error::forged",
    "x\n::error::forged\nfindings=0",
    "x\r\nexit-code=0",
    "${{ secrets.TOKEN }}",
    "\x1b]8;;http://evil\x07x",
]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(pytest.param("paths", value, id=f"paths {value!a}") for value in HOSTILE),
        *(pytest.param(name, "\n".join(HOSTILE), id=name) for name in ACTION["inputs"] if name != "paths"),
    ],
)
def test_an_input_is_never_code_an_option_or_a_command(runner: Runner, check: Callable[..., Ran], name: str, value: str) -> None:
    (runner.workspace / "supervisor.conf").write_text(WORKER)
    ran = check(**{name.replace("-", "_"): value})
    assert ran.code == (1 if name == "base" else 2), ran.log
    assert not list(runner.workspace.rglob("pwned"))
    assert set(obeyed(ran.log)) <= {"error", "warning", "notice", "stop-commands"}
    assert not re.search(r"^\s*::(?!error title=|warning title=|notice title=|stop-commands::|[0-9a-f]{32}::)", ran.log, re.M)
    assert ran.outputs.get("exit-code", "2") == str(ran.code)
    assert "\x1b" not in ran.log


@pytest.mark.parametrize("value", ["$(touch pwned)", "'; touch pwned; '", "--output=text", "::error::x", "*"])
def test_a_file_for_sarif_is_a_name(runner: Runner, check: Callable[..., Ran], value: str) -> None:
    (runner.workspace / "supervisor.conf").write_text(WORKER)
    ran = check(sarif=value)
    assert (ran.outputs["exit-code"], ran.outputs["sarif"]) == ("1", value)
    assert {path.name for path in runner.workspace.iterdir()} == {".git", "supervisor.conf", value}


def test_nothing_is_interpolated_into_the_shell() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert "uses" not in step, "an action of others would have to be pinned by its hash"


def test_every_input_is_read_and_every_option_exists() -> None:
    assert {evaluated(value, {name: name for name in ACTION["inputs"]}) for value in CHECK["env"].values()} == set(ACTION["inputs"])
    for variable in CHECK["env"]:
        assert f"${variable}" in CHECK["run"]
    options = {name for each in command.params if isinstance(each, Option) for name in each.opts}
    used = set(re.findall(r"(?:each_line |arguments\+=\(\"?|\s\"?)(--[a-z-]+)", CHECK["run"])) - {"--"}
    assert used == {"--root", "--fail-on", "--select", "--ignore", "--base", "--new-from", "--fail-on-undecided", "--output"}
    assert used <= options


def test_what_is_installed_is_pinned_and_enough() -> None:
    text = (ROOT / "action-requirements.txt").read_text("utf-8")
    entries = re.findall(r"^([a-z0-9-]+)==(\S+?)(?: ; .*?)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.M)
    assert len(entries) == text.count("==") - text.count(" == '")
    pinned = {name: version for name, version, _ in entries}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for needed in (*project["project"]["dependencies"], *project["build-system"]["requires"]):
        requirement = Requirement(needed)
        assert requirement.specifier.contains(pinned[requirement.name.replace(".", "-").lower()]), needed


def test_opslint_has_nothing_to_say_of_it() -> None:
    report = lint(Disk(ROOT), Policy(), ("action.yml",))
    assert report.findings == ()


@pytest.mark.oracle
@pytest.mark.parametrize(
    "arguments",
    [
        ("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"),
        ("zizmor", "--offline", "--persona", "pedantic", "action.yml"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_others_have_nothing_to_say_of_it_either(arguments: tuple[str, ...]) -> None:
    program = Path(sys.executable).parent / arguments[0]
    if not program.exists():
        pytest.skip(f"{arguments[0]} is not installed")
    done = subprocess.run([program, *arguments[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
