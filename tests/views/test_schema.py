"""The schemas for editors: they say everything in words, and accept exactly what opslint accepts."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from opslint import cli, policy, rulebook
from opslint.files import Memory
from opslint.source import Source
from opslint.syntax import yaml
from opslint.syntax.schema import plain
from opslint.views.parameters import PARAMETERS
from opslint.views.schema import page_schema, policy_schema, rules_of

PAGE = """\
---
summary: Ours
severity: error
files: [project]
check: commands.never_run
with: {commands: [our-tool], why: is ours}
since: "0.1"
---
Why.
"""
RULES = Path(__file__).parents[2] / "rules"
SCHEMAS = {"policy": lambda: policy_schema(rulebook.bundled()), "page": page_schema}


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[name]())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "extends: strict",
        "extends: stirct",
        "rules: {workers/memory-limit: warning}",
        "rules: {workers/memory-limit: false}",
        "rules: {workers/memory-limit: off}",
        "rules: {workers/memory-limt: off}",
        "rules: {opslint/parse: off}",
        "rules: {workers/memory-limit: {severity: note, with: {at-most: 512}}}",
        "rules: {workers/memory-limit: {with: {at-most: plenty}}}",
        "rules: {workers/memory-limit: {with: {at-moist: 512}}}",
        "rules: {workers/memory-limit: {with: {at-most: null}}}",
        "rules: {workers/memory-limit: {weight: note}}",
        "rules: {workers/memory-limit: {}}",
        "rules: {workers/retry-after-exceeds-timeout: {with: {margin: 1}}}",
        "rules: {phpstan/baseline-never-grows: {with: {per: file}}}",
        "rules: {phpstan/baseline-never-grows: {with: {per: folder}}}",
        "rules: {phpstan/level-at-least: {with: {level: 5}}}",
        "rules: {phpstan/level-at-least: {with: {level: high}}}",
        "rules: {phpstan/baseline-at-most: {with: {errors: 3}}}",
        "rules: [workers/memory-limit]",
        "rules:",
        "exclude: [legacy]",
        "exclude: legacy",
        "files: {supervisor: [ops/*.txt]}",
        "files: {apache: [ops/*.conf]}",
        "acts: {migrate: ['./ship-it *', {uses: our/action, unless: [--pretend]}]}",
        "acts: {our-own-act: [{run: ./x, effect: remote}]}",
        "acts: {migrate: ./ship-it}",
        "acts: {migrate: [{run: ./x, effect: local}]}",
        "exceptions: [{rule: workers/memory-limit, reason: small box}]",
        "exceptions: [{rule: workers/memory-limit, reason: ''}]",
        "exceptions: [{rule: workers/memory-limit}]",
        "exceptions: [{rule: workers/nothing, reason: x}]",
        "exceptions: [{rule: opslint/undecided, path: bin/*, subject: jobs.deploy, reason: x, until: 2027-01-31}]",
        "exceptions: [{rule: workers/memory-limit, reason: x, until: 2027-13-01}]",
        "exceptions: [{rule: workers/memory-limit, reason: x, until: 2027-04-31}]",
        "exceptions: [{rule: workers/memory-limit, reason: x, until: 2027-02-30}]",
        "exceptions: [{rule: workers/memory-limit, reason: x, until: soon}]",
        "exceptions: [{rule: workers/memory-limit, reason: x, until: 2027}]",
        "base: origin/main",
        "base: [origin/main]",
        "rules-from: [docs/rules]",
        "rulesfrom: [docs/rules]",
        "- extends",
    ],
)
def test_the_policy_schema_accepts_what_a_policy_may_say(text: str) -> None:
    source = Source(".opslint.yaml", text)
    try:
        policy.read(source, Memory({}))
        accepted = True
    except policy.PolicyError:
        accepted = False
    assert validator("policy").is_valid(plain(yaml.read(source).root)) is accepted


@pytest.mark.parametrize(
    "change",
    [
        ("", ""),
        ("severity: error", "severity: fatal"),
        ("severity: error", "severity: {recommended: off, strict: note}"),
        ("severity: error", "severity: {strict: note}"),
        ("[project]", "[]"),
        ("[project]", "[apache]"),
        ("never_run", "ever_run"),
        ("commands.never_run", "opslint"),
        ("why: is ours", "wy: is ours"),
        ("commands: [our-tool]", "commands: our-tool"),
        ("with: {commands: [our-tool], why: is ours}", "with: [{commands: [a]}, {why: b}]"),
        ("with: {commands: [our-tool], why: is ours}", "with: [{commands: [a]}, {wy: b}]"),
        ("with: {commands: [our-tool], why: is ours}", "with: []"),
        ("with: {commands: [our-tool], why: is ours}\n", ""),
        ('since: "0.1"\n', ""),
        ("since:", "with-strict: {why: more}\nsince:"),
        ("since:", "with-strict: {wy: more}\nsince:"),
        ("since:", "yields-to: [a/b]\nsince:"),
        ("since:", "yields: [a/b]\nsince:"),
    ],
    ids=lambda change: f"{change[0]} -> {change[1]}".replace("\n", " "),
)
def test_the_page_schema_accepts_what_a_header_may_say(change: tuple[str, str]) -> None:
    source = Source("a.md", PAGE.replace(*change) if change[0] else PAGE)
    try:
        rulebook.read_page(source, "ours/tool")
        accepted = True
    except rulebook.PageError:
        accepted = False
    header = yaml.read(Source("a.md", source.content.split("---\n")[1]))
    assert validator("page").is_valid(plain(header.root)) is accepted


def test_the_schemas_accept_all_that_we_wrote() -> None:
    for rule in rulebook.bundled().values():
        text = (RULES / f"{rule.id}.md").read_text("utf-8")
        validator("page").validate(plain(yaml.read(Source("a.md", text.split("---\n")[1])).root))
        default = policy_schema({rule.id: rule})["properties"]["rules"]["properties"][rule.id]
        parameters = default["anyOf"][1]["properties"]["with"]["properties"]
        given = {name: each["default"] for name, each in parameters.items() if "default" in each}
        validator("policy").validate({"rules": {rule.id: {"severity": default["default"], "with": given}}})


def test_examples_are_valid() -> None:
    for name in SCHEMAS:
        schema = SCHEMAS[name]()
        for path, each in subschemas(schema):
            for example in each.get("examples", ()):
                assert Draft202012Validator({**each, "$defs": schema["$defs"]}).is_valid(example), (path, example)


def subschemas(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema that describes a property, by the way to it."""
    if isinstance(schema, list):
        for index, each in enumerate(schema):
            yield from subschemas(each, f"{path}/{index}")
    elif isinstance(schema, dict):
        for name, each in schema.get("properties", {}).items():
            yield f"{path}/{name}", each
            yield from subschemas(each, f"{path}/{name}")
        for keyword in ("anyOf", "allOf", "then", "items", "additionalProperties"):
            yield from subschemas(schema.get(keyword), f"{path}/{keyword}")


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_property_says_what_it_is(name: str) -> None:
    found = list(subschemas(SCHEMAS[name]()))
    assert len(found) > 100
    assert [path for path, each in found if not each.get("description")] == []


