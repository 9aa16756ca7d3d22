"""`opslint simulate`: what a deployment leaves behind, for each thing that can go wrong."""

from __future__ import annotations

from pathlib import Path

import click

from opslint.invocation import COLOR, ROOT, opened
from opslint.terminal import emit, fail, is_colored, width

_KINDS = ("failure", "cancel", "timeout", "connection", "lost", "setup", "overrun")


@click.command("simulate", short_help="Show what each mishap of a deployment leaves behind.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--job", metavar="ID", help="Only this job.")
@click.option("--mishaps", type=click.IntRange(0, 2), default=1, show_default=True, help="How many in one run.")
@click.option("--only", multiple=True, type=click.Choice(_KINDS), help="Only this kind of mishap; repeatable.")
@click.option("--format", "format_name", type=click.Choice(["text", "json", "markdown"]), default="text")
@ROOT
@COLOR
def command(
    path: Path, job: str | None, mishaps: int, only: tuple[str, ...], format_name: str, root: Path | None, color: str
) -> None:
    """Show what a deployment leaves behind, for each thing that can go wrong.

    \b
    Each command can fail, be cancelled with the run, or be cut by a timeout, and each runner can be lost; a job
    may not even begin (setup). Of its own accord opslint plays neither a lost ssh connection (connection) nor what
    takes longer after a cancel than GitHub waits (overrun): name them.

    \b
    Examples:
      opslint simulate .github/workflows/deploy.yml
      opslint simulate .github/workflows/deploy.yml --job deploy --format markdown
      opslint simulate .github/workflows/deploy.yml --mishaps 2 --only failure --only cancel
      opslint simulate scripts/deploy.sh --only connection
    """
    from opslint.views import simulate as view
    from opslint.views.outcomes import KINDS

    top, narrowed, policy = opened((path,), root)
    try:
        rendered = view.render(
            narrowed[0] if narrowed else ".",
            top,
            policy,
            job=job,
            mishaps=mishaps,
            kinds=only or KINDS,
            format_name=format_name,
            color=is_colored(color),
            width=width(),
        )
    except view.NoDeploymentError as error:
        fail(str(error))
    emit(rendered, "")
