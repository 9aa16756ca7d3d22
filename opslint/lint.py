"""From a project and a policy to findings: the whole pipeline on one screen."""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from opslint import rulebook
from opslint.files import Files
from opslint.finding import Finding, Note, Report, Rule, Severity, Verdict
from opslint.mask import Masks
from opslint.model.act import Acts
from opslint.model.project import Project
from opslint.model.secret import secrets
from opslint.policy import Policy
from opslint.silence import silence
from opslint.source import Span
from opslint.weakened import weakened

_VALIDITY = {"supervisor": "supervisor/valid", "phpstan": "phpstan/valid"}  # kinds whose problems a rule tells
PARSE, INTERNAL, UNDECIDED = "opslint/parse", "opslint/internal", "opslint/undecided"


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule and everything that its check said."""

    rule: Rule
    severity: Severity
    verdicts: tuple[Verdict, ...]
    crash: str = ""


def lint(
    files: Files,
    policy: Policy,
    only: tuple[str, ...] | None = None,
    before: Files | None = None,
    *,
    before_missing: str = "",
    root: str = ".",
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    today: datetime.date | None = None,
) -> Report:
    """Judge a tree of files by a policy.

    `only` narrows what is reported to those paths, not what is followed. `before` is the base revision that ratchets
    compare with, or `before_missing` says why there is none. `select` names the only rules and families to run,
    `ignore` those that do not.
    """
    project = open_project(files, policy, before, before_missing)
    rules = {**rulebook.bundled(), **rulebook.team(files, policy.rules_from)}
    judged = tuple(judge(project, policy, _chosen(rules, select, ignore)))
    found = [*_parse_findings(project, judged), *_broken(judged), *_crashes(judged), *_undecided(judged)]
    if before is not None and not select:
        found += weakened(policy, before, rules)
    kept, suppressed = silence(
        found,
        (*project.suppressions, *policy.exceptions),
        rules=frozenset(rules),
        judged=frozenset(each.rule.id for each in judged),
        today=today or datetime.date.today(),
    )
    masks = Masks(secrets(project))
    return Report(
        root=root,
        findings=masks.hide(_identified(finding for finding in kept if _is_in(finding, only))),
        files=len(project.kinds),
        rules=len(judged),
        suppressed=suppressed,
        complete=not any(each.crash for each in judged),
        exceptions=tuple(f"{each.rule} in {each.path}: {each.reason}" for each in policy.exceptions),
        pages=rules,
        verdicts=masks.hide({each.rule.id: each.verdicts for each in judged}),
    )


def open_project(files: Files, policy: Policy, before: Files | None = None, before_missing: str = "") -> Project:
    """The project of a tree of files, as a policy reads it."""
    acts = Acts.load(policy.acts)
    past = Project(before, acts=acts, named=policy.files, exclude=policy.exclude) if before is not None else None
    return Project(
        files,
        acts=acts,
        named=policy.files,
        exclude=policy.exclude,
        before=past,
        before_missing=before_missing,
    )


def _chosen(rules: Mapping[str, Rule], select: tuple[str, ...], ignore: tuple[str, ...]) -> tuple[Rule, ...]:
    def named(rule: Rule, names: tuple[str, ...]) -> bool:
        return rule.id in names or rule.id.split("/")[0] in names

    return tuple(rule for rule in rules.values() if (not select or named(rule, select)) and not named(rule, ignore))


def judge(project: Project, policy: Policy, rules: Iterable[Rule]) -> Iterator[Judged]:
    """What each rule that is on says. A rule that crashes says so, and the others still speak."""
    for rule in rules:
        severity = policy.severity(rule)
        if severity is Severity.OFF:
            continue
        check = rulebook.check_of(rule.check)
        params = [each for each in policy.params(rule) if rulebook.is_complete(check, each)]
        if not params:
            continue
        narrowed = project.only(rule.kinds)
        try:
            verdicts = tuple(v for each in params for v in check(narrowed, **rulebook.arguments(each)))
            yield Judged(rule, severity, verdicts)
        except Exception as error:
            yield Judged(rule, severity, (), f"{type(error).__name__}: {error}")


def _broken(judged: Iterable[Judged]) -> Iterator[Finding]:
    findings = [
        Finding(each.rule.id, _severity(each, verdict), verdict)
        for each in judged
        for verdict in each.verdicts
        if verdict.state == "broken"
    ]
    yields_to = {each.rule.id: each.rule.yields_to for each in judged}
    told_by = {
        id(weaker): next((f for f in findings if f.rule in yields_to[weaker.rule] and _passes(weaker, f)), None)
        for weaker in findings
    }
    for finding in findings:
        if told_by[id(finding)] is None:
            effects = tuple(_as_note(weaker) for weaker in findings if told_by[id(weaker)] is finding)
            yield replace(finding, verdict=replace(finding.verdict, notes=finding.verdict.notes + effects))


def _severity(judged: Judged, verdict: Verdict) -> Severity:
    return verdict.severity or judged.severity


def _passes(finding: Finding, other: Finding) -> bool:
    """Whether the mishap of a finding's course is at the place of another: then they have one cause."""
    course = finding.verdict.course
    gone_wrong = [event.span for event in course.events if event.outcome in ("failed", "cancelled")] if course else []
    places = [other.span, *(note.span for note in other.verdict.notes)]
    return any(span in place or place in span for span in gone_wrong for place in places)


