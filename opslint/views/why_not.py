"""Why a rule says nothing: it is off, has nothing to look at, all holds, or it was silenced."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator

from opslint import rulebook
from opslint.finding import Finding, Rule, Severity, Verdict
from opslint.model.deployment import deployments
from opslint.model.library import Library
from opslint.policy import Exemption
from opslint.report import data
from opslint.silence import Silencer
from opslint.views.inspection import Inspection, Place
from opslint.views.origins import severity_source
from opslint.views.screen import Screen

_MOST = 20  # places that are listed


def tell_why_not(screen: Screen, seen: Inspection, rule: Rule, place: Place | None = None) -> None:
    """Print it, at a place where one is given. A rule that does say something is told so."""
    hide = seen.masks.hide
    for number, line in enumerate(why_not(seen, rule, place)):
        screen.line(hide(line), "" if number else "bold")


def why_not(seen: Inspection, rule: Rule, place: Place | None) -> Iterator[str]:
    """The reasons, the first one in one line; those behind it are details of it."""
    off = tuple(_off(seen, rule))
    if off:
        yield from off
        return
    unlooked = tuple(_not_looked_at(seen, rule, place))
    if unlooked:
        yield from unlooked
        return
    crash = next((each for each in seen.report.findings if _is_crash(each, rule)), None)
    if crash is not None:
        yield f"{rule.id}: {crash.verdict.message}"
        return
    where = f" at {place}" if place else ""
    said = tuple(_said(seen, rule, place))
    yield from said
    holding = [each for each in seen.verdicts(rule.id, place) if each.state == "holds"]
    if holding:
        many = data.number(len(holding), "thing")
        also = "also " if said else ""
        yield f"{rule.id} {also}judged {many}{where}, and {'it' if len(holding) == 1 else 'all of it'} holds:"
        yield from _listed(holding)
    if not said and not holding:
        yield from _nothing(seen, rule, place)


# -- it does not run ----------------------------------------------------------------------------------------------


def _off(seen: Inspection, rule: Rule) -> Iterator[str]:
    policy = seen.policy
    if policy.severity(rule) is Severity.OFF:
        setting = policy.rules.get(rule.id)
        yield f"{rule.id} is off: {severity_source(rule, policy)}"
        if setting is None or setting.severity is None:
            others = [name for name in rulebook.PRESETS if rule.severity[name] is not Severity.OFF]
            yield from (f"  the preset `{name}` has it as {rule.severity[name].value}" for name in others)
            yield f"  `rules: {{{rule.id}: warning}}` in .opslint.yaml turns it on"
        return
    check = rulebook.check_of(rule.check)
    if not any(rulebook.is_complete(check, each) for each in policy.params(rule)):
        given = {name for each in policy.params(rule) for name in each}
        names = rulebook.schema_of(check)["properties"]
        missing = [each for each in names if each not in given and each not in rulebook.defaults_of(check)]
        yield f"{rule.id} is off until {' and '.join(f'`{each}`' for each in missing)} is set"
        wanted = ", ".join(f"{each}: ..." for each in missing)
        yield f"  in .opslint.yaml: `rules: {{{rule.id}: {{with: {{{wanted}}}}}}}`"


def _not_looked_at(seen: Inspection, rule: Rule, place: Place | None) -> Iterator[str]:
    """The file, or every file of its kinds, is none that the rule sees."""
    project, kinds = seen.project, rule.kinds
    wanted = " and ".join(kinds)
    if place is not None:
        kind = project.kinds.get(place.path)
        if project.is_excluded(place.path):
            yield f"{place.path} is not linted: {_excluded_by(seen, place.path)}"
        elif kind is None:
            yield f"{place.path} is not a file that opslint lints"
        elif "project" not in kinds and kind not in kinds and not seen.verdicts(rule.id, place):
            yield f"{rule.id} does not look at {place.path}: it looks at {wanted} files, and this is linted as {kind}"
        return
    if "project" in kinds or any(kind in kinds for kind in project.kinds.values()):
        return
    found = Counter(project.kinds.values())
    there = ", ".join(f"{number} {kind}" for kind, number in sorted(found.items())) or "none that opslint lints"
    yield f"{rule.id} has nothing to look at: it looks at {wanted} files, and there is none here"
    yield f"  files here: {there}"
    for path, kind in Library(seen.files, seen.policy.files, ()).kinds.items():
        if kind in kinds:
            yield f"  {path} is not linted: {_excluded_by(seen, path)}"


def _excluded_by(seen: Inspection, path: str) -> str:
    globs = enumerate(seen.policy.exclude)
    index, glob = next(each for each in globs if Library(seen.files, {}, (each[1],)).is_excluded(path))
    return f"`exclude: {glob}` at {seen.policy.places.get(('exclude', str(index))) or seen.policy.path}"


# -- it has something to say --------------------------------------------------------------------------------------


def _said(seen: Inspection, rule: Rule, place: Place | None) -> Iterator[str]:
    """What it found that is reported, silenced, told elsewhere, or not decided."""
    reported = seen.findings(rule.id, place)
    for finding in reported:
        entry, place_of = seen.entry_of(finding), data.where(finding.span)
        if entry is None:
            yield f"{rule.id} does say something, at {place_of}: {finding.verdict.message}"
        else:
            yield f"{rule.id} is accepted at {entry.span}, {entry.count} at most"
            yield f"  it would say, at {place_of}: {finding.verdict.message}"
    told = {(each.span, each.verdict.message) for each in reported}
    judged = {(each.span, each.message): each for each in seen.verdicts(rule.id, place)}
    for verdict in judged.values():
        if verdict.state == "broken" and (verdict.span, verdict.message) not in told:
            yield from _left_out(seen, rule, verdict)
        elif verdict.state == "undecided":
            yield f"{rule.id} could not decide, at {data.where(verdict.span)}: {verdict.message}"
            if verdict.hint:
                yield f"  to decide it: {verdict.hint}"


def _left_out(seen: Inspection, rule: Rule, verdict: Verdict) -> Iterator[str]:
    """A finding that no report shows, and why."""
    stronger = next((each for each in seen.report.findings if _is_note_of(rule, verdict, each)), None)
    place, message = data.where(verdict.span), verdict.message
    if stronger is not None:
        yield f"{rule.id} is told as a note of {stronger.rule}, at {data.where(stronger.span)}: {message}"
        yield f"  one cause is one finding: {rule.id} yields to {', '.join(rule.yields_to)}"
        return
    silencer = next((each for each in _silencers(seen) if _silences(each, rule, verdict)), None)
    if silencer is None:
        yield f"{rule.id} found something that the report leaves out, at {place}: {message}"
        return
    what = "an exception" if isinstance(silencer, Exemption) else "a comment"
    until = f", until {silencer.until}" if silencer.until else ""
    yield f"{rule.id} is silenced by {what} at {silencer.span}{until}: {silencer.reason}"
    yield f"  it would say, at {place}: {message}"


def _is_note_of(rule: Rule, verdict: Verdict, other: Finding) -> bool:
    return other.rule in rule.yields_to and any(
        note.span == verdict.span and note.message.endswith(f"({rule.id})") for note in other.verdict.notes
    )


def _silencers(seen: Inspection) -> tuple[Silencer, ...]:
    return (*seen.project.suppressions(), *seen.policy.exceptions)


def _silences(silencer: Silencer, rule: Rule, verdict: Verdict) -> bool:
    if silencer.until is not None and silencer.until < datetime.date.today():
        return False
    if isinstance(silencer, Exemption):
        return silencer.covers(rule.id, verdict.span.path, verdict.subject)
    same_file = silencer.span.path == verdict.span.path
    return not silencer.problem and same_file and silencer.covers(rule.id, verdict.span.place[0])


def _is_crash(finding: Finding, rule: Rule) -> bool:
    return finding.rule == "opslint/internal" and finding.verdict.subject == rule.id


# -- it has nothing to say ----------------------------------------------------------------------------------------


def _listed(verdicts: list[Verdict]) -> Iterator[str]:
    for verdict in verdicts[:_MOST]:
        yield f"  {data.where(verdict.span)}: {verdict.message}"
    if len(verdicts) > _MOST:
        yield f"  and {len(verdicts) - _MOST} more"


def _nothing(seen: Inspection, rule: Rule, place: Place | None) -> Iterator[str]:
    elsewhere = seen.verdicts(rule.id)
    if place is not None and elsewhere:
        yield f"{rule.id} judges nothing at {place}; it judges these places:"
        yield from (f"  {data.where(each.span)}: {each.state}" for each in elsewhere[:_MOST])
        return
    yield f"{rule.id} does not apply: nothing here is what it judges"
    claim = (rulebook.check_of(rule.check).__doc__ or "").strip().split("\n")[0].rstrip(".")
    yield f"  it says: {rule.summary}"
    yield f"  that is: {claim}"
    if "deploy" in rule.id.split("/")[0]:
        yield from _deployments(seen, rule)
    elif "workers" in rule.id.split("/")[0] or "supervisor" in rule.id.split("/")[0]:
        programs = seen.project.programs
        yield from (f"  program at {each.section.key.span}: {each.name}" for each in programs[:_MOST])
        if not programs:
            yield "  no program of Supervisor was found"


def _deployments(seen: Inspection, rule: Rule) -> Iterator[str]:
    """The deployments here, and which acts that the rule names none of them does."""
    found = deployments(seen.project)
    if not found:
        yield "  no deployment was found: no job and no script does to a lasting host what rules speak of"
        return
    for each in found:
        does = ", ".join(dict.fromkeys(act.name for act, _ in each.own_acts)) or "nothing by itself"
        yield f"  deployment at {each.span}, {each.subject}: {does}"
    known = {entry.act for entry in seen.project.acts.entries}
    params = [value for item in seen.policy.params(rule) for value in item.values()]
    words = [word for value in params for word in (value if isinstance(value, list | tuple) else [value])]
    named = dict.fromkeys(word for word in words if isinstance(word, str) and word in known)
    missing = [word for word in named if not any(each.does(word) for each in found)]
    if missing:
        yield f"  none of them does {' or '.join(missing)}"
