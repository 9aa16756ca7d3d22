"""A coloured report as HTML: the same characters in spans that the site's stylesheet colours, light and dark."""

from __future__ import annotations

from html import escape
from itertools import pairwise

from rich.style import Style
from rich.text import Text

_ATTRIBUTES = ("bold", "dim", "italic")
_COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


def html(text: str) -> str:
    """What a terminal would show of a text with SGR sequences, as one `<pre>` that Markdown leaves alone."""
    lines = "\n".join(_line(line) for line in Text.from_ansi(text.rstrip("\n")).split("\n"))
    return f'<pre class="terminal"><code>{lines}</code></pre>'


def _line(line: Text) -> str:
    pieces = []
    edges = sorted({0, len(line), *(edge for span in line.spans for edge in (span.start, span.end))})
    for start, end in pairwise(edges):
        names = [name for span in line.spans if span.start <= start < span.end for name in _classes(span.style)]
        words = escape(line.plain[start:end])
        pieces.append(f'<span class="{" ".join(dict.fromkeys(names))}">{words}</span>' if names else words)
    return "".join(pieces) or "&#8203;"  # an empty line would end the block


def _classes(style: str | Style) -> list[str]:
    parsed = Style.parse(style) if isinstance(style, str) else style
    names = [name for name in _ATTRIBUTES if getattr(parsed, name)]
    number = parsed.color.number if parsed.color else None
    return names if number is None else [*names, _COLORS[number % 8]]
