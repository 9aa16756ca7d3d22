"""How often `for x in ...` goes round, and with what, as far as its words tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opslint.simulation.state import Shell
from opslint.simulation.words import value
from opslint.syntax.script import Part, Simple, Word

MOST_LISTED = 8  # words that are followed one by one
_MOST_RANGE = 3  # numbers of `{1..3}` and `seq 3`: of more, only that there are some
_RANGE = re.compile(r"\{(-?\d{1,9})\.\.(-?\d{1,9})\}")


def turns(words: tuple[Word, ...] | None, shell: Shell) -> tuple[str | None, ...] | int:
    """The values of the variable, turn by turn; or how many turns are certain, where there may be more."""
    if words is None:
        return 0
    found: list[str | None] = []
    certain, known = 0, True
    for word in words:
        values = _values(word, shell)
        if isinstance(values, int):
            certain, known = certain + values, False
        else:
            certain += len(values)
            found.extend(values)
    return tuple(found) if known and len(found) <= MOST_LISTED else min(certain, 1)


def _values(word: Word, shell: Shell) -> tuple[str | None, ...] | int:
    """What a word comes to; or how many words at least."""
    whole = all(part.quoted or part.kind == "literal" for part in word.parts)
    known = value(word, shell)
    if known is not None:
        return (known,) if whole else tuple(known.split())
    if any(part.name in ("@", "*") for part in word.parts):
        return 0
    if whole:
        return (None,)
    if shell.dialect == "sh" and len(word.parts) == 1 and word.value.startswith("{"):
        return (word.value,)  # dash knows no braces
    numbers = _numbers(word.parts[0]) if len(word.parts) == 1 else None
    if numbers is not None:
        return tuple(map(str, numbers)) if len(numbers) <= _MOST_RANGE else 1
    return int(any(part.quoted or part.kind in ("literal", "glob") for part in word.parts))


def _numbers(part: Part) -> range | None:
    """The numbers of `{1..3}` and `$(seq 3)`."""
    written = _RANGE.fullmatch(part.text.value) if part.kind == "glob" else None
    if written is not None:
        first, last = int(written[1]), int(written[2])
        return range(first, last + 1) if first <= last else range(first, last - 1, -1)
    bounds = list(_sequence(part)) if part.kind == "command" else []
    if len(bounds) == 3:
        return range(bounds[0], bounds[2] + (1 if bounds[1] > 0 else -1), bounds[1]) if bounds[1] else None
    if len(bounds) in (1, 2):
        return range(bounds[0] if len(bounds) == 2 else 1, bounds[-1] + 1)
    return None


def _sequence(part: Part) -> Iterator[int]:
    """The bounds of `seq`, where they are written out."""
    statements = part.script.body.items if part.script is not None else ()
    simple = statements[0].statement if len(statements) == 1 else None
    if isinstance(simple, Simple) and simple.words and simple.words[0].value == "seq" and not simple.redirects:
        bounds = [word.value for word in simple.words[1:]]
        if all(re.fullmatch(r"-?\d{1,9}", bound) for bound in bounds):
            yield from map(int, bounds)
