"""The table of what can go wrong: one row for each mishap, in the order of the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opslint.policy import Policy
from opslint.views.simulate import NoDeploymentError, render

PROJECT = Path(__file__).parent.parent.parent / "fixtures" / "projects" / "mutuapix-after"
DEPLOY = ".github/workflows/deploy-backend.yml"


def table(path: str = DEPLOY, root: Path = PROJECT, job: str | None = None) -> list[dict[str, object]]:
    (deployment,) = json.loads(render(path, root, Policy(), job=job, format_name="json", color=False, width=100))
    rows: list[dict[str, object]] = deployment["rows"]
    return rows


def row(mishap: str) -> dict[str, object]:
    (found,) = [each for each in table() if each["mishap"] == mishap]
    return found


def test_the_calm_course_comes_first() -> None:
    calm = table()[0]
    assert (calm["mishap"], calm["result"], calm["rolled_back"]) == ("nothing", "success", False)
    assert calm["site"]["maintenance"] == "off"  # type: ignore[index]


def test_a_masked_migration_is_green() -> None:
    failed = row("`php artisan migrate --force` fails")
    assert (failed["result"], failed["rolled_back"]) == ("success", False)
    assert failed["site"]["schema"] == "half migrated"  # type: ignore[index]
    assert failed["place"] == f"{DEPLOY}:52:11"


def test_a_cancel_is_not_rolled_back_but_goes_up() -> None:
    cancelled = row("`git pull origin main` is cancelled")
    assert (cancelled["result"], cancelled["rolled_back"]) == ("cancelled", False)
    assert cancelled["then"] == ["maintenance-off"]


def test_a_failed_checkout_restores_an_old_backup() -> None:
    failed = row("`actions/checkout@v4` fails")
    assert failed["rolled_back"] is True
    assert "restore-database" in failed["then"]  # type: ignore[operator]


def test_rows_stand_in_the_order_of_the_file() -> None:
    lines = [int(str(each["place"]).split(":")[1]) for each in table() if each["place"]]
    assert lines == sorted(lines)


def test_markdown_is_one_table() -> None:
    said = render(DEPLOY, PROJECT, Policy(), job="deploy", format_name="markdown")
    assert said.startswith("### .github/workflows/deploy-backend.yml: jobs.deploy\n\n| what goes wrong | line |")
    assert "| `actions/checkout@v4` is cancelled | 12 | maintenance-off | maintenance off | no | cancelled |\n" in said


SCRIPT = """\
deploy.sh: deploy.sh

      nothing goes wrong: the script succeeds
        then  maintenance-on, update-code, maintenance-off
        site  maintenance off, code new

   2  php artisan down
      fails: the script fails
        then  nothing more
        site  maintenance perhaps on
      is cancelled: the script fails
        then  nothing more
        site  maintenance perhaps on or on

   3  git pull
      fails: the script fails
        then  nothing more
        site  maintenance on, code half new
      is cancelled: the script fails
        then  nothing more
        site  maintenance on, code half new or new

   4  php artisan up
      fails: the script fails
        then  nothing more
        site  maintenance on, code new
      is cancelled: the script fails
        then  nothing more
        site  maintenance on or off, code new
"""


def test_text_is_told_command_by_command(tmp_path: Path) -> None:
    (tmp_path / "deploy.sh").write_text("set -e\nphp artisan down\ngit pull\nphp artisan up\n")
    assert render("deploy.sh", tmp_path, Policy()) == SCRIPT


def test_commands_at_which_all_ends_alike_are_told_once(tmp_path: Path) -> None:
    (tmp_path / "deploy.sh").write_text("set -e\nmake a\nmake b\ngit pull\n")
    said = render("deploy.sh", tmp_path, Policy())
    assert "\n   2  make a\n   3  make b\n      fails or is cancelled: the script fails\n" in said


def test_a_lost_runner_and_a_job_that_does_not_begin_are_rows() -> None:
    assert row("`deploy` does not begin")["site"] == {}
    lost = row("`git pull origin main` loses its runner")
    assert (lost["then"], lost["result"]) == ([], "failure")
    assert lost["site"]["maintenance"] == "on"  # type: ignore[index]


def test_two_mishaps_in_one_run() -> None:
    said = render(DEPLOY, PROJECT, Policy(), mishaps=2, kinds=("cancel", "overrun"))
    assert "is cancelled, then `php artisan up` takes too long after the cancel: the job is cancelled\n" in said


def test_a_script_is_a_deployment(tmp_path: Path) -> None:
    (tmp_path / "deploy.sh").write_text("set -e\nphp artisan down\ngit pull\nphp artisan up\n")
    failed = [each for each in table("deploy.sh", tmp_path) if each["mishap"] == "`git pull` fails"]
    assert failed[0]["site"] == {"maintenance": "on", "code": "half new"}


@pytest.mark.parametrize(
    ("path", "job", "said"),
    [
        (".github/workflows/ci.yml", None, "holds no deployment; those of this project: .github/workflows/deploy-backend.yml"),
        (DEPLOY, "depoly", "`depoly` is no deployment of .github/workflows/deploy-backend.yml; there are deploy (did you mean `deploy`?)"),
    ],
)
def test_no_deployment_says_what_there_is(path: str, job: str | None, said: str) -> None:
    with pytest.raises(NoDeploymentError) as caught:
        render(path, PROJECT, Policy(), job=job, format_name="text", color=False, width=100)
    assert said in str(caught.value)


def test_no_secret_is_printed() -> None:
    for name in ("json", "markdown", "text"):
        said = render(DEPLOY, PROJECT, Policy(), job=None, format_name=name, color=False, width=400)
        assert "--secret=" in said
        assert "deploy-mutuapix-2025" not in said
