"""What is run where: the commands of each file, and what stands behind a call."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from opslint.model.command import Command, Site, Wrapper, command_of_words, commands, inner
from opslint.model.composer import OWN_COMMANDS, Composer, script_calls
from opslint.model.workflow import Action, Job, Step, Workflow
from opslint.source import Span, Text
from opslint.syntax import shell
from opslint.syntax.script import Script, Statement, Word
from opslint.syntax.tree import Mapping, Scalar, at

if TYPE_CHECKING:
    from opslint.model.project import Project

DEPTH = 20  # how deep calls may nest

# Actions whose input is a script, and whether it runs on another machine.
SCRIPT_INPUTS = {
    "appleboy/ssh-action": ("script", True),
    "garygrossgarten/github-action-ssh": ("command", True),
    "fifsky/ssh-action": ("command", True),
    "d3rhase/ssh-command-action": ("command", True),
    "jimcronqvist/action-ssh": ("command", True),
    "nick-fields/retry": ("command", False),
    "nick-invision/retry": ("command", False),
}

_SHELLS = ("bash", "sh", "dash", "ash", "zsh", "ksh")
_PACKAGE_MANAGERS = ("npm", "yarn", "pnpm", "bun")
# Those that run the script of their own name (docs.npmjs.com, Using npm, scripts).
_OWN_SCRIPTS = {"t": "test", "tst": "test", "test": "test", "start": "start", "stop": "stop", "restart": "restart"}
_SCRIPT_NAME = re.compile(r"\.(?:sh|bash)$")
# What a login shell reads: it sets variables and defines functions (nvm, rvm), and does nothing to a site.
_ENVIRONMENT = re.compile(r"^~/\.|^\$HOME/\.|(?:^|/)(?:nvm\.sh|\.?bashrc|\.?(?:bash_)?profile|\.env[\w.]*|activate)$")
_SHEBANG = re.compile(r"\A#!\s*(?:/usr)?/bin/(?:env\s+(?:-S\s+)?)?(\w+)((?:\s+-\w+)*)")


@dataclass(frozen=True, slots=True)
class StepOf:
    """A step where it stands: the owner of the commands it runs."""

    step: Step
    job: Job | None
    workflow: Workflow | Action


@dataclass(frozen=True, slots=True)
class StepScript:
    """One script that a step hands to a shell."""

    script: Script
    remote: bool
    uses: Scalar | None = None  # the action that runs it, where it is one


@dataclass(frozen=True, slots=True)
class Callee:
    """What a command runs that is written elsewhere: each script in a shell of its own, one after the other."""

    kind: Literal["script", "composer", "make", "npm"]
    path: str
    subject: str
    scripts: tuple[Script, ...]
    shell: str  # a command template like GitHub's: `bash -e {0}`, `sh {0}`


@dataclass(frozen=True, slots=True)
class Unseen:
    """A script that is called but is not in the repository."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Reached:
    """A command, and the calls that lead to it, outermost first."""

    command: Command
    stack: tuple[Command, ...] = ()


def step_script(step: Step) -> StepScript | None:
    """The script of a `run:` step, or the one that a known action runs for it."""
    if step.run is not None:
        return StepScript(shell.script(step.run.text), remote=False)
    if step.uses is None:
        return None
    known = SCRIPT_INPUTS.get(str(step.uses).partition("@")[0].lower())
    given = step.inputs.get(known[0]) if known else None
    if known is None or not isinstance(given, Scalar):
        return None
    return StepScript(shell.script(given.text), known[1], step.uses)


@dataclass(frozen=True, slots=True)
class Written:
    """A script, where it is written, and what hands it to its shell."""

    script: Script
    site: Site
    via: tuple[Wrapper, ...] = ()


def commands_of(project: Project, path: str, kind: str) -> tuple[Command, ...]:
    """The commands that are written in a file."""
    return project.cached(("commands", path), lambda: tuple(_commands_of(project, path, kind)))


