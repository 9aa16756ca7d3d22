"""What people silence where they write it: `# opslint: ignore[family/name] reason until=2027-01-31`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from opslint.source import Source, Span

_COMMENT = re.compile(r"(?:#|;|//)[ \t]*opslint:[ \t]*ignore\b(?:\[([^\]\r\n]*)\])?([^\r\n]*)")
PLACEHOLDER = "why this is right here"  # what explain and editors write where the reason belongs
_UNTIL = re.compile(r"\buntil=(\S+)")


@dataclass(frozen=True, slots=True)
class Suppression:
    rules: tuple[str, ...]
    reason: str
    until: datetime.date | None
    span: Span  # of the comment
    line: int  # the line that it silences
    problem: str = ""  # what is wrong with it as it is written

    def covers(self, rule: str, line: int) -> bool:
        return line == self.line and rule in self.rules


def suppressions(source: Source) -> Iterator[Suppression]:
    """Every such comment of a file. Alone on its line it speaks for the next line that is none, else for its own."""
    for match in _COMMENT.finditer(source.content):
        span = Span(source, match.start(), match.start() + len(match.group().rstrip()))
        rules = tuple(name.strip() for name in (match[1] or "").split(",") if name.strip())
        until = _UNTIL.search(match[2])
        reason = _UNTIL.sub("", match[2]).strip(" \t-:*/")
        yield Suppression(
            rules=rules,
            reason=reason,
            until=_date(until[1]) if until else None,
            span=span,
            line=_silenced_line(source, span),
            problem=_problem(rules, reason, until[1] if until else None),
        )


def _silenced_line(source: Source, span: Span) -> int:
    line, column = source.position(span.start)
    if source.line(line)[: column - 1].strip():
        return line
    line += 1
    while line < source.lines and _COMMENT.match(source.line(line).lstrip()):
        line += 1
    return line


def _problem(rules: tuple[str, ...], reason: str, until: str | None) -> str:
    if not rules:
        return "names no rule: write `opslint: ignore[family/name] reason`"
    if until is not None and _date(until) is None:
        return f"has no date that can be read: `until={until}`, expected one like until=2027-01-31"
    return "" if reason not in ("", PLACEHOLDER) else "gives no reason: say behind the bracket why this is right here"


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None
