"""Scripts that a shell would refuse to read, those handed to ssh and `bash -c` too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opslint.finding import Problem
from opslint.model.run import StepOf, Written, scripts_of, statements
from opslint.model.unwrap import unwrap
from opslint.model.workflow import DEFAULT_SHELL
from opslint.syntax.script import Script, Simple
from opslint.syntax.tree import scalars

if TYPE_CHECKING:
    from opslint.model.project import Project

_KINDS = ("workflow", "action", "script", "composer")  # make has a language of its own around its recipes
_SHELL = re.compile(r"\A(?:\S*/)?(?:ba|da|a|k)?sh\b")
_SHEBANG = re.compile(r"\A#!\s*\S*?(?:/env\s+(?:-S\s+)?)?([^/\s]+)(?:\s|\Z)")
_DEEPEST = 20


def broken_scripts(project: Project) -> Iterator[Problem]:
    """What is wrong with the first script of each nest of scripts that cannot be read; none where no shell reads it."""
    for path, kind in project.kinds.items():
        if kind in _KINDS:
            for written in scripts_of(project, path, kind):
                if _is_for_a_shell(project, written):
                    yield from _problems(written.script)


def _is_for_a_shell(project: Project, written: Written) -> bool:
    owner = written.site.owner
    if isinstance(owner, StepOf):
        by_default = owner.step.shell == DEFAULT_SHELL and owner.step.node.get("shell") is None
        anywhere = owner.job is not None and any("${{" in str(label) for label in scalars(owner.job.runs_on))
        return bool(written.via) or (_SHELL.match(owner.step.shell) is not None and not (by_default and anywhere))
    if written.site.kind != "script":
        return True
    source = project.source(written.site.path)
    named = _SHEBANG.match(source.content) if source is not None else None
    return named is None or _SHELL.fullmatch(named[1]) is not None


def _problems(script: Script, depth: int = 0) -> Iterator[Problem]:
    if script.problems or depth > _DEEPEST:
        yield from script.problems[:1]
        return
    for statement in statements(script.body):
        nested = unwrap(statement).nested if isinstance(statement, Simple) and statement.words else None
        if nested is not None and _SHELL.match(nested.shell or "sh"):
            yield from _problems(nested.script, depth + 1)
