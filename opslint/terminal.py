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
    """Print a report, or write it to a file: whole or not at all, but into a device or a pipe as it comes."""
    try:
        if not target:
            sys.stdout.buffer.write(rendered.encode(sys.stdout.encoding or "utf-8", "replace"))
            sys.stdout.flush()
        elif os.path.exists(target) and not os.path.isfile(target):
            with open(target, "w", encoding="utf-8", newline="") as file:
                file.write(rendered)
        else:
            from opslint.fixes import write_atomically

            write_atomically(Path(target), rendered)
    except BrokenPipeError:  # `| head` has read enough; what is found is found
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        fail(f"`{target or 'standard output'}` cannot be written: {error.strerror}")
