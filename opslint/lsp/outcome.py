"""What one run over a root found: the report, or what is wrong with the policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from opslint import policy as policies
from opslint.files import UnreadableError
from opslint.finding import Finding, Problem, Report
from opslint.lint import lint
from opslint.lsp.snapshot import Buffer, Snapshot
from opslint.model.kinds import kind_of
from opslint.policy import Policy, PolicyError
from opslint.revisions import base_files
from opslint.rulebook import PageError


class LookError(Exception):
    """A root that cannot be linted at all; says why in words."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`report` is None where no policy could be used: what was found before still stands then."""

    snapshot: Snapshot
    policy: Policy | None
    report: Report | None
    problems: tuple[Problem, ...] = ()  # of the policy or the team's pages as they are now

    def findings(self, path: str) -> tuple[Finding, ...]:
        return tuple(each for each in self.report.findings if each.span.path == path) if self.report else ()

    def kind(self, path: str) -> str | None:
        source = self.snapshot.sources.get(path)
        named = self.policy.files if self.policy else {}
        return kind_of(path, lambda: source.content if source else "", named)


def look(root: Path, buffers: Mapping[str, Buffer], usable: Policy | None) -> Outcome:
    """Lint a root as its editor shows it; `usable` is the last policy without mistakes, for a time when there is none.

    Raises LookError where the root is no project that can be walked.
    """
    try:
        snapshot = Snapshot(root, buffers)
    except UnreadableError as error:
        raise LookError(f"{root}: {error}") from None
    problems: tuple[Problem, ...] = ()
    try:
        policy: Policy | None = policies.load(snapshot)
    except PolicyError as error:
        policy, problems = usable, error.problems
    if policy is None:
        return Outcome(snapshot, None, None, problems)
    before, missing = base_files(root, policy.base)
    try:
        report = lint(snapshot, policy, before=before, before_missing=missing)
    except PageError as error:  # a team's page that broke after the policy was read last
        return Outcome(snapshot, policy, None, problems or error.problems)
    return Outcome(snapshot, policy, report, problems)
