"""The accepted findings: what is left out, what is above a count, what is stale, and mistakes in the file."""

from __future__ import annotations

from typing import Any

import pytest

from opslint import accepted, policy
from opslint.accepted import ACCEPTED, NAME, Accepted, can_be_accepted, rendered
from opslint.files import Memory
from opslint.finding import Finding, Report, Severity, Verdict
from opslint.fixes import chosen, edited
from opslint.lint import lint
from opslint.rulebook import bundled
from opslint.source import Source

WORKER = "[program:w]\ncommand=php artisan queue:work\nautorestart=true\n"
TWICE = "[program:w]\ncommand=bash -c 'php artisan queue:work; php artisan queue:work'\n"
RULE = "workers/memory-limit"


def line(path: str = "supervisor.conf", rule: str = RULE, subject: str = "program:w", count: int = 1) -> str:
    return f'- {{path: "{path}", rule: "{rule}", subject: "{subject}", count: {count}}}\n'


def run(files: dict[str, str], said: str = "", **options: Any) -> Report:
    memory = Memory(files)
    return lint(memory, policy.read(Source(".opslint.yaml", said), memory), **{"select": (RULE,), **options})


def told(report: Report) -> list[str]:
    return [f"{f.span}: {f.rule}: {f.verdict.message}" for f in report.findings]


def test_what_is_accepted_is_left_out_and_counted() -> None:
    report = run({"supervisor.conf": WORKER, NAME: line()})
    assert (told(report), report.accepted) == ([], 1)


def test_lines_may_move() -> None:
    report = run({"supervisor.conf": "\n; new\n\n" + WORKER, NAME: line()})
    assert (told(report), report.accepted) == ([], 1)


def test_without_the_file_nothing_is_accepted() -> None:
    report = run({"supervisor.conf": WORKER})
    assert (len(report.findings), report.accepted) == (1, 0)


def test_of_more_than_is_accepted_the_last_is_told_with_the_place_of_the_count() -> None:
    report = run({"supervisor.conf": TWICE, NAME: line()})
    assert told(report) == [f"supervisor.conf:2:42: {RULE}: `php artisan queue:work` has no `--memory`"]
    assert [f"{note.span}: {note.message}" for note in report.findings[0].verdict.notes] == [
        f"{NAME}:1:3: accepted once here, and found more often"
    ]
    assert report.accepted == 1


def test_what_is_silenced_needs_no_acceptance() -> None:
    silenced = WORKER.replace("command", f"; opslint: ignore[{RULE}] small box\ncommand")
    report = run({"supervisor.conf": silenced, NAME: line()})
    assert (report.suppressed, report.accepted) == (1, 0)
    assert told(report) == [
        f"{NAME}:1:3: {ACCEPTED}: `{RULE}` of `program:w` in `supervisor.conf` is accepted once, and no longer found"
    ]


STALE = f"{NAME}:1:3: {ACCEPTED}: `{RULE}` of `program:w` in `supervisor.conf` is accepted"


@pytest.mark.parametrize(
    ("content", "lines", "expected"),
    [
        pytest.param(WORKER, line(), [], id="as often as accepted"),
        pytest.param(WORKER, line(count=2), [f"{STALE} twice, and found once"], id="less often"),
        pytest.param(WORKER, line(count=5), [f"{STALE} 5 times, and found once"], id="much less often"),
        pytest.param(WORKER.replace("work\n", "work --memory=512\n"), line(count=2), [f"{STALE} twice, and no longer found"], id="mended"),
        pytest.param(WORKER.replace("work\n", "work --memory=%(ENV_M)s\n"), line(), ["opslint/undecided"], id="not stale while undecided"),
        pytest.param("", line(), [f"{STALE} once, and no longer found"], id="nothing left in the file"),
        pytest.param(None, line(), [f"{STALE} once, and no longer found"], id="the file is gone"),
        pytest.param(WORKER, line() + line(count=3), [f"{STALE} in two lines", f"{NAME}:2:3: {ACCEPTED}: `{RULE}` of `program:w` in `supervisor.conf` is accepted 3 times, and found once"], id="twice after a merge"),
        pytest.param(WORKER, line() + line(), [f"{STALE} in two lines"], id="the same line twice"),
        pytest.param(WORKER, line() + line(rule="workers/memory-limits"), [f"{NAME}:2:3: {ACCEPTED}: there is no rule `workers/memory-limits` (did you mean `workers/memory-limit`?)"], id="no such rule"),
    ],
)  # fmt: skip
def test_stale_lines_are_told(content: str | None, lines: str, expected: list[str]) -> None:
    files = {"other.conf": "[program:o]\ncommand=true\n", NAME: lines} | ({"supervisor.conf": content} if content is not None else {})
    report = run(files)
    assert [each if ACCEPTED in each else each.split(": ")[1] for each in told(report)] == expected
    assert {f.severity for f in report.findings if f.rule == ACCEPTED} <= {Severity.WARNING}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"select": ("deploy",)}, "", id="another family is selected"),
        pytest.param({"select": (), "ignore": ("workers",)}, "", id="the family is ignored"),
        pytest.param({"select": (), "ignore": (RULE, "workers", "supervisor", "phpstan", "ci")}, "", id="the rule is ignored"),
        pytest.param({"select": ("workers",)}, f"rules: {{{RULE}: off}}", id="the rule is off"),
        pytest.param({}, "exclude: [supervisor.conf]", id="the file is excluded"),
        pytest.param({"only": ("other.conf",)}, "", id="another file is named"),
    ],
)
def test_what_was_not_judged_is_not_stale(options: dict[str, Any], said: str) -> None:
    mended = WORKER.replace("work\n", "work --memory=512\n")
    files = {"supervisor.conf": mended, "other.conf": mended, "composer.json": "{}", NAME: line()}
    assert not [each for each in told(run(files, said, **options)) if ACCEPTED in each]
    assert [each for each in told(run(files)) if ACCEPTED in each]


