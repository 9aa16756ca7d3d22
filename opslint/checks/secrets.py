"""Claims about secrets: that none is written out."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.finding import Verdict
from opslint.model.project import Project
from opslint.model.secret import secrets


def never_literal(project: Project) -> Iterator[Verdict]:
    """No secret stands as a literal in a workflow, script or Supervisor file. Says what and where, never which."""
    found = secrets(project)
    for secret in found:
        yield Verdict(secret.span, "broken", f"{secret.what} is written out in the repository", secret.subject)
    dirty = {secret.span.path for secret in found}
    for path in project.kinds:
        source = project.source(path)
        if path not in dirty and source is not None:
            yield Verdict(source.span(), "holds", "no secret is written out in this file", path)
