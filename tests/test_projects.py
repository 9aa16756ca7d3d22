"""The reference projects: their reports are what was worked out by hand, and are recorded word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from opslint import policy
from opslint.files import Disk
from opslint.finding import Report
from opslint.lint import lint
from opslint.report.formats import FORMATS
from tests.conftest import GoldenFile
from tests.test_corpus import quotes_what_is_there

PROJECTS = Path(__file__).parent.parent / "fixtures" / "projects"
NAMES = ("mutuapix-before", "mutuapix-after", "mutuapix-hardened")
FILES = {"D": ".github/workflows/deploy-backend.yml", "S": "supervisor.conf"}


@pytest.fixture(scope="module", params=NAMES)
def project(request: pytest.FixtureRequest) -> tuple[Path, Report]:
    folder = PROJECTS / request.param
    files = Disk(folder)
    if files.mode("artisan") is None:
        pytest.skip("this is no git checkout: whether a script is executable is not to be seen")
    return folder, lint(files, policy.load(files), before=Disk(folder))


def expected(name: str) -> set[tuple[str, str, str]]:
    """The tables of EXPECTED.md: rule, place, severity."""
    text = (PROJECTS / "EXPECTED.md").read_text("utf-8")
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section
    row = re.compile(r"^\| ([a-z]+/[a-z-]+)(?: \(\d\))? \| (\S+?)(?: to [\d:]+)? \| (error|warning|note) \|", re.MULTILINE)
    return {(rule, re.sub(r"^[DS](?=:)", lambda m: FILES[m[0]], place), severity) for rule, place, severity in row.findall(section[1])}


def test_findings_are_those_worked_out_by_hand(project: tuple[Path, Report]) -> None:
    folder, report = project
    found = {(f.rule, str(f.span), f.severity.value) for f in report.findings}
    assert found == expected(folder.name)


@pytest.mark.parametrize(("name", "file"), [("text", "report.txt"), ("json", "report.json")])
def test_report_is_as_recorded(project: tuple[Path, Report], name: str, file: str, golden: GoldenFile) -> None:
    folder, report = project
    golden(PROJECTS / f"{folder.name}.{file}", FORMATS[name](report))


def test_places_hold_what_the_message_quotes(project: tuple[Path, Report]) -> None:
    for finding in project[1].findings:
        assert quotes_what_is_there(finding), f"{finding.span}: {finding.verdict.message}"


STORIES = {  # rule: the events that its story must tell, in this order
    "deploy/rollback-before-up": [
        ("succeeded", "php artisan down"),
        ("failed", "git pull origin main"),
        ("succeeded", "php artisan up"),
        ("succeeded", "tar -xzf"),
        ("succeeded", "php artisan db:restore"),
    ],
    "deploy/rollback-runs-on-cancel": [
        ("succeeded", "php artisan down"),
        ("cancelled", "git pull origin main"),
        ("succeeded", "php artisan up"),
        ("skipped", "Roll back"),
    ],
    "deploy/rollback-needs-own-backup": [("failed", ""), ("succeeded", "tar -xzf"), ("succeeded", "php artisan db:restore")],
    "deploy/failures-are-noticed": [
        ("failed", "php artisan migrate --force"),
        ("succeeded", "php artisan migrate:status"),
        ("succeeded", "php artisan config:cache"),
        ("succeeded", "supervisorctl restart all"),
        ("succeeded", "php artisan up"),
        ("skipped", "Roll back"),
    ],
}


@pytest.mark.parametrize("rule", STORIES)
def test_the_stories_of_mutuapix_after(rule: str) -> None:
    files = Disk(PROJECTS / "mutuapix-after")
    (finding,) = lint(files, policy.load(files), select=(rule,)).findings
    assert finding.verdict.course is not None
    told = iter((event.outcome, event.command) for event in finding.verdict.course.events)
    for outcome, command in STORIES[rule]:
        assert any(each == outcome and command in text for each, text in told), f"{outcome} {command}"
