"""A rule's page as people read it: why, the examples, how it is set here, and how it is silenced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opslint import rulebook
from opslint.finding import Rule
from opslint.policy import Policy


def rule_page(rule: Rule, policy: Policy) -> str:
    """A rule's page as Markdown, with how it is set here and how it is changed."""
    severity = policy.severity(rule)
    return "\n".join(
        [
            f"# {rule.id}",
            f"**{rule.summary}**",
            f"Here it is *{severity.value}* (preset `{policy.preset}`). Since opslint {rule.since}.\n",
            rule.page,
            configuration(rule, policy),
            silencing(rule),
        ]
    )


def configuration(rule: Rule, policy: Policy) -> str:
    """How a rule is set: its severity and what a team may want to change, as they are here."""
    lines = ["rules:", f"  {rule.id}:"]
    lines += [f"    severity: {policy.severity(rule).value}  # off | error | warning | note"]
    if knobs := _knobs(rule, policy):
        lines += ["    with:", *(f"      {name}: {_written(value)}" for name, value in knobs.items())]
    return "\n".join(["## Configure\n", "In `.opslint.yaml`:\n", "```yaml", *lines, "```\n"])


def _knobs(rule: Rule, policy: Policy) -> Mapping[str, Any]:
    """Numbers, switches, choices and lists. A text says what a rule is about: with another it were another rule.

    What a policy sets is laid over each item of `with:`, so that a parameter of which the items differ is none; a
    bound may be missing in some.
    """
    check = rulebook.check_of(rule.check)
    types, defaults = rulebook.schema_of(check)["properties"], rulebook.defaults_of(check)
    found: dict[str, Any] = {}
    for name, shape in types.items():
        values = [item.get(name, defaults.get(name)) for item in policy.params(rule)]
        given = [value for value in values if value is not None]
        is_number = bool(given) and all(type(value) is int for value in given)
        is_text = isinstance(values[0], str) and "enum" not in shape
        is_shared = values.count(values[0]) == len(values)
        if shape == {"type": "integer"} and not given:
            found[name] = "0  # off until it is set"
        elif is_number and given.count(given[0]) == len(given):
            found[name] = given[0]
        elif name in defaults and is_shared and not is_text and (values[0] or values[0] is False):
            found[name] = values[0]
    return found


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(map(str, value))}]" if isinstance(value, (list, tuple)) else str(value)


def silencing(rule: Rule) -> str:
    """How one place, or a kind of place, is excepted from a rule."""
    sign = ";" if rule.kinds == ("supervisor",) else "#"
    comment = [
        "One place, with the reason, on its line or on the line above:\n",
        f"```\n{sign} opslint: ignore[{rule.id}] why this is right here\n```\n",
    ]
    return "\n".join(
        [
            "## Silence\n",
            *(comment if rule.kinds != ("composer",) else ()),  # JSON has no comments
            "A kind of place, with an end, in `.opslint.yaml`:\n",
            f"```yaml\nexceptions:\n  - rule: {rule.id}\n    reason: why this is so\n    until: 2027-01-31\n```",
        ]
    )
