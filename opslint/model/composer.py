"""What composer.json says of an application: its packages and its scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from opslint.source import Span, Text
from opslint.syntax.tree import Document, Entry, Mapping, Scalar, at, scalars

# Composer's own commands need no script of that name (getcomposer.org/doc/03-cli.md).
OWN_COMMANDS = frozenset(
    "about archive audit bump browse check-platform-reqs clear-cache clearcache cc config create-project depends "
    "diagnose dump-autoload dumpautoload exec fund global help home info init install i licenses list outdated "
    "prohibits why why-not reinstall remove require r rm uninstall repository repo run-script run search self-update "
    "selfupdate show status suggests update u upgrade validate completion".split(" ")
)


@dataclass(frozen=True)
class Composer:
    """One composer.json. `folder` is where it lies: empty for the root, else it ends in `/`."""

    document: Document
    folder: str

    @property
    def root(self) -> Mapping | None:
        return self.document.root if isinstance(self.document.root, Mapping) else None

    @cached_property
    def packages(self) -> dict[str, Entry]:
        """Required packages by lower-case name, those of `require-dev` included."""
        found = {}
        for section in ("require", "require-dev"):
            node = at(self.root, section)
            for entry in node if isinstance(node, Mapping) else ():
                found[str(entry.key).lower()] = entry
        return found

    @cached_property
    def scripts(self) -> dict[str, tuple[Text, ...]]:
        """The lines of each script."""
        node = at(self.root, "scripts")
        return {
            str(entry.key): tuple(item.text for item in scalars(entry.value))
            for entry in (node if isinstance(node, Mapping) else ())
        }

    def section(self, name: str) -> Span:
        """The place of a section's key, else of the opening brace: where something is missing."""
        entry = self.root.entry(name) if self.root else None
        start = self.root.span.start if self.root else 0
        return entry.key.span if entry else Span(self.document.source, start, start + 1)

    @property
    def is_laravel(self) -> bool:
        return "laravel/framework" in self.packages

    def major(self, package: str) -> int | None:
        """The lowest major version that a requirement allows, where it is plain to see."""
        entry = self.packages.get(package)
        match = re.match(r"[\^~>=v ]*(\d+)", str(entry.value)) if entry and isinstance(entry.value, Scalar) else None
        return int(match[1]) if match else None


def script_calls(line: Text) -> Iterator[tuple[str, Text]]:
    """What a script line of composer.json is: ("script", name) for `@name`, ("shell", command) for the rest.

    `@php x` and `@composer x` run PHP and composer themselves; `Class::method` and `@putenv` run no command.
    """
    value = line.value.strip()
    start = len(line.value) - len(line.value.lstrip())
    if not value.startswith("@"):
        if not re.fullmatch(r"\\?[A-Za-z_][\w\\]*::\w+", value):
            yield "shell", line
        return
    name = value[1:].split(None, 1)[0] if len(value) > 1 else ""
    if name in ("php", "composer"):
        yield "shell", line[start + 1 :]
    elif name and name != "putenv":
        yield "script", line[start + 1 : start + 1 + len(name)]
