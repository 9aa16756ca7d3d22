"""Real repositories: every file can be drawn, every finding and every silence explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from opslint.files import Disk
from opslint.policy import Policy
from opslint.report.paper import Paper, text_width
from opslint.report.text import drawn
from opslint.views.drawing import draw
from opslint.views.explain_file import file_rows
from opslint.views.explain_place import tell_rule_at
from opslint.views.inspection import Inspection, Place
from opslint.views.screen import Screen
from opslint.views.why_not import why_not
from tests.test_corpus import FOLDERS

PAPER = Paper(100)


@pytest.mark.skipif(not FOLDERS, reason="OPSLINT_CORPUS names no folder of repositories")
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_real_repository_is_explained(folder: Path) -> None:
    seen = Inspection(Disk(folder), Policy(preset="strict"))
    for path, kind in seen.project.kinds.items():
        rows = tuple(file_rows(seen.project, path, kind))
        text = drawn(list(draw(rows, PAPER)), color=False)
        assert all(text_width(PAPER, line) <= PAPER.width for line in text.splitlines())
        assert len(text.splitlines()) >= len(rows)
    for finding in seen.report.findings:
        if finding.rule in seen.rules:
            screen = Screen(color=False, width=100)
            tell_rule_at(screen, seen, finding.rule, Place(finding.span.path, finding.span.place[0]))
            assert finding.rule in screen.text
    for rule in seen.rules.values():
        first, *_ = why_not(seen, rule, None)
        assert first.startswith(rule.id)
