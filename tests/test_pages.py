"""The pages about CI and hooks are true: what they show is valid, and is run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import opslint
from opslint.files import Memory
from opslint.lint import lint
from opslint.policy import Policy
from opslint.report.formats import NAMES
from opslint.source import Source
from opslint.syntax import yaml
from opslint.syntax.schema import plain

ROOT = Path(__file__).parent.parent
PAGES = {path.name: path.read_text("utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}
BLOCKS = [
    (name, path, block)
    for name, text in sorted(PAGES.items())
    for block, path in re.findall(r"^```yaml\n(# (\S+)\n(?:.*\n)+?)```$", text, re.M)
]
WORKFLOWS = [pytest.param(path, block, id=f"{name} {path}") for name, path, block in BLOCKS if ".github/workflows/" in path]


def read(block: str) -> Any:
    return plain(yaml.read(Source("block", block)).root)


def block_of(name: str, path: str) -> str:
    return next(block for page, there, block in BLOCKS if (page, there) == (name, path))


@pytest.mark.parametrize(("path", "block"), WORKFLOWS)
def test_opslint_is_content_with_the_workflows(path: str, block: str) -> None:
    report = lint(Memory({path: block}), Policy())
    assert (report.findings, report.files) == ((), 1)


def test_the_required_check_has_ten_lines_and_is_the_same_everywhere() -> None:
    block = block_of("ci.md", ".github/workflows/opslint.yml")
    assert len(block.splitlines()) == 10
    assert block == block_of("README.md", ".github/workflows/opslint.yml")


def program(name: str) -> Path:
    found = Path(sys.executable).parent / name
    if not found.exists():
        pytest.skip(f"{name} is not installed")
    return found


def asked(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.oracle
@pytest.mark.parametrize(("path", "block"), WORKFLOWS)
def test_github_would_take_the_workflows(path: str, block: str, tmp_path: Path) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(block)
    asked(program("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", file)


@pytest.mark.oracle
@pytest.mark.parametrize(("path", "block"), WORKFLOWS)
def test_zizmor_is_content_with_the_workflows(path: str, block: str, tmp_path: Path) -> None:
    """But for the tags: the page asks to pin them, and no page can know the commit of a release to come."""
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(re.sub(r"(uses: (?:opslint/opslint|github/codeql-action/upload-sarif))@v[\d.]+", r"\1@" + "0123456789" * 4, block))
    asked(program("zizmor"), "--offline", file)


@pytest.mark.oracle
def test_gitlab_would_take_the_pipeline(tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(block_of("gitlab.md", ".gitlab-ci.yml"))
    asked(program("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", tmp_path / ".gitlab-ci.yml")


@pytest.mark.oracle
def test_pre_commit_would_take_the_configurations(tmp_path: Path) -> None:
    blocks = [block for _, path, block in BLOCKS if path == ".pre-commit-config.yaml"]
    assert len(blocks) >= 3
    for block in blocks:
        (tmp_path / ".pre-commit-config.yaml").write_text(block)
        asked(program("pre-commit"), "validate-config", tmp_path / ".pre-commit-config.yaml")


def test_the_pages_name_this_version() -> None:
    for text in PAGES.values():
        named = re.findall(r"opslint/opslint@v([\d.]+)|\brev: v([\d.]+)|opslint==([\d.]+)", text)
        assert {version for each in named for version in each if version} <= {opslint.__version__}


def test_the_inputs_of_the_action_are_all_told() -> None:
    table = PAGES["ci.md"].partition("## Inputs and outputs")[2].partition("## Code scanning")[0]
    action = read((ROOT / "action.yml").read_text("utf-8"))
    rows = re.findall(r"^\| (`.*?`) \|", table, re.M)
    assert {name for row in rows for name in re.findall("`([a-z-]+)`", row)} == set(action["inputs"])
    assert {*re.findall(r"`([a-z-]+)`", table.partition("outputs are")[2])} >= set(action["outputs"])


def test_the_formats_are_all_told() -> None:
    table = PAGES["ci.md"].partition("## Formats")[2]
    assert tuple(re.findall(r"^\| `([a-z]+)` \|", table, re.M)) == NAMES


@pytest.mark.parametrize("name", ["ci.md", "gitlab.md", "pre-commit.md"])
def test_links_of_the_pages_lead_somewhere(name: str) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", PAGES[name]):
        page = (ROOT / "docs" / target) if target else ROOT / "docs" / name
        assert page.exists(), target
        titles = [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)]
        assert not anchor or anchor in titles, anchor
