"""The ratchet over real git histories: what counts as growth, what does not, and what is undecided."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from opslint.files import Disk, Memory
from opslint.finding import Finding
from opslint.lint import lint
from opslint.policy import Policy, Setting
from opslint.revisions import base_files

CONFIGURATION = "includes:\n\t- phpstan-baseline.neon\n\nparameters:\n\tlevel: 5\n\tpaths:\n\t\t- app\n"
RULES = ("phpstan/level-never-falls", "phpstan/baseline-never-grows", "phpstan/scope-never-shrinks")


def entry(message: str, count: int | None = 1, path: str = "app/A.php", identifier: str | None = "method.notFound") -> str:
    lines = [f"message: '#^{message}$#'"]
    lines += [f"identifier: {identifier}"] if identifier else []
    lines += [f"count: {count}"] if count is not None else []
    return "\t\t-\n" + "".join(f"\t\t\t{line}\n" for line in [*lines, f"path: {path}"])


def baseline(*entries: str) -> str:
    return "parameters:\n\tignoreErrors:\n" + "\n".join(entries)


class Repository:
    """A git repository made step by step, far from the user's own configuration."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.root), "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
        }  # fmt: skip
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout

    def write(self, files: dict[str, str | None]) -> None:
        for path, content in files.items():
            target = self.root / path
            if content is None:
                target.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(content, "utf-8")

    def commit(self, files: dict[str, str | None]) -> None:
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")

    def branch(self, files: dict[str, str | None]) -> None:
        self.git("checkout", "-q", "-b", "feature")
        self.commit(files)

    def findings(self, *rules: str, per: str = "total", base: str | None = "main") -> list[Finding]:
        before, missing = base_files(self.root, base)
        policy = Policy("strict", {"phpstan/baseline-never-grows": Setting(params={"per": per})})
        report = lint(Disk(self.root), policy, before=before, before_missing=missing, select=rules or RULES)
        assert report.complete
        return list(report.findings)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    found = Repository(tmp_path / "project")
    found.commit(
        {
            "phpstan.neon": CONFIGURATION,
            "phpstan-baseline.neon": baseline(entry("One\\.", 2), entry("Two\\.", 3, "app/B.php", "argument.type")),
            "app/A.php": "<?php\n",
            "app/B.php": "<?php\n",
        }
    )
    return found


def messages(findings: Iterable[Finding]) -> list[str]:
    return [finding.verdict.message for finding in findings]


def test_growth_says_by_how_much_and_which_entries_are_new(repository: Repository) -> None:
    repository.branch({"phpstan-baseline.neon": baseline(entry("One\\.", 4), entry("Three\\.", 2))})
    (finding,) = repository.findings()
    assert finding.verdict.message == "the baseline grew by 1, from 5 to 6 errors (entries: 1 new, 1 grown, 1 shrunk or gone)"
    assert [note.message for note in finding.verdict.notes] == [
        "4 (2 before) `method.notFound` in `app/A.php`: One.",
        "2 (new) `method.notFound` in `app/A.php`: Three.",
        "0 (3 before) `argument.type` in `app/B.php`: Two.",
    ]
    assert str(finding.verdict.notes[1].span) == "phpstan-baseline.neon:10:4"


def test_shrinking_holds(repository: Repository) -> None:
    repository.branch({"phpstan-baseline.neon": baseline(entry("One\\.", 1))})
    for per in ("total", "file", "identifier", "entry"):
        assert not repository.findings(per=per)


def test_a_moved_baseline_does_not_grow(repository: Repository) -> None:
    moved = baseline(entry("One\\.", 2, "../app/A.php"), entry("Two\\.", 3, "../app/B.php", "argument.type"))
    repository.branch(
        {
            "phpstan-baseline.neon": None,
            "phpstan.neon": None,
            "phpstan.neon.dist": CONFIGURATION.replace("phpstan-baseline", "tools/phpstan-baseline"),
            "tools/phpstan-baseline.neon": moved,
        }
    )
    for per in ("total", "file", "identifier", "entry"):
        assert not repository.findings(per=per)


def test_a_split_baseline_does_not_grow(repository: Repository) -> None:
    repository.branch(
        {
            "phpstan-baseline.neon": None,
            "phpstan.neon": CONFIGURATION.replace("phpstan-baseline.neon", "baseline/loader.neon"),
            "baseline/loader.neon": "includes:\n\t- one.baseline.neon\n\t- two.baseline.neon\n",
            "baseline/one.baseline.neon": "# total 2 errors\n\n" + baseline(entry("One\\.", 2, "../app/A.php")),
            "baseline/two.baseline.neon": baseline(entry("Two\\.", 3, "../app/B.php", "argument.type")),
        }
    )
    for per in ("total", "file", "identifier", "entry"):
        assert not repository.findings(per=per)


