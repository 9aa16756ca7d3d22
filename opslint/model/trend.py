"""What a history of baselines tells: when they grew, their pace, when they would be empty."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass

from opslint.model.history import History, Point

_WINDOW = 90 * 86_400  # seconds: what counts as lately
_LEAST = 7 * 86_400  # seconds of history without which there is no pace
_FARTHEST = 50 * 365.25 * 86_400  # seconds: beyond it nobody would believe a date


@dataclass(frozen=True, slots=True)
class Step:
    """A commit that changed the number of errors."""

    point: Point
    by: int


@dataclass(frozen=True, slots=True)
class Pace:
    per_week: float  # errors; negative where it shrinks
    days: int  # over how many
    zero: datetime.date | None  # when it would be empty, at this pace; None where it would not


def day(point: Point) -> datetime.date:
    """The date of a commit, in UTC."""
    try:
        return datetime.datetime.fromtimestamp(point.commit.date, datetime.UTC).date()
    except (OverflowError, ValueError, OSError):  # git keeps any number that a commit claims
        return datetime.date(1970, 1, 1)


def steps(points: tuple[Point, ...]) -> tuple[Step, ...]:
    """Every commit that made it larger or smaller; the first one made it as large as it was."""
    found = []
    before = 0
    for point in points:
        if point.tally.errors != before:
            found.append(Step(point, point.tally.errors - before))
        before = point.tally.errors
    return tuple(found)


def pace(points: tuple[Point, ...]) -> Pace | None:
    """The pace of the last 90 days, or of all there is; None for too short a history."""
    written = [number for number, point in enumerate(points) if point.tally.errors]
    if not written:
        return None
    since = points[written[0] :]
    last = since[-1]
    start = max(last.commit.date - _WINDOW, since[0].commit.date)
    seconds = last.commit.date - start
    if seconds < _LEAST:
        return None
    before = next(point for point in reversed(since) if point.commit.date <= start)
    by = (last.tally.errors - before.tally.errors) / seconds
    left = last.tally.errors / -by if by < 0 else _FARTHEST + 1
    zero = day(last) + datetime.timedelta(seconds=left) if 0 < left <= _FARTHEST else None
    return Pace(by * 7 * 86_400, round(seconds / 86_400), zero)


@dataclass(frozen=True)
class Trend:
    """A history with what it tells."""

    history: History
    steps: tuple[Step, ...]
    pace: Pace | None

    @property
    def points(self) -> tuple[Point, ...]:
        return self.history.points

    @property
    def last(self) -> Point:
        return self.points[-1]

    @property
    def grown(self) -> list[Step]:
        """When it grew, the first writing of it aside."""
        return [step for step in self.steps[1:] if step.by > 0]

    def samples(self, kind: str = "", name: str = "") -> list[tuple[int, int]]:
        """Seconds since 1970 with the number of errors then; they never go back, whatever a commit claims."""
        found: list[tuple[int, int]] = []
        for point in self.points:
            value = point.tally.errors if not kind else groups(point, kind)[name]
            found.append((max(point.commit.date, found[-1][0] if found else 0), value))
        return found


def groups(point: Point, kind: str) -> Counter[str]:
    """The errors after a commit by `identifier` or by `folder`."""
    return point.tally.identifiers if kind == "identifier" else point.tally.folders


def named(kind: str, name: str) -> str:
    """A group's name for people."""
    return name or {"identifier": "(no identifier)", "folder": "(no folder)"}[kind]


def largest(trend: Trend, kind: str) -> list[tuple[str, int, int]]:
    """Groups with their errors now and at first: the largest now, then those that went."""
    first, last = groups(trend.points[0], kind), groups(trend.last, kind)
    rows = [(name, last[name], first[name]) for name in {**last, **first}]
    return sorted(rows, key=lambda each: (-each[1], -each[2], each[0]))
