"""Rows of what runs, drawn: line numbers at the left, what is done and where in columns of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opslint.report.paper import Line, Paper, Piece, shorten, text_width, wrap
from opslint.source import Span

_INDENT = 3
_WIDEST_HOST = 32  # columns
_NARROWEST = 20  # columns of a command


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is drawn. With `act` it has columns: what it does, where, and the command."""

    span: Span | None  # where it is written; None for what is said about the row above
    depth: int
    text: str
    style: str = ""
    after: str = ""  # said behind the text, less loud
    act: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class _Columns:
    digits: int  # of the line numbers
    acts: int
    hosts: int

    @property
    def command(self) -> int:
        """Where the commands begin."""
        return self.digits + 2 + self.acts + 2 + self.hosts + 2


def draw(rows: Sequence[Row], paper: Paper) -> Iterator[Line]:
    """The rows in lines of at most the paper's width; what is too long is cut, what is said is wrapped."""
    acting = [row for row in rows if row.act]
    hosts = max((text_width(paper, paper.show(row.host)) for row in acting), default=0)
    columns = _Columns(
        max((len(str(row.span.place[0])) for row in rows if row.span), default=1),
        max((len(row.act) + row.depth * _INDENT for row in acting), default=0),
        min(hosts, _WIDEST_HOST, paper.width // 4),
    )
    for row in rows:
        yield from _act(row, columns, paper) if row.act else _said(row, columns, paper)


def _gutter(row: Row, columns: _Columns) -> Piece:
    return f"{row.span.place[0] if row.span else '':>{columns.digits}}  ", "gutter"


def _act(row: Row, columns: _Columns, paper: Paper) -> Iterator[Line]:
    lead = " " * (row.depth * _INDENT)
    host, act = shorten(paper, row.host, columns.hosts), paper.show(row.act)
    after = f"  {paper.show(row.after)}" if row.after else ""
    room = max(paper.width - columns.command, _NARROWEST)
    fits = text_width(paper, after) + _NARROWEST <= room
    yield (
        _gutter(row, columns),
        (f"{lead}{act:<{columns.acts - len(lead)}}  ", "state"),
        (host + " " * (columns.hosts - text_width(paper, host) + 2), "label"),
        (shorten(paper, row.text, room - text_width(paper, after) if fits else room), ""),
        (after if fits else "", "dim"),
    )
    for line in wrap(paper, row.after, room) if after and not fits else ():
        yield ((" " * columns.command + line, "dim"),)


def _said(row: Row, columns: _Columns, paper: Paper) -> Iterator[Line]:
    gutter, lead = _gutter(row, columns), " " * (row.depth * _INDENT)
    room = max(paper.width - columns.digits - 2 - len(lead), _NARROWEST)
    if row.span is None:
        for index, line in enumerate(wrap(paper, row.text, room - 2)):
            yield (gutter, (lead + "  " * bool(index), ""), (line, row.style))
        return
    text = shorten(paper, row.text, room)
    fits = text_width(paper, text) + 2 + text_width(paper, paper.show(row.after)) <= room
    yield (gutter, (lead, ""), (text, row.style), (f"  {paper.show(row.after)}" if fits and row.after else "", "dim"))
    for line in wrap(paper, row.after, room - _INDENT) if row.after and not fits else ():
        yield ((" " * (columns.digits + 2 + _INDENT) + lead + line, "dim"),)
