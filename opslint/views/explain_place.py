"""What is to be said of a place: the findings there in full, what they are part of, and what holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from opslint.finding import Cause, Course, Finding, Verdict
from opslint.report import data, text
from opslint.report.paper import shorten
from opslint.views.inspection import Inspection, Place
from opslint.views.screen import Screen
from opslint.views.why_not import tell_why_not

_COMMENTS = {"supervisor": ";", "composer": ""}  # how a comment begins; JSON has none


def tell_place(screen: Screen, seen: Inspection, place: Place) -> None:
    """Everything that any rule says of a place."""
    findings = [each for each in seen.report.findings if place.holds(each.verdict)]
    for finding in findings:
        _finding(screen, seen, finding)
    if not findings:
        screen.line(f"{place}: no finding here", "bold")
    _others(screen, seen, place, findings)
    content = [
        (id, verdict)
        for id in sorted(seen.report.verdicts)
        for verdict in seen.verdicts(id, place)
        if verdict.state == "holds"
    ]
    if content:
        screen.line("\nContent with this place:", "bold")
    for id, verdict in content:
        screen.line(f"  {id}: {verdict.message}")
    if not findings and not content:
        screen.line("No rule judges anything that begins at this line.")


def tell_rule_at(screen: Screen, seen: Inspection, rule: str, place: Place) -> None:
    """What one rule says of a place: its findings, else why it has none."""
    found = seen.findings(rule, place)
    for finding in found or seen_from(seen, rule, place):
        if not found:
            screen.line(f"{place} is part of the finding at {data.where(finding.span)}:")
        _finding(screen, seen, finding)
    if not found and not seen_from(seen, rule, place):
        tell_why_not(screen, seen, seen.rules[rule], place)


def seen_from(seen: Inspection, rule: str, place: Place) -> tuple[Finding, ...]:
    """The findings of a rule that begin elsewhere, and pass here."""
    return tuple(each for each in seen.findings(rule) if _passes(each.verdict, place))


def _passes(verdict: Verdict, place: Place) -> bool:
    course = verdict.course
    spans = [*(note.span for note in verdict.notes), *(event.span for event in (course.events if course else ()))]
    return any(
        span.path == place.path and (place.line is None or span.place[0] <= place.line <= span.place[2])
        for span in spans
        if not data.is_nowhere(span)
    )


def _others(screen: Screen, seen: Inspection, place: Place, told: Sequence[Finding]) -> None:
    """Findings that begin elsewhere: this line is a note of theirs, or an event of their course."""
    passing = [each for each in seen.report.findings if each not in told and _passes(each.verdict, place)]
    if passing and place.line is not None:
        screen.line("\nIt is part of what is found elsewhere:", "bold")
        for each in passing:
            screen.line(f"  {data.where(each.span)}: {each.rule}: {each.verdict.message}")


# -- one finding --------------------------------------------------------------------------------------------------


def _finding(screen: Screen, seen: Inspection, finding: Finding) -> None:
    """The finding as the report tells it, when else it happens, why it matters, and how it is silenced."""
    screen.lines(text.tell(finding, seen.report, screen.paper))
    entry = seen.entry_of(finding)
    if entry is not None:
        screen.line(f"\nIt is accepted at {entry.span}: `opslint check` leaves it out.", "bold")
    course = finding.verdict.course
    if course is not None and course.tried:
        _causes(screen, course, finding.span.path)
    page = seen.rules.get(finding.rule)
    if page is not None:
        screen.line("\nWhy it matters:", "bold")
        screen.markdown(page.page.split("\n## ", 1)[0])
        screen.line("\nTo silence it here, with the reason:", "bold")
        for line in silencing(finding, seen.project.kinds.get(finding.span.path, "")):
            screen.line(f"  {line}")
    screen.line("")


def _causes(screen: Screen, course: Course, path: str) -> None:
    """On which of all the single mishaps it happens: a row for each command, and how it goes wrong there."""
    counted = {(each.span, each.command, each.how) for each in course.causes}
    twice = " (a cut command counts twice: half done, and done)" if len(counted) < len(course.causes) else ""
    screen.line(f"\nIt is so after {len(course.causes)} of {course.tried} single mishaps{twice}:", "bold")
    rows = [(_place(each[0], path), each) for each in _by_command(course)]
    width = max((len(place) for place, _ in rows), default=0)
    for place, causes in rows:
        certain = {cause.how for cause in causes if cause.certain}
        hows = dict.fromkeys(cause.how for cause in causes)
        how = ", ".join(each if each in certain else f"{each} (perhaps)" for each in hows)
        room = max(screen.paper.width - width - len(how) - 8, 20)
        command = shorten(screen.paper, " ".join(causes[0].command.split()), room)
        screen.line(f"  {place:<{width}}  `{command}` {how}")


def _by_command(course: Course) -> Iterator[list[Cause]]:
    ordered = sorted(course.causes, key=lambda each: (each.span.path, each.span.start))
    for _, same in groupby(ordered, key=lambda each: (each.span, each.command)):
        yield list(same)


def _place(cause: Cause, path: str) -> str:
    line = cause.span.place[0]
    return str(line) if cause.span.path == path else f"{cause.span.path}:{line}"


def silencing(finding: Finding, kind: str) -> Iterator[str]:
    """The comment that silences a finding where it stands, and the exception that does in the policy."""
    span, subject = finding.span, finding.verdict.subject
    sign = _COMMENTS.get(kind, "#")
    whole = kind == "script" and span.place[0] == 1  # its first line: `#!` takes no comment, and one above is the first
    if sign and not whole and not data.is_nowhere(span):
        yield f"{sign} opslint: ignore[{finding.rule}] why this is right here"
        yield f"  on line {span.place[0]} of {span.path}, or alone on the line above; or in .opslint.yaml:"
    yield "exceptions:"
    yield f"  - rule: {finding.rule}"
    yield f"    path: {span.path}"
    if subject and subject != span.path:
        yield f"    subject: {subject}"
    yield "    reason: why this is right here"
