"""Claims about workflows: what is refused and what is not, beside GitHub's own parser and beside real files."""

from __future__ import annotations

import os
import random

import pytest

from opslint.checks import workflows
from opslint.files import Memory
from opslint.finding import Severity, Verdict
from opslint.fixes import edited
from opslint.model.project import Project
from opslint.model.workflow_cron import cron_flaw
from opslint.model.workflow_schema import shapes
from tests.oracles import workflows as oracle

_PATH = ".github/workflows/w.yml"
_HEAD = "on: push\njobs:\n  j:\n    runs-on: x\n"
_STEPS = _HEAD + "    steps:\n"


def judged(check: str, content: str, **more: str) -> list[Verdict]:
    files = {_PATH: content} | {path.replace("__", "/").replace("_yml", ".yml"): text for path, text in more.items()}
    return list(getattr(workflows, check)(Project(Memory(files))))


def told(check: str, content: str, **more: str) -> list[str]:
    """The findings as `line:column message`."""
    broken = [verdict for verdict in judged(check, content, **more) if verdict.state == "broken"]
    return [f"{verdict.span.place[0]}:{verdict.span.place[1]} {verdict.message}" for verdict in broken]


REFUSED = {
    "an empty file": ("", "1:1 the file is empty"),
    "no mapping": ("- a", "1:1 this file takes a mapping, found a list"),
    "no trigger": ("jobs: {j: {runs-on: x, steps: [{run: a}]}}", "1:1 a workflow has no `on`"),
    "jobs that are nothing": ("on: push\njobs:", "2:1 `jobs` takes a mapping, found nothing"),
    "jobs without one": ("on: push\njobs: {}", "2:1 `jobs` holds no job"),
    "a step that is nothing": (
        _STEPS + "      -\n",
        "6:8 an item of `steps` of a job with `runs-on` takes a mapping, found nothing",
    ),
    "a value folded over lines": (
        _STEPS + "      - run: >\n          a\n\n          ${{ b\n          }}",
        "9:15 `b` is no context; a text needs single quotes",
    ),
    "an escaped character before it": (
        _STEPS + '      - run: "\\x41 ${{ git }}"',
        "6:24 `git` is no context (did you mean `github`?)",
    ),
    "each expression of a value": (
        _STEPS + "      - run: ${{ }} ${{ github.a = 1 }}",
        "6:14 `${{ }}` holds no expression | 6:34 `=` is not allowed in an expression: equal is `==`",
    ),
    "a key of the wrong case": (
        _STEPS + "      - Run: a",
        "6:9 a step has no key `Run` (did you mean `run`?)",
    ),
    "a function of another place": (
        _HEAD + "    if: hashFiles('a') == ''\n    steps: [{run: a}]",
        "5:9 `hashFiles()` cannot be called in `if` of a job with `runs-on`",
    ),
    "a matrix that is a text": (
        _HEAD + "    strategy: {matrix: {os: a}}\n    steps: [{run: a}]",
        "5:29 `os` takes a list, found `a`",
    ),
    "a text in place of a number": (
        _STEPS + "      - run: a\n        timeout-minutes: '5'",
        "7:26 `timeout-minutes` of a step with `run` takes a number, found the text `5`",
    ),
    "a literal text in place of a boolean": (
        _STEPS + "      - run: a\n        continue-on-error: ${{ 'true' }}",
        "7:28 `continue-on-error` of a step with `run` takes `true` or `false`, found `true`",
    ),
    "an alias, met twice and told once": (
        "on: push\njobs:\n  a: &a {runs-on: x, steps: [{runn: a}]}\n  b: *a",
        "3:31 a step has no key `runn` (did you mean `run`?)",
    ),
    "a merge key": (
        "on: push\nenv: &e {A: b}\njobs: {j: {runs-on: x, env: {<<: *e}, steps: [{run: a}]}}",
        "3:30 GitHub knows no merge key `<<`",
    ),
    "a group with too long a name": (
        f"on: push\nconcurrency: {'x' * 401}\njobs: {{j: {{runs-on: x, steps: [{{run: a}}]}}}}",
        "2:14 the name of a concurrency group has at most 400 characters",
    ),
    "a matrix without a leg": (
        _HEAD + "    strategy: {matrix: {exclude: [{os: a}]}}\n    steps: [{run: a}]",
        "5:16 the matrix has nothing to run",
    ),
    "an id of 100 characters": (
        _STEPS + f"      - {{run: a, id: {'x' * 100}}}",
        "6:22 an id has at most 99 characters, this one has 100",
    ),
    "a wait for itself": (
        _STEPS + "      - {wait: a, id: a}",
        "6:16 the step waits for itself: `a`",
    ),
    "wait-all that does not": (_STEPS + "      - wait-all: false", "6:19 `wait-all` is `true` or nothing"),
    "two circles": (
        "on: push\njobs:\n"
        + "".join(f"  {a}: {{needs: {b}, runs-on: x, steps: [{{run: a}}]}}\n" for a, b in ("ab", "ba", "cd", "dc")),
        "4:14 no job can begin: `b` needs `a` needs `b` | 6:14 no job can begin: `d` needs `c` needs `d`",
    ),
    "a case of the wrong length": (
        _STEPS + "      - run: ${{ case(true, 1, false, 2) }}",
        "6:18 `case` needs an odd number of arguments: pairs, and what is left over",
    ),
    "an expression as a key where none may be": (
        _STEPS + "      - run: a\n        ${{ github.ref }}: a\n    permissions: {'${{ github.ref }}': read}",
        "8:19 no expression is allowed as a key of `permissions` of a job with `runs-on`",
    ),
}

