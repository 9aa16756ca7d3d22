"""Where in a PHPStan configuration a thing is set, or would be."""

from __future__ import annotations

from opslint.model.phpstan import Phpstan
from opslint.model.phpstan_merge import Table
from opslint.source import Span
from opslint.syntax.tree import Mapping


def section(phpstan: Phpstan, name: str) -> Span:
    """The key of a section, else the first key, else the start of the file: where something is missing."""
    root = phpstan.document.root
    entry = (root.entry(name) or next(iter(root), None)) if isinstance(root, Mapping) else None
    return entry.key.span if entry else phpstan.span()


def paths_key(phpstan: Phpstan) -> Span:
    """The key `paths`, else where it would stand."""
    found = phpstan.parameter("paths")
    return found.key.span if isinstance(found, Table) and found.key else section(phpstan, "parameters")


def is_named_baseline(path: str) -> bool:
    """Whether a file of the repository calls itself a baseline; packages may have the word in their names."""
    return "baseline" in path.lower() and "vendor" not in path.split("/")
