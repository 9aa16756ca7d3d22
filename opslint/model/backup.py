"""Which file a backup is written to, and which one is restored, where that is to be seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from opslint.model.command import Command
from opslint.model.option import line, option_of
from opslint.syntax.script import Word

# The same all through a run, whichever shell reads them: `$GITHUB_RUN_ID`, `${{ github.run_id }}`.
_OF_THE_RUN = re.compile(r"(?:GITHUB_|github\.)(RUN_ID|RUN_NUMBER|RUN_ATTEMPT|SHA|REF_NAME)", re.IGNORECASE)
_PACKED = re.compile(r"\.(?:gz|bz2|xz|zst)$")
_FILE_OPTIONS = {"pg_dump": "--file", "pg_dumpall": "--file", "mysqldump": "--result-file", "psql": "--file"}
_ARCHIVE = re.compile(r"--file\b.*|-?[a-zA-Z]*f")  # that tar is told of one: else it is standard input or output


def written_to(command: Command) -> Word | None:
    """The file that a backup is written to: named by an option, by the archive's operand, or behind `>`."""
    return _named(command) or _archive(command) or command.target


def restored_from(command: Command) -> Word | None:
    """The file that is restored: named by an option or an operand, or behind `<`, or what is piped in."""
    return _named(command) or _archive(command) or command.source


def name_of(word: Word) -> str | None:
    """The file's name without its folder, the same wherever it is written; None where only the run knows it."""
    pieces = []
    for part in word.parts:
        if part.kind == "literal":
            pieces.append(part.text.value)
        elif part.kind in ("parameter", "github") and (found := _OF_THE_RUN.fullmatch(part.name.strip())):
            pieces.append(f"${found[1].lower()}")
        elif part.kind == "glob" and part.text.value == "~":
            pieces.append("~")
        else:
            return None
    return _PACKED.sub("", "".join(pieces).rsplit("/", 1)[-1]) or None


def mentions(commands: Iterable[Command], names: Iterable[str], known: Iterable[Word]) -> Iterator[Word]:
    """Where else commands speak of files of these names: not at the words that are known."""
    places = {word.span for word in known}
    wanted = tuple(names)
    for command in commands:
        for word in (*command.words, command.source, command.target):
            if word is not None and word.span not in places and any(name in word.value for name in wanted):
                yield word


def _named(command: Command) -> Word | None:
    option = _FILE_OPTIONS.get(line(command.words).name)
    found = option_of(command.words, option) if option else None
    return (found.apart or found.word) if found is not None else None


def _archive(command: Command) -> Word | None:
    """`tar czf FILE ...`, `unzip FILE`, `pg_restore FILE`, `php artisan db:restore FILE`."""
    found = line(command.words)
    if found.name == "tar" and not any(_ARCHIVE.fullmatch(word.value) for word in command.words[1:]):
        return None
    if found.name in ("tar", "unzip", "zip") and found.operands:
        return found.operands[0]
    if found.name == "pg_restore" and found.operands:
        return found.operands[-1]
    if found.name == "artisan" and len(found.operands) > 1 and _names_a_file(found.operands[-1]):
        return found.operands[-1]
    return None


def _names_a_file(word: Word) -> bool:
    """Not a connection, a database or a number of steps."""
    return "/" in word.value or "." in word.value
