"""What runs in continuous integration: triggers, filters, calls, and what always reports."""

from __future__ import annotations

import pytest

from opslint.checks import gates, scripts, verdicts, versions
from opslint.files import Memory
from opslint.finding import Verdict
from opslint.model.project import Project

CI = ".github/workflows/ci.yml"
COMPOSER = '{"require": {"php": "^8.3"}, "require-dev": {"phpunit/phpunit": "^11.0"}}'
BOTH = "{push: {branches: [main]}, pull_request: {}}"


def workflow(on: str = BOTH, run: str = "vendor/bin/phpstan analyse", job: str = "", step: str = "") -> str:
    lines = [f"on: {on}", "jobs:", "  phpstan:", "    runs-on: ubuntu-latest"]
    lines += [f"    {line}" for line in job.splitlines()]
    lines += ["    steps:", f"      - run: {run}"]
    lines += [f"        {line}" for line in step.splitlines()]
    return "\n".join(lines) + "\n"


def project(content: str, **files: str) -> Project:
    named = {path.replace("__", "/"): text for path, text in files.items()}
    return Project(Memory({CI: content, "composer.json": COMPOSER, **named}))


def runs(content: str, **files: str) -> list[Verdict]:
    return list(gates.runs(project(content, **files), act="analyse", name="PHPStan"))


def states(found: list[Verdict]) -> list[str]:
    return [verdict.state for verdict in found]


# -- runs ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param(BOTH, "holds", id="both"),
        pytest.param("[push, pull_request]", "holds", id="without filters"),
        pytest.param("{push: {branches: [develop]}, pull_request: {}}", "holds", id="a main branch of another name"),
        pytest.param("{push: {branches: [12.x]}, pull_request: {}}", "holds", id="a branch for a version"),
        pytest.param("{push: {branches: ['**']}, pull_request: {}}", "holds", id="every branch"),
        pytest.param("{push: {branches: ['*', '!main', '!master']}, pull_request: {}}", "broken", id="but main"),
        pytest.param("{push: {branches: ['feature/*']}, pull_request: {}}", "broken", id="features only"),
        pytest.param("{push: {branches-ignore: ['dependabot/**']}, pull_request: {}}", "holds", id="all but some"),
        pytest.param("{push: {tags: ['v*']}, pull_request: {}}", "broken", id="tags only"),
        pytest.param("{push: {tags: ['v*'], branches: [main]}, pull_request: {}}", "holds", id="tags and branches"),
        pytest.param("{push: {}, pull_request: {types: [closed]}}", "broken", id="closed only"),
        pytest.param("{push: {}, pull_request: {types: [opened, synchronize]}}", "holds", id="the types that matter"),
        pytest.param("{push: {}, pull_request: {branches: [main]}}", "holds", id="into main"),
        pytest.param("{push: {}, pull_request: {branches: ['release/**']}}", "broken", id="into releases only"),
        pytest.param("{push: {}, pull_request: {paths: ['app/**']}}", "holds", id="where PHP changes"),
        pytest.param("{push: {}, pull_request: {paths: ['**.md']}}", "broken", id="where no PHP changes"),
        pytest.param("{push: {}, pull_request: {paths-ignore: ['**.php']}}", "broken", id="where all but PHP changes"),
        pytest.param("{push: {}, pull_request_target: {}}", "holds", id="pull_request_target"),
        pytest.param("{merge_group: {}, pull_request: {}}", "holds", id="the merge queue is a push"),
        pytest.param("{schedule: [{cron: '0 4 * * *'}]}", "broken", id="at night"),
        pytest.param("workflow_call", "broken", id="that nobody calls"),
    ],
)
def test_runs_on_pull_requests_and_pushes(on: str, expected: str) -> None:
    assert states(runs(workflow(on))) == [expected]


@pytest.mark.parametrize(
    ("run", "files"),
    [
        pytest.param("composer check", {"composer.json": '{"scripts": {"check": "phpstan analyse"}}'}, id="composer"),
        pytest.param("make check", {"Makefile": "check:\n\tvendor/bin/phpstan\n"}, id="make"),
        pytest.param("npm test", {"package.json": '{"scripts": {"test": "vendor/bin/phpstan"}}'}, id="npm test"),
        pytest.param("yarn stan", {"package.json": '{"scripts": {"stan": "vendor/bin/phpstan"}}'}, id="yarn"),
        pytest.param("pnpm run a", {"package.json": '{"scripts": {"a": "npm run b", "b": "phpstan"}}'}, id="nested"),
        pytest.param("bin/check.sh", {"bin/check.sh": "#!/bin/sh\nvendor/bin/phpstan\n"}, id="a script"),
    ],
)
def test_calls_are_followed(run: str, files: dict[str, str]) -> None:
    assert states(runs(workflow(run=run), **files)) == ["holds"]


