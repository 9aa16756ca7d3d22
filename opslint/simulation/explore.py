"""The product of program and property, explored by mishaps: the simplest violation comes first.

    explore(program, property, mishaps=1, survive=("failure", "cancel", "timeout"), budget=400_000) -> Result

A program is a `WorkflowProgram(workflow, meaning, job)` or a `ScriptProgram(script, meaning, template)`; `meaning`
says which acts words are and what stands behind a call. A property is a small automaton (`Property`) over what
happens: it sees every command that ran (`kind` command, with its act or None), every step and every job that ended or
was skipped. `survive` may also name `connection` (an ssh connection is lost), `lost` (the runner is), `setup` (a job
fails before its first step) and `overrun` (what runs after a cancel takes longer than it may). A result is
`broken` with the simplest course, else `undecided` where something was not seen or not explored, else `holds`.

A node is a state of the program, what the property remembers, and how many mishaps there were; equal nodes are met
once, so that 1,000 commands cost ten times 100. From the violations backwards we then see which mishaps lead to one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from opslint.finding import State as Verdict
from opslint.simulation.graph import Edge, Graph, Key, Result, result_of, run_to
from opslint.simulation.mishap import Ending, Program, ends
from opslint.simulation.run import Run
from opslint.simulation.state import Choice, Happening, Option, Pause, State
from opslint.source import nowhere

__all__ = ["BUDGET", "SURVIVE", "Property", "Result", "explore", "runs"]

SURVIVE = ("failure", "cancel", "timeout")
BUDGET = 400_000  # nodes
MOST_LIVE = 6  # unknowns that are read at once: each doubles the work, and more are not followed


class Property(Protocol):
    """A small automaton over what happens. What it remembers is hashable; `acts` are those it reacts to."""

    @property
    def acts(self) -> frozenset[str]: ...

    def start(self) -> Hashable: ...

    def after(self, memory: Any, happening: Happening) -> Hashable: ...

    def verdict(self, memory: Any, ending: Ending) -> Verdict: ...


def explore(
    program: Program, prop: Property, mishaps: int = 1, survive: tuple[str, ...] = SURVIVE, budget: int = BUDGET
) -> Result:
    """Whether a property holds in every course with at most so many mishaps."""
    return result_of(*_explored(program, prop, mishaps, survive, budget))


def _explored(
    program: Program, prop: Property, mishaps: int, survive: tuple[str, ...], budget: int
) -> tuple[Graph, str]:
    """The graph of all that can be met, and why it is not complete, if so."""
    graph = Graph()
    queues: list[deque[tuple[int, Key]]] = [deque() for _ in range(mishaps + 1)]
    explorer = _Explorer(program, prop, survive, graph, queues)
    explorer.meet(program.start(), prop.start(), 0, Edge(-1, (), "", ""))
    for queue in queues:
        while queue:
            if len(graph.edges) > budget or graph.crowded:
                return graph, graph.crowded or f"more than {budget:,} states"
            explorer.go_on(*queue.popleft())
    return graph, ""


@dataclass(frozen=True)
class _Explorer:
    program: Program
    prop: Property
    survive: tuple[str, ...]
    graph: Graph
    queues: list[deque[tuple[int, Key]]]

    def meet(self, state: State, memory: Any, level: int, edge: Edge) -> None:
        """Comes to a node; a new one waits for its turn."""
        graph = self.graph
        key = (state.pruned(), memory, level)
        number = graph.numbers.setdefault(key, len(graph.edges))
        if number < len(graph.edges):
            graph.edges[number].append(edge)
            return
        graph.states.append(key[0])
        graph.edges.append([edge])
        self.queues[level].append((number, key))
        world = key[0].world
        unknowns = [*(question.text for question in world.assumptions), *world.conditions]
        if len(unknowns) > MOST_LIVE:
            graph.crowded = "too many unknowns at once: " + ", ".join(f"`{text}`" for text in unknowns)

    def go_on(self, number: int, key: Key) -> None:
        """From a node to where there is more than one way; what happens on the way is part of each edge."""
        state, memory, level = key
        happenings: list[Happening] = []
        survive = self.survive if level + 1 < len(self.queues) else ()
        while state.stack is not None:
            step = state.next()
            if isinstance(step, State):
                state = step
                continue
            options = step.options if isinstance(step, Choice) else self._options(step, survive)
            for option in options:
                if not option.mishap or option.mishap in survive:
                    way = list(happenings)
                    after, remembered = self._taken(option, memory, way)
                    edge = Edge(number, tuple(way), option.assumed, option.mishap)
                    self.meet(after, remembered, level + bool(option.mishap), edge)
            return
        ending = self.program.ending(state)
        self.graph.ends[number] = self._verdict(state, memory, ending), ending, tuple(happenings)

    def _options(self, pause: Pause, survive: tuple[str, ...]) -> tuple[Option, ...]:
        return tuple(ends(pause, self.program, self.prop.acts, survive))

    def _taken(self, option: Option, memory: Any, happenings: list[Happening]) -> tuple[State, Any]:
        if option.unseen is not None:
            self.graph.unseen[option.unseen] = option.unread
        if option.happening is not None:
            happenings.append(option.happening)
            memory = self.prop.after(memory, option.happening)
        return option.state, memory

    def _verdict(self, state: State, memory: Any, ending: Ending) -> Verdict:
        """What the property says at the end; what nobody sees any more alone neither breaks nor satisfies it."""
        found = self.prop.verdict(memory, ending)
        loose = state.world.loose & self.prop.acts
        if found != "broken" or not loose:
            return found
        here = nowhere()
        after = [Happening(here, act, "succeeded", act, remote=True) for act in sorted(loose)]
        for later in (after, *([happening] for happening in after)):
            remembered = memory
            for happening in later:
                remembered = self.prop.after(remembered, happening)
            if self.prop.verdict(remembered, ending) != "broken":
                return "undecided"
        return "broken"


class _Everything:
    """A property that remembers the whole course; what comes round more often than twice is told twice."""

    def __init__(self, acts: frozenset[str]) -> None:
        self.acts = acts

    def start(self) -> Hashable:
        return ()

    def after(self, memory: tuple[Happening, ...], happening: Happening) -> Hashable:
        return memory if memory.count(happening) > 1 else (*memory, happening)

    def verdict(self, memory: Any, ending: Ending) -> Verdict:
        return "holds"


def runs(
    program: Program,
    acts: frozenset[str] = frozenset(),
    mishaps: int = 1,
    survive: tuple[str, ...] = SURVIVE,
    budget: int = 50_000,
) -> tuple[tuple[Run, ...], str]:
    """Every complete course, the calmest first, and why there are no more of them, if so.

    For people and small programs: n commands have about 3n courses of n events each.
    """
    graph = _explored(program, _Everything(acts), mishaps, survive, budget)
    return tuple(run_to(graph[0], number) for number in graph[0].ends), graph[1]
