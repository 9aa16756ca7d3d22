"""Where an act is done in continuous integration, and which jobs judge the results of others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opslint.model.command import Command, commands
from opslint.model.deployment import all_steps
from opslint.model.option import Option, line
from opslint.model.run import StepOf, Unseen, follow, reach
from opslint.model.trigger import callers, triggers
from opslint.model.workflow import Action, Job, Step, Workflow
from opslint.source import Span, Text
from opslint.syntax import shell
from opslint.syntax.tree import Mapping as Tree
from opslint.syntax.tree import Node, Scalar, Sequence

if TYPE_CHECKING:
    from opslint.model.project import Project

_DEEPEST = 10  # how deep local actions use one another
# What keeps the verdict of what is piped into it, or of the report it reads: cs2pr by itself, reviewdog by its option.
_LENIENT = re.compile(r"^-?-fail-(?:level=none|on-error=false)$")
_STRICT = re.compile(r"^-?-fail-(?:level|on-error)")
# Options that change what is looked at; with all others the verdict is the same.
_SCOPE = "-c --configuration -l --level --testsuite --group --exclude-group --filter --paths-file".split()
# Runners of tasks that are written in formats of their own.
_TASK_RUNNERS = "grumphp captainhook phing ant just task robo castor earthly dagger nx turbo moon bazel mage".split()
_OF_MATRIX = re.compile(r"\$\{\{\s*matrix\.([\w.-]+)\s*\}\}")
_JUDGES = "echo printf exit test [ [[ (( true false : jq grep egrep cat set tr sed awk for".split()
_GATE_ACTIONS = ("re-actors/alls-green",)  # fails unless every job that it is told of succeeded
_LOOKS_LIKE_A_GATE = re.compile(
    r"gate|required|check|\ball|success|pass|complete|\bci\b|\bok\b|green|done|finish|merge|final"
)
_TELLS = re.compile(r"notif|report|summary|slack|discord|comment|badge|deploy|release|publish")


@dataclass(frozen=True, slots=True)
class Doing:
    """One place where a job does an act: by a command, a step's action, or a workflow of another repository."""

    workflow: Workflow
    job: Job
    step: Step | None
    command: Command | None
    place: Span  # the smallest that tells it
    watched: Span  # where the simulation tells that it failed
    later: tuple[Command, ...] = ()  # what the same job runs after it, as written

    @property
    def text(self) -> str:
        return " ".join(self.place.written.split())

    @property
    def scope(self) -> tuple[str, ...]:
        """What it looks at: two that look at the same give the same verdict."""
        if self.command is None:
            return (self.text,)
        found = line(self.command.words)
        options = (found.option(name) for name in _SCOPE)
        named = sorted(f"{each.name}={each.value}" for each in options if each is not None)
        folder = self.step.working_directory if self.step is not None else None
        operands = (word.value for word in found.operands if word.value not in ("analyse", "analyze"))
        return (str(folder or ""), *operands, *named)

    def option(self, *names: str) -> Option | None:
        """The first of these options that its command is given."""
        found = line(self.command.words) if self.command is not None else None
        return next((each for name in names if found and (each := found.option(name))), None)

    @property
    def keepers(self) -> tuple[Command, ...]:
        """Later commands that fail on what this one reports: filters behind its `|`, readers of its file."""
        return tuple(each for each in self.later if _keeps(each) and self._feeds(each))

    @property
    def compares(self) -> bool:
        """Whether a later command fails where this one has changed a file: `git diff --exit-code`."""
        return any(_compares(each) for each in self.later)

    def _feeds(self, other: Command) -> bool:
        mine = self.command
        if mine is None:
            return False
        if mine.raw.source is other.raw.source and mine.raw.span.end <= other.raw.span.start:
            between = mine.raw.source.content[mine.raw.span.end : other.raw.span.start].replace("\\\n", " ")
            if "|" in between and not re.search(r"[;\n]|&&|\|\|", between):
                return True
        files = re.findall(r">\s*['\"]?([\w./-]+)", mine.raw.value)
        return any(file in other.raw.value for file in files)


