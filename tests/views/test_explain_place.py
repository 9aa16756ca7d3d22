"""A place explained: its findings in full, on which mishaps, how to silence them; else why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from opslint import policy
from opslint.files import Disk, Memory
from opslint.model.suppression import PLACEHOLDER
from opslint.source import Source
from opslint.views.explain_place import silencing, tell_place, tell_rule_at
from opslint.views.inspection import Inspection, Place
from opslint.views.screen import Screen
from tests.conftest import GoldenFile

AFTER = Path(__file__).parent.parent.parent / "fixtures/projects/mutuapix-after"
GOLDEN = Path(__file__).parent / "golden"
DEPLOY = ".github/workflows/deploy-backend.yml"
WORKER = "[program:w]\ncommand=php artisan queue:work\n"
SCRIPT = "#!/bin/bash\nset -e\nphp artisan down\ngit pull\nphp artisan migrate --force\nphp artisan up\n"
WORKFLOW = """\
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps: [{run: "ssh shop 'php artisan down'"}]
"""


def inspection(files: dict[str, str], said: str = "") -> Inspection:
    memory = Memory(files)
    return Inspection(memory, policy.read(Source(".opslint.yaml", said), memory))


def at(seen: Inspection, place: Place, rule: str = "") -> str:
    screen = Screen(color=False, width=100)
    if rule:
        tell_rule_at(screen, seen, rule, place)
    else:
        tell_place(screen, seen, place)
    return screen.text


def test_a_rule_at_its_finding_is_told_in_full(golden: GoldenFile) -> None:
    files = Disk(AFTER)
    seen = Inspection(files, policy.load(files))
    golden(GOLDEN / "rule-at.txt", at(seen, Place(DEPLOY, 73), "deploy/rollback-runs-on-cancel"))


def test_a_course_is_told_with_all_the_mishaps_that_end_so() -> None:
    text = at(inspection({"deploy.sh": SCRIPT}), Place("deploy.sh", 3), "deploy/maintenance-always-ends")
    assert "it ends with maintenance on, code half new\n" in text
    assert text.partition("It is so after ")[2].partition("\n\n")[0] == (
        "5 of 10 single mishaps:\n"
        "  3  `php artisan down` is cancelled\n"
        "  4  `git pull` fails, is cancelled\n"
        "  5  `php artisan migrate --force` fails, is cancelled"
    )


def test_an_assumption_makes_a_mishap_perhaps_one() -> None:
    guarded = SCRIPT.replace("git pull\n", 'if [ -f x ]; then trap "php artisan up" EXIT; fi\ngit pull\n')
    text = at(inspection({"deploy.sh": guarded}), Place("deploy.sh", 3), "deploy/maintenance-always-ends")
    assert "  3  `php artisan down` is cancelled\n  5  `git pull` fails (perhaps), is cancelled (perhaps)\n" in text


def test_a_line_of_a_course_leads_to_its_finding() -> None:
    seen = inspection({"deploy.sh": SCRIPT})
    named = at(seen, Place("deploy.sh", 4), "deploy/maintenance-always-ends")
    assert named.startswith("deploy.sh:4 is part of the finding at deploy.sh:3:1:\nerror deploy/maintenance-always-ends")
    elsewhere = at(seen, Place("deploy.sh", 4)).partition("It is part of what is found elsewhere:\n")[2]
    assert "  deploy.sh:3:1: deploy/maintenance-always-ends: the site stays in maintenance mode" in elsewhere


def test_a_rule_that_holds_at_a_place_says_why() -> None:
    capped = WORKER.replace("work", "work --memory=512")
    text = at(inspection({"s.conf": capped}), Place("s.conf", 2), "workers/memory-limit")
    assert text.startswith("workers/memory-limit judged 1 thing at s.conf:2, and it holds:\n")


def test_a_place_without_findings_says_what_holds() -> None:
    text = at(inspection({"s.conf": WORKER.replace("work", "work --memory=512")}), Place("s.conf", 2))
    assert text.startswith("s.conf:2: no finding here\n\nContent with this place:\n")
    assert "  workers/memory-limit: `php artisan queue:work` has `--memory=512`\n" in text


def test_a_line_that_nobody_judges_is_told_so() -> None:
    text = at(inspection({"a.sh": "ls\n\nls\n"}), Place("a.sh", 2))
    assert text == "a.sh:2: no finding here\nNo rule judges anything that begins at this line.\n"


def test_a_finding_without_a_course_has_no_mishaps() -> None:
    text = at(inspection({"s.conf": WORKER}), Place("s.conf", 2), "workers/memory-limit")
    assert "single mishaps" not in text
    assert "= fix: " in text
    assert "Why it matters:\n" in text


@pytest.mark.parametrize(
    ("path", "content", "comment"),
    [
        ("s.conf", WORKER, "; opslint: ignore["),
        ("deploy.sh", SCRIPT, None),  # of the script as a whole: its place is the first line, whatever that is
        (".github/workflows/deploy.yml", WORKFLOW, "# opslint: ignore["),
        ("composer.json", '{"require": {"laravel/framework": "^11"}}', None),
    ],
)
def test_what_silences_a_finding_silences_it(path: str, content: str, comment: str | None) -> None:
    """The comment and the exception are used as they are printed, with a reason, and the finding is gone."""
    seen = inspection({path: content})
    finding = next(each for each in seen.report.findings if each.span.path == path)
    lines = list(silencing(finding, seen.project.kinds[path]))
    exception = "\n".join(lines[lines.index("exceptions:") :])
    assert finding.rule not in {each.rule for each in inspection({path: content}, exception).report.findings}
    assert (comment is None) == (lines[0] == "exceptions:")
    if comment:
        assert lines[0].startswith(comment)
        written = content.splitlines()
        written.insert(finding.span.place[0] - 1, lines[0].replace(PLACEHOLDER, "nobody else uses this host"))
        found = inspection({path: "\n".join(written)}).report.findings
        assert finding.verdict.message not in {each.verdict.message for each in found}


def test_a_finding_that_is_accepted_says_where() -> None:
    entry = '- {path: "s.conf", rule: "workers/memory-limit", subject: "program:w", count: 1}\n'
    text = at(inspection({"s.conf": WORKER, ".opslint-accepted.yaml": entry}), Place("s.conf", 2))
    assert "\nIt is accepted at .opslint-accepted.yaml:1:3: `opslint check` leaves it out.\n" in text
