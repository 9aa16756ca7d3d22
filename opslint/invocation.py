"""What commands share: the root, the policy, and the options that find them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from opslint.terminal import fail

if TYPE_CHECKING:
    from opslint.policy import Policy

ROOT = click.option("--root", type=click.Path(path_type=Path), help="The project's root; found by itself otherwise.")
COLOR = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour in the report.",
)


def opened(paths: tuple[Path, ...], root: Path | None) -> tuple[Path, tuple[str, ...] | None, Policy]:
    """The root, the named paths relative to it (None: all of it), and the project's policy."""
    from opslint import policy
    from opslint.files import Disk
    from opslint.root import RootError, narrow

    try:
        top, only = narrow(paths, root)
        return top, only, policy.load(Disk(top))
    except (RootError, policy.PolicyError) as error:
        fail(str(error))
