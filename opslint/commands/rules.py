"""`opslint rules`: every rule, with its severity here."""

from __future__ import annotations

from pathlib import Path

import click

from opslint.invocation import COLOR, ROOT, opened
from opslint.terminal import emit, is_colored, width


@click.command("rules")
@click.option("--format", "format_name", type=click.Choice(["text", "json", "markdown"]), default="text")
@ROOT
@COLOR
def command(format_name: str, root: Path | None, color: str) -> None:
    """List every rule, with its severity here."""
    from opslint.views import rules as view

    top, _, policy = opened((), root)
    emit(view.render(top, policy, format_name, color=is_colored(color), width=width()), "")
