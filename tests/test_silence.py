"""What a team silences, in every format that has comments, and what is wrong with that."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from opslint import policy
from opslint.files import Memory
from opslint.finding import Report
from opslint.lint import lint
from opslint.source import Source

TODAY = datetime.date(2026, 11, 1)
HERE = "@"  # where the comment goes
WORKFLOW = ".github/workflows/d.yml"
STEPS = "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n"


def run(files: dict[str, str], *select: str, said: str = "", **options: Any) -> Report:
    memory = Memory(files)
    return lint(memory, policy.read(Source(".opslint.yaml", said), memory), today=TODAY, select=select, **options)


def told(report: Report) -> list[str]:
    return [f"{f.span}: {f.rule}: {f.verdict.message}" for f in report.findings if f.decided]


PLACES = [
    pytest.param("supervisor.conf", "[program:w]\n@\ncommand=php artisan queue:work\n", "#", "workers/memory-limit", id="INI, with #"),
    pytest.param("supervisor.conf", "[program:w]\n@\ncommand=php artisan queue:work\n", ";", "workers/memory-limit", id="INI, with ;"),
    pytest.param("supervisor.conf", "[program:w]\ncommand=php artisan queue:work @\n", ";", "workers/memory-limit", id="INI, behind a value"),
    pytest.param("supervisor.conf", "@\n[program:w]\ncommand=php artisan queue:work\n", ";", "workers/not-root", id="INI, above a section"),
    pytest.param("supervisor.conf", "[program:w] @\ncommand=php artisan queue:work\n", ";", "workers/not-root", id="INI, behind a section"),
    pytest.param(WORKFLOW, f"{STEPS}      @\n      - run: ssh root@h 'git pull'\n", "#", "deploy/not-as-root", id="YAML, above an item"),
    pytest.param(WORKFLOW, f"{STEPS}      - run: ssh root@h 'git pull' @\n", "#", "deploy/not-as-root", id="YAML, behind a plain value"),
    pytest.param(WORKFLOW, f"{STEPS}      - run: \"ssh root@h 'git pull'\" @\n", "#", "deploy/not-as-root", id="YAML, behind a quoted value"),
    pytest.param(WORKFLOW, STEPS.replace("  deploy", "  @\n  deploy") + "      - run: ssh u@h 'git pull'\n", "#", "deploy/rollback-exists", id="YAML, above a job"),
    pytest.param(WORKFLOW, STEPS.replace("  deploy:", "  deploy: @") + "      - run: ssh u@h 'git pull'\n", "#", "deploy/rollback-exists", id="YAML, behind a job"),
    pytest.param(WORKFLOW, f"{STEPS}      - run: |\n          @\n          ssh root@h 'git pull'\n", "#", "deploy/not-as-root", id="shell in run, above"),
    pytest.param(WORKFLOW, f"{STEPS}      - run: |\n          ssh root@h 'git pull' @\n", "#", "deploy/not-as-root", id="shell in run, behind"),
    pytest.param(WORKFLOW, f"{STEPS}      - run: |\n          @\n          ssh -4 \\\n            root@h 'git pull'\n", "#", "deploy/not-as-root", id="shell in run, above a command that goes on"),
    pytest.param(WORKFLOW, f"{STEPS}      - run: |\n          ssh u@h '\n          cd /srv\n          @\n          php artisan migrate'\n", "#", "deploy/migrate-forced", id="shell in a quoted argument"),
    pytest.param(WORKFLOW, f"{STEPS}      - run: |\n          ssh u@h <<'EOF'\n          cd /srv\n          php artisan migrate @\n          EOF\n", "#", "deploy/migrate-forced", id="shell in a here-document"),
    pytest.param(WORKFLOW, f"{STEPS}      - uses: appleboy/ssh-action@v1\n        with:\n          host: h\n          script: |\n            @\n            php artisan migrate\n", "#", "deploy/migrate-forced", id="shell in an input"),
    pytest.param("deploy.sh", "#!/bin/sh\n@\nssh root@h 'git pull'\n", "#", "deploy/not-as-root", id="a script"),
    pytest.param("Makefile", "deploy:\n\t@ssh root@h 'git pull'\n".replace("\t@ssh", "\t@\n\tssh"), "#", "deploy/not-as-root", id="a recipe"),
    pytest.param("Makefile", "deploy:\n\tssh root@h 'git pull' @\n", "#", "deploy/not-as-root", id="behind a recipe line"),
    pytest.param("phpstan.neon", "parameters:\n\tlevel: 5\n\t@\n\tcheckNothing: true\n\tpaths: [app]\n", "#", "phpstan/known-parameters", id="NEON, above"),
    pytest.param("phpstan.neon", "parameters:\n\tlevel: 5\n\tcheckNothing: true @\n\tpaths: [app]\n", "#", "phpstan/known-parameters", id="NEON, behind"),
    pytest.param("config/horizon.php", "<?php\nreturn ['environments' => ['production' => [\n    @\n    'reports' => ['connection' => 'redis', 'timeout' => 60],\n]]];\n", "//", "workers/memory-limit", id="PHP"),
]  # fmt: skip


def placed(text: str, comment: str) -> str:
    """The text with a comment at its mark; of `root@h` the sign is no mark."""
    lines = [line if not line.split("#")[0].rstrip().endswith(HERE) else line[: line.rindex(HERE)] + comment for line in text.split("\n")]
    return "\n".join(lines)


def companions(path: str) -> dict[str, str]:
    """What the rules of a place need to speak at all."""
    if not path.endswith((".neon", ".php")):
        return {}
    return {
        "composer.json": '{"require": {"laravel/horizon": "^5"}, "require-dev": {"phpstan/phpstan": "^2"}}',
        "app/a.php": "<?php",
        "supervisor.conf": "[program:h]\ncommand=php artisan horizon\n",
    }


@pytest.mark.parametrize(("path", "text", "sign", "rule"), PLACES)
def test_every_place_of_a_comment(path: str, text: str, sign: str, rule: str) -> None:
    files = companions(path)
    bare = run({**files, path: placed(text, "")}, rule)
    assert [finding.rule for finding in bare.findings if finding.decided] == [rule], "without a comment it is found"
    silenced = run({**files, path: placed(text, f"{sign} opslint: ignore[{rule}] it is so on purpose")}, rule)
    assert told(silenced) == []
    assert silenced.suppressed == 1


@pytest.mark.parametrize(("path", "text", "sign", "rule"), PLACES)
def test_in_every_place_what_is_wrong_is_told_where_it_stands(path: str, text: str, sign: str, rule: str) -> None:
    for said, message in {
        f"ignore[{rule}]": "this comment gives no reason: say behind the bracket why this is right here",
        f"ignore[{rule}] why until=2026-10-31": "this comment has expired on 2026-10-31",
        f"ignore[{rule}x] why": f"this comment names a rule that does not exist: `{rule}x` (did you mean `{rule}`?)",
    }.items():
        content = placed(text, f"{sign} opslint: {said}")
        report = run({**companions(path), path: content}, rule)
        assert [finding.rule for finding in report.findings if finding.rule == rule] == [rule], "it silences nothing"
        (about,) = [finding for finding in report.findings if finding.rule == "opslint/suppression"]
        assert about.verdict.message == message
        assert about.span.written in f"{sign} opslint: {said}"
        assert content[: about.span.start].count("\n") == content[: content.index("opslint:")].count("\n")


@pytest.mark.parametrize(("path", "text", "sign", "rule"), PLACES)
def test_in_every_place_an_unused_comment_is_told(path: str, text: str, sign: str, rule: str) -> None:
    other = "deploy/down-options-exist"
    content = placed(text, f"{sign} opslint: ignore[{other}] why")
    found = [f.span.written for f in run({**companions(path), path: content}, rule, other).findings if f.rule == "opslint/suppression"]
    assert found == [f"{sign} opslint: ignore[{other}] why"]


WORKER = "[program:w]\n@\ncommand=php artisan queue:work\n"


def suppressed(comment: str, *select: str, text: str = WORKER, **options: Any) -> list[str]:
    found = run({"supervisor.conf": placed(text, comment)}, *(select or ("workers/memory-limit",)), **options).findings
    return [f"{f.span.place[0]}:{f.span.place[1]}-{f.span.place[3]} {f.verdict.message}" for f in found if f.rule == "opslint/suppression"]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        pytest.param("# opslint: ignore[workers/memory-limit] why", [], id="right"),
        pytest.param("# opslint: ignore", ["2:1-18 this comment names no rule: write `opslint: ignore[family/name] reason`"], id="no rule"),
        pytest.param("# opslint: ignore[workers/memory-limit]", ["2:1-40 this comment gives no reason: say behind the bracket why this is right here"], id="no reason"),
        pytest.param("# opslint: ignore[workers/memory-limit] x until=2026-10-31", ["2:43-59 this comment has expired on 2026-10-31"], id="expired: the date"),
        pytest.param("# opslint: ignore[workers/memory-limit] x until=2026-11-01", [], id="the last day"),
        pytest.param("# opslint: ignore[workers/memory-limit] x until=soon", ["2:43-53 this comment has no date that can be read: `until=soon`, expected one like until=2027-01-31"], id="no date"),
        pytest.param("# opslint: ignore[workers/memory-limit, a/b] x", ["2:41-44 this comment names a rule that does not exist: `a/b`"], id="one of two is unknown: its name"),
        pytest.param("# opslint: ignore[workers/memory-limit, workers/not-root] x", ["2:41-57 this comment silences nothing: `workers/not-root` has nothing to say there"], id="one of two is unused: its name"),
        pytest.param("# opslint: ignore[workers/not-root] x", ["2:1-38 this comment silences nothing: `workers/not-root` has nothing to say there"], id="unused: all of it"),
        pytest.param("# opslint: ignore[deploy/bounded] x", [], id="a rule that did not run"),
        pytest.param("# opslint: ignore[opslint/undecided] x", [], id="what no rule says"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place(comment: str, expected: list[str]) -> None:
    text = WORKER.replace("[program:w]\n", "[program:w]\n").replace("work\n", "work\nuser=www-data\n")
    assert suppressed(comment, "workers/memory-limit", "workers/not-root", text=text) == expected


def test_a_comment_is_not_unused_while_its_rule_cannot_decide() -> None:
    text = WORKER.replace("work\n", "work --memory=%(ENV_M)s\n")
    assert suppressed("# opslint: ignore[workers/memory-limit] why", text=text) == []


def test_a_comment_is_not_unused_when_its_finding_is_told_as_a_note() -> None:
    rules = ("deploy/nothing-after-failed-migration", "deploy/failures-are-noticed")
    script = (
        f"{STEPS}      - run: |\n          ssh u@h '\n          cd /srv; git pull; php artisan migrate --force\n"
        f"          # opslint: ignore[{rules[0]}] caches hurt nobody\n          php artisan config:cache'\n"
    )
    assert "silences nothing" not in " ".join(told(run({WORKFLOW: script}, *rules)))
    assert rules[0] not in {finding.rule for finding in run({WORKFLOW: script}, *rules).findings}


def test_a_comment_about_a_ratchet_is_not_unused_without_a_base() -> None:
    neon = "parameters:\n\t# opslint: ignore[phpstan/level-never-falls] too many at once\n\tlevel: 5\n"
    select = ("phpstan/level-never-falls",)
    assert told(run({"phpstan.neon": neon}, *select)) == []
    before = Memory({"phpstan.neon": neon.replace("5", "6")})
    report = run({"phpstan.neon": neon}, *select, before=before)
    assert (told(report), report.suppressed) == ([], 1)
    unused = run({"phpstan.neon": neon}, *select, before=Memory({"phpstan.neon": neon}))
    assert told(unused) == [
        "phpstan.neon:2:2: opslint/suppression: this comment silences nothing: `phpstan/level-never-falls` has nothing to say there"
    ]


def test_json_has_no_comments_and_is_silenced_by_the_policy() -> None:
    composer = '{"scripts": {"test": "composer run nothing // opslint: ignore[ci/composer-scripts-exist] x"}}'
    rule = "ci/composer-scripts-exist"
    assert [f.rule for f in run({"composer.json": composer}, rule).findings] == [rule]
    said = f"exceptions:\n  - {{rule: {rule}, path: composer.json, reason: a plugin gives it}}\n"
    report = run({"composer.json": composer}, rule, said=said)
    assert (told(report), report.suppressed) == ([], 1)


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        pytest.param("path: supervisor.conf", [], id="used"),
        pytest.param("path: other.conf", ["this exception silences nothing: `workers/memory-limit` has nothing to say there"], id="unused"),
        pytest.param("path: supervisor.conf, until: 2026-10-31", ["this exception has expired on 2026-10-31"], id="expired"),
        pytest.param("subject: 'program:v'", ["this exception silences nothing: `workers/memory-limit` has nothing to say there"], id="another subject"),
        pytest.param("subject: 'program:*'", [], id="a glob"),
    ],
)  # fmt: skip
def test_exceptions(exception: str, expected: list[str]) -> None:
    said = f"exceptions:\n  - {{rule: workers/memory-limit, reason: x, {exception}}}\n"
    report = run({"supervisor.conf": placed(WORKER, "")}, "workers/memory-limit", said=said)
    about = [f"{f.span}: {f.verdict.message}" for f in report.findings if f.rule == "opslint/suppression"]
    assert about == [f".opslint.yaml:2:5: {message}" for message in expected]
    assert report.suppressed == (not expected)


def test_what_is_wrong_with_a_silencer_is_not_silenced() -> None:
    comment = "# opslint: ignore[opslint/suppression] x\n# opslint: ignore[workers/memory-limit]"
    assert len(suppressed(comment)) == 1


def test_a_file_of_no_kind_is_read_for_comments_where_something_was_found() -> None:
    rule = "phpstan/known-parameters"
    files = {**companions("x.neon"), "phpstan.neon": "includes: [etc/more.neon]\nparameters: {level: 5, paths: [app]}\n"}
    bare = run({**files, "etc/more.neon": "parameters:\n\tcheckNothing: true\n"}, rule)
    assert [finding.span.path for finding in bare.findings] == ["etc/more.neon"]
    comment = f"# opslint: ignore[{rule}] an extension has it"
    report = run({**files, "etc/more.neon": f"parameters:\n\tcheckNothing: true {comment}\n"}, rule)
    assert (told(report), report.suppressed) == ([], 1)
