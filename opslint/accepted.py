"""The findings that a team lives with for now: `.opslint-accepted.yaml`, and what is stale in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from opslint.files import Files, UnreadableError
from opslint.finding import Edit, Finding, Fix, Note, Problem, Rule, Severity, Verdict
from opslint.fixes import edited
from opslint.known import Key, beyond, key_of
from opslint.policy import PolicyError
from opslint.sight import Sight
from opslint.source import Source, Span, nowhere
from opslint.syntax import yaml
from opslint.syntax.schema import did_you_mean, plain, validate
from opslint.syntax.tree import Node, at

NAME = ".opslint-accepted.yaml"
ACCEPTED = "opslint/accepted"
_HEAD = """\
# Findings that `opslint check` leaves out. `opslint accept` lowers the counts, `opslint accept --add` adds what is new.
# Reasons belong into `exceptions:` of the policy: comments in here are not kept.
"""
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?=[ \r\n]|\Z).*", re.MULTILINE)
_ITEM = re.compile(r"[ \t]*-[ \t]+")
_RATCHET = "ratchet."  # checks of what a change does: nothing of theirs is there to live with


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the file."""

    key: Key
    count: int
    span: Span
    count_span: Span


@dataclass(frozen=True, slots=True)
class Accepted:
    """The file as it is written; `source` is None where there is none."""

    entries: tuple[Entry, ...] = ()
    source: Source | None = None

    @property
    def counts(self) -> Mapping[Key, int]:
        """How many findings of each key are accepted; of a key that is written twice, the higher number."""
        found: dict[Key, int] = {}
        for entry in self.entries:
            found[entry.key] = max(entry.count, found.get(entry.key, 0))
        return found


