"""`opslint lsp`: a language server for editors."""

from __future__ import annotations

import sys

import click

from opslint.terminal import fail


@click.command("lsp", short_help="Serve an editor: findings while it is typed.")
def command() -> None:
    """Serve an editor on stdin and stdout, by the Language Server Protocol.

    \b
    Examples:
      opslint lsp        what an editor starts; docs/editors.md shows how to set it up
    """
    try:
        from opslint.lsp.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("pygls", "lsprotocol"):
            raise
        fail("`opslint lsp` needs pygls, which is not installed: `pipx install --force 'opslint[lsp]'`")
    sys.exit(serve())
