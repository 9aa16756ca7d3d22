"""The screens a person reads, whole, and what each mode leaves out or adds."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from opslint.finding import Edit, Fix, Note, Severity
from opslint.report import text
from opslint.source import Source, nowhere
from tests.report.samples import NO_BASE, NO_MEMORY, STAYS_DOWN, USUAL, finding, report

GOLDEN = Path(__file__).parent / "golden"
SCREENS = {
    "usual-60": {"width": 60},
    "usual-80": {"width": 80},
    "usual-120": {"width": 120},
    "verbose-100": {"width": 100, "verbose": True},
    "quiet": {"quiet": True},
    "statistics-80": {"width": 80, "statistics": True},
    "quiet-statistics": {"quiet": True, "statistics": True},
    "ascii-80": {"width": 80, "encoding": "ascii"},
}


@pytest.mark.parametrize("name", SCREENS)
def test_screens(name: str) -> None:
    """Written anew where OPSLINT_WRITE_GOLDEN is set; then read the diff."""
    shown = text.render(USUAL, **SCREENS[name])
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("OPSLINT_WRITE_GOLDEN"):
        path.write_text(shown, "utf-8")
    assert shown == path.read_text("utf-8")


def test_color_changes_no_character() -> None:
    colored = text.render(USUAL, color=True, width=80)
    assert "\x1b[1;31merror" in colored
    plain = re.sub("\x1b\\[[0-9;]*m", "", colored)
    assert [line.rstrip() for line in plain.splitlines()] == text.render(USUAL, width=80).splitlines()


def test_the_name_of_a_rule_is_a_link_to_its_page_on_a_terminal_alone() -> None:
    page = "https://opslint.github.io/opslint/rules/workers/memory-limit/"
    linked = text.render(report(NO_MEMORY), color=True, links=True)
    assert f"\x1b]8;;{page}\x1b\\workers/memory-limit\x1b]8;;\x1b\\" in linked.replace("\x1b[35m", "").replace("\x1b[0m", "")
    assert re.sub("\x1b\\]8;;.*?\x1b\\\\", "", linked) == text.render(report(NO_MEMORY), color=True)
    assert "\x1b" not in text.render(report(NO_MEMORY), links=True)


def test_no_color_of_the_environment_is_the_callers_to_obey(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" in text.render(USUAL, color=True)


def test_rich_comes_only_with_color() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from tests.report.samples import USUAL; from opslint.report import text; text.render(USUAL);"
        "assert 'rich' not in sys.modules; text.render(USUAL, color=True); assert 'rich' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_what_is_nowhere_has_no_frame() -> None:
    shown = text.render(report(NO_BASE), width=80)
    assert shown.splitlines()[:4] == [
        "note opslint/undecided  the base revision is not in this clone",
        "  --> .",
        "   = note: phpstan/baseline-never-grows waits for it",
        "   = to decide it: set `fetch-depth: 0` on `actions/checkout`",
    ]
    assert "│" not in shown


def test_an_empty_file_has_a_path_and_no_frame() -> None:
    shown = text.render(report(finding("opslint/parse", Severity.ERROR, nowhere("composer.json"), "is empty")))
    assert "  --> composer.json\n" in shown
    assert "│" not in shown


def test_a_rule_of_a_team_that_is_undecided_says_so() -> None:
    source = Source("a.conf", "x\n")
    shown = text.render(report(finding("team/rule", Severity.ERROR, source.span(0, 1), "m", hint="h")))
    assert shown.startswith("error (undecided) team/rule  m\n")


def test_nothing_found() -> None:
    assert text.render(report()) == "12 files, 45 rules: nothing found\n"
    assert text.render(replace(report(), suppressed=2)) == "12 files, 45 rules: nothing found, 2 suppressed\n"
    assert text.render(report(), quiet=True) == ""


def test_an_incomplete_run_says_so_even_when_quiet() -> None:
    for quiet in (False, True):
        assert text.render(report(complete=False), quiet=quiet).startswith("incomplete: ")


def test_one_of_each_is_singular() -> None:
    shown = text.render(replace(report(NO_MEMORY), files=1, rules=1), width=200)
    last = "1 file, 1 rule: 1 warning; 1 fixable (1 safe); read more: `opslint explain workers/memory-limit`\n"
    assert shown.endswith(last)


def test_the_closing_line_names_the_worst_rule() -> None:
    assert text.render(USUAL, width=200).endswith("`opslint explain deploy/maintenance-always-ends`\n")


def test_a_course_told_before_is_told_once_and_in_full_when_verbose() -> None:
    usual = text.render(report(STAYS_DOWN, STAYS_DOWN), width=100)
    assert usual.count("php artisan config:cache ") == 1
    assert "1-4 as 1-4 of deploy/maintenance-always-ends above" in usual
    assert usual.count("it ends with maintenance on") == 2
    assert text.render(report(STAYS_DOWN, STAYS_DOWN), width=100, verbose=True).count("php artisan config:cache ") == 2


def test_courses_that_end_differently_are_both_told() -> None:
    course = STAYS_DOWN.verdict.course
    assert course
    last = replace(course.events[-1], because="something else")
    other = replace(course, events=(*course.events[:-1], last))
    second = replace(STAYS_DOWN, verdict=replace(STAYS_DOWN.verdict, course=other))
    assert " above" not in text.render(report(STAYS_DOWN, second), width=100)


def test_a_fix_in_another_file_names_it() -> None:
    here, there = Source("a.conf", "x\n"), Source("b.conf", "y\n")
    fix = Fix("change it", (Edit(there.span(0, 1), "z"),), False)
    shown = text.render(report(finding("a/b", Severity.ERROR, here.span(0, 1), "m", fix=fix)))
    assert "   = fix: change it (unsafe)\n  --> b.conf:1\n 1 - y\n 1 + z\n" in shown


def test_the_two_lines_of_a_long_edit_are_cut_at_the_same_character() -> None:
    source = Source("a.conf", "command=" + "a" * 90 + " --end\n")
    at = len(source.content) - 1
    fix = Fix("add", (Edit(source.span(at), " --memory=512"),), True)
    shown = text.render(report(finding("a/b", Severity.ERROR, source.span(0, 7), "m", fix=fix)), width=60).splitlines()
    gone, come = (line for line in shown if line.startswith((" 1 - ", " 1 + ")))
    assert come == gone.replace(" - ", " + ") + " --memory=512"
    assert len(come) <= 60


def test_many_places_are_cut_and_counted() -> None:
    source = Source("a.conf", "x\n" * 100)
    notes = tuple(Note(source.span(2 * number), "here") for number in range(50))
    many = report(finding("a/b", Severity.ERROR, source.span(0, 1), "m", notes=notes))
    usual = text.render(many)
    assert usual.count("- here") == 20
    assert "= note: 30 more places, shown by -v" in usual
    assert text.render(many, verbose=True).count("- here") == 50


def test_a_long_diff_is_cut_and_counted() -> None:
    source = Source("a.conf", "x\n" * 100)
    fix = Fix("rewrite", (Edit(source.span(0, 200), "y\n" * 100),), False)
    many = report(finding("a/b", Severity.ERROR, source.span(0, 1), "m", fix=fix))
    assert "… 176 more lines, shown by -v" in text.render(many)
    assert text.render(many, verbose=True).count(" + y") == 100


def test_a_terminal_too_narrow_to_read_is_taken_for_forty_columns() -> None:
    assert text.render(USUAL, width=5) == text.render(USUAL, width=40) != text.render(USUAL, width=41)