def test_a_baseline_rewritten_as_php_does_not_grow(repository: Repository) -> None:
    php = r"""<?php declare(strict_types = 1);

$ignoreErrors = [];
$ignoreErrors[] = ['message' => '#^One\\.$#', 'identifier' => 'method.notFound', 'count' => 2, 'path' => __DIR__ . '/app/A.php'];
$ignoreErrors[] = ['rawMessage' => 'Two.', 'identifier' => 'argument.type', 'count' => 3, 'path' => __DIR__ . '/app/B.php'];

return ['parameters' => ['ignoreErrors' => $ignoreErrors]];
"""
    repository.branch(
        {
            "phpstan-baseline.neon": None,
            "phpstan-baseline.php": php,
            "phpstan.neon": CONFIGURATION.replace("baseline.neon", "baseline.php"),
        }
    )
    for per in ("total", "file", "identifier", "entry"):
        assert not repository.findings(per=per)
    repository.commit({"phpstan-baseline.php": php.replace("'count' => 3", "'count' => 4")})
    assert messages(repository.findings()) == ["the baseline grew by 1, from 5 to 6 errors (entries: 1 grown)"]


def test_a_baseline_that_only_php_could_tell_is_undecided(repository: Repository) -> None:
    php = "<?php return require __DIR__ . '/other.php';\n"
    repository.branch(
        {"phpstan-baseline.php": php, "phpstan.neon": CONFIGURATION.replace("baseline.neon", "baseline.php")}
    )
    (finding,) = repository.findings("phpstan/baseline-never-grows")
    assert not finding.decided
    assert finding.verdict.message == "`phpstan-baseline.php` is computed by PHP, so its errors cannot be counted"


def test_a_swap_of_one_for_another_is_growth_of_an_entry_alone(repository: Repository) -> None:
    swapped = baseline(entry("New\\.", 2), entry("Two\\.", 3, "app/B.php", "argument.type"))
    repository.branch({"phpstan-baseline.neon": swapped})
    for per in ("total", "file", "identifier"):
        assert not repository.findings(per=per)
    assert messages(repository.findings(per="entry")) == ["the baseline hides 2 more in `app/A.php`: New."]


def test_per_file_and_per_identifier_find_what_the_sum_does_not(repository: Repository) -> None:
    repository.branch({"phpstan-baseline.neon": baseline(entry("One\\.", 5))})
    assert not repository.findings()
    assert messages(repository.findings(per="file")) == ["`app/A.php` grew by 3 in the baseline (entries: 1 grown)"]
    expected = "`method.notFound` grew by 3 in the baseline (entries: 1 grown)"
    assert messages(repository.findings(per="identifier")) == [expected]


def test_a_renamed_file_does_not_grow(repository: Repository) -> None:
    renamed = baseline(entry("One\\.", 2, "app/C.php"), entry("Two\\.", 3, "app/B.php", "argument.type"))
    repository.branch({"phpstan-baseline.neon": renamed, "app/A.php": None, "app/C.php": "<?php\n"})
    for per in ("total", "file", "entry"):
        assert not repository.findings(per=per)


def test_identifiers_that_an_older_generator_left_out_are_no_growth(repository: Repository) -> None:
    repository.commit({"phpstan-baseline.neon": baseline(entry("One\\.", 2, identifier=None))})
    repository.branch({"phpstan-baseline.neon": baseline(entry("One\\.", 2))})
    for per in ("total", "file", "identifier", "entry"):
        assert not repository.findings(per=per)


def test_a_lost_count_is_found_though_the_sum_falls(repository: Repository) -> None:
    loosened = baseline(entry("One\\.", None), entry("Two\\.", 3, "app/B.php", "argument.type"))
    repository.branch({"phpstan-baseline.neon": loosened})
    assert messages(repository.findings()) == ["this entry lost its `count`, and hides any number of `One.`"]


def test_a_second_baseline_is_growth(repository: Repository) -> None:
    both = CONFIGURATION.replace("parameters", "\t- other-baseline.neon\n\nparameters", 1).replace("\n\n\t-", "\n\t-")
    repository.branch({"phpstan.neon": both, "other-baseline.neon": baseline(entry("Three\\."))})
    assert messages(repository.findings()) == ["the baseline grew by 1, from 5 to 6 errors (entries: 1 new)"]


def test_the_change_is_compared_with_where_the_branch_began(repository: Repository) -> None:
    repository.branch({"app/A.php": "<?php // changed\n"})
    repository.git("checkout", "-q", "main")
    repository.commit({"phpstan-baseline.neon": baseline(entry("One\\.", 1))})
    repository.git("checkout", "-q", "feature")
    assert not repository.findings()  # main shrank since; that is not this branch's growth


