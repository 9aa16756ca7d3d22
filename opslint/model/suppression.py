"""What people silence where they write it: `# opslint: ignore[family/name] reason until=2027-01-31`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from opslint.source import Source, Span

_COMMENT = re.compile(
    r"(?:#+|;+|//+)[ \t]*opslint:[ \t]*ignore\b(?:\[(?P<rules>[^\]\r\n]*)\])?(?P<rest>[^\r\n]*)"
)
_NAME = re.compile(r"[^,\s](?:[^,]*[^,\s])?")
PLACEHOLDER = "why this is right here"  # what explain and editors write where the reason belongs
_UNTIL = re.compile(r"\buntil=(\S+)")
_NOTHING = re.compile(r"[ \t]*(?:(?:#|;|//).*)?")  # a blank line, or one that is all comment
_DECORATION = " \t-:*/"  # between the bracket and the reason, and at the end of a comment


@dataclass(frozen=True, slots=True)
class Named:
    """A rule that a comment names, where it stands."""

    rule: str
    span: Span


@dataclass(frozen=True, slots=True)
class Suppression:
    names: tuple[Named, ...]
    reason: str
    until: datetime.date | None
    span: Span  # of the comment
    first: int  # the lines that it silences: one, or all of a command that `\` continues
    last: int
    problem: str = ""  # what is wrong with it as it is written
    problem_span: Span | None = None  # where, if not in all of it
    until_span: Span | None = None

    def covers(self, rule: str, line: int) -> bool:
        return self.first <= line <= self.last and any(each.rule == rule for each in self.names)


def suppressions(source: Source) -> Iterator[Suppression]:
    """Every such comment of a file. Alone on its line it speaks for the next line with content, else for its own."""
    for match in _COMMENT.finditer(source.content):
        span = Span(source, match.start(), match.start() + len(match.group().rstrip()))
        names = tuple(_names(source, match))
        until = _UNTIL.search(source.content, match.start("rest"), match.end("rest"))
        until_span = Span(source, until.start(), until.end()) if until else None
        date = _date(until[1]) if until else None
        reason = _UNTIL.sub("", match["rest"]).strip(_DECORATION)
        problem = _problem(names, reason, until[1] if until else None)
        first, last = _silenced(source, span)
        wrong_date = until_span if until is not None and date is None and names else None
        yield Suppression(names, reason, date, span, first, last, problem, wrong_date, until_span)


def _names(source: Source, match: re.Match[str]) -> Iterator[Named]:
    if match["rules"] is not None:
        for name in _NAME.finditer(source.content, match.start("rules"), match.end("rules")):
            yield Named(name.group(), Span(source, name.start(), name.end()))


def _silenced(source: Source, span: Span) -> tuple[int, int]:
    """The first and the last line: of a command that goes on behind `\\`, no single line could carry a comment."""
    line, column = source.position(span.start)
    if not source.line(line)[: column - 1].strip():
        line += 1
        while line < source.lines and _NOTHING.fullmatch(source.line(line)):
            line += 1
    first = last = line
    while first > 1 and source.line(first - 1).endswith("\\") and not _NOTHING.fullmatch(source.line(first - 1)):
        first -= 1
    while last < source.lines and source.line(last).endswith("\\"):
        last += 1
    return first, last


def _problem(names: tuple[Named, ...], reason: str, until: str | None) -> str:
    if not names:
        return "names no rule: write `opslint: ignore[family/name] reason`"
    if until is not None and _date(until) is None:
        return f"has no date that can be read: `until={until}`, expected one like until=2027-01-31"
    return "" if reason not in ("", PLACEHOLDER) else "gives no reason: say behind the bracket why this is right here"


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None
