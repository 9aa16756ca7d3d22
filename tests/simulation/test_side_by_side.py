"""Jobs that run side by side: played in every order, and what that does not show is not decided."""

from __future__ import annotations

import pytest

from opslint.checks import order
from opslint.files import Memory
from opslint.finding import Verdict
from opslint.model.project import Project
from tests.simulation.played import begun, courses, program

THREE = """
on: push
jobs:
  a: {runs-on: x, steps: [{run: php artisan down}]}
  b: {runs-on: x, steps: [{run: php artisan migrate}]}
  c: {runs-on: x, steps: [{run: php artisan up}]}
"""


def test_three_jobs_have_six_orders() -> None:
    a, b, c = "php artisan down", "php artisan migrate", "php artisan up"
    found = {tuple(begun(run)) for run in courses(program(THREE), 0)}
    assert found == {(a, b, c), (a, c, b), (b, a, c), (b, c, a), (c, a, b), (c, b, a)}


def test_what_does_nothing_to_production_has_one_place() -> None:
    made = program(THREE.replace("php artisan migrate", "make").replace("php artisan up", "make lint"))
    assert len({tuple(begun(run)) for run in courses(made, 0)}) == 1


def test_needs_leave_no_choice() -> None:
    made = program(THREE.replace("b: {", "b: {needs: a, ").replace("c: {", "c: {needs: b, "))
    assert len({tuple(begun(run)) for run in courses(made, 0)}) == 1


DEPLOY = """
on: push
jobs:
  deploy:
    runs-on: x
    steps:
      - run: ssh h 'php artisan down && php artisan migrate --force'
      - {run: ssh h 'php artisan up', if: always()}
  check:
    runs-on: x
    needs: deploy
    if: always()
    steps: [{run: ssh h 'php artisan up'}]
  warm:
    runs-on: x
    needs: deploy
    if: %s
    steps: [{run: ssh h 'php artisan down'}, {run: ssh h 'php artisan up', if: always()}]
"""


def judged(condition: str) -> list[Verdict]:
    project = Project(Memory({".github/workflows/deploy.yml": DEPLOY % condition}))
    return list(order.always_after(project, first=("maintenance-on",), then="maintenance-off", state="it stays down"))


def test_two_that_meddle_with_the_same_are_not_decided() -> None:
    (verdict,) = judged("always()")
    assert verdict.state == "undecided"
    assert verdict.message == "not every course was played: `check` and `warm` run side by side"
    assert verdict.hint == "let one of them need the other"


@pytest.mark.parametrize("condition", ["false", "${{ github.ref == 'x' && github.ref == 'y' }}"])
def test_two_that_never_run_in_one_course_do_not_matter(condition: str) -> None:
    assert [verdict.state for verdict in judged(condition)] == ["holds"]
