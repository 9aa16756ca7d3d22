"""Patterns over acts: small automata that watch a course and judge it at its end."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from opslint.finding import State
from opslint.model.deployment import RESTORES as RESTORES
from opslint.simulation.explore import Property
from opslint.simulation.mishap import Ending
from opslint.simulation.state import Happening
from opslint.source import Span

CHANGES = frozenset({"update-code", "switch-release", "install-dependencies", "migrate", "build-caches"})


def tried(happening: Happening) -> bool:
    """Whether it was begun at all."""
    return happening.outcome != "skipped"


def took_effect(happening: Happening) -> bool:
    return tried(happening) and happening.done


def _job(happening: Happening) -> str:
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
        return memory if _job(happening) in self.foreign else self.inner.after(memory, happening)

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


_CONDITION = re.compile(r"^\s*(?:-?\s*run:\s*)?(?:if|elif|while|until)\b.*", re.DOTALL)
_OR_ELSE = re.compile(r"\s*(?:\d?>{1,2}\s*\S+\s*)*\|\|\s*(?:sudo\s+)?")


def _makes_up(happening: Happening, failed: Span) -> bool:
    """Whether an act that failed was done after all: by the other side of `||`, or by a loop that tries again."""
    span = happening.span
    if happening.outcome != "succeeded" or span.source is not failed.source:
        return False
    content = span.source.content
    if span == failed:
        return _CONDITION.match(content[content.rfind("\n", 0, span.start) + 1 : span.start]) is not None
    return failed.end <= span.start and _OR_ELSE.fullmatch(content[failed.end : span.start]) is not None


class Rollback(NamedTuple):
    changed: bool = False
    wrong: bool = False
    restored: bool = False


@dataclass(frozen=True)
class RestoresAfter:
    """Once production was changed and one of `places` fails (or the run is cut), a restoring act is tried."""

    outcome: str  # failed | cancelled
    steps: frozenset[str]  # subjects of the steps that hold production acts
    last: Span | None  # the last production act or check: what fails there fails too late to matter

    @property
    def acts(self) -> frozenset[str]:
        return CHANGES | RESTORES

    def start(self) -> Hashable:
        return Rollback()

    def after(self, memory: Rollback, happening: Happening) -> Hashable:
        if happening.kind != "command" or not tried(happening):
            return memory
        if happening.act in RESTORES or happening.meant & RESTORES:
            return memory._replace(restored=True) if memory.wrong else memory
        changed = memory.changed or (happening.act in CHANGES and happening.done)
        counts = (happening.step in self.steps or bool(happening.meant & CHANGES)) and happening.span != self.last
        wrong = memory.wrong or (changed and happening.outcome == self.outcome and counts)
        return memory._replace(changed=changed, wrong=wrong)

    def verdict(self, memory: Rollback, ending: Ending) -> State:
        return "broken" if memory.wrong and not memory.restored else "holds"


class Backup(NamedTuple):
    made: frozenset[str] = frozenset()
    foreign: Span | None = None


@dataclass(frozen=True)
class RestoresOwnBackup:
    """A backup is restored only where this run made it: else an earlier one is laid over live data."""

    pairs: tuple[tuple[str, str], ...]  # (restoring act, the backup that it needs)

    @property
    def acts(self) -> frozenset[str]:
        return frozenset(act for pair in self.pairs for act in pair)

    def start(self) -> Hashable:
        return Backup()

    def after(self, memory: Backup, happening: Happening) -> Hashable:
        for restore, backup in self.pairs:
            if happening.act == backup and happening.outcome == "succeeded":
                return memory._replace(made=memory.made | {backup})
            if happening.act == restore and tried(happening) and backup not in memory.made and memory.foreign is None:
                return memory._replace(foreign=happening.span)
        return memory

    def verdict(self, memory: Backup, ending: Ending) -> State:
        return "broken" if memory.foreign is not None else "holds"


class Up(NamedTuple):
    maintenance: bool = False
    wrong: bool = False
    too_soon: bool = False
    broken: bool = False


@dataclass(frozen=True)
class RestoresBeforeUp:
    """When something failed, maintenance does not end before what restores has begun."""

    @property
    def acts(self) -> frozenset[str]:
        return RESTORES | {"maintenance-on", "maintenance-off"}

    def start(self) -> Hashable:
        return Up()

    def after(self, memory: Up, happening: Happening) -> Hashable:
        if happening.kind != "command" or not tried(happening):
            return memory
        if happening.act == "maintenance-on" and took_effect(happening):
            return memory._replace(maintenance=True)
        if happening.act == "maintenance-off":
            soon = memory.too_soon or (memory.wrong and memory.maintenance)
            return memory._replace(maintenance=False, too_soon=soon)
        if happening.act in RESTORES:
            return memory._replace(broken=memory.broken or memory.too_soon, wrong=False, too_soon=False)
        if happening.outcome in ("failed", "cancelled") and memory.maintenance:
            return memory._replace(wrong=True)
        return memory

    def verdict(self, memory: Up, ending: Ending) -> State:
        return "broken" if memory.broken else "holds"


class Believed(NamedTuple):
    failed: bool = False
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

    def believes(self, happening: Happening) -> bool:
        """Whether it was begun because all seemed well: not by a trap, nor where a condition asked for the status."""
        knows = happening.guarded or _job(happening) in self.aware
        return happening.act in self.then and tried(happening) and not knows

    def start(self) -> Hashable:
        return Believed()

    def after(self, memory: Believed, happening: Happening) -> Hashable:
        if happening.act == self.first and happening.outcome == "failed":
            return memory._replace(failed=True)
        if memory.failed and self.believes(happening):
            return memory._replace(believed=True)
        return memory

    def verdict(self, memory: Believed, ending: Ending) -> State:
        return "broken" if memory.believed else "holds"


_EVERY_CACHE = ("optimize",)


class Caches(NamedTuple):
    built: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()


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
            return Caches(memory.built | {name}, stale)
        if happening.act in ("update-code", "switch-release"):
            return memory._replace(stale=memory.built)
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
