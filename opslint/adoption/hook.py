"""The commit hook: opslint in `.pre-commit-config.yaml`."""

from __future__ import annotations

import opslint
from opslint.adoption.change import Change, text_of
from opslint.adoption.listing import with_item
from opslint.files import Files
from opslint.source import Source
from opslint.syntax import yaml
from opslint.syntax.schema import plain

PATH = ".pre-commit-config.yaml"
REPOSITORY = "https://github.com/opslint/opslint"
REVISION = f"v{opslint.__version__}"
_IDS = ("opslint", "opslint-project")
ITEM = (f"repo: {REPOSITORY}", f"rev: {REVISION}", "hooks:", "  - id: opslint")
_FLOW = f"{{repo: {REPOSITORY}, rev: {REVISION}, hooks: [{{id: opslint}}]}}"


def is_there(files: Files) -> bool:
    """Whether the project's configuration has one of our hooks, whoever serves it."""
    content = text_of(files, PATH)
    data = plain(yaml.read(Source(PATH, content)).root) if content is not None else None
    repositories = data.get("repos") if isinstance(data, dict) else None
    return any(
        isinstance(hook, dict) and hook.get("id") in _IDS
        for each in repositories or ()
        if isinstance(each, dict)
        for hook in each.get("hooks") or ()
    )


def change(files: Files) -> Change:
    """The configuration with our hook behind the others, or a new one. Raises NotEditableError, NotWrittenError."""
    content = text_of(files, PATH)
    return Change(PATH, content, with_item(Source(PATH, content or ""), "repos", ITEM, _FLOW))
