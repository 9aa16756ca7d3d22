"""Every rule against its own page and its fixture folder: a new rule adds no Python here."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from opslint import rulebook
from opslint.files import Disk
from opslint.finding import Finding, Report, Rule
from opslint.fixes import chosen, edited
from opslint.model import bundled
from opslint.report import text
from opslint.source import Source
from opslint.views.examples import Example, examples, judged, judged_files, section
from tests.conftest import GoldenFile

FIXTURES = Path(__file__).parent.parent / "fixtures" / "rules"
RULES = rulebook.bundled()
def run_folder(rule: Rule, folder: Path) -> Report:
    base = folder.parent / "base"
    return judged_files(rule, Disk(folder), Disk(base) if base.is_dir() else None)


def of(rule: Rule, report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule == rule.id]


def cases(name: str) -> list[object]:
    return [
        pytest.param(rule, example, id=f"{rule.id}-{number}")
        for rule in RULES.values()
        for number, example in enumerate(examples(section(rule, name)), 1)
    ]


def folders(name: str) -> list[object]:
    return [
        pytest.param(rule, folder, id=f"{rule.id}-{folder.name}")
        for rule in RULES.values()
        for folder in sorted((FIXTURES / rule.id).glob(f"{name}*/"))
    ]


def other_findings(rule: Rule, report: Report) -> list[str]:
    return [f"{f.span}: {f.rule}: {f.verdict.message}" for f in report.findings if f.rule != rule.id]


@pytest.mark.parametrize(("rule", "example"), cases("Bad"))
def test_bad_block_is_found(rule: Rule, example: Example) -> None:
    report = judged(rule, example)
    assert not other_findings(rule, report)
    assert of(rule, report)


@pytest.mark.parametrize(("rule", "example"), cases("Good"))
def test_good_block_is_silent_because_something_holds(rule: Rule, example: Example) -> None:
    report = judged(rule, example)
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
    assert list(examples(section(rule, "Bad"))), "a bad block names its file behind the language"
    assert list(examples(section(rule, "Good")))


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_findings_of_a_page_have_a_subject_and_a_plain_message(rule: Rule) -> None:
    for example in examples(section(rule, "Bad")):
        for finding in of(rule, judged(rule, example)):
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
        for example in examples(section(rule, "Bad")):
            Draft202012Validator(schema).validate(json.loads(json_report.render(judged(rule, example))))
