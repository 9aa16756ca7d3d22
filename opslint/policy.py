"""The rules that a project has chosen, and how strictly: `.opslint.yaml`."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any

from opslint import rulebook
from opslint.files import Files, UnreadableError
from opslint.finding import Problem, Rule, Severity
from opslint.source import Source, Span, nowhere
from opslint.syntax import yaml
from opslint.syntax.schema import did_you_mean, plain, validate
from opslint.syntax.tree import Mapping as Tree
from opslint.syntax.tree import Node, at
from opslint.syntax.tree import Sequence as Items

NAMES = (".opslint.yaml", ".opslint.yml", ".config/opslint.yaml", ".config/opslint.yml")

_DEEPEST_SETTING = 4  # rules: workers/memory-limit: with: at-most:


class PolicyError(Exception):
    """A policy that cannot be used, with what is wrong and where."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(f"{problem.span}: {problem.message}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Setting:
    """What a policy says of one rule; None where it says nothing."""

    severity: Severity | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A line of `exceptions:`: findings that the team accepts, in words."""

    rule: str
    reason: str
    span: Span
    path: str = "*"
    subject: str = "*"
    until: datetime.date | None = None

    def covers(self, rule: str, path: str, subject: str) -> bool:
        return self.rule == rule and fnmatchcase(path, self.path) and fnmatchcase(subject, self.subject)


@dataclass(frozen=True, slots=True)
class Policy:
    preset: str = "recommended"
    rules: Mapping[str, Setting] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    acts: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    exceptions: tuple[Accepted, ...] = ()
    rules_from: tuple[str, ...] = ()
    base: str | None = None
    path: str | None = None  # None: there is no policy file, and the defaults hold
    # Where each setting is written, by its keys: ("rules", "workers/memory-limit", "with", "at-most").
    places: Mapping[tuple[str, ...], Span] = field(default_factory=dict, compare=False, repr=False)

    def severity(self, rule: Rule) -> Severity:
        """How much a rule weighs here: the policy's word, else the preset's."""
        setting = self.rules.get(rule.id)
        return setting.severity if setting and setting.severity else rule.severity[self.preset]

    def params(self, rule: Rule) -> tuple[Mapping[str, Any], ...]:
        """The rule's parameters, the preset's and the policy's laid over each item of the page's."""
        setting = self.rules.get(rule.id)
        over = {**(rule.strict_params if self.preset == "strict" else {}), **(setting.params if setting else {})}
        return tuple({**item, **over} for item in rule.params) if over else rule.params


@cache
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(resources.files("opslint").joinpath("policy.schema.json").read_text("utf-8"))
    return loaded


def load(files: Files) -> Policy:
    """The project's policy, or the defaults. Raises PolicyError with path:line:column for every mistake."""
    for path in NAMES:
        try:
            content = files.read(path)
        except FileNotFoundError:
            continue
        except UnreadableError as error:
            raise PolicyError(Problem(nowhere(path), f"cannot be read: {error}")) from None
        try:
            return read(Source(path, content.decode("utf-8")), files)
        except UnicodeDecodeError as error:
            raise PolicyError(Problem(nowhere(path), f"is not UTF-8: byte {error.start}")) from None
    return Policy()


def read(source: Source, files: Files) -> Policy:
    """A policy from its text; `files` holds the pages that `rules-from` names."""
    document = yaml.read(source)
    if document.problems:
        raise PolicyError(*document.problems)
    root = document.root
    if root is None or not plain(root):
        return Policy(path=source.path)
    problems = tuple(validate(root, schema()))
    if problems or not isinstance(root, Tree):
        raise PolicyError(*problems)
    data = plain(root)
    rules_from = tuple(data.get("rules-from", ()))
    try:
        rules = {**rulebook.bundled(), **rulebook.team(files, rules_from)}
    except rulebook.PageError as error:
        raise PolicyError(*error.problems) from None
    problems = tuple(_problems(root, rules))
    if problems:
        raise PolicyError(*problems)
    return Policy(
        preset=data.get("extends", "recommended"),
        rules={id: _setting(said) for id, said in data.get("rules", {}).items()},
        exclude=tuple(data.get("exclude", ())),
        files={kind: tuple(globs) for kind, globs in data.get("files", {}).items()},
        acts={name: tuple(entries) for name, entries in data.get("acts", {}).items()},
        exceptions=tuple(_exceptions(root)),
        rules_from=rules_from,
        base=data.get("base"),
        path=source.path,
        places=dict(_places(root, ())),
    )


def _places(node: Node | None, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Span]]:
    """The keys and list items of a policy, as deep as settings are."""
    found = [(str(each.key), each.key.span, each.value) for each in node] if isinstance(node, Tree) else []
    found += [(str(n), each.span, each) for n, each in enumerate(node.items)] if isinstance(node, Items) else []
    for key, span, value in found:
        yield (*keys, key), span
        if len(keys) < _DEEPEST_SETTING - 1:
            yield from _places(value, (*keys, key))


def _setting(said: Any) -> Setting:
    if isinstance(said, str):
        return Setting(Severity(said))
    return Setting(Severity(said["severity"]) if "severity" in said else None, said.get("with", {}))


def _problems(root: Tree, rules: Mapping[str, Rule]) -> Iterator[Problem]:
    chosen = root.get("rules")
    for entry in chosen if isinstance(chosen, Tree) else ():
        rule = rules.get(str(entry.key))
        if rule is None:
            yield _no_such_rule(entry.key.span, str(entry.key), rules)
            continue
        params = at(entry.value, "with")
        if params is not None:
            yield from rulebook.problems_of_params(params, rulebook.check_of(rule.check))
    for index in range(len(plain(root.get("exceptions")) or ())):
        name = at(root, "exceptions", index, "rule")
        if name is not None and not str(name).startswith("opslint/") and str(name) not in rules:
            yield _no_such_rule(name.span, str(name), rules)
        until = at(root, "exceptions", index, "until")
        if until is not None and _date(str(until)) is None:
            yield Problem(until.span, f"expected a date like 2027-01-31, found `{until}`")


def _no_such_rule(span: Span, name: str, rules: Mapping[str, Rule]) -> Problem:
    return Problem(span, f"there is no rule `{name}`{did_you_mean(name, rules)}; `opslint rules` lists them")


def _exceptions(root: Tree) -> Iterator[Accepted]:
    for index, said in enumerate(plain(root.get("exceptions")) or ()):
        node = at(root, "exceptions", index)
        assert node is not None
        yield Accepted(
            rule=said["rule"],
            reason=said["reason"],
            span=node.span,
            path=said.get("path", "*"),
            subject=said.get("subject", "*"),
            until=_date(said.get("until", "")),
        )


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None
