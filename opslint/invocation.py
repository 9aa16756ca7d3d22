"""What commands share: the root, the policy, and the options that find them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opslint.terminal import fail

if TYPE_CHECKING:
    from opslint.accepted import Accepted
    from opslint.finding import Report, Rule
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


def accepted_in(root: Path) -> Accepted:
    """What the project accepts; a mistake in that file ends the run before anything is linted."""
    from opslint import accepted, policy
    from opslint.files import Disk

    try:
        return accepted.load(Disk(root))
    except policy.PolicyError as error:
        fail(str(error))


def rules_in(root: Path, policy: Policy) -> Mapping[str, Rule]:
    """Our rules, and those of the team's own pages."""
    from opslint import rulebook
    from opslint.files import Disk

    return {**rulebook.bundled(), **rulebook.team(Disk(root), policy.rules_from)}


def check_names(names: tuple[str, ...], root: Path, policy: Policy) -> None:
    """Refuse what `--select` and `--ignore` name where it is neither a rule nor a family."""
    from opslint.syntax.schema import did_you_mean

    known = rules_in(root, policy) if names else {}
    families = {id.split("/")[0] for id in known}
    for name in names:
        if name not in known and name not in families:
            fail(f"there is no rule `{name}`{did_you_mean(name, [*known, *families])}; `opslint rules` lists them")


def check_rules_left(report: Report, options: Mapping[str, Any]) -> None:
    """Refuse a run that looked for nothing: that it found nothing would prove nothing."""
    if not report.rules and (options["select"] or options["ignore"]):
        fail("no rule is left to run: what `--select` names is off here, or `--ignore` takes it out again")


def with_parameters(policy: Policy, given: tuple[str, ...], root: Path) -> Policy:
    """The policy with what `--rule-with` says laid over it."""
    if not given:
        return policy
    from opslint.overrides import OverrideError, overridden

    try:
        return overridden(policy, given, rules_in(root, policy))
    except OverrideError as error:
        fail(f"--rule-with {error}")