def _keeps(command: Command) -> bool:
    program = command.words[0].value.rsplit("/", 1)[-1]
    words = [word.value for word in command.words[1:]]
    if program == "reviewdog":
        return any(_STRICT.match(word) for word in words) and not any(_LENIENT.match(word) for word in words)
    return program == "cs2pr" or (program == "php" and any(word.endswith("/cs2pr") for word in words))


def _compares(command: Command) -> bool:
    words = [word.value for word in command.words]
    return words[:2] == ["git", "diff"] and any(word in ("--exit-code", "--quiet") for word in words)


def doings(project: Project, act: str) -> tuple[Doing, ...]:
    """Every place in a workflow where an act is done, calls followed."""
    return project.cached(("doings", act), lambda: tuple(_doings(project, act)))


def _doings(project: Project, act: str) -> Iterator[Doing]:
    for workflow in project.workflows:
        for job in workflow.jobs:
            yield from doings_of(project, workflow, job, act)


def doings_of(project: Project, workflow: Workflow, job: Job, act: str) -> Iterator[Doing]:
    """Every place in a job where an act is done."""
    if job.uses is not None:
        done = project.acts.of_uses(str(job.uses), job.inputs)
        if done is not None and done.name == act:
            yield Doing(workflow, job, None, None, job.uses.span, job.uses.span)
    listed = tuple(command for step in all_steps(job.steps) for command in reached(project, workflow, step))
    for step in all_steps(job.steps):
        found = project.act_of_step(step)
        if found is not None and found.name == act and step.uses is not None:
            yield Doing(workflow, job, step, None, step.uses.span, step.node.span)
        for command in reached(project, workflow, step):
            for meant in (command, *_of_matrix(project, job, command)):
                done = project.act(meant)
                if done is not None and done.name == act and not command.remote:
                    index = next(i for i, each in enumerate(listed) if each is command)
                    yield Doing(workflow, job, step, meant, command.span, command.raw.span, listed[index + 1 :])


def reached(project: Project, owner: Workflow | Action, step: Step, depth: int = 0) -> tuple[Command, ...]:
    """Every command that a step leads to, in the order written: through calls, and through local actions."""
    return project.cached(("reached", id(step.node)), lambda: tuple(_reached(project, owner, step, depth)))


def _reached(project: Project, owner: Workflow | Action, step: Step, depth: int) -> Iterator[Command]:
    for command in project.commands_of(owner.path):
        if isinstance(command.site.owner, StepOf) and command.site.owner.step is step:
            yield from (each.command for each in reach(project, command))
    action = local_action(project, step)
    for inner in all_steps(action.steps) if action is not None and depth < _DEEPEST else ():
        yield from reached(project, action, inner, depth + 1)  # type: ignore[arg-type]


def _of_matrix(project: Project, job: Job, command: Command) -> Iterator[Command]:
    """What a command is in the legs of a matrix, where its words come from there: `composer ${{ matrix.script }}`."""
    fences = list(_OF_MATRIX.finditer(command.raw.value))
    matrix = job.strategy.get("matrix") if job.strategy is not None else None
    for leg in _legs(matrix) if fences else ():
        if all(fence[1] in leg for fence in fences):
            raw, pieces, end = command.raw, [], 0
            for fence in fences:
                pieces += [raw[end : fence.start()], leg[fence[1]].text]
                end = fence.end()
            text = Text.join((*pieces, raw[end:]), raw[0:0])
            for inner in commands(shell.script(text), command.site, command.via):
                yield from (each.command for each in reach(project, inner))


