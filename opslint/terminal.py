"""What goes to the terminal: text, mistakes, and how much room and colour there is."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import click

OK, FINDINGS, USAGE, NOTHING, INCOMPLETE = range(5)


def fail(message: str, code: int = USAGE) -> NoReturn:
    from opslint.report.safe import visible

    click.echo("\n".join(f"opslint: {visible(line)}" for line in message.splitlines()), err=True)
    sys.exit(code)


def is_colored(choice: str) -> bool:
    if choice != "auto":
        return choice == "always"
    return not os.environ.get("NO_COLOR") and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def is_linked() -> bool:
    """Whether a name can be a link (OSC 8): a terminal passes over one that it does not know, a log shows it raw."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def width() -> int:
    return shutil.get_terminal_size((100, 24)).columns


def check_format(name: str, formats: Iterable[str]) -> None:
    from opslint.syntax.schema import did_you_mean

    if name not in formats:
        fail(f"there is no format `{name}`{did_you_mean(name, formats)}; there are {', '.join(formats)}")


def emit(rendered: str, target: str) -> None:
    if target:
        from opslint.fixes import write_atomically

        write_atomically(Path(target), rendered)
        return
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.buffer.write(rendered.encode(encoding, "replace"))
    sys.stdout.flush()
