"""The table that people draw by hand: what can go wrong in a deployment, and what state it leaves."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path

from opslint.files import Disk
from opslint.lint import open_project
from opslint.mask import Masks
from opslint.model.deployment import Deployment, deployments
from opslint.model.secret import secrets
from opslint.policy import Policy
from opslint.report.paper import Paper, shorten, wrap
from opslint.report.safe import html_code, json_output, markdown, markdown_words
from opslint.syntax.schema import did_you_mean
from opslint.views.outcomes import KINDS, Group, Row, grouped, outcomes
from opslint.views.screen import Screen


class NoDeploymentError(Exception):
    """Nothing to play through; says what there is."""


def render(
    path: str,
    root: Path,
    policy: Policy,
    *,
    job: str | None = None,
    mishaps: int = 1,
    kinds: tuple[str, ...] = KINDS,
    format_name: str = "text",
    color: bool = False,
    width: int = 100,
) -> str:
    """Every mishap of the deployments of a file. Raises NoDeploymentError where there is none."""
    found = _deployments(path, root, policy, job)
    told = [(each, *_hidden(each, *outcomes(each, mishaps, kinds))) for each in found]
    if format_name == "json":
        return json_output(json.dumps([_as_json(*each) for each in told], indent=2)) + "\n"
    screen = Screen(color=color, width=width)
    for number, (deployment, rows, left) in enumerate(told):
        title = f"{deployment.path}: {deployment.subject}"
        if format_name == "markdown":
            screen.markdown("\n".join([f"### {markdown_words(title)}\n", *_markdown(rows)]))
        else:
            screen.line(("\n" if number else "") + title, "bold")
            for group in grouped(rows):
                _tell(screen, deployment, group, Paper(width, "utf-8"))
        if left:
            screen.line(f"Not every course is here: {left}.")
    return screen.text


def folded(paths: Collection[str], root: Path, policy: Policy) -> Iterator[str]:
    """For each deployment of those files, its table in Markdown, folded away under a line that names it."""
    for deployment in deployments(open_project(Disk(root), policy)):
        if deployment.path in paths:
            rows, left = _hidden(deployment, *outcomes(deployment))
            title = f"{html_code(deployment.path)}: {html_code(deployment.subject)}, {len(rows) - 1} mishaps"
            missing = [f"Not every course is here: {markdown(left)}.\n"] if left else []
            yield "\n".join([f"<details><summary>{title}</summary>\n", *_markdown(rows), "", *missing, "</details>"])


def _hidden(deployment: Deployment, rows: tuple[Row, ...], left: str) -> tuple[tuple[Row, ...], str]:
    return Masks(secrets(deployment.project)).hide(rows), left


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


def _tell(screen: Screen, deployment: Deployment, group: Group, paper: Paper) -> None:
    """The commands, a line each, then what each mishap at them comes to."""
    screen.line("")
    for span, text in group.heads:
        place = str(span.place[0])
        screen.line(f"{place:>4}  {shorten(paper, text, paper.width - 6)}", "cyan")
    for row in group.rows:
        site = _site(row)
        back = ", and it is rolled back" if row.rolled_back else ""
        ended = " or ".join(_ENDED.get(word, word) for word in row.result.split(" or "))
        what = "the job" if deployment.job is not None else "the script"
        screen.line(f"      {row.how}: {what} {ended}{back}")
        for name, said in (("then", ", ".join(row.then) or "nothing more"), ("site", site)):
            first, *rest = wrap(paper, said, paper.width - 14)
            screen.line(f"        {name}  {first}")
            for line in rest:
                screen.line(f"              {line}")


_ENDED = {"success": "succeeds", "failure": "fails", "cancelled": "is cancelled", "skipped": "is skipped"}


def _site(row: Row) -> str:
    return ", ".join(f"{thing} {state}" for thing, state in row.site) or "untouched"


def _cells(row: Row) -> tuple[str, ...]:
    line = str(row.place.place[0]) if row.place is not None else ""
    back = "yes" if row.rolled_back else "no"
    return row.mishap, line, ", ".join(row.then) or "nothing", _site(row), back, row.result


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
                "place": str(row.place) if row.place is not None else "",
                "then": list(row.then),
                "site": dict(row.site),
                "rolled_back": row.rolled_back,
                "result": row.result,
            }
            for row in rows
        ],
    }
