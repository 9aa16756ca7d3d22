"""What findings are known by, wherever their lines move: path, rule and subject, and how often each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from opslint.finding import Finding

Key: TypeAlias = tuple[str, str, str]  # path, rule, subject


def key_of(finding: Finding) -> Key:
    return finding.span.path, finding.rule, finding.verdict.subject


def beyond(findings: Iterable[Finding], known: Mapping[Key, int]) -> tuple[list[Finding], int]:
    """The findings that are more than is known of their key, and how many are not.

    Findings of one key look the same to us, so the last ones of the file count as those that are new.
    """
    seen: Counter[Key] = Counter()
    kept = []
    left_out = 0
    for finding in findings:
        key = key_of(finding)
        seen[key] += 1
        if seen[key] <= known.get(key, 0):
            left_out += 1
        else:
            kept.append(finding)
    return kept, left_out
