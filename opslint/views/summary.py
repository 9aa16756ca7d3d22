"""The summary of a job in Markdown: findings, their stories, and what the deployments leave behind."""

from __future__ import annotations

from pathlib import Path

from opslint.finding import Report
from opslint.policy import Policy
from opslint.report import markdown
from opslint.views import simulate


def render(report: Report, root: Path, policy: Policy) -> str:
    """The report, with a table of every mishap for each deployment that a finding tells a course of."""
    courses = [finding.verdict.course for finding in report.findings if finding.verdict.course]
    paths = {finding.span.path for finding in report.findings if finding.verdict.course}
    paths |= {event.span.path for course in courses for event in course.events}
    return markdown.render(report, tuple(simulate.folded(paths, root, policy)) if paths else ())
