"""Claims about files that are named: that they exist, and can be run."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from opslint.finding import Verdict
from opslint.model.command import Command
from opslint.model.option import line
from opslint.model.project import Project
from opslint.model.supervisor import Program
from opslint.source import Span
from opslint.syntax.script import Word

_INTERPRETERS = frozenset("bash sh dash ash zsh python python3 perl ruby node".split())


def command_exists(project: Project) -> Iterator[Verdict]:
    """A script of this repository that a program runs exists, and is executable in git where it is called directly.

    A path is this repository's where it lies below the folder from which some program here runs `artisan`.
    """
    roots = _deployed_roots(project)
    for path in project.all_paths("supervisor"):
        for command in project.commands_of(path):
            named = _named(command)
            if named is not None:
                yield from _judge(project, command, *named, roots)


def _deployed_roots(project: Project) -> frozenset[str]:
    """The folders on the server that hold this repository: where `artisan` is run."""
    found = set()
    if project.exists("artisan"):
        for path in project.all_paths("supervisor"):
            for command in project.commands_of(path):
                for word in command.words:
                    if posixpath.basename(word.value) == "artisan":
                        folder = posixpath.dirname(word.value) or _directory(command)
                        found |= {folder} if folder.startswith("/") else set()
    return frozenset(found)


def _directory(command: Command) -> str:
    owner = command.site.owner
    return str(owner.option("directory").value) if isinstance(owner, Program) else ""


def _named(command: Command) -> tuple[Word, bool] | None:
    """The script that a command runs, and whether it is called directly."""
    first = command.words[0]
    name = posixpath.basename(first.value).rstrip("0123456789.")
    if name == "php":
        script = line(command.words).program  # its own options are read there
        return (script, False) if script is not None and script is not first and "/" in script.value else None
    if name in _INTERPRETERS:
        rest = [word for word in command.words[1:] if not word.value.startswith("-")]
        return (rest[0], False) if rest and "/" in rest[0].value else None
    return (first, True) if "/" in first.value else None


def _judge(project: Project, command: Command, word: Word, directly: bool, roots: frozenset[str]) -> Iterator[Verdict]:
    absolute = posixpath.normpath(posixpath.join(_directory(command), word.value))
    root = next((root for root in roots if absolute.startswith(root.rstrip("/") + "/")), None)
    if root is None or not word.is_literal or "%(" in word.value:
        return
    path = absolute[len(root.rstrip("/")) + 1 :]
    subject = command.site.subject
    if path.startswith(("vendor/", "node_modules/", "storage/", "bootstrap/cache/", "public/build/")):
        return
    if not project.exists(path):
        yield Verdict(
            word.span, "broken", f"`{path}` is not in the repository: Supervisor finds nothing to run", subject
        )
    elif not directly:
        yield Verdict(word.span, "holds", f"`{path}` exists, and needs no executable bit", subject)
    else:
        yield _executable(project, path, word.span, subject)


def _executable(project: Project, path: str, span: Span, subject: str) -> Verdict:
    mode = project.files.mode(path)
    if mode is None:
        message = f"whether `{path}` is executable is not to be seen"
        return Verdict(span, "undecided", message, subject, hint="lint a git checkout, where the file is tracked")
    if mode == 0o100755:
        return Verdict(span, "holds", f"`{path}` exists and is executable in git", subject)
    return Verdict(span, "broken", f"`{path}` is not executable in git: `git update-index --chmod=+x {path}`", subject)