@pytest.mark.parametrize("only", [("supervisor.conf",), (NAME,), (".",), None])
def test_a_named_path_tells_its_own_stale_lines(only: tuple[str, ...] | None) -> None:
    mended = WORKER.replace("work\n", "work --memory=512\n")
    assert len(told(run({"supervisor.conf": mended, NAME: line()}, only=only))) == 1


@pytest.mark.parametrize("only", [("supervisor.conf",), (NAME,), (".",), ("other.conf",), None])
def test_a_named_path_calls_nothing_stale_that_is_there(only: tuple[str, ...] | None) -> None:
    report = run({"supervisor.conf": WORKER, "other.conf": WORKER, NAME: line("other.conf") + line()}, only=only)
    assert told(report) == []
    assert report.accepted == {None: 2, (".",): 2, (NAME,): 0}.get(only, 1)


def test_a_rule_that_crashes_calls_nothing_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr("opslint.rulebook.arguments", crash)
    report = run({"supervisor.conf": WORKER, NAME: line()})
    assert [finding.rule for finding in report.findings] == ["opslint/internal"]


def test_a_file_that_cannot_be_read_calls_nothing_stale() -> None:
    workflow = "on: push\njobs: {d: {runs-on: x, steps: [{run: 'php artisan queue:work'}]}}\n"
    path = ".github/workflows/d.yml"
    entry = line(path, "deploy/bounded", "jobs.d")
    report = run({path: workflow + "a: {", NAME: entry}, select=("deploy",))
    assert [finding.rule for finding in report.findings] == ["opslint/parse"]


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        pytest.param(line(count=2), line(), id="a count is lowered"),
        pytest.param(line() + line(subject="program:gone"), line(), id="a line is taken out"),
        pytest.param(line(subject="program:gone").rstrip("\n"), "", id="the last line, unended"),
        pytest.param("# why\n" + line(subject="program:gone") + line(), "# why\n" + line(), id="comments stay"),
        pytest.param(line() + line(count=2), line(), id="the higher of two lines stays, and falls"),
        pytest.param(line().replace("\n", "\r\n") + line(subject="program:gone"), line().replace("\n", "\r\n"), id="CR LF"),
        pytest.param("-\n  path: supervisor.conf\n  rule: workers/memory-limit\n  subject: program:gone\n  count: 1\n", None, id="no line of its own"),
        pytest.param("- path: supervisor.conf\n  rule: workers/memory-limit\n  subject: program:gone\n  count: 1\n" + line(), line(), id="a block"),
    ],
)  # fmt: skip
def test_fixes_lower_and_take_out(lines: str, left: str | None) -> None:
    if left is None:
        with pytest.raises(policy.PolicyError, match="expected a line of its own"):
            run({"supervisor.conf": WORKER, NAME: lines})
        return
    content = lines
    for _ in range(2):  # fixes at one place go one after the other
        report = run({"supervisor.conf": WORKER, NAME: content})
        fixes = chosen(each.verdict.fix for each in report.findings if each.rule == ACCEPTED and each.verdict.fix)
        assert all(fix.safe for fix in fixes)
        content = edited(content, [edit for fix in fixes for edit in fix.edits])
    assert content == left


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: b\n", "1:1: expected a list or nothing, found a mapping", id="a mapping"),
        pytest.param("- {path: a, rule: b, subject: c}\n", "1:3: missing `count` in `0`", id="no count"),
        pytest.param("- {path: a, rule: b, subject: c, count: many}\n", "1:41: expected a whole number, found `many` in `0.count`", id="no number"),
        pytest.param("- {path: a, rule: b, subject: c, count: 1, line: 3}\n", "1:44: unknown key `line` in `0`; allowed: count, path, rule, subject", id="unknown key"),
        pytest.param("- {path: a, rule: b, subject: c, count: 0}\n", "1:41: 0 is less than the minimum of 1 in `0.count`", id="nothing accepted"),
        pytest.param(line() + "<<<<<<< HEAD\n" + line() + "=======\n", "2:1: a merge conflict is left here: keep the lines of both sides, then run `opslint accept`", id="conflict"),
        pytest.param("[{path: a, rule: b, subject: c, count: 1}]\n", "1:2: expected a line of its own for each finding, beginning with `- `", id="one line for all"),
        pytest.param("- {", "1:4: did not find expected node content", id="no YAML"),
    ],
)  # fmt: skip
def test_mistakes_have_a_place(text: str, expected: str) -> None:
    with pytest.raises(policy.PolicyError) as caught:
        accepted.load(Memory({NAME: text}))
    assert str(caught.value).splitlines()[0] == f"{NAME}:{expected}"


