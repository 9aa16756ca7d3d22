"""`opslint schema`: the JSON Schemas of what opslint reads and writes."""

from __future__ import annotations

from pathlib import Path

import click

from opslint.invocation import ROOT
from opslint.terminal import emit


@click.command("schema")
@click.argument("name", type=click.Choice(["report", "policy", "page"]))
@ROOT
def command(name: str, root: Path | None) -> None:
    """Print a JSON Schema: of the report, of .opslint.yaml, or of a rule page's header.

    \b
    Examples:
      opslint schema policy > .opslint.schema.json     what .opslint.yaml may say, your own rules with it
      opslint schema page > .opslint-page.schema.json
    """
    import json
    from importlib import resources

    if name == "report":
        emit(resources.files("opslint").joinpath("report/report.schema.json").read_text("utf-8"), "")
        return
    from opslint.views import schema as view

    shape = view.policy_schema(view.rules_of(root or Path.cwd())) if name == "policy" else view.page_schema()
    emit(json.dumps(shape, indent=2) + "\n", "")
