"""Random shell scripts over every construct that the simulation knows, each with commands that fail."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulation.constructs import BASH_ONLY, CONCURRENT, CONSTRUCTS, SINGLE, Made

_SLOT = re.compile(r"<(\d+)>")
_STATUSES = (1, 1, 1, 2, 3, 77)
MOST_NESTED = 3
PLACES = ("first", "middle", "last")

Cell = tuple[str, str]  # a construct, and where in it the failing command stands


@dataclass(frozen=True)
class Sample:
    """A script and the files beside it; which cells are tried when a command has run, by the command's name."""

    text: str
    files: dict[str, str]
    statuses: dict[str, str]  # by the command's name: of its first call, the second, and so on; then from the first again
    cells: tuple[tuple[str, Cell], ...]
    ordered: bool  # whether its commands run in one order: no `&`, no `<(...)`

    def tried(self, ran: frozenset[str]) -> frozenset[Cell]:
        """The cells whose failing command has really run."""
        return frozenset(cell for name, cell in self.cells if name in ran)


def constructs(dialect: str, concurrent: bool = True) -> tuple[str, ...]:
    """The names of those that a dialect has."""
    left_out = (BASH_ONLY if dialect == "sh" else set()) | (set() if concurrent else CONCURRENT)
    return tuple(name for name in CONSTRUCTS if name not in left_out)


def cells(dialect: str) -> tuple[Cell, ...]:
    """Every construct with the failing command first, in the middle and last.

    What is one command by its nature (SINGLE) has its place among the commands of the script.
    """
    return tuple((name, place) for name in constructs(dialect) for place in PLACES)


@dataclass
class Generator:
    """Writes scripts of one dialect. Every command is a slot `<n>` until it is decided how it ends."""

    random: random.Random
    dialect: str = "bash"
    remote: bool = True
    concurrent: bool = True
    wanted: list[str] = field(default_factory=list)  # constructs that are to lie in one another, the outermost last
    slots: int = 0
    found: list[tuple[str, int, int]] = field(default_factory=list)  # name, first slot, slot behind the last
    given: dict[int, str] = field(default_factory=dict)  # slots whose statuses the construct has chosen
    files: dict[str, str] = field(default_factory=dict)
    depth: int = 0
    in_function: bool = False
    in_loop: bool = False
    quoted: bool = False  # inside `bash -c '...'`: no other quotes
    in_command: bool = False  # inside `bash -c`
    in_substitution: bool = False
    ordered: bool = True
    names: int = 0

    def script(self) -> str:
        """The lines of a script, its commands still slots."""
        lines = [self.statement()] if self.random.random() < 0.3 else []
        most = self.random.randint(1, 4)
        while not lines or self.slots < most or (self.wanted and len(lines) < 8):
            lines.append(self.statement())
        return "\n".join(lines) + "\n"

    def statement(self) -> str:
        """One statement, in one line or several; never begins or ends with a separator."""
        names = constructs(self.dialect, self.concurrent)
        if self.depth >= MOST_NESTED and not self.wanted:
            return self.construct("command")
        if self.depth > 4 * MOST_NESTED:
            return self.construct("command")
        if self.wanted and self.wanted[-1] in names and self.random.random() < 0.7:
            return self.construct(self.wanted.pop())
        plain = self.random.random() < self.depth / 4
        return self.construct("command" if plain else self.random.choice(names))

    def construct(self, name: str) -> str:
        """A construct, tried again while its surroundings forbid what it holds (`'` within `'...'`)."""
        before = self._kept()
        for _ in range(6):
            start = self.slots
            self.depth += 1
            made: Made = CONSTRUCTS[name](self)
            self.depth -= 1
            if made is not None:
                self.found.append((name, start, self.slots))
                return made
            self._restore(before)
        return self.construct("command")

    def _kept(self) -> tuple[object, ...]:
        return (self.slots, list(self.found), dict(self.given), dict(self.files), self.ordered, list(self.wanted))

    def _restore(self, kept: tuple[object, ...]) -> None:
        self.slots, self.found, self.given, self.files, self.ordered, self.wanted = kept  # type: ignore[assignment]
        self.found, self.given, self.files = list(self.found), dict(self.given), dict(self.files)
        self.wanted = list(self.wanted)

    # -- what constructs are made of -----------------------------------------------------------------------------------

    def slot(self, statuses: str = "") -> str:
        """A command; its statuses are chosen here where the construct depends on them."""
        if statuses:
            self.given[self.slots] = statuses
        self.slots += 1
        return f"<{self.slots - 1}>"

    def block(self, most: int = 3) -> str:
        return "\n".join(self.statement() for _ in range(self.random.choice((1, 1, 2, 3)[: most + 1])))

    def operand(self) -> str:
        """A statement in braces where it would fall apart."""
        text = self.statement()
        return text if re.fullmatch(r"<\d+>[^\n]*", text) else "{\n" + text + "\n}"

    def maybe(self, chance: float, make: Callable[[], str]) -> str:
        return make() if self.random.random() < chance else ""

    def within(self, make: Callable[[], str], **context: bool) -> str:
        """Something in other surroundings: in a function, a loop, a process of its own."""
        outside = {name: getattr(self, name) for name in context}
        for name, value in context.items():
            setattr(self, name, value)
        text = make()
        for name, value in outside.items():
            setattr(self, name, value)
        return text

    def process(self, make: Callable[[], str]) -> str:
        """Something that runs in a process of its own: `break` does not reach out of it."""
        return self.within(make, in_loop=False)

    def substituted(self, make: Callable[[], str]) -> str:
        """Something inside `$(...)`: bash 5.2 misreads some here-documents there."""
        return self.within(make, in_loop=False, in_substitution=True)

    def fresh(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"


@dataclass(frozen=True)
class Draft:
    """A script before it is decided which commands fail."""

    text: str
    made: Generator

    @property
    def slots(self) -> int:
        return self.made.slots

    def hits(self, slot: int) -> frozenset[Cell]:
        """The cells that are tried where this command fails."""
        found = set()
        for name, start, end in self.made.found:
            first, behind = (0, self.made.slots) if name in SINGLE else (start, end)
            if start <= slot < end and behind - first >= len(PLACES):
                found.add((name, "first" if slot == first else "last" if slot == behind - 1 else "middle"))
        return frozenset(found)

    def sample(self, failing: frozenset[int], rng: random.Random, cut: bool = False) -> Sample:
        """The script with these commands failing; with `cut`, it is then that the job is cancelled."""
        chosen = {f"c{slot}": self._statuses(slot, failing, rng, cut) for slot in range(self.made.slots)}

        def written(text: str) -> str:
            return _SLOT.sub(lambda slot: f"act c{slot[1]} {chosen[f'c{slot[1]}']}", text)

        files = {name: written(text) for name, text in self.made.files.items()}
        tried = tuple((f"c{slot}", cell) for slot in sorted(failing) for cell in sorted(self.hits(slot)))
        return Sample(written(self.text), files, {**chosen, "h": "0"}, tried, self.made.ordered)

    def _statuses(self, slot: int, failing: frozenset[int], rng: random.Random, cut: bool) -> str:
        if slot in self.made.given:
            return self.made.given[slot]
        if slot not in failing:
            return "0"
        status = "cut" if cut else str(rng.choice(_STATUSES))
        return rng.choice([status] * 5 + [f"0 {status}", f"{status} 0"])


def draft(rng: random.Random, dialect: str, wanted: list[str], remote: bool = True, concurrent: bool = True) -> Draft:
    made = Generator(random.Random(rng.random()), dialect, remote, concurrent, list(wanted))
    return Draft(made.script(), made)
