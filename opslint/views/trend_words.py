"""The trend in words."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.model.trend import Step, Trend, day


def sentences(trend: Trend) -> Iterator[str]:
    """What there is to know, in whole sentences."""
    first, last = trend.points[0], trend.last
    peak = max(trend.points, key=lambda point: point.tally.errors)
    changed = last.tally.errors - first.tally.errors
    now = f"{_count(last.tally.errors, 'error', 'errors')} in {_count(last.tally.entries, 'entry', 'entries')}"
    since = f"{changed:+,} since {day(first)}, when there were {first.tally.errors:,}"
    yield f"{now}: {since}; at most {peak.tally.errors:,}, on {day(peak)}."
    if last.tally.unbounded:
        yield f"Entries without a count, which hide any number: {last.tally.unbounded:,}."
    yield _pace_in_words(trend)
    if trend.history.is_shallow:
        yield "This clone is shallow: the history before it is not here."
    if trend.history.skipped:
        yield f"Of {trend.history.commits:,} commits, {trend.history.skipped:,} were passed over."


def _pace_in_words(trend: Trend) -> str:
    found = trend.pace
    if not trend.last.tally.errors:
        return f"It is empty since {day(trend.steps[-1].point)}."
    if found is None:
        return "The history is too short to tell its pace."
    if not found.per_week:
        return f"It did not change in the last {found.days} days."
    said = f"{abs(found.per_week):.1f} errors {'fewer' if found.per_week < 0 else 'more'} a week"
    ending = f": at this pace it is empty about {found.zero}" if found.zero else ": at this pace it is never empty"
    return f"In the last {found.days} days, {said}{ending}."


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def grew(step: Step) -> str:
    """One growth on one line."""
    commit = step.point.commit
    return f"{day(step.point)}  {step.by:+,} to {step.point.tally.errors:,}  {commit.id[:10]}  {commit.subject}"
