"""A command line read as its program does: the program, its operands and its options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opslint.model.option_names import OPTIONS, SAME, UNKNOWN, Names
from opslint.source import Span, Text
from opslint.syntax.script import Part, Word

_PHP = re.compile(r"php(?:\d+(?:\.\d+)?|-cli)?")

_SCRIPTS = ("artisan", "console", "composer", "composer.phar")


@dataclass(frozen=True, slots=True)
class Option:
    """One option as it is given: `--memory=512`, `--memory 512`, `-m512`."""

    name: str  # as written: `--memory`, `-m`
    word: Word  # the word that it stands in
    value: Text | None = None  # without quotes; None where none is given
    is_literal: bool = True  # whether the value is known without running anything
    apart: Word | None = None  # the next word, where the value stands there

    @property
    def span(self) -> Span:
        """Where it stands, its value included."""
        span = self.word.span
        return Span(span.source, span.start, max(span.end, self.apart.span.end if self.apart else 0))

    @property
    def written(self) -> str:
        return self.span.written


@dataclass(frozen=True, slots=True)
class Line:
    """A command by its parts; that of `php -d x vendor/bin/phpstan` is the program `phpstan`."""

    program: Word | None  # None where it is only known when it runs
    name: str  # its base name, without version or `.phar`: `php`, `artisan`, `tar`
    operands: tuple[Word, ...]
    options: tuple[Option, ...]
    names: Names
    words: tuple[Word, ...] = ()  # all of them, the program left out

    def option(self, name: str) -> Option | None:
        """The last option of that name, under whichever of its names it is given."""
        wanted = self.names.aliases.get(name, name)
        found = (each for each in reversed(self.options) if self.names.aliases.get(each.name, each.name) == wanted)
        return next(found, None)


def base_name(word: Word) -> str:
    """The program that a word names, without its folders: `php8.2` of `/usr/bin/php8.2`."""
    return word.value.rsplit("/", 1)[-1]


def option_of(words: tuple[Word, ...], name: str) -> Option | None:
    """The option of a command, the last one where it is given twice; what stands behind `--` is none."""
    return line(words).option(name)


def options_named(words: tuple[Word, ...], name: str) -> tuple[Option, ...]:
    """Every option of that name, in the order given: `--exclude=a --exclude=b`."""
    found = line(words)
    wanted = found.names.aliases.get(name, name)
    return tuple(each for each in found.options if found.names.aliases.get(each.name, each.name) == wanted)


def line(words: tuple[Word, ...]) -> Line:
    """A command read by what is known of its program's options."""
    if not words:
        return Line(None, "", (), (), UNKNOWN)
    rest = _past_php(words)
    name = _base(rest[0])
    known = SAME.get(name, name)
    names = OPTIONS.get(known, UNKNOWN)
    operands: list[Word] = []
    options: list[Option] = []
    for each in _items(rest[1:], names):
        if isinstance(each, Option):
            options.append(each)
            if each.name in names.operands and each.value is not None:
                operands.append(each.apart or Word(each.value, each.value, (Part("literal", each.value),)))
        else:
            operands.append(each)
    return Line(rest[0] if known else None, known, tuple(operands), tuple(options), names, rest[1:])


def _past_php(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """What PHP runs, where it runs a script: `php -d memory_limit=1G vendor/bin/phpstan` is `phpstan`."""
    if not _base(words[0]) and len(words) > 1 and _base(words[1]) in _SCRIPTS:
        return words[1:]  # `$PHP artisan migrate`: whatever it is, it runs artisan
    if not _PHP.fullmatch(_base(words[0])):
        return words
    i = 1
    while i < len(words) and words[i].value.startswith("-"):
        value = words[i].value
        if value == "--" or value[:2] in ("-r", "-S", "-v", "-m", "-i", "-l"):
            return words
        if value == "-f":
            return words[i + 1 :] or words
        i += 2 if value in ("-d", "-c", "-z", "-t") else 1
    return words[i:] or words


def _base(word: Word) -> str:
    """The base name of a program; empty where it is only known when it runs. `php8.2` is `php`."""
    start, opaque = 0, False
    for part in word.parts:
        if part.kind not in ("literal", "glob"):
            opaque = True
        elif "/" in part.text.value:
            start, opaque = 1, False
    if opaque and (not start or word.parts[-1].kind not in ("literal", "glob")):
        return ""
    name = word.value.rsplit("/", 1)[-1]
    return "php" if _PHP.fullmatch(name) else name


def _items(words: tuple[Word, ...], names: Names) -> Iterator[Option | Word]:
    """Options and operands in order."""
    i = 0
    if names.bare and words and not words[0].value.startswith("-") and words[0].is_literal:
        found, used = _short(words, 0, 0, names)
        yield from found
        i = used
    while i < len(words):
        word, value = words[i], words[i].value
        if value == "--":
            yield from words[i + 1 :]
            return
        if value.startswith("--"):
            option, used = _long(words, i, names)
            yield option
            i += used
        elif value.startswith("-") and len(value) > 1:
            found, used = _short(words, i, 1, names)
            yield from found
            i += used
        else:
            yield word
            i += 1


def _long(words: tuple[Word, ...], i: int, names: Names) -> tuple[Option, int]:
    word = words[i]
    name, equals, _ = word.value.partition("=")
    if equals:
        return Option(name, word, word.text[len(name) + 1 :], _literal_from(word, len(name) + 1)), 1
    if name in names.valued and _is_value(words, i + 1):
        return _with_next(name, word, words[i + 1]), 2
    return Option(name, word), 1


def _short(words: tuple[Word, ...], i: int, start: int, names: Names) -> tuple[list[Option], int]:
    """The options of a cluster such as `-xzf file`, letter by letter."""
    word, found = words[i], list[Option]()
    value = word.value
    if not names.clusters:
        name = value[:2]
        if name in names.valued and len(value) == 2 and _is_value(words, i + 1):
            return [_with_next(name, word, words[i + 1])], 2
        return [Option(name, word, word.text[2:] if value[2:] else None, word.is_literal)], 1
    for at in range(start, len(value)):
        name = "-" + value[at]
        rest = word.text[at + 1 :]
        if name in names.attached or (name in names.valued and rest.value and start):
            found.append(Option(name, word, rest if rest.value else None, _literal_from(word, at + 1)))
            return found, 1
        if name in names.valued and not rest.value and _is_value(words, i + 1):
            found.append(_with_next(name, word, words[i + 1]))
            return found, 2
        found.append(Option(name, word))
    return found, 1


def _is_value(words: tuple[Word, ...], i: int) -> bool:
    """Whether a word can be the value of the option before it; Symfony takes none that looks like an option."""
    return i < len(words) and (not words[i].value.startswith("-") or words[i].value == "-")


def _with_next(name: str, word: Word, following: Word) -> Option:
    return Option(name, word, following.text, following.is_literal, following)


def _literal_from(word: Word, index: int) -> bool:
    """Whether what the word holds from an index on is known without running anything."""
    at = 0
    for part in word.parts:
        at += len(part.text)
        if at > index and part.kind not in ("literal", "glob"):
            return False
    return True
