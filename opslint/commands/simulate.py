"""`opslint simulate`: what a deployment leaves behind, for each thing that can go wrong."""

from __future__ import annotations

from pathlib import Path

import click

from opslint.invocation import COLOR, ROOT, opened
from opslint.terminal import emit, fail, is_colored, width


@click.command("simulate")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--job", metavar="ID", help="Only this job.")
@click.option("--format", "format_name", type=click.Choice(["text", "json", "markdown"]), default="text")
@ROOT
@COLOR
def command(path: Path, job: str | None, format_name: str, root: Path | None, color: str) -> None:
    """Show what a deployment leaves behind, for each thing that can go wrong.

    \b
    Examples:
      opslint simulate .github/workflows/deploy.yml
      opslint simulate .github/workflows/deploy.yml --job deploy --format markdown
      opslint simulate scripts/deploy.sh
    """
    from opslint.views import simulate as view

    top, only, policy = opened((path,), root)
    try:
        rendered = view.render(
            only[0] if only else ".",
            top,
            policy,
            job=job,
            format_name=format_name,
            color=is_colored(color),
            width=width(),
        )
    except view.NoDeploymentError as error:
        fail(str(error))
    emit(rendered, "")
