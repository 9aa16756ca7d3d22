"""Where the settings of a rule come from: the policy file, the preset, the rule's page, its check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opslint import rulebook
from opslint.finding import Rule
from opslint.policy import Policy
from opslint.report.paper import shorten, text_width
from opslint.views.screen import Screen

_LONGEST = 48  # characters of a value
NOT_SET = "not set"


@dataclass(frozen=True, slots=True)
class Origin:
    name: str  # `severity`, `at-most`
    value: str
    source: str  # `.opslint.yaml:4:7`, or in words


def origins(rule: Rule, policy: Policy) -> Iterator[Origin]:
    """The severity and every parameter of a rule, each with the place that decides it."""
    yield Origin("severity", policy.severity(rule).value, severity_source(rule, policy))
    check = rulebook.check_of(rule.check)
    defaults = rulebook.defaults_of(check)
    setting = policy.rules.get(rule.id)
    for name in rulebook.schema_of(check)["properties"]:
        if setting is not None and name in setting.params:
            place = policy.places.get(("rules", rule.id, "with", name))
            yield Origin(name, _written(setting.params[name]), str(place or policy.path))
            continue
        given = dict.fromkeys(_written(item[name]) for item in rule.params if name in item)
        for value in given:
            yield Origin(name, value, "the rule's page")
        if not given and name in defaults:
            yield Origin(name, _written(defaults[name]), f"default of `{rule.check}`")
        elif not given:
            yield Origin(name, NOT_SET, "the rule is off until the policy sets it")


def severity_source(rule: Rule, policy: Policy) -> str:
    """Which line of the policy, or which preset, says how much a rule weighs."""
    setting = policy.rules.get(rule.id)
    if setting is not None and setting.severity is not None:
        keys = ("rules", rule.id)
        return str(policy.places.get((*keys, "severity")) or policy.places.get(keys) or policy.path)
    place = policy.places.get(("extends",))
    return f"preset `{policy.preset}`" + (f", chosen at {place}" if place else ", which holds where nothing is chosen")


def tell_origins(screen: Screen, rule: Rule, policy: Policy) -> None:
    """Print them as a table."""
    paper = screen.paper
    rows = [(each.name, shorten(paper, each.value, _LONGEST), each.source) for each in origins(rule, policy)]
    names, values = max(len(row[0]) for row in rows), max(text_width(paper, row[1]) for row in rows)
    screen.line("Where its settings come from:", "bold")
    for name, value, source in rows:
        blank = " " * (values - text_width(paper, value))
        screen.line(f"  {name:<{names}}  {value}{blank}  {source}")


def _written(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list() | tuple():
            return ", ".join(map(_written, value)) or "none"
        case dict():
            return ", ".join(f"{name}: {_written(each)}" for name, each in value.items()) or "none"
        case None | "":
            return "none"
    return str(value)


# -- a line of the policy file ------------------------------------------------------------------------------------


def tell_setting(screen: Screen, policy: Policy, line: int, rules: dict[str, Rule]) -> bool:
    """Print what a line of the policy file sets; False where it sets nothing."""
    here = {keys: span for keys, span in policy.places.items() if span.place[0] == line}
    for keys, span in here.items():
        if not any(other[: len(keys)] == keys for other in here if other != keys):
            screen.line(f"{span}: {_said(keys, policy, rules)}")
    return bool(here)


def _said(keys: tuple[str, ...], policy: Policy, rules: dict[str, Rule]) -> str:
    match keys:
        case ("extends",):
            return f"the preset is `{policy.preset}`: it gives every rule its severity where `rules:` says nothing"
        case ("rules", id, "with", name) if id in rules:
            setting, rule = policy.rules[id], rules[id]
            usual = Policy(preset=policy.preset)
            before = ", ".join(each.value for each in origins(rule, usual) if each.name == name)
            return f"`{name}` of {id} is {_written(setting.params[name])}; without this line: {before}"
        case ("rules", id) | ("rules", id, "severity") if id in rules and policy.rules[id].severity is not None:
            usual = Policy(preset=policy.preset)
            return f"{id} is {policy.severity(rules[id]).value}; without this line: {usual.severity(rules[id]).value}"
        case ("rules", id, *_):
            return f"settings of {id}; `opslint explain {id}` tells where each comes from"
        case ("exclude", index):
            return f"files that match `{policy.exclude[int(index)]}` are not linted"
        case ("exceptions", index, *_):
            accepted = policy.exceptions[int(index)]
            until = f" until {accepted.until}" if accepted.until else ""
            return f"findings of {accepted.rule} in {accepted.path} are accepted{until}: {accepted.reason}"
        case ("acts", act, *_):
            return f"commands that mean `{act}` in this project, before those that opslint knows"
        case ("files", kind, *_):
            return f"files that are linted as {kind}, whatever their names say"
        case ("rules-from", *_):
            return "folders with rule pages of this project's own"
        case ("base",):
            return f"ratchets compare with the merge base with `{policy.base}`"
    return f"`{'.'.join(keys)}`"
