"""Which major versions of a package an application may have, and which of them know an option."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opslint.syntax.tree import Scalar

if TYPE_CHECKING:
    from opslint.model.composer import Composer
    from opslint.model.project import Project

_BOUND = re.compile(r"(?P<sign>\^|~|>=|>|<=|<|=|)\s*v?(?P<major>\d+)(?P<rest>(?:\.[\dx*]+)*)")


@dataclass(frozen=True, slots=True)
class Range:
    """Major versions, both ends included; without an end it goes on: `8-`, `-7`, `8-10`, `-`."""

    low: int = 0
    high: int | None = None

    @staticmethod
    def parse(written: str) -> Range:
        low, _, high = written.partition("-")
        return Range(int(low or 0), int(high) if high else None)

    def holds_all_of(self, other: Range) -> bool:
        ends = self.high is None or (other.high is not None and other.high <= self.high)
        return self.low <= other.low and ends

    def meets(self, other: Range) -> bool:
        return (self.high is None or other.low <= self.high) and (other.high is None or self.low <= other.high)


def application(project: Project, path: str, package: str) -> Composer | None:
    """The application that a file speaks of: the nearest above it, else the only one that has the package."""
    nearest = project.composer_of(path)
    if nearest is not None and package in nearest.packages:
        return nearest
    having = [each for each in project.composers if package in each.packages]
    return having[0] if len(having) == 1 else None


def majors(composer: Composer, package: str) -> tuple[Range, ...]:
    """What a requirement allows, alternative by alternative; nothing where it says no number."""
    entry = composer.packages.get(package)
    if entry is None or not isinstance(entry.value, Scalar):
        return ()
    found = [_alternative(each) for each in re.split(r"\|\|?", str(entry.value))]
    return tuple(each for each in found if each is not None) if all(found) else ()


def _alternative(written: str) -> Range | None:
    """`^8.1`, `>=8 <10`, `8.*`, `8.0 - 9.5`: what one alternative of a requirement allows."""
    low, high, seen = 0, None, False
    between = " - " in written
    for match in _BOUND.finditer(written):
        major, sign = int(match["major"]), match["sign"]
        if sign in ("<", "<="):
            is_before = sign == "<" and not match["rest"].strip(".0x*")
            high = major - 1 if is_before else major
        elif sign in (">", ">="):
            low = major
        elif between and seen:
            high = major
        else:
            low, high = major, (None if between else major)
        seen = True
    return Range(low, high) if seen else None
