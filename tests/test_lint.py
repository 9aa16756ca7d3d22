"""The pipeline: what is found, silenced, undecided, masked, and what a crash leaves."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from opslint import policy, rulebook
from opslint.checks import commands
from opslint.files import Memory
from opslint.finding import Report, Verdict
from opslint.fixes import chosen, edited
from opslint.lint import lint
from opslint.report.formats import FORMATS
from opslint.source import Source

WORKER = "[program:shop-worker]\ncommand=php artisan queue:work\nautorestart=true\n"
TODAY = datetime.date(2026, 11, 1)


def run(files: dict[str, str], said: str = "", **options: Any) -> Report:
    memory = Memory(files)
    chosen_policy = policy.read(Source(".opslint.yaml", said), memory)
    return lint(memory, chosen_policy, today=TODAY, **{"select": ("workers/memory-limit",), **options})


def told(report: Report) -> list[str]:
    return [f"{f.span} {f.severity.value} {f.rule}" for f in report.findings]


def test_a_finding_has_its_place_and_subject() -> None:
    report = run({"docker/supervisor.conf": WORKER})
    assert told(report) == ["docker/supervisor.conf:2:9 warning workers/memory-limit"]
    assert report.findings[0].verdict.subject == "program:shop-worker"


def test_only_narrows_what_is_reported() -> None:
    files = {"a/supervisor.conf": WORKER, "b/supervisor.conf": WORKER}
    assert told(run(files, only=("b",))) == ["b/supervisor.conf:2:9 warning workers/memory-limit"]
    assert run(files, only=("b",)).files == 2


def test_ids_survive_moved_lines_and_differ_between_occurrences() -> None:
    first = run({"supervisor.conf": WORKER}).findings[0].id
    assert run({"supervisor.conf": "\n\n; moved\n" + WORKER}).findings[0].id == first
    other = WORKER.replace("shop-worker", "mail-worker")
    ids = [finding.id for finding in run({"supervisor.conf": WORKER + other}).findings]
    assert first in ids
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        pytest.param("# opslint: ignore[workers/memory-limit] the box has 64 GB", [], id="with a reason"),
        pytest.param("; opslint: ignore[workers/memory-limit] big box until=2026-12-01", [], id="not yet expired"),
        pytest.param("# opslint: ignore[workers/memory-limit]", ["opslint/suppression", "workers/memory-limit"], id="without a reason"),
        pytest.param("# opslint: ignore[workers/memory-limit] x until=2026-10-01", ["opslint/suppression", "workers/memory-limit"], id="expired"),
        pytest.param("# opslint: ignore[workers/memory-limits] typo", ["opslint/suppression", "workers/memory-limit"], id="unknown rule"),
        pytest.param("# opslint: ignore", ["opslint/suppression", "workers/memory-limit"], id="no rule"),
        pytest.param("# opslint: ignore[workers/memory-limit] x until=soon", ["opslint/suppression", "workers/memory-limit"], id="no date"),
    ],
)  # fmt: skip
def test_comment_on_the_line_above(comment: str, expected: list[str]) -> None:
    report = run({"supervisor.conf": WORKER.replace("command", comment + "\ncommand")})
    assert sorted(finding.rule for finding in report.findings) == expected
    assert report.suppressed == (not expected)


def test_comment_on_the_same_line() -> None:
    report = run({"supervisor.conf": WORKER.replace("work\n", "work ; opslint: ignore[workers/memory-limit] tiny\n")})
    assert told(report) == []


def test_unused_comment_is_told() -> None:
    content = "# opslint: ignore[workers/memory-limit] why\n" + WORKER.replace("work\n", "work --memory=512\n")
    assert told(run({"supervisor.conf": content})) == ["supervisor.conf:1:1 warning opslint/suppression"]


def test_comment_of_a_rule_that_did_not_run_is_not_unused() -> None:
    content = WORKER.replace("work\n", "work --memory=512 ; opslint: ignore[workers/not-root] container\n")
    assert told(run({"supervisor.conf": content})) == []


def test_comment_inside_a_run_block() -> None:
    workflow = (
        "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n"
        "          # opslint: ignore[deploy/not-as-root] the vendor's image has no other user\n"
        "          ssh root@shop.example 'git pull'\n"
    )
    assert told(run({".github/workflows/d.yml": workflow}, select=("deploy/not-as-root",))) == []


def test_exception_in_the_policy() -> None:
    said = "exceptions:\n  - {rule: workers/memory-limit, path: 'docker/*', reason: cgroup caps it}\n"
    files = {"docker/supervisor.conf": WORKER, "supervisor.conf": WORKER}
    report = run(files, said)
    assert told(report) == ["supervisor.conf:2:9 warning workers/memory-limit"]
    assert report.exceptions == ("workers/memory-limit in docker/*: cgroup caps it",)
    assert report.suppressed == 1


def test_expired_and_unused_exceptions_are_told() -> None:
    expired = "exceptions:\n  - {rule: workers/memory-limit, reason: x, until: 2026-10-31}\n"
    assert told(run({"supervisor.conf": WORKER}, expired)) == [
        ".opslint.yaml:2:5 warning opslint/suppression",
        "supervisor.conf:2:9 warning workers/memory-limit",
    ]
    unused = "exceptions:\n  - {rule: workers/memory-limit, path: elsewhere, reason: x}\n"
    assert ".opslint.yaml:2:5 warning opslint/suppression" in told(run({"supervisor.conf": WORKER}, unused))


def test_a_crashing_rule_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(project: object, **params: object) -> Iterator[Verdict]:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(rulebook, "check_of", lambda name, real=rulebook.check_of: crash if name.startswith("programs.") else real(name))
    report = run({"supervisor.conf": WORKER}, select=("workers/memory-limit", "workers/not-root"))
    assert not report.complete
    assert {finding.rule for finding in report.findings} == {"opslint/internal", "workers/memory-limit"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("a: &a [*a]", id="circular alias"),
        pytest.param("[" * 20_000, id="nested"),
        pytest.param("a: &a {x: 1}\n" + "".join(f"{c}: &{c} [*{p}, *{p}, *{p}, *{p}]\n" for p, c in zip("abcdefghij", "bcdefghijk", strict=True)), id="laughs"),
        pytest.param("on: push\njobs: 9" + "9" * 200_000, id="huge number"),
        pytest.param("\x00", id="control character"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_a_finding_and_the_rest_is_linted(content: str) -> None:
    report = run({".github/workflows/x.yml": content, "supervisor.conf": WORKER})
    assert "supervisor.conf:2:9 warning workers/memory-limit" in told(report)
    assert report.complete


def test_undecodable_bytes_are_a_finding_with_a_place() -> None:
    report = lint(Memory({"supervisor.conf": b"[program:x]\ncommand=\xff\n"}), policy.Policy(), select=("workers",))
    assert told(report) == ["supervisor.conf:1:1 error opslint/parse"]


def test_a_broken_file_is_told_whichever_rules_run() -> None:
    files = {"supervisor.conf": "lost\n" + WORKER, "phpstan.neon": "parameters:\n\tlevel: [\n"}
    assert {f.rule for f in run(files).findings} >= {"opslint/parse"}
    assert [f.span.path for f in run(files).findings if f.rule == "opslint/parse"] == ["phpstan.neon", "supervisor.conf"]
    by_their_rules = run(files, select=("supervisor/valid", "phpstan/valid"))
    assert {f.rule for f in by_their_rules.findings} == {"supervisor/valid", "phpstan/valid"}


def test_one_unseen_thing_is_told_once() -> None:
    content = WORKER.replace("work\n", "work --memory=$CAP --tries=3\n")
    report = run({"supervisor.conf": content.replace("$CAP", "%(ENV_CAP)s")})
    assert [finding.rule for finding in report.findings] == ["opslint/undecided"]
    assert report.findings[0].verdict.notes[0].message == "`workers/memory-limit` waits for it"


SECRET = "hunter-of-words-77"
DEPLOY = (
    "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n"
    f"      - run: ssh root@shop.example 'cd /srv && git pull && php artisan down --secret={SECRET} && php artisan migrate'\n"
)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("said", ["extends: strict", "extends: strict\nrules: {deploy/no-literal-secret: off}"])
def test_no_format_prints_a_secret(name: str, said: str) -> None:
    report = run({".github/workflows/d.yml": DEPLOY}, said, select=())
    assert len(report.findings) >= 2
    assert SECRET not in FORMATS[name](report)
    assert SECRET not in repr(report.findings)


def test_fixes_do_not_write_the_mask() -> None:
    report = run({".github/workflows/d.yml": DEPLOY}, select=("deploy/migrate-forced",))
    fixes = chosen(finding.verdict.fix for finding in report.findings if finding.verdict.fix)
    assert edited(DEPLOY, [edit for fix in fixes for edit in fix.edits]) == DEPLOY.replace("migrate'", "migrate --force'")


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        pytest.param("extends: strict", "extends: recommended", "takes the preset from `strict` to `recommended`", id="preset"),
        pytest.param("", "rules: {workers/memory-limit: note}", "turns `workers/memory-limit` from warning to note", id="severity"),
        pytest.param("", "exclude: [docker]", "excludes `docker`", id="exclude"),
        pytest.param("", "rules: {workers/memory-limit: {with: {at-most: 9999}}}", "gives `workers/memory-limit` other parameters", id="parameters"),
        pytest.param("", "exceptions: [{rule: workers/not-root, reason: why not}]", "accepts findings of `workers/not-root`: why not", id="exception"),
        pytest.param("rules: {workers/memory-limit: note}", "rules: {workers/memory-limit: error}", None, id="stricter"),
        pytest.param("extends: strict", "extends: strict", None, id="the same"),
    ],
)
def test_a_weaker_policy_is_told(then: str, now: str, expected: str | None) -> None:
    files = {"supervisor.conf": WORKER, ".opslint.yaml": now}
    before = Memory({"supervisor.conf": WORKER, ".opslint.yaml": then})
    report = run(files, now, before=before, select=())
    notes = [f.verdict.message for f in report.findings if f.rule == "opslint/policy-weakened"]
    assert notes == ([f"this change {expected}"] if expected else [])


def test_own_acts_teach_commands() -> None:
    workflow = "on: push\njobs:\n  d:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ssh u@h 'ship-it && php artisan migrate'\n"
    files = {".github/workflows/d.yml": workflow}
    assert told(run(files, "acts: {update-code: [ship-it]}", select=("deploy/migrate-forced",)))


def test_public_check_is_reached_by_name() -> None:
    assert rulebook.check_of("commands.has_option") is commands.has_option
    with pytest.raises(LookupError, match="did you mean `has_option`"):
        rulebook.check_of("commands.has_optoin")
