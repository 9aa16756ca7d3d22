"""Patterns over what fails: whether somebody notices, and whether what follows takes it for done."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from opslint.finding import State
from opslint.simulation.mishap import Ending
from opslint.simulation.property import job_of, tried
from opslint.simulation.state import Happening
from opslint.source import Span


class Failed(NamedTuple):
    act: str = ""
    place: Span | None = None


@dataclass(frozen=True)
class FailTheRun:
    """Where one of these acts fails, the job ends red; `job` names the one whose check counts, else the run's."""

    acts: frozenset[str]
    job: str = ""
    where: frozenset[Span] = frozenset()  # only what fails at these places; everywhere where empty

    def start(self) -> Hashable:
        return Failed()

    def after(self, memory: Failed, happening: Happening) -> Hashable:
        counts = not self.where or happening.span in self.where
        if memory.act == happening.act and memory.place is not None and _makes_up(happening, memory.place):
            return Failed()
        if happening.act in self.acts and happening.outcome == "failed" and counts and memory.place is None:
            return Failed(happening.act or "", happening.span)
        return memory

    def verdict(self, memory: Failed, ending: Ending) -> State:
        result = dict(ending.results).get(self.job, ending.status) if self.job else ending.status
        return "broken" if memory.place is not None and result == "success" else "holds"


_OR_ELSE = re.compile(r"\s*(?:\d?>{1,2}\s*\S+\s*)*\|\|\s*(?:sudo\s+)?")


def _makes_up(happening: Happening, failed: Span) -> bool:
    """Whether an act that failed was done after all: by the other side of `||`, or by a loop that tries again."""
    span = happening.span
    if happening.outcome != "succeeded" or span.source is not failed.source:
        return False
    content = span.source.content
    if span == failed:
        return happening.again
    return failed.end <= span.start and _OR_ELSE.fullmatch(content[failed.end : span.start]) is not None


class Believed(NamedTuple):
    failed: str = ""  # the job that it failed in
    believed: bool = False


@dataclass(frozen=True)
class NeverBelieved:
    """After a failed `first` none of `then` runs because it takes it for done; what asks for the status may."""

    first: str
    then: frozenset[str]
    aware: frozenset[str] = frozenset()  # jobs that ask for the status themselves

    @property
    def acts(self) -> frozenset[str]:
        return self.then | {self.first}

    def believes(self, happening: Happening, failed: str) -> bool:
        """Whether it was begun because all seemed well: not by a trap, nor in a later job that asked for the status."""
        job = job_of(happening)
        knows = happening.guarded or (job in self.aware and job != failed)
        return happening.act in self.then and tried(happening) and not knows

    def start(self) -> Hashable:
        return Believed()

    def after(self, memory: Believed, happening: Happening) -> Hashable:
        if happening.act == self.first and happening.outcome == "failed":
            return memory._replace(failed=job_of(happening) or "a script")
        if memory.failed and self.believes(happening, memory.failed):
            return memory._replace(believed=True)
        return memory

    def verdict(self, memory: Believed, ending: Ending) -> State:
        return "broken" if memory.believed else "holds"
