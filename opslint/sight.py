"""What a run has judged: only there may it say that something is found no more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sight:
    """Which rules spoke, and of which files: those that did not run or could not decide prove nothing."""

    rules: frozenset[str]  # all that exist
    judged: frozenset[str]  # that ran to their end
    blind: frozenset[tuple[str, str]]  # rules and paths that they could not decide on
    unread: frozenset[str]  # paths that no reader could read to the end, or that are excluded

    def covers(self, rule: str, path: str) -> bool:
        return rule in self.judged and path not in self.unread and not self.blind & {(rule, path), (rule, ".")}

    def covers_all(self, rule: str) -> bool:
        return rule in self.judged and all(other != rule for other, _ in self.blind)