def test_a_new_configuration_has_nothing_to_compare_with(repository: Repository, tmp_path: Path) -> None:
    young = Repository(tmp_path / "young")
    young.commit({"app/A.php": "<?php\n"})
    young.branch({"phpstan.neon": CONFIGURATION, "phpstan-baseline.neon": baseline(entry("One\\.", 500))})
    assert not young.findings()


def test_the_first_commit_is_its_own_base(repository: Repository) -> None:
    assert not repository.findings(base=None)
    repository.write({"phpstan-baseline.neon": baseline(entry("One\\.", 9))})
    assert messages(repository.findings(base=None)) == [
        "the baseline grew by 4, from 5 to 9 errors (entries: 1 grown, 1 shrunk or gone)"
    ]


def test_a_shallow_clone_is_undecided_once_and_says_what_would_help(repository: Repository, tmp_path: Path) -> None:
    repository.branch({"phpstan-baseline.neon": baseline(entry("One\\.", 9))})
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.root}", str(tmp_path / "shallow"))
    shallow = object.__new__(Repository)
    shallow.root = tmp_path / "shallow"
    (finding,) = shallow.findings(base="main")
    assert not finding.decided
    assert "fetch-depth: 0" in finding.verdict.message
    assert [note.message for note in finding.verdict.notes] == [f"`{rule}` waits for it" for rule in sorted(RULES)]


def test_without_a_configuration_a_missing_base_is_nobodys_business() -> None:
    policy = Policy("strict")
    report = lint(Memory({"composer.json": "{}"}), policy, before_missing="no base", select=RULES)
    assert not report.findings


def test_a_lower_level_on_the_command_line_is_a_fall(repository: Repository) -> None:
    workflow = "on: [push]\njobs:\n  a:\n    steps:\n      - run: vendor/bin/phpstan analyse{}\n"
    repository.commit({".github/workflows/ci.yml": workflow.format("")})
    repository.branch({".github/workflows/ci.yml": workflow.format(" --level=2 --no-progress")})
    (finding,) = repository.findings()
    assert finding.verdict.message == "the level fell from 5 to 2"
    assert finding.span.written == "2"
    assert finding.span.path == ".github/workflows/ci.yml"


def test_a_configuration_that_is_gone_is_a_fall(repository: Repository) -> None:
    repository.branch({"phpstan.neon": None, "phpstan-baseline.neon": None})
    assert messages(repository.findings()) == ["`phpstan.neon` is gone, and nothing is analysed instead"]


def test_strict_rules_that_are_left_out_are_a_fall_unless_the_installer_brings_them(repository: Repository) -> None:
    strict = CONFIGURATION.replace("includes:", "includes:\n\t- vendor/phpstan/phpstan-strict-rules/rules.neon")
    installer = '{"require-dev": {"phpstan/phpstan-strict-rules": "^2.0", "phpstan/extension-installer": "^1.4"}}'
    repository.commit({"phpstan.neon": strict})
    repository.branch({"phpstan.neon": CONFIGURATION})
    (finding,) = repository.findings("phpstan/level-never-falls")
    assert "phpstan-strict-rules" in finding.verdict.message
    repository.commit({"composer.json": installer})
    assert not repository.findings("phpstan/level-never-falls")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(("- app", "- app/A.php"), "`app` is not in `paths` any more: `app/B.php` is not analysed", id="narrowed"),
        pytest.param(
            ("- app\n", "- app\n\texcludePaths:\n\t\t- app/B*\n"),
            "`app/B*` is excluded now: `app/B.php` is not analysed any more",
            id="excluded",
        ),
        pytest.param(
            ("- app\n", "- app\n\tignoreErrors:\n\t\t- '#Foo#'\n"), "`#Foo#` is ignored since this change", id="ignored"
        ),
        pytest.param(("- app\n", "- app\n\t\t- routes\n"), None, id="widened"),
        pytest.param(("- app\n", "- .\n"), None, id="all of it"),
        pytest.param(("- app\n", "- app\n\texcludePaths:\n\t\t- vendor/*\n\t\t- app/*.blade.php\n"), None, id="takes nothing"),
    ],
)
def test_scope(repository: Repository, change: tuple[str, str], expected: str | None) -> None:
    repository.branch({"phpstan.neon": CONFIGURATION.replace(*change)})
    assert messages(repository.findings()) == ([expected] if expected else [])


def test_a_deleted_folder_is_no_lost_scope(repository: Repository) -> None:
    repository.commit({"old/C.php": "<?php\n", "phpstan.neon": CONFIGURATION.replace("- app", "- app\n\t\t- old")})
    repository.branch({"old/C.php": None, "phpstan.neon": CONFIGURATION})
    assert not repository.findings()