@cache
def schema() -> dict[str, Any]:
    text = resources.files("opslint").joinpath("accepted.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def load(files: Files) -> Accepted:
    """What a project accepts, or nothing. Raises PolicyError with path:line:column for every mistake."""
    try:
        return read(Source(NAME, files.read(NAME).decode("utf-8")))
    except FileNotFoundError:
        return Accepted()
    except UnreadableError as error:
        raise PolicyError(Problem(nowhere(NAME), f"cannot be read: {error}")) from None
    except UnicodeDecodeError as error:
        raise PolicyError(Problem(nowhere(NAME), f"is not UTF-8: byte {error.start}")) from None


def read(source: Source) -> Accepted:
    """The accepted findings from their text."""
    conflict = _CONFLICT.search(source.content)
    if conflict:
        message = "a merge conflict is left here: keep the lines of both sides, then run `opslint accept`"
        raise PolicyError(Problem(Span(source, conflict.start(), conflict.end()), message))
    document = yaml.read(source)
    root = document.root
    problems = document.problems or tuple(dict.fromkeys(validate(root, schema()) if root is not None else ()))
    if problems:
        raise PolicyError(*problems)
    entries = tuple(_entry(root, index, said) for index, said in enumerate(plain(root) or ()))
    shared = tuple(_sharing(entries))
    if shared:
        raise PolicyError(*shared)
    return Accepted(entries, source)


def _entry(root: Node | None, index: int, said: Mapping[str, Any]) -> Entry:
    node, count = at(root, index), at(root, index, "count")
    assert node is not None, "the schema requires it"
    assert count is not None, "the schema requires it"
    return Entry((said["path"], said["rule"], said["subject"]), said["count"], node.span, count.span)


def _sharing(entries: Iterable[Entry]) -> Iterator[Problem]:
    """Entries that have no line of their own, so that no line can be taken out."""
    for entry in entries:
        source, line = entry.span.source, entry.span.place[0]
        before = source.line(line)[: entry.span.place[1] - 1]
        if not _ITEM.fullmatch(before):
            yield Problem(entry.span, "expected a line of its own for each finding, beginning with `- `")


def is_ratchet(rule: Rule) -> bool:
    """Whether it judges a change against its base."""
    return rule.check.startswith(_RATCHET)


def can_be_accepted(finding: Finding, rules: Mapping[str, Rule]) -> bool:
    """Whether it is about the project as it stands: not about a change, this run, or what could not be seen."""
    rule = rules.get(finding.rule)
    is_text = not any("\ud800" <= character <= "\udfff" for part in key_of(finding) for character in part)
    return finding.decided and is_text and rule is not None and not is_ratchet(rule)


def leave_out(findings: Iterable[Finding], accepted: Accepted, rules: Mapping[str, Rule]) -> tuple[list[Finding], int]:
    """The findings that are not accepted, and how many are. One above its count says so and where."""
    counts = accepted.counts
    allowed = [finding for finding in findings if key_of(finding) in counts and can_be_accepted(finding, rules)]
    more, left_out = beyond(allowed, counts)
    gone = {id(finding) for finding in allowed} - {id(finding) for finding in more}
    above = {id(finding) for finding in more}
    entries = {entry.key: entry for entry in reversed(accepted.entries)}
    kept = [
        _above(finding, entries[key_of(finding)], counts) if id(finding) in above else finding
        for finding in findings
        if id(finding) not in gone
    ]
    return kept, left_out


def _above(finding: Finding, entry: Entry, counts: Mapping[Key, int]) -> Finding:
    note = Note(entry.span, f"accepted {_times(counts[entry.key])} here, and found more often")
    return replace(finding, verdict=replace(finding.verdict, notes=(*finding.verdict.notes, note)))


def stale_lines(accepted: Accepted, sight: Sight, there: Mapping[Key, int]) -> Iterator[Finding]:
    """What the file accepts and nobody finds any more: counts may only fall."""
    highest = {entry.key: entry for entry in sorted(accepted.entries, key=lambda entry: entry.count)}
    for entry in accepted.entries:
        path, rule, subject = entry.key
        what = f"`{rule}` of `{subject}` in `{path}`"
        found = there.get(entry.key, 0)
        if entry is not highest[entry.key]:
            yield _finding(entry, f"{what} is accepted in two lines", None)
        elif rule not in sight.rules:
            yield _finding(entry, f"there is no rule `{rule}`{did_you_mean(rule, sight.rules)}", None)
        elif not sight.covers(rule, path):
            continue
        elif not found:
            yield _finding(entry, f"{what} is accepted {_times(entry.count)}, and no longer found", None)
        elif found < entry.count:
            yield _finding(entry, f"{what} is accepted {_times(entry.count)}, and found {_times(found)}", found)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _finding(entry: Entry, message: str, count: int | None) -> Finding:
    """About an entry whose count falls to another, or that goes."""
    if count is None:
        source = entry.span.source
        first, _, last, _ = entry.span.place
        whole = Span(source, source.offset(first, 1), source.offset(last + 1, 1))
        fix = Fix("take the line out", (Edit(whole, ""),), safe=True)
    else:
        fix = Fix(f"lower the count to {count}", (Edit(entry.count_span, str(count)),), safe=True)
    verdict = Verdict(entry.span, "broken", message, subject=":".join(entry.key), fix=fix)
    return Finding(ACCEPTED, Severity.WARNING, verdict)


def lowered(accepted: Accepted, stale: Iterable[Finding]) -> dict[Key, int]:
    """The counts after the fixes of what is stale."""
    if accepted.source is None:
        return {}
    edits = [edit for finding in stale if finding.verdict.fix for edit in finding.verdict.fix.edits]
    return dict(read(Source(NAME, edited(accepted.source.content, edits))).counts)


def rendered(counts: Mapping[Key, int]) -> str:
    """The file, sorted; a line for each key, so that two branches seldom meet in one line."""
    lines = [
        f"- {{path: {_quoted(path)}, rule: {_quoted(rule)}, subject: {_quoted(subject)}, count: {count}}}\n"
        for (path, rule, subject), count in sorted(counts.items())
    ]
    return _HEAD + "".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())
