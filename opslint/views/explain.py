"""What `opslint explain` tells: a rule's page, a place, what a file means, why a rule is silent."""

from __future__ import annotations

import os
import re
from pathlib import Path

from opslint.finding import Rule
from opslint.policy import NAMES, Policy
from opslint.root import find_root
from opslint.syntax.schema import did_you_mean
from opslint.views.built_in import BUILT_IN
from opslint.views.explain_file import tell_file
from opslint.views.explain_place import tell_place, tell_rule_at
from opslint.views.inspection import Inspection, Place
from opslint.views.origins import tell_origins, tell_setting
from opslint.views.rule_page import rule_page
from opslint.views.screen import Screen
from opslint.views.why_not import tell_why_not

_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d+)(?::\d+)?")


class UnknownError(Exception):
    """What was asked for is no rule, no place and no file, or makes no question."""


def root_of(what: str) -> Path | None:
    """The root of the project that a named file belongs to; None for what is no file.

    Where no folder above it is marked as one, the current folder: people name files from a root.
    """
    place = _PLACE.fullmatch(what)
    path = Path(os.path.abspath(place["path"] if place else what))
    if not path.is_file():
        return None
    found, here = find_root(path), Path.cwd()
    marked = (found / ".git").exists() or any((found / name).is_file() for name in NAMES)
    return found if marked or not path.is_relative_to(here) else here


def explain(
    what: str,
    root: Path,
    policy: Policy,
    *,
    at: str = "",
    why_not: bool = False,
    color: bool,
    width: int,
    encoding: str = "utf-8",
) -> str:
    """The answer as text for a terminal. Raises UnknownError, with what is close."""
    screen = Screen(color=color, width=width, encoding=encoding)
    seen = Inspection.of(root, policy)
    if what not in seen.rules:
        if at or why_not:
            option = "--at" if at else "--why-not"
            raise UnknownError(f"`{option}` asks about a rule, and {_no_rule(what, seen, root)}")
        _tell_other(screen, seen, what, root)
    elif why_not:
        tell_why_not(screen, seen, seen.rules[what], _place(at, seen, root, "") if at else None)
    elif at:
        tell_rule_at(screen, seen, what, _place(at, seen, root, ""))
    else:
        screen.markdown(rule_page(seen.rules[what], policy))
        screen.line("")
        tell_origins(screen, seen.rules[what], policy)
    return screen.text


def _tell_other(screen: Screen, seen: Inspection, what: str, root: Path) -> None:
    """What is no rule: a family of rules, what opslint says by itself, a place, a file."""
    family = [rule for id, rule in seen.rules.items() if id.startswith(f"{what}/")]
    if what in BUILT_IN:
        screen.line(what, "bold")
        screen.markdown(BUILT_IN[what])
    elif family and _relative(what, root) is None:
        _family(screen, family, seen.policy)
    else:
        place = _place(what, seen, root, f"{_no_rule(what, seen, root)}, and ")
        if place.path == seen.policy.path:
            lines = {span.place[0] for span in seen.policy.places.values()} if place.line is None else {place.line}
            told = [tell_setting(screen, seen.policy, line, seen.rules) for line in sorted(lines)]
            if not any(told):
                screen.line(f"{place}: nothing is set here", "bold")
        elif place.line is not None:
            tell_place(screen, seen, place)
        else:
            tell_file(screen, seen, place.path)


def _family(screen: Screen, rules: list[Rule], policy: Policy) -> None:
    width = max(len(rule.id) for rule in rules)
    for rule in rules:
        screen.line(f"{rule.id:<{width}}  {policy.severity(rule).value:<7}  {rule.summary}")


def _place(what: str, seen: Inspection, root: Path, otherwise: str) -> Place:
    """`PATH`, `PATH:LINE` or `PATH:LINE:COLUMN`, as a place of this project."""
    found = _PLACE.fullmatch(what)
    path = _relative(found["path"] if found else what, root)
    if path is None:
        close = "" if otherwise else did_you_mean(what.partition(":")[0], seen.project.kinds)
        raise UnknownError(f"{otherwise}there is no file `{what.partition(':')[0]}` below {root}{close}")
    if found is None:
        return Place(path)
    source, line = seen.project.source(path), int(found["line"])
    if source is not None and not 1 <= line <= source.lines:
        raise UnknownError(f"{path} has {source.lines} lines, and none is {line}")
    return Place(path, line)


def _no_rule(what: str, seen: Inspection, root: Path) -> str:
    path = what.partition(":")[0]
    named = [id for id in seen.rules if id.endswith(f"/{what}")]
    close = f" (did you mean `{named[0]}`?)" if named else ""
    if _relative(path, root) is not None:
        return f"`{what}` is no rule"
    names = (*seen.rules, *BUILT_IN, *{id.split("/")[0] for id in seen.rules}, *seen.project.kinds)
    return f"`{what}` is no rule{close or did_you_mean(path, names)}"


def _relative(path: str, root: Path) -> str | None:
    for candidate in (Path.cwd() / path, root / path):
        absolute = candidate.resolve()
        if absolute.is_file() and absolute.is_relative_to(root.resolve()):
            return absolute.relative_to(root.resolve()).as_posix()
    return None
