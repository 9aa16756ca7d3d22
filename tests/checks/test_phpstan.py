"""PHPStan's configuration judged: what pages and fixtures do not show."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from opslint.checks import baselines, ignores, phpstan, scope
from opslint.files import Memory
from opslint.finding import Verdict
from opslint.fixes import edited
from opslint.model.analysis import analyses
from opslint.model.project import Project

Files = Mapping[str, str]
LARAVEL = '{"require": {"laravel/framework": "^12.0"}, "require-dev": {"larastan/larastan": "^3.0"}}'
PARAMETERS = "parameters:\n\tlevel: 5\n\tpaths: [app]\n"


def project(files: Files) -> Project:
    return Project(Memory(files))


def told(verdicts: list[Verdict]) -> list[tuple[str, str, str]]:
    """State, what is underlined, and the message of all that does not hold."""
    return [(each.state, each.span.written, each.message) for each in verdicts if each.state != "holds"]


def workflow(*lines: str, **step: str) -> str:
    more = "".join(f"\n        {name}: {value}" for name, value in step.items())
    runs = "".join(f"      - run: {line}{more}\n" for line in lines)
    return f"on: [push, pull_request]\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{runs}"


# -- which analysis there is --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"phpstan.neon": "parameters:\n\tlevel: 3\n"}, "3", id="the file's own"),
        pytest.param({"phpstan.neon": "", "ci": "vendor/bin/phpstan analyse -l 7"}, "7", id="by the command line"),
        pytest.param({"phpstan.neon": "parameters:\n\tlevel: 9\n", "ci": "phpstan analyse --level 4 app"}, "4", id="which wins"),
        pytest.param({"phpstan.neon": "parameters:\n\tlevel: 9\n", "ci": "composer stan"}, "2", id="behind a script"),
        pytest.param({"phpstan.neon": "", "ci": "composer stan -- --level=6"}, "6", id="handed on to a script"),
        pytest.param({"ci": "phpstan -c tools/stan.neon", "tools/stan.neon": "parameters: {level: 8}"}, "8", id="-c"),
        pytest.param(
            {"phpstan.neon": "parameters:\n\tlevel: 9\n", "ci": "phpstan --generate-baseline -l 0"}, "9", id="no gate"
        ),
    ],
)
def test_the_level_is_that_of_the_run(files: Files, expected: str) -> None:
    scripts = '{"scripts": {"stan": "phpstan analyse --level=2"}}'
    given = {path: content for path, content in files.items() if path != "ci"}
    given |= {".github/workflows/ci.yml": workflow(files["ci"])} if "ci" in files else {}
    found = analyses(project({"composer.json": scripts if "composer" in files.get("ci", "") else "{}", **given}))
    assert [str(each.level.value) for each in found if each.level] == [expected]


def test_what_people_run_counts_where_no_workflow_runs_it() -> None:
    files = {"phpstan.neon": "", "composer.json": '{"scripts": {"stan": "phpstan analyse --level=max"}}'}
    (found,) = analyses(project(files))
    assert found.level is not None
    assert found.level.value == "max"


def test_each_application_has_its_own_analysis() -> None:
    files = {
        "backend/composer.json": "{}",
        "backend/phpstan.neon": PARAMETERS,
        "billing/composer.json": "{}",
        "billing/phpstan.neon": PARAMETERS,
        ".github/workflows/ci.yml": workflow("vendor/bin/phpstan -l 2", **{"working-directory": "billing"}),
        "tests/fixtures/broken/composer.json": "{}",
        "tests/fixtures/broken/phpstan.neon": "parameters:\n\tlevel: 0\n",
    }
    found = {each.path: str(each.level.value) for each in analyses(project(files)) if each.level}
    assert found == {"backend/phpstan.neon": "5", "billing/phpstan.neon": "2"}


# -- valid --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"phpstan.neon": "parameters:\n\tlevel: 5\n    paths: [app]\n"},
            ("broken", "paths", "PHPStan refuses this: Invalid combination of tabs and spaces"),
            id="tabs and spaces",
        ),
        pytest.param(
            {"phpstan.neon": "includes: [a.neon]\n", "a.neon": "includes: [phpstan.neon]\n"},
            ("broken", "phpstan.neon", "PHPStan refuses this: Recursive included file 'phpstan.neon'"),
            id="circle",
        ),
        pytest.param(
            {"phpstan.neon": "parameters:\n\tlevel: 11\n"}, ("broken", "11", "PHPStan 2 has no level `11`"), id="level"
        ),
        pytest.param(
            {"phpstan.neon": "includes: [rules/own.neon]\n"},
            ("broken", "rules/own.neon", "`rules/own.neon` does not exist: PHPStan does not start"),
            id="missing",
        ),
        pytest.param(
            {"phpstan.neon": "includes: [../shared.neon]\n"},
            ("undecided", "../shared.neon", "`../shared.neon` lies outside of the project"),
            id="outside",
        ),
        pytest.param(
            {"phpstan.neon": "includes: [%env.HOME%/a.neon]\n"},
            ("undecided", "%env.HOME%/a.neon", "`%env.HOME%/a.neon` is known only when PHPStan runs"),
            id="environment",
        ),
        pytest.param(
            {"phpstan.neon": "parameters:\n\tignoreErrors:\n\t\t- {path: app/A.php}\n"},
            (
                "broken",
                "{path: app/A.php}",
                'PHPStan refuses this: Ignored error {"path": "app/A.php"} is missing a message or an identifier',
            ),
            id="ignore without a message",
        ),
        pytest.param(
            {".github/workflows/ci.yml": workflow("vendor/bin/phpstan -c stan.neon")},
            ("undecided", "stan.neon", "`stan.neon` is not in the repository"),
            id="unseen -c",
        ),
    ],
)
def test_what_phpstan_would_refuse(files: Files, expected: tuple[str, str, str]) -> None:
    assert told(list(phpstan.resolves(project({"composer.json": LARAVEL, **files})))) == [expected]


@pytest.mark.parametrize(
    ("include", "composer", "lock", "expected"),
    [
        pytest.param("vendor/larastan/larastan/extension.neon", LARAVEL, None, None, id="required"),
        pytest.param("./vendor/nesbot/carbon/extension.neon", LARAVEL, None, None, id="brought by Laravel"),
        pytest.param("vendor/phpstan/phpstan/conf/bleedingEdge.neon", LARAVEL, None, None, id="brought by Larastan"),
        pytest.param("phar://phpstan.phar/conf/bleedingEdge.neon", LARAVEL, None, None, id="in the phar"),
        pytest.param("vendor/a/b/x.neon", LARAVEL, '{"packages": [{"name": "a/b"}], "packages-dev": []}', None, id="locked"),
        pytest.param("vendor/a/b/x.neon", LARAVEL, '{"packages": [], "packages-dev": []}', "error", id="not locked"),
        pytest.param("vendor/a/b/x.neon", LARAVEL, "[[[[", "note", id="broken lock"),
        pytest.param("vendor/a/b/x.neon", LARAVEL, None, "note", id="not required"),
        pytest.param("tools/vendor/a/b/x.neon", LARAVEL, None, "note", id="no composer.json there"),
        pytest.param(
            "%rootDir%/../../larastan/larastan/extension.neon", LARAVEL, None, None, id="beside PHPStan's own folder"
        ),
    ],
)
def test_includes_of_packages(include: str, composer: str, lock: str | None, expected: str | None) -> None:
    files = {"phpstan.neon": f"includes:\n\t- {include}\n{PARAMETERS}", "composer.json": composer}
    files |= {"composer.lock": lock} if lock else {}
    found = [each for each in phpstan.resolves(project(files)) if each.state != "holds"]
    assert [each.severity.value if each.severity else "error" for each in found] == ([expected] if expected else [])


def test_packages_without_a_composer_json_are_one_note() -> None:
    includes = "includes:\n\t- vendor/a/b/x.neon\n\t- vendor/c/d/y.neon\n"
    (found,) = (each for each in phpstan.resolves(project({"phpstan.neon": includes})) if each.state != "holds")
    assert found.message == "`a/b` must be installed for this, and no `composer.json` says that it is"
    assert [note.message for note in found.notes] == ["so must `c/d`"]


# -- level --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("neon", "expected"),
    [
        pytest.param("parameters:\n\tpaths: [app]\n", ("broken", "parameters", "`phpstan.neon` sets no `level`"), id="none"),
        pytest.param("parameters:\n\tlevel: 4\n", ("broken", "4", "the level is 4, below 5"), id="low"),
        pytest.param("parameters:\n\tlevel: max\n", None, id="max"),
        pytest.param("includes: [vendor/phpstan/phpstan/conf/config.level6.neon]\n", None, id="by include"),
        pytest.param(
            "includes: [vendor/acme/standard/phpstan.neon]\n",
            (
                "undecided",
                "vendor/acme/standard/phpstan.neon",
                "`vendor/acme/standard/phpstan.neon` is not in the repository, and may set the level",
            ),
            id="perhaps by an unseen include",
        ),
        pytest.param("includes: [vendor/larastan/larastan/extension.neon]\nparameters: {level: 5}", None, id="five"),
        pytest.param("includes: [gone.neon]\n", None, id="the missing include is told by another rule"),
    ],
)
def test_level(neon: str, expected: tuple[str, str, str] | None) -> None:
    found = phpstan.level_at_least(project({"phpstan.neon": neon}), level=5)
    assert told(list(found)) == ([expected] if expected else [])


def test_a_level_that_only_a_run_tells_is_undecided() -> None:
    files = {"phpstan.neon": PARAMETERS, ".github/workflows/ci.yml": workflow("vendor/bin/phpstan --level=$LEVEL")}
    found = told(list(phpstan.level_at_least(project(files), level=5)))
    assert found == [("undecided", "--level=$LEVEL", "`--level=$LEVEL` is known only when PHPStan runs")]


def test_a_configuration_that_could_not_be_read_lacks_nothing_for_certain() -> None:
    files = project({"composer.json": LARAVEL, "phpstan.neon": "parameters:\n\tlevel: [5\n"})
    unread = ("undecided", "", "PHPStan refuses this, so what the configuration lacks is not known")
    assert told(list(phpstan.level_at_least(files, level=5))) == [unread]
    assert told(list(phpstan.is_installed(files))) == [unread]


def test_without_any_phpstan_there_is_nothing_about_a_level() -> None:
    assert not list(phpstan.level_at_least(project({"composer.json": "{}"}), level=5))


# -- installed ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"composer.json": '{"require-dev": {"phpstan/phpstan-strict-rules": "*"}}'}, [], id="by an extension"),
        pytest.param({"composer.json": '{"require-dev": {"rector/rector": "*"}}'}, ["lacks `phpstan/phpstan`"], id="rector"),
        pytest.param(
            {"composer.json": "{}", "tools/composer.json": '{"require": {"phpstan/phpstan": "*"}}'}, [], id="a tool"
        ),
        pytest.param(
            {"composer.json": '{"require": {"laravel/framework": "*"}, "require-dev": {"phpstan/phpstan": "*"}}'},
            ["lacks `larastan/larastan`"],
            id="no larastan",
        ),
        pytest.param({"composer.json": LARAVEL, "packages/blog/composer.json": "{}"}, [], id="a module is no application"),
    ],
)
def test_installed(files: Files, expected: list[str]) -> None:
    found = [each.message for each in phpstan.is_installed(project(files)) if each.state != "holds"]
    assert [message.removeprefix("`require-dev` ") for message in found] == expected


def test_larastan_is_included_from_where_it_is_installed() -> None:
    old = LARAVEL.replace("larastan/larastan", "nunomaduro/larastan")
    (found,) = (each for each in phpstan.is_installed(project({"composer.json": old, "phpstan.neon": "parameters: {level: 5}"})) if each.state == "broken")
    assert "does not include `vendor/nunomaduro/larastan/extension.neon`" in found.message


# -- baselines and ignores ----------------------------------------------------------------------------------------


def test_a_package_with_baseline_in_its_name_is_no_baseline() -> None:
    include = "includes: [vendor/shipmonk/phpstan-baseline-per-identifier/extension.neon]\n"
    assert not told(list(baselines.included(project({"phpstan.neon": include}))))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("parameters:\r\n  level: 5\r\n", id="CRLF and two spaces"),
        pytest.param("includes:\n    - a.neon", id="no line break at the end"),
        pytest.param("includes: []\nparameters:\n\tlevel: 5\n", id="an empty list"),
        pytest.param("", id="an empty file"),
    ],
)
def test_the_fix_includes_the_baseline(content: str) -> None:
    baseline = "parameters:\n\tignoreErrors: []\n"
    files = {"phpstan.neon": content, "phpstan-baseline.neon": baseline, "a.neon": ""}
    (found,) = (each for each in baselines.included(project(files)) if each.state == "broken")
    assert found.fix is not None
    assert found.fix.safe
    mended = {**files, "phpstan.neon": edited(content, found.fix.edits)}
    assert ("\r\n" in mended["phpstan.neon"]) == ("\r\n" in content)
    assert mended["phpstan.neon"].count("\n") == mended["phpstan.neon"].count("\r\n") or "\r\n" not in content
    assert not told(list(baselines.included(project(mended))))
    assert not told(list(phpstan.resolves(project(mended))))


@pytest.mark.parametrize(
    ("entry", "is_blanket"),
    [
        ("'#.*#'", True),
        ("'~^.+$~'", True),
        ("'##'", True),
        (r"'#^[\s\S]*?$#i'", True),
        ("'{(.*)}'", True),
        ("{message: '#.*#', path: app/Legacy/*}", True),
        ("{identifier: argument.type}", True),
        ("{message: '#.*#', identifier: argument.type, path: app/A.php}", False),
        ("{identifier: argument.type, path: app/A.php}", False),
        ("{identifier: missingType.generics}", False),
        ("'#Call to an undefined method#'", True),
        ("'#^Call to an undefined method .*$#'", True),
        (r"'#^Call to an undefined method App\\A::b\(\)\.$#'", False),
        (r"'#\.#'", False),
        ("'#^$#'", False),
        ("'#(((((((((((((((((((((((((((((((((((((((((((((((((((x#'", False),
    ],
)
def test_blanket_ignores(entry: str, is_blanket: bool) -> None:
    neon = f"parameters:\n\tignoreErrors:\n\t\t- {entry}\n"
    found = ignores.never_blanket(
        project({"phpstan.neon": neon}), identifiers=("argument.type",), messages=("Call to an undefined method",)
    )
    assert [each.state for each in found] == (["broken"] if is_blanket else ["holds"])


# -- scope --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "files", "expected"),
    [
        pytest.param("paths: [app]", {"config/a.php": ""}, ["`config` is not analysed"], id="left out"),
        pytest.param("paths: [.]", {"config/a.php": ""}, [], id="all of it"),
        pytest.param("paths: [app]", {"config/a.yaml": ""}, [], id="no PHP"),
        pytest.param(
            "paths: [app, config]\n\texcludePaths: [config/*]", {"config/a.php": ""}, ["`config` is not analysed"], id="excluded"
        ),
        pytest.param("level: 5", {}, ["`phpstan.neon` names no `paths`, and no command line does"], id="no paths"),
        pytest.param("level: 5", {".github/workflows/ci.yml": workflow("phpstan analyse app")}, [], id="on the command line"),
    ],
)
def test_what_is_analysed(lines: str, files: Files, expected: list[str]) -> None:
    given = {"composer.json": LARAVEL, "phpstan.neon": f"parameters:\n\t{lines}\n", "app/A.php": "", **files}
    found = scope.covers(project(given), package="laravel/framework", folders=("app", "config"))
    assert [each.message for each in found if each.state != "holds"] == expected


@pytest.mark.parametrize(
    ("exclude", "expected"),
    [
        ("app/Old", "broken"),
        ("app/Old (?)", None),
        ("app/Old/*", None),
        ("vendor", None),
        ("storage/logs", "undecided"),
        ("app/A.php", None),
    ],
)
def test_excluded_paths_exist(exclude: str, expected: str | None) -> None:
    neon = f"parameters:\n\tpaths: [app]\n\texcludePaths:\n\t\t- {exclude}\n"
    files = {"phpstan.neon": neon, "app/A.php": "", ".gitignore": "/vendor\n/storage/*\n", "composer.json": "{}"}
    assert [each[0] for each in told(list(scope.exist(project(files))))] == ([expected] if expected else [])


def test_a_tree_without_php_says_nothing_about_paths() -> None:
    found = told(list(scope.exist(project({"phpstan.neon": PARAMETERS}))))
    assert found == [("undecided", "paths", "there is no PHP in this tree, so whether paths exist cannot be seen")]
