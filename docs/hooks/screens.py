"""The screens of the written pages in colour: each command run as the page says, on the files that it has shown."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import terminal

ROOT = Path(__file__).parent.parent.parent
WIDTH = 88  # columns that fit the page
_FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Screen:
    """A command of opslint with what a page says that it prints, and the files that stand above it there."""

    arguments: str
    said: str
    start: int  # of the block in the page
    end: int
    files: dict[str, str] = field(default_factory=dict)

    def printed(self, *options: str) -> str:
        """What it really prints: in a folder of the files, or in our repository where it names a fixture."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in self.files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, "utf-8")
            names = (name for name in os.environ if name not in ("NO_COLOR", "CI") and not name.startswith("GITHUB_"))
            done = subprocess.run(
                [sys.executable, "-m", "opslint", *shlex.split(self.arguments), *options],
                cwd=ROOT if "fixtures/" in self.arguments else folder,
                env={name: os.environ[name] for name in names} | {"COLUMNS": str(WIDTH), "PYTHONUTF8": "1"},
                stdout=subprocess.PIPE,
                encoding="utf-8",
                check=False,
            )
        return done.stdout


def screens(markdown: str) -> Iterator[Screen]:
    """Those of a page that show what is printed, in their order."""
    files: dict[str, str] = {}
    for match in _FENCE.finditer(markdown):
        language, title, content = match.groups()
        command, _, said = content.partition("\n")
        if title:
            files[title] = content
        elif language == "console" and command.startswith("$ opslint ") and said:
            yield Screen(command.removeprefix("$ opslint "), said, match.start(), match.end(), dict(files))


def colored(markdown: str) -> str:
    """A page with its screens as a terminal shows them."""
    for screen in reversed(tuple(screens(markdown))):
        shown = terminal.html(f"$ opslint {screen.arguments}\n" + screen.printed("--color", "always"))
        markdown = markdown[: screen.start] + shown + markdown[screen.end :]
    return markdown
