"""`opslint schema`: the JSON Schemas of what opslint reads and writes."""

from __future__ import annotations

import click

from opslint.terminal import emit


@click.command("schema")
@click.argument("name", type=click.Choice(["report", "policy", "page", "accepted"]))
def command(name: str) -> None:
    """Print a JSON Schema: of the report, .opslint.yaml, a rule page's header, or .opslint-accepted.yaml."""
    from importlib import resources

    place = {
        "report": "report/report.schema.json",
        "policy": "policy.schema.json",
        "page": "rulebook.schema.json",
        "accepted": "accepted.schema.json",
    }
    emit(resources.files("opslint").joinpath(place[name]).read_text("utf-8"), "")
