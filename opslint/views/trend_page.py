"""The trend for pages: as a picture, as Markdown, as one page of HTML."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from html import escape

from opslint.model.trend import Trend, day, largest, named
from opslint.report.safe import markdown_code, markdown_words, visible
from opslint.views import plot
from opslint.views.trend_words import grew, sentences

_ROWS = 8  # of each table in Markdown


def svg(trend: Trend) -> str:
    """One picture, that needs nothing else."""
    marks = [(step.point.commit.date, step.point.tally.errors, visible(grew(step))) for step in trend.grown]
    zero = trend.pace.zero if trend.pace else None
    moment = datetime.datetime.combine(zero, datetime.time(), datetime.UTC) if zero else None
    title = f"PHPStan baseline: {trend.last.tally.errors:,} errors"
    return plot.svg(trend.samples(), title, marks, int(moment.timestamp()) if moment else None)


def markdown(trend: Trend) -> str:
    """For a pull request or a job's summary."""
    lines = ["## PHPStan baseline", "", *(markdown_words(each) for each in sentences(trend))]
    for kind in ("identifier", "folder"):
        lines += ["", f"| {kind} | errors | since the first |", "|---|--:|--:|"]
        for name, now, first in largest(trend, kind)[:_ROWS]:
            lines.append(f"| {markdown_code(named(kind, name))} | {now:,} | {now - first:+,} |")
    if trend.grown:
        lines += ["", "| it grew on | by | to | commit |", "|---|--:|--:|---|"]
    for step in sorted(trend.grown, key=lambda step: -step.by)[:_ROWS]:
        subject = markdown_words(step.point.commit.subject)
        commit = f"{markdown_code(step.point.commit.id[:10])} {subject}"
        lines.append(f"| {day(step.point)} | {step.by:+,} | {step.point.tally.errors:,} | {commit} |")
    return "\n".join(lines) + "\n"


_PAGE_STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
svg { max-width: 100%; height: auto }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .2rem .8rem; text-align: left }
td + td { text-align: right; font-variant-numeric: tabular-nums } td.words { text-align: left }
"""


def html(trend: Trend) -> str:
    """One page, that needs nothing else."""
    parts = [svg(trend), *(f"<p>{escape(visible(each))}</p>" for each in sentences(trend))]
    for kind in ("identifier", "folder"):
        found = [(named(kind, name), f"{now:,}", f"{now - first:+,}") for name, now, first in largest(trend, kind)]
        parts.append(_html_table((f"By {kind}", "errors", "since the first"), found))
    rows = [(str(day(each.point)), f"{each.by:+,}", visible(each.point.commit.subject)) for each in trend.grown]
    if rows:
        parts.append(_html_table(("It grew on", "by", "commit"), rows))
    inner = "\n".join(parts)
    head = f'<meta charset="utf-8"><title>PHPStan baseline</title><style>{_PAGE_STYLE}</style>'
    body = f"<h1>PHPStan baseline</h1>\n{inner}"
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}\n</body></html>\n'


def _html_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "\n".join(f"<tr>{''.join(f'<td>{escape(visible(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
