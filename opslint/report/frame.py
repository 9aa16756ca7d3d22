"""Code frames: lines of a file with their numbers, and every marked place underlined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from opslint.report.paper import LONGEST, Line, Paper, text_width, wrap
from opslint.source import Source, Span

_BRACKETS = 2  # columns beside the code for spans of several lines; more of them get a frame of their own
_WHOLE = 6  # lines of a span that are shown without a gap


@dataclass(frozen=True, slots=True)
class Mark:
    """A place to underline. The main one is drawn with `^` and shows the lines around it."""

    span: Span
    label: str = ""
    main: bool = False

    @property
    def place(self) -> tuple[int, int, int, int]:
        """As the span's, but a line break at its end is not underlined."""
        content, end = self.span.source.content, self.span.end
        while end > self.span.start and content[end - 1] in "\r\n":
            end -= 1
        return *self.span.source.position(self.span.start), *self.span.source.position(end)

    @property
    def several(self) -> bool:
        first, _, last, _ = self.place
        return first != last


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a line that fits the paper, and where its characters stand in it."""

    shown: str
    first: int  # index of the first character within
    columns: tuple[int, ...]  # of each character within, and of the end

    def column(self, index: int) -> int:
        return self.columns[min(max(index - self.first, 0), len(self.columns) - 1)]

    def holds(self, start: int, end: int) -> bool:
        return self.first <= start and end <= self.first + len(self.columns) - 1


def window(paper: Paper, line: str, width: int, start: int, end: int) -> Window:
    """A line within so many columns; where it is longer, the part around the characters from start to end.

    Only the neighbourhood of the part is measured: a line may be a whole minified file.
    """
    start, width = min(start, len(line)), width - 1  # a column is kept for a place behind the last character
    end = max(end, start + 1)
    low, high = max(0, start - 2 * width), start + 4 * width
    cells = list(paper.cells(line[low:high]))
    columns = [0, *accumulate(columns for _, columns in cells)]
    if not low and high >= len(line) and columns[-1] <= width:
        return Window("".join(shown for shown, _ in cells), 0, tuple(columns))
    a, b = columns[min(start - low, len(cells))], columns[min(end - low, len(cells))]
    room = width - 2  # for a sign at either end that text is left out
    wanted = a - (room - (b - a)) // 2 if b - a <= room else a - 2
    if not low and (b <= room or (b - a > room and a <= width // 2)):
        wanted = 0
    if high >= len(line):
        wanted = min(wanted, columns[-1] - room - 1)
    return _cut(paper, cells, columns, low, max(0, wanted), high < len(line), width)


def window_from(paper: Paper, line: str, width: int, first: int) -> Window:
    """A line within so many columns from a character on, to stand under another that was cut there."""
    cells = list(paper.cells(line[first : first + 4 * width]))
    columns = [0, *accumulate(columns for _, columns in cells)]
    return _cut(paper, cells, columns, first, 0, first + 4 * width < len(line), width)


def _cut(
    paper: Paper, cells: list[tuple[str, int]], columns: list[int], low: int, left: int, goes_on: bool, width: int
) -> Window:
    first = next((index for index, column in enumerate(columns) if column >= left), len(cells))
    opening = paper.symbols.cut if low + first else ""
    last = first
    while last < len(cells) and columns[last + 1] - columns[first] + len(opening) < width:
        last += 1
    if not goes_on and columns[-1] - columns[first] + len(opening) <= width:  # no room is needed for a closing sign
        last = len(cells)
    closing = paper.symbols.cut if last < len(cells) or goes_on else ""
    shown = opening + "".join(piece for piece, _ in cells[first:last]) + closing
    places = [column - columns[first] + len(opening) for column in columns[first : last + 1]]
    return Window(shown, low + first, tuple(places))


@dataclass(frozen=True, slots=True)
class Frame:
    """Marks of one file that are drawn together."""

    source: Source
    marks: tuple[Mark, ...]
    gutter: int  # columns for line numbers
    paper: Paper
    style: str  # of the main mark

    @property
    def brackets(self) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if mark.several)

    @property
    def room(self) -> int:
        return max(20, self.paper.width - self.gutter - 4 - 2 * len(self.brackets))

    def lines(self, context: int = 1) -> Iterator[Line]:
        """The frame from its first line to its last, without its title."""
        previous = 0
        for number in _numbers(self, context):
            if previous and number > previous + 1:
                gap = f"{self.paper.symbols.gap:>{self.gutter + 1}}   "
                yield _trimmed(((gap, "gutter"), *self._sides(number, "gap")))
            previous = number
            yield from self._line(number)

    def _line(self, number: int) -> Iterator[Line]:
        shown = self.window(number)
        bar = (f" {number:>{self.gutter}} {self.paper.symbols.bar} ", "gutter")
        yield _trimmed((bar, *self._sides(number, "text"), (shown.shown, "")))
        for mark in self.brackets:
            first, column, last, end = mark.place
            if number == first and not self._begins_line(mark):
                yield self._connector(mark, number, shown.column(column - 1), self.paper.symbols.corner_top)
            if number == last:
                column = shown.column(max(end - 2, 0))
                row = self._connector(mark, number, column, self.paper.symbols.corner_bottom)
                yield from self._labelled(row, column + 1, mark, ())
        here = (mark for mark in self.marks if not mark.several and mark.place[0] == number)
        for marks in _rows(sorted(here, key=lambda mark: (not mark.main, -mark.span.start)), shown):
            yield from self._underlines(marks, number, shown)

    def window(self, number: int) -> Window:
        here = [(start, end) for mark in self.marks for line, start, end in _ends(mark) if line == number]
        start, end = here[0] if here else (0, 1)
        return window(self.paper, self.source.line(number), self.room, start, end)

    def _begins_line(self, mark: Mark) -> bool:
        line, column, _, _ = mark.place
        return not self.source.line(line)[: column - 1].strip()

    def _margin(self) -> tuple[str, str]:
        return f" {' ' * self.gutter} {self.paper.symbols.bar} ", "gutter"

    def _sides(self, number: int, kind: str) -> Line:
        """The brackets beside a line: where each is open, and where one begins with the line's first word."""
        symbols = self.paper.symbols
        sides = []
        for mark in self.brackets:
            first, _, last, _ = mark.place
            starts = number == first and self._begins_line(mark)
            is_open = first < number <= last and not (kind == "below" and number == last)
            is_open = is_open or (kind == "below" and number == first)
            sign = symbols.corner_top if starts and kind == "text" else symbols.bar if is_open else " "
            sides.append((f"{sign} ", self._style(mark)))
        return tuple(sides)

    def _connector(self, mark: Mark, number: int, column: int, corner: str) -> Line:
        index = self.brackets.index(mark)
        before = self._sides(number, "below")[:index]
        reach = 2 * (len(self.brackets) - index) - 1 + column
        drawn = corner + self.paper.symbols.rule * reach + self._sign(mark)
        return self._margin(), *before, (drawn, self._style(mark))

    def _underlines(self, row: list[Mark], number: int, shown: Window) -> Iterator[Line]:
        sides = self._sides(number, "below")
        pieces: list[tuple[str, str]] = []
        used = 0
        for mark in row:
            start, stop = _stretch(mark, shown)
            pieces.append((" " * (start - used), ""))
            pieces.append((self._sign(mark) * (stop - start), self._style(mark)))
            used = stop
        yield from self._labelled((self._margin(), *sides, *pieces), used, row[-1], sides)

    def _labelled(self, row: Line, used: int, mark: Mark, sides: Line) -> Iterator[Line]:
        """A row of underlines with the label of its last mark: behind it where there is room, else below."""
        style = self._style(mark)
        if not mark.label:
            yield row
            return
        label = self.paper.show(mark.label[:LONGEST])
        width = text_width(self.paper, label)
        if used + 1 + width <= self.room and len(mark.label) <= LONGEST:
            yield (*row, (f" {label}", style))
            return
        yield row
        indent = min(max(used - 1, 0) if mark.several else self._start(mark), max(self.room - width, self.room // 3))
        sides = sides or (("  " * len(self.brackets), ""),)
        for line in wrap(self.paper, mark.label, self.room - indent):
            yield self._margin(), *sides, (" " * indent + line, style)

    def _start(self, mark: Mark) -> int:
        return _stretch(mark, self.window(mark.place[0]))[0]

    def _sign(self, mark: Mark) -> str:
        return "^" if mark.main else "-"

    def _style(self, mark: Mark) -> str:
        return self.style if mark.main else "label"


def _stretch(mark: Mark, shown: Window) -> tuple[int, int]:
    """The columns of a mark on one line, at least one of them."""
    _, column, _, end = mark.place
    start = shown.column(column - 1)
    return start, max(start + 1, shown.column(end - 1))


def _rows(marks: list[Mark], shown: Window) -> list[list[Mark]]:
    """Marks of a line by rows of underlines: the main one first, a label only at the end of a row."""
    rows: list[list[Mark]] = []
    for mark in marks:
        start, _ = _stretch(mark, shown)
        for row in rows:
            if not row[-1].label and _stretch(row[-1], shown)[1] < start:
                row.append(mark)
                break
        else:
            rows.append([mark])
    return rows


def _ends(mark: Mark) -> list[tuple[int, int, int]]:
    """The characters of a mark that must be seen: line, start and end (from 0)."""
    first, column, last, end = mark.place
    if first == last:
        return [(first, column - 1, end - 1)]
    return [(first, column - 1, column), (last, max(end - 2, 0), max(end - 1, 1))]


def _numbers(frame: Frame, context: int) -> list[int]:
    """The lines of a frame: those with marks, some around the main one, no gap of a single line."""
    source, wanted = frame.source, set[int]()
    for mark in frame.marks:
        first, _, last, _ = mark.place
        whole = last - first < _WHOLE
        wanted |= set(range(first, last + 1)) if whole else {first, first + 1, last - 1, last}
        if mark.main:
            around = [*range(first - context, first), *range(last + 1, last + context + 1)]
            wanted |= {number for number in around if source.line(number).strip()}
    wanted |= {number + 1 for number in wanted if number + 2 in wanted}
    return sorted(wanted)


def _trimmed(line: Line) -> Line:
    """A line without blanks at its end."""
    pieces = list(line)
    while pieces:
        text, style = pieces.pop()
        if text.rstrip():
            return *pieces, (text.rstrip(), style)
    return ()


def frames(marks: Iterable[Mark], paper: Paper, gutter: int, style: str) -> list[Frame]:
    """Frames that show every mark, the first mark's first: one per file, and one for each mark that finds no place."""
    made: list[Frame] = []
    for mark in marks:
        for index, frame in enumerate(made):
            joined = Frame(frame.source, (*frame.marks, mark), gutter, paper, style)
            if frame.source is mark.span.source and _all_seen(joined):
                made[index] = joined
                break
        else:
            made.append(Frame(mark.span.source, (mark,), gutter, paper, style))
    return made


def _all_seen(frame: Frame) -> bool:
    if len(frame.brackets) > _BRACKETS:
        return False
    numbers = {line for mark in frame.marks for line, _, _ in _ends(mark)}
    windows = {number: frame.window(number) for number in numbers}
    return all(windows[line].holds(start, start) for mark in frame.marks for line, start, _ in _ends(mark))
