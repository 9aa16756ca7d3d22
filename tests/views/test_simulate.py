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


@pytest.mark.parametrize("name", ["text", "markdown"])
def test_people_read_it_too(name: str) -> None:
    said = render(DEPLOY, PROJECT, Policy(), job="deploy", format_name=name, color=False, width=140)
    assert "what goes wrong" in said
    assert "actions/checkout@v4" in said


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
