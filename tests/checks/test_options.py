"""Options of commands: which exist in a version, which one of several is given, and all of those wanted."""

from __future__ import annotations

import pytest

from opslint.checks import commands, options
from opslint.files import Memory
from opslint.finding import Verdict
from opslint.fixes import edited
from opslint.model.project import Project

DOWN = {"--message": "-7", "--allow": "-7", "--retry": "-", "--secret": "8-", "--with-secret": "10-"}


def exist(line: str, requires: str | None = "^11.0", **changed: object) -> list[Verdict]:
    given = {"command": "php artisan down", "package": "laravel/framework", "options": DOWN, **changed}
    return list(options.exist(project(line, requires), **given))  # type: ignore[arg-type]


def project(line: str, requires: str | None) -> Project:
    files = {"deploy.sh": f"git pull\n{line}\n"}
    if requires is not None:
        files["composer.json"] = f'{{"require": {{"laravel/framework": "{requires}"}}}}'
    return Project(Memory(files))


def states(verdicts: list[Verdict]) -> list[str]:
    return [verdict.state for verdict in verdicts]


@pytest.mark.parametrize(
    ("line", "requires", "expected"),
    [
        pytest.param("php artisan down --message=x", "^11.0", "broken", id="gone since 8"),
        pytest.param("php artisan down --message=x", "^7.30", "holds", id="there until 7"),
        pytest.param("php artisan down --message=x", "^7.0|^8.0", "undecided", id="versions that disagree"),
        pytest.param("php artisan down --message=x", ">=6.0 <8.0", "holds", id="a bound that ends before 8"),
        pytest.param("php artisan down --message=x", ">=8", "broken", id="no upper bound"),
        pytest.param("php artisan down --message=x", "dev-master", "undecided", id="a version without a number"),
        pytest.param("php artisan down --message=x", None, "undecided", id="no composer.json"),
        pytest.param("php artisan down --with-secret", "^9.0", "broken", id="not there yet"),
        pytest.param("php artisan down --with-secret", "^10.0 || ^11.0", "holds", id="in all that are allowed"),
        pytest.param("php artisan down --retry=60", None, "holds", id="in all versions there are"),
        pytest.param("php artisan down --mesage=x", None, "broken", id="in no version"),
        pytest.param("php artisan down --no-interaction -q", "^11.0", "holds", id="of every command"),
        pytest.param("php artisan down", "^11.0", "holds", id="none given"),
        pytest.param('php artisan down "$OPTIONS"', "^11.0", "holds", id="not known before it runs"),
        pytest.param("php artisan down $X --message", "^11.0", "broken", id="behind what is not known"),
    ],
)
def test_option_is_judged_by_version(line: str, requires: str | None, expected: str) -> None:
    assert states(exist(line, requires)) == [expected]


def test_other_commands_are_not_judged() -> None:
    assert exist("php artisan up --message=x") == []
    assert states(exist("php artisan up --message=x", command="php artisan up")) == ["broken"]


def test_version_is_that_of_the_package() -> None:
    assert states(exist("php artisan down --message=x", package="laravel/lumen-framework")) == ["undecided"]


def test_options_are_those_of_the_page() -> None:
    assert states(exist("php artisan down --message=x", options={"--message": "-"})) == ["holds"]


def test_application_of_a_workflow_may_lie_in_a_folder() -> None:
    files = {
        "backend/composer.json": '{"require": {"laravel/framework": "^7.0"}}',
        "frontend/composer.json": '{"require": {"twig/twig": "^3"}}',
        "deploy.sh": "git pull\nphp artisan down --message=x\n",
    }
    found = options.exist(
        Project(Memory(files)), command="php artisan down", package="laravel/framework", options=DOWN
    )
    assert states(list(found)) == ["holds"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("php artisan down --message=x --retry=60", "php artisan down --retry=60", id="with its value"),
        pytest.param('php artisan down --message "We are back" || true', "php artisan down || true", id="value apart"),
        pytest.param("php artisan down --message --retry=60", "php artisan down --retry=60", id="no value"),
        pytest.param("php artisan down --retry=60 --allow=127.0.0.1", "php artisan down --retry=60", id="the last"),
    ],
)
def test_fix_takes_the_option_out(line: str, expected: str) -> None:
    (broken,) = [verdict for verdict in exist(line) if verdict.state == "broken"]
    assert broken.fix is not None
    assert not broken.fix.safe
    assert edited(f"git pull\n{line}\n", broken.fix.edits) == f"git pull\n{expected}\n"


