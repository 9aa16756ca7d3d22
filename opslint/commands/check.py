"""`opslint check`: lint a project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opslint.invocation import COLOR, ROOT, accepted_in, check_names, check_rules_left, opened, with_parameters
from opslint.terminal import FINDINGS, INCOMPLETE, NOTHING, OK, check_format, emit, fail, is_colored, is_linked, width

if TYPE_CHECKING:
    from opslint.finding import Report
    from opslint.policy import Policy

_PASSES = 5


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@ROOT
@click.option("--format", "format_name", metavar="NAME", help="text (the usual one), json, ...")
@click.option("--output", "outputs", multiple=True, metavar="FORMAT[=FILE]", help="Write this format, too; repeatable.")
@COLOR
@click.option("--select", multiple=True, metavar="RULE", help="Run only this rule or family; repeatable.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Do not run this rule or family; repeatable.")
@click.option("--fail-on", type=click.Choice(["error", "warning", "note"]), default="warning", show_default=True)
@click.option("--fail-on-undecided", is_flag=True, help="Exit 4 where opslint could not decide.")
@click.option("--base", metavar="REV", help="Compare with the merge base with this revision.")
@click.option("--new-from", metavar="REV", help="Report only what is new since the merge base with this revision.")
@click.option("--rule-with", multiple=True, metavar="RULE.NAME=VALUE", help="Set a parameter of a rule; repeatable.")
@click.option("--fix", is_flag=True, help="Apply the fixes that are safe.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix: apply those that may change meaning, too.")
@click.option("-q", "--quiet", is_flag=True, help="Only the findings, a line each.")
@click.option("-v", "--verbose", is_flag=True, help="Also what was looked at and found in order.")
@click.option("--statistics", is_flag=True, help="Also how many findings each rule has.")
def command(paths: tuple[Path, ...], **options: Any) -> None:
    """Lint a project, or report only what concerns PATHS in it.

    \b
    Examples:
      opslint check
      opslint check docker/ .github/workflows/deploy.yml
      opslint check --format json --output sarif=opslint.sarif
      opslint check --new-from origin/main
      opslint check --rule-with workers/memory-limit.at-most=512
    """
    outputs = _outputs(options["format_name"], options["outputs"])
    root, only, policy = opened(paths, options["root"])
    check_names((*options["select"], *options["ignore"]), root, policy)
    policy = with_parameters(policy, options["rule_with"], root)
    report = _lint(root, only, policy, options)
    for _ in range(_PASSES if options["fix"] else 0):  # fixes at one place go one after the other
        mended = _apply(root, report, options["unsafe_fixes"])
        if not mended:
            break
        click.echo(f"opslint: mended {mended} finding{'s'[: mended != 1]}", err=True)
        report = _lint(root, only, policy, options)
    if not report.files:
        from opslint.model.kinds import LOOKED_FOR

        fail(f"nothing to lint below {root}: looked for {LOOKED_FOR}", NOTHING)
    check_rules_left(report, options)
    for name, target in outputs:
        emit(_rendered(report, name, target, root, policy, options), target)
    sys.exit(_exit_code(report, options["fail_on"], options["fail_on_undecided"]))


def _lint(root: Path, only: tuple[str, ...] | None, policy: Policy, options: dict[str, Any]) -> Report:
    from opslint.files import Disk, UnreadableError
    from opslint.lint import lint
    from opslint.revisions import base_files

    before, missing = base_files(root, options["base"] or options["new_from"] or policy.base)
    try:
        report = lint(
            Disk(root), policy, only, before,
            before_missing=missing, select=options["select"], ignore=options["ignore"], accepted=accepted_in(root),
        )  # fmt: skip
        return _only_new(report, root, policy, options["new_from"]) if options["new_from"] else report
    except UnreadableError as error:
        fail(str(error), INCOMPLETE)


def _only_new(report: Report, root: Path, policy: Policy, revision: str) -> Report:
    from opslint.files import Disk
    from opslint.inherited import without_inherited
    from opslint.policy import PolicyError
    from opslint.revisions import base_files

    base, missing = base_files(root, revision)
    if base is None:
        fail(f"--new-from {revision}: {missing or 'there is no git history to compare with'}")
    try:
        return without_inherited(report, Disk(root), base, policy)
    except PolicyError as error:
        fail(f"--new-from {revision}: {error}")


def _apply(root: Path, report: Report, unsafe: bool) -> int:
    from opslint.fixes import apply, chosen

    fixes = chosen(finding.verdict.fix for finding in report.findings if finding.verdict.fix)
    fixes = tuple(fix for fix in fixes if fix.safe or unsafe)
    apply(root, fixes)
    return len(fixes)


def _outputs(format_name: str | None, outputs: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each format that is asked for, and the file it goes to; text to the terminal, unless another one goes there."""
    from opslint.report.formats import FORMATS

    wanted = [(name, target) for name, _, target in (output.partition("=") for output in outputs)]
    if format_name is not None or all(target for _, target in wanted):
        wanted.insert(0, (format_name or "text", ""))
    for name, _ in wanted:
        check_format(name, FORMATS)
    return wanted


def _rendered(report: Report, name: str, target: str, root: Path, policy: Policy, options: dict[str, Any]) -> str:
    if name == "markdown":
        from opslint.views import summary

        return summary.render(report, root, policy)
    if name != "text":
        from opslint.report.formats import FORMATS, FROM_THE_TOP
        from opslint.report.moved import moved
        from opslint.root import below_repository

        return FORMATS[name](moved(report, below_repository(root)) if name in FROM_THE_TOP else report)
    from opslint.report import text

    return text.render(
        report,
        color=is_colored(options["color"]) and not target,
        links=is_linked() and not target,
        width=width(),
        quiet=options["quiet"],
        verbose=options["verbose"],
        statistics=options["statistics"],
        encoding="utf-8" if target else sys.stdout.encoding or "utf-8",
    )


def _exit_code(report: Report, fail_on: str, fail_on_undecided: bool) -> int:
    from opslint.finding import Severity

    limit = Severity(fail_on).rank
    decided = [finding for finding in report.findings if finding.decided]
    if not report.complete or (fail_on_undecided and len(decided) < len(report.findings)):
        return INCOMPLETE
    return FINDINGS if any(finding.severity.rank <= limit for finding in decided) else OK
