"""Workflows, broken in many small ways, and what GitHub's published parser has against them."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from opslint.model.workflow import read_workflow
from opslint.model.workflow_ids import id_flaws
from opslint.model.workflow_shape import flaws
from opslint.model.workflow_values import value_flaws
from opslint.source import Source
from opslint.syntax import yaml
from tests.oracles.expressions import available

DRIVER = Path(__file__).with_name("workflows.mjs")

_VALUES = (
    "",
    "~",
    "[]",
    "{}",
    "[a, b]",
    "{a: b}",
    "true",
    "yes",
    "10",
    "'10'",
    "1.5",
    "main",
    "''",
    "'a b'",
    "${{ github.ref }}",
    "${{ steps.x.outputs.y }}",
    "${{ secrets.TOKEN }}",
    "${{ env.NAME }}",
    "${{ needs.build.result }}",
    "${{ matrix.os }}",
    "${{ vars.A }}-${{ inputs.b }}",
    "${{ always() }}",
    "${{ hashFiles('**/x') }}",
    "${{ failure }}",
    "${{ nothing }}",
    "${{ }}",
    "${{ 'text' }}",
    "${{ fromJSON('[1]') }}",
    "${{ github.ref == }}",
    "${{ contains(github.ref) }}",
    '${{ github.ref == "main" }}',
    "${{ github.ref",
    "failure() && github.ref = 'x'",
    "success('build')",
)
_LINES = (
    "if: failure",
    "if: ${{ always() }}",
    "if: steps.x.outcome == 'failure'",
    "if: env.A == '1'",
    "if: secrets.A != ''",
    "timeout-minutes: '10'",
    "timeout-minutes: 10",
    "continue-on-error: 'yes'",
    "continue-on-error: ${{ matrix.x }}",
    "with: {a: b}",
    "env: {A: 1, B: [x]}",
    "env: {a: 1, A: 2}",
    "env: ${{ fromJSON('{}') }}",
    "shell: bash",
    "shell: ${{ matrix.shell }}",
    "working-directory: a",
    "uses: ./x",
    "run: echo",
    "id: a b",
    "id: __x",
    "id: one",
    "background: true",
    "background: 'yes'",
    "wait: one",
    "wait: [one, two]",
    "wait-all:",
    "wait-all: false",
    "cancel: one",
    "parallel: [{run: a}, {run: b}]",
    "parallel: [{run: a, background: true}]",
    "needs: build",
    "needs: [nobody]",
    "needs: {a: b}",
    "runs-on: ubuntu-latest",
    "runs-on: [self-hosted, x]",
    "runs-on: {group: a/b}",
    "runs-on: {group: org/b, labels: [c]}",
    "strategy: {matrix: {os: [a, b], include: [{os: c}]}}",
    "strategy: {matrix: {os: a}}",
    "strategy: {fail-fast: 'no'}",
    "strategy: {matrix: '${{ fromJSON(needs.a.outputs.b) }}', max-parallel: 1}",
    "permissions: write-all",
    "permissions: {contents: read, id-token: read}",
    "permissions: {contents: all}",
    "concurrency: x",
    "concurrency: {group: x, cancel-in-progress: true, queue: max}",
    "concurrency: {cancel-in-progress: true}",
    "concurrency: {group: '${{ github.ref }}', queue: all}",
    "environment: production",
    "environment: {url: x}",
    "environment: {name: x, url: '${{ steps.a.outputs.url }}'}",
    "container: node:20",
    "container: {image: '', env: {A: b}}",
    "container: {image: x, ports: [80], credentials: {username: a, password: '${{ secrets.A }}'}}",
    "services: {db: {image: 'mysql:8', ports: ['3306:3306']}}",
    "services: {db: {ports: [80]}}",
    "services: {db: 'x', entrypoint: y}",
    "outputs: {a: '${{ steps.x.outputs.y }}'}",
    "defaults: {run: {shell: bash}}",
    "defaults: {run: {shell: '${{ matrix.x }}'}}",
    "secrets: inherit",
    "secrets: {A: '${{ secrets.A }}'}",
    "snapshot: x",
    "cancel-timeout-minutes: 3",
    "name: ''",
    "run-name: ${{ github.actor }}",
    "run-name: ${{ needs.x }}",
    "on: push",
    "on: [push, pull_request]",
    "on: [pusch]",
    "on: {push: {branches: [main], branch: x}}",
    "on: {pull_request: {types: [opened, merged]}}",
    "on: {schedule: [{cron: '0 0 * * *'}]}",
    "on: {schedule: [{cron: '0 25 * * *'}]}",
    "on: {schedule: [{cron: '*/5 1-3,8 * JAN-MAR MON', timezone: Europe/Berlin}]}",
    "on: {schedule: {cron: x}}",
    "on: {workflow_dispatch: {inputs: {a: {type: choice, options: [x]}, b: {type: text}}}}",
    "on: {workflow_dispatch: {inputs: {a: {type: choice}, b: {options: [x]}}}}",
    "on: {workflow_call: {inputs: {a: {required: true}}}}",
    "on: {workflow_call: {inputs: {a: {type: number}}, secrets: {b: }, outputs: {c: {value: '${{ jobs.x.outputs.y }}'}}}}",
    "on: {workflow_run: {workflows: [x], types: [completed]}}",
    "<<: {a: b}",
    "'true': 1",
    "a: 1",
)
_ENTRY = re.compile(r"^(\s*(?:- )?)([\w-]+):(?:[ ](.*))?$")
_WORDS = (
    "github", "needs", "steps", "env", "secrets", "matrix", "inputs", "vars", "runner", "job", "jobs", "strategy",
    "success()", "failure()", "always", "hashFiles('a')", "contains(a, b)", "toJSON(github)", "==", "&&", "||", "!",
    "(", ")", "[", "'", "1", "null", ".", ",",
)  # fmt: skip


def corpus() -> dict[str, str]:
    """Real workflows by path; the test is skipped where there are none."""
    folder = os.environ.get("OPSLINT_CORPUS", "")
    if not folder:
        pytest.skip("OPSLINT_CORPUS names no folder with repositories")
    found = sorted(Path(folder).glob("*/.github/workflows/*.y*ml"))
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8", "replace") for path in found}


def mutated(random: random.Random, text: str) -> str:
    """A workflow with one or two small mistakes."""
    for _ in range(random.choice((1, 1, 1, 2))):
        text = _mutated(random, text)
    return text


def _mutated(random: random.Random, text: str) -> str:
    lines = text.split("\n")
    number = random.randrange(len(lines))
    entries = [index for index, line in enumerate(lines) if _ENTRY.match(line)]
    if entries and random.random() < 0.9:
        number = random.choice(entries)
    line = lines[number]
    match = _ENTRY.match(line)
    kind = random.randrange(10)
    if kind == 0:
        del lines[number]
    elif kind == 1:
        lines.insert(number, line)
    elif kind == 2:
        lines[number] = line[2:] if line.startswith("  ") and random.random() < 0.5 else "  " + line
    elif kind in (3, 4) and match:
        lines[number] = f"{match[1]}{match[2]}: {random.choice(_VALUES)}"
    elif kind == 5 and match:
        lines[number] = f"{match[1]}{_misspelt(random, match[2])}: {match[3] or ''}"
    elif kind in (6, 7) and match:
        lines.insert(number + random.randrange(2), " " * len(match[1]) + random.choice(_LINES))
    elif "${{" in text:
        return _in_expression(random, text)
    return "\n".join(lines)


def _misspelt(random: random.Random, word: str) -> str:
    place = random.randrange(len(word))
    return random.choice(
        (word[:place] + word[place + 1 :] or "x", word[:place] + "x" + word[place:], word.upper(), word + "s")
    )


def _in_expression(random: random.Random, text: str) -> str:
    fences = list(re.finditer(r"\$\{\{.*?\}\}|(?<=if: ).*", text))
    if not fences:
        return text
    fence = random.choice(fences)
    inner = fence[0]
    place = random.randrange(len(inner) + 1)
    word = random.choice(_WORDS)
    words = list(re.finditer(r"\w+", inner))
    if words and random.random() < 0.5:
        hit = random.choice(words)
        changed = inner[: hit.start()] + word + inner[hit.end() :]
    else:
        changed = inner[:place] + random.choice((word, "")) + inner[place + random.randrange(2) :]
    return text[: fence.start()] + changed + text[fence.end() :]


def asked(texts: Iterable[str]) -> list[list[str]]:
    """The published parser's errors, one list per text."""
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(
        ["node", str(DRIVER), available()], input=lines, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return [[message for message, _, _ in json.loads(line)] for line in done.stdout.splitlines()]


def ours(text: str) -> list[str]:
    """What we have against a workflow that stands alone."""
    document = yaml.read(Source(".github/workflows/w.yml", text))
    if document.problems:
        return [f"YAML: {problem.message}" for problem in document.problems]
    workflow = read_workflow(document)
    found = (*flaws(document, "workflow"), *id_flaws(workflow), *value_flaws(workflow))
    return [flaw.message for flaw in found]  # of what GitHub passes over in `on`, too: its parser refuses that


# Where we follow GitHub's own converter (actions/runner, WorkflowTemplateConverter.cs, IdBuilder.cs) or its server,
# and the published parser does not: why, and how each side's complaints read.
WE_ALONE = {
    "a job without steps is refused by the server": r"has no steps$",
    "an action is named owner/repo@ref": r"is no action: ",
    "a workflow is named by its path": r"is no workflow: ",
    "a matrix without a leg is refused": r"of the matrix is empty|^the matrix has nothing to run",
    "ids are the same in upper and lower case": r"which GitHub takes for the same$",
    "a merge key is a key like any other where any is allowed": r"merge key",
    "an event is filtered by what it is for or by what it is not for": r"exclude one another",
    "a dispatched workflow has 25 inputs": r"has at most 25 inputs",
    "a key that is excluded is one of the matrix": r"^the matrix has no `.*` to exclude",
    "a default is of its input's type when the workflow is called": r"^the default of ",
}
THEY_ALONE = {
    "the default of a dispatched input may have any type": r"while reading 'input default'",
    "its list of events has a slip in place of repository_dispatch": r"Unexpected value 'repository_dispatch'",
    "the types of repository_dispatch may be one text": r"^Unexpected value '.+'$",
    "a key that is a number makes it fail": r"is not a function$",
    "names in `needs` and `wait` are the same in upper and lower case": r"depends on unknown job|unknown step ID",
    "a dispatched input may be nothing but its name": r"^Unexpected value ''$",
    "an expression may stand for a whole mapping": r"'BasicExpressionToken' encountered while reading",
    "a step of a schedule may be beyond its range": r"^Invalid cron expression",
    "an empty mapping is as good as nothing": r"^A mapping was not expected",
    "a container without image is none": r"Container image cannot be empty",
}

ONLY_IN = {
    "an empty mapping is as good as nothing": "{}",
    "a step of a schedule may be beyond its range": "*/",
    "a dispatched input may be nothing but its name": "workflow_dispatch",
    "the types of repository_dispatch may be one text": "repository_dispatch",
}


def difference(text: str, theirs: list[str]) -> Iterator[str]:
    """Nothing where both refuse or both accept; else a known reason, or the complaints themselves."""
    mine = ours(text)
    if bool(mine) == bool(theirs):
        return
    known = WE_ALONE if mine else THEY_ALONE
    for complaint in mine or theirs:
        reasons = (why for why, pattern in known.items() if re.search(pattern, complaint))
        yield next((why for why in reasons if ONLY_IN.get(why, "") in text), f"unknown: {complaint}")


_MANY = ", ".join(f"i{number}: {{}}" for number in range(26))
_JOB = "runs-on: x, steps: [{run: a}]"
# One small workflow for each reason, and whether we are the ones who refuse it.
DIFFERENCES = {
    "a job without steps is refused by the server": ("on: push\njobs: {j: {runs-on: x}}", True),
    "an action is named owner/repo@ref": ("on: push\njobs: {j: {runs-on: x, steps: [{uses: actions/cache}]}}", True),
    "a workflow is named by its path": ("on: push\njobs: {j: {uses: other.yml}}", True),
    "a matrix without a leg is refused": (f"on: push\njobs: {{j: {{strategy: {{matrix: {{}}}}, {_JOB}}}}}", True),
    "ids are the same in upper and lower case": (
        "on: push\njobs: {j: {runs-on: x, steps: [{run: a, id: a}, {run: a, id: A}]}}",
        True,
    ),
    "a merge key is a key like any other where any is allowed": (
        f"on: push\nenv: {{<<: a}}\njobs: {{j: {{{_JOB}}}}}",
        True,
    ),
    "an event is filtered by what it is for or by what it is not for": (
        f"on: {{push: {{paths: [a], paths-ignore: [b]}}}}\njobs: {{j: {{{_JOB}}}}}",
        True,
    ),
    "a dispatched workflow has 25 inputs": (
        f"on: {{workflow_dispatch: {{inputs: {{{_MANY}}}}}}}\njobs: {{j: {{{_JOB}}}}}",
        True,
    ),
    "a key that is excluded is one of the matrix": (
        f"on: push\njobs: {{j: {{strategy: {{matrix: {{a: [1], exclude: [{{b: 1}}]}}}}, {_JOB}}}}}",
        True,
    ),
    "a default is of its input's type when the workflow is called": (
        f"on: {{workflow_call: {{inputs: {{a: {{type: number, default: x}}}}}}}}\njobs: {{j: {{{_JOB}}}}}",
        True,
    ),
    "the default of a dispatched input may have any type": (
        f"on: {{workflow_dispatch: {{inputs: {{a: {{default: 1}}}}}}}}\njobs: {{j: {{{_JOB}}}}}",
        False,
    ),
    "its list of events has a slip in place of repository_dispatch": (
        f"on: repository_dispatch\njobs: {{j: {{{_JOB}}}}}",
        False,
    ),
    "the types of repository_dispatch may be one text": (
        f"on: {{repository_dispatch: {{types: a}}}}\njobs: {{j: {{{_JOB}}}}}",
        False,
    ),
    "a key that is a number makes it fail": (f"on: push\nenv: {{1: a}}\njobs: {{j: {{{_JOB}}}}}", False),
    "names in `needs` and `wait` are the same in upper and lower case": (
        f"on: push\njobs: {{j: {{{_JOB}}}, k: {{needs: J, {_JOB}}}}}",
        False,
    ),
    "a dispatched input may be nothing but its name": (
        f"on: {{workflow_dispatch: {{inputs: {{a: }}}}}}\njobs: {{j: {{{_JOB}}}}}",
        False,
    ),
    "an expression may stand for a whole mapping": (
        "on: push\njobs: {j: {runs-on: x, steps: [{run: a, env: \"${{ fromJSON('{}') }}\"}]}}",
        False,
    ),
    "a step of a schedule may be beyond its range": (
        f"on: {{schedule: [{{cron: '0 */24 * * *'}}]}}\njobs: {{j: {{{_JOB}}}}}",
        False,
    ),
    "an empty mapping is as good as nothing": (f"on: {{status: {{}}}}\njobs: {{j: {{{_JOB}}}}}", False),
    "a container without image is none": (f"on: push\njobs: {{j: {{container: {{env: {{A: b}}}}, {_JOB}}}}}", False),
}
