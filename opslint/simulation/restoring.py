"""Patterns over acts that restore: small automata that watch whether, when and from what they do."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from opslint.finding import State
from opslint.model.deployment import RESTORES
from opslint.simulation.mishap import Ending
from opslint.simulation.property import CHANGES, took_effect, tried
from opslint.simulation.state import Happening
from opslint.source import Span


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
    changes: frozenset[str] = CHANGES  # the acts after which there is something to restore

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
        changed = memory.changed or (happening.act in self.changes and happening.done)
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
