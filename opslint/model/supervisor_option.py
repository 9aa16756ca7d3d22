"""An option as supervisord takes it: given or by default, converted, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opslint.finding import Problem
from opslint.model.supervisor_expansion import Expanded, Names, expand
from opslint.model.supervisor_merge import Section, Setting
from opslint.model.supervisor_table import Known
from opslint.model.supervisor_value import CONVERSIONS
from opslint.source import Span
from opslint.syntax.tree import Entry, Scalar


@dataclass(frozen=True, slots=True)
class Option:
    """One option; `node` is None where it is the default.

    `value` is converted: whole numbers, sizes in bytes, modes as numbers, True and False, `unexpected`, a signal's name
    without SIG, exit codes as a tuple, `environment` as a dict, logs as a path or `AUTO` or `NONE`, None where there
    is no default. It is the text as written where it is not known or not valid.
    """

    name: str
    value: Any
    span: Span  # of the value, else of the section's header
    node: Scalar | None = None
    key: Scalar | None = None
    is_known: bool = True  # False where it depends on the machine: an environment variable, a folder
    problem: Problem | None = None  # why supervisord refuses it

    @property
    def is_valid(self) -> bool:
        return self.problem is None

    @property
    def entry(self) -> Entry | None:
        return Entry(self.key, self.node) if self.key is not None and self.node is not None else None


def option(section: Section, known: Known, *names: Names, label: str = "") -> Option:
    """An option of a section, converted; expanded once with each of these names, as Supervisor expands some twice.

    `label` is what Supervisor calls it in a complaint about its `%`; the second time it is the bare name.
    """
    setting = section.settings.get(known.name)
    if setting is None:
        return Option(known.name, known.default, section.key.span)
    written = setting.text
    try:
        expanded = _expanded(setting, label or f"{section.name}.{known.name}", *names)
        value = CONVERSIONS[known.type](expanded.text) if expanded.is_known or expanded.lists_all else written
    except ValueError as error:
        return _option(known.name, setting, written, problem=Problem(setting.node.span, str(error)))
    return _option(known.name, setting, value if expanded.is_known else written, is_known=expanded.is_known)


def _expanded(setting: Setting, label: str, *rounds: Names) -> Expanded:
    expanded = Expanded(setting.text)
    for names in rounds:
        if setting.is_bound and setting.here is None:
            names = names.plus(here=None)  # merging has put the folder there, whatever it is
        if expanded.is_known:
            expanded = expand(expanded.text, names, label)
        label = str(setting.entry.key)
    return expanded


def _option(
    name: str, setting: Setting, value: Any, *, is_known: bool = True, problem: Problem | None = None
) -> Option:
    node = setting.node
    return Option(name, value, node.span, node, setting.entry.key, is_known, problem)

