"""A command line that no shell reads, such as Supervisor's: words by the rules of `shlex.split`."""

from __future__ import annotations

from dataclasses import dataclass

from opslint.finding import Problem
from opslint.source import Text
from opslint.syntax.script import Part, Word
from opslint.syntax.shell_escape import written_as

_BLANK = " \t\r\n"


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The words as far as they could be read, and what stopped it."""

    words: tuple[Word, ...]
    problems: tuple[Problem, ...] = ()


def words(text: Text) -> tuple[Word, ...]:
    """The words of a command line; those of a broken one as far as it can be read."""
    return command_line(text).words


def command_line(text: Text) -> CommandLine:
    """Words as `shlex.split(text, posix=True)` finds them, quotes and backslashes taken off; never raises.

    `&&`, `|`, `$X` and `#` mean nothing here. Where shlex raises "No closing quotation" or "No escaped character"
    the last word ends with the text and a problem says so.
    """
    found: list[Word] = []
    problems: tuple[Problem, ...] = ()
    i, value = 0, text.value
    while i < len(value):
        if value[i] in _BLANK:
            i += 1
            continue
        word, end, problem = _word(text, i)
        found.append(word)
        problems = (problem,) if problem else ()
        i = end
    return CommandLine(tuple(found), problems)


def _word(text: Text, start: int) -> tuple[Word, int, Problem | None]:
    parts: list[Part] = []
    problem: Problem | None = None
    value, i = text.value, start
    while i < len(value) and value[i] not in _BLANK:
        if value[i] in "'\"":
            part, end = _quoted(text, i)
            if end > len(value):
                problem = Problem(text[i : i + 1].span, "no closing quotation")
        elif value[i] == "\\":
            end = i + 2
            if end > len(value):
                problem = Problem(text[i : i + 1].span, "no character after the backslash")
            part = Part("literal", written_as(text, i, min(end, len(value)), value[i + 1 : end]), quoted=True)
        else:
            end = next((at for at in range(i, len(value)) if value[at] in _BLANK + "'\"\\"), len(value))
            part = Part("literal", text[i:end])
        parts.append(part)
        i = end
    raw = text[start : min(i, len(value))]
    return Word(Text.join((part.text for part in parts), raw), raw, tuple(parts)), min(i, len(value)), problem


def _quoted(text: Text, i: int) -> tuple[Part, int]:
    """The quoted part that opens at `i`, and the index behind it: beyond the text if it is never closed."""
    value, quote = text.value, text.value[i]
    pieces: list[Text] = []
    at = i + 1
    while at < len(value) and value[at] != quote:
        if quote == '"' and value[at] == "\\" and value[at + 1 : at + 2] in ('"', "\\"):
            pieces.append(written_as(text, at, at + 2, value[at + 1]))
            at += 2
        else:
            pieces.append(text[at : at + 1])
            at += 1
    return Part("literal", Text.join(pieces, text[i + 1 : i + 1]), quoted=True), at + 1
