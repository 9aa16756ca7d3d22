"""From argv to an exit code: the commands that people type, each a module of `opslint.commands`."""

from __future__ import annotations

import importlib.util
import os
from typing import Any

import click

import opslint
from opslint import commands
from opslint.terminal import INCOMPLETE, fail

_EPILOG = """\b
Examples:
  opslint init                           begin: what to read first, and a policy that fits
  opslint check                          lint the project around the current folder
  opslint check deploy.yml --fix         lint one file, and mend what is safe to mend
  opslint explain workers/memory-limit   why a rule exists, and how to satisfy it
  opslint explain supervisor.conf:12     what opslint saw at a place

\b
Exit codes:
  0  nothing at or above --fail-on       1  findings
  2  wrong usage or configuration        3  nothing was linted
  4  incomplete: opslint crashed, met a limit, or (--fail-on-undecided) could not decide
"""


class _Commands(click.Group):
    """The modules of `opslint.commands`: each is imported when it is called, and to be there is to be registered.

    A crash of ours is told as what it is: no finding, and no success either.
    """

    def list_commands(self, context: click.Context) -> list[str]:
        from pkgutil import iter_modules

        return sorted(module.name for module in iter_modules(commands.__path__))

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        module = f"{commands.__name__}.{name}"
        if not name.isidentifier() or importlib.util.find_spec(module) is None:
            return None
        command = importlib.import_module(module).command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except click.ClickException as error:
            from opslint.report.safe import visible

            told = "\n".join(map(visible, error.format_message().splitlines()))  # it quotes what was typed
            raise click.UsageError(told, getattr(error, "ctx", None)) from None
        except (click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("OPSLINT_TRACEBACK"):
                raise
            what = f"{type(error).__name__}: {error}"
            fail(f"crashed ({what}); OPSLINT_TRACEBACK=1 shows where, please report it", INCOMPLETE)


@click.group(cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(opslint.__version__, prog_name="opslint")
def main() -> None:
    """Say what will go wrong in production before it does.

    opslint reads supervisor.conf, GitHub workflows, phpstan.neon, composer.json and deployment scripts, plays the
    deployments through, and reports what breaks. It never runs anything of what it reads.
    """
