"""What a change takes back from the policy: told as a note, so that nobody loosens a gate unseen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from opslint import accepted as accepted_findings
from opslint import policy as policies
from opslint.accepted import Accepted
from opslint.files import Files
from opslint.finding import Finding, Rule, Severity, Verdict
from opslint.policy import Policy, PolicyError
from opslint.source import Span, nowhere

WEAKENED = "opslint/policy-weakened"


def weakened(policy: Policy, before: Files, rules: Mapping[str, Rule], accepted: Accepted) -> Iterator[Finding]:
    """Where the policy is weaker than at the base revision: rules turned down, files and findings left out."""
    try:
        old, old_accepted = policies.load(before), accepted_findings.load(before)
    except PolicyError:
        return  # a base that could not be linted is nothing to fall behind
    path = policy.path or old.path
    for message in _differences(replace(policy, overrides={}), old, rules) if path else ():
        yield _note(nowhere(str(path)), message, str(path))
    yield from _raised(accepted, old_accepted)


def _raised(accepted: Accepted, old: Accepted) -> Iterator[Finding]:
    """One note for each rule of which more is accepted than was; one for all where nothing was."""
    then = old.counts
    places = {entry.key: entry.count_span for entry in reversed(accepted.entries)}
    more: Counter[str] = Counter()
    first: dict[str, Span] = {}
    for key, count in accepted.counts.items():
        if count > then.get(key, 0):
            more[key[1]] += count - then.get(key, 0)
            first.setdefault(key[1], places[key])
    if more and old.source is None:
        message = f"this change begins to accept {_findings(more.total())}"
        yield _note(next(iter(first.values())), message, accepted_findings.NAME)
        return
    for rule, place in first.items():
        yield _note(place, f"this change accepts {_findings(more[rule], 'more ')} of `{rule}`", rule)


def _findings(number: int, more: str = "") -> str:
    return f"one {more}finding" if number == 1 else f"{number} {more}findings"


def _note(span: Span, message: str, subject: str) -> Finding:
    return Finding(WEAKENED, Severity.NOTE, Verdict(span, "broken", message, subject=subject))


def _differences(policy: Policy, old: Policy, rules: Mapping[str, Rule]) -> Iterator[str]:
    if policy.preset != old.preset:
        if old.preset == "strict":
            yield "this change takes the preset from `strict` to `recommended`"
        return
    for rule in rules.values():
        now, then = policy.severity(rule), old.severity(rule)
        if now.rank > then.rank:
            yield f"this change turns `{rule.id}` from {then.value} to {now.value}"
        elif policy.params(rule) != old.params(rule):
            yield f"this change gives `{rule.id}` other parameters"
    for glob in policy.exclude:
        if glob not in old.exclude:
            yield f"this change excludes `{glob}`"
    known = {(each.rule, each.path, each.subject) for each in old.exceptions}
    for each in policy.exceptions:
        if (each.rule, each.path, each.subject) not in known:
            yield f"this change accepts findings of `{each.rule}`: {each.reason}"
