"""Versions of PHP: how long each gets fixes, and which of them a requirement of composer.json allows."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TypeAlias

Version: TypeAlias = tuple[int, int, int]
Minor: TypeAlias = tuple[int, int]
Interval: TypeAlias = tuple[Version, Version]  # the second is the first that is no longer allowed

_END: Version = (1_000, 0, 0)
_BOUND = re.compile(r"(?P<sign>\^|~|>=|>|<=|<|==|=|!=|)\s*v?(?P<number>\d+(?:\.(?:\d+|[xX*]))*|\*)(?:[-@+][\w.]+)?")


@dataclass(frozen=True, slots=True)
class Release:
    """A minor version, and the last days on which it gets fixes: of any kind, and of security holes."""

    minor: Minor
    active_until: datetime.date
    security_until: datetime.date


@dataclass(frozen=True, slots=True)
class Table:
    """What php.net said on a day. The linter asks that day, not today: what it finds changes with its version alone."""

    as_of: datetime.date
    releases: tuple[Release, ...]  # the oldest first

    @property
    def newest(self) -> Minor:
        return self.releases[-1].minor

    @property
    def lowest_active(self) -> Minor:
        return next(each.minor for each in self.releases if each.active_until >= self.as_of)

    def release(self, minor: Minor) -> Release | None:
        return next((each for each in self.releases if each.minor == minor), None)

    def is_supported(self, minor: Minor) -> bool:
        """Whether a version gets security fixes; one that is newer than the table does."""
        known = self.release(minor)
        return minor > self.newest if known is None else known.security_until >= self.as_of


@cache
def table() -> Table:
    """The table of the package."""
    data = json.loads(resources.files("opslint.model").joinpath("php-versions.json").read_text("utf-8"))
    day = datetime.date.fromisoformat
    return Table(
        day(data["as-of"]),
        tuple(
            Release(minor_of(each["version"]), day(each["active-until"]), day(each["security-until"]))
            for each in data["releases"]
        ),
    )


def minor_of(written: str) -> Minor:
    major, _, rest = written.partition(".")
    return int(major), int(rest.partition(".")[0] or 0)


def told(minor: Minor) -> str:
    return f"{minor[0]}.{minor[1]}"


# -- requirements -----------------------------------------------------------------------------------------------------


def allowed(requirement: str) -> tuple[Interval, ...]:
    """What a requirement allows, the lowest first; nothing where it cannot be read.

    >>> allowed("^8.1 || 7.4.*")
    (((7, 4, 0), (7, 5, 0)), ((8, 1, 0), (9, 0, 0)))
    """
    found = [_alternative(each) for each in re.split(r"\s*\|\|?\s*", requirement.strip())]
    return tuple(sorted(each for each in found if each is not None and each[0] < each[1])) if all(found) else ()


def allows(intervals: tuple[Interval, ...], low: Version, high: Version) -> bool:
    """Whether some version from `low` on and before `high` is allowed."""
    return any(start < high and low < end for start, end in intervals)


def _alternative(written: str) -> Interval | None:
    hyphen = re.fullmatch(r"v?([\d.]+)\s+-\s+v?([\d.]+)", written.strip())
    if hyphen:
        return _padded(hyphen[1]), _after(hyphen[2])
    rest = _BOUND.sub("", written).strip(" ,")
    bounds = list(_bounds(written))
    if rest or not bounds:
        return None
    return max(low for low, _ in bounds), min(high for _, high in bounds)


def _bounds(written: str) -> Iterator[Interval]:
    for match in _BOUND.finditer(written):
        sign, number = match["sign"], match["number"]
        low = _padded(number)
        match sign:
            case "^":
                yield low, (low[0] + 1, 0, 0)
            case "~":
                yield low, (low[0], low[1] + 1, 0) if number.count(".") > 1 else (low[0] + 1, 0, 0)
            case ">=":
                yield low, _END
            case ">":
                yield (low[0], low[1], low[2] + 1), _END
            case "<":
                yield (0, 0, 0), low
            case "<=":
                yield (0, 0, 0), (low[0], low[1], low[2] + 1)
            case "!=":
                yield (0, 0, 0), _END  # one patch that is left out leaves its minor version
            case _ if number == "*":
                yield (0, 0, 0), _END
            case _ if re.search(r"[xX*]", number):
                yield low, _after(re.sub(r"\.[xX*].*", "", number))
            case _:
                yield low, (low[0], low[1], low[2] + 1)


def _padded(number: str) -> Version:
    parts = [int(each) for each in re.findall(r"\d+", number)[:3]]
    major, minor, patch = (*parts, 0, 0, 0)[:3]
    return major, minor, patch


def _after(number: str) -> Version:
    """The first version that is no longer one of `8`, `8.1` or `8.1.2`."""
    low = _padded(number)
    dots = number.count(".")
    return (low[0] + 1, 0, 0) if dots == 0 else (low[0], low[1] + 1, 0) if dots == 1 else (low[0], low[1], low[2] + 1)
