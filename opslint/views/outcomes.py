"""What each mishap makes of a deployment: what still happens, the site, the job's result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from opslint.model.deployment import PRODUCTION_ACTS, Deployment
from opslint.simulation.deploy import place_of, program_of
from opslint.simulation.explore import runs
from opslint.simulation.property import RESTORES
from opslint.simulation.run import MISHAPS, Run
from opslint.source import Span

KINDS = ("failure", "cancel", "timeout", "lost", "setup")  # what can go wrong, losing the runner too
EVERY_KIND = tuple(MISHAPS)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that can go wrong, and what comes of it."""

    what: str  # the command, step or job; empty where nothing goes wrong
    how: str  # "fails", "is cancelled"
    place: Span | None
    then: tuple[str, ...]  # the acts that still happen
    site: tuple[tuple[str, str], ...]  # (thing, its state)
    rolled_back: bool
    result: str  # of the job: success, failure, cancelled

    @property
    def mishap(self) -> str:
        return f"`{self.what}` {self.how}" if self.what else "nothing"

    @property
    def consequences(self) -> object:
        return self.then, self.site, self.rolled_back, self.result


@dataclass(frozen=True, slots=True)
class Group:
    """Commands, one after the other, at which the same mishaps have the same consequences."""

    heads: tuple[tuple[Span, str], ...]  # where each is, and its text; none where nothing goes wrong
    rows: tuple[Row, ...]  # of one of them; `how` names all the mishaps that end alike


def outcomes(
    deployment: Deployment, mishaps: int = 1, kinds: tuple[str, ...] = KINDS
) -> tuple[tuple[Row, ...], str]:
    """One row for each mishap, in the order of the file, the calm course first; and why some are missing, if so."""
    program = program_of(deployment.project, deployment)
    played, left = runs(program, PRODUCTION_ACTS, mishaps, kinds)
    return _merged(_row(deployment, run) for run in played), left


def grouped(rows: Iterable[Row]) -> tuple[Group, ...]:
    """The same, each consequence told once: what ends alike at one place, and places in a row where all ends alike."""
    found: list[Group] = []
    by_place: dict[tuple[Span | None, str], list[Row]] = {}
    for row in rows:
        by_place.setdefault((row.place, row.what), []).append(row)
    for (place, what), here in by_place.items():
        alike: dict[object, list[Row]] = {}
        for row in here:
            alike.setdefault(row.consequences, []).append(row)
        told = tuple(replace(same[0], how=_listed([row.how for row in same])) for same in alike.values())
        heads = ((place, what),) if place is not None else ()
        if found and heads and found[-1].heads and _said(found[-1].rows) == _said(told):
            found[-1] = Group((*found[-1].heads, *heads), told)
        else:
            found.append(Group(heads, told))
    return tuple(found)


def _said(rows: tuple[Row, ...]) -> list[object]:
    return [(row.how, row.consequences) for row in rows]


def _listed(words: list[str]) -> str:
    return " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]


def _row(deployment: Deployment, run: Run) -> Row:
    happenings, wrong = run.happenings, run.mishaps[0][0] if run.mishaps else None
    after = happenings[happenings.index(wrong) + 1 :] if wrong is not None else happenings
    acts = tuple(dict.fromkeys(each.act for each in after if each.act is not None and each.outcome != "skipped"))
    result = run.results.get(deployment.job.id, run.status) if deployment.job is not None else run.status
    return Row(
        what=wrong.text if wrong is not None else "",
        how=run.mishap.removeprefix(f"`{wrong.text}` ") if wrong is not None else "nothing goes wrong",
        place=place_of(deployment, wrong) if wrong is not None else None,
        then=acts,
        site=tuple(run.site.items()),
        rolled_back=any(act in RESTORES for act in acts),
        result=result,
    )


def _merged(rows: Iterable[Row]) -> tuple[Row, ...]:
    """One row for each mishap; what differs by an assumption is told as `or`."""
    groups: dict[tuple[str, Span | None, bool], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.mishap, row.place, row.rolled_back), []).append(row)
    merged = [_union(same) for same in groups.values()]
    order = [MISHAPS[kind] for kind in EVERY_KIND]
    return tuple(sorted(merged, key=lambda row: (_position(row.place), row.what, _rank(row.how, order))))


def _position(place: Span | None) -> tuple[str, int]:
    return (place.path, place.start) if place is not None else ("", -1)


def _rank(how: str, order: list[str]) -> int:
    return next((number for number, words in enumerate(order) if how.startswith(words)), len(order))


def _union(same: list[Row]) -> Row:
    states: dict[str, dict[str, None]] = {}
    for row in same:
        for thing, state in row.site:
            states.setdefault(thing, {})[state] = None
    site = tuple((thing, " or ".join(found)) for thing, found in states.items())
    then = tuple(dict.fromkeys(act for row in same for act in row.then))
    result = " or ".join(dict.fromkeys(row.result for row in same))
    return replace(same[0], then=then, site=site, result=result)
