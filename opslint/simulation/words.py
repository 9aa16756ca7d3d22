"""What words come to: the value of a word as far as the simulation knows it."""

from __future__ import annotations

import re

from opslint.simulation import arithmetic
from opslint.simulation.state import MANY, UNSET, Shell
from opslint.syntax.script import Part, Word

_LONGEST = 200  # characters; a value that grows beyond is no longer followed
_DEFAULT = re.compile(r"\$\{(\w+)(:?[-=])(?P<default>[^}$`]*)\}\Z")
_PIPED = re.compile(r"\$\{PIPESTATUS\[(\d+)\]\}\Z")
_DEMANDED = re.compile(r"\$\{(\w+)(:?)\?")
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


def lacks(word: Word, shell: Shell) -> bool | None:
    """Whether expanding a word ends the shell: `${X:?}` without a value, and with `-u` what is not set.

    None where an expansion demands a value and whether there is one is not known.
    """
    found = [_lacks(part, shell) for part in word.parts]
    return True if True in found else None if None in found else False


def _lacks(part: Part, shell: Shell) -> bool | None:
    if part.kind == "arithmetic":
        return shell.nounset and any(shell.variables.get(name) == UNSET for name in arithmetic.names(part.text.value))
    if part.kind != "parameter" or not part.name:
        return False
    known = shell.variables.get(part.name)
    demanded = _DEMANDED.match(part.text.value)
    if demanded:
        return None if known is None else known == UNSET or (known == "" and demanded[2] == ":")
    return known == UNSET and shell.nounset and _PLAIN.match(part.text.value) is not None


def _part(part: Part, shell: Shell) -> str | None:
    if part.kind == "literal":
        return part.text.value
    if part.kind == "arithmetic":
        return _counted(part, shell)
    if part.kind == "github":
        return shell.variables.get(github(part.name))
    if part.kind != "parameter":
        return None
    if part.name == "?":
        return str(shell.status)
    if part.name == "!":
        return f"%{len(shell.jobs)}" if shell.jobs else None
    known = shell.variables.get(part.name)
    if known == MANY:
        return None
    if known == UNSET:
        default = _DEFAULT.match(part.text.value)
        return default["default"] if default else "" if _PLAIN.match(part.text.value) else None
    piped = _PIPED.match(part.text.value)
    if piped and known is not None:
        statuses = known.split()
        return statuses[int(piped[1])] if int(piped[1]) < len(statuses) else ""
    if _PLAIN.match(part.text.value) or (known and _DEMANDED.match(part.text.value)):
        return known
    default = _DEFAULT.match(part.text.value)
    if default and known is not None:
        return known or (default["default"] if default[2].startswith(":") else known)
    return None


def _counted(part: Part, shell: Shell) -> str | None:
    """`$((...))` that sets nothing."""
    text = arithmetic.inner(part.text.value)
    if part.script is not None or arithmetic.assigns(text):
        return None
    found = arithmetic.evaluate(text, shell.variables.get)
    return None if found.value is None else str(found.value)


def variables(word: Word) -> frozenset[str]:
    """The names of the variables that a word looks at."""
    named = {part.name for part in word.parts if part.kind == "parameter" and part.name}
    counted = (arithmetic.names(part.text.value) for part in word.parts if part.kind == "arithmetic")
    named = named.union(*counted)
    return frozenset(named | {github(part.name) for part in word.parts if part.kind == "github"})


def piped(shell: Shell, statuses: tuple[int, ...]) -> Shell:
    """A shell behind a pipeline, whose `PIPESTATUS` holds until the next command has ended."""
    return shell._replace(variables=shell.variables.put("PIPESTATUS", " ".join(map(str, statuses)) or None))


def github(expression: str) -> str:
    """The name under which a shell keeps what GitHub puts in the place of `${{ expression }}`."""
    return "${{" + " ".join(expression.split())
