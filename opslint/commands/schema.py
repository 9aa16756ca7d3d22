"""`opslint schema`: the JSON Schemas of what opslint reads and writes."""

from __future__ import annotations

from pathlib import Path

import click

from opslint.invocation import ROOT
from opslint.terminal import emit


@click.command("schema", short_help="Print a JSON Schema of what opslint reads or writes.")
@click.argument("name", type=click.Choice(["report", "policy", "page", "accepted"]))
@ROOT
def command(name: str, root: Path | None) -> None:
    """Print a JSON Schema: of the report, of .opslint.yaml, of a rule page's header, or of .opslint-accepted.yaml.

    \b
    Examples:
      opslint schema policy > .opslint.schema.json     what .opslint.yaml may say, your own rules with it
      opslint schema page > .opslint-page.schema.json
    """
    import json
    from importlib import resources

    fixed = {"report": "report/report.schema.json", "accepted": "accepted.schema.json"}
    if name in fixed:
        emit(resources.files("opslint").joinpath(fixed[name]).read_text("utf-8"), "")
        return
    from opslint.views import schema as view

    shape = view.policy_schema(view.rules_of(root or Path.cwd())) if name == "policy" else view.page_schema()
    emit(json.dumps(shape, indent=2) + "\n", "")
