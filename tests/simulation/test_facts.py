"""How GitHub runs steps and jobs: the tables of conditions and situations, row by row and column by column."""

from __future__ import annotations

import pytest

from opslint.simulation.run import Run
from tests.simulation.played import course, courses, program, ran

# A step later in the same job: does it run? Columns: all ok, an earlier step failed, failed with continue-on-error,
# timed out by its own timeout, by the job's, the run cancelled, failed and then cancelled, the runner lost.
STEPS = {
    "": "R-R-----",
    "success()": "R-R-----",
    "failure()": "-R-R----",
    "always()": "RRRRRRR-",
    "cancelled()": "----RRR-",
    "!cancelled()": "RRRR----",
    "!success()": "-R-RRRR-",
    "!failure()": "R-R-RRR-",
    "success() || failure()": "RRRR----",
    "failure() || cancelled()": "-R-RRRR-",
    "steps.m.outcome == 'failure'": "--R-----",
    "failure() && steps.m.outcome == 'failure'": "-R-R----",
    "always() && steps.m.outcome != 'success'": "-RRRRRR-",
    "always() && steps.m.outcome == 'failure'": "-RRR--R-",
    "always() && steps.m.outcome != 'success' && steps.m.outcome != 'skipped'": "-RRRRRR-",
    "failure() && ${{ always() }}": "RRRRRRR-",
    "${{ always() }} ": "RRRRRRR-",
    "true && ${{ false }}": "R-R-----",
}
SITUATIONS = ("ok", "failed", "forgiven", "step late", "job late", "cancelled", "failed, cancelled", "lost")


def _steps(condition: str, situation: str) -> Run:
    settings = {"forgiven": "continue-on-error: true", "step late": "timeout-minutes: 5"}.get(situation, "name: work")
    between = "- {if: failure(), run: repair}" if situation == "failed, cancelled" else ""
    written = f'if: "{condition}"' if condition else "name: probe"
    made = program(f"""
        on: push
        jobs:
          deploy:
            runs-on: ubuntu-latest
            steps:
              - id: m
                run: work
                {settings}
              {between}
              - run: probe
                {written}
        """)
    match situation:
        case "ok":
            return course(made)
        case "failed" | "forgiven":
            return course(made, "`work` fails")
        case "step late" | "job late":
            return course(made, "`work` times out", because=f"the {situation.split()[0]} times out")
        case "cancelled":
            return course(made, "`work` is cancelled")
        case "lost":
            return course(made, "`work` loses its runner", survive="lost")
    return course(made, "`work` fails, then `repair` is cancelled", mishaps=2)


@pytest.mark.parametrize("column", range(len(SITUATIONS)), ids=SITUATIONS)
@pytest.mark.parametrize("condition", STEPS)
def test_step_runs(condition: str, column: int) -> None:
    assert ran(_steps(condition, SITUATIONS[column]), "probe") is (STEPS[condition][column] == "R")


# A job with `needs: deploy`: does it run? Columns: deploy ok, failed, failed with the job's continue-on-error, timed
# out, skipped, ok behind a skipped grand-parent, the run cancelled while it ran.
JOBS = {
    "": "R-R----",
    "success()": "R-R----",
    "failure()": "-R-----",
    "cancelled()": "------R",
    "always()": "RRRRRRR",
    "!cancelled()": "RRRRRR-",
    "!cancelled() && !failure()": "R-RRRR-",
    "needs.deploy.result == 'failure'": "-------",
    "failure() && needs.deploy.result == 'failure'": "-R-----",
    "always() && needs.deploy.result != 'success' && needs.deploy.result != 'skipped'": "-R-R--R",
    "!cancelled() && needs.deploy.result == 'success'": "R-R--R-",
}
NEEDS = ("ok", "failed", "forgiven", "late", "skipped", "grand-parent skipped", "cancelled")


def _jobs(condition: str, situation: str, result: str = "cancelled") -> Run:
    setting = {
        "forgiven": "continue-on-error: true",
        "skipped": "if: false",
        "grand-parent skipped": "if: always()",
    }.get(situation, "name: deploy")
    written = f'if: "{condition}"' if condition else "name: after"
    grand = "if: false" if situation == "grand-parent skipped" else "name: grand"
    made = program(f"""
        on: push
        jobs:
          grand:
            runs-on: ubuntu-latest
            {grand}
            steps: [{{run: before}}]
          deploy:
            runs-on: ubuntu-latest
            needs: grand
            {setting}
            steps: [{{run: work}}]
          after:
            runs-on: ubuntu-latest
            needs: deploy
            {written}
            steps: [{{run: probe}}]
        """)
    if situation == "late":
        late = (run for run in courses(made) if run.mishap == "`work` times out" and run.results["deploy"] == result)
        return next(late)
    mishap = {"failed": "fails", "forgiven": "fails", "cancelled": "is cancelled"}.get(situation)
    return course(made, f"`work` {mishap}" if mishap else "")


@pytest.mark.parametrize("column", range(len(NEEDS)), ids=NEEDS)
@pytest.mark.parametrize("condition", JOBS)
def test_job_runs(condition: str, column: int) -> None:
    assert ran(_jobs(condition, NEEDS[column]), "probe") is (JOBS[condition][column] == "R")


@pytest.mark.parametrize("condition", JOBS)
def test_job_runs_where_a_timeout_counts_as_a_failure(condition: str) -> None:
    """Sources disagree on what dependents see of a job that timed out (S31): both answers are played."""
    assert ran(_jobs(condition, "late", "failure"), "probe") is (JOBS[condition][NEEDS.index("failed")] == "R")
