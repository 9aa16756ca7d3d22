"""The list of rules: what each claims, and how it is set here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from opslint import rulebook
from opslint.files import Disk
from opslint.finding import Rule
from opslint.policy import Policy
from opslint.views.screen import Screen


def render(root: Path, policy: Policy, format_name: str, *, color: bool, width: int) -> str:
    """Every rule by family, as text, JSON or Markdown."""
    rules = {**rulebook.bundled(), **rulebook.team(Disk(root), policy.rules_from)}
    if format_name == "json":
        return json.dumps([_row(rule, policy) for rule in rules.values()], indent=2) + "\n"
    if format_name == "markdown":
        head = "| rule | recommended | strict | here | what must hold |\n|---|---|---|---|---|\n"
        return head + "".join(f"| {' | '.join(_cells(rule, policy))} |\n" for rule in rules.values())
    return _text(rules, policy, Screen(color=color, width=width))


def _row(rule: Rule, policy: Policy) -> Mapping[str, object]:
    return {
        "rule": rule.id,
        "summary": rule.summary,
        "severity": policy.severity(rule).value,
        "recommended": rule.severity["recommended"].value,
        "strict": rule.severity["strict"].value,
        "files": list(rule.kinds),
        "check": rule.check,
        "with": [dict(params) for params in policy.params(rule)],
        "since": rule.since,
    }


def _cells(rule: Rule, policy: Policy) -> tuple[str, ...]:
    presets = (rule.severity["recommended"].value, rule.severity["strict"].value)
    return (f"`{rule.id}`", *presets, policy.severity(rule).value, rule.summary)


def _text(rules: Mapping[str, Rule], policy: Policy, screen: Screen) -> str:
    family = ""
    width = max((len(id) for id in rules), default=0)
    for id, rule in rules.items():
        if id.split("/")[0] != family:
            screen.line(("\n" if family else "") + id.split("/")[0] + "/", "bold")
            family = id.split("/")[0]
        screen.line(f"  {id:<{width}}  {policy.severity(rule).value:<7}  {rule.summary}")
    screen.line(f"\n{len(rules)} rules. `opslint explain RULE` tells more of one.")
    return screen.text
