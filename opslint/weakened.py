"""What a change takes back from the policy: told as a note, so that nobody loosens a gate unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opslint import policy as policies
from opslint.files import Files
from opslint.finding import Finding, Rule, Severity, Verdict
from opslint.policy import Policy, PolicyError
from opslint.source import nowhere

WEAKENED = "opslint/policy-weakened"


def weakened(policy: Policy, before: Files, rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """Where the policy is weaker than at the base revision: rules turned down, files and findings left out."""
    try:
        old = policies.load(before)
    except PolicyError:
        return  # a base that could not be linted is nothing to fall behind
    path = policy.path or old.path
    for message in _differences(policy, old, rules) if path else ():
        verdict = Verdict(nowhere(str(path)), "broken", message, subject=str(path))
        yield Finding(WEAKENED, Severity.NOTE, verdict)


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
