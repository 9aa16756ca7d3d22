"""Numbers over time as a picture: in characters for a terminal, in SVG for a page."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from html import escape

_EIGHTHS = " ▁▂▃▄▅▆▇█"
Scale = Callable[[float], str]
Sample = tuple[int, int]  # seconds since 1970, and a number; the number stays until the next sample


def columns(samples: Sequence[Sample], count: int) -> list[int]:
    """The highest number in each of so many equal spans of time; in the last one, the last number."""
    start, end = samples[0][0], max(each[0] for each in samples)
    found, at = [], 0
    for number in range(count):
        moment = start + (end - start) * (number + 1) / count
        highest = samples[at][1]
        while at + 1 < len(samples) and samples[at + 1][0] <= moment:
            at += 1
            highest = max(highest, samples[at][1])
        found.append(highest)
    return [*found[:-1], samples[-1][1]]


def sparkline(samples: Sequence[Sample], width: int) -> str:
    """One line of characters, the highest number being the highest sign."""
    values = columns(samples, width)
    top = max(values) or 1
    return "".join(_EIGHTHS[-(-value * 8 // top)] for value in values)


def area(samples: Sequence[Sample], width: int, height: int) -> Iterator[tuple[str, str]]:
    """Rows of an area, each as its label and its signs; from the top down, then the axis and the dates."""
    values = columns(samples, width)
    top = max(values) or 1
    labels = {height - 1: top, (height - 1) // 2: round(top * ((height - 1) // 2 + 1) / height)}
    margin = len(f"{top:,}")
    for row in reversed(range(height)):
        signs = "".join(_EIGHTHS[max(0, min(8, round(value * height * 8 / top) - row * 8))] for value in values)
        yield f"{labels[row]:>{margin},}" if row in labels else " " * margin, f"┤{signs}"
    yield f"{0:>{margin}}", "└" + "─" * width
    first, last = (_date(each).isoformat() for each in (samples[0][0], max(each[0] for each in samples)))
    yield " " * margin, f" {first}{' ' * max(1, width - len(first) - len(last))}{last}"


def _date(seconds: int) -> datetime.date:
    try:
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()
    except (OverflowError, ValueError, OSError):
        return datetime.date(1970, 1, 1)


_STYLE = """
  .opslint-trend text { font: 12px system-ui, sans-serif; fill: #57606a }
  .opslint-trend .title { font-weight: 600; font-size: 14px; fill: #24292f }
  .opslint-trend .axis { stroke: #d0d7de; fill: none }
  .opslint-trend .area { fill: #2da44e; fill-opacity: .15 }
  .opslint-trend .line { stroke: #2da44e; stroke-width: 2; fill: none }
  .opslint-trend .ahead { stroke: #8c959f; stroke-width: 1.5; stroke-dasharray: 4 4; fill: none }
  .opslint-trend .grew { fill: #cf222e }
  @media (prefers-color-scheme: dark) {
    .opslint-trend text { fill: #8b949e }
    .opslint-trend .title { fill: #e6edf3 }
    .opslint-trend .axis { stroke: #30363d }
  }
"""
_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 860, 320, 56, 44, 24, 36


def svg(samples: Sequence[Sample], title: str, grew: Sequence[tuple[int, int, str]], zero: int | None) -> str:
    """A picture with its axes; `grew` are moments, numbers and words of growth, `zero` is when it would be empty."""
    start, end = samples[0][0], max(each[0] for each in samples)
    far = min(zero, end + (end - start)) if zero else end  # the future takes at most half of it
    top = max(each[1] for each in samples) or 1

    def x(moment: float) -> str:
        return f"{_LEFT + (_WIDTH - _LEFT - _RIGHT) * (moment - start) / ((far - start) or 1):.1f}"

    def y(number: float) -> str:
        return f"{_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - number / top):.1f}"

    line = f"M{x(start)},{y(samples[0][1])}" + "".join(f"H{x(when)}V{y(number)}" for when, number in samples[1:])
    body = [
        f'<text class="title" x="{_LEFT}" y="24">{escape(title)}</text>',
        *_grid(top, x, y, start, end, far),
        f'<path class="area" d="{line}V{y(0)}H{x(start)}Z"/>',
        f'<path class="line" d="{line}"/>',
    ]
    if zero and zero > end:
        left = samples[-1][1] * (1 - (far - end) / (zero - end))
        body.append(f'<path class="ahead" d="M{x(end)},{y(samples[-1][1])}L{x(far)},{y(left)}"/>')
    for when, number, said in grew:
        mark = f'<circle class="grew" cx="{x(when)}" cy="{y(number)}" r="4">'
        body.append(f"{mark}<title>{escape(said)}</title></circle>")
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="opslint-trend" role="img" {size}>'
    inner = "\n".join(body)
    return f"{head}\n<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n{inner}\n</svg>\n"


def _grid(top: int, x: Scale, y: Scale, start: int, end: int, far: int) -> Iterator[str]:
    for number in sorted({0, top // 2, top}):
        yield f'<path class="axis" d="M{x(start)},{y(number)}H{x(far)}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y(number)}" dy="4" text-anchor="end">{number:,}</text>'
    moments = {start: "start", end: "middle" if far > end else "end", far: "end"}
    for moment, anchor in moments.items():
        yield f'<text x="{x(moment)}" y="{_HEIGHT - 12}" text-anchor="{anchor}">{_date(moment)}</text>'
