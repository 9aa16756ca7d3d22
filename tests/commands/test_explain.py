"""`opslint explain` as a user meets it: what it takes, what it says, and its exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from opslint.cli import main

WORKER = "[program:w]\ncommand=php artisan queue:work\n"
DEPLOY = """\
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: ssh shop 'php artisan down'
      - run: ssh shop 'git pull'
      - run: ssh shop 'php artisan up'
        if: failure()
"""
PATH = ".github/workflows/deploy.yml"
RULE = "deploy/maintenance-always-ends"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments], catch_exceptions=False)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    written = {
        ".opslint.yaml": "rules:\n  workers/memory-limit:\n    with: {at-most: 256}\n",
        "supervisor.conf": WORKER,
        PATH: DEPLOY,
        "scripts/deploy.sh": "set -e\nphp artisan down\nphp artisan up\n",
        "notes.txt": "",
    }
    for path, content in written.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def said(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_rule_ends_with_where_its_settings_come_from(project: Path) -> None:
    end = said("workers/memory-limit").partition("Where its settings come from:\n")[2]
    assert "  at-most   256" in end
    assert ".opslint.yaml:3:12\n" in end


def test_a_rule_at_a_place(project: Path) -> None:
    assert said(RULE, "--at", f"{PATH}:6").startswith(f"error {RULE}  the site stays in maintenance mode\n")
    assert said(RULE, "--at", f"{PATH}:6:9") == said(RULE, "--at", f"{PATH}:6")
    assert said(RULE, "--at", PATH) == said(RULE, "--at", f"{PATH}:6")


def test_a_rule_that_has_nothing_to_say_at_a_place(project: Path) -> None:
    asked = ("workers/memory-limit", "--at", "scripts/deploy.sh:2")
    assert said(*asked) == said(*asked, "--why-not")
    assert said(*asked).startswith("workers/memory-limit does not look at scripts/deploy.sh: ")


def test_why_a_rule_is_silent(project: Path) -> None:
    assert said("phpstan/valid", "--why-not").startswith("phpstan/valid has nothing to look at: ")


def test_a_family_lists_its_rules(project: Path) -> None:
    assert said("ci").splitlines()[0].startswith("ci/")


def test_what_opslint_says_by_itself(project: Path) -> None:
    for name in ("undecided", "parse", "internal", "suppression", "policy-weakened"):
        assert said(f"opslint/{name}").startswith(f"opslint/{name}\n")


def test_a_workflow_is_drawn(project: Path) -> None:
    assert said(PATH).partition("What it does:\n")[2].partition("`opslint")[0] == (
        "3  deploy  on ubuntu-latest\n"
        "      at most 6 hours: it has no `timeout-minutes`\n"
        "      nothing here keeps two runs apart: there is no `concurrency`\n"
        "6     1 ssh shop 'php artisan down'\n"
        "6        maintenance-on   ssh shop  php artisan down\n"
        "7     2 ssh shop 'git pull'\n"
        "7        update-code      ssh shop  git pull\n"
        "8     3 ssh shop 'php artisan up'\n"
        "         runs only after a failure, not after a cancel\n"
        "8        maintenance-off  ssh shop  php artisan up\n"
    )


def test_a_script_is_drawn_with_its_findings(project: Path) -> None:
    text = said("scripts/deploy.sh")
    assert "What it does:\n2  maintenance-on   here  php artisan down\n3  maintenance-off  here  php artisan up\n" in text
    assert f"  2: error: {RULE}: " in text


def test_a_script_that_is_called_says_where(project: Path) -> None:
    (project / PATH).write_text(DEPLOY + "      - run: bash scripts/deploy.sh\n")
    assert f"is run at {PATH}:10:14\n" in said("scripts/deploy.sh")


def test_a_makefile_is_drawn_by_target(project: Path) -> None:
    (project / "Makefile").write_text("deploy:\n\tgit pull\n\tphp artisan migrate --force\n\nls:\n\tls\n")
    assert said("Makefile").partition("What it does:\n")[2].startswith(
        "   deploy\n2     update-code  here  git pull\n3     migrate      here  php artisan migrate --force\n"
    )


def test_a_file_that_is_none_of_ours(project: Path) -> None:
    assert said("notes.txt") == "notes.txt: not a file that opslint lints\n"


def test_the_policy_is_told_line_by_line(project: Path) -> None:
    line = ".opslint.yaml:3:12: `at-most` of workers/memory-limit is 256; without this line: 1024\n"
    assert said(".opslint.yaml:3") == line
    assert said(".opslint.yaml").endswith(line)


def test_a_root_that_nothing_marks_is_the_current_folder(project: Path) -> None:
    (project / ".opslint.yaml").unlink()
    assert said(PATH).startswith(f"{PATH}: linted as workflow\n")


@pytest.mark.parametrize("color", ["always", "never"])
def test_colours_say_the_same(project: Path, color: str) -> None:
    import re

    for arguments in ([PATH], [RULE, "--at", f"{PATH}:6"]):
        plain = re.sub(r"\x1b\[[\d;]*m", "", said(*arguments, "--color", color))
        assert ("\x1b[" in said(*arguments, "--color", color)) == (color == "always")
        assert plain.splitlines()[0] == said(*arguments).splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["workers/memory-limt"], "no rule (did you mean `workers/memory-limit`?), and there is no file `workers/memory-limt` below"),
        (["memory-limit"], "`memory-limit` is no rule (did you mean `workers/memory-limit`?)"),
        (["wrkers"], "`wrkers` is no rule (did you mean `workers`?)"),
        (["opslint/undecidd"], "(did you mean `opslint/undecided`?)"),
        (["supervisor.con:2"], "(did you mean `supervisor.conf`?)"),
        (["supervisor.conf:9"], "supervisor.conf has 3 lines, and none is 9"),
        ([RULE, "--at", ".github/workflows/deply.yml:6"], "there is no file `.github/workflows/deply.yml` below "),
        ([RULE, "--at", ".github/workflows/deply.yml:6"], f"(did you mean `{PATH}`?)"),
        (["supervisor.conf", "--at", "supervisor.conf:2"], "`--at` asks about a rule, and `supervisor.conf` is no rule"),
        (["supervisor.conf", "--why-not"], "`--why-not` asks about a rule, and `supervisor.conf` is no rule"),
    ],
)
def test_a_mistake_is_told_in_one_line(project: Path, arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert result.output.count("\n") == 1


def test_help_shows_each_way_to_ask() -> None:
    text = said("--help")
    for word in ("--at", "--why-not", "Examples:", "opslint explain workers/memory-limit"):
        assert word in text
