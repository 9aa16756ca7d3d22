"""Acts: what commands and actions do to production, by the patterns of acts.yaml and the team's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from opslint.model.bundled import acts
from opslint.model.option import Line, Option, line, option_of, options_named
from opslint.model.pattern import Pattern, has_option, word_matches
from opslint.source import Span
from opslint.syntax.script import Word
from opslint.syntax.tree import Node

if TYPE_CHECKING:
    from opslint.model.command import Command

__all__ = ["Act", "Acts", "Entry", "Option", "Pattern", "bundled", "option_of", "options_named"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an act: commands (`run`) or an action (`uses`) that mean it."""

    act: str
    run: Pattern | None = None
    uses: str = ""  # owner/repo, globs allowed
    unless: tuple[str, ...] = ()  # options and words with which it does not mean the act
    inputs: Mapping[str, str] = field(default_factory=dict)  # `with:` of the action, by glob
    is_remote: bool = False  # run anywhere, it changes another machine
    matches: tuple[str, ...] = ()  # examples, held by the test suite
    but_not: tuple[str, ...] = ()

    def means(self, found: Line, reads: str) -> bool:
        return self.run is not None and self.run.fits(found, reads) and not self._is_excepted(found)

    def _is_excepted(self, found: Line) -> bool:
        return any(
            has_option(found, each) if each.startswith("-") else any(word_matches(word, each) for word in found.words)
            for each in self.unless
        )


@dataclass(frozen=True, slots=True)
class Act:
    """What a command was found to do."""

    name: str  # `migrate`, `maintenance-on`
    entry: Entry

    @property
    def is_remote(self) -> bool:
        """Whether it changes another machine wherever it runs: rsync to a host, a deploy hook."""
        return self.entry.is_remote

    @property
    def is_by_name(self) -> bool:
        """Whether we know it of a script by its name alone: `backup.sh`, whatever that does."""
        run = self.entry.run
        named = run is not None and _is_glob(run.program) and run.program.endswith(".sh")
        return named and any(self.entry is each for each in bundled())


@dataclass(frozen=True)
class Acts:
    """Entries in the order in which they are tried; the first that matches decides."""

    entries: tuple[Entry, ...]

    @staticmethod
    def load(own: Mapping[str, Any]) -> Acts:
        """The team's entries by act, before ours: each a pattern, or a mapping with `run` or `uses`."""
        return Acts((*_entries(own), *bundled()))

    def of(self, words: tuple[Word, ...], reads: str = "") -> Act | None:
        """What a command does, its wrappers taken off; `reads` is what it is given by `<` or `|`."""
        if not words:
            return None
        found = line(words)
        candidates = self._by_program.get(found.name, self._of_any_program)
        entry = next((entry for entry in candidates if entry.means(found, reads)), None)
        return Act(entry.act, entry) if entry else None

    @cached_property
    def _of_any_program(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.run and _is_glob(entry.run.program))

    @cached_property
    def _by_program(self) -> Mapping[str, tuple[Entry, ...]]:
        """The entries worth trying for a program, in order."""
        named = {entry.run.program for entry in self.entries if entry.run and not _is_glob(entry.run.program)}
        return {
            name: tuple(entry for entry in self.entries if entry.run and entry.run.is_program(name)) for name in named
        }

    def of_command(self, command: Command) -> Act | None:
        return self.of(command.words, command.reads)

    def of_uses(self, uses: str, inputs: Mapping[str, Node]) -> Act | None:
        """What an action does: `owner/repo@v1`, whatever its version."""
        repository = uses.partition("@")[0].lower()
        for entry in self.entries:
            if entry.uses and fnmatchcase(repository, entry.uses.lower()) and _inputs_match(entry, inputs):
                return Act(entry.act, entry)
        return None


def _is_glob(program: str) -> bool:
    return any(sign in program for sign in "*?[")


def _inputs_match(entry: Entry, inputs: Mapping[str, Node]) -> bool:
    return all(name in inputs and fnmatchcase(str(inputs[name]), glob) for name, glob in entry.inputs.items())


def taught(act: str, command: str) -> str:
    """The line of a policy that says what a command does, as YAML."""
    quoted = command.replace("'", "''")
    return f"acts: {{{act}: ['{quoted}']}}"


def called(commands: Iterable[Command], script: Span) -> str:
    """What is called where a script is named: `bash scripts/x.sh`, without what the script is given."""
    for command in commands:
        for index, word in enumerate(command.words):
            if word.span == script:
                return " ".join(each.value for each in command.words[: index + 1])
    return script.written


@cache
def bundled() -> tuple[Entry, ...]:
    """Our own entries, from `rules/acts.yaml`."""
    return tuple(_entries(acts()))


def _entries(acts: Mapping[str, Any]) -> Iterator[Entry]:
    for act, entries in acts.items():
        for each in entries:
            yield _entry(act, {"run": each} if isinstance(each, str) else each)


def _entry(act: str, said: Mapping[str, Any]) -> Entry:
    run = said.get("run")
    return Entry(
        act,
        Pattern.parse(run) if run else None,
        uses=said.get("uses", ""),
        unless=tuple(said.get("unless", ())),
        inputs={name: str(glob) for name, glob in said.get("with", {}).items()},
        is_remote=said.get("effect") == "remote",
        matches=_lines(said.get("matches", ())),
        but_not=_lines(said.get("but-not", ())),
    )


def _lines(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)
