"""What `opslint explain` tells: a rule's page, what was seen at a place, what a file means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opslint import lint, rulebook
from opslint.files import Disk
from opslint.finding import Finding, Report, Rule, Verdict
from opslint.policy import Policy
from opslint.root import find_root
from opslint.syntax.schema import did_you_mean
from opslint.views.screen import Screen

_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d+)(?::\d+)?")


class UnknownError(Exception):
    """A name that is neither a rule, nor a place, nor a file."""


def root_of(what: str) -> Path | None:
    """The root of the project that a named file belongs to; None for what is no file."""
    place = _PLACE.fullmatch(what)
    path = Path(place["path"] if place else what)
    return find_root(path) if path.is_file() else None


def explain(what: str, root: Path, policy: Policy, *, color: bool, width: int) -> str:
    """The answer as text for a terminal. Raises UnknownError, with what is close."""
    screen = Screen(color=color, width=width)
    rules = {**rulebook.bundled(), **rulebook.team(Disk(root), policy.rules_from)}
    if what in rules:
        screen.markdown(rule_page(rules[what], policy))
        return screen.text
    if what in rulebook.said_itself():
        screen.markdown(f"# {what}\n\n{rulebook.said_itself()[what]}")
        return screen.text
    place = _PLACE.fullmatch(what)
    path = _relative(place["path"] if place else what, root)
    report = lint.lint(Disk(root), policy)
    if path is None:
        names = [*rules, *rulebook.said_itself(), *(each.span.path for each in report.findings)]
        raise UnknownError(f"`{what}` is no rule, and no file below {root}{did_you_mean(what, names)}")
    if place:
        _explain_place(screen, report, path, int(place["line"]), rules)
    else:
        _explain_file(screen, report, path, root, policy)
    return screen.text


def _relative(path: str, root: Path) -> str | None:
    for candidate in (Path.cwd() / path, root / path):
        absolute = candidate.resolve()
        if absolute.is_file() and absolute.is_relative_to(root.resolve()):
            return absolute.relative_to(root.resolve()).as_posix()
    return None


def rule_page(rule: Rule, policy: Policy) -> str:
    """A rule's page as Markdown, with how it is set here and how it is changed."""
    severity = policy.severity(rule)
    return "\n".join(
        [
            f"# {rule.id}",
            f"**{rule.summary}**",
            f"Here it is *{severity.value}* (preset `{policy.preset}`). Since opslint {rule.since}.\n",
            rule.page,
            configuration(rule, policy),
            silencing(rule),
        ]
    )


def configuration(rule: Rule, policy: Policy) -> str:
    """How a rule is set: its severity and what a team may want to change, as they are here."""
    lines = ["rules:", f"  {rule.id}:"]
    lines += [f"    severity: {policy.severity(rule).value}  # off | error | warning | note"]
    if knobs := _knobs(rule, policy):
        lines += ["    with:", *(f"      {name}: {_written(value)}" for name, value in knobs.items())]
    return "\n".join(["## Configure\n", "In `.opslint.yaml`:\n", "```yaml", *lines, "```\n"])


def _knobs(rule: Rule, policy: Policy) -> Mapping[str, Any]:
    """Numbers, switches, choices and lists. A text says what a rule is about: with another it were another rule.

    What a policy sets is laid over each item of `with:`, so that a parameter of which the items differ is none; a
    bound may be missing in some.
    """
    check = rulebook.check_of(rule.check)
    types, defaults = rulebook.schema_of(check)["properties"], rulebook.defaults_of(check)
    found: dict[str, Any] = {}
    for name, shape in types.items():
        values = [item.get(name, defaults.get(name)) for item in policy.params(rule)]
        given = [value for value in values if value is not None]
        is_number = bool(given) and all(type(value) is int for value in given)
        is_text = isinstance(values[0], str) and "enum" not in shape
        is_shared = values.count(values[0]) == len(values)
        if shape == {"type": "integer"} and not given:
            found[name] = "0  # off until it is set"
        elif is_number and given.count(given[0]) == len(given):
            found[name] = given[0]
        elif name in defaults and is_shared and not is_text and (values[0] or values[0] is False):
            found[name] = values[0]
    return found


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(map(str, value))}]" if isinstance(value, (list, tuple)) else str(value)


def silencing(rule: Rule) -> str:
    """How one place, or a kind of place, is excepted from a rule."""
    sign = ";" if rule.kinds == ("supervisor",) else "#"
    comment = [
        "One place, with the reason, on its line or on the line above:\n",
        f"```\n{sign} opslint: ignore[{rule.id}] why this is right here\n```\n",
    ]
    return "\n".join(
        [
            "## Silence\n",
            *(comment if rule.kinds != ("composer",) else ()),  # JSON has no comments
            "A kind of place, with an end, in `.opslint.yaml`:\n",
            f"```yaml\nexceptions:\n  - rule: {rule.id}\n    reason: why this is so\n    until: 2027-01-31\n```",
        ]
    )


def _explain_place(screen: Screen, report: Report, path: str, line: int, rules: Mapping[str, Rule]) -> None:
    here = [finding for finding in report.findings if _touches(finding.verdict, path, line)]
    for finding in here:
        _explain_finding(screen, finding, rules)
    if not here:
        screen.line(f"{path}:{line}: no finding here", "bold")
    content = [
        (id, verdict)
        for id, verdicts in sorted(report.verdicts.items())
        for verdict in verdicts
        if verdict.state == "holds" and _touches(verdict, path, line)
    ]
    if content:
        screen.line("\nContent with this place:", "bold")
    for id, verdict in content:
        screen.line(f"  {id}: {verdict.message}")
    if not here and not content:
        screen.line("No rule looks at this place.")


def _explain_finding(screen: Screen, finding: Finding, rules: Mapping[str, Rule]) -> None:
    screen.line(f"{finding.span}: {finding.severity.value}: {finding.rule}", "bold")
    screen.line(f"  {finding.verdict.message}")
    for note in finding.verdict.notes:
        screen.line(f"  {note.span}: {note.message}")
    if finding.verdict.hint:
        screen.line(f"  to decide it: {finding.verdict.hint}")
    if finding.verdict.fix:
        screen.line(f"  mend it: {finding.verdict.fix.title}")
    if finding.rule in rules:
        screen.line("")
        screen.markdown(rules[finding.rule].page.split("\n## ", 1)[0])
        screen.line(f"More: opslint explain {finding.rule}\n")


def _touches(verdict: Verdict, path: str, line: int) -> bool:
    first, _, last, column = verdict.span.place
    return verdict.span.path == path and first <= line <= (last if column > 1 or last == first else last - 1)


def _explain_file(screen: Screen, report: Report, path: str, root: Path, policy: Policy) -> None:
    project = lint.open_project(Disk(root), policy)
    kind = project.kinds.get(path)
    screen.line(f"{path}: {f'linted as {kind}' if kind else 'not a file that opslint lints'}", "bold")
    findings = [finding for finding in report.findings if finding.span.path == path]
    for finding in findings:
        screen.line(f"  {finding.span.place[0]}: {finding.severity.value}: {finding.rule}: {finding.verdict.message}")
    looked = {id for id, verdicts in report.verdicts.items() for v in verdicts if v.span.path == path}
    content = sorted(looked - {finding.rule for finding in findings})
    if content:
        screen.line(f"Content: {', '.join(content)}")
    if kind == "supervisor":
        from opslint.views import processes

        processes.tell(screen, project, path)
    elif kind == "workflow":
        from opslint.views import checks

        checks.explain_workflow(screen, project, path)