def _commands_of(project: Project, path: str, kind: str) -> Iterator[Command]:
    if kind == "supervisor":
        for program in project.programs:
            if program.path == path and program.command is not None:
                site = Site("supervisor", path, program.subject, program)
                yield from command_of_words(program.words(), program.command, site)
    for each in scripts_of(project, path, kind):
        yield from commands(each.script, each.site, each.via)


def scripts_of(project: Project, path: str, kind: str) -> Iterator[Written]:
    """The shell scripts that are written in a file."""
    match kind:
        case "workflow":
            for workflow in project.workflows:
                if workflow.path == path:
                    for job in workflow.jobs:
                        yield from _of_steps(project, job.steps, job, workflow)
        case "action":
            action = project.actions.get(posixpath.dirname(path))
            if action is not None:
                yield from _of_steps(project, action.steps, None, action)
        case "composer":
            for composer in project.composers:
                if composer.document.source.path == path:
                    yield from _of_composer(composer)
        case "script":
            script = project.script(path)
            if script is not None:
                yield Written(script, Site("script", path, path))
        case "make":
            for target, recipe in project.makefile(path):
                yield Written(recipe, Site("make", path, f"target:{target}"))


def _of_steps(
    project: Project, steps: tuple[Step, ...], job: Job | None, workflow: Workflow | Action
) -> Iterator[Written]:
    kind: Literal["workflow", "action"] = "workflow" if isinstance(workflow, Workflow) else "action"
    for step in steps:
        yield from _of_steps(project, step.parallel, job, workflow)
        found = project.step_script(step)
        if found is not None:
            site = Site(kind, workflow.path, step.subject, StepOf(step, job, workflow))
            yield Written(found.script, site, (Wrapper("ssh-action", (), remote=True),) if found.remote else ())


def _of_composer(composer: Composer) -> Iterator[Written]:
    path = composer.document.source.path
    for name, lines in composer.scripts.items():
        for line in lines:
            for kind, text in script_calls(line):
                if kind == "shell":
                    yield Written(shell.script(text), Site("composer", path, f"scripts.{name}"))


def heredocs(project: Project) -> Iterator[tuple[Text, Site]]:
    """The body of every here-document."""
    for path, kind in project.kinds.items():
        for each in scripts_of(project, path, kind):
            for statement in statements(each.script.body):
                for redirect in getattr(statement, "redirects", ()):
                    if redirect.body is not None:
                        yield redirect.body.text, each.site


def statements(statement: Statement) -> Iterator[Statement]:
    """A statement and all that lie in it, in the order written; not those of substitutions."""
    yield statement
    for each in inner(statement):
        yield from statements(each)


# -- following calls ----------------------------------------------------------------------------------------------


def reach(project: Project, command: Command, stack: tuple[Command, ...] = ()) -> Iterator[Reached]:
    """A command, and every command behind it, as deep as calls are visible in the repository."""
    yield Reached(command, stack)
    callee = follow(project, command.words, command.site.path)
    if not isinstance(callee, Callee) or len(stack) >= DEPTH or any(call.words == command.words for call in stack):
        return
    site = Site(callee.kind, callee.path, callee.subject, command.site.owner)
    for script in callee.scripts:
        for called in commands(script, site, command.via):
            yield from reach(project, called, (*stack, command))


