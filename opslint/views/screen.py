"""A stretch of text for a terminal: lines and Markdown, coloured or plain, within a width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from opslint.report import text as report_text
from opslint.report.paper import Line, Paper
from opslint.report.safe import opening, visible


class Screen:
    """Collects what a view says; `text` is the result. Plain output keeps Markdown as it is written."""

    def __init__(self, *, color: bool, width: int, encoding: str = "utf-8") -> None:
        self._color = color
        self._width = width
        self.paper = Paper(width, encoding)
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        """What has been said, its lines finished: where they were wrapped, none begins as a runner's command."""
        return "\n".join(map(opening, "".join(self._pieces).split("\n")))

    def line(self, text: str, style: str = "") -> None:
        """A line as it is, whatever its width: where it goes on is for the terminal."""
        safe = "\n".join(visible(each) for each in text.split("\n"))
        if self._color and style:
            from rich.text import Text

            self._render(Text(safe, style=style), soft_wrap=True)
        else:
            self._pieces.append(safe + "\n")

    def lines(self, lines: Iterable[Line]) -> None:
        """What was drawn for this paper, in the styles of the report."""
        self._pieces.append(report_text.drawn(list(lines), self._color))

    def markdown(self, text: str) -> None:
        safe = "\n".join(visible(each) for each in text.split("\n"))
        if self._color:
            from rich.markdown import Markdown

            self._render(Markdown(safe))
        else:
            self._pieces.append(safe.rstrip("\n") + "\n")

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Columns as wide as they need, the last one wrapped."""
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
        from rich.text import Text

        table = Table(*heads, box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for row in rows:
            table.add_row(*(Text(visible(cell)) for cell in row))
        self._render(table)

    def _render(self, what: Any, *, soft_wrap: bool = False) -> None:
        import io

        from rich.console import Console

        stream = io.StringIO()
        console = Console(
            file=stream, force_terminal=self._color, color_system="standard" if self._color else None, width=self._width
        )
        console.print(what, soft_wrap=soft_wrap)
        self._pieces.append("\n".join(line.rstrip() for line in stream.getvalue().split("\n")))
