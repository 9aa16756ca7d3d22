"""What is run: commands, wherever they are written, with their wrappers taken off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from opslint.source import Span, Text
from opslint.syntax.script import Word

SiteKind = Literal["supervisor", "workflow", "action", "composer", "script", "make", "php"]


@dataclass(frozen=True, slots=True)
class Site:
    """Where a command is written down."""

    kind: SiteKind
    path: str
    subject: str  # program:worker | jobs.deploy.steps.migrate | scripts.test | target:deploy | the path of a script
    owner: Any = None  # the Program, Step, ... it belongs to


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A program that runs another: `sudo -u www-data`, `timeout 60`, `ssh user@host`, `docker compose exec app`."""

    name: str  # sudo | env | timeout | ssh | docker | bash | ...
    words: tuple[Word, ...]  # its own, the wrapped ones left out
    remote: bool = False  # what it runs, it runs on another machine


@dataclass(frozen=True, slots=True)
class Command:
    words: tuple[Word, ...]  # wrappers taken off; words[0] is the program
    raw: Text  # the whole of it as written, wrappers included
    site: Site
    via: tuple[Wrapper, ...] = ()  # outermost first

    @property
    def span(self) -> Span:
        """From the first word to the last, wrappers left out."""
        first, last = self.words[0].span, self.words[-1].span
        return Span(first.source, first.start, last.end)

    @property
    def remote(self) -> bool:
        return any(wrapper.remote for wrapper in self.via)

    def __str__(self) -> str:
        return " ".join(word.value for word in self.words)