ACCEPTED = {
    "booleans of YAML 1.1 are texts": _STEPS + "      - {run: a, env: {A: yes, B: off, C: 010, D: }}",
    "an insertion": "on: push\nenv: {'${{ insert }}': '${{ github.event }}'}\njobs: {j: {runs-on: x, steps: [{run: a}]}}",
    "a whole mapping made by an expression": _HEAD + "    env: ${{ fromJSON('{}') }}\n    steps: [{run: a}]",
    "a fence in a text of an expression": _STEPS + "      - run: ${{ '}}' }} ${{ format('{0}', 'a''}}') }}",
    "names in other letters": _STEPS + "      - if: GitHub.ref == 'a' && Success()\n        run: ${{ HASHFILES('a') }}",
    "needs in other letters": "on: push\njobs: {a: {runs-on: x, steps: [{run: a}]}, b: {needs: A, uses: o/r/.github/workflows/f.yml@v}}",
    "a list of runners from an expression": _HEAD.replace("x", "[self-hosted, '${{ inputs.a }}']") + "    steps: [{run: a}]",
    "a container that is none": _HEAD + "    container: ''\n    steps: [{run: a}]",
    "a service without an image beside an expression": _HEAD
    + "    services: {a: {ports: ['${{ vars.A }}']}}\n    steps: [{run: a}]",
    "a blank condition": _STEPS + "      - {run: a, if: ' '}\n      - {run: a, if: ~}",
    "a default of any type, dispatched": "on: {workflow_dispatch: {inputs: {a: {type: boolean, default: 'true'}, b: {default: 1}}}}\n"
    "jobs: {j: {runs-on: x, steps: [{run: a}]}}",
    "an event of many words": "on: repository_dispatch\njobs: {j: {runs-on: x, steps: [{run: a}]}}",
    "jobs named by success": _HEAD + "    if: success('a', 'b')\n    steps: [{run: a}]",
}


