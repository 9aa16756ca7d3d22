"""Every rule against its own page and its fixture folder: a new rule adds no Python here.

A page's fenced blocks under `## Bad` and `## Good` name their file behind the language: ```ini supervisor.conf```.
The blocks of a section make one small repository; a block whose path is already taken begins the next one. A path
that ends in `*` is executable, one below `base/` belongs to the base revision, `.opslint.yaml` is the policy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from opslint import policy, rulebook
from opslint.files import Disk, Files, Memory
from opslint.finding import Finding, Report, Rule
from opslint.fixes import chosen, edited
from opslint.lint import lint
from opslint.model import bundled
from opslint.report import text
from opslint.source import Source
from tests.conftest import GoldenFile

FIXTURES = Path(__file__).parent.parent / "fixtures" / "rules"
RULES = rulebook.bundled()
_BLOCK = re.compile(r"^```(\w*)[ \t]+(\S+)[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_STRICT = "extends: strict\n"


def section(rule: Rule, name: str) -> str:
    match = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", rule.page, re.MULTILINE | re.DOTALL)
    return match[1] if match else ""


def examples(rule: Rule, name: str) -> Iterator[dict[str, str]]:
    files: dict[str, str] = {}
    for match in _BLOCK.finditer(section(rule, name)):
        if match[2] in files:
            yield files
            files = {}
        files[match[2]] = match[3]
    if files:
        yield files


def run(rule: Rule, files: Files, before: Files | None = None) -> Report:
    chosen_policy = policy.load(files)
    if chosen_policy.path is None:
        chosen_policy = policy.read(Source(".opslint.yaml", _STRICT), files)
    return lint(files, chosen_policy, before=before, select=(rule.id,))


def run_example(rule: Rule, files: dict[str, str]) -> Report:
    past = {path.removeprefix("base/"): content for path, content in files.items() if path.startswith("base/")}
    now = {path: content for path, content in files.items() if not path.startswith("base/")}
    return run(rule, Memory(now), Memory(past) if past else None)


def run_folder(rule: Rule, folder: Path) -> Report:
    base = folder.parent / "base"
    return run(rule, Disk(folder), Disk(base) if base.is_dir() else None)


def of(rule: Rule, report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule == rule.id]


def cases(name: str) -> list[object]:
    return [
        pytest.param(rule, files, id=f"{rule.id}-{number}")
        for rule in RULES.values()
        for number, files in enumerate(examples(rule, name), 1)
    ]


def folders(name: str) -> list[object]:
    return [
        pytest.param(rule, folder, id=f"{rule.id}-{folder.name}")
        for rule in RULES.values()
        for folder in sorted((FIXTURES / rule.id).glob(f"{name}*/"))
    ]


def other_findings(rule: Rule, report: Report) -> list[str]:
    return [f"{f.span}: {f.rule}: {f.verdict.message}" for f in report.findings if f.rule != rule.id]


@pytest.mark.parametrize(("rule", "files"), cases("Bad"))
def test_bad_block_is_found(rule: Rule, files: dict[str, str]) -> None:
    report = run_example(rule, files)
    assert not other_findings(rule, report)
    assert of(rule, report)


@pytest.mark.parametrize(("rule", "files"), cases("Good"))
def test_good_block_is_silent_because_something_holds(rule: Rule, files: dict[str, str]) -> None:
    report = run_example(rule, files)
    assert not other_findings(rule, report)
    assert not of(rule, report)
    assert any(verdict.state == "holds" for verdict in report.verdicts[rule.id])


@pytest.mark.parametrize(("rule", "folder"), folders("good"))
def test_good_folder_is_silent_because_something_holds(rule: Rule, folder: Path) -> None:
    report = run_folder(rule, folder)
    assert not other_findings(rule, report)
    assert not of(rule, report)
    assert any(verdict.state == "holds" for verdict in report.verdicts[rule.id])


@pytest.mark.parametrize(("rule", "folder"), folders("bad"))
def test_bad_folder_reads_as_recorded(rule: Rule, folder: Path, golden: GoldenFile) -> None:
    report = run_folder(rule, folder)
    assert of(rule, report)
    golden(folder.with_suffix(".txt"), text.render(report, color=False, width=100))


@pytest.mark.parametrize(("rule", "folder"), folders("fixed"))
def test_fixes_give_the_fixed_folder(rule: Rule, folder: Path) -> None:
    bad = folder.parent / folder.name.replace("fixed", "bad")
    fixes = chosen(finding.verdict.fix for finding in of(rule, run_folder(rule, bad)) if finding.verdict.fix)
    assert fixes
    expected = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()
    }
    for path in expected:
        edits = [edit for fix in fixes for edit in fix.edits if edit.span.path == path]
        assert edited((bad / path).read_text("utf-8"), edits) == expected[path]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_page_is_whole(rule: Rule) -> None:
    page = bundled.folder() / rule.path
    rulebook.read_page(Source(rule.path, page.read_text("utf-8")), rule.id)
    heads = re.findall(r"^## (.+)$", rule.page, re.MULTILINE)
    assert heads[:2] == ["Bad", "Good"], "a page shows what is bad, then what is good"
    assert heads[-1] == "References", "a page ends with where its facts come from"
    assert "http" in section(rule, "References")
    assert len(rule.page.split("## Bad")[0].split()) >= 30, "a page begins with why"
    assert list(examples(rule, "Bad")), "a bad block names its file behind the language"
    assert list(examples(rule, "Good"))


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_findings_of_a_page_have_a_subject_and_a_plain_message(rule: Rule) -> None:
    for files in examples(rule, "Bad"):
        for finding in of(rule, run_example(rule, files)):
            message = finding.verdict.message
            assert "\n" not in message
            assert not message.endswith(".")
            assert not message[0].isupper() or message.split()[0] in (
                "PHP",
                "PHPStan",
                "SSH",
                "GitHub",
                "Laravel",
                "Supervisor",
            )
            assert finding.verdict.subject, "a finding says what it is about"


def test_report_of_every_page_fits_the_published_schema() -> None:
    from jsonschema import Draft202012Validator

    from opslint.report import json as json_report

    schema = json.loads((Path(rulebook.__file__).parent / "report" / "report.schema.json").read_text("utf-8"))
    for rule in RULES.values():
        for files in examples(rule, "Bad"):
            Draft202012Validator(schema).validate(json.loads(json_report.render(run_example(rule, files))))
