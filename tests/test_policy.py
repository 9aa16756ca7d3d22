"""The policy: what it changes, and every mistake in it with its place."""

from __future__ import annotations

import datetime

import pytest

from opslint import policy
from opslint.files import Memory
from opslint.finding import Severity
from opslint.rulebook import bundled
from opslint.source import Source

RULE = bundled()["workers/memory-limit"]
PAGE = """---
summary: Ours
severity: error
files: [project]
check: commands.never_run
with: {commands: [our-tool], why: is ours}
since: "0.1"
---
Why.
"""


def read(text: str, **files: str) -> policy.Policy:
    return policy.read(Source(".opslint.yaml", text), Memory(files))


def test_without_a_file_the_defaults_hold() -> None:
    assert policy.load(Memory({})).severity(RULE) is Severity.WARNING


@pytest.mark.parametrize("path", policy.NAMES)
def test_every_name_is_found(path: str) -> None:
    assert policy.load(Memory({path: "extends: strict"})).severity(RULE) is Severity.ERROR


def test_severity_and_parameters_of_a_rule() -> None:
    found = read("rules:\n  workers/memory-limit: {severity: note, with: {at-most: 512}}\n")
    assert found.severity(RULE) is Severity.NOTE
    assert {params["at-most"] for params in found.params(RULE)} == {512}
    assert found.params(RULE)[0]["at-least"] == 64


def test_every_setting_has_its_place() -> None:
    found = read("extends: strict\nrules:\n  workers/memory-limit:\n    with: {at-most: 512}\nexclude: [a, b]\n")
    assert {".".join(keys): str(span) for keys, span in found.places.items()} == {
        "extends": ".opslint.yaml:1:1",
        "rules": ".opslint.yaml:2:1",
        "rules.workers/memory-limit": ".opslint.yaml:3:3",
        "rules.workers/memory-limit.with": ".opslint.yaml:4:5",
        "rules.workers/memory-limit.with.at-most": ".opslint.yaml:4:12",
        "exclude": ".opslint.yaml:5:1",
        "exclude.0": ".opslint.yaml:5:11",
        "exclude.1": ".opslint.yaml:5:14",
    }
    assert found == read("rules: {workers/memory-limit: {with: {at-most: 512}}}\nextends: strict\nexclude: [a, b]\n")


def test_an_empty_file_is_a_policy() -> None:
    assert read("# nothing yet\n").preset == "recommended"


def test_exceptions_have_an_end() -> None:
    found = read("exceptions:\n  - {rule: workers/memory-limit, reason: small box, until: 2027-01-31}\n")
    assert found.exceptions[0].until == datetime.date(2027, 1, 31)
    assert found.exceptions[0].covers("workers/memory-limit", "any.conf", "program:any")


def test_own_rules_are_pages() -> None:
    files = Memory({"ops/ours/tool.md": PAGE})
    found = policy.read(Source(".opslint.yaml", "rules-from: [ops]\nrules: {ours/tool: warning}\n"), files)
    assert found.rules["ours/tool"].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("extend: strict", "1:1: unknown key `extend`; allowed: acts, base, exceptions, exclude, extends, files, rules, rules-from (did you mean `extends`?)", id="unknown key"),
        pytest.param("extends: stricter", "1:10: expected one of recommended, strict, found `stricter` (did you mean `strict`?) in `extends`", id="unknown preset"),
        pytest.param("rules:\n  workers/memory-limt: off", "2:3: there is no rule `workers/memory-limt` (did you mean `workers/memory-limit`?); `opslint rules` lists them", id="unknown rule"),
        pytest.param("rules:\n  workers/memory-limit: fatal", "2:25: expected one of off, error, warning, note, found `fatal` in `rules.workers/memory-limit`", id="unknown severity"),
        pytest.param("rules:\n  workers/memory-limit: {with: {at-mots: 1}}", "2:33: unknown key `at-mots`; allowed: add, at-least, at-most, command, option, unit (did you mean `at-most`?)", id="unknown parameter"),
        pytest.param("rules:\n  workers/memory-limit: {with: {at-most: many}}", "2:42: expected a whole number, found `many` in `at-most`", id="parameter of a wrong type"),
        pytest.param("exceptions:\n  - rule: workers/memory-limit", "2:5: missing `reason` in `exceptions.0`", id="exception without a reason"),
        pytest.param("exceptions:\n  - {rule: a/b, reason: c}", "2:12: there is no rule `a/b`; `opslint rules` lists them", id="exception of no rule"),
        pytest.param("exceptions:\n  - {rule: workers/memory-limit, reason: c, until: 2027-02-30}", "2:52: expected a date like 2027-01-31, found `2027-02-30`", id="no such day"),
        pytest.param("exclude: vendor", "1:10: expected a list, found `vendor` in `exclude`", id="one glob is a list of one"),
        pytest.param("- a", "1:1: expected a mapping or nothing, found a list", id="a list"),
    ],
)  # fmt: skip
def test_mistakes_have_a_place(text: str, expected: str) -> None:
    with pytest.raises(policy.PolicyError) as caught:
        read(text)
    assert [f"{p.span}: {p.message}" for p in caught.value.problems] == [f".opslint.yaml:{expected}"]


def test_a_syntax_error_has_a_place() -> None:
    with pytest.raises(policy.PolicyError, match=r"\.opslint\.yaml:1:\d+"):
        read("rules: {")


def test_a_mistake_in_an_own_page_has_a_place() -> None:
    files = Memory({"ops/ours/tool.md": PAGE.replace("never_run", "never_ran")})
    with pytest.raises(policy.PolicyError, match=r"ops/ours/tool\.md:5:8: there is no check `commands\.never_ran`"):
        policy.read(Source(".opslint.yaml", "rules-from: [ops]"), files)
