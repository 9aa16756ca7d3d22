"""The policy that fits: only what needs a decision, it loads, and what it teaches is learnt."""

from __future__ import annotations

import re

import pytest

from opslint import policy as policies
from opslint.adoption.draft import baseline_errors, draft, glob_of, unseen, written
from opslint.files import Files, Memory, Overlay
from opslint.finding import Report
from opslint.lint import lint, open_project
from opslint.model.library import Library
from opslint.policy import Policy
from opslint.source import Source
from opslint.syntax import yaml
from opslint.syntax.schema import plain

WORKER = "[program:worker]\ncommand=php artisan queue:work --memory=256 --timeout=60\nautorestart=true\nuser=www\nstdout_logfile=/l\nstopwaitsecs=90\n"
HEAD = """\
# How strictly opslint judges this project. `opslint rules` lists the rules,
# `opslint explain RULE` says why one exists, `opslint files` shows what is linted.

# `recommended` is what breaks, with high confidence; `strict` is also what a careful
# team wants and most lack.
extends: recommended
"""
DEPLOY = """\
#!/bin/sh
set -e
php artisan down
COMMAND
php artisan migrate --force
php artisan up
"""


def drafted(files: Files) -> str:
    report = lint(files, Policy())
    text = draft(open_project(files, Policy()), report)
    assert policies.load(Memory({".opslint.yaml": text})).path == ".opslint.yaml", "it loads"
    policies.read(Source(".opslint.yaml", uncommented(text)), Memory({}))
    return text


def uncommented(text: str) -> str:
    """The policy of a team that took every offer: `# rules:` and what stands in it, and likewise `acts:`."""
    return re.sub(r"^# ?(?=rules:|acts:|  )", "", text, flags=re.MULTILINE)


def under(files: Files, text: str) -> Report:
    with_policy = Overlay(files, Memory({".opslint.yaml": text}))
    return lint(with_policy, policies.load(with_policy))


def test_where_nothing_needs_a_decision_only_the_preset_is_named() -> None:
    assert drafted(Memory({"composer.json": "{}"})) == HEAD


def test_numbers_of_rules_that_judge_something_here() -> None:
    assert drafted(Memory({"supervisor.conf": WORKER})) == HEAD + (
        "\n# Numbers to agree on. Without a line of yours they are:\n"
        "# rules:\n"
        "#   workers/memory-limit: {with: {at-least: 64, at-most: 1024}}\n"
        "#   workers/stop-wait-covers-job: {with: {margin: 30}}\n"
    )


def test_a_baseline_offers_todays_number_as_the_milestone() -> None:
    entry = "\t\t-\n\t\t\tmessage: '#^x$#'\n\t\t\tcount: {}\n\t\t\tpath: app/A.php\n"
    files = Memory(
        {
            "composer.json": "{}",
            "app/A.php": "<?php",
            "phpstan.neon": "includes: [phpstan-baseline.neon]\nparameters:\n\tlevel: 6\n\tpaths: [app]\n",
            "phpstan-baseline.neon": "parameters:\n\tignoreErrors:\n" + entry.format(500) + entry.format(20),
        }
    )
    assert "#   phpstan/baseline-at-most: {with: {errors: 520}}  # today's baseline; off until it is set\n" in drafted(files)
    rules = {finding.rule for finding in under(files, uncommented(drafted(files))).findings}
    assert "phpstan/baseline-at-most" not in rules, "the number is today's, so that nothing is broken by it"


def test_without_a_baseline_there_is_no_milestone() -> None:
    files = Memory({"composer.json": "{}", "phpstan.neon": "parameters:\n\tlevel: 6\n"})
    assert baseline_errors(open_project(files, Policy())) == 0
    assert "baseline-at-most" not in drafted(files)


# -- exclude --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "excluded", "why"),
    [
        ("tests/fixtures/broken/supervisor.conf", "tests/fixtures", "test data"),
        ("laradock/php-worker/supervisord.conf", "laradock", "somebody else's"),
        ("lib/third_party/x/Makefile", "lib/third_party", "somebody else's"),
        ("modules/shop/deploy.sh", "modules/shop", "a submodule"),
        ("a [b]/testdata/x.sh", "'a [[]b]/testdata/*'", "test data"),
    ],
)
def test_trees_that_are_not_the_teams_own_are_excluded(path: str, excluded: str, why: str) -> None:
    text = WORKER if path.endswith(".conf") else "set -e\n"
    modules = '[submodule "shop"]\n\tpath = modules/shop\n\turl = https://example.org\n'
    files = Memory({path: text, "deploy.sh": "set -e\n", ".gitmodules": modules})
    assert f"\n# Not linted:\nexclude:\n  - {excluded}  # {why}\n" in drafted(files)
    policy = policies.load(Memory({".opslint.yaml": drafted(files)}))
    assert dict(Library(files, {}, policy.exclude).kinds) == {"deploy.sh": "script"}


