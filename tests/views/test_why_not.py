"""Why a rule says nothing: every reason there is, and none where it does say something."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from opslint import policy, rulebook
from opslint.files import Memory
from opslint.finding import Verdict
from opslint.source import Source
from opslint.views.inspection import Inspection, Place
from opslint.views.screen import Screen
from opslint.views.why_not import tell_why_not, why_not

RULES = rulebook.bundled()
WORKER = "[program:w]\ncommand=php artisan queue:work\n"
CAPPED = "[program:w]\ncommand=php artisan queue:work --memory=512\n"
DEPLOY = ".github/workflows/deploy.yml"
STEPS = """\
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
"""


def inspection(files: dict[str, str], said: str = "") -> Inspection:
    memory = Memory(files)
    return Inspection(memory, policy.read(Source(".opslint.yaml", said), memory))


def reasons(rule: str, files: dict[str, str], said: str = "", place: Place | None = None) -> list[str]:
    return list(why_not(inspection(files, said), RULES[rule], place))


# -- it does not run ----------------------------------------------------------------------------------------------


def test_off_by_a_line_of_the_policy() -> None:
    assert reasons("workers/memory-limit", {"s.conf": WORKER}, "rules:\n  workers/memory-limit: off\n") == [
        "workers/memory-limit is off: .opslint.yaml:2:3"
    ]


def test_off_by_the_preset() -> None:
    assert reasons("deploy/backup-before-migrate", {DEPLOY: STEPS}) == [
        "deploy/backup-before-migrate is off: preset `recommended`, which holds where nothing is chosen",
        "  the preset `strict` has it as warning",
        "  `rules: {deploy/backup-before-migrate: warning}` in .opslint.yaml turns it on",
    ]


def test_off_until_a_parameter_is_set() -> None:
    assert reasons("phpstan/baseline-at-most", {"phpstan.neon": "parameters:\n\tlevel: 5\n"}) == [
        "phpstan/baseline-at-most is off until `errors` is set",
        "  in .opslint.yaml: `rules: {phpstan/baseline-at-most: {with: {errors: ...}}}`",
    ]


# -- it has nothing to look at ------------------------------------------------------------------------------------


def test_no_file_of_its_kinds() -> None:
    assert reasons("workers/memory-limit", {"composer.json": "{}", "a.sh": "ls\n", "b.sh": "ls\n"})[:2] == [
        "workers/memory-limit has nothing to look at: it looks at supervisor files, and there is none here",
        "  files here: 1 composer, 2 script",
    ]


def test_the_only_file_of_its_kinds_is_excluded() -> None:
    files = {"old/s.conf": WORKER, "composer.json": "{}"}
    assert reasons("workers/memory-limit", files, "exclude:\n  - new/*\n  - old/*\n")[1:] == [
        "  files here: 1 composer",
        "  old/s.conf is not linted: `exclude: old/*` at .opslint.yaml:3:5",
    ]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("old/s.conf", "old/s.conf is not linted: `exclude: old/*` at .opslint.yaml:1:11"),
        ("README.md", "README.md is not a file that opslint lints"),
        ("a.sh", "workers/memory-limit does not look at a.sh: it looks at supervisor files, and this is linted as script"),
    ],
)
def test_a_place_it_does_not_see(path: str, said: str) -> None:
    files = {"old/s.conf": WORKER, "s.conf": CAPPED, "README.md": "", "a.sh": "ls\n"}
    assert reasons("workers/memory-limit", files, "exclude: [old/*]\n", Place(path, 1)) == [said]


# -- all holds ----------------------------------------------------------------------------------------------------


def test_all_that_holds_is_listed() -> None:
    files = {"a.conf": CAPPED, "b.conf": CAPPED}
    assert reasons("workers/memory-limit", files) == [
        "workers/memory-limit judged 2 things, and all of it holds:",
        "  a.conf:2:32: `php artisan queue:work` has `--memory=512`",
        "  b.conf:2:32: `php artisan queue:work` has `--memory=512`",
    ]


def test_what_holds_at_a_place() -> None:
    files = {"a.conf": CAPPED, "b.conf": CAPPED}
    assert reasons("workers/memory-limit", files, place=Place("b.conf", 2))[0] == (
        "workers/memory-limit judged 1 thing at b.conf:2, and it holds:"
    )


def test_a_place_beside_what_is_judged() -> None:
    assert reasons("workers/memory-limit", {"a.conf": CAPPED}, place=Place("a.conf", 1)) == [
        "workers/memory-limit judges nothing at a.conf:1; it judges these places:",
        "  a.conf:2:32: holds",
    ]


def test_a_long_list_is_cut() -> None:
    files = {f"{number:02}.conf": CAPPED for number in range(23)}
    said = reasons("workers/memory-limit", files)
    assert len(said) == 22
    assert said[-1] == "  and 3 more"


# -- it does not apply --------------------------------------------------------------------------------------------


def test_no_deployment() -> None:
    files = {DEPLOY: STEPS + "      - run: php artisan test\n"}
    assert reasons("deploy/maintenance-always-ends", files) == [
        "deploy/maintenance-always-ends does not apply: nothing here is what it judges",
        "  it says: Maintenance mode ends, whatever happens",
        "  that is: Once `first` took effect, `then` is at least tried before the end, whatever goes wrong on the way",
        "  no deployment was found: no job and no script does to a lasting host what rules speak of",
    ]


def test_a_deployment_that_does_not_do_it() -> None:
    files = {DEPLOY: STEPS + "      - run: ssh shop 'git pull && php artisan migrate --force'\n"}
    assert reasons("deploy/maintenance-always-ends", files)[3:] == [
        "  deployment at .github/workflows/deploy.yml:3:3, jobs.deploy: update-code, migrate",
        "  none of them does maintenance-on or maintenance-off",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [("[supervisord]\nnodaemon=true\n", "no program of Supervisor was found"), ("[program:x]\ncommand=ls\n", "program at s.conf:1:1: x")],
)
def test_no_worker(content: str, said: str) -> None:
    assert reasons("workers/memory-limit", {"s.conf": content})[-1] == f"  {said}"


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_can_say_why(rule: str) -> None:
    files = {DEPLOY: STEPS + "      - run: ssh shop 'git pull'\n", "s.conf": CAPPED, "composer.json": "{}"}
    first, *_ = reasons(rule, files, "extends: strict\n")
    assert first.startswith(f"{rule} ")


# -- it was left out of the report --------------------------------------------------------------------------------

MISSING = "  it would say, at s.conf:3:9: `php artisan queue:work` has no `--memory`"


def test_silenced_by_a_comment() -> None:
    silenced = WORKER.replace("command", "; opslint: ignore[workers/memory-limit] a small box\ncommand")
    assert reasons("workers/memory-limit", {"s.conf": silenced}) == [
        "workers/memory-limit is silenced by a comment at s.conf:2:1: a small box",
        MISSING,
    ]


def test_silenced_by_an_exception() -> None:
    said = "exceptions:\n  - {rule: workers/memory-limit, reason: a small box, path: s.*, until: 2999-12-31}\n"
    assert reasons("workers/memory-limit", {"s.conf": "\n" + WORKER}, said) == [
        "workers/memory-limit is silenced by an exception at .opslint.yaml:2:5, until 2999-12-31: a small box",
        MISSING,
    ]


def test_an_exception_that_has_expired_silences_nothing() -> None:
    said = "exceptions:\n  - {rule: workers/memory-limit, reason: a small box, until: 2020-01-31}\n"
    assert reasons("workers/memory-limit", {"s.conf": "\n" + WORKER}, said) == [
        "workers/memory-limit does say something, at s.conf:3:9: `php artisan queue:work` has no `--memory`"
    ]


REMOTE = """\
      - run: |
          ssh shop <<'EOF'
          mysqldump shop > before.sql
          php artisan migrate --force
          php artisan queue:restart
          EOF
