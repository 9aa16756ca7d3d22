"""A course told as a numbered story: what was done, how it ended, and the state it left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from opslint.finding import Course, Event, Finding
from opslint.report import data
from opslint.report.paper import Line, Paper, shorten, text_width, wrap
from opslint.source import Span

_WORTH_LEAVING_OUT = 3  # events


@dataclass(frozen=True, slots=True)
class Told:
    """The end of a course that an earlier finding has told."""

    start: int  # index of the event from which on it was told
    rule: str  # of the earlier finding
    there: int  # index of the same event in its course


def endings(findings: Sequence[Finding]) -> list[Told | None]:
    """For each finding, the end of its course that one before it tells; None where that is too short to leave out.

    Courses are read from their last event: an event and the name of what follows it name an ending, so equal endings
    have equal names and every event is looked at once.
    """
    names: dict[tuple[object, int], int] = {}
    first: dict[int, tuple[str, int]] = {}  # name of an ending -> the finding that told it, and where it began there
    told: list[Told | None] = []
    for finding in findings:
        events = finding.verdict.course.events if finding.verdict.course else ()
        name, repeated = 0, None
        for index in range(len(events) - 1, -1, -1):
            name = names.setdefault((_identity(events[index]), name), len(names) + 1)
            if name not in first:
                first[name] = finding.rule, index
            elif len(events) - index >= _WORTH_LEAVING_OUT:
                repeated = Told(index, *first[name])
        told.append(repeated)
    return told


def _identity(event: Event) -> object:
    return str(event.span), event.command, event.outcome, event.because, tuple(event.state.items())


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the parts of an event stand."""

    indent: int
    digits: int  # of the numbers
    command: int
    width: int  # of command and place together


def story(course: Course, told: Told | None, paper: Paper, indent: int, path: str) -> Iterator[Line]:
    """The lines of a course under a title that its caller has drawn.

    Places in the file at `path`, which the reader has before his eyes, are named without its folders.
    """
    blank = " " * indent
    for assumption in course.assumptions:
        for line in wrap(paper, f"assuming {assumption}", paper.width - indent):
            yield ((blank + line, "dim"),)
    events = course.events[: told.start] if told else course.events
    digits = len(str(len(course.events)))
    places = [_place(event.span, path) for event in events]
    columns = _columns(events, places, paper, indent, digits)
    before: Mapping[str, str] = {}
    for number, (event, place) in enumerate(zip(events, places, strict=True), start=1):
        yield from _event(event, place, number, before, paper, columns)
        before = event.state or before
    if told:
        numbers = _numbers(told.start, len(course.events))
        there = _numbers(told.there, told.there + len(course.events) - told.start)
        text = f"{numbers} as {there} of {told.rule} above"
        yield ((f"{blank}{paper.show(text)}", "dim"),)
    if final := data.final_state(course):
        for line in wrap(paper, f"it ends with {final}", paper.width - indent):
            yield ((blank, ""), (line, ""))


def _numbers(start: int, end: int) -> str:
    return str(start + 1) if end == start + 1 else f"{start + 1}-{end}"


def _place(span: Span, path: str) -> str:
    return data.where(span).removeprefix(path.rpartition("/")[0] + "/" if span.path == path else "")


def _columns(events: Sequence[Event], places: Sequence[str], paper: Paper, indent: int, digits: int) -> Columns:
    """Room for the commands, so that the places stand in one column behind them."""
    width = paper.width - indent - digits - 3
    command = max((text_width(paper, paper.show(event.command[:width])) for event in events), default=0)
    place = max((text_width(paper, paper.show(place[:width])) for place in places), default=0)
    return Columns(indent, digits, min(command, max(width - place - 2, width // 2)), width)


def _event(
    event: Event, place: str, number: int, before: Mapping[str, str], paper: Paper, at: Columns
) -> Iterator[Line]:
    """The command with its place, then why it ended so, then what it has changed."""
    command = shorten(paper, event.command, at.command)
    gap = at.command - text_width(paper, command) + 2
    yield (
        (f"{' ' * at.indent}{number:>{at.digits}} ", "gutter"),
        (f"{paper.symbols.outcome(event.outcome)} ", event.outcome),
        (command, "code" if event.outcome != "skipped" else "dim"),
        (" " * gap + _end_of(paper, paper.show(place), at.width - at.command - 2), "dim"),
    )
    under = " " * (at.indent + at.digits + 3)
    if event.outcome != "succeeded" or event.because:
        for line in wrap(paper, data.happened(event), at.width):
            yield ((under + line, event.outcome),)
    changed = ", ".join(f"{name} {value}" for name, value in event.state.items() if before.get(name) != value)
    if changed:
        for line in wrap(paper, changed, at.width - 2):
            yield ((f"{under}{paper.symbols.arrow} ", "dim"), (line, "state"))


def _end_of(paper: Paper, text: str, width: int) -> str:
    """The end of harmless text in so many columns: of a place, the file's name and line matter most."""
    cells = list(paper.cells(text[-4 * width :]))
    if len(text) <= 4 * width and sum(columns for _, columns in cells) <= width:
        return text
    used, first = 0, len(cells)
    while first and used + cells[first - 1][1] < width:
        first -= 1
        used += cells[first][1]
    return paper.symbols.cut + "".join(piece for piece, _ in cells[first:])