def given(line: str, requires: str | None = "^11.0", **changed: object) -> list[Verdict]:
    params = {
        "command": "php artisan down",
        "package": "laravel/framework",
        "options": {"--secret": "8-", "--with-secret": "10-"},
        "why": "nobody gets in",
        **changed,
    }
    return list(options.one_given(project(line, requires), **params))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "requires", "expected"),
    [
        pytest.param("php artisan down", "^11.0", ["broken"], id="none"),
        pytest.param("php artisan down", None, ["broken"], id="none, and no version to be seen"),
        pytest.param("php artisan down --with-secret", "^11.0", ["holds"], id="the second"),
        pytest.param('php artisan down --secret="$S"', "^11.0", ["holds"], id="a value from a variable"),
        pytest.param("php artisan down", "^7.0", [], id="a version that has none of them"),
        pytest.param("php artisan up", "^11.0", [], id="another command"),
        pytest.param("php artisan down $DOWN", "^11.0", ["undecided"], id="not known before it runs"),
    ],
)
def test_one_of_several_is_given(line: str, requires: str | None, expected: list[str]) -> None:
    assert states(given(line, requires)) == expected


def test_message_names_what_the_version_has() -> None:
    assert given("php artisan down")[0].message == (
        "`php artisan down` has neither `--secret` nor `--with-secret`: nobody gets in"
    )
    assert given("php artisan down", "^9.0", why="x")[0].message == "`php artisan down` has no `--secret`: x"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"command": "php artisan up"}, id="command"),
        pytest.param({"package": "laravel/lumen-framework", "options": {"--other": "-"}}, id="options"),
    ],
)
def test_parameters_of_one_given_decide(changed: dict[str, object]) -> None:
    assert states(given("php artisan down --secret=$S")) == ["holds"]
    assert states(given("php artisan down --secret=$S", **changed)) != ["holds"]


def test_package_decides_which_options_there_are() -> None:
    assert states(given("php artisan down", "^7.0")) == []
    assert states(given("php artisan down", "^7.0", package="laravel/lumen-framework")) == ["broken"]


def installs(line: str, env: str = "", **changed: object) -> list[Verdict]:
    workflow = (
        "on: push\njobs:\n  deploy:\n    runs-on: self-hosted\n"
        f"    env: {{{env}}}\n    steps:\n      - run: |\n          git pull\n          {line}\n"
    )
    params = {
        "commands": ("composer install",),
        "options": {"--no-dev": "COMPOSER_NO_DEV", "--no-interaction": "COMPOSER_NO_INTERACTION"},
        "where": "deployment",
        **changed,
    }
    return list(
        commands.has_options(Project(Memory({".github/workflows/d.yml": workflow})), **params)  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("line", "env", "expected"),
    [
        pytest.param("composer install", "", "broken", id="neither"),
        pytest.param("composer install --no-dev", "", "broken", id="one of them"),
        pytest.param("composer install --no-dev -n", "", "holds", id="under its short name"),
        pytest.param("composer install $FLAGS", "", "undecided", id="not known before it runs"),
        pytest.param('composer install -d "$APP"', "", "broken", id="a value that is not known is no option"),
        pytest.param("composer install -no --no-dev", "", "holds", id="in a cluster"),
        pytest.param("COMPOSER_NO_DEV=1 composer install -n", "", "holds", id="before the command"),
        pytest.param("COMPOSER_NO_DEV=0 composer install -n", "", "broken", id="switched off"),
        pytest.param("env COMPOSER_NO_DEV=1 composer install -n", "", "holds", id="by env"),
        pytest.param("export COMPOSER_NO_DEV=1; composer install -n", "", "holds", id="exported"),
        pytest.param("composer install -n", "COMPOSER_NO_DEV: 1", "holds", id="of the job"),
        pytest.param("ssh h 'composer install -n'", "COMPOSER_NO_DEV: 1", "broken", id="that does not cross ssh"),
        pytest.param("echo composer install", "", None, id="only said"),
    ],
)
def test_all_options_are_given(line: str, env: str, expected: str | None) -> None:
    assert states(installs(line, env)) == ([expected] if expected else [])


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"commands": ("composer update",)}, id="commands"),
        pytest.param({"options": {"--no-dev": "X"}}, id="options"),
    ],
)
def test_parameters_of_has_options_decide(changed: dict[str, object]) -> None:
    assert states(installs("composer install --no-dev")) == ["broken"]
    assert states(installs("composer install --no-dev", **changed)) != ["broken"]


def test_outside_of_a_deployment_nothing_is_asked() -> None:
    files = {"setup.sh": "composer install\n"}
    wanted = {"--no-dev": "COMPOSER_NO_DEV"}
    for where, expected in (("deployment", []), ("anywhere", ["broken"])):
        found = commands.has_options(
            Project(Memory(files)),
            commands=("composer install",),
            options=wanted,
            where=where,  # type: ignore[arg-type]
        )
        assert states(list(found)) == expected


def test_fix_adds_what_is_missing() -> None:
    (broken,) = installs("composer install -n | tee log")
    assert broken.fix is not None
    assert broken.fix.safe
    assert broken.fix.edits[0].replacement == " --no-dev"
    assert broken.message == "`composer install` has no `--no-dev`"
