"""Parameters for one run: what they change, and every mistake in them."""

from __future__ import annotations

from typing import Any

import pytest

from opslint import policy
from opslint.files import Memory
from opslint.lint import lint
from opslint.overrides import OverrideError, overridden
from opslint.rulebook import bundled
from opslint.source import Source

RULES = bundled()
WORKER = "[program:w]\ncommand=php artisan queue:work --memory=700\n"


def read(text: str = "") -> policy.Policy:
    return policy.read(Source(".opslint.yaml", text), Memory({}))


def of(name: str, *given: str, said: str = "") -> dict[str, Any]:
    return dict(overridden(read(said), given, RULES).params(RULES[name])[0])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("workers/memory-limit.at-most=512", 512, id="a number"),
        pytest.param("workers/memory-limit.at-most=null", None, id="nothing"),
        pytest.param(" workers/memory-limit.at-most = 512 ", 512, id="blanks"),
        pytest.param("workers/memory-limit.add=--memory=256", "--memory=256", id="a text with an equals sign"),
        pytest.param("workers/memory-limit.unit='a: b # c'", "a: b # c", id="a quoted text"),
        pytest.param("workers/memory-limit.unit=MB # of 1024 KB", "MB", id="a comment"),
        pytest.param("ci/phpstan-can-fail.formats=[table, ours]", ["table", "ours"], id="a flow list"),
        pytest.param("ci/phpstan-can-fail.cancelled=true", True, id="true"),
    ],
)
def test_values(given: str, expected: object) -> None:
    name, _, rest = given.strip().partition(".")
    assert of(name, given)[rest.partition("=")[0].strip()] == expected


def test_the_last_one_holds_and_others_stay() -> None:
    found = of("workers/memory-limit", "workers/memory-limit.at-most=1", "workers/memory-limit.at-least=2", "workers/memory-limit.at-most=3")
    assert (found["at-most"], found["at-least"], found["option"]) == (3, 2, "--memory")


def test_it_is_laid_over_the_policy() -> None:
    said = "rules: {workers/memory-limit: {with: {at-most: 9, at-least: 8}}}"
    found = of("workers/memory-limit", "workers/memory-limit.at-most=7", said=said)
    assert (found["at-most"], found["at-least"]) == (7, 8)


def test_a_finding_comes_and_goes() -> None:
    files = Memory({"supervisor.conf": WORKER})
    for given, found in (("at-most=512", 1), ("at-most=800", 0)):
        chosen = overridden(read(), [f"workers/memory-limit.{given}"], RULES)
        assert len(lint(files, chosen, select=("workers/memory-limit",)).findings) == found


def test_a_parameter_for_one_run_weakens_no_policy() -> None:
    files = Memory({"supervisor.conf": WORKER, ".opslint.yaml": ""})
    chosen = overridden(read(), ["workers/memory-limit.at-most=9999"], RULES)
    assert "opslint/policy-weakened" not in {finding.rule for finding in lint(files, chosen, before=files).findings}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("workers/memory-limt.at-most=1", "there is no rule `workers/memory-limt` (did you mean `workers/memory-limit`?); `opslint rules` lists them", id="unknown rule"),
        pytest.param("workers/memory-limit.at-mots=1", "`workers/memory-limit` has no parameter `at-mots`; it has add, at-least, at-most, bare, command, option, unit (did you mean `at-most`?)", id="unknown parameter"),
        pytest.param("deploy/no-literal-secret.x=1", "`deploy/no-literal-secret` has no parameter `x`; it has none", id="no parameters"),
        pytest.param("workers/memory-limit.at-most=many", "expected a whole number, found `many` in `at-most`", id="wrong type"),
        pytest.param("workers/memory-limit.at-most=a: 1", "expected a whole number, found a mapping in `at-most`", id="a mapping"),
        pytest.param("workers/memory-limit.at-most=1\nat-least: 2", "mapping values are not allowed in this context", id="a second parameter"),
        pytest.param("workers/memory-limit.at-most={", "did not find expected node content", id="no YAML"),
        pytest.param("workers/memory-limit.at-most=", "expected family/name.parameter=value, like workers/memory-limit.at-most=512", id="no value"),
        pytest.param("workers/memory-limit.at-most", "expected family/name.parameter=value, like workers/memory-limit.at-most=512", id="no equals sign"),
        pytest.param("workers/memory-limit=1", "expected family/name.parameter=value, like workers/memory-limit.at-most=512", id="no parameter"),
        pytest.param("", "expected family/name.parameter=value, like workers/memory-limit.at-most=512", id="empty"),
    ],
)  # fmt: skip
def test_mistakes(given: str, expected: str) -> None:
    with pytest.raises(OverrideError) as caught:
        overridden(read(), [given], RULES)
    assert str(caught.value) == f"{given}: {expected}"


def test_a_rule_that_is_off_is_not_turned_on() -> None:
    with pytest.raises(OverrideError, match="`workers/memory-limit` is off here, and a parameter does not turn it on"):
        overridden(read("rules: {workers/memory-limit: off}"), ["workers/memory-limit.at-most=1"], RULES)
