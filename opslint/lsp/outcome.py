"""What one run over a root found: the report, or what is wrong with the policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from opslint import policy as policies
from opslint.files import UnreadableError
from opslint.finding import Finding, Problem, Report
from opslint.lint import INTERNAL, lint
from opslint.lsp.snapshot import Buffer, Snapshot
from opslint.model.kinds import kind_of
from opslint.policy import Policy, PolicyError
from opslint.revisions import base_files
from opslint.rulebook import PageError
from opslint.source import Span


class LookError(Exception):
    """A root that cannot be linted at all; says why in words."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`report` is None where no policy could be used: what was found before still stands then."""

    snapshot: Snapshot
    policy: Policy | None
    report: Report | None
    problems: tuple[Problem, ...] = ()  # of the policy or the team's pages as they are now

    def findings(self) -> Iterator[tuple[str, Finding]]:
        """Every finding about the project, with the file in which an editor can show it."""
        for finding in self.report.findings if self.report else ():
            if finding.rule != INTERNAL:
                yield self.file_of(finding.span), finding

    def file_of(self, span: Span) -> str:
        """The file of a span; what is absent altogether has none: it is told where the project speaks of itself."""
        if span.path != "." and self.snapshot.exists(span.path):
            return span.path
        own = self.policy.path if self.policy and self.policy.path else "composer.json"
        wanted = (own, "composer.json", *sorted(self.snapshot.sources))
        return next((each for each in wanted if each in self.snapshot.sources), span.path)

    @property
    def crashes(self) -> tuple[str, ...]:
        """What of ours went wrong: no file of the project is to blame."""
        found = self.report.findings if self.report else ()
        return tuple(each.verdict.message for each in found if each.rule == INTERNAL)

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
