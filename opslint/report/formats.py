"""The formats of a report by name; each renderer is imported when it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from opslint.finding import Report

Render = Callable[[Report], str]

NAMES = ("text", "json", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson", "markdown")

# Formats that a service shows beside the code: it looks for their paths from the top of the repository.
FROM_THE_TOP = frozenset({"sarif", "github", "gitlab", "junit", "checkstyle", "rdjson"})


def _late(name: str) -> Render:
    def render(report: Report) -> str:
        rendered = import_module(f"opslint.report.{name}").render(report)
        assert isinstance(rendered, str)
        return rendered

    return render


FORMATS: Mapping[str, Render] = MappingProxyType({name: _late(name) for name in NAMES})