def test_bytes_that_are_no_text_have_a_place() -> None:
    with pytest.raises(policy.PolicyError, match=r"^\.opslint-accepted\.yaml:1:1: is not UTF-8: byte 0$"):
        accepted.load(Memory({NAME: b"\xff"}))


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]\n"])
def test_an_empty_file_accepts_nothing(text: str) -> None:
    assert accepted.load(Memory({NAME: text})).counts == {}


def test_the_file_is_sorted_and_reads_back() -> None:
    counts = {
        ("b.conf", "workers/not-root", "program:w"): 2,
        ("a b.conf", "workers/not-root", 'say "hi", {x}: #1'): 1,
        ("a.conf", "workers/not-root", "program:ü\u202e\t"): 1,
        ("a.conf", "deploy/bounded", "on"): 10,
    }
    text = rendered(counts)
    assert [each for each in text.splitlines() if not each.startswith("#")] == [
        '- {path: "a b.conf", rule: "workers/not-root", subject: "say \\"hi\\", {x}: #1", count: 1}',
        '- {path: "a.conf", rule: "deploy/bounded", subject: "on", count: 10}',
        '- {path: "a.conf", rule: "workers/not-root", subject: "program:\\u00fc\\u202e\\t", count: 1}',
        '- {path: "b.conf", rule: "workers/not-root", subject: "program:w", count: 2}',
    ]
    assert accepted.read(Source(NAME, text)).counts == counts
    assert rendered(accepted.read(Source(NAME, text)).counts) == text


def finding(rule: str, state: Any = "broken", path: str = "a.conf") -> Finding:
    return Finding(rule, Severity.ERROR, Verdict(Source(path, "x").span(), state, "is so", "program:w"))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(finding("workers/not-root"), True, id="a rule's"),
        pytest.param(finding("workers/not-root", "undecided"), False, id="undecided"),
        pytest.param(finding("workers/not-root", path="a\udcff.conf"), False, id="a name that is no text"),
        pytest.param(finding("opslint/parse"), False, id="what cannot be read"),
        pytest.param(finding("opslint/internal"), False, id="a crash"),
        pytest.param(finding("opslint/suppression"), False, id="a wrong comment"),
        pytest.param(finding("opslint/accepted"), False, id="a stale line"),
        pytest.param(finding("opslint/policy-weakened"), False, id="a weaker policy"),
        pytest.param(finding("phpstan/baseline-never-grows"), False, id="a ratchet's"),
        pytest.param(finding("phpstan/baseline-at-most"), True, id="a limit's"),
    ],
)
def test_what_can_be_accepted(found: Finding, expected: bool) -> None:
    assert can_be_accepted(found, bundled()) is expected


def test_a_line_that_accepts_what_cannot_be_changes_nothing() -> None:
    entry = line("supervisor.conf", "opslint/parse", "supervisor.conf")
    report = run({"supervisor.conf": WORKER, NAME: entry})
    assert [finding.rule for finding in report.findings] == [ACCEPTED, RULE]


SECRET = "hunter-of-words-77"


def test_no_secret_is_in_the_file() -> None:
    deploy = (
        "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n"
        f"      - name: With ghp_{'a' * 36}\n        run: ssh root@h 'cd /srv && git pull && php artisan down --secret={SECRET}'\n"
    )
    report = run({".github/workflows/d.yml": deploy}, "extends: strict", select=())
    keys = [f"{f.span.path} {f.rule} {f.verdict.subject}" for f in report.findings]
    assert len(keys) > 5
    assert SECRET not in "\n".join(keys)
    assert "a" * 36 not in "\n".join(keys)


def test_what_is_told_as_a_note_of_another_is_still_there() -> None:
    """A finding that yields to another is no finding of its own, and yet nobody has mended it."""
    script = "set -e\nphp artisan down\nphp artisan migrate --force; php artisan config:cache\nphp artisan up\n"
    weaker = "deploy/nothing-after-failed-migration"
    workflow = (
        "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n"
        "          ssh u@h 'cd /srv; git pull; php artisan migrate --force; php artisan config:cache'\n"
    )
    path = ".github/workflows/d.yml"
    alone = run({path: workflow, "x.sh": script}, select=(weaker,))
    subject = next(f.verdict.subject for f in alone.findings if f.rule == weaker)
    both = run({path: workflow, NAME: line(path, weaker, subject)}, select=(weaker, "deploy/failures-are-noticed"))
    assert [finding.rule for finding in both.findings] == ["deploy/failures-are-noticed"]
    assert weaker in both.findings[0].verdict.notes[-1].message


def test_the_published_schema_is_that_of_the_reader() -> None:
    assert accepted.schema()["items"]["required"] == ["rule", "path", "subject", "count"]
    assert Accepted().counts == {}
