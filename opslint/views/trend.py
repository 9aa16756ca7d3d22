"""The way of the PHPStan baseline from its first error to zero, as git remembers it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from opslint import lint
from opslint.files import Disk
from opslint.git import GitError
from opslint.model.analysis import analyses
from opslint.model.history import History, history
from opslint.model.trend import Trend, largest, named, pace, steps
from opslint.policy import Policy
from opslint.views import plot, trend_page
from opslint.views.screen import Screen
from opslint.views.trend_data import to_csv, to_json
from opslint.views.trend_words import grew, sentences

FORMATS = ("text", "svg", "html", "json", "csv", "markdown")
_LONG = 200  # versions of baselines from which on reading them is worth a progress bar
_ROWS = 8  # of each table for people
_SPARK = 24  # columns


class NothingError(Exception):
    """There is no history of a baseline to show; says why."""


def render(root: Path, policy: Policy, format_name: str, *, color: bool, width: int) -> str:
    """The trend in one of FORMATS. Raises NothingError where there is no baseline in git, or no git."""
    trend = _trend(root, policy)
    match format_name:
        case "json":
            return to_json(trend)
        case "csv":
            return to_csv(trend)
        case "markdown":
            return trend_page.markdown(trend)
        case "svg":
            return trend_page.svg(trend)
        case "html":
            return trend_page.html(trend)
    return _text(trend, Screen(color=color, width=width), width)


def _trend(root: Path, policy: Policy) -> Trend:
    project = lint.open_project(Disk(root), policy)
    starts = frozenset(each.phpstan.path for each in analyses(project) if each.phpstan)
    try:
        found = history(root, starts, _progress)
    except GitError as error:
        raise NothingError(f"the history cannot be read: {error}") from None
    if not any(point.tally.entries for point in found.points):
        raise NothingError("no commit has a PHPStan baseline that its configuration includes")
    first = next(number for number, point in enumerate(found.points) if point.tally.entries)
    kept = History(found.points[first:], found.commits, found.is_shallow, found.skipped)
    return Trend(kept, steps(kept.points), pace(kept.points))


def _progress(items: Iterable[str], count: int) -> Iterator[str]:
    """Shows on standard error how far the reading of a long history is."""
    import sys

    if count < _LONG or not sys.stderr.isatty():
        yield from items
        return
    import click

    with click.progressbar(items, length=count, label="reading baselines", file=sys.stderr) as bar:
        yield from bar


def _text(trend: Trend, screen: Screen, width: int) -> str:
    screen.line("PHPStan baseline", "bold")
    samples = trend.samples()
    margin = len(f"{max(value for _, value in samples):,}")
    for label, row in plot.area(samples, max(20, min(width, 110) - margin - 4), 10):
        screen.line(f"  {label} {row}", "green")
    screen.line("")
    for sentence in sentences(trend):
        screen.line(sentence)
    for kind in ("identifier", "folder"):
        _table(trend, screen, kind, width)
    most = sorted(trend.grown, key=lambda step: -step.by)[:_ROWS]
    if most:
        screen.line(f"\nIt grew {_times(len(trend.grown))}; most:", "bold")
    for step in most:
        screen.line(f"  {grew(step)}"[: max(40, width)], "red")
    return screen.text


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _table(trend: Trend, screen: Screen, kind: str, width: int) -> None:
    rows = largest(trend, kind)
    if not any(name for name, _, _ in rows):
        return
    shown = [row for row in rows if row[1]][:_ROWS]
    longest = min(max((len(named(kind, name)) for name, _, _ in shown), default=0), max(20, width - _SPARK - 28))
    screen.line(f"\nBy {kind}", "bold")
    for name, now, first in shown:
        spark = plot.sparkline(trend.samples(kind, name), _SPARK)
        screen.line(f"  {named(kind, name)[:longest]:<{longest}}  {now:>6,}  {now - first:>+7,}  {spark}")
    more, gone = len([row for row in rows if row[1]]) - len(shown), len([row for row in rows if not row[1]])
    rest = [f"{more:,} more"] * (more > 0) + [f"{gone:,} gone altogether"] * (gone > 0)
    if rest:
        screen.line(f"  {', '.join(rest)}")
