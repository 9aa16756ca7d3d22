"""Parameters of rules for one run: `--rule-with workers/memory-limit.at-most=512`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from opslint import rulebook
from opslint.finding import Rule, Severity
from opslint.policy import Policy
from opslint.source import Source
from opslint.syntax import yaml
from opslint.syntax.schema import did_you_mean, plain, validate
from opslint.syntax.tree import Mapping as Tree


class OverrideError(Exception):
    """A parameter that cannot be set; says what was expected and found."""


def overridden(policy: Policy, given: Iterable[str], rules: Mapping[str, Rule]) -> Policy:
    """The policy with parameters laid over those of its file; of one that is given twice, the last one holds."""
    overrides: dict[str, dict[str, Any]] = {}
    for text in given:
        name, parameter, value = _parts(text)
        rule = rules.get(name)
        if rule is None:
            close = did_you_mean(name, rules)
            raise OverrideError(f"{text}: there is no rule `{name}`{close}; `opslint rules` lists them")
        if policy.severity(rule) is Severity.OFF:
            raise OverrideError(f"{text}: `{name}` is off here, and a parameter does not turn it on")
        overrides.setdefault(name, {})[parameter] = _value(text, rule, parameter, value)
    return replace(policy, overrides=overrides)


def _parts(text: str) -> tuple[str, str, str]:
    left, equals, value = text.partition("=")
    name, dot, parameter = left.partition(".")
    if not (equals and dot and name and parameter and value.strip()):
        raise OverrideError(f"{text}: expected family/name.parameter=value, like workers/memory-limit.at-most=512")
    return name.strip(), parameter.strip(), value


def _value(text: str, rule: Rule, parameter: str, value: str) -> Any:
    check = rulebook.check_of(rule.check)
    allowed = sorted(rulebook.schema_of(check)["properties"])
    if parameter not in allowed:
        there = f"it has {', '.join(allowed)}" if allowed else "it has none"
        close = did_you_mean(parameter, allowed)
        raise OverrideError(f"{text}: `{rule.id}` has no parameter `{parameter}`; {there}{close}")
    # On a line of its own a value can be anything that YAML allows, and never a second parameter.
    document = yaml.read(Source("--rule-with", f"{parameter}:\n  " + value.replace("\n", "\n  ")))
    problems = document.problems
    if not problems and isinstance(document.root, Tree):
        problems = tuple(validate(document.root, rulebook.schema_of(check)))
    if problems:
        raise OverrideError(f"{text}: {problems[0].message}")
    return plain(document.root)[parameter]
