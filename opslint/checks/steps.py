"""Claims about steps that use an action."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opslint.finding import Verdict
from opslint.model.deployment import all_steps
from opslint.model.project import Project
from opslint.syntax.tree import Entry, Mapping

_VERSION = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?")


def never_given(project: Project, *, uses: str, input: str, from_version: str, why: str) -> Iterator[Verdict]:
    """An action is not given an input that its version no longer reads.

    A tag like `v1` floats: it is its newest release. The version behind a commit is not visible, and not judged.
    """
    for workflow in project.workflows:
        for job in workflow.jobs:
            for step in all_steps(job.steps):
                name, _, ref = str(step.uses or "").partition("@")
                if name.lower() != uses:
                    continue
                entry = next((entry for entry in _inputs(step.node) if str(entry.key) == input), None)
                if entry is None or not _is_at_least(ref, from_version):
                    place = step.uses.span if step.uses else step.node.span
                    yield Verdict(place, "holds", f"`{input}` is not given in vain", step.subject)
                else:
                    yield Verdict(entry.key.span, "broken", f"`{input}` {why}", step.subject)


def _inputs(node: object) -> Iterator[Entry]:
    inputs = node.get("with") if isinstance(node, Mapping) else None
    yield from inputs if isinstance(inputs, Mapping) else ()


def _is_at_least(ref: str, wanted: str) -> bool:
    """Whether a tag stands for that version or a later one; a part left out floats to the newest."""
    if ref in ("master", "main"):
        return True
    match = _VERSION.fullmatch(ref)
    if match is None:
        return False
    parts = tuple(float("inf") if part is None else int(part) for part in match.groups())
    return parts >= tuple(int(part) for part in wanted.split("."))
