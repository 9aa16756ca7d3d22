"""Claims about the scripts that commands name."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.finding import Verdict
from opslint.model.command import Command
from opslint.model.composer import Composer, script_calls
from opslint.model.project import Project
from opslint.source import Text
from opslint.syntax.schema import did_you_mean
from opslint.syntax.tree import Mapping, at, scalars

_WITH_VALUE = ("--timeout", "-d", "--working-dir")  # options of Composer that the next word belongs to


def exist_in_composer(project: Project) -> Iterator[Verdict]:
    """Each `composer run X`, and each `@X` in a composer script, names a script of some composer.json here."""
    known = {name for composer in project.composers for name in _names(composer)}
    if not project.composers:
        return
    for command in project.commands():
        named = _named_script(command)
        if named is not None:
            yield _exists(named, known, command.site.subject)
    for composer in project.composers:
        for name, reference in _references(composer):
            yield _exists(reference, _names(composer), f"scripts.{name}")


def _names(composer: Composer) -> set[str]:
    """Its scripts, by each name they have (getcomposer.org/doc/articles/scripts.md, `scripts-aliases`)."""
    aliases = at(composer.root, "scripts-aliases")
    other = (str(each) for entry in aliases for each in scalars(entry.value)) if isinstance(aliases, Mapping) else ()
    return {*composer.scripts, *other}


def _named_script(command: Command) -> Text | None:
    """The X of `composer run X` or `composer run-script X`, if it is literal."""
    if command.words[0].value.rsplit("/", 1)[-1] not in ("composer", "composer.phar"):
        return None
    given = command.words[1:]
    words = [
        word
        for before, word in zip((command.words[0], *given), given, strict=False)
        if not word.value.startswith("-") and before.value not in _WITH_VALUE
    ]
    listing = any(word.value in ("-l", "--list") for word in command.words)
    if len(words) < 2 or words[0].value not in ("run", "run-script") or listing or not words[1].is_literal:
        return None
    return words[1].text


def _references(composer: Composer) -> Iterator[tuple[str, Text]]:
    for name, lines in composer.scripts.items():
        for line in lines:
            yield from ((name, text) for kind, text in script_calls(line) if kind == "script")


def _exists(named: Text, known: set[str], subject: str) -> Verdict:
    if named.value in known:
        return Verdict(named.span, "holds", f"`{named.value}` is a script of composer.json", subject)
    message = f"composer.json has no script `{named.value}`{did_you_mean(named.value, known)}"
    return Verdict(named.span, "broken", message, subject)
