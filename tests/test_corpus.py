"""Real repositories: nothing crashes, every place lies in its file, and messages quote what stands there."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from opslint.files import Disk
from opslint.finding import Finding
from opslint.lint import lint
from opslint.policy import Policy

CORPUS = os.environ.get("OPSLINT_CORPUS", "")
FOLDERS = sorted(Path(CORPUS).iterdir()) if CORPUS else []


@pytest.mark.skipif(not FOLDERS, reason="OPSLINT_CORPUS names no folder of repositories")
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_real_repository(folder: Path) -> None:
    report = lint(Disk(folder), Policy(preset="strict"))
    assert report.complete, [f.verdict.message for f in report.findings if f.rule == "opslint/internal"]
    for finding in report.findings:
        source = finding.span.source
        assert 0 <= finding.span.start <= finding.span.end <= len(source.content)
        assert quotes_what_is_there(finding), f"{finding.span}: {finding.verdict.message}"


def quotes_what_is_there(finding: Finding) -> bool:
    """Whether something that the message quotes stands at the place or on its lines.

    What is absent is quoted too; then the place is the header, key or command that lacks it, and is the subject.
    """
    quoted = re.findall(r"`([^`]+)`", finding.verdict.message)
    said = {word for part in quoted for word in re.findall(r"[\w$-]+", part)}
    written, subject = finding.span.written, set(re.findall(r"[\w$-]+", finding.verdict.subject))
    if not said or not written or said & subject or finding.verdict.course:
        return True
    if written == "on" or subject & set(re.findall(r"[\w$-]+", written)):
        return True
    line, _, last, _ = finding.span.place
    there = " ".join(finding.span.source.line(number) for number in range(line, last + 1))
    return bool(said & set(re.findall(r"[\w$-]+", there)))