def test_npm_install_runs_no_script_of_that_name() -> None:
    package = '{"scripts": {"install": "vendor/bin/phpstan"}}'
    assert states(runs(workflow(run="npm install"), **{"package.json": package})) == ["broken"]


@pytest.mark.parametrize(
    "run",
    [
        pytest.param("vendor/bin/grumphp run", id="a task runner with a format of its own"),
        pytest.param("./ci.sh", id="a script that is not here"),
        pytest.param("make check", id="a target that is not here"),
    ],
)
def test_what_is_not_to_be_seen_is_undecided(run: str) -> None:
    (verdict,) = runs(workflow(run=run))
    assert verdict.state == "undecided"
    assert "acts: {analyse:" in verdict.hint


def test_scaffold_joins_the_last_job() -> None:
    (verdict,) = runs("on: [push, pull_request]\njobs:\n  tests:\n    runs-on: x\n    steps: [{run: phpunit}]\n")
    assert verdict.fix is not None
    assert not verdict.fix.safe
    assert verdict.fix.edits[0].replacement.startswith("\n\n  phpstan:\n    runs-on: ubuntu-latest\n")


def test_no_scaffold_where_jobs_are_not_the_last_of_the_file() -> None:
    (verdict,) = runs("jobs:\n  tests:\n    steps: [{run: phpunit}]\non: [push, pull_request]\n")
    assert verdict.fix is None


@pytest.mark.parametrize(
    ("composer", "expected"),
    [
        pytest.param('{"require-dev": {"pestphp/pest": "^3"}}', ["broken"], id="it has a suite"),
        pytest.param('{"require": {"php": "^8.3"}}', [], id="it shows none"),
    ],
)
def test_tests_are_asked_of_who_has_them(composer: str, expected: list[str]) -> None:
    files = Memory({CI: workflow(run="npm ci"), "composer.json": composer})
    assert states(list(gates.runs(Project(files), act="test", name="the test suite"))) == expected


# -- always_report ------------------------------------------------------------------------------------------------------


def reports(content: str, **files: str) -> list[str]:
    return states(list(gates.always_report(project(content, **files), act="analyse", name="PHPStan")))


@pytest.mark.parametrize(
    ("on", "job", "expected"),
    [
        pytest.param(BOTH, "", ["holds"], id="plain"),
        pytest.param("{pull_request: {paths: [app/**]}}", "", ["broken"], id="paths"),
        pytest.param("{pull_request: {paths: ['**']}}", "", ["holds"], id="paths that let all through"),
        pytest.param("{push: {paths: [app/**]}, pull_request: {}}", "", ["holds"], id="paths of the push"),
        pytest.param("push", "", [], id="no pull request: another rule"),
        pytest.param(BOTH, "if: github.actor != 'dependabot[bot]'", ["holds"], id="sometimes false"),
        pytest.param(BOTH, "if: github.event_name != 'pull_request'", ["broken"], id="always false"),
        pytest.param(BOTH, "if: false", ["broken"], id="switched off"),
    ],
)
def test_check_always_reports(on: str, job: str, expected: list[str]) -> None:
    assert reports(workflow(on, job=job)) == expected


# -- reach_the_check ----------------------------------------------------------------------------------------------------


def reached(content: str, never_with: tuple[str, ...] = (), named: tuple[str, ...] = (), **files: str) -> list[str]:
    found = verdicts.reach_the_check(
        project(content, **files), act="analyse", name="PHPStan", never_with=never_with, gates=named
    )
    return states(list(found))


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        pytest.param("phpstan", ["holds"], id="plain"),
        pytest.param("phpstan || exit 1", ["holds"], id="another status"),
        pytest.param("phpstan && echo ok || grep ERROR phpstan.log", ["broken"], id="grep decides"),
        pytest.param("if ! phpstan; then echo errors; fi", ["broken"], id="asked and told, no more"),
        pytest.param("phpstan | tee log; test ${PIPESTATUS[0]} -eq 0", ["holds"], id="PIPESTATUS is tested"),
        pytest.param("phpstan | tee log; echo; exit ${PIPESTATUS[0]}", ["undecided"], id="PIPESTATUS too late"),
        pytest.param("phpstan & wait", ["broken"], id="in the background"),
        pytest.param("echo $(phpstan)", ["broken"], id="in a substitution"),
        pytest.param("phpstan | reviewdog -fail-level=none", ["broken"], id="a filter that never fails"),
        pytest.param("phpstan | reviewdog -fail-on-error=true", ["holds"], id="a filter that fails"),
        pytest.param("phpstan > log.xml || true; cs2pr log.xml", ["holds"], id="a reader of the report"),
        pytest.param("phpstan || true; phpcs | cs2pr", ["broken"], id="the report of somebody else"),
        pytest.param("phpstan || true; ./judge.sh", ["undecided"], id="a judge that is not here"),
        pytest.param("./prepare.sh; phpstan", ["holds"], id="what is not here comes before"),
    ],
)
def test_exit_code_reaches_the_check(run: str, expected: list[str]) -> None:
    assert reached(workflow(run=f"'{run}'")) == expected


