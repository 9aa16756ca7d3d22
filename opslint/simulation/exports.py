"""What a step leaves for later ones: what it writes to `$GITHUB_OUTPUT` and `$GITHUB_ENV`.

    echo "changed=true" >> "$GITHUB_OUTPUT"        printf 'NAME=%s\\n' "$x" >> $GITHUB_ENV
    echo "rc=$?" | tee -a "$GITHUB_ENV"            { echo 'LIST<<EOF'; ls; echo EOF; } >> "$GITHUB_ENV"

While a step runs they are facts of their own (`output.changed`, `env.NAME`), behind it those of the step and the job.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from opslint.simulation.state import Shell, State
from opslint.simulation.words import value
from opslint.syntax.script import Redirect, Simple, Word

UNTOLD = "\0untold"  # it was set, to what nobody knows
ANYTHING = "*"  # the name, where the script writes what is not to be seen
_FILES = {"GITHUB_OUTPUT": "output", "GITHUB_ENV": "env"}
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_BEGINS = re.compile(r"([A-Za-z_][\w-]*)<<(\S+)")


@dataclass
class Sink:
    """One of the files, and the delimiter of the value that is being written to it; shared by all of a script."""

    file: str
    delimiter: str = ""


def sinks() -> dict[str, Sink]:
    """The files, of which nothing is written."""
    return {file: Sink(file) for file in _FILES.values()}


@dataclass(frozen=True)
class Export:
    """One value that a command sets: the words that say it, or a text, or neither where it is not known."""

    file: str  # output | env
    name: str
    words: tuple[Word, ...] = ()  # joined by blanks, `NAME=` before it
    text: str | None = None

    @property
    def fact(self) -> str:
        return f"{self.file}.{self.name.lower() if self.file == 'output' else self.name}"

    def told(self, shell: Shell) -> str:
        if not self.words:
            return UNTOLD if self.text is None else self.text
        known = [value(word, shell) for word in self.words]
        joined = " ".join(each or "" for each in known)
        return UNTOLD if None in known or "\n" in joined else joined.partition("=")[2]


def sink(redirects: Iterable[Redirect], outer: str) -> str:
    """The file that a command writes to, if it is one of GitHub's; `outer` is where a group around it writes to."""
    for redirect in redirects:
        outer = _file(redirect.target) if _is_output(redirect) else outer
    return outer


def exports(simple: Simple, outer: str, files: Mapping[str, Sink], piped: Simple | None) -> tuple[Export, ...]:
    """What a command sets for later steps; `piped` is the one whose output it reads."""
    file, source = sink(simple.redirects, outer), simple
    if simple.words and simple.words[0].value == "tee":
        file = next((named for word in simple.words[1:] if (named := _file(word))), file)
        source = piped or simple
    return tuple(_written(source, files[file])) if file and source.words else ()


def _is_output(redirect: Redirect) -> bool:
    return redirect.operator in (">", ">>", ">|", "&>", "&>>") and redirect.descriptor in ("", "1")


def _file(word: Word | None) -> str:
    names = [part.name for part in word.parts if part.kind == "parameter"] if word is not None else []
    return next((_FILES[name] for name in names if name in _FILES), "")


def _written(simple: Simple, where: Sink) -> Iterator[Export]:
    program, *words = simple.words
    if program.value == "echo":
        while words and re.fullmatch("-[neE]+", words[0].value):
            words.pop(0)
        yield from _echoed(tuple(words), where)
    elif program.value == "printf" and words and words[0].is_literal:
        yield from _printed(words[0].value, words[1:], where)
    elif program.value == "cat" and not words and simple.redirects:
        bodies = [redirect.body for redirect in simple.redirects if redirect.body is not None]
        for body in bodies:
            for line in body.value.splitlines():
                yield from _line(line, where, body.is_literal or ("$" not in line and "`" not in line))
        if not bodies:
            yield Export(where.file, ANYTHING)
    elif not where.delimiter:
        yield Export(where.file, ANYTHING)


def _echoed(words: tuple[Word, ...], where: Sink) -> Iterator[Export]:
    if not words:
        return
    written = " ".join(word.value for word in words)
    lines = written.split("\n")
    name, equals, _ = lines[0].partition("=")
    if len(lines) == 1 and equals and _NAME.fullmatch(name) and not where.delimiter:
        yield Export(where.file, name, words)
        return
    for line in lines:
        yield from _line(line, where, all(word.is_literal for word in words))


def _line(line: str, where: Sink, literal: bool) -> Iterator[Export]:
    """A line of the file; between delimiters it belongs to the value that was begun."""
    if where.delimiter:
        where.delimiter = "" if line == where.delimiter else where.delimiter
        return
    begins = _BEGINS.match(line)
    if begins:
        where.delimiter = begins[2]
        yield Export(where.file, begins[1])
        return
    name, equals, text = line.partition("=")
    if equals and _NAME.fullmatch(name):
        yield Export(where.file, name, text=text if literal else None)
    elif line.strip() and not literal:
        yield Export(where.file, ANYTHING)


def _printed(form: str, words: list[Word], where: Sink) -> Iterator[Export]:
    left = list(words)
    for line in form.replace("\n", "\\n").split("\\n"):
        name, equals, text = line.partition("=")
        if text == "%s" and equals and _NAME.fullmatch(name) and left:
            word = left.pop(0)
            yield Export(where.file, name, text=word.value if word.is_literal else None)
        elif "%" in line:
            left = left[line.count("%") :]
            yield Export(where.file, name if equals and _NAME.fullmatch(name) else ANYTHING)
        else:
            yield from _line(line, where, literal=True)


def told(state: State, found: Iterable[Export]) -> State:
    """A command has written its lines."""
    for export in found:
        state = state.fact(export.fact, export.told(state.shell))
    return state


def names(reads: Iterable[Hashable], file: str) -> frozenset[str]:
    """The names that a script may set in a file, by what it reads."""
    return frozenset(name[len(file) + 1 :] for name in reads if isinstance(name, str) and name.startswith(f"{file}."))


def handed_over(state: State, prefix: str, job: str, step: str, outputs: frozenset[str]) -> State:
    """A step is over: its outputs are `steps.<id>.outputs`, its variables those of the steps behind it.

    An output that its script sets somewhere, but not this time, is empty.
    """
    facts = dict(state.world.facts.items())
    written = {name for name in facts if name.startswith(("output.", "env."))}
    for name in written:
        state = state.fact(name, None)
    unsure = f"output.{ANYTHING}" in written
    for name in outputs if step else ():
        empty = UNTOLD if unsure or ANYTHING in outputs else ""
        state = state.fact(f"{prefix}steps.{step}.outputs.{name}", facts.get(f"output.{name}") or empty)
    for fact in sorted(written):
        if fact.startswith("env."):
            state = _set(state, job, fact[4:], facts[fact] or "")
    return state


def _set(state: State, job: str, name: str, known: str) -> State:
    if name == ANYTHING:
        before = [fact for fact, _ in state.world.facts.items() if fact.startswith(f"{job}/env.")]
        for fact in before:
            state = state.fact(fact, UNTOLD)
        return state.fact(f"{job}/env.{ANYTHING}", UNTOLD)
    state = state.forget({name}).fact(f"{job}/env.{name}", known)
    conditions = state.world.conditions.only(lambda key: f"env.{name.lower()}" not in key)
    return state._replace(world=state.world._replace(conditions=conditions))
