"""A fix as a small diff: the lines it takes away and the lines it puts there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from opslint.finding import Edit, Fix
from opslint.source import Source


@dataclass(frozen=True, slots=True)
class Hunk:
    """Neighbouring lines that change; `line` is the number of the first of them."""

    path: str
    line: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    before: str = ""  # the line above where lines are only added, so that one sees where they come

    def rows(self) -> list[tuple[str, int, str]]:
        """Sign, line number and text: first all that goes (`-`), then all that comes (`+`)."""
        above = [(" ", self.line - 1, self.before)] if self.before else []
        gone = [("-", self.line + index, text) for index, text in enumerate(self.old)]
        return above + gone + [("+", self.line + index, text) for index, text in enumerate(self.new)]


def hunks(fix: Fix) -> list[Hunk]:
    """The hunks of a fix by path and line. None for edits that overlap: what they would do is not defined."""
    edits = sorted(fix.edits, key=lambda edit: (edit.span.path, edit.span.start, edit.span.end))
    by_source = [list(group) for _, group in groupby(edits, key=lambda edit: id(edit.span.source))]
    if any(a.span.end > b.span.start for group in by_source for a, b in pairwise(group)):
        return []
    return [_hunk(cluster) for group in by_source for cluster in _clusters(group)]


def _clusters(edits: list[Edit]) -> Iterator[list[Edit]]:
    """Edits of one source whose lines touch."""
    cluster: list[Edit] = []
    for edit in edits:
        if cluster and edit.span.place[0] > cluster[-1].span.place[2]:
            yield cluster
            cluster = []
        cluster.append(edit)
    if cluster:
        yield cluster


def _hunk(edits: list[Edit]) -> Hunk:
    source = edits[0].span.source
    first, last = edits[0].span.place[0], edits[-1].span.place[2]
    start, end = source.offset(first, 1), _line_end(source, last)
    pieces, here = [], start
    for edit in edits:
        pieces += [source.content[here : edit.span.start], edit.replacement]
        here = edit.span.end
    new = _lines("".join(pieces) + source.content[here:end])
    old = _lines(source.content[start:end])
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    old, new = old[same:], new[same:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    before = "" if old else source.line(first + same - 1)
    return Hunk(source.path, first + same, tuple(old), tuple(new), before)


def _line_end(source: Source, line: int) -> int:
    """Behind the line and its break."""
    return source.offset(line + 1, 1) if line < source.lines else len(source.content)


def _lines(text: str) -> list[str]:
    """Lines as Source counts them, which `str.splitlines` does not: it breaks at form feeds and more."""
    source = Source("", text)
    lines = [source.line(number) for number in range(1, source.lines + 1)]
    return lines[:-1] if lines[-1] == "" else lines