def test_schedule_is_no_gate() -> None:
    assert reached(workflow("{schedule: [{cron: '0 4 * * *'}]}", run="phpstan || true")) == []


def test_option_that_never_fails_is_a_parameter() -> None:
    content = workflow(run="phpstan --generate-baseline")
    assert reached(content) == ["holds"]
    assert reached(content, never_with=("--generate-baseline",)) == ["broken"]


def test_gate_is_known_by_what_it_does_or_by_name() -> None:
    after = "  wrap-up:\n    needs: phpstan\n    if: always()\n    steps: [{run: bin/tell}]\n"
    assert reached(workflow() + after) == ["holds"]
    assert reached(workflow() + after, named=("wrap-up",)) == ["holds", "broken"]


def test_deployment_is_no_gate() -> None:
    after = "  deploy:\n    needs: phpstan\n    steps: [{run: ssh shop 'git pull'}]\n"
    assert reached(workflow() + after) == ["holds"]


def test_report_beside_a_verdict_may_fail_unseen() -> None:
    report = "      - run: phpstan analyse --error-format=json > report.json || true\n"
    assert reached(workflow(run="phpstan analyse") + report) == ["holds"]
    assert reached(workflow(run="phpstan analyse app") + report) == ["holds", "broken"]


# -- other claims -------------------------------------------------------------------------------------------------------


def matched(version: str, required: str, **files: str) -> list[str]:
    setup = f"      - uses: shivammathur/setup-php@v2\n        with: {version}\n"
    content = workflow(run="vendor/bin/phpunit") + setup
    named = {"composer.json": f'{{"require": {{"php": "{required}"}}}}', **files}
    return states(list(versions.match_composer(project(content, **named))))


@pytest.mark.parametrize(
    ("version", "required", "expected"),
    [
        pytest.param("{php-version: '8.3'}", "^8.3", ["holds"], id="the lowest"),
        pytest.param("{php-version: 8.3}", "^8.3", ["holds"], id="a number"),
        pytest.param("{php-version: '8.4'}", "^8.3", ["broken"], id="not the lowest"),
        pytest.param("{php-version: 8.0}", "^8.0", ["broken"], id="8.0 is 8"),
        pytest.param("{php-version: '8.3.4'}", "8.3.2", ["broken"], id="another patch"),
        pytest.param("{php-version: latest}", ">=8.5", ["holds"], id="latest"),
        pytest.param("{php-version: nightly}", "^8.3", ["holds"], id="nightly says nothing"),
        pytest.param("{php-version: '${{ needs.a.outputs.php }}'}", "^8.3", ["undecided"], id="known by a run only"),
        pytest.param("{php-version-file: .php-version}", "^8.3", ["holds"], id="from a file"),
        pytest.param("{coverage: none}", "^8.3", [], id="no version is said"),
        pytest.param("{php-version: '8.3'}", "some nonsense", [], id="a requirement that cannot be read"),
    ],
)
def test_versions_match(version: str, required: str, expected: list[str]) -> None:
    assert matched(version, required, **{".php-version": "8.3\n"}) == expected


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        pytest.param("composer run stan", ["holds"], id="a script"),
        pytest.param("composer run -d . stan", ["holds"], id="an option with a value before it"),
        pytest.param("composer run-script sten", ["broken"], id="misspelt"),
        pytest.param("composer run other", ["holds"], id="an alias"),
        pytest.param("composer run --list", [], id="a list"),
        pytest.param("composer run $NAME", [], id="known by a run only"),
    ],
)
def test_scripts_exist(run: str, expected: list[str]) -> None:
    composer = '{"scripts": {"stan": "phpstan"}, "scripts-aliases": {"stan": ["other"]}}'
    found = scripts.exist_in_composer(project(workflow(run=run), **{"composer.json": composer}))
    assert states(list(found)) == expected


@pytest.mark.parametrize(
    ("option", "states"),
    [
        pytest.param("", {"holds"}, id="no format"),
        pytest.param("--error-format=github", {"holds"}, id="one of PHPStan's own fails"),
        pytest.param("--error-format=ticketswap", {"undecided"}, id="a formatter gives the exit code"),
    ],
)
def test_an_unknown_error_format_is_undecided(option: str, states: set[str]) -> None:
    workflow = f"on: [push, pull_request]\njobs:\n  phpstan:\n    runs-on: ubuntu-latest\n    steps:\n      - run: vendor/bin/phpstan analyse {option}\n"
    files = Memory({".github/workflows/ci.yml": workflow, "composer.json": "{}"})
    found = verdicts.reach_the_check(Project(files), act="analyse", name="PHPStan", formats=("table", "github"))
    assert {verdict.state for verdict in found} == states
