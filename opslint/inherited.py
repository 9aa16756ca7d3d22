"""What was there before a change: findings of the base revision, known by path, rule and subject."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from opslint.files import Files, Revision, UnreadableError
from opslint.finding import Finding, Report
from opslint.known import Key, beyond, key_of
from opslint.lint import lint
from opslint.policy import Policy

_OWN = "opslint/"
_INTERNAL = "opslint/internal"


def without_inherited(report: Report, files: Files, base: Revision, policy: Policy) -> Report:
    """The report with only what is not there when the base is linted by the same rules.

    A file that lies under another path at the base, with the same content, is the same file. What a ratchet finds is
    new by its nature, for the base is not compared with an older one. Raises PolicyError where the accepted findings
    of the base cannot be read.
    """
    if not report.findings:
        return report
    rules = tuple({finding.rule for finding in report.findings})
    # What no rule says alone (a file that cannot be read, what is undecided) needs all of them.
    select = () if any(rule.startswith(_OWN) for rule in rules) else rules
    past = lint(base, policy, select=select, pages=report.pages)
    moved = _moved(report.findings, files, base)
    known = Counter(_moved_key(key_of(finding), moved) for finding in past.findings if finding.rule != _INTERNAL)
    kept, left_out = beyond(report.findings, known)
    return replace(report, findings=tuple(kept), inherited=left_out)


def _moved(findings: tuple[Finding, ...], files: Files, base: Revision) -> Mapping[str, str]:
    """The new path of each file of the base that is gone, and whose content is now at another path."""
    there = set(files.paths())
    gone = {id: path for path, id in base.ids().items() if path not in there}
    moved: dict[str, str] = {}
    for path in sorted({finding.span.path for finding in findings}):
        if path in there and gone:
            old = gone.get(_blob_id(files, path, len(next(iter(gone)))))
            if old is not None:
                moved.setdefault(old, path)
    return moved


def _blob_id(files: Files, path: str, length: int) -> str:
    """What git calls a content: SHA-1, or SHA-256 in a repository that says so by longer ids."""
    try:
        content = files.read(path)
    except (FileNotFoundError, UnreadableError):
        return ""
    blob = b"blob %d\0" % len(content) + content
    return (hashlib.sha256(blob) if length == 64 else hashlib.sha1(blob, usedforsecurity=False)).hexdigest()


def _moved_key(key: Key, moved: Mapping[str, str]) -> Key:
    path, rule, subject = key
    new = moved.get(path, path)
    return new, rule, new + subject.removeprefix(path) if subject.startswith(path) else subject
