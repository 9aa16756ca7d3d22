"""Checkstyle's XML, for the many tools that read it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import groupby

from opslint.finding import Report, Severity
from opslint.report import data
from opslint.report.safe import visible

_SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}


def render(report: Report) -> str:
    root = ET.Element("checkstyle", version="4.3")
    for path, findings in groupby(data.by_place(report), key=lambda finding: finding.span.path):
        file = ET.SubElement(root, "file", name=visible(path))
        for finding in findings:
            line, column, _, _ = finding.span.place
            ET.SubElement(
                file,
                "error",
                line=str(line),
                column=str(column),
                severity=_SEVERITIES[finding.severity] if finding.decided else "info",
                message=visible(data.sentence(finding)),
                source=visible(f"opslint.{finding.rule}"),
            )
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
