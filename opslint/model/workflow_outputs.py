"""Which outputs a step or a job can set, where everything that sets them can be seen."""

from __future__ import annotations

import re

from opslint.model.command import Site, commands
from opslint.model.project import Project
from opslint.model.workflow import CONTAINER_SHELL, DEFAULT_SHELL, SHELLS, Job, Step
from opslint.model.workflow_calls import called_action, called_workflow
from opslint.syntax.expression import embedded
from opslint.syntax.tree import Mapping, Node, at

_SHELLS = frozenset({DEFAULT_SHELL, CONTAINER_SHELL, SHELLS["bash"], SHELLS["sh"]})
_OWN_WRITE = re.compile(r"""\b(?:echo|printf)\s+(?:-\w+\s+)*(['"]?)(?:::set-output name=)?[A-Za-z_][\w-]*(?:=|<<|::)""")
_WRITES = re.compile(r"GITHUB_OUTPUT|::set-output")
# Programs that do not know of `GITHUB_OUTPUT`. Any other may write to it, though the script does not say so.
_PLAIN = frozenset(
    "[ [[ : awk basename cat cd chmod chown composer cp curl cut date declare df diff dirname docker du echo exit"
    " export false git grep gzip head jq kill ls mkdir mv mysqldump ping printf pwd read readonly rm rsync scp sed"
    " set shopt sleep sort ssh stat tail tar tee test touch tr trap true umask uniq unset unzip wait wc"
    " wget which whoami zip".split()
)


def step_outputs(project: Project, step: Step, name: str) -> bool | None:
    """Whether a step can set an output of that name; None where that cannot be seen."""
    if step.run is not None:
        return _script_sets(step, name)
    action = called_action(project, step)
    if action is None or action.using != "composite":
        return None  # what a program sets need not be declared
    return _has(action.document.root, "outputs", name)


def job_outputs(project: Project, job: Job, name: str) -> bool | None:
    """Whether a job has an output of that name; None for a workflow of another repository."""
    if job.uses is None:
        return _has(job.node, "outputs", name)
    workflow = called_workflow(project, job)
    return None if workflow is None else _has(at(workflow.document.root, "on", "workflow_call"), "outputs", name)


def _has(node: Node | None, key: str, name: str) -> bool | None:
    found = at(node, key)
    if found is None:
        return False
    if not isinstance(found, Mapping) or any("${{" in str(entry.key) for entry in found):
        return None
    return name.lower() in {str(entry.key).lower() for entry in found}


def _script_sets(step: Step, name: str) -> bool | None:
    """By the names in the script: one that stands nowhere in it is set by none of its own lines."""
    assert step.run is not None
    script = str(step.run)
    if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", script, re.IGNORECASE):
        return True
    if step.shell not in _SHELLS or any(_WRITES.search(fence.text.value) for fence in embedded(step.run.text)):
        return None
    lines = [line for line in script.splitlines() if _WRITES.search(line) and not line.lstrip().startswith("#")]
    if lines:
        return False if all(_OWN_WRITE.search(line) for line in lines) else None
    return False if _is_plain(step) else None


def _is_plain(step: Step) -> bool:
    from opslint.syntax import shell

    assert step.run is not None
    script = shell.script(step.run.text)
    site = Site("workflow", step.run.span.path, step.subject, step)
    found = tuple(commands(script, site))
    return not script.problems and all(command.words[0].value in _PLAIN for command in found if command.words)