def follow(project: Project, words: tuple[Word, ...], caller: str = "") -> Callee | Unseen | None:
    """What a command calls: a script of the repository, a composer script or a make target; None if neither."""
    program = posixpath.basename(words[0].value)
    rest = words[1:]
    if program == "composer" or (program.startswith("php") and rest and rest[0].value.endswith("composer.phar")):
        return _composer_script(project, rest if program == "composer" else rest[1:], caller)
    if program == "make":
        return _make_target(project, rest)
    if program in _PACKAGE_MANAGERS:
        return _package_script(project, program, rest, caller)
    if program in ("source", ".") and rest and _ENVIRONMENT.search(rest[0].value):
        return None
    if program in (*_SHELLS, "source", "."):
        flags = [word.value for word in rest if word.value.startswith(("-", "+"))]
        named = next((word for word in rest if not word.value.startswith(("-", "+"))), None)
        if named is None or any("c" in flag or "s" in flag for flag in flags if not flag.startswith("--")):
            return None
        return _script(project, named, " ".join((program if program in _SHELLS else "bash", *flags, "{0}")))
    if "/" in words[0].value or _SCRIPT_NAME.search(words[0].value):
        return _script(project, words[0], "")
    return None


def _script(project: Project, word: Word, template: str) -> Callee | Unseen | None:
    path = project.find(word)
    script = project.script(path) if path is not None else None
    if path is None or script is None:
        return Unseen(word.span, word.value) if _SCRIPT_NAME.search(word.value) else None
    return Callee("script", path, path, (script,), template or template_of(project, path))


def template_of(project: Project, path: str) -> str:
    """The shell of a script that is called by its path: its `#!` line, else `sh`."""
    source = project.source(path)
    match = _SHEBANG.match(source.content) if source else None
    return f"{match[1]}{match[2]} {{0}}" if match else "sh {0}"


def _composer_script(project: Project, words: tuple[Word, ...], caller: str) -> Callee | None:
    names = [word.value for word in words if not word.value.startswith("-")]
    if names and names[0] in ("run", "run-script"):
        names = names[1:]
    elif names and names[0] in OWN_COMMANDS:
        return None
    composer = project.composer_of(caller) or next(iter(project.composers), None)
    if not names or composer is None or names[0] not in composer.scripts:
        return None
    texts = tuple(_composer_lines(composer, names[0], ()))
    path = composer.document.source.path
    return Callee("composer", path, f"scripts.{names[0]}", tuple(shell.script(text) for text in texts), "sh {0}")


def _composer_lines(composer: Composer, name: str, outer: tuple[str, ...]) -> Iterator[Text]:
    for line in composer.scripts.get(name, ()):
        for kind, text in script_calls(line):
            if kind == "shell":
                yield text
            elif text.value not in (*outer, name) and len(outer) < DEPTH:
                yield from _composer_lines(composer, text.value, (*outer, name))


def _make_target(project: Project, words: tuple[Word, ...]) -> Callee | None:
    wanted = {word.value for word in words if not word.value.startswith("-") and "=" not in word.value}
    for path in sorted(project.kinds, key=lambda path: path.count("/")):
        if project.kinds[path] == "make":
            scripts = tuple(script for target, script in project.makefile(path) if target in wanted)
            if scripts:
                return Callee("make", path, f"target:{' '.join(sorted(wanted))}", scripts, "sh -e {0}")
    return None


def _package_script(project: Project, program: str, words: tuple[Word, ...], caller: str) -> Callee | None:
    """`npm run x`, `yarn x`: a script of the package.json nearest above the caller, else of the root."""
    names = [word.value for word in words if not word.value.startswith("-")]
    if names and names[0] in ("run", "run-script", "rum", "urn"):
        names = names[1:]
    elif names and program == "npm":
        names = [_OWN_SCRIPTS[names[0]]] if names[0] in _OWN_SCRIPTS else []
    if not names:
        return None
    folder = posixpath.dirname(caller)
    while folder and not project.exists(f"{folder}/package.json"):
        folder = posixpath.dirname(folder)
    path = posixpath.join(folder, "package.json")
    scripts = at(document.root, "scripts") if (document := project.document(path)) is not None else None
    line = scripts.get(names[0]) if isinstance(scripts, Mapping) else None
    if not isinstance(line, Scalar):
        return None
    return Callee("npm", path, f"scripts.{names[0]}", (shell.script(line.text),), "sh {0}")
