"""What is printed of a rule's settings is a policy, and the one that holds already."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from opslint import policy, rulebook
from opslint.files import Memory
from opslint.finding import Rule, Severity
from opslint.policy import Policy, Setting
from opslint.source import Source
from opslint.views.examples import Example, examples, judged, section
from opslint.views.rule_page import configuration, silencing

RULES = rulebook.bundled()
STRICT = Policy(preset="strict")
NEEDS_A_NUMBER = "phpstan/baseline-at-most"


def settings(rule: Rule, chosen: Policy = STRICT) -> str:
    match = re.search(r"```yaml\n(.*?)```", configuration(rule, chosen), re.DOTALL)
    assert match
    return match[1]


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.id != NEEDS_A_NUMBER], ids=lambda rule: rule.id)
def test_the_settings_as_they_are_printed_change_nothing(rule: Rule) -> None:
    """Somebody who copies them to begin with gets what was before, on every example of the page."""
    written = f"extends: strict\n{settings(rule)}"
    for name in ("Bad", "Good"):
        for example in examples(section(rule, name)):
            if ".opslint.yaml" not in example.files:
                block = replace(example.blocks[0], path=".opslint.yaml", content=written)
                copied = replace(example, blocks=(*example.blocks, block))
                assert messages(rule, copied) == messages(rule, example)


def messages(rule: Rule, example: Example) -> list[tuple[Severity, str]]:
    return [(each.severity, each.verdict.message) for each in judged(rule, example).findings]


def test_a_rule_that_is_off_until_it_is_set_says_what_sets_it() -> None:
    written = settings(RULES[NEEDS_A_NUMBER])
    assert "      errors: 0  # off until it is set\n" in written
    read = policy.read(Source(".opslint.yaml", written), Memory({}))
    assert read.params(RULES[NEEDS_A_NUMBER]) == ({"errors": 0},)


def test_what_the_policy_says_is_what_is_printed() -> None:
    chosen = Policy(rules={"workers/memory-limit": Setting(Severity.NOTE, {"at-most": 512})})
    assert settings(RULES["workers/memory-limit"], chosen) == (
        "rules:\n"
        "  workers/memory-limit:\n"
        "    severity: note  # off | error | warning | note\n"
        "    with:\n"
        "      at-least: 64\n"
        "      at-most: 512\n"
    )


@pytest.mark.parametrize(
    ("rule", "sign"), [("workers/not-root", "; opslint"), ("deploy/bounded", "# opslint"), ("phpstan/installed", None)]
)
def test_a_comment_that_silences_is_one_in_the_files_of_the_rule(rule: str, sign: str | None) -> None:
    said = silencing(RULES[rule])
    assert (sign is None) == ("ignore[" not in said)
    assert sign is None or f"\n{sign}: ignore[{rule}] why this is right here\n" in said
