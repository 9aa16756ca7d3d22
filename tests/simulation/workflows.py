"""Random workflows over the constructs of jobs and steps, every command a stub that ends as its words say."""

from __future__ import annotations

import json
import random
import re
import textwrap
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.oracles.act_oracle import MAIN

# Constructs whose values the simulation does not know: every answer is one of its courses.
UNKNOWN = frozenset({"env", "matrix value", "needs output", "step output", "event", "fail-fast"})


@dataclass(frozen=True)
class Sample:
    """A repository with one workflow that runs, what it is made of, and the jobs that it has."""

    files: Mapping[str, str]
    jobs: tuple[str, ...]
    constructs: Counter[str]

    @property
    def unknown(self) -> bool:
        return not UNKNOWN.isdisjoint(self.constructs)


@dataclass
class _Scope:
    """Where steps stand: in a job, or in an action that it uses."""

    prefix: str  # of the names of its commands
    in_action: bool = False
    depth: int = 0
    named: bool = False  # every step has an id
    needs: tuple[str, ...] = ()
    matrix: bool = False
    given: bool = False  # whether it has an input
    ids: int = 0
    done: list[str] = field(default_factory=list)  # ids so far
    outputs: list[str] = field(default_factory=list)  # ids of steps that set one


@dataclass
class Generator:
    """Writes one workflow. With `cut` it has one job, and one of its commands cancels the run."""

    random: random.Random
    cut: bool = False
    files: dict[str, str] = field(default_factory=dict)
    jobs: list[str] = field(default_factory=list)
    constructs: Counter[str] = field(default_factory=Counter)
    outputs: dict[str, bool] = field(default_factory=dict)  # by job: whether it has one
    commands: Counter[str] = field(default_factory=Counter)
    actions: int = 0

    def sample(self) -> Sample:
        names = "a" if self.cut else "abcd"[: self.random.choice((1, 2, 2, 3, 3, 4))]
        written = [self.job(name, tuple(names[:number])) for number, name in enumerate(names)]
        text = "name: main\non: push\nenv: {MODE: fast}\njobs:\n" + "".join(written)
        self.files[MAIN] = self._cancelling(text) if self.cut else text
        return Sample(self.files, tuple(self.jobs), self.constructs)

    def _chance(self, probability: float, construct: str = "") -> bool:
        """Whether to write something; what is written is counted."""
        chosen = self.random.random() < probability
        if chosen and construct:
            self.constructs[construct] += 1
        return chosen

    def _one(self, *weighted: tuple[int, str]) -> str:
        weights, words = zip(*weighted, strict=True)
        word = self.random.choices(words, weights)[0]
        self.constructs[word] += 1
        return word

    # -- jobs ------------------------------------------------------------------------------------------------------

    def job(self, name: str, earlier: tuple[str, ...]) -> str:
        needs = tuple(other for other in earlier if self._chance(0.6, "needs"))
        lines = [f"needs: [{', '.join(needs)}]"] if needs else []
        if self._chance(0.5 if needs else 0.15, "job if"):
            lines.append(f"if: {self.condition(_Scope(name, needs=needs), 'job')}")
        if not self.cut and self._chance(0.12, "called workflow"):
            return _entry(name, [*lines, *self.called(name)])
        lines.append("runs-on: ubuntu-latest")
        self.jobs.append(name)
        if not self.cut and self._chance(0.02, "job continue-on-error"):
            lines.append("continue-on-error: true")
        matrix = not self.cut and self._chance(0.15, "matrix")
        if matrix:
            fast = self._chance(0.3, "fail-fast")
            lines.append(f"strategy: {{max-parallel: 1, fail-fast: {str(fast).lower()}, matrix: {{leg: [1, 2]}}}}")
        if self._chance(0.1, "job env"):
            lines.append(f"env: {{MODE: {self._kind()}}}")
        scope = _Scope(name, needs=needs, matrix=matrix, named=self._chance(0.3))
        steps = self.steps(scope, 5)
        if scope.outputs and self._chance(0.6, "job output"):
            self.outputs[name] = True
            lines.append(f"outputs: {{o: '${{{{ steps.{self.random.choice(scope.outputs)}.outputs.o }}}}'}}")
        checkout = ["- uses: actions/checkout@v4"] if any("uses: ./" in step for step in steps) else []
        return _entry(name, [*lines, "steps:", *(textwrap.indent(step, "  ") for step in [*checkout, *steps])])

    def called(self, caller: str) -> list[str]:
        """The call of a reusable workflow with one or two jobs."""
        path = f".github/workflows/{caller}.yml"
        given = self._chance(0.4, "input")
        jobs = []
        for number, name in enumerate("xy"[: self.random.choice((1, 2))]):
            self.jobs.append(f"{caller}/{name}")
            needs = ("x",) if number and self._chance(0.7) else ()
            lines = [f"needs: [{', '.join(needs)}]"] if needs else []
            if needs and self._chance(0.5):
                lines.append(f"if: {self.condition(_Scope(name, needs=needs, given=given), 'job')}")
            steps = self.steps(_Scope(f"{caller}/{name}", depth=2, given=given), 3)
            jobs.append(_entry(name, [*lines, "runs-on: ubuntu-latest", "steps:",
                                      *(textwrap.indent(step, "  ") for step in steps)]))  # fmt: skip
        trigger = "{workflow_call: {inputs: {kind: {type: string}}}}" if given else "workflow_call"
        self.files[path] = f"name: {caller}\non: {trigger}\njobs:\n" + "".join(jobs)
        return [f"uses: ./{path}", *([f"with: {{kind: {self._kind()}}}"] if given else [])]

    # -- steps -----------------------------------------------------------------------------------------------------

    def steps(self, scope: _Scope, most: int) -> list[str]:
        return [self.step(scope) for _ in range(self.random.randint(1, most))]

    def step(self, scope: _Scope) -> str:
        uses = scope.depth < 2 and not self.cut and self._chance(0.12, "action")
        lines = self.action(scope) if uses else ["run: " + self.script(scope)] + ["shell: bash"] * scope.in_action
        identity = ""
        if scope.named or self._chance(0.5):
            scope.ids += 1
            identity = f"s{scope.ids}"
            lines.insert(0, f"id: {identity}")
        if self._chance(0.45, "if in an action" if scope.in_action else "if"):
            lines.insert(-1 if scope.in_action else 0, f"if: {self.condition(scope, 'step', identity)}")
        if not uses and self._chance(0.1, "step env"):
            lines.append(f"env: {{MODE: {self._kind()}}}")
        if self._chance(0.2, "continue-on-error"):
            lines.append(f"continue-on-error: {self.lenience(scope)}")
        if identity:
            scope.done.append(identity)
            if not uses and "GITHUB_OUTPUT" in "".join(lines):
                scope.outputs.append(identity)
        return "\n".join(("- " if not number else "  ") + line for number, line in enumerate(lines))

    def script(self, scope: _Scope) -> str:
        commands = [self.command(scope) for _ in range(self.random.choice((1, 1, 1, 2)))]
        if self._chance(0.12, "output"):
            commands.append('echo "o=yes" >> "$GITHUB_OUTPUT"')
        return commands[0] if len(commands) == 1 else "|\n" + textwrap.indent("\n".join(commands), "    ")

    def command(self, scope: _Scope) -> str:
        self.commands[scope.prefix] += 1
        statuses = [self.random.choice((0, 0, 0, 1)) for _ in range(2 if scope.matrix or scope.in_action else 1)]
        self.constructs["command fails"] += any(statuses)
        return f"work {scope.prefix}.{self.commands[scope.prefix]} {' '.join(map(str, statuses))}"

    def lenience(self, scope: _Scope) -> str:
        """A value of `continue-on-error`."""
        asked = self.random.choice(scope.done) if scope.done and not self.cut else ""
        words = ["true", "true", "true", "false", "${{ true }}", "${{ 0 }}"]
        words += [f"${{{{ steps.{asked}.outcome == 'success' }}}}"] * 3 if asked else []
        return self.random.choice(words)

    def action(self, scope: _Scope) -> list[str]:
        """The use of a composite action of its own."""
        self.actions += 1
        path = f".github/actions/{self.actions}"
        given = self._chance(0.4, "input")
        inner = _Scope(scope.prefix, True, scope.depth + 1, self._chance(0.3), matrix=scope.matrix, given=given)
        steps = "\n".join(textwrap.indent(step, "    ") for step in self.steps(inner, 3))
        inputs = "inputs: {kind: {description: x}}\n" if given else ""
        head = f"name: x\ndescription: x\n{inputs}"
        self.files[f"{path}/action.yml"] = f"{head}runs:\n  using: composite\n  steps:\n{steps}\n"
        return [*([f"with: {{kind: {self._kind()}}}"] if given else []), f"uses: ./{path}"]

    def _kind(self) -> str:
        return self.random.choice(("fast", "slow"))

    def _cancelling(self, text: str) -> str:
        """One of the commands cancels the run in the place of ending."""
        self.constructs["cancel"] += 1
        command = self.random.choice(re.findall(r"work a\.\d+ \d", text))
        return text.replace(command, command[:-1] + "cut")

    # -- conditions --------------------------------------------------------------------------------------------------

    def condition(self, scope: _Scope, level: str, own: str = "") -> str:
        """The value of an `if:`, as it stands in the file."""
        if level == "step" and self._chance(0.02, "error in an action" if scope.in_action else "error"):
            return '"fromJSON(\'{\') == 1"'
        text = self.expression(scope, level, own, self.random.choice((1, 1, 2, 3)))
        form = self._one((6, "bare"), (6, "fenced"), (1, "fence with text"), (1, "half fenced"), (1, "several lines"))
        match form:
            case "fenced":
                text = f"${{{{ {text} }}}}"
            case "fence with text":
                text = f"${{{{ {text} }}}} "
            case "half fenced":
                text = f"{self.expression(scope, level, own, 1)} && ${{{{ {text} }}}}"
            case "several lines":
                return "|\n" + textwrap.indent("\n".join(text.replace(" && ", " &&\n").split("\n")), "    ")
        return json.dumps(text)

    def expression(self, scope: _Scope, level: str, own: str, depth: int) -> str:
        if depth <= 1:
            return self.atom(scope, level, own)
        left, right = (self.expression(scope, level, own, depth - 1) for _ in range(2))
        return self.random.choice((f"{left} && {right}", f"{left} || {right}", f"({left}) && {right}", f"!({left})"))

    def atom(self, scope: _Scope, level: str, own: str) -> str:
        weighted = [(6, "failure()"), (4, "always()"), (2, "success()"), (2, "!cancelled()"), (1, "cancelled()")]
        weighted += [(2, "!failure()"), (1, "!success()"), (1, "Failure()"), (1, "true"), (1, "false")]
        weighted += [(4, "inputs")] * scope.given
        if scope.needs:
            weighted += [(6, "needs.result"), (2, "needs.*.result")]
            weighted += [(1, "needs output")] if any(need in self.outputs for need in scope.needs) else []
        if level == "step":
            weighted += [(3, "steps.outcome"), (2, "steps.conclusion"), (1, "job.status")]
            weighted += [(2, "steps.*.outcome")] * scope.named + [(1, "env")] * (not scope.in_action)
            weighted += [(2, "step output")] if scope.outputs else []
            weighted += [(1, "matrix value")] * (scope.matrix and not scope.in_action)
            weighted += [(1, "own outcome")] if own and self._chance(0.1) else []
        else:
            weighted += [(1, "event")]
        word = self._one(*weighted)
        return self._comparison(word, scope, own) or word

    def _comparison(self, word: str, scope: _Scope, own: str) -> str:
        result = self.random.choice(("success", "success", "failure", "failure", "skipped", "cancelled"))
        if self.cut:  # what act calls a failure after a cancel is told by a case of its own
            result = self.random.choice(("success", "skipped"))
        sign = self.random.choice(("==", "==", "!="))
        match word:
            case "steps.outcome" | "steps.conclusion":
                known = [*scope.done, *scope.done, *scope.done, f"s{scope.ids + 2}", "typo"]
                what = "outcome" if self.cut else word.partition(".")[2]
                return f"steps.{self.random.choice(known)}.{what} {sign} '{result}'"
            case "own outcome":
                return f"steps.{own}.outcome {sign} '{result}'"
            case "needs.result":
                return f"needs.{self.random.choice(scope.needs)}.result {sign} '{result}'"
            case "needs.*.result" | "steps.*.outcome":
                if word.startswith("steps") and result == "success":  # act counts the step that is asked
                    result = "skipped" if self.cut else "failure"
                return f"contains({word}, '{result}')"
            case "needs output":
                return f"needs.{self.random.choice([n for n in scope.needs if n in self.outputs])}.outputs.o {sign} 'yes'"
            case "step output":
                return f"steps.{self.random.choice(scope.outputs)}.outputs.o {sign} 'yes'"
            case "job.status":
                return f"job.status {sign} '{result}'"
            case "inputs":
                return f"inputs.kind {sign} '{self._kind()}'"
            case "env":
                return f"env.MODE {sign} '{self._kind()}'"
            case "matrix value":
                return f"matrix.leg {sign} {self.random.choice((1, 2))}"
            case "event":
                return f"github.event_name {sign} '{self.random.choice(('push', 'pull_request'))}'"
        return ""


def _entry(name: str, lines: list[str]) -> str:
    return f"  {name}:\n" + textwrap.indent("\n".join(lines), "    ") + "\n"
