"""What can happen, whole: every course of the programs in fixtures/runs, the calmest first."""

from __future__ import annotations

from pathlib import Path

import pytest

from opslint.simulation.run import Run
from tests.simulation.played import courses, program, script

FOLDER = Path(__file__).parents[2] / "fixtures" / "runs"
CASES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".yml", ".sh"))


def told(run: Run) -> str:
    """A course as a story."""
    lines = [f"{run.mishap or 'nothing goes wrong'}: {run.status}"]
    lines += [f"  where {assumption}" for assumption in run.assumptions]
    for event in run.course().events:
        lines.append(f"  {event.outcome:10}{event.command}" + (f"  ({event.because})" if event.because else ""))
    lines += [f"  {thing} is {state}" for thing, state in run.site.items()]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_every_course(path: Path, request: pytest.FixtureRequest) -> None:
    made = program(path.read_text()) if path.suffix == ".yml" else script(path.read_text())
    found = "\n".join(told(run) for run in courses(made))
    expected = path.with_suffix(".runs")
    if request.config.getoption("--regenerate"):
        expected.write_text(found)
    assert found == expected.read_text()
