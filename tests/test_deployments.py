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
from opslint.files import Disk, Memory
from opslint.finding import Finding, Report
from opslint.lint import lint
from opslint.policy import Policy

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


def test_a_release_that_is_not_live_yet_needs_no_restoring() -> None:
    right = DEPLOYMENTS / "rsync-releases" / "right"
    for rule in ("deploy/rollback-runs-on-failure", "deploy/rollback-runs-on-cancel", "deploy/caches-after-code"):
        report = report_of(right, rule)
        assert [verdict.state for verdict in report.verdicts[rule]] == ["holds"]


# -- the border of a rule: what is found, and what looks like it and is none ------------------------------------------

_ON = "on: {push: {branches: [main]}}\njobs:\n"
_DEPLOY = "  deploy:\n    runs-on: ubuntu-latest\n    steps:\n"
_PULL = "      - run: ssh deploy@shop.example 'cd /srv/shop && git pull --ff-only && composer install --no-dev'\n"
_RESTORE = "      - run: ssh deploy@shop.example 'cd /srv/shop && git reset --hard ORIG_HEAD'\n"
_RESCUE = "  rescue:\n    needs: deploy\n    if: failure() || cancelled()\n    runs-on: ubuntu-latest\n    steps:\n"
_JOB = "app/Jobs/Send.php", "<?php\nclass Send implements ShouldQueue {}\n"


def script(*lines: str) -> dict[str, str]:
    """A script that is run by hand, and stops at errors."""
    return {"composer.json": "{}", "deploy.sh": "\n".join(("#!/bin/bash", "set -e", *lines, ""))}


def workflow(text: str, *more: tuple[str, str]) -> dict[str, str]:
    return {"composer.json": "{}", ".github/workflows/deploy.yml": _ON + text, **dict(more)}


def staged(first: str, second: str) -> dict[str, str]:
    """One job that backs up and migrates, and behind it one that only migrates."""
    backup = "      - run: ssh deploy@{0}.example 'mysqldump shop > /backups/shop.sql'\n"
    migrate = "      - run: ssh deploy@{0}.example 'cd /srv/shop && php artisan migrate --force'\n"
    steps = "    runs-on: ubuntu-latest\n    steps:\n"
    one = "  one:\n" + first + steps + backup.format("one") + migrate.format("one")
    two = "  two:\n    needs: one\n" + second + steps + migrate.format("two")
    return {**workflow(one + two), ".opslint.yaml": "rules: {deploy/backup-before-migrate: warning}\n"}


def states(files: dict[str, str], rule: str) -> list[str]:
    tree = Memory(files)
    chosen = policy.load(tree) if ".opslint.yaml" in files else Policy()
    return [verdict.state for verdict in lint(tree, chosen, select=(rule,)).verdicts[rule]]


FOUND = {
    "nobody restores": ("deploy/rollback-exists", workflow(_DEPLOY + _PULL)),
    "what restores waits for nobody": (
        "deploy/rollback-exists",
        workflow(_DEPLOY + _PULL + _RESCUE.replace("    needs: deploy\n", "") + _RESTORE),
    ),
    "staging has a backup, production has none": (
        "deploy/backup-before-migrate",
        staged("    environment: staging\n", "    environment: production\n"),
    ),
    "a loop over hosts forgets one that failed": (
        "deploy/failures-are-noticed",
        script("for host in a b; do ssh deploy@$host 'cd /srv/shop && git pull' || echo failed; done"),
    ),
    "two acts of one sort are no second try": (
        "deploy/failures-are-noticed",
        script("git checkout main || echo failed", "git pull"),
    ),
    "the workers keep the old code": ("deploy/workers-restarted", workflow(_DEPLOY + _PULL, _JOB)),
    "code without its dependencies": (
        "deploy/dependencies-installed",
        script("git pull", "php artisan migrate --force"),
    ),
    "caches behind a question of the team's": (
        "deploy/caches-after-code",
        script("[ -f .env ] || exit 1", "php artisan optimize", "git pull"),
    ),
}

FOUND |= {
    "a job that always runs may still believe its own migration": (
        "deploy/nothing-after-failed-migration",
        workflow(
            _DEPLOY.replace("    steps", "    if: always()\n    steps")
            + "      - run: ssh deploy@shop.example 'php artisan migrate --force; php artisan queue:restart; false'\n"
        ),
    ),
    "caches of the old release": (
        "deploy/caches-after-code",
        script("php artisan optimize", "git clone x releases/2", "ln -sfn releases/2 current"),
    ),
}

