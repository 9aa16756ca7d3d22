"""What the documents say is true: commands, output, paths, rules and settings."""

from __future__ import annotations

import datetime
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from opslint import cli, policy, rulebook
from opslint.files import Memory
from opslint.source import Source

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md")
PACKAGES = {"phpstan/phpstan", "phpstan/extension-installer"}
README = (ROOT / "README.md").read_text("utf-8")
SCREENS = re.findall(r"^```console\n\$ opslint (.+)\n((?:.*\n)+?)```$", README, re.MULTILINE)


def screen(command: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    return CliRunner().invoke(cli.main, shlex.split(command), catch_exceptions=False).output


@pytest.mark.parametrize(("command", "said"), SCREENS)
def test_screens_of_the_readme_are_real(command: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert screen(command, monkeypatch) == said


def test_readme_shows_a_screen() -> None:
    assert SCREENS


def test_the_change_of_the_readme_is_the_one_between_the_projects() -> None:
    (shown,) = re.findall(r"^```diff\n((?:.*\n)+?)```$", README, re.MULTILINE)
    projects = {
        sign: (ROOT / f"fixtures/projects/mutuapix-{name}/.github/workflows/deploy-backend.yml").read_text("utf-8").splitlines()
        for sign, name in (("-", "after"), ("+", "hardened"))
    }
    for line in shown.splitlines():
        sign, text = line[0], line[1:]
        other = {"-": "+", "+": "-"}.get(sign)
        assert text in projects[sign if other else "+"], line
        assert other is None or text not in projects[other], line


def test_commands_of_the_readme_exist() -> None:
    named = set(re.findall(r"`opslint ([a-z]+)", README))
    assert named == set(cli.main.list_commands(click.Context(cli.main))), "the README names exactly the commands"


def test_policies_of_the_documents_are_valid() -> None:
    found = re.findall(r"^```yaml\n(# \.opslint\.yaml\n(?:.*\n)+?)```$", README, re.MULTILINE)
    assert found
    for block in found:
        policy.read(Source(".opslint.yaml", block), Memory({}))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_rules_that_are_named_exist(name: str) -> None:
    families = {id.split("/")[0] for id in rulebook.bundled()}
    named = re.findall(r"(?<![\w./])([a-z]+/[a-z-]+)(?![\w/.])", (ROOT / name).read_text("utf-8"))
    for each in named:
        if each.split("/")[0] in families and each not in ("family/name",):
            assert each in rulebook.bundled() or (ROOT / each).exists(), each


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text("utf-8")):
        assert (ROOT / target).exists(), target


def test_every_rule_page_names_rules_that_exist() -> None:
    rules = rulebook.bundled()
    families = {id.split("/")[0] for id in rules}
    for rule in rules.values():
        for each in re.findall(r"`([a-z]+/[a-z-]+)`", rule.page):
            named = each.split("/")[0] in families and each not in PACKAGES
            assert not named or each in rules, f"{rule.id} names {each}"
        for each in rule.yields_to:
            assert each in rules, f"{rule.id} yields to {each}"


def test_the_repository_speaks_of_the_project_alone() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "X" * 3)
    forbidden = re.compile(r"(?<![\w.])/(?:work|opt|root)/|" + "|".join(marks))
    for path in [*ROOT.glob("*.md"), *ROOT.glob("opslint/**/*.py"), *ROOT.glob("rules/**/*"), *ROOT.glob("docs/**/*.*")]:
        if path.is_file():
            assert not forbidden.search(path.read_text("utf-8")), path


def test_living_with_what_is_there_is_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "fixtures" / "projects" / "mutuapix-before", tmp_path, dirs_exist_ok=True)
    (tmp_path / ".opslint.yaml").touch()
    monkeypatch.chdir(tmp_path)
    section = README.split("## Living with what is there")[1].split("\n## ")[0]
    shown = re.search(r"^```text\n((?:.*\n)+?)```$", section, re.MULTILINE)
    assert shown
    output = ""
    for command in re.findall(r"^\$ opslint (.+)$", shown[1], re.MULTILINE):
        said = CliRunner().invoke(cli.main, shlex.split(command), catch_exceptions=False).output
        output += f"$ opslint {command}\n{said}"
    assert output == shown[1]
    lines = re.search(r"^```yaml\n((?:.*\n)+?)```$", section, re.MULTILINE)
    assert lines
    assert (tmp_path / ".opslint-accepted.yaml").read_text().endswith(lines[1])


_SUMS = (520, 520, 488, 455, 455, 470, 431, 380, 352, 352, 318, 290, 251, 251, 214, 180)
_IDENTIFIERS = {"argument.type": 4, "method.notFound": 3, "property.notFound": 2, "missingType.return": 1}


def a_history(folder: Path) -> None:
    """The way of a team from 520 errors to 180, a commit a fortnight; equal to the last byte each time."""
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / "phpstan.neon").write_text("includes:\n\t- phpstan-baseline.neon\n\nparameters:\n\tlevel: 5\n\tpaths:\n\t\t- app\n")
    day = datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC)
    for total in _SUMS:
        entries = [
            f"\t\t-\n\t\t\tmessage: '#^{name} is wrong\\.$#'\n\t\t\tidentifier: {name}\n\t\t\tcount: {total * tenths // 10}\n"
            "\t\t\tpath: app/Models/User.php\n"
            for name, tenths in _IDENTIFIERS.items()
        ]
        (folder / "phpstan-baseline.neon").write_text("parameters:\n\tignoreErrors:\n" + "\n".join(entries))
        author = {"NAME": "x", "EMAIL": "x@example.org", "DATE": day.isoformat()}
        names = {f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in author.items()}
        subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
        command = ["git", "commit", "-q", "--allow-empty", "-m", f"Baseline of {total}"]
        subprocess.run(command, cwd=folder, check=True, env={**os.environ, **names})
        day += datetime.timedelta(days=14)


def test_the_trend_of_the_readme_is_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_history(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    output = CliRunner().invoke(cli.main, ["trend"], catch_exceptions=False).output
    shown = re.search(r"^```text\n(PHPStan baseline\n(?:.*\n)+?)```$", README, re.MULTILINE)
    assert shown
    assert [line.rstrip() for line in output.splitlines()] == shown[1].splitlines()
