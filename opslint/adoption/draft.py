"""The `.opslint.yaml` that fits a repository: what needs a decision, and nothing more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opslint import rulebook
from opslint.adoption.trees import Named, foreign, supervisors
from opslint.finding import Finding, Report
from opslint.model.act import Acts
from opslint.model.analysis import analyses
from opslint.model.command import Command
from opslint.model.phpstan_ignores import total
from opslint.model.project import Project
from opslint.report.safe import visible
from opslint.source import Source, Span
from opslint.syntax import yaml
from opslint.syntax.schema import plain

PATH = ".opslint.yaml"
_BASELINE = "phpstan/baseline-at-most"
_ACT = re.compile(r"`?acts: \{([\w-]+):")
_HEAD = """\
# How strictly opslint judges this project. `opslint rules` lists the rules,
# `opslint explain RULE` says why one exists, `opslint files` shows what is linted.

# `recommended` is what breaks, with high confidence; `strict` is also what a careful
# team wants and most lack.
extends: recommended
"""
_ACTS = """
# What these do is not to be seen from here. Where one does something to production, say
# what: update-code, migrate, build-caches, restart-workers, check-health, ... What stands
# here is an example, not what was found.
# acts:
"""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A command that opslint could not follow, and the pattern by which the policy can say what it does."""

    span: Span
    act: str  # an example: what it does only the team knows
    entry: str  # as it stands in the list of an act
    waiting: int  # rules that cannot decide without it


def draft(project: Project, report: Report) -> str:
    """The policy for a project without one, as YAML with comments; it loads, and says nothing it does not know.

    `report` is what opslint found with its defaults.
    """
    own = foreign(project.files, project.kinds)
    hidden = tuple(supervisors(project.files, project.kinds))
    return "".join((_HEAD, _exclude(own), _files(hidden), _knobs(project, report), _acts(unseen(project, report))))


def _exclude(found: Iterable[Named]) -> str:
    lines = "".join(f"  - {written(_glob_below(each.path))}  # {each.why}\n" for each in found)
    return f"\n# Not linted:\nexclude:\n{lines}" if lines else ""


def _files(found: Iterable[Named]) -> str:
    lines = "".join(f"    - {written(glob_of(each.path))}  # {visible(each.why)}\n" for each in found)
    head = "\n# Linted too, though their names do not say what they are:\nfiles:\n  supervisor:\n"
    return head + lines if lines else ""


def _knobs(project: Project, report: Report) -> str:
    lines = "".join(f"#   {line}\n" for line in knobs(project, report))
    return f"\n# Numbers to agree on. Without a line of yours they are:\n# rules:\n{lines}" if lines else ""


def knobs(project: Project, report: Report) -> Iterator[str]:
    """The rules that judged something here and have numbers to set, each as a line of `rules:`.

    A number below 2 is a way of counting and no measure that a team agrees on.
    """
    for rule in rulebook.bundled().values():
        said = rule.params[0] if rule.params else {}
        numbers = {name: value for name, value in said.items() if type(value) is int and value > 1}
        if numbers and any(verdict.state != "undecided" for verdict in report.verdicts.get(rule.id, ())):
            yield f"{rule.id}: {{with: {{{', '.join(f'{name}: {value}' for name, value in numbers.items())}}}}}"
    errors = baseline_errors(project)
    if errors:
        yield f"{_BASELINE}: {{with: {{errors: {errors}}}}}  # today's baseline; off until it is set"


def baseline_errors(project: Project) -> int | None:
    """How many errors the largest baseline of an application hides; None where one cannot be counted."""
    found = [
        [entry for baseline in analysis.phpstan.baselines for entry in baseline.everything()]
        for analysis in analyses(project)
        if analysis.phpstan is not None
    ]
    if not all(entry.known for entries in found for entry in entries):
        return None
    return max((total(entries) for entries in found), default=0)


def _acts(found: tuple[Unseen, ...]) -> str:
    lines = ""
    for act in dict.fromkeys(each.act for each in found):
        entries = (f"#     - {each.entry}  # {visible(_told(each))}\n" for each in found if each.act == act)
        lines += f"#   {act}:\n" + "".join(entries)
    return _ACTS + lines if lines else ""


def _told(each: Unseen) -> str:
    line, column, *_ = each.span.place
    return f"{each.span.path}:{line}:{column}; {each.waiting} rule{'s wait' if each.waiting != 1 else ' waits'} for it"


def unseen(project: Project, report: Report) -> tuple[Unseen, ...]:
    """What was reported as undecided and a line under `acts:` would decide; each once, at its first place."""
    found: dict[str, Unseen] = {}
    for finding in report.findings:
        act = _ACT.search(finding.verdict.hint)
        entry = _entry(project, finding, act[1]) if act and not finding.decided else None
        if act and entry:
            found.setdefault(entry, Unseen(finding.span, act[1], entry, len(finding.verdict.notes)))
    return tuple(found.values())


def _entry(project: Project, finding: Finding, act: str) -> str | None:
    """The line that makes an act of what stands at a finding; None where no pattern would."""
    span = finding.span
    if span.written.count("/") > 1 and "@" in span.written and not re.search(r"\s", span.written):
        return f"{{uses: {written(span.written.partition('@')[0])}}}"
    for command in (each for each in project.commands() if _meets(each, span)):
        for pattern in _patterns(command, span):
            if (found := Acts.load({act: [pattern]}).of_command(command)) and found.name == act:
                return written(pattern)
    return None


def _meets(command: Command, span: Span) -> bool:
    return command.site.path == span.path and any(_lies_in(word.span, span) for word in command.words)


def _lies_in(word: Span, span: Span) -> bool:
    """By offsets: a report's sources are its own, since it hides secrets in them."""
    return span.start <= word.start and word.end <= span.end


def _patterns(command: Command, span: Span) -> Iterator[str]:
    """By its own name, else as what its program is given."""
    words = [word for word in command.words if _lies_in(word.span, span)]
    name = re.sub(r"[^\w.-]", "", words[0].value.rsplit("/", 1)[-1])
    program = command.words[0].value.rsplit("/", 1)[-1]
    yield from (name, f"{program} *{name}") if name else ()


def glob_of(path: str) -> str:
    """The glob that matches a path and nothing else."""
    return re.sub(r"([*?[])", r"[\1]", path)


def _glob_below(folder: str) -> str:
    """What excludes a folder: its name, which is taken as it is written, unless it must be a glob."""
    glob = glob_of(folder)
    return folder if glob == folder else f"{glob}/*"


def written(text: str) -> str:
    """A text as a scalar of YAML that reads as that text, also in an item of a list."""
    for spelt in (text, "'" + text.replace("'", "''") + "'"):
        document = yaml.read(Source("", f"- [{spelt}]"))
        if visible(text) == text and not document.problems and plain(document.root) == [[text]]:
            return spelt
    return json.dumps(text)  # escapes all that a reader could not see
