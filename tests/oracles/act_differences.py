"""Where `act` is known to answer otherwise than GitHub's own runner, each with the least workflow that shows it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.oracles.act_oracle import MAIN


@dataclass(frozen=True)
class Difference:
    """One thing that act does in its own way, and on whose word we do it in another."""

    fact: str  # number in the list of facts of how workflows run
    authority: str  # what says so: a file of actions/runner, a page of GitHub's documentation, an issue
    text: str  # the jobs
    act: str  # its course
    ours: tuple[str, ...]  # every course that the simulation finds
    jobs: tuple[str, ...] = ("a",)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def repository(self) -> dict[str, str]:
        jobs = textwrap.indent(textwrap.dedent(self.text).strip(), "  ")
        return {MAIN: f"name: main\non: push\njobs:\n{jobs}\n", **self.files}


def _action(steps: str) -> dict[str, str]:
    written = textwrap.indent(textwrap.dedent(steps).strip(), "    ")
    return {".github/actions/x/action.yml": f"name: x\ndescription: x\nruns:\n  using: composite\n  steps:\n{written}\n"}


_USES = """
    a:
      runs-on: ubuntu-latest
      steps:
        - uses: actions/checkout@v4
        - run: work a.1 {0}
        - uses: ./.github/actions/x
          if: {1}
        - run: work a.9 0
          if: always()
    """

DIFFERENCES: Mapping[str, Difference] = {
    "an error in a condition ends the action": Difference(
        "S8",
        "actions/runner CompositeActionHandler.cs: `break` behind `conditionEvaluateError`",
        _USES.format(0, "success()"),
        "a: a.1 a.3 a.9 = failure; run = failure",
        ("a: a.1 a.9 = failure; run = failure",),
        files=_action("""
            - run: work a.2 0
              shell: bash
              if: fromJSON('{') == 1
            - run: work a.3 0
              shell: bash
              if: always()
            """),
    ),
    "a cancelled step is no failed one": Difference(
        "S11",
        "actions/runner ExecutionContext.cs: `ApplyContinueOnError` looks at Failed alone",
        """
        a:
          runs-on: ubuntu-latest
          steps:
            - {id: m, run: work a.1 cut, continue-on-error: true}
            - {run: work a.2 0, if: "always() && steps.m.outcome == 'failure'"}
            - {run: work a.3 0, if: "always() && steps.m.conclusion == 'success'"}
        """,
        "a: a.1 a.2 a.3 = success; run = success",
        ("a: a.1 = cancelled; run = cancelled",),
    ),
    "a step does not see itself": Difference(
        "S13",
        "actions/runner ExecutionContext.cs: `steps.<id>` is set by `Complete`",
        """
        a:
          runs-on: ubuntu-latest
          steps:
            - {id: m, run: work a.1 0, if: "steps.m.outcome == 'success'"}
            - {run: work a.2 0}
        """,
        "a: a.1 a.2 = success; run = success",
        ("a: a.2 = success; run = success",),
    ),
    "a step without an id is not among the steps": Difference(
        "S13",
        "actions/runner ExecutionContext.cs: `UpdateGlobalStepsContext` passes over names that begin with `__`",
        """
        a:
          runs-on: ubuntu-latest
          steps:
            - {run: work a.1 1, continue-on-error: true}
            - {run: work a.2 0, if: "contains(steps.*.outcome, 'failure')"}
        """,
        "a: a.1 a.2 = success; run = success",
        ("a: a.1 = success; run = success",),
    ),
    "a cancelled job is no failed one": Difference(
        "S17",
        "actions/runner StepsRunner.cs: the result of the job is Canceled at once",
        """
        a:
          runs-on: ubuntu-latest
          steps: [{run: work a.1 cut}]
        b:
          runs-on: ubuntu-latest
          needs: a
          if: always() && needs.a.result == 'failure'
          steps: [{run: work b.1 0, if: always()}]
        """,
        "a: a.1 = failure; b: b.1 = success; run = failure",
        ("a: a.1 = cancelled; b: = cancelled; run = cancelled",),
        jobs=("a", "b"),
    ),
    "a job that begins after a cancel has succeeded so far": Difference(
        "S9",
        "actions/runner StepsRunner.cs: the status of a job begins as Succeeded",
        """
        a:
          runs-on: ubuntu-latest
          steps: [{run: work a.1 cut}]
        b:
          runs-on: ubuntu-latest
          needs: a
          if: always()
          steps: [{run: work b.1 0}, {run: work b.2 0, if: cancelled()}]
        """,
        "a: a.1 = failure; b: b.2 = success; run = failure",
        ("a: a.1 = cancelled; b: b.1 = success; run = cancelled",),
        jobs=("a", "b"),
    ),
    "in an action the inner step alone decides whether a cancel cuts it": Difference(
        "S17",
        "actions/runner ExecutionContext.cs: `CreateEmbeddedChild` shares no cancellation token",
        _USES.format(0, "success()"),
        "a: a.1 a.2 a.9 = failure; run = failure",
        ("a: a.1 a.2 a.3 a.4 a.9 = cancelled; run = cancelled",),
        files=_action("""
            - run: |
                work a.2 cut2
                work a.3 0
              shell: bash
              if: always()
            - run: work a.4 0
              shell: bash
              if: cancelled()
            """),
    ),
    "an action that begins after a cancel has succeeded so far": Difference(
        "S28",
        "actions/runner CompositeActionHandler.cs: `action_status` is that of the action",
        _USES.format("cut", "always()"),
        "a: a.1 a.9 = failure; run = failure",
        ("a: a.1 a.2 a.9 = cancelled; run = cancelled",),
        files=_action("- {run: work a.2 0, shell: bash}"),
    ),
    "the jobs after a cancel know of it": Difference(
        "S31",
        "docs.github.com, evaluate expressions: `cancelled()` is true if the workflow was canceled",
        """
        a:
          runs-on: ubuntu-latest
          steps: [{run: work a.1 cut}]
        b:
          runs-on: ubuntu-latest
          needs: a
          if: cancelled()
          steps: [{run: work b.1 0}]
        """,
        "a: a.1 = failure; b: = skipped; run = failure",
        ("a: a.1 = cancelled; b: b.1 = success; run = cancelled",),
        jobs=("a", "b"),
    ),
    "a job is forgiven": Difference(
        "S32",
        "docs.github.com, workflow syntax: `jobs.<job_id>.continue-on-error`; issue actions/toolkit#581",
        """
        a:
          runs-on: ubuntu-latest
          continue-on-error: true
          steps: [{run: work a.1 1}]
        b:
          runs-on: ubuntu-latest
          needs: a
          steps: [{run: work b.1 0}]
        """,
        "a: a.1 = failure; b: = skipped; run = failure",
        ("a: a.1 = failure; b: b.1 = success; run = success",),
        jobs=("a", "b"),
    ),
    "a leg that fails stops the others": Difference(
        "S33",
        "docs.github.com, workflow syntax: `jobs.<job_id>.strategy.fail-fast`",
        """
        a:
          runs-on: ubuntu-latest
          strategy: {max-parallel: 1, matrix: {leg: [1, 2]}}
          steps: [{run: work a.1 1 0}]
        """,
        "a: a.1 a.1 = failure; run = failure",
        ("a: a.1 = failure; run = failure", "a: a.1 a.1 = failure; run = failure"),
    ),
    "a called workflow that fails is a job that failed": Difference(
        "S35",
        "docs.github.com, reuse workflows: a called workflow is a job of its caller",
        """
        a:
          uses: ./.github/workflows/a.yml
        b:
          runs-on: ubuntu-latest
          needs: a
          if: failure()
          steps: [{run: work b.1 0}]
        """,
        "a/x: a/x.1 = failure; b: = skipped; run = failure",
        ("a/x: a/x.1 = failure; b: b.1 = success; run = failure",),
        jobs=("a/x", "b"),
        files={
            ".github/workflows/a.yml": "name: a\non: workflow_call\njobs:\n  x:\n    runs-on: ubuntu-latest\n"
            "    steps: [{run: work a/x.1 1}]\n"
        },
    ),
}
