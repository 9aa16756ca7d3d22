"""The list of files: what is linted as what and why, and why the others are not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from opslint.files import Disk
from opslint.lint import open_project
from opslint.policy import Policy
from opslint.report import data
from opslint.report.safe import json_output, opening, visible
from opslint.views.files_data import Row, rows
from opslint.views.screen import Screen

FORMATS = ("text", "json")
_PLACES = 2  # that lead to a file, before the rest is counted
_WIDEST = 60  # columns for paths
_ALIKE = 3  # files of a folder about which the same is said, before they become one line


def listed(root: Path, policy: Policy, only: tuple[str, ...] | None, *, everything: bool) -> tuple[Row, ...]:
    """The rows of a project, sorted by path."""
    disk = Disk(root)
    found = rows(disk, open_project(disk, policy), policy, only, everything=everything)
    return tuple(sorted(found, key=lambda row: row.path))


def render(found: tuple[Row, ...], format_name: str, *, everything: bool, color: bool, width: int) -> str:
    if format_name == "json":
        shape = {"schema": "opslint-files/1", "files": [_shape(row) for row in found]}
        return json_output(json.dumps(shape, indent=2)) + "\n"
    screen = Screen(color=color, width=width)
    several = len({row.application for row in found if row.application is not None}) > 1
    lines = [_cells(row, several) for row in found] if not everything else list(_folded(found, several))
    columns = [min(max((len(line[index]) for line in lines), default=0), _WIDEST) for index in (0, 1)]
    for path, kind, why in lines:
        line = opening(f"{path:<{columns[0]}}  {kind:<{columns[1]}}  {why}")
        screen.line(line, "" if kind != "-" else "dim")
    linted = data.number(sum(row.kind is not None for row in found), "file")
    rest = "" if everything else "; `opslint files --all` says why others are not"
    screen.line(f"\n{linted} linted{rest}.")
    return screen.text


def _cells(row: Row, several: bool) -> tuple[str, str, str]:
    said = [visible(row.because)]
    if row.place is not None:
        said[0] += f" ({visible(str(row.place))})"
    if row.reached_from:
        places = [visible(str(span)) for span in row.reached_from[:_PLACES]]
        more = len(row.reached_from) - len(places)
        said.append(f"reached from {', '.join(places)}" + (f" and {more} more" if more else ""))
    if several and row.application is not None:
        said.append(f"application `{visible(row.application)}`")
    return visible(row.path), row.kind or "-", "; ".join(said)


def _folded(found: Iterable[Row], several: bool) -> Iterator[tuple[str, str, str]]:
    """The lines of all files; those about which nothing particular is said are counted by their outermost folder."""
    rows = list(found)
    alike = Counter(_likeness(row) for row in rows if _is_plain(row))
    told = set()
    for row in rows:
        likeness = _likeness(row)
        if not _is_plain(row) or alike[likeness] <= _ALIKE:
            yield _cells(row, several)
        elif likeness not in told:
            told.add(likeness)
            yield f"{visible(likeness[0])} ({alike[likeness]} files)", *_cells(row, False)[1:]


def _likeness(row: Row) -> tuple[str, str]:
    folder, slash, _ = row.path.partition("/")
    return (f"{folder}/" if slash else "./", row.because)


def _is_plain(row: Row) -> bool:
    return row.kind is None and not row.reached_from and not row.path.endswith("/")


def _shape(row: Row) -> dict[str, Any]:
    return {
        "path": visible(row.path),
        "linted": row.kind is not None,
        "kind": row.kind,
        "because": visible(row.because),
        "place": data.place(row.place) if row.place is not None else None,
        "application": visible(row.application) if row.application is not None else None,
        "reached_from": [data.place(span) for span in row.reached_from],
    }
