"""Patterns over acts: small automata that watch a course and judge it at its end."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from opslint.finding import State
from opslint.model.deployment import RESTORES as RESTORES
from opslint.simulation.explore import Property
from opslint.simulation.mishap import Ending
from opslint.simulation.state import Happening

CHANGES = frozenset({"update-code", "switch-release", "install-dependencies", "migrate", "build-caches"})


def tried(happening: Happening) -> bool:
    """Whether it was begun at all."""
    return happening.outcome != "skipped"


def took_effect(happening: Happening) -> bool:
    return tried(happening) and happening.done


def job_of(happening: Happening) -> str:
    """The subject of the job that something happened in: `jobs.deploy`."""
    return ".".join(happening.step.split(".", 2)[:2])


@dataclass(frozen=True)
class Within:
    """A property that does not look at what jobs for another place do in the same run."""

    inner: Property
    foreign: frozenset[str]  # subjects of these jobs

    @property
    def acts(self) -> frozenset[str]:
        return self.inner.acts

    def start(self) -> Hashable:
        return self.inner.start()

    def after(self, memory: Hashable, happening: Happening) -> Hashable:
        return memory if job_of(happening) in self.foreign else self.inner.after(memory, happening)

    def verdict(self, memory: Hashable, ending: Ending) -> State:
        return self.inner.verdict(memory, ending)


@dataclass(frozen=True)
class AlwaysAfter:
    """Once `first` took effect, `then` is at least tried before the end; a failed `unless` excuses it."""

    first: frozenset[str]
    then: str
    unless: str = ""
    calm: bool = False  # only courses that end well count: a check of the team's own may stop it

    @property
    def acts(self) -> frozenset[str]:
        return self.first | {self.then, self.unless} - {""}

    def start(self) -> Hashable:
        return ""

    def after(self, memory: str, happening: Happening) -> Hashable:
        if happening.act in self.first and took_effect(happening):
            return "begun"
        if tried(happening) and (happening.act == self.then or self.then in happening.meant):
            return ""
        if happening.act == self.unless and happening.outcome in ("failed", "cancelled"):
            return "excused"
        return memory

    def verdict(self, memory: str, ending: Ending) -> State:
        return "broken" if memory == "begun" and not (self.calm and ending.status != "success") else "holds"


@dataclass(frozen=True)
class ActTogether:
    """Existence turned round: broken in every course in which both jobs of a pair do one of the acts."""

    pairs: tuple[tuple[str, str], ...]  # subjects
    acts: frozenset[str]

    def start(self) -> Hashable:
        return frozenset()

    def after(self, memory: frozenset[str], happening: Happening) -> Hashable:
        job = job_of(happening)
        counts = happening.act in self.acts and tried(happening) and any(job in pair for pair in self.pairs)
        return memory | {job} if counts else memory

    def verdict(self, memory: frozenset[str], ending: Ending) -> State:
        return "broken" if any(memory.issuperset(pair) for pair in self.pairs) else "holds"


class Before(NamedTuple):
    was: bool = False
    missed: bool = False


@dataclass(frozen=True)
class AlwaysBefore:
    """`then` is never tried unless `first` came before it: was done, or with `at_least_tried` only tried."""

    first: frozenset[str]
    then: frozenset[str]
    at_least_tried: bool = False

    @property
    def acts(self) -> frozenset[str]:
        return self.first | self.then

    def start(self) -> Hashable:
        return Before()

    def after(self, memory: Before, happening: Happening) -> Hashable:
        came = tried(happening) if self.at_least_tried else happening.outcome == "succeeded"
        if happening.act in self.first and came:
            return memory._replace(was=True)
        if happening.act in self.then and tried(happening) and not memory.was:
            return memory._replace(missed=True)
        return memory

    def verdict(self, memory: Before, ending: Ending) -> State:
        return "broken" if memory.missed else "holds"


@dataclass(frozen=True)
class NeverBefore:
    """Existence turned round: broken in every course that reaches `then` with `first` tried before it."""

    first: frozenset[str]
    then: frozenset[str]

    @property
    def acts(self) -> frozenset[str]:
        return self.first | self.then

    def start(self) -> Hashable:
        return Before()

    def after(self, memory: Before, happening: Happening) -> Hashable:
        if happening.act in self.first and tried(happening):
            return memory._replace(was=True)
        if happening.act in self.then and tried(happening) and memory.was:
            return memory._replace(missed=True)
        return memory

    def verdict(self, memory: Before, ending: Ending) -> State:
        return "broken" if memory.missed else "holds"


_EVERY_CACHE = ("optimize",)


class Caches(NamedTuple):
    built: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()
    arrived: bool = False  # new code is there: what is built now is built from it, wherever that lies
    fresh: frozenset[str] = frozenset()  # built since


@dataclass(frozen=True)
class CachesFollowCode:
    """What is built from the code is built again when the code, or what it depends on, has changed since."""

    acts: frozenset[str] = frozenset({"build-caches", "update-code", "switch-release", "install-dependencies"})

    def start(self) -> Hashable:
        return Caches()

    def after(self, memory: Caches, happening: Happening) -> Hashable:
        if happening.outcome != "succeeded":
            return memory
        if happening.act == "build-caches":
            words = happening.text.split()
            name = next((word for word in words if ":" in word or word in _EVERY_CACHE), happening.text)
            stale = frozenset() if name in _EVERY_CACHE else memory.stale - {name}
            fresh = memory.fresh | {name} if memory.arrived else memory.fresh
            return Caches(memory.built | {name}, stale, memory.arrived, fresh)
        if happening.act == "update-code":
            return Caches(memory.built, memory.built, True)
        if happening.act == "switch-release":
            return memory._replace(stale=memory.built - memory.fresh)
        return memory

    def verdict(self, memory: Caches, ending: Ending) -> State:
        return "broken" if memory.stale and ending.status == "success" else "holds"


@dataclass(frozen=True)
class InstallsInTime:
    """Existence turned round: broken in every course where new code has its dependencies before it is used."""

    used_by: frozenset[str]
    acts: frozenset[str] = frozenset({"update-code", "install-dependencies"})

    def start(self) -> Hashable:
        return "old"

    def after(self, memory: str, happening: Happening) -> Hashable:
        if not tried(happening) or memory == "late":
            return memory
        if happening.act == "update-code" and memory != "installed":  # more that arrives then is something else
            return "new"
        if happening.act == "install-dependencies":
            return "installed" if memory == "new" else memory
        return "late" if happening.act in self.used_by and memory == "new" else memory

    def verdict(self, memory: str, ending: Ending) -> State:
        return "broken" if memory == "installed" else "holds"


@dataclass(frozen=True)
class CheckedLast:
    """After the last change of production somebody looks at the site."""

    acts: frozenset[str] = CHANGES | {"check-health", "restart-workers", "restart-services"}

    def start(self) -> Hashable:
        return False

    def after(self, memory: bool, happening: Happening) -> Hashable:
        if happening.act is None or not tried(happening):
            return memory
        return False if happening.act == "check-health" else memory or happening.act in self.acts

    def verdict(self, memory: bool, ending: Ending) -> State:
        return "broken" if memory and ending.status == "success" else "holds"


class Ran(NamedTuple):
    skips: int = 0
    begun: bool = False  # something of its job happened


@dataclass(frozen=True)
class StepRuns:
    """Existence turned round: broken in every course in which a step, or the whole of a job, is not skipped.

    `legs` is how often the job is played: a step that one leg of a matrix skips may run in the other.
    """

    subject: str
    job: str
    legs: int = 1
    acts: frozenset[str] = frozenset()

    def start(self) -> Hashable:
        return Ran()

    def after(self, memory: Ran, happening: Happening) -> Hashable:
        if happening.outcome == "skipped" and happening.kind != "command":
            is_it = happening.step in (self.subject, f"jobs.{self.job}")
            return memory._replace(skips=memory.skips + is_it)
        return memory._replace(begun=memory.begun or happening.step.startswith(f"jobs.{self.job}."))

    def verdict(self, memory: Ran, ending: Ending) -> State:
        ran = memory.begun or dict(ending.results).get(self.job) in ("success", "failure")
        return "broken" if ran and memory.skips < self.legs else "holds"
