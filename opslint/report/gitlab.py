"""GitLab Code Quality: one issue per finding, none with another's fingerprint."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from opslint.finding import Finding, Report, Severity
from opslint.report import data
from opslint.report.safe import json_output, visible

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def render(report: Report) -> str:
    findings = data.by_place(report)
    named = zip(findings, data.fingerprints(findings), strict=True)
    return json_output(json.dumps([_issue(finding, *name) for finding, name in named], indent=2)) + "\n"


def _issue(finding: Finding, digest: str, occurrence: int) -> dict[str, Any]:
    line, column, end_line, end_column = finding.span.place
    return {
        "description": visible(data.sentence(finding)),
        "check_name": visible(finding.rule),
        "fingerprint": hashlib.sha256(f"{digest}:{occurrence}".encode()).hexdigest(),
        "severity": _SEVERITIES[finding.severity] if finding.decided else "info",
        "location": {
            "path": visible(finding.span.path),
            "positions": {
                "begin": {"line": line, "column": column},
                "end": {"line": end_line, "column": max(end_column - 1, 1)},
            },
            "lines": {"begin": line, "end": end_line},
        },
    }
