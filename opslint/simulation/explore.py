"""The product of a program and a property, explored by the number of mishaps: the simplest violation comes first.

    explore(program, property, mishaps=1, survive=("failure", "cancel", "timeout"), budget=400_000) -> Result

A program is a `WorkflowProgram(workflow, meaning, job)` or a `ScriptProgram(script, meaning, template)`; `meaning`
says which acts words are and what stands behind a call. A property is a small automaton (`Property`) over what
happens: it sees every command that ran (`kind` command, with its act or None), every step and every job that ended or
was skipped. `survive` may also name `connection` (an ssh connection is lost) and `lost` (the runner is). A result is
`broken` with the simplest course, else `undecided` where something was not seen or not explored, else `holds`.

A node is a state of the program, what the property remembers, and how many mishaps there were; equal nodes are met
once, so that 1,000 commands cost ten times 100. From the violations backwards we then see which mishaps lead to one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeAlias

from opslint.finding import State as Verdict
from opslint.simulation.mishap import Ending, Program, ends
from opslint.simulation.run import Run, told
from opslint.simulation.skipped import skipped
from opslint.simulation.state import Choice, Happening, Option, Pause, State
from opslint.source import Span, nowhere

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


@dataclass(frozen=True, slots=True)
class Mishap:
    """One thing that can go wrong, and what comes of it."""

    kind: str  # failure | cancel | timeout | connection
    happening: Happening
    broken: bool  # in some assumption
    always: bool  # whatever is assumed


@dataclass(frozen=True, slots=True)
class Result:
    """What exploring found. `run` is the simplest course that breaks the property, or leaves it undecided."""

    state: Verdict
    run: Run | None = None
    mishaps: tuple[Mishap, ...] = ()  # every single one that was tried
    unseen: tuple[Span, ...] = ()  # what was not followed: scripts that are not there, unreadable text
    left: str = ""  # why exploring stopped early
    nodes: int = 0
    ends: int = 0


class Edge(NamedTuple):
    """From one node to another: what happened on the way, and which choice was made at its end."""

    source: int
    happenings: tuple[Happening, ...]
    assumed: str
    mishap: str


Key: TypeAlias = "tuple[State, Hashable, int]"


@dataclass
class Graph:
    """What has been met: numbered nodes, and the edges that lead to each; the first is the shortest way."""

    numbers: dict[Key, int] = field(default_factory=dict)
    states: list[State] = field(default_factory=list)
    edges: list[list[Edge]] = field(default_factory=list)
    ends: dict[int, tuple[Verdict, Ending, tuple[Happening, ...]]] = field(default_factory=dict)
    unseen: dict[Span, None] = field(default_factory=dict)
    crowded: str = ""  # the unknowns where there were too many at once


def explore(
    program: Program, prop: Property, mishaps: int = 1, survive: tuple[str, ...] = SURVIVE, budget: int = BUDGET
) -> Result:
    """Whether a property holds in every course with at most so many mishaps."""
    return _result(*_explored(program, prop, mishaps, survive, budget))


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
            self.graph.unseen[option.unseen] = None
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
    return tuple(_run(graph[0], number) for number in graph[0].ends), graph[1]


def _result(graph: Graph, left: str) -> Result:
    found: dict[Verdict, list[int]] = {"broken": [], "undecided": [], "holds": []}
    for number, (verdict, _, _) in graph.ends.items():
        found[verdict].append(number)
    unseen = tuple(graph.unseen)
    state: Verdict = "broken" if found["broken"] else "undecided" if found["undecided"] or unseen or left else "holds"
    worst = found["broken"] or found["undecided"]
    run = _run(graph, worst[0]) if worst else None
    return Result(state, run, _mishaps(graph, found), unseen, left, len(graph.edges), len(graph.ends))


def _run(graph: Graph, number: int) -> Run:
    """The shortest way to an end, told from its beginning."""
    _, ending, last = graph.ends[number]
    happenings = list(last)
    assumptions: list[str] = []
    mishaps: list[str] = []
    while number >= 0:
        edge = graph.edges[number][0]
        behind = skipped(graph.states[number], edge.happenings[-1]) if edge.happenings else ()
        happenings[:0] = [*edge.happenings, *behind]
        if edge.assumed:
            assumptions.insert(0, edge.assumed)
        if edge.mishap:
            mishaps.insert(0, told(edge.happenings[-1], edge.mishap))
        number = edge.source
    return Run(tuple(happenings), tuple(assumptions), ending.status, dict(ending.results), ", then ".join(mishaps))


def _mishaps(graph: Graph, found: dict[Verdict, list[int]]) -> tuple[Mishap, ...]:
    """Every mishap that was tried, and whether it leads to a violation in some and in every assumption."""
    broken, fine = _leading(graph, found["broken"]), _leading(graph, found["holds"] + found["undecided"])
    listed: dict[tuple[str, Happening], tuple[bool, bool]] = {}
    for number, edges in enumerate(graph.edges):
        for edge in edges:
            if edge.mishap:
                key = edge.mishap, edge.happenings[-1]
                bad, good = listed.get(key, (False, False))
                listed[key] = bad or number in broken, good or number in fine
    return tuple(Mishap(kind, happening, bad, bad and not good) for (kind, happening), (bad, good) in listed.items())


def _leading(graph: Graph, ends: list[int]) -> set[int]:
    """The nodes from which one of these ends can be reached."""
    reached, waiting = set(ends), list(ends)
    while waiting:
        for edge in graph.edges[waiting.pop()]:
            if edge.source >= 0 and edge.source not in reached:
                reached.add(edge.source)
                waiting.append(edge.source)
    return reached
