"""What is told first: errors before warnings, a site that is down before a gate that lets through."""

from __future__ import annotations

from collections import Counter

from opslint import rulebook
from opslint.adoption.harm import DOWN, GATE, LOST, SILENT, worst
from opslint.finding import Finding, Severity, Verdict
from opslint.source import nowhere


def finding(rule: str, severity: str = "error", path: str = "a", state: str = "broken") -> Finding:
    return Finding(rule, Severity(severity), Verdict(nowhere(path), state, "x"))  # type: ignore[arg-type]


def told(*findings: Finding, most: int = 3) -> list[tuple[str, str]]:
    return [(each.rule, each.span.path) for each in worst(findings, most)]


def test_severity_comes_before_harm() -> None:
    assert told(finding("deploy/maintenance-always-ends", "warning"), finding("ci/phpstan-runs")) == [
        ("ci/phpstan-runs", "a"),
        ("deploy/maintenance-always-ends", "a"),
    ]


def test_down_before_lost_before_silent_before_a_gate_before_a_teams_own() -> None:
    rules = ["ours/own", "ci/tests-can-fail", "deploy/failures-are-noticed", "deploy/no-destructive-commands", "deploy/migrate-forced"]
    assert [rule for rule, _ in told(*map(finding, rules), most=9)] == rules[::-1]


def test_one_of_each_rule_and_the_first_by_path() -> None:
    several = [finding("deploy/migrate-forced", path=path) for path in "cab"]
    assert told(*several, finding("ours/own")) == [("deploy/migrate-forced", "a"), ("ours/own", "a")]


def test_what_is_undecided_is_no_finding_to_begin_with() -> None:
    assert told(finding("deploy/migrate-forced", state="undecided")) == []


def test_no_more_than_asked_for() -> None:
    assert len(told(*(finding(f"ours/{letter}") for letter in "abcdef"))) == 3


def test_every_rule_in_the_order_exists_and_stands_once() -> None:
    rules = Counter((*DOWN, *LOST, *SILENT, *GATE))
    assert set(rules.values()) == {1}
    assert {rule for rule in rules if not rule.startswith("opslint/")} <= set(rulebook.bundled())