"""


def test_told_as_a_note_of_another_finding() -> None:
    first, second = reasons("deploy/nothing-after-failed-migration", {DEPLOY: STEPS + REMOTE})
    assert re.fullmatch(
        r"deploy/nothing-after-failed-migration is told as a note of deploy/failures-are-noticed, "
        r"at \.github/workflows/deploy\.yml:\d+:11: `php artisan queue:restart` runs although `migrate` has failed",
        first,
    )
    assert second.startswith("  one cause is one finding: deploy/nothing-after-failed-migration yields to ")


def test_undecided_says_what_would_decide() -> None:
    files = {DEPLOY: STEPS + "      - run: ssh shop 'php artisan down && ./finish.sh'\n"}
    assert reasons("deploy/maintenance-always-ends", files) == [
        "deploy/maintenance-always-ends could not decide, at .github/workflows/deploy.yml:6:44: "
        "what `./finish.sh` does is not to be seen: it is not in this repository",
        "  to decide it: say what it does in `.opslint.yaml`, like `acts: {update-code: ['./finish.sh']}`",
    ]


def test_a_crash_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(project: object, **params: object) -> Iterator[Verdict]:
        raise ZeroDivisionError("on purpose")

    real = rulebook.check_of
    monkeypatch.setattr(rulebook, "check_of", lambda name: crash if name.startswith("memory.") else real(name))
    assert reasons("workers/memory-limit", {"s.conf": WORKER}) == [
        "workers/memory-limit: `workers/memory-limit` crashed and judged nothing: ZeroDivisionError: on purpose"
    ]


# -- it does say something ----------------------------------------------------------------------------------------


def test_a_finding_is_told_beside_what_holds() -> None:
    assert reasons("workers/memory-limit", {"a.conf": CAPPED, "b.conf": WORKER}) == [
        "workers/memory-limit does say something, at b.conf:2:9: `php artisan queue:work` has no `--memory`",
        "workers/memory-limit also judged 1 thing, and it holds:",
        "  a.conf:2:32: `php artisan queue:work` has `--memory=512`",
    ]


def test_no_secret_is_told() -> None:
    token = "ghp_" + "a1B2" * 9
    files = {"a.conf": f"[program:w]\ncommand=php artisan queue:work --name={token}\n"}
    screen = Screen(color=False, width=100)
    tell_why_not(screen, inspection(files), RULES["workers/memory-limit"])
    assert screen.text
    assert token not in screen.text


def test_a_finding_that_is_accepted_is_told_with_its_line() -> None:
    entry = '- {path: "s.conf", rule: "workers/memory-limit", subject: "program:w", count: 1}\n'
    files = {"s.conf": "[program:w]\ncommand=php artisan queue:work\n", ".opslint-accepted.yaml": entry}
    assert reasons("workers/memory-limit", files) == [
        "workers/memory-limit is accepted at .opslint-accepted.yaml:1:3, 1 at most",
        "  it would say, at s.conf:2:9: `php artisan queue:work` has no `--memory`",
    ]
