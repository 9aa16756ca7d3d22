"""`opslint explain`: why a rule exists, what was seen at a place, what a file means."""

from __future__ import annotations

from pathlib import Path

import click

from opslint.invocation import COLOR, ROOT, opened
from opslint.terminal import emit, fail, is_colored, width


@click.command("explain")
@click.argument("what")
@ROOT
@COLOR
def command(what: str, root: Path | None, color: str) -> None:
    """Tell about a rule, a place, or a file.

    \b
    Examples:
      opslint explain workers/memory-limit        a rule: why, bad, good, how to mend
      opslint explain supervisor.conf:12          a place: what was seen, which rules were content
      opslint explain supervisor.conf             a file: what Supervisor will run
    """
    from opslint.views import explain as view

    top, _, policy = opened((), root or view.root_of(what))
    try:
        rendered = view.explain(what, top, policy, color=is_colored(color), width=width())
    except view.UnknownError as error:
        fail(str(error))
    emit(rendered, "")
