"""Whether GitHub takes a text for a schedule: five fields of numbers, names, ranges, lists and steps."""

from __future__ import annotations

import re

_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_DAYS = {name: number for number, name in enumerate("sun mon tue wed thu fri sat".split())}
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 6, _DAYS),
)


def cron_flaw(cron: str) -> str:
    """Why a schedule is refused; empty where it is not (docs: events that trigger workflows, schedule)."""
    if odd := re.search(r"[^\x20-\x7e]", cron):
        return f"`{cron}` holds the character U+{ord(odd[0]):04X}"
    parts = re.split(" +", cron)
    if len(parts) != len(_FIELDS):
        return f"`{cron}` is no schedule of five fields: minute, hour, day of month, month, day of week"
    for part, (name, lowest, highest, names) in zip(parts, _FIELDS, strict=True):
        if not all(_is_term(term, lowest, highest, names) for term in part.split(",")):
            return f"`{part}` is no {name}: {lowest} to {highest}"
    return ""


def _is_term(term: str, lowest: int, highest: int, names: dict[str, int]) -> bool:
    """`*`, `5`, `1-5`, each with an optional `/2`; `*/24` hours works (github/vscode-github-actions, issue 331)."""
    base, slash, step = term.partition("/")
    if slash and _number(step) < 1:
        return False
    if base == "*":
        return True
    ends = [names.get(end.lower(), _number(end)) for end in base.split("-")]
    return len(ends) <= 2 and ends == sorted(ends) and all(lowest <= end <= highest for end in ends)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1