SILENT = {
    "caches are built in the release before the switch": (
        "deploy/caches-after-code",
        script("git clone x releases/2", "cd releases/2", "php artisan optimize", "ln -sfn releases/2 current"),
    ),
    "another job restores": ("deploy/rollback-exists", workflow(_DEPLOY + _PULL + _RESCUE + _RESTORE)),
    "the job that restores needs no restoring": (
        "deploy/rollback-complete",
        workflow(_DEPLOY + _PULL + _RESCUE + _RESTORE),
    ),
    "a failed chat message is no reason to restore": (
        "deploy/rollback-runs-on-failure",
        workflow(
            _DEPLOY + _PULL + "      - if: failure()\n" + _RESTORE.replace("      - ", "        ")
            + "      - uses: slackapi/slack-github-action@v2\n"
        ),
    ),
    "both jobs reach one place": ("deploy/backup-before-migrate", staged("", "")),
    "the other side of `||` does the same": (
        "deploy/failures-are-noticed",
        script("git pull", "systemctl restart php8.3-fpm || service php8.3-fpm restart"),
    ),
    "a loop tries again": (
        "deploy/failures-are-noticed",
        script("until git pull; do sleep 5; done"),
    ),
    "a job that asks for the status knows what it does": (
        "deploy/nothing-after-failed-migration",
        workflow(
            _DEPLOY + _PULL.replace("composer install --no-dev", "php artisan migrate --force") + _RESCUE
            + _RESTORE.replace("ORIG_HEAD", "ORIG_HEAD && php artisan optimize")
        ),
    ),
    "a question of the team's ends it before the restart": (
        "deploy/workers-restarted",
        {**script("git pull", "[ -f .env ] || exit 1", "php artisan queue:restart"), _JOB[0]: _JOB[1]},
    ),
    "new containers have new workers": (
        "deploy/workers-restarted",
        workflow(_DEPLOY + "      - run: gcloud run deploy shop --image registry.example/shop\n", _JOB),
    ),
    "the platform keeps the old release": (
        "deploy/rollback-exists",
        workflow(_DEPLOY + "      - run: gcloud run deploy shop --image registry.example/shop\n"),
    ),
    "code that arrives after its dependencies is something else": (
        "deploy/dependencies-installed",
        script("git clone x new", "composer install --no-dev", "cd fonts && git pull", "php artisan migrate --force"),
    ),
}

NOTHING_TO_SAY = {
    "a job that never runs needs no rollback": (
        "deploy/rollback-exists",
        workflow(_DEPLOY.replace("    steps", "    if: failure()\n    steps") + _PULL),
    ),
    "an image carries its dependencies": (
        "deploy/dependencies-installed",
        script("git pull", "docker compose up -d --build", "docker compose exec -T app php artisan migrate --force"),
    ),
    "a job that never runs uses no dependencies": (
        "deploy/dependencies-installed",
        workflow(
            _DEPLOY.replace("    steps", "    if: failure()\n    steps")
            + _PULL.replace("composer install --no-dev", "php artisan optimize")
        ),
    ),
    "telling GitHub about a deployment changes no host": (
        "deploy/rollback-exists",
        workflow(_DEPLOY + "      - run: curl -X POST https://api.github.com/repos/o/r/deployments\n"),
    ),
}

HOOK = workflow(_DEPLOY + "      - run: curl -f -X POST https://forge.example/deploy/http?token=x\n", _JOB)


@pytest.mark.parametrize(("rule", "files"), FOUND.values(), ids=FOUND)
def test_found(rule: str, files: dict[str, str]) -> None:
    assert "broken" in states(files, rule)


@pytest.mark.parametrize(("rule", "files"), SILENT.values(), ids=SILENT)
def test_silent_because_it_holds(rule: str, files: dict[str, str]) -> None:
    assert set(states(files, rule)) == {"holds"}


@pytest.mark.parametrize(("rule", "files"), NOTHING_TO_SAY.values(), ids=NOTHING_TO_SAY)
def test_does_not_apply(rule: str, files: dict[str, str]) -> None:
    assert states(files, rule) == []


def test_what_a_hook_does_is_told_once_as_unseen() -> None:
    report = lint(Memory(HOOK), Policy(), select=("deploy/rollback-exists", "deploy/workers-restarted"))
    assert [finding.rule for finding in report.findings] == ["opslint/undecided"]
    assert len(report.findings[0].verdict.notes) == 2
