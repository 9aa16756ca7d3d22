"""`opslint explain`: why a rule exists, what was seen at a place, what a file does, why not."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from opslint.invocation import COLOR, ROOT, opened
from opslint.terminal import INCOMPLETE, emit, fail, is_colored, width


@click.command("explain")
@click.argument("what")
@click.option("--at", metavar="PATH[:LINE]", default="", help="Of a rule: what it says at this place, and why.")
@click.option("--why-not", is_flag=True, help="Of a rule: why it says nothing, with --at at one place.")
@ROOT
@COLOR
def command(what: str, at: str, why_not: bool, root: Path | None, color: str) -> None:
    """Tell about a rule, a place, or a file; WHAT is one of them.

    \b
    Examples:
      opslint explain workers/memory-limit             a rule: why, bad, good, its settings here
      opslint explain workers                          the rules of a family
      opslint explain .github/workflows/deploy.yml     a file: jobs, steps, what they do, and when
      opslint explain .github/workflows/deploy.yml:41  a place: what was found there, and what holds
      opslint explain .opslint.yaml:4                  what a line of the policy sets
    \b
      opslint explain deploy/maintenance-always-ends --at .github/workflows/deploy.yml:41
          this rule at this place: the whole course, when else it happens, how to mend or silence it
      opslint explain deploy/maintenance-always-ends --why-not
          why it says nothing: off, nothing to look at, all holds, silenced
    """
    from opslint.files import UnreadableError
    from opslint.views import explain as view

    top, _, policy = opened((), root or view.root_of(what) or (view.root_of(at) if at else None))
    try:
        rendered = view.explain(
            what,
            top,
            policy,
            at=at,
            why_not=why_not,
            color=is_colored(color),
            width=width(),
            encoding=sys.stdout.encoding or "utf-8",
        )
    except view.UnknownError as error:
        fail(str(error))
    except UnreadableError as error:
        fail(str(error), INCOMPLETE)
    emit(rendered, "")
