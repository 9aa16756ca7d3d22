"""`opslint init`: the policy, the hook and the CI job that fit a repository, and what to read first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from opslint.invocation import COLOR, ROOT, accepted_in, opened
from opslint.terminal import INCOMPLETE, NOTHING, OK, USAGE, emit, fail, is_colored, width

if TYPE_CHECKING:
    from opslint.adoption.plan import Plan, Wanted
    from opslint.policy import Policy


@click.command("init")
@click.option("--pre-commit", is_flag=True, help="Also add the hook to .pre-commit-config.yaml.")
@click.option("--ci", is_flag=True, help="Also add the job to GitHub's workflows or to .gitlab-ci.yml.")
@click.option("-y", "--yes", is_flag=True, help="Write without asking.")
@ROOT
@COLOR
def command(pre_commit: bool, ci: bool, yes: bool, root: Path | None, color: str) -> None:
    """Begin with opslint in a repository.

    Shows the findings to read first and the diff of what it would write, and asks. What is there is never replaced.

    \b
    Examples:
      opslint init                      a commented .opslint.yaml that fits this repository
      opslint init --pre-commit --ci    also the commit hook and the CI job
      opslint init --yes                write without asking
    """
    from opslint import git
    from opslint.adoption.plan import Wanted
    from opslint.views import init as view

    top, _, policy = opened((), root)
    accepted_in(top)  # a mistake in it ends the run before anything is shown
    if pre_commit or ci:
        _check_top(top)
    branch = (git.branch(top, "refs/remotes/origin/HEAD") or "").removeprefix("origin/") or None
    plan = _planned(top, policy, Wanted(pre_commit, ci, branch))
    if not plan.report.files:
        from opslint.model.kinds import LOOKED_FOR

        fail(f"nothing to lint below {top}: looked for {LOOKED_FOR}", NOTHING)
    paper = view.Look(color=is_colored(color), width=width())
    emit(view.findings(plan, paper) + view.changes(plan, paper), "")
    if plan.changes and not yes and not _agreed(view.question(plan)):
        click.echo("Nothing was written.")
        return
    _write(top, plan)
    missing = [flag for flag, given in (("--pre-commit", pre_commit), ("--ci", ci)) if not given]
    emit("\n" + view.next_steps(plan, missing, paper), "")
    sys.exit(INCOMPLETE if plan.refused else OK)


def _check_top(top: Path) -> None:
    """The hook and the job belong beside `.git`: elsewhere neither is ever run."""
    above = next((folder for folder in (top, *top.parents) if (folder / ".git").exists()), top)
    if above != top:
        fail(f"--pre-commit and --ci write beside `.git`: call it in {above}, or with --root {above}")


def _planned(top: Path, policy: Policy, wanted: Wanted) -> Plan:
    from opslint.adoption.change import NotWrittenError
    from opslint.adoption.plan import plan
    from opslint.files import Disk, UnreadableError
    from opslint.revisions import base_files

    before, missing = base_files(top, policy.base)
    try:
        return plan(Disk(top), policy, wanted, before, missing)
    except NotWrittenError as error:
        fail(str(error))
    except UnreadableError as error:
        fail(str(error), INCOMPLETE)


def _agreed(question: str) -> bool:
    """The answer on a terminal; without one nothing is written, and that is a mistake in how it was called."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        fail("nothing was written: there is no terminal to ask on; --yes writes without asking", USAGE)
    click.echo()
    return click.confirm(question, default=False)


def _write(top: Path, plan: Plan) -> None:
    from opslint.adoption.change import NotWrittenError, write

    try:
        write(top, plan.changes)
    except NotWrittenError as error:
        fail(f"nothing was written: {error}")
