"""The table that people draw by hand: what can go wrong in a deployment, and what state it leaves."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from opslint.files import Disk
from opslint.lint import open_project
from opslint.mask import Masks
from opslint.model.deployment import PRODUCTION_ACTS, Deployment, deployments
from opslint.model.secret import secrets
from opslint.policy import Policy
from opslint.report.safe import html_code, json_output, markdown, markdown_words
from opslint.simulation.deploy import place_of, program_of
from opslint.simulation.explore import runs
from opslint.simulation.property import RESTORES
from opslint.simulation.run import Run
from opslint.syntax.schema import did_you_mean
from opslint.views.screen import Screen


class NoDeploymentError(Exception):
    """Nothing to play through; says what there is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that can go wrong, and what comes of it."""

    mishap: str
    place: str
    then: tuple[str, ...]  # the acts that still happen
    site: tuple[tuple[str, str], ...]  # (thing, its state)
    rolled_back: bool
    result: str  # of the job: success, failure, cancelled


def render(path: str, root: Path, policy: Policy, *, job: str | None, format_name: str, color: bool, width: int) -> str:
    """Every single mishap of the deployments of a file. Raises NoDeploymentError where there is none."""
    found = _deployments(path, root, policy, job)
    if format_name == "json":
        return json_output(json.dumps([_as_json(each, *_rows(each)) for each in found], indent=2)) + "\n"
    screen = Screen(color=color, width=width)
    for deployment in found:
        rows, left = _rows(deployment)
        title = f"{deployment.path}: {deployment.subject}"
        if format_name == "markdown":
            screen.markdown("\n".join([f"### {markdown_words(title)}\n", *_markdown(rows)]))
        else:
            screen.line(title, "bold")
            screen.table(
                ("what goes wrong", "where", "what still happens", "the site", "rolled back", "job"), map(_cells, rows)
            )
        if left:
            screen.line(f"Not every course is here: {left}.")
    return screen.text


def folded(paths: Collection[str], root: Path, policy: Policy) -> Iterator[str]:
    """For each deployment of those files, its table in Markdown, folded away under a line that names it."""
    for deployment in deployments(open_project(Disk(root), policy)):
        if deployment.path in paths:
            rows, left = _rows(deployment)
            title = f"{html_code(deployment.path)}: {html_code(deployment.subject)}, {len(rows) - 1} mishaps"
            head = f"<details><summary>{title}</summary>\n"
            yield "\n".join([head, *_markdown(rows), "", *_told(left), "</details>"])


def _told(left: str) -> Iterator[str]:
    if left:
        yield f"Not every course is here: {markdown(left)}.\n"


def _deployments(path: str, root: Path, policy: Policy, job: str | None) -> tuple[Deployment, ...]:
    project = open_project(Disk(root), policy)
    there = deployments(project)
    found = tuple(each for each in there if each.path == path and (job is None or each.subject == f"jobs.{job}"))
    if found:
        return found
    if job is not None and any(each.path == path for each in there):
        jobs = [each.subject.removeprefix("jobs.") for each in there if each.path == path]
        raise NoDeploymentError(
            f"`{job}` is no deployment of {path}; there are {', '.join(jobs)}{did_you_mean(job, jobs)}"
        )
    others = ", ".join(dict.fromkeys(each.path for each in there)) or "none"
    raise NoDeploymentError(f"{path} holds no deployment; those of this project: {others}")


def _rows(deployment: Deployment) -> tuple[tuple[Row, ...], str]:
    """One row for each mishap, the calm course first."""
    program = program_of(deployment.project, deployment)
    played, left = runs(program, PRODUCTION_ACTS)
    rows = _merged(_row(deployment, run) for run in played)
    return Masks(secrets(deployment.project)).hide(rows), left


def _row(deployment: Deployment, run: Run) -> Row:
    wrong = [
        number
        for number, each in enumerate(run.happenings)
        if each.kind == "command" and (each.outcome in ("failed", "cancelled") or each.because)
    ]
    after = run.happenings[wrong[0] + 1 :] if wrong else run.happenings
    acts = tuple(dict.fromkeys(each.act for each in after if each.act is not None and each.outcome != "skipped"))
    result = run.results.get(deployment.job.id, run.status) if deployment.job is not None else run.status
    return Row(
        mishap=run.mishap or "nothing",
        place=str(place_of(deployment, run.happenings[wrong[0]])) if wrong else "",
        then=acts,
        site=tuple(run.site.items()),
        rolled_back=any(act in RESTORES for act in acts),
        result=result,
    )


def _merged(rows: Iterable[Row]) -> tuple[Row, ...]:
    """One row for each mishap, in the order of the file; what differs by an assumption is told as `or`."""
    groups: dict[tuple[str, str, bool], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.mishap, row.place, row.rolled_back), []).append(row)
    merged = [_union(same) for same in groups.values()]
    return tuple(sorted(merged, key=lambda row: (bool(row.place), _line(row), row.mishap.rpartition("`")[2])))


def _union(same: list[Row]) -> Row:
    states: dict[str, dict[str, None]] = {}
    for row in same:
        for thing, state in row.site:
            states.setdefault(thing, {})[state] = None
    site = tuple((thing, " or ".join(found)) for thing, found in states.items())
    then = tuple(dict.fromkeys(act for row in same for act in row.then))
    result = " or ".join(dict.fromkeys(row.result for row in same))
    return Row(same[0].mishap, same[0].place, then, site, same[0].rolled_back, result)


def _line(row: Row) -> tuple[int, int]:
    _, _, place = row.place.rpartition(":")
    line = row.place.rpartition(":")[0].rpartition(":")[2]
    return (int(line), int(place)) if row.place else (0, 0)


def _cells(row: Row) -> tuple[str, ...]:
    site = ", ".join(f"{thing} {state}" for thing, state in row.site) or "untouched"
    line = str(_line(row)[0]) if row.place else ""
    return row.mishap, line, ", ".join(row.then) or "nothing", site, "yes" if row.rolled_back else "no", row.result


def _markdown(rows: tuple[Row, ...]) -> Iterator[str]:
    yield "| what goes wrong | line | what still happens | the site | rolled back | job |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        yield "| " + " | ".join(markdown(cell) for cell in _cells(row)) + " |"


def _as_json(deployment: Deployment, rows: tuple[Row, ...], left: str) -> dict[str, object]:
    return {
        "path": deployment.path,
        "subject": deployment.subject,
        "left": left,
        "rows": [
            {
                "mishap": row.mishap,
                "place": row.place,
                "then": list(row.then),
                "site": dict(row.site),
                "rolled_back": row.rolled_back,
                "result": row.result,
            }
            for row in rows
        ],
    }