def test_every_word_about_a_parameter_is_used() -> None:
    checks = {rule.check: rulebook.check_of(rule.check) for rule in rulebook.bundled().values()}
    assert checks.keys() == rulebook.checks().keys()
    taken = {(check, name) for check, function in checks.items() for name in rulebook.schema_of(function)["properties"]}
    names = {name for _, name in taken} | {f"{check}.{name}" for check, name in taken}
    assert PARAMETERS.keys() <= names


def test_a_rule_says_what_it_takes() -> None:
    rule = policy_schema(rulebook.bundled())["properties"]["rules"]["properties"]["workers/memory-limit"]
    assert rule["description"] == "Queue workers cap their memory"
    assert rule["default"] == "warning"
    assert rule["anyOf"][1]["properties"]["with"]["properties"]["at-least"] == {
        "anyOf": [{"type": "integer"}, {"type": "null"}],
        "description": "The lowest value that is right.",
        "default": 64,
    }


def test_the_rules_of_the_team_are_in_its_schema(tmp_path: Path) -> None:
    (tmp_path / "ops" / "ours").mkdir(parents=True)
    (tmp_path / "ops" / "ours" / "tool.md").write_text(PAGE)
    (tmp_path / ".opslint.yaml").write_text("rules-from: [ops]\n")
    schema = policy_schema(rules_of(tmp_path))
    assert Draft202012Validator(schema).is_valid({"rules": {"ours/tool": {"with": {"why": "no"}}}})
    assert not Draft202012Validator(schema).is_valid({"rules": {"ours/tool": {"with": {"wy": "no"}}}})


def test_a_broken_policy_has_a_schema_to_mend_it_by(tmp_path: Path) -> None:
    (tmp_path / ".opslint.yaml").write_text("rules-form: [ops]\n")
    assert rules_of(tmp_path) == rulebook.bundled()


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["policy", "page"])
def test_others_take_it_for_a_schema(name: str, tmp_path: Path) -> None:
    if importlib.util.find_spec("check_jsonschema") is None:
        pytest.skip("check-jsonschema is not installed")
    path = tmp_path / "schema.json"
    path.write_text(CliRunner().invoke(cli.main, ["schema", name], catch_exceptions=False).output)
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--check-metaschema", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_others_find_our_policy_valid(tmp_path: Path) -> None:
    document = yaml.read(Source("x", (Path(__file__).parents[2] / ".opslint.yaml").read_text("utf-8")))
    schema = json.loads(CliRunner().invoke(cli.main, ["schema", "policy", "--root", str(tmp_path)]).output)
    Draft202012Validator(schema).validate(plain(document.root))


def test_the_policy_of_the_editors_page_is_valid() -> None:
    page = (Path(__file__).parents[2] / "docs" / "editors.md").read_text("utf-8")
    (block,) = [each for each in page.split("```yaml\n")[1:] if "$schema=" in each]
    document = yaml.read(Source("x", block.split("```")[0]))
    validator("policy").validate(plain(document.root))