def _as_note(finding: Finding) -> Note:
    return Note(finding.span, f"therefore {finding.verdict.message} ({finding.rule})")


def _parse_findings(project: Project, judged: Iterable[Judged]) -> Iterator[Finding]:
    """What cannot be read and no rule has told: neither the one for its format, nor another at the same place."""
    told = {verdict.span for each in judged for verdict in each.verdicts if verdict.state == "broken"}
    spoken = {each.rule.id for each in judged if not each.crash}
    told_elsewhere = frozenset(kind for kind, rule in _VALIDITY.items() if rule in spoken)
    for problem in project.problems(told_elsewhere):
        if problem.span not in told:
            verdict = Verdict(problem.span, "broken", problem.message, subject=problem.span.path)
            yield Finding(PARSE, Severity.ERROR, verdict)


def _crashes(judged: Iterable[Judged]) -> Iterator[Finding]:
    for each in judged:
        if each.crash:
            message = f"`{each.rule.id}` crashed and judged nothing: {each.crash}"
            place = rulebook.place_of_page(each.rule)
            yield Finding(INTERNAL, Severity.ERROR, Verdict(place, "broken", message, subject=each.rule.id))


def _undecided(judged: Iterable[Judged]) -> Iterator[Finding]:
    """One finding per unseen thing, with the rules that wait for it as notes."""
    waiting: dict[tuple[Span, str], list[tuple[str, Verdict]]] = {}
    for each in judged:
        for verdict in each.verdicts:
            if verdict.state == "undecided":
                waiting.setdefault((verdict.span, verdict.message), []).append((each.rule.id, verdict))
    for (span, message), rules in waiting.items():
        first = rules[0][1]
        notes = tuple(Note(span, f"`{rule}` waits for it") for rule in dict.fromkeys(rule for rule, _ in rules))
        verdict = Verdict(span, "undecided", message, first.subject, notes=notes, hint=first.hint)
        yield Finding(UNDECIDED, Severity.NOTE, verdict)


def _is_in(finding: Finding, only: tuple[str, ...] | None) -> bool:
    path = finding.span.path
    return only is None or any(path == each or path.startswith(each.rstrip("/") + "/") or each == "." for each in only)


def _identified(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sorted by path, place and rule; each with an id that survives moved lines and says nothing secret."""
    unique = {(f.rule, f.span, f.verdict.message): f for f in findings}.values()
    ordered = sorted(unique, key=lambda f: (f.span.path, f.span.place, f.rule, f.verdict.message))
    seen: Counter[tuple[str, str, str]] = Counter()
    identified = []
    for finding in ordered:
        key = (finding.rule, finding.span.path, finding.verdict.subject)
        digest = hashlib.sha256("\0".join((*key, str(seen[key]))).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        seen[key] += 1
        identified.append(replace(finding, id=digest))
    return tuple(identified)
