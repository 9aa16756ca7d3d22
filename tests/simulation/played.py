"""Workflows and scripts written in a test, as programs, and their courses."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from opslint.model.workflow import Action, Workflow, read_action, read_workflow
from opslint.simulation.command import Meaning
from opslint.simulation.explore import runs
from opslint.simulation.machine import WorkflowProgram
from opslint.simulation.run import Run
from opslint.simulation.script import ScriptProgram
from opslint.source import Source
from opslint.syntax import shell, yaml
from opslint.syntax.script import Word

_ACTS = {
    "php artisan down": "maintenance-on",
    "php artisan up": "maintenance-off",
    "php artisan migrate": "migrate",
    "php artisan queue:restart": "restart-workers",
    "mysqldump": "backup-database",
    "mysql": "restore-database",
    "git pull": "update-code",
}


def acts(words: tuple[Word, ...], remote: bool = False, reads: str = "") -> str | None:
    """A few acts, enough for tests."""
    text = " ".join(word.value for word in words)
    return next((act for command, act in _ACTS.items() if text == command or text.startswith(command + " ")), None)


def workflow(text: str) -> Workflow:
    return read_workflow(yaml.read(Source(".github/workflows/deploy.yml", textwrap.dedent(text))))


def action(text: str) -> Action:
    return read_action(yaml.read(Source("action/action.yml", textwrap.dedent(text))))


def program(text: str, job: str | None = None, actions: Mapping[str, Action] | None = None) -> WorkflowProgram:
    known = actions or {}
    return WorkflowProgram(workflow(text), Meaning(acts=acts, action=lambda step: known.get(str(step.uses))), job)


def script(text: str, template: str = "bash -e {0}") -> ScriptProgram:
    return ScriptProgram(shell.script(Source("deploy.sh", text).text), Meaning(acts=acts), template)


def courses(made: WorkflowProgram | ScriptProgram, mishaps: int = 1, survive: str = "failure cancel timeout") -> list[Run]:
    """Every course."""
    found, left = runs(made, frozenset(_ACTS.values()), mishaps, tuple(survive.split()))
    assert not left, left
    return list(found)


def course(made: WorkflowProgram | ScriptProgram, mishap: str = "", mishaps: int = 1, because: str = "", survive: str = "failure cancel timeout") -> Run:  # fmt: skip
    """The first course with this mishap, told as `` `work` fails ``."""
    for run in courses(made, mishaps, survive):
        if run.mishap == mishap and any(because in happening.because for happening in run.happenings):
            return run
    raise AssertionError(f"no course in which {mishap or 'nothing goes wrong'}")


def ran(run: Run, command: str) -> bool:
    """Whether a command was begun."""
    return any(h.text == command and h.kind == "command" and h.outcome != "skipped" for h in run.happenings)


def begun(run: Run) -> list[str]:
    """The commands that were begun, in order."""
    return [h.text for h in run.happenings if h.kind == "command" and h.outcome != "skipped"]
