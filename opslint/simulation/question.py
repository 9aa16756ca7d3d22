"""Commands that ask instead of act, and what `test` and `[[` answer where the values are known."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Literal

Kind = Literal["sure", "asks", "acts"]

# Builtins and programs that do not fail but by a mishap nobody plans for.
SURE = frozenset(
    ": true echo printf pwd umask shopt alias unalias hash ulimit type sleep date basename dirname whoami times "
    "uname clear tput tee seq".split()
)
_ASKING = frozenset("test [ [[ (( let diff cmp which read getopts pgrep mountpoint".split())
_COMPARISONS = {"=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"}


def classify(words: Sequence[str | None]) -> Kind:
    """What is known of a command by its words alone: it cannot fail, it asks, or it acts and may fail."""
    program = posixpath.basename(words[0] or "")
    rest = words[1:]
    if program in SURE:
        return "sure"
    if program in _ASKING or (program == "command" and rest and rest[0] in ("-v", "-V")):
        return "asks"
    if program in ("grep", "egrep", "fgrep") and any(_is_quiet(word) for word in rest):
        return "asks"
    if program == "git" and rest and rest[0] == "diff" and any(word in ("--quiet", "--exit-code") for word in rest):
        return "asks"
    if program == "systemctl" and rest and rest[0] in ("is-active", "is-enabled", "is-failed"):
        return "asks"
    return "acts"


def _is_quiet(word: str | None) -> bool:
    return word in ("--quiet", "--silent") or ((word or "").startswith("-") and "q" in (word or "").lstrip("-")[:4])


def answer(words: Sequence[str | None]) -> bool | None:
    """What `test`, `[` or `[[` says of known operands; None where it depends on what is not known.

    >>> answer(["[", "1", "-eq", "0", "]"])
    False
    """
    operands = list(words[1:])
    if words[0] in ("[", "[["):
        operands = operands[:-1]
    elif words[0] != "test":
        return None
    if operands and operands[0] == "!":
        inner = answer(["test", *operands[1:]])
        return None if inner is None else not inner
    for joint in ("||", "&&"):
        if joint in operands:
            at = operands.index(joint)
            return _joined(joint, answer(["test", *operands[:at]]), answer(["test", *operands[at + 1 :]]))
    return _simple(operands, pattern=words[0] == "[[")


def _joined(joint: str, left: bool | None, right: bool | None) -> bool | None:
    decisive = joint == "||"
    if left is decisive or right is decisive:
        return decisive
    return None if left is None or right is None else not decisive


def _simple(operands: list[str | None], pattern: bool) -> bool | None:
    match operands:
        case []:
            return False
        case [only]:
            return None if only is None else bool(only)
        case ["-n" | "-z" as operator, value]:
            return None if value is None else bool(value) == (operator == "-n")
        case [left, str(operator), right] if operator in _COMPARISONS and left is not None and right is not None:
            if operator.startswith("-"):
                return _numbers(left, operator, right)
            if pattern and any(character in right for character in "*?["):
                return None
            return (left == right) == (operator != "!=")
    return None


def _numbers(left: str, operator: str, right: str) -> bool | None:
    try:
        a, b = int(left), int(right)
    except ValueError:
        return False  # test says "integer expression expected" and fails
    return {"-eq": a == b, "-ne": a != b, "-lt": a < b, "-le": a <= b, "-gt": a > b, "-ge": a >= b}[operator]
