"""The comment that silences a finding where it stands, where one can stand and change nothing."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from typing import Any

from opslint.files import Memory
from opslint.finding import Edit, Finding
from opslint.fixes import edited
from opslint.model.project import Project
from opslint.model.suppression import PLACEHOLDER
from opslint.silence import ALWAYS_TOLD
from opslint.source import Source
from opslint.syntax.schema import plain
from opslint.weakened import WEAKENED

_SIGNS = {
    "action": "#",
    "make": "#",
    "php": "//",
    "phpstan": "#",
    "script": "#",
    "supervisor": ";",
    "workflow": "#",
}
_SCRIPTS = frozenset({"run", "script", "command"})  # keys of workflows behind which a comment is the shell's
_FLUSH = frozenset({"make", "supervisor"})  # where a blank before the comment would say something


def silencing(finding: Finding, source: Source, kind: str | None) -> Edit | None:
    """Insert the comment above the finding's line, or else at its end. None where neither leaves the file's meaning.

    It holds PLACEHOLDER where the reason belongs; until that is replaced it silences nothing, and says so.
    """
    sign = _SIGNS.get(kind or "")
    if not sign or finding.rule in ALWAYS_TOLD or finding.rule == WEAKENED:
        return None
    comment = f"{sign} opslint: ignore[{finding.rule}] {PLACEHOLDER}"
    before = _meaning(source.path, source.content, kind or "", comment)
    for edit in _candidates(source, finding.span.place[0], kind or "", comment):
        if _meaning(source.path, edited(source.content, [edit]), kind or "", comment) == before:
            return edit
    return None


def _candidates(source: Source, line: int, kind: str, comment: str) -> Iterator[Edit]:
    text = source.line(line)
    indent = "" if kind in _FLUSH else text[: len(text) - len(text.lstrip())]
    start = source.offset(line, 1)
    line_break = "\r\n" if "\r\n" in source.content else "\n"
    if line > 1 or (kind != "php" and not text.startswith(("#!", "\ufeff"))):
        yield Edit(source.span(start), f"{indent}{comment}{line_break}")
    if text.strip() and not text.startswith("#!"):
        yield Edit(source.span(start + len(text)), f" {comment}")


def _meaning(path: str, content: str, kind: str, comment: str) -> object:
    """What a file says apart from its comments: its values, and the commands that it runs."""
    project = Project(Memory({path: content}), named={kind: (glob.escape(path),)})
    if kind == "php":
        from opslint.syntax import php

        document = php.read_array(Source(path, content))
        return (plain(document.root), len(document.problems)) if document else None
    document = project.document(path)
    values = _without(plain(document.root), comment) if document else None
    problems = len(document.problems) if document else 0
    words = [tuple(word.value for word in each.words) for each in project.commands_of(path)]
    return values, problems, words


def _without(value: Any, comment: str, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _without(each, comment, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_without(each, comment, key) for each in value]
    if isinstance(value, str) and key in _SCRIPTS:
        ending = re.compile(rf"(?:^[ \t]*{re.escape(comment)}\n|[ \t]+{re.escape(comment)}$)", re.MULTILINE)
        return ending.sub("", value)
    return value
