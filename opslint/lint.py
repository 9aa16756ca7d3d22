"""From a project and a policy to findings: the whole pipeline on one screen."""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from opslint import rulebook
from opslint.accepted import NAME, Accepted, is_ratchet, leave_out, stale_lines
from opslint.accepted import load as load_accepted
from opslint.files import Files
from opslint.finding import Finding, Note, Report, Rule, Severity, Verdict
from opslint.known import Key, key_of
from opslint.mask import Masks
from opslint.model.act import Acts
from opslint.model.project import Project
from opslint.model.secret import secrets
from opslint.policy import Policy
from opslint.sight import Sight
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
    accepted: Accepted | None = None,
    pages: Mapping[str, Rule] | None = None,
) -> Report:
    """Judge a tree of files by a policy.

    `only` narrows what is reported to those paths, not what is followed. `before` is the base revision that ratchets
    compare with, or `before_missing` says why there is none. `select` names the only rules and families to run,
    `ignore` those that do not. `accepted` is what the files say unless it is given, and so are the rules' `pages`.
    Raises PolicyError where the file of accepted findings cannot be used.
    """
    accepted = load_accepted(files) if accepted is None else accepted
    project = open_project(files, policy, before, before_missing)
    rules = pages if pages is not None else {**rulebook.bundled(), **rulebook.team(files, policy.rules_from)}
    judged = tuple(judge(project, policy, _chosen(rules, select, ignore)))
    told, yielded = _broken(judged)
    unread = tuple(_parse_findings(project, judged))
    open_questions = _undecided(judged, frozenset(finding.span for finding in unread))
    found = [*unread, *told, *_crashes(judged), *open_questions]
    if before is not None and not select:
        found += weakened(policy, before, rules, accepted)
    sight = _sight(project, judged, rules, accepted)
    kept, suppressed = silence(
        found,
        (*project.suppressions(frozenset(each.span.path for each in found)), *policy.exceptions),
        sight,
        today or datetime.date.today(),
        yielded,
    )
    masks = Masks(secrets(project))
    findings = _identified(masks.hide(tuple(kept)))
    there = Counter(map(key_of, (*findings, *masks.hide(yielded))))
    stale = masks.hide(tuple(_stale(accepted, sight, there, only)))
    left, number = leave_out([each for each in findings if _is_in(each.span.path, only)], accepted, rules)
    return Report(
        root=root,
        findings=_ordered((*left, *_identified(stale))),
        files=len(project.kinds),
        rules=len(judged),
        suppressed=suppressed,
        accepted=number,
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


def _broken(judged: Iterable[Judged]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What is broken, and what is told as a note of that, for they have one cause."""
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
    yielded = tuple(weaker for weaker in findings if told_by[id(weaker)] is not None)
    told = []
    for finding in findings:
        if told_by[id(finding)] is None:
            effects = tuple(_as_note(weaker) for weaker in yielded if told_by[id(weaker)] is finding)
            told.append(replace(finding, verdict=replace(finding.verdict, notes=finding.verdict.notes + effects)))
    return tuple(told), yielded


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


def _undecided(judged: Iterable[Judged], told: frozenset[Span]) -> Iterator[Finding]:
    """One finding per unseen thing, with the rules that wait for it as notes; none where it is told what is wrong."""
    waiting: dict[tuple[Span, str], list[tuple[str, Verdict]]] = {}
    for each in judged:
        for verdict in each.verdicts:
            if verdict.state == "undecided" and verdict.span not in told:
                waiting.setdefault((verdict.span, verdict.message), []).append((each.rule.id, verdict))
    for (span, message), rules in waiting.items():
        first = rules[0][1]
        notes = tuple(Note(span, f"`{rule}` waits for it") for rule in dict.fromkeys(rule for rule, _ in rules))
        verdict = Verdict(span, "undecided", message, first.subject, notes=notes, hint=first.hint)
        yield Finding(UNDECIDED, Severity.NOTE, verdict)


def _sight(project: Project, judged: Iterable[Judged], rules: Mapping[str, Rule], accepted: Accepted) -> Sight:
    """What this run can say is gone: nothing of rules that did not run, and of files that were not read."""
    spoken = [each for each in judged if not each.crash and (project.before or not is_ratchet(each.rule))]
    unread = {problem.span.path for problem in project.problems()}
    named = {path for path, _, _ in accepted.counts}
    return Sight(
        rules=frozenset(rules),
        judged=frozenset(each.rule.id for each in spoken),
        blind=frozenset(
            (each.rule.id, v.span.path) for each in spoken for v in each.verdicts if v.state == "undecided"
        ),
        unread=frozenset(unread | {path for path in named if project.is_excluded(path)}),
    )


def _stale(
    accepted: Accepted, sight: Sight, there: Mapping[Key, int], only: tuple[str, ...] | None
) -> Iterator[Finding]:
    """Those about the paths that were named, or about all where the file itself was."""
    wanted = {entry.span for entry in accepted.entries if _is_in(entry.key[0], only) or _is_in(NAME, only)}
    yield from (finding for finding in stale_lines(accepted, sight, there) if finding.span in wanted)


def _is_in(path: str, only: tuple[str, ...] | None) -> bool:
    return only is None or any(path == each or path.startswith(each.rstrip("/") + "/") or each == "." for each in only)


def _identified(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sorted, each place once, and each with an id that survives moved lines and says nothing secret."""
    unique = {(f.rule, f.span, f.verdict.message): f for f in findings}.values()
    seen: Counter[Key] = Counter()
    identified = []
    for finding in _ordered(unique):
        path, rule, subject = key = key_of(finding)
        digest = hashlib.sha256("\0".join((rule, path, subject, str(seen[key]))).encode("utf-8", "surrogatepass"))
        seen[key] += 1
        identified.append(replace(finding, id=digest.hexdigest()[:16]))
    return tuple(identified)


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda f: (f.span.path, f.span.place, f.rule, f.verdict.message)))
