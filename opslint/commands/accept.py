"""`opslint accept`: live with the findings of today, and let their number only fall."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opslint.invocation import ROOT, accepted_in, check_names, check_rules_left, opened
from opslint.terminal import FINDINGS, INCOMPLETE, NOTHING, OK, fail

if TYPE_CHECKING:
    from opslint.accepted import Accepted
    from opslint.finding import Finding, Report


@click.command("accept", short_help="Accept today's findings, so that only new ones fail.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@ROOT
@click.option("--add", is_flag=True, help="Also accept what is new, where there is a file already.")
@click.option("--prune", is_flag=True, help="Only lower counts, also where there is no file yet.")
@click.option("--select", multiple=True, metavar="RULE", help="Only findings of this rule or family; repeatable.")
@click.option("--ignore", multiple=True, metavar="RULE", help="No findings of this rule or family; repeatable.")
def command(paths: tuple[Path, ...], **options: Any) -> None:
    """Accept the findings that are there, or only those in PATHS: `opslint check` leaves them out from now on.

    They go to .opslint-accepted.yaml, by rule, file and what they are about, never by a line number. Where that file
    exists, counts only fall, unless --add is given. What was not looked at stays as it is.

    \b
    Examples:
      opslint accept                                accept what is there; later: take out what was mended
      opslint accept --add --select workers         also accept what is new of these rules
      opslint accept --prune                        never accept anything, for scripts
    """
    if options["add"] and options["prune"]:
        fail("`--add` and `--prune` exclude one another")
    root, only, policy = opened(paths, options["root"])
    check_names((*options["select"], *options["ignore"]), root, policy)
    accepted = accepted_in(root)

    from opslint.files import Disk, UnreadableError
    from opslint.lint import lint

    try:
        report = lint(Disk(root), policy, only, select=options["select"], ignore=options["ignore"], accepted=accepted)
    except UnreadableError as error:
        fail(str(error), INCOMPLETE)
    if not report.files:
        fail(f"nothing to lint below {root}", NOTHING)
    check_rules_left(report, options)
    adds = options["add"] or (accepted.source is None and not options["prune"])
    new = _acceptable(report)
    _write(root, accepted, report, new if adds else ())
    sys.exit(_told(report, 0 if adds else len(new)))


def _acceptable(report: Report) -> tuple[Finding, ...]:
    from opslint.accepted import can_be_accepted

    return tuple(finding for finding in report.findings if can_be_accepted(finding, report.pages))


def _write(root: Path, accepted: Accepted, report: Report, new: tuple[Finding, ...]) -> None:
    """Lower what is stale, add what is new, sort, and write where that changes anything."""
    from opslint.accepted import ACCEPTED, NAME, lowered, rendered
    from opslint.files import limit
    from opslint.fixes import write_atomically
    from opslint.known import key_of

    counts = lowered(accepted, [finding for finding in report.findings if finding.rule == ACCEPTED])
    fallen = sum(accepted.counts.values()) - sum(counts.values())
    for finding in new:
        counts[key_of(finding)] = counts.get(key_of(finding), 0) + 1
    text = rendered(counts)
    if accepted.source is not None and "\r\n" in accepted.source.content:
        text = text.replace("\n", "\r\n")
    if len(text.encode()) > limit(NAME):
        fail(f"{NAME}: these are too many findings to accept: more than {limit(NAME):,} bytes")
    if not counts:
        if accepted.source is not None:
            os.unlink(root / NAME)
    elif accepted.source is None or text != accepted.source.content:
        write_atomically(root / NAME, text)
    changes = [f"{len(new)} new" if new else "", f"{fallen} fewer" if fallen else ""]
    changed = ", ".join(filter(None, changes)) or "nothing changed"
    files = len({path for path, _, _ in counts})
    where = f" in {files} file{'s'[: files != 1]}" if files else ""
    total = sum(counts.values())
    click.echo(f"opslint: {total} finding{'s'[: total != 1]} accepted{where} ({changed})", err=True)


def _told(report: Report, left: int) -> int:
    """Say what is not accepted, and why; the exit code."""
    from opslint.accepted import ACCEPTED

    if not report.complete:
        fail("incomplete: a rule crashed, and what it would find is neither accepted nor taken out", INCOMPLETE)
    decided = [each for each in report.findings if each.decided and each.rule != ACCEPTED]
    never = [each for each in decided if each not in _acceptable(report)]
    if left:
        what = "1 more is" if left == 1 else f"{left} more are"
        click.echo(f"opslint: {what} new: `opslint accept --add` accepts what is new", err=True)
    if never:
        rules = ", ".join(f"`{rule}`" for rule in sorted({each.rule for each in never}))
        click.echo(f"opslint: never accepted, and still to mend: {len(never)} of {rules}", err=True)
    return FINDINGS if left else OK
