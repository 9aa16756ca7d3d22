"""What a step is called in findings: a name that survives what is inserted above it."""

from __future__ import annotations

import re

_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_APART = re.compile(r"\W+")
_SKIPPED = re.compile(r"\s*(?:#|set\s|cd\s|export\s|$)")
# A program and up to two plain words behind it: `php artisan migrate`. Neither an option nor a value.
_PROGRAM = re.compile(r"\s*(?:\w+=\S*\s+)*(?:\S*/)?([A-Za-z][\w.+-]*)((?:[ \t]+[a-z]+(?::[a-z-]+)*(?=\s|$)){0,2})")
_LONGEST = 60  # characters


def step_name(id: str, name: str, uses: str, run: str) -> str:
    """The step's `id`, else its name, its action without the version, or what it runs first; empty without any."""
    if id:
        return id
    return _plain(_EXPRESSION.sub(" ", name)) or _plain(uses.partition("@")[0]) or _plain(_program(run))


def _program(run: str) -> str:
    for line in run.splitlines():
        found = None if _SKIPPED.match(line) else _PROGRAM.match(line)
        if found:
            return found[1] + found[2]
    return ""


def _plain(text: str) -> str:
    """Words with `-` between them: they stand between dots in a subject, and people write them by hand."""
    return _APART.sub("-", text).strip("-")[:_LONGEST].rstrip("-")
