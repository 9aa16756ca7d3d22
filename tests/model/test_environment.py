"""Switches that a command is given by its environment."""

from __future__ import annotations

import pytest

from opslint.files import Memory
from opslint.model.environment import is_switched_on
from opslint.model.project import Project


def switched(run: str, step: str = "", job: str = "") -> bool:
    content = (
        f"on: push\njobs:\n  a:\n    runs-on: x\n    env: {{{job}}}\n    steps:\n"
        f"      - env: {{{step}}}\n        run: |\n          {run}\n"
    )
    project = Project(Memory({".github/workflows/w.yml": content}))
    command = next(each for each in project.commands() if each.words[0].value == "x")
    return is_switched_on(project, command, "A")


@pytest.mark.parametrize(
    ("run", "step", "job", "expected"),
    [
        pytest.param("x", "", "", False, id="nowhere"),
        pytest.param("A=1 x", "", "", True, id="before it"),
        pytest.param("A=0 x", "", "", False, id="off"),
        pytest.param("BA=1 x", "", "", False, id="another name"),
        pytest.param("sudo A=1 x", "", "", True, id="by sudo"),
        pytest.param("docker exec -e A=1 app x", "", "", True, id="by docker"),
        pytest.param("export A=true; x", "", "", True, id="exported"),
        pytest.param("x", "A: 1", "", True, id="by the step"),
        pytest.param("x", "", "A: true", True, id="by the job"),
        pytest.param("x", "A: 0", "A: 1", False, id="the step's wins"),
        pytest.param("ssh h x", "A: 1", "", False, id="not on another machine"),
        pytest.param("ssh h 'A=1 x'", "", "", True, id="there"),
    ],
)
def test_switch(run: str, step: str, job: str, expected: bool) -> None:
    assert switched(run, step, job) is expected
