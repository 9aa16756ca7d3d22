"""From argv to an exit code: the commands that people type."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import opslint
from opslint.terminal import (
    FINDINGS,
    INCOMPLETE,
    NOTHING,
    OK,
    check_format,
    emit,
    fail,
    is_colored,
    width,
)  # fmt: skip

if TYPE_CHECKING:

    from opslint.finding import Report
    from opslint.policy import Policy

_PASSES = 5

_EPILOG = """\b
Examples:
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


class _Guarded(click.Group):
    """Says what a crash of ours is instead of showing where: it is no finding, and no success either."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("OPSLINT_TRACEBACK"):
                raise
            what = f"{type(error).__name__}: {error}"
            fail(f"crashed ({what}); OPSLINT_TRACEBACK=1 shows where, please report it", INCOMPLETE)


@click.group(cls=_Guarded, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(opslint.__version__, prog_name="opslint")
def main() -> None:
    """Say what will go wrong in production before it does.

    opslint reads supervisor.conf, GitHub workflows, phpstan.neon, composer.json and deployment scripts, plays the
    deployments through, and reports what breaks. It never runs anything of what it reads.
    """


_COLORS = click.Choice(["auto", "always", "never"])
_ROOT = click.option("--root", type=click.Path(path_type=Path), help="The project's root; found by itself otherwise.")
_COLOR = click.option("--color", type=_COLORS, default="auto", show_default=True, help="Colour in the report.")


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@_ROOT
@click.option("--format", "format_name", default="text", show_default=True, metavar="NAME", help="text, json, ...")
@click.option("--output", "outputs", multiple=True, metavar="FORMAT[=FILE]", help="Write another format; repeatable.")
@_COLOR
@click.option("--select", multiple=True, metavar="RULE", help="Run only this rule or family; repeatable.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Do not run this rule or family; repeatable.")
@click.option("--fail-on", type=click.Choice(["error", "warning", "note"]), default="warning", show_default=True)
@click.option("--fail-on-undecided", is_flag=True, help="Exit 4 where opslint could not decide.")
@click.option("--base", metavar="REV", help="Compare with the merge base with this revision.")
@click.option("--fix", is_flag=True, help="Apply the fixes that are safe.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix: apply those that may change meaning, too.")
@click.option("-q", "--quiet", is_flag=True, help="Only the findings, a line each.")
@click.option("-v", "--verbose", is_flag=True, help="Also what was looked at and found in order.")
@click.option("--statistics", is_flag=True, help="Also how many findings each rule has.")
def check(paths: tuple[Path, ...], **options: Any) -> None:
    """Lint a project, or report only what concerns PATHS in it.

    \b
    Examples:
      opslint check
      opslint check docker/ .github/workflows/deploy.yml
      opslint check --format json --output sarif=opslint.sarif
    """
    root, only, policy = _open(paths, options["root"])
    _check_names((*options["select"], *options["ignore"]), root, policy)
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
    _print(report, options)
    sys.exit(_exit_code(report, options["fail_on"], options["fail_on_undecided"]))


def _open(paths: tuple[Path, ...], root: Path | None) -> tuple[Path, tuple[str, ...] | None, Policy]:
    from opslint import policy
    from opslint.files import Disk
    from opslint.root import RootError, narrow

    try:
        top, only = narrow(paths, root)
        return top, only, policy.load(Disk(top))
    except (RootError, policy.PolicyError) as error:
        fail(str(error))


def _check_names(names: tuple[str, ...], root: Path, policy: Policy) -> None:
    from opslint import rulebook
    from opslint.files import Disk
    from opslint.syntax.schema import did_you_mean

    known = {**rulebook.bundled(), **rulebook.team(Disk(root), policy.rules_from)}
    families = {id.split("/")[0] for id in known}
    for name in names:
        if name not in known and name not in families:
            fail(f"there is no rule `{name}`{did_you_mean(name, [*known, *families])}; `opslint rules` lists them")


def _lint(root: Path, only: tuple[str, ...] | None, policy: Policy, options: dict[str, Any]) -> Report:
    from opslint.files import Disk, UnreadableError
    from opslint.lint import lint
    from opslint.revisions import base_files

    before, missing = base_files(root, options["base"] or policy.base)
    try:
        return lint(
            Disk(root), policy, only, before,
            before_missing=missing, select=options["select"], ignore=options["ignore"],
        )  # fmt: skip
    except UnreadableError as error:
        fail(str(error), INCOMPLETE)


def _apply(root: Path, report: Report, unsafe: bool) -> int:
    from opslint.fixes import apply, chosen

    fixes = chosen(finding.verdict.fix for finding in report.findings if finding.verdict.fix)
    fixes = tuple(fix for fix in fixes if fix.safe or unsafe)
    apply(root, fixes)
    return len(fixes)


def _print(report: Report, options: dict[str, Any]) -> None:
    from opslint.report.formats import FORMATS

    for wanted in (options["format_name"], *options["outputs"]):
        name, _, target = wanted.partition("=")
        check_format(name, FORMATS)
        if name == "text":
            from opslint.report import text

            rendered = text.render(
                report,
                color=is_colored(options["color"]) and not target,
                width=width(),
                quiet=options["quiet"],
                verbose=options["verbose"],
                statistics=options["statistics"],
                encoding="utf-8" if target else sys.stdout.encoding or "utf-8",
            )
        else:
            rendered = FORMATS[name](report)
        emit(rendered, target)


def _exit_code(report: Report, fail_on: str, fail_on_undecided: bool) -> int:
    from opslint.finding import Severity

    limit = Severity(fail_on).rank
    decided = [finding for finding in report.findings if finding.decided]
    if not report.complete or (fail_on_undecided and len(decided) < len(report.findings)):
        return INCOMPLETE
    return FINDINGS if any(finding.severity.rank <= limit for finding in decided) else OK


@main.command()
@click.argument("what")
@_ROOT
@_COLOR
def explain(what: str, root: Path | None, color: str) -> None:
    """Tell about a rule, a place, or a file.

    \b
    Examples:
      opslint explain workers/memory-limit        a rule: why, bad, good, how to mend
      opslint explain supervisor.conf:12          a place: what was seen, which rules were content
      opslint explain supervisor.conf             a file: what Supervisor will run
    """
    from opslint.views import explain as view

    top, _, policy = _open((), root or view.root_of(what))
    try:
        rendered = view.explain(what, top, policy, color=is_colored(color), width=width())
    except view.UnknownError as error:
        fail(str(error))
    emit(rendered, "")


@main.command()
@click.option("--format", "format_name", type=click.Choice(["text", "json", "markdown"]), default="text")
@_ROOT
@_COLOR
def rules(format_name: str, root: Path | None, color: str) -> None:
    """List every rule, with its severity here."""
    from opslint.views import rules as view

    top, _, policy = _open((), root)
    emit(view.render(top, policy, format_name, color=is_colored(color), width=width()), "")


@main.command()
@click.argument("name", type=click.Choice(["report", "policy", "page"]))
def schema(name: str) -> None:
    """Print a JSON Schema: of the report, of .opslint.yaml, or of a rule page's header."""
    from importlib import resources

    place = {"report": "report/report.schema.json", "policy": "policy.schema.json", "page": "rulebook.schema.json"}
    emit(resources.files("opslint").joinpath(place[name]).read_text("utf-8"), "")


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--job", metavar="ID", help="Only this job.")
@click.option("--format", "format_name", type=click.Choice(["text", "json", "markdown"]), default="text")
@_ROOT
@_COLOR
def simulate(path: Path, job: str | None, format_name: str, root: Path | None, color: str) -> None:
    """Show what a deployment leaves behind, for each thing that can go wrong.

    \b
    Examples:
      opslint simulate .github/workflows/deploy.yml
      opslint simulate .github/workflows/deploy.yml --job deploy --format markdown
      opslint simulate scripts/deploy.sh
    """
    from opslint.views import simulate as view

    top, only, policy = _open((path,), root)
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


@main.command()
@click.option("--format", "format_name", default="text", show_default=True, metavar="NAME", help="text, svg, html, ...")
@_ROOT
@_COLOR
def trend(format_name: str, root: Path | None, color: str) -> None:
    """Show how PHPStan's baseline grew and shrank, and when it would reach zero.

    \b
    Examples:
      opslint trend
      opslint trend --format html > trend.html
    """
    from opslint.views import trend as view

    check_format(format_name, view.FORMATS)
    top, _, policy = _open((), root)
    try:
        emit(view.render(top, policy, format_name, color=is_colored(color), width=width()), "")
    except view.NothingError as error:
        fail(str(error))
