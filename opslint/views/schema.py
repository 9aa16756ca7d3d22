"""JSON Schemas for who writes in an editor: every rule and check by name, with what it takes."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from opslint import policy as policies
from opslint import rulebook
from opslint.files import Disk, UnreadableError
from opslint.finding import Rule
from opslint.model import act
from opslint.policy import PolicyError
from opslint.root import find_root
from opslint.rulebook import Check, PageError
from opslint.views.parameters import words

# A day that the calendar has; the 29th of February in any year.
_DATE = (
    "^[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|[12][0-9]))$"
)
_OWN = "^opslint/"  # findings of ours that are no rule's


def rules_of(folder: Path) -> Mapping[str, Rule]:
    """Our rules, and the team's own where its policy and pages can be read: this helps to mend those that cannot."""
    files = Disk(find_root(folder))
    try:
        return {**rulebook.bundled(), **rulebook.team(files, policies.load(files).rules_from)}
    except (PolicyError, PageError, UnreadableError):
        return rulebook.bundled()


def policy_schema(rules: Mapping[str, Rule]) -> dict[str, Any]:
    """The schema of `.opslint.yaml` with these rules: it accepts what `policy.load` accepts."""
    schema = copy.deepcopy(policies.schema())
    named = schema["properties"]["rules"]
    named["properties"] = {id: _setting(rule) for id, rule in sorted(rules.items())}
    named["additionalProperties"] = False
    acts = schema["properties"]["acts"]
    any_act = acts["additionalProperties"]
    acts["properties"] = {
        name: {**any_act, "description": f"The team's own commands that mean {name}."}
        for name in dict.fromkeys(entry.act for entry in act.bundled())
    }
    accepted = schema["properties"]["exceptions"]["items"]
    accepted["description"] = "Findings that the team accepts."
    rule = accepted["properties"]["rule"]
    del rule["type"]
    rule["anyOf"] = [{"enum": sorted(rules)}, {"type": "string", "pattern": _OWN}]
    accepted["properties"]["until"] |= {"pattern": _DATE, "description": "The last day, like 2027-01-31."}
    return schema


def _setting(rule: Rule) -> dict[str, Any]:
    """What a policy may say of a rule: a severity, or a mapping."""
    check = rulebook.check_of(rule.check)
    given = {name: value for each in rule.params for name, value in each.items()}
    own = {name: value for name, value in given.items() if all(each.get(name, value) == value for each in rule.params)}
    kind = rule.severity["recommended"].value
    return {
        "description": rule.summary,
        "markdownDescription": _markdown(rule),
        "default": kind,
        "anyOf": [
            {"$ref": "#/$defs/severity"},
            {
                "type": "object",
                "description": "A severity, and parameters instead of the page's.",
                "additionalProperties": False,
                "properties": {
                    "severity": {"$ref": "#/$defs/severity", "description": "How much it weighs.", "default": kind},
                    "with": _parameters(rule.check, check, own),
                },
            },
        ],
    }


def _markdown(rule: Rule) -> str:
    severities = " and ".join(f"{severity.value} in {preset}" for preset, severity in rule.severity.items())
    text = f"{rule.summary}.\n\nIt is {severities}."
    return f"{text} [Why, and how to mend it]({rule.url})" if rule.url else text


def _parameters(name: str, check: Check, own: Mapping[str, Any]) -> dict[str, Any]:
    """A check's parameters, each with its words and what holds where it is not given."""
    schema = copy.deepcopy(rulebook.schema_of(check))
    defaults = {**rulebook.defaults_of(check), **own}
    for parameter, each in schema["properties"].items():
        each["description"] = words(name, parameter)
        if defaults.get(parameter) is not None:
            each["default"] = _listed(defaults[parameter])
    return {**schema, "description": "Parameters of the check; those of a policy are laid over the page's."}


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def page_schema() -> dict[str, Any]:
    """The schema of a rule page's header with every check: it accepts what `rulebook.read_page` accepts."""
    schema = copy.deepcopy(rulebook.header_schema())
    checks = dict(sorted(rulebook.checks().items()))
    check = schema["properties"]["check"]
    check |= {
        "description": "The claim that must hold.",
        "anyOf": [{"const": name, "description": _claim(function)} for name, function in checks.items()],
    }
    schema["allOf"] = list(_with_of(checks))
    return schema


def _claim(check: Check) -> str:
    return (check.__doc__ or "").split("\n", 1)[0]


def _with_of(checks: Mapping[str, Check]) -> Iterator[dict[str, Any]]:
    for name, check in checks.items():
        given = _parameters(name, check, {})
        either = {"description": _claim(check), "anyOf": [given, {"type": "array", "items": given}]}
        yield {
            "if": {"required": ["check"], "properties": {"check": {"const": name}}},
            "then": {"properties": {"with": either, "with-strict": given}},
        }
