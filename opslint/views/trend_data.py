"""The trend for machines: JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from opslint.model.history import Point
from opslint.model.trend import Trend, day, groups
from opslint.report.safe import json_output, visible


def to_json(trend: Trend) -> str:
    """Everything: a point for each commit that touched a configuration, with all its groups."""
    found = trend.pace
    data: dict[str, Any] = {
        "schema": "opslint-trend/1",
        "errors": trend.last.tally.errors,
        "pace": {"errors_per_week": round(found.per_week, 3), "days": found.days} if found else None,
        "zero": str(found.zero) if found and found.zero else None,
        "shallow": trend.history.is_shallow,
        "points": [_point(point) for point in trend.points],
    }
    return json_output(json.dumps(data, indent=2)) + "\n"


def _point(point: Point) -> dict[str, Any]:
    return {
        "commit": point.commit.id,
        "date": str(day(point)),
        "subject": visible(point.commit.subject),
        "errors": point.tally.errors,
        "entries": point.tally.entries,
        "unbounded": point.tally.unbounded,
        "levels": list(point.levels),
        "identifiers": {visible(name): count for name, count in sorted(point.tally.identifiers.items())},
        "folders": {visible(name): count for name, count in sorted(point.tally.folders.items())},
    }


def to_csv(trend: Trend) -> str:
    """A row for each number: date, commit, what it is the number of, errors."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("date", "commit", "by", "name", "errors"))
    for point in trend.points:
        head = (str(day(point)), point.commit.id)
        writer.writerow((*head, "total", "", point.tally.errors))
        for kind in ("identifier", "folder"):
            for name, count in sorted(groups(point, kind).items()):
                writer.writerow((*head, kind, _cell(name), count))
    return stream.getvalue()


def _cell(text: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    shown = visible(text)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@")) else shown
