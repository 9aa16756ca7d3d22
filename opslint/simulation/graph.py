"""What was explored, as a graph: which way leads to a violation, and how it is told."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple, TypeAlias

from opslint.finding import Cause, Course
from opslint.finding import State as Verdict
from opslint.simulation.mishap import Ending
from opslint.simulation.run import MISHAPS, Run
from opslint.simulation.skipped import skipped
from opslint.simulation.state import Happening, State
from opslint.source import Span

Cost: TypeAlias = tuple[int, int, int]  # of a way: its mishaps, its cuts, how much happens on it


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
    left: str = ""  # which courses were not played, if not all were
    nodes: int = 0
    ends: int = 0
    hint: str = "split the job"  # what would let them be played
    unread: frozenset[Span] = frozenset()  # those of the unseen that are no shell we can read

    def course(self) -> Course | None:
        """The simplest course as evidence for a finding, with every single mishap that ends so."""
        if self.run is None:
            return None
        causes = tuple(
            Cause(each.happening.span, each.happening.text, MISHAPS[each.kind], each.always)
            for each in self.mishaps
            if each.broken
        )
        return replace(self.run.course(), causes=causes, tried=len(self.mishaps))


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
    unseen: dict[Span, bool] = field(default_factory=dict)  # whether it could not be read
    crowded: str = ""  # the unknowns where there were too many at once


def result_of(graph: Graph, left: str) -> Result:
    found: dict[Verdict, list[int]] = {"broken": [], "undecided": [], "holds": []}
    for number, (verdict, _, _) in graph.ends.items():
        found[verdict].append(number)
    unseen = tuple(graph.unseen)
    state: Verdict = "broken" if found["broken"] else "undecided" if found["undecided"] or unseen or left else "holds"
    worst = found["broken"] or found["undecided"]
    run = _plainest(graph, worst) if worst else None
    unread = frozenset(span for span, is_unread in graph.unseen.items() if is_unread)
    counts = len(graph.edges), len(graph.ends)
    return Result(state, run, _mishaps(graph, found), unseen, left, *counts, unread=unread)


def _plainest(graph: Graph, numbers: list[int]) -> Run:
    """The course that is the easiest to believe: a failure rather than a cut, and as little as can be happens."""
    ways = _plainest_ways(graph)
    last = min(numbers, key=lambda number: ways[number][0])
    return run_to(graph, last, {number: edge for number, (_, edge) in ways.items()})


def _plainest_ways(graph: Graph) -> dict[int, tuple[Cost, Edge]]:
    """For each node the cost of getting there, and the edge to come by."""
    following: dict[int, list[tuple[int, Edge]]] = {}
    for number, edges in enumerate(graph.edges):
        for edge in edges:
            following.setdefault(edge.source, []).append((number, edge))
    ways: dict[int, tuple[Cost, Edge]] = {}
    order = count()  # edges themselves have none
    waiting = [((0, 0, 0), next(order), number, edge) for number, edge in following.get(-1, ())]
    while waiting:
        cost, _, number, edge = heappop(waiting)
        if number not in ways:
            ways[number] = cost, edge
            for behind, onward in following.get(number, ()):
                if behind not in ways:
                    heappush(waiting, (_cost(cost, onward), next(order), behind, onward))
    return ways


def _cost(before: Cost, edge: Edge) -> Cost:
    cuts = sum(each.outcome == "cancelled" for each in edge.happenings)
    lost = sum(bool(each.meant) for each in edge.happenings)  # connections: a command that fails is plainer
    length = lost + sum(each.outcome != "skipped" for each in edge.happenings)
    return before[0] + bool(edge.mishap), before[1] + cuts, before[2] + length


def run_to(graph: Graph, number: int, ways: Mapping[int, Edge] | None = None) -> Run:
    """A way to an end, told from its beginning: the one that was met first, where no other is asked for."""
    _, ending, last = graph.ends[number]
    happenings = list(last)
    assumptions: list[str] = []
    mishaps: list[tuple[Happening, str]] = []
    while number >= 0:
        edge = ways[number] if ways else graph.edges[number][0]
        behind = skipped(graph.states[number], edge.happenings[-1]) if edge.happenings else ()
        happenings[:0] = [*edge.happenings, *behind]
        if edge.assumed:
            assumptions.insert(0, edge.assumed)
        if edge.mishap:
            mishaps.insert(0, (edge.happenings[-1], edge.mishap))
        number = edge.source
    return Run(tuple(happenings), tuple(assumptions), ending.status, dict(ending.results), tuple(mishaps))


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
