"""Patterns of commands, as rules and acts write them: `php artisan down`, `tar -x* *backup*`."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

from opslint.model.option import Line, Option, line
from opslint.syntax.script import Word

_OPAQUE = "\0"  # stands for what is only known when it runs: no pattern but `*` matches it


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which commands are meant.

    The program is compared by its base name, `php` and its options skipped. Words without `*` must follow one
    another among the operands; a word with `*` may have others before it. Options match wherever they stand, under
    each of their names: `-x*` is the option x alone or in a cluster, `--to=*` one with a value. `<x` is what the
    command reads: a file, or the command before the `|`. Behind the pattern's last word anything may follow.

    What is only known when it runs matches `*`; a glob that is open at both ends (`*backup*`) also looks at it as
    it is written, `$BACKUP_DIR/x`, whatever its case.
    """

    written: str
    program: str
    operands: tuple[str, ...]
    options: tuple[str, ...]
    reads: str | None = None

    @staticmethod
    @lru_cache(maxsize=1024)
    def parse(written: str) -> Pattern:
        """A pattern from its text; quotes keep blanks together."""
        words = shlex.split(written)
        if len(words) > 1 and words[0] == "php" and not words[1].startswith("-"):
            words = words[1:]
        reads = next((word[1:] for word in words if word.startswith("<")), None)
        options = tuple(word for word in words[1:] if word.startswith("-"))
        operands = tuple(word for word in words[1:] if not word.startswith(("-", "<")))
        program = words[0].rsplit("/", 1)[-1] if words else ""
        return Pattern(written, program, operands, options, reads)

    def matches(self, words: tuple[Word, ...], reads: str = "") -> bool:
        """Whether a command, its wrappers taken off, is one of these; `reads` is what it is given by `<` or `|`."""
        return self.fits(line(words), reads)

    def fits(self, found: Line, reads: str = "") -> bool:
        """The same for a command whose options were read before."""
        if self.reads is not None and not (reads and _glob(self.reads).match(reads)):
            return False
        return (
            self.is_program(found.name)
            and all(has_option(found, option) for option in self.options)
            and _operands(self.operands, found.operands) is not None
        )

    def said(self, words: tuple[Word, ...]) -> str:
        """How a person would name a command that matches: without folders, versions and further words."""
        found = line(words)
        matched = _operands(self.operands, found.operands) or ()
        program = found.name or words[0].value
        name = "php artisan" if program == "artisan" else program
        return " ".join((name, *(found.operands[index].value for index in matched)))

    def is_program(self, name: str) -> bool:
        """Whether a program's base name is the pattern's; one that is only known when it runs has none."""
        if self.program in ("*", name):
            return True
        return bool(name) and _glob(self.program).match(name) is not None


def has_option(found: Line, wanted: str) -> bool:
    """Whether a command has an option: `--force`, `-x` (in a cluster too), `--to=*` with a value that matches."""
    name, equals, value = wanted.partition("=")
    if name.endswith("*") and len(name) == 3:
        name = name[:2]
    for option in found.options:
        if _same_name(found, option, name) and (not equals or _value_matches(option, value)):
            return True
    return False


def _same_name(found: Line, option: Option, name: str) -> bool:
    aliases = found.names.aliases
    if "*" in name:
        return _glob(name).match(option.name) is not None
    return aliases.get(option.name, option.name) == aliases.get(name, name)


def _value_matches(option: Option, glob: str) -> bool:
    if option.value is None:
        return False
    if not option.is_literal and not _is_open(glob):
        return glob == "*"
    return _glob(glob).match(option.value.value) is not None


def _operands(wanted: tuple[str, ...], given: tuple[Word, ...], start: int = 0) -> tuple[int, ...] | None:
    """The indices of the operands that the pattern's words match, or None."""
    if not wanted:
        return ()
    first, rest = wanted[0], wanted[1:]
    reach = len(given) if "*" in first or "?" in first else min(start + 1, len(given))
    for index in range(start, reach):
        if word_matches(given[index], first):
            behind = _operands(rest, given, index + 1)
            if behind is not None:
                return (index, *behind)
    return None


def word_matches(word: Word, glob: str) -> bool:
    """Whether a word is one that the glob means."""
    if _is_open(glob) and _glob(glob).match(word.value):
        return True
    if word.is_literal:
        return _glob(glob, exact=True).match(word.value) is not None
    known = "".join(part.text.value if part.kind in ("literal", "glob") else _OPAQUE for part in word.parts)
    return glob == "*" or _glob(glob, exact=True).match(known) is not None


def _is_open(glob: str) -> bool:
    return len(glob) > 2 and glob[0] == glob[-1] == "*"


@lru_cache(maxsize=2048)
def _glob(glob: str, *, exact: bool = False) -> re.Pattern[str]:
    return re.compile(translate(glob), 0 if exact else re.IGNORECASE)
