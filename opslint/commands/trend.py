"""`opslint trend`: how PHPStan's baseline grew and shrank."""

from __future__ import annotations

from pathlib import Path

import click

from opslint.invocation import COLOR, ROOT, opened
from opslint.terminal import check_format, emit, fail, is_colored, width


@click.command("trend", short_help="Show how PHPStan's baseline grew and shrank.")
@click.option("--format", "format_name", default="text", show_default=True, metavar="NAME", help="text, svg, html, ...")
@ROOT
@COLOR
def command(format_name: str, root: Path | None, color: str) -> None:
    """Show how PHPStan's baseline grew and shrank, and when it would reach zero.

    \b
    Examples:
      opslint trend
      opslint trend --format html > trend.html
    """
    from opslint.views import trend as view

    check_format(format_name, view.FORMATS)
    top, _, policy = opened((), root)
    try:
        emit(view.render(top, policy, format_name, color=is_colored(color), width=width()), "")
    except view.NothingError as error:
        fail(str(error))
