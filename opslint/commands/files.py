"""`opslint files`: what is linted as what, and why; and why other files are not."""

from __future__ import annotations

from pathlib import Path

import click

from opslint.invocation import COLOR, ROOT, opened
from opslint.terminal import INCOMPLETE, NOTHING, check_format, emit, fail, is_colored, width


@click.command("files")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Also what is not linted, and why.")
@click.option("--format", "format_name", default="text", show_default=True, metavar="NAME", help="text, json")
@ROOT
@COLOR
def command(paths: tuple[Path, ...], everything: bool, format_name: str, root: Path | None, color: str) -> None:
    """List what is linted, as what kind and why, or tell it of PATHS.

    \b
    Examples:
      opslint files                          every file that is linted
      opslint files docker/worker.conf.dist  why this one is, or is not
      opslint files --all --format json      everything, for a script
    """
    from opslint.files import UnreadableError
    from opslint.views import files as view

    check_format(format_name, view.FORMATS)
    top, only, policy = opened(paths, root)
    try:
        found = view.listed(top, policy, only, everything=everything)
    except UnreadableError as error:
        fail(str(error), INCOMPLETE)
    if not found and not everything and only is None:
        from opslint.model.kinds import LOOKED_FOR

        fail(f"nothing to lint below {top}: looked for {LOOKED_FOR}", NOTHING)
    whole = everything or bool(paths)
    emit(view.render(found, format_name, everything=whole, color=is_colored(color), width=width()), "")
