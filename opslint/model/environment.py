"""The environment variables a command is given: by its line, script, step, job or workflow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from opslint.model.command import Command
from opslint.model.run import StepOf
from opslint.model.workflow import Workflow
from opslint.syntax.tree import Node

if TYPE_CHECKING:
    from opslint.model.project import Project


def environments(owner: StepOf) -> Iterator[Mapping[str, Node]]:
    """The `env:` of a step, its job and its workflow, the nearest first."""
    yield owner.step.env
    if owner.job is not None:
        yield owner.job.env
    if isinstance(owner.workflow, Workflow):
        yield owner.workflow.env


def is_switched_on(project: Project, command: Command, variable: str) -> bool:
    """Whether a switch such as `COMPOSER_NO_DEV=1` is set for a command, as far as that is written down."""
    setting = re.compile(rf"(?<![\w$]){re.escape(variable)}=[\"']?(?:1|true|yes)\b", re.IGNORECASE)
    if setting.search(command.raw.value) or any(
        setting.search(word.value) for wrapper in command.via for word in wrapper.words
    ):
        return True
    owner = command.site.owner
    if isinstance(owner, StepOf) and not command.remote:
        nearest = next((env[variable] for env in environments(owner) if variable in env), None)
        if nearest is not None and str(nearest).lower() in ("1", "true", "yes"):
            return True
    return any(
        other.words[0].value in ("export", "declare") and setting.search(str(other))
        for other in project.commands_of(command.site.path)
        if other.site.subject == command.site.subject and other.remote == command.remote
    )
