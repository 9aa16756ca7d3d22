"""One complete course: what happened, what was assumed, how it ended, and the site it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from opslint.finding import Course, Event
from opslint.simulation.state import Happening

# What an act makes of the site: (succeeded, failed or cut).
_EFFECTS: Mapping[str, tuple[str, str, str]] = {
    "maintenance-on": ("maintenance", "on", "perhaps on"),
    "maintenance-off": ("maintenance", "off", ""),
    "migrate": ("schema", "new", "half migrated"),
    "restore-database": ("schema", "restored", "half restored"),
    "update-code": ("code", "new", "half new"),
    "switch-release": ("code", "new", ""),
    "restore-files": ("code", "restored", "half restored"),
    "install-dependencies": ("dependencies", "new", "half installed"),
    "build-caches": ("caches", "new", "half built"),
    "restart-workers": ("workers", "restarted", ""),
}

MISHAPS = {
    "failure": "fails",
    "cancel": "is cancelled",
    "timeout": "times out",
    "connection": "loses its connection",
    "lost": "loses its runner",
    "setup": "does not begin",
    "overrun": "takes too long after the cancel",
}


@dataclass(frozen=True, slots=True)
class Run:
    """A course from the beginning to the end."""

    happenings: tuple[Happening, ...]
    assumptions: tuple[str, ...]
    status: str  # success | failure | cancelled: of the run; of a lone script success or failure
    results: Mapping[str, str]  # by job
    mishaps: tuple[tuple[Happening, str], ...] = ()  # what went wrong, in order, each with its kind

    @property
    def mishap(self) -> str:
        """In words: "`php artisan migrate` fails"; empty where nothing goes wrong."""
        return ", then ".join(f"`{happening.text}` {MISHAPS[kind]}" for happening, kind in self.mishaps)

    @property
    def site(self) -> Mapping[str, str]:
        """The state the site is left in, as far as the acts tell: `{"maintenance": "on"}`."""
        return site(self.happenings)

    def course(self) -> Course:
        """The same as evidence for a finding: one event for each command and each step that did not run."""
        events: list[Event] = []
        for number, happening in enumerate(self.happenings):
            if happening.kind == "command" or happening.outcome == "skipped":
                state = site(self.happenings[: number + 1]) if happening.act else {}
                events.append(Event(happening.span, happening.text, happening.outcome, happening.because, state))
        return Course(self.mishap, self.assumptions, tuple(events))


def site(happenings: Iterable[Happening]) -> Mapping[str, str]:
    """What the acts make of the site, the last word counting."""
    found: dict[str, str] = {}
    for happening in happenings:
        effect = _EFFECTS.get(happening.act or "")
        if effect is not None and happening.outcome != "skipped":
            thing, done, begun = effect
            value = done if happening.done else begun
            if value:
                found[thing] = value
    return found
