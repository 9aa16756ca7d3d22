"""A project as `opslint check` sees it, for views that tell why a rule says what it says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from opslint import lint, rulebook
from opslint.accepted import Accepted, Entry, load
from opslint.files import Disk, Files
from opslint.finding import Finding, Report, Rule, Verdict
from opslint.known import key_of
from opslint.mask import Masks
from opslint.model.project import Project
from opslint.model.secret import secrets
from opslint.policy import Policy, PolicyError
from opslint.revisions import base_files


@dataclass(frozen=True)
class Inspection:
    """Everything that is asked twice is worked out once."""

    files: Files
    policy: Policy
    root: Path | None = None  # of files on disk: they are compared with the same base revision as in a check

    @staticmethod
    def of(root: Path, policy: Policy) -> Inspection:
        return Inspection(Disk(root), policy, root)

    @cached_property
    def report(self) -> Report:
        before, missing = base_files(self.root, self.policy.base) if self.root else (None, "")
        # What is accepted is explained, too.
        return lint.lint(self.files, self.policy, before=before, before_missing=missing, accepted=Accepted())

    @cached_property
    def accepted(self) -> Accepted:
        try:
            return load(self.files)
        except PolicyError:  # a check says what is wrong with it
            return Accepted()

    def entry_of(self, finding: Finding) -> Entry | None:
        """The line of `.opslint-accepted.yaml` for which a check leaves it out, where it is not found too often."""
        return next((each for each in self.accepted.entries if each.key == key_of(finding)), None)

    @cached_property
    def project(self) -> Project:
        return lint.open_project(self.files, self.policy)

    @cached_property
    def masks(self) -> Masks:
        return Masks(secrets(self.project))

    @cached_property
    def rules(self) -> dict[str, Rule]:
        return {**rulebook.bundled(), **rulebook.team(self.files, self.policy.rules_from)}

    def findings(self, rule: str, place: Place | None = None) -> tuple[Finding, ...]:
        """What is reported of a rule, at a place where one is given."""
        found = (each for each in self.report.findings if each.rule == rule)
        return tuple(each for each in found if place is None or place.holds(each.verdict))

    def verdicts(self, rule: str, place: Place | None = None) -> tuple[Verdict, ...]:
        """All that a rule has judged, what holds too."""
        found = self.report.verdicts.get(rule, ())
        return tuple(each for each in found if place is None or place.holds(each))


@dataclass(frozen=True, slots=True)
class Place:
    """A file, or one line of it."""

    path: str
    line: int | None = None

    def holds(self, verdict: Verdict) -> bool:
        """Whether a verdict points here."""
        first, _, last, column = verdict.span.place
        if verdict.span.path != self.path:
            return False
        return self.line is None or first <= self.line <= (last if column > 1 or last == first else last - 1)

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"