@pytest.mark.parametrize(("content", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused(content: str, expected: str) -> None:
    found = told("valid", content)
    if "as a key" in expected:  # the step's own key is refused, too
        found = found[-1:]
    assert " | ".join(found) == expected


@pytest.mark.parametrize("content", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(content: str) -> None:
    assert [verdict.state for verdict in judged("valid", content)] == ["holds"]


def test_what_is_no_yaml_is_told_elsewhere() -> None:
    assert not judged("valid", "on: [push\njobs: {")


def test_every_shape_is_defined_and_used() -> None:
    known = shapes()
    used = {"workflow", "action", "any", "on-loose"}
    for shape in known.values():
        used |= {shape.items, shape.others, *shape.keys.values(), *shape.by.values()} - {""}
    assert used == set(known)


PASSED_OVER = {
    "a filter of another name": ("{push: {branch: main}}", "`push` of `on` has no key `branch` (did you mean `branches`?)"),
    "a filter of another event": ("{release: {tags: [v1]}}", "`release` of `on` has no key `tags`; there is `types`"),
    "an event beside a known one": ("[push, pusch]", "`pusch` is not known in an item of `on` (did you mean `push`?)"),
    "a filter where there is none": ("{create: {tags: [v1]}}", "`create` of `on` takes nothing, found a mapping"),
}


@pytest.mark.parametrize(("on", "expected"), PASSED_OVER.values(), ids=PASSED_OVER)
def test_what_github_passes_over_is_a_warning(on: str, expected: str) -> None:
    (verdict,) = judged("valid", f"on: {on}\njobs: {{j: {{runs-on: x, steps: [{{run: a}}]}}}}")
    assert (verdict.message, verdict.severity) == (f"{expected}; GitHub passes over it", Severity.WARNING)


@pytest.mark.parametrize("on", ["pusch", "[pusch]", "{pusch: {}}", "{workflow_call: {inputs: {a: {}}}}", "{push: , push: }"])
def test_what_github_refuses_of_events_is_an_error(on: str) -> None:
    (verdict,) = judged("valid", f"on: {on}\njobs: {{j: {{runs-on: x, steps: [{{run: a}}]}}}}")
    assert (verdict.state, verdict.severity) == ("broken", None)


CALLED = "on: {workflow_call: {inputs: {a: {type: string, required: true, default: x}}, secrets: {s: }}}\n" + (
    "jobs: {j: {runs-on: x, steps: [{run: a}]}}"
)
CALLS = {
    "required in spite of a default": ("{}", ["the input `a` is required and not given"]),
    "given in other letters": ("{A: x}", []),
    "made by an expression": ("{'${{ vars.A }}': x}", ["no expression is allowed as a key of `with` of a job that calls a workflow"]),
    "unknown": ("{a: x, b: y}", ["`./.github/workflows/c.yml` has no input `b`; there is `a`"]),
}


@pytest.mark.parametrize(("given", "expected"), CALLS.values(), ids=CALLS)
def test_calls_of_a_workflow(given: str, expected: list[str]) -> None:
    content = f"on: push\njobs: {{j: {{uses: ./.github/workflows/c.yml, with: {given}}}}}"
    found = told("valid", content, **{".github__workflows__c_yml": CALLED})
    assert [message.split(" ", 1)[1] for message in found] == expected


def test_a_wrong_input_of_an_action_is_a_warning() -> None:
    action = "inputs: {a: {}}\nruns: {using: composite, steps: [{run: a, shell: bash}]}"
    content = _STEPS + "      - {uses: ./a, with: {b: c}}"
    broken = [each for each in judged("valid", content, a__action_yml=action) if each.state == "broken"]
    assert [(each.message, each.severity) for each in broken] == [
        ("`./a` has no input `b`; there is `a`", Severity.WARNING)
    ]


CRONS = {
    "0 0 * * *": True, "*/15 1-5,22 1,15 JAN-mar,12 mon-fri/2": True, "5/10 * * * *": True, "59 23 31 12 6": True,
    "60 0 * * *": False, "0 0 0 * *": False, "0 0 * * 7": False, "* * * *": False, " 0 0 * * *": False,
    "*/0 * * * *": False, "*/60 * * * *": True, "5-1 * * * *": False, "1- * * * *": False, "a * * * *": False,
    "1,,2 * * * *": False, "1-2-3 * * * *": False, "* * * foo *": False, "1.5 * * * *": False,
}  # fmt: skip


@pytest.mark.parametrize(("cron", "good"), CRONS.items())
def test_schedules(cron: str, good: bool) -> None:
    assert (cron_flaw(cron) == "") is good


@pytest.mark.oracle
def test_schedules_as_the_published_parser_takes_them() -> None:
    # It takes fractions, and no step beyond the range of its field.
    whole = {cron: good for cron, good in CRONS.items() if "." not in cron and "*/60" not in cron}
    jobs = "jobs: {j: {runs-on: x, steps: [{run: a}]}}"
    answers = oracle.asked(f"on: {{schedule: [{{cron: '{cron}'}}]}}\n{jobs}" for cron in whole)
    assert [not theirs for theirs in answers] == list(whole.values())


def test_a_fix_that_yaml_would_read_otherwise_is_not_offered() -> None:
    for condition in ("${{ !github.a }} && ${{ github.b }}", "${{ github.a }} == ${{ github.b }} x"):
        (verdict,) = judged("conditions_decide", _STEPS + f"      - if: {condition}\n        run: a")
        assert (verdict.state, verdict.fix) == ("broken", None)


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("${{ github.a || github.b }} && ${{ github.c }}", "(github.a || github.b) && github.c"),
        ("${{ github.a == 'b' }} || success()", "github.a == 'b' || success()"),
        ("github.a == ${{ github.b == 'c' }}", "github.a == (github.b == 'c')"),
    ],
)
def test_fences_are_taken_away(written: str, mended: str) -> None:
    content = _STEPS + f"      - if: {written}\n        run: a"
    (verdict,) = judged("conditions_decide", content)
    assert verdict.fix is not None
    assert not verdict.fix.safe
    assert edited(content, verdict.fix.edits) == content.replace(written, mended)


def test_a_condition_with_very_many_parts_is_left_alone() -> None:
    condition = " || ".join(f"github.ref == '{number}'" for number in range(200))
    assert not told("conditions_decide", _STEPS + f"      - if: {condition} || 'x'\n        run: a")


OUTPUTS = {
    "an echo sets another": ('echo "a=1" >> "$GITHUB_OUTPUT"', False),
    "nothing is set": ("echo hello\ncd /tmp", False),
    "an echo sets it": ('echo "x=1" >> "$GITHUB_OUTPUT"', True),
    "it is named in a list": ('for n in x y; do echo "$n=1" >> "$GITHUB_OUTPUT"; done', True),
    "its name is made at run time": ('echo "$name=1" >> "$GITHUB_OUTPUT"', True),
    "a program's own output": ('./names >> "$GITHUB_OUTPUT"', True),
    "a program may set it": ("php artisan app:outputs", True),
    "a script of another language": ("print('hello')", True),
}


@pytest.mark.parametrize(("script", "silent"), OUTPUTS.values(), ids=OUTPUTS)
def test_outputs_of_a_script(script: str, silent: bool) -> None:
    shell = "python" if script.startswith("print") else "bash"
    lines = "\n".join(f"          {line}" for line in script.split("\n"))
    step = f"      - id: s\n        shell: {shell}\n        run: |\n{lines}\n"
    content = f"{_STEPS}{step}      - run: echo ${{{{ steps.s.outputs.x }}}}"
    assert bool(told("names_exist", content)) is not silent


def test_one_finding_per_name_and_job() -> None:
    content = _STEPS + "".join(f"      - run: echo {n} ${{{{ steps.a.outcome }}}}\n" for n in range(3))
    (verdict,) = [each for each in judged("names_exist", content) if each.state == "broken"]
    assert [note.span.place[0] for note in verdict.notes] == [7, 8]


def _mutations() -> int:
    return int(os.environ.get("OPSLINT_MUTATIONS", "300"))


@pytest.mark.oracle
def test_real_workflows_are_refused_as_the_published_parser_does() -> None:
    found = oracle.corpus()
    answers = oracle.asked(found.values())
    differences = {
        path: [*oracle.difference(text, theirs)]
        for (path, text), theirs in zip(found.items(), answers, strict=True)
    }
    assert {path: why for path, why in differences.items() if why} == {}


@pytest.mark.oracle
def test_mutated_workflows_are_refused_as_the_published_parser_does() -> None:
    texts = [text for text in oracle.corpus().values() if len(text) < 20_000]
    generator = random.Random(6)
    cases = [oracle.mutated(generator, generator.choice(texts)) for _ in range(_mutations())]
    answers = oracle.asked(cases)
    assert sum(map(bool, answers)) > len(cases) / 10, "mistakes are made"
    assert sum(not theirs for theirs in answers) > len(cases) / 10, "and some of them are none"
    unknown = [
        (text, why)
        for text, theirs in zip(cases, answers, strict=True)
        for why in oracle.difference(text, theirs)
        if why.startswith("unknown")
    ]
    assert len(unknown) * 100 <= len(cases), unknown[0]


@pytest.mark.oracle
@pytest.mark.parametrize("why", oracle.DIFFERENCES, ids=str)
def test_known_differences_are_real(why: str) -> None:
    text, we_refuse = oracle.DIFFERENCES[why]
    (theirs,) = oracle.asked([text])
    assert (bool(oracle.ours(text)), bool(theirs)) == (we_refuse, not we_refuse)
    assert [*oracle.difference(text, theirs)] == [why]