@pytest.mark.parametrize(
    "path",
    ["tests/deploy.sh", "stubs/supervisord.conf", "app/Fixtures/x.sh", "examples/deploy.sh", "fixtures.sh"],
    ids=["tests may be run", "stubs are what users get", "another case", "examples are copied", "no folder"],
)
def test_what_may_be_the_teams_own_is_linted(path: str) -> None:
    text = WORKER if path.endswith(".conf") else "set -e\n"
    assert "exclude:" not in drafted(Memory({path: text, "deploy.sh": "set -e\n"}))


def test_a_folder_without_linted_files_is_not_named() -> None:
    assert "exclude:" not in drafted(Memory({"tests/fixtures/x.txt": "", "deploy.sh": "set -e\n"}))


def test_a_repository_of_nothing_else_is_linted() -> None:
    assert "exclude:" not in drafted(Memory({"fixtures/x.sh": "set -e\n"}))


# -- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["docker/worker.conf.example", "etc/supervisord.conf.dist", "supervisor/queue", "it's/[x]/worker.conf.tpl"])
def test_supervisor_files_of_other_names_are_named(path: str) -> None:
    files = Memory({path: "; queue\n" + WORKER, "deploy.sh": "set -e\n"})
    text = drafted(files)
    assert "supervisor:\n" in text
    assert "  # has `[program:worker]` on line 2\n" in text
    policy = policies.load(Memory({".opslint.yaml": text}))
    assert Library(files, policy.files, ()).kinds[path] == "supervisor"
    assert [*policy.files["supervisor"]] == [glob_of(path)]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("docs/supervisor.md", WORKER),
        ("worker.conf.j2", "{% for x in y %}\n" + WORKER),
        ("queue.conf.example", "[queue]\nsize=1\n"),
        ("supervisor/icon", b"\xff[program:x]\n"),
        ("notes", WORKER),
    ],
    ids=["prose", "a template that Supervisor cannot read", "another program's", "no text", "nothing in the name"],
)
def test_what_is_no_supervisor_file_is_not_named(path: str, content: str | bytes) -> None:
    assert "files:" not in drafted(Memory({path: content, "deploy.sh": "set -e\n"})).replace("opslint files", "")


# -- acts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "entry"),
    [
        ("./post-update.sh", "post-update.sh"),
        ("bash scripts/post-update.sh --quick", "bash *post-update.sh"),
        ('"${HERE}/post-update.sh" now', "post-update.sh"),
        ("sudo ./post-update.sh", "post-update.sh"),
    ],
)
def test_an_unseen_script_is_named_with_the_line_that_teaches_it(command: str, entry: str) -> None:
    files = Memory({"deploy.sh": DEPLOY.replace("COMMAND", command)})
    column = 1 + command.index(next(word for word in command.split() if "post-update" in word))
    (found,) = unseen(open_project(files, Policy()), lint(files, Policy()))
    assert (str(found.span), found.entry) == (f"deploy.sh:4:{column}", entry)
    text = drafted(files)
    assert f"# acts:\n#   update-code:\n#     - {entry}  # deploy.sh:4:{column}; {found.waiting} rules wait for it\n" in text
    assert [f.span for f in under(files, text).findings if not f.decided], "as long as it is a comment nothing is taught"
    assert [f.span for f in under(files, uncommented(text)).findings if not f.decided] == []


def test_a_workflow_of_another_repository_is_named_by_uses() -> None:
    calling = "on: [push, pull_request]\njobs: {lint: {uses: ours/flows/.github/workflows/quality.yml@v1}}\n"
    files = Memory({".github/workflows/ci.yml": calling, "composer.json": '{"require-dev": {"phpstan/phpstan": "^2"}}', "phpstan.neon": "parameters: {level: 6}\n"})
    text = drafted(files)
    assert "#   analyse:\n#     - {uses: ours/flows/.github/workflows/quality.yml}  # .github/workflows/ci.yml:2:21; 1 rule waits for it\n" in text
    waiting = {note.message for f in under(files, uncommented(text)).findings for note in f.verdict.notes if not f.decided}
    assert "`ci/phpstan-runs` waits for it" not in waiting


def test_what_a_project_sees_needs_no_acts() -> None:
    assert "acts:" not in drafted(Memory({"deploy.sh": DEPLOY.replace("COMMAND", "./other.sh"), "other.sh": "git pull\n"}))


def test_a_hostile_name_stays_on_its_line() -> None:
    files = Memory({"a\n- b: ::error::/testdata/x.sh": "set -e\n", "x\u202e.conf.tpl worker": WORKER, "deploy.sh": "set -e\n"})
    text = drafted(files)
    assert policies.load(Memory({".opslint.yaml": text})).exclude == ("a\n- b: ::error::/testdata",)
    assert "\u202e" not in text


@pytest.mark.parametrize("text", ["a", "a/b-c.d", "x: y", "- a", "#a", "a #b", "'", "it's", "null", "1.0", "on", "", " a", "a, b", "[", "a]", "a\tb", "\x1b", "é"])
def test_a_written_text_reads_as_itself(text: str) -> None:
    spelt = written(text)
    assert plain(yaml.read(Source("", f"a: [{spelt}]\nb:\n  - {spelt}  # c\n")).root) == {"a": [text], "b": [text]}
