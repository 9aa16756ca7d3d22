"""Deployments after the patterns of the field, each broken in one place and right: found there, silent here.

`fixtures/deployments/<name>/` holds two small repositories, `broken/` and `right/`, and `expected.txt`, written by
hand: a line with the rule, the place and the defect in words, then the events of the story that tell it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import pytest

from opslint import policy, rulebook
from opslint.files import Disk
from opslint.finding import Finding, Report
from opslint.lint import lint

DEPLOYMENTS = Path(__file__).parent.parent / "fixtures" / "deployments"
FOLDERS = sorted(path for path in DEPLOYMENTS.iterdir() if path.is_dir())
MOST_LINES = 5  # removed and added, that may lie between broken and right
PLAYED = ("order", "failures", "rollback")  # the checks that play a deployment through


@dataclass(frozen=True)
class Expected:
    rule: str
    place: str
    defect: str
    events: tuple[str, ...]  # `failed php artisan migrate --force`


def expected(folder: Path) -> Expected:
    first, *events = (folder / "expected.txt").read_text("utf-8").splitlines()
    rule, place, defect = first.split(" ", 2)
    return Expected(rule, place, defect, tuple(events))


def report_of(folder: Path, rule: str) -> Report:
    files = Disk(folder)
    return lint(files, policy.load(files), select=(rule,))


def files_of(folder: Path) -> dict[str, list[str]]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8").splitlines()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def story(finding: Finding) -> list[str]:
    course = finding.verdict.course
    return [f"{event.outcome} {event.command}" for event in course.events] if course else []


def are_in_order(wanted: tuple[str, ...], told: list[str]) -> bool:
    rest = iter(told)
    return all(each in rest for each in wanted)


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    found = request.param
    assert isinstance(found, Path)
    return found


def test_broken_has_its_defect_and_no_other_finding(folder: Path) -> None:
    wanted = expected(folder)
    report = report_of(folder / "broken", wanted.rule)
    assert [(finding.rule, str(finding.span)) for finding in report.findings] == [(wanted.rule, wanted.place)]


def test_broken_tells_the_story(folder: Path) -> None:
    wanted = expected(folder)
    told = story(report_of(folder / "broken", wanted.rule).findings[0])
    assert are_in_order(wanted.events, told), "\n".join(told)
    assert bool(told) == bool(wanted.events), "what is wrong in every course is told without one"


def test_right_is_silent_because_something_holds(folder: Path) -> None:
    wanted = expected(folder)
    report = report_of(folder / "right", wanted.rule)
    assert report.findings == ()
    assert any(verdict.state == "holds" for verdict in report.verdicts[wanted.rule])


def test_broken_and_right_differ_in_the_defect_alone(folder: Path) -> None:
    broken, right = files_of(folder / "broken"), files_of(folder / "right")
    assert broken.keys() == right.keys()
    compared = (line for path in broken for line in difflib.ndiff(broken[path], right[path]))
    changed = [line for line in compared if line.startswith(("- ", "+ "))]
    assert 0 < len(changed) <= MOST_LINES


def test_every_rule_that_plays_deployments_is_the_defect_of_one() -> None:
    played = {
        rule.id
        for rule in rulebook.bundled().values()
        if rule.id.startswith("deploy/") and rule.check.split(".")[0] in PLAYED
    }
    assert played <= {expected(folder).rule for folder in FOLDERS}
