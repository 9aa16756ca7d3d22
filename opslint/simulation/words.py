"""What words come to: the value of a word as far as the simulation knows it."""

from __future__ import annotations

import re

from opslint.simulation.state import Shell
from opslint.syntax.script import Part, Word

_LONGEST = 200  # characters; a value that grows beyond is no longer followed
_DEFAULT = re.compile(r"\$\{(\w+)(:?[-=])(?P<default>[^}$`]*)\}\Z")
_PIPED = re.compile(r"\$\{PIPESTATUS\[(\d+)\]\}\Z")
_PLAIN = re.compile(r"\$(\{\w+\}|\w+|\?)\Z")


def value(word: Word | None, shell: Shell) -> str | None:
    """The value of a word, or None where some part of it is not known."""
    if word is None:
        return ""
    found = [_part(part, shell) for part in word.parts]
    known = [text for text in found if text is not None]
    if len(known) < len(found):
        return None
    joined = "".join(known)
    return joined if len(joined) <= _LONGEST or word.is_literal else None


def _part(part: Part, shell: Shell) -> str | None:
    if part.kind == "literal":
        return part.text.value
    if part.kind == "github":
        return shell.variables.get(github(part.name))
    if part.kind != "parameter":
        return None
    if part.name == "?":
        return str(shell.status)
    if part.name == "!":
        return f"%{len(shell.jobs)}" if shell.jobs else None
    known = shell.variables.get(part.name)
    piped = _PIPED.match(part.text.value)
    if piped and known is not None:
        statuses = known.split()
        return statuses[int(piped[1])] if int(piped[1]) < len(statuses) else ""
    if _PLAIN.match(part.text.value):
        return known
    default = _DEFAULT.match(part.text.value)
    if default and known is not None:
        return known or (default["default"] if default[2].startswith(":") else known)
    return None


def variables(word: Word) -> frozenset[str]:
    """The names of the variables that a word looks at."""
    named = {part.name for part in word.parts if part.kind == "parameter" and part.name}
    return frozenset(named | {github(part.name) for part in word.parts if part.kind == "github"})


def piped(shell: Shell, statuses: tuple[int, ...]) -> Shell:
    """A shell behind a pipeline, whose `PIPESTATUS` holds until the next command has ended."""
    return shell._replace(variables=shell.variables.put("PIPESTATUS", " ".join(map(str, statuses)) or None))


def github(expression: str) -> str:
    """The name under which a shell keeps what GitHub puts in the place of `${{ expression }}`."""
    return "${{" + " ".join(expression.split())