def _legs(matrix: Node | None) -> Iterator[Mapping[str, Scalar]]:
    """What a matrix says in so many words: its `include`, and each value of its lists for itself."""
    for entry in matrix if isinstance(matrix, Tree) else ():
        for item in entry.value.items if isinstance(entry.value, Sequence) else ():
            if isinstance(item, Scalar):
                yield {str(entry.key): item}
            elif isinstance(item, Tree):
                inside = {str(each.key): each.value for each in item if isinstance(each.value, Scalar)}
                is_leg = str(entry.key) == "include"
                yield inside if is_leg else {f"{entry.key}.{name}": value for name, value in inside.items()}


def local_action(project: Project, step: Step) -> Action | None:
    """The action of this repository that a step uses."""
    name = str(step.uses or "")
    return project.actions.get(name.removeprefix("./").rstrip("/")) if name.startswith("./") else None


def opaque(project: Project) -> tuple[Span, str] | None:
    """The first thing that a pull request or push runs and that nobody can see into."""
    for workflow in project.workflows:
        when = triggers(project, workflow)
        for job in workflow.jobs if when.pull_request or when.push else ():
            if job.uses is not None and not str(job.uses).startswith(("./", "$/")):
                return job.uses.span, "uses"
            for step in all_steps(job.steps):
                for command in reached(project, workflow, step):
                    if command.words[0].value.rsplit("/", 1)[-1] in _TASK_RUNNERS or _is_unseen(project, command):
                        return command.span, "run"
    return None


def _is_unseen(project: Project, command: Command) -> bool:
    """A script that is not here, a target that no Makefile here has, a command that a caller gives."""
    callee = follow(project, command.words, command.site.path)
    name = command.words[0].value
    return isinstance(callee, Unseen) or (name == "make" and callee is None) or name.startswith("${{ inputs.")


# -- gates ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gate:
    """A job that judges the result of another: what branch protection asks for in its place."""

    workflow: Workflow
    job: Job
    judged: Job
    trusted: Scalar | None = None  # the action that judges, where it is a known one


def gates(
    project: Project, workflow: Workflow, job: Job, named: tuple[str, ...] = (), depth: int = 4
) -> Iterator[Gate]:
    """The gates that judge a job, in its own workflow and in those that call it."""
    for other in workflow.jobs:
        if job.id in {str(each) for each in other.needs}:
            trusted = trusted_judge(other)
            if _is_named(other, named) or _is_gate(project, workflow, other, trusted):
                yield Gate(workflow, other, job, trusted)
    for caller, calling in callers(project, workflow) if "workflow_call" in workflow.events and depth else ():
        yield from gates(project, caller, calling, named, depth - 1)


def _is_named(job: Job, named: tuple[str, ...]) -> bool:
    return job.id in named or (job.name is not None and str(job.name) in named)


def trusted_judge(job: Job) -> Scalar | None:
    """The action in a job that is known to fail unless every job it needs has succeeded."""
    used = (step.uses for step in job.steps if step.uses is not None)
    return next((uses for uses in used if str(uses).partition("@")[0].lower() in _GATE_ACTIONS), None)


def _is_gate(project: Project, workflow: Workflow, job: Job, trusted: Scalar | None) -> bool:
    """Whether a job does nothing but judge: no checkout, no deployment, nothing that tells people."""
    if not job.steps or any(step.uses is not None and step.uses is not trusted for step in job.steps):
        return False
    if trusted is not None:
        return True
    listed = [command for step in all_steps(job.steps) for command in reached(project, workflow, step)]
    if any(command.words[0].value not in _JUDGES for command in listed):
        return False
    if any(command.words[0].value == "exit" and command.words[-1].value != "0" for command in listed):
        return True
    written = re.sub(r"(?m)^\s*needs:.*$", "", job.node.span.written)
    if re.search(r"\bneeds\b[.\[\s)]", written) and re.search(r"\[ |\btest\b|\bfalse\b", written):
        return True
    name = f"{job.id} {job.name or ''}".lower()
    return bool(_LOOKS_LIKE_A_GATE.search(name)) and not _TELLS.search(name) and "GITHUB_STEP_SUMMARY" not in written
