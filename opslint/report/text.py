"""The report for a person: what was found, where, why it matters there, and the smallest edit."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from opslint.finding import Course, Finding, Fix, Note, Report
from opslint.report import data
from opslint.report.frame import Mark, frames, window, window_from
from opslint.report.paper import LONGEST, Line, Paper, wrap
from opslint.report.patch import Hunk, hunks
from opslint.report.safe import opening, visible
from opslint.report.story import Told, endings, story

STYLES = {
    "error": "bold red", "warning": "bold yellow", "note": "bold cyan", "rule": "magenta", "message": "bold",
    "code": "bold", "gutter": "blue", "label": "blue", "dim": "dim", "state": "yellow", "title": "bold",
    "add": "green", "remove": "red", "good": "bold green",
    "succeeded": "green", "failed": "red", "cancelled": "yellow", "skipped": "dim",
}  # fmt: skip

_LINK_ID = re.compile(r"\x1b\]8;id=[0-9-]+;")  # drawn by lot: without it the same report is the same text
_NARROWEST = 40
_NOTES_AT_MOST = 20
_DIFF_AT_MOST = 24  # lines


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is said of each finding."""

    verbose: bool
    notes: int | None
    diff: int | None
    context: int


_USUAL = Detail(False, _NOTES_AT_MOST, _DIFF_AT_MOST, 1)
_VERBOSE = Detail(True, None, None, 3)


def render(
    report: Report,
    *,
    color: bool = False,
    links: bool = False,
    width: int = 100,
    quiet: bool = False,
    verbose: bool = False,
    statistics: bool = False,
    encoding: str = "utf-8",
) -> str:
    """The report in lines of at most so many columns.

    Links, which come with colour alone, make each rule's name one to its page: on a terminal, for logs show them raw.
    Quiet is one line per finding, verbose leaves nothing out; statistics adds a table by rule, and with quiet is
    the table alone. Where the stream's encoding has no line drawing, the signs are ASCII.
    """
    paper = Paper(max(width, _NARROWEST), encoding)
    lines: list[Line] = []
    if not quiet:
        told: list[Told | None] = endings(report.findings) if not verbose else [None] * len(report.findings)
        for finding, ending in zip(report.findings, told, strict=True):
            lines += [*_finding(finding, ending, report, paper, _VERBOSE if verbose else _USUAL), ()]
    elif not statistics:
        lines += [_short(finding, paper) for finding in report.findings]
    if statistics:
        lines += [*_statistics(report, paper), *([] if quiet else [()])]
    lines += [*_exceptions(report, paper), *_incomplete(report, paper)]
    if not quiet:
        lines += _closing(report, paper)
    targets = {finding.rule: data.link(report, finding.rule) for finding in report.findings} if links else {}
    return drawn([_harmless(line, paper) for line in lines], color, targets)


def tell(finding: Finding, report: Report, paper: Paper) -> list[Line]:
    """The lines of one finding, nothing of it left out."""
    return [_harmless(line, paper) for line in _finding(finding, None, report, paper, _VERBOSE)]


def _finding(finding: Finding, told: Told | None, report: Report, paper: Paper, detail: Detail) -> Iterator[Line]:
    verdict = finding.verdict
    notes = verdict.notes[: detail.notes]
    changes = hunks(verdict.fix) if verdict.fix else []
    shown = [note for note in notes if not data.is_nowhere(note.span)]
    gutter = _gutter(finding, shown, changes)
    yield from _headline(finding, paper)
    yield from _frames(finding, shown, paper, gutter, detail)
    for note in notes:
        if data.is_nowhere(note.span):
            where = "" if note.span.path == "." else f" ({note.span.path})"
            yield from _remark("note", note.message + where, paper, gutter)
    if len(notes) < len(verdict.notes):
        yield from _remark("note", f"{len(verdict.notes) - len(notes)} more places, shown by -v", paper, gutter)
    if (verdict.course or verdict.hint or verdict.fix or detail.verbose) and not data.is_nowhere(finding.span):
        yield ((f"{' ' * (gutter + 2)}{paper.symbols.bar}", "gutter"),)
    if verdict.course:
        yield from _course(verdict.course, told, paper, gutter, finding.span.path)
    if verdict.hint:
        yield from _remark("to decide it", verdict.hint, paper, gutter)
    if verdict.fix:
        yield from _fix(verdict.fix, changes, finding.span.path, paper, gutter, detail)
    if detail.verbose:
        if page := report.pages.get(finding.rule):
            yield from _remark("rule", page.summary, paper, gutter)
        if verdict.subject:
            yield from _remark("subject", verdict.subject, paper, gutter)
        yield from _remark("more", f"`opslint explain {finding.rule}`", paper, gutter)


def _severity(finding: Finding) -> str:
    """`warning`, or `warning (undecided)` where the rule does not say so itself."""
    name = finding.severity.value
    return name if finding.decided or finding.rule.endswith("/undecided") else f"{name} (undecided)"


def _headline(finding: Finding, paper: Paper) -> Iterator[Line]:
    severity, rule = _severity(finding), paper.show(finding.rule)
    style = finding.severity.value
    lead = len(severity) + len(rule) + 3
    first, *rest = wrap(paper, finding.verdict.message, max(paper.width - lead, 20))
    yield ((severity, style), (" ", ""), (rule, "rule"), ("  ", ""), *_words(first, "message"))
    for line in wrap(paper, " ".join(rest), paper.width - 4) if rest else ():
        yield ((" " * 4, ""), *_words(line, "message"))


def _words(text: str, style: str) -> Iterator[tuple[str, str]]:
    """Text whose parts between backticks stand out."""
    for number, piece in enumerate(text.split("`")):
        if number:
            yield "`", style
        yield piece, "code" if number % 2 else style


def _gutter(finding: Finding, notes: Iterable[Note], changes: Iterable[Hunk]) -> int:
    numbers = [note.span.place[2] for note in notes]
    numbers += [hunk.line + max(len(hunk.old), len(hunk.new)) for hunk in changes]
    return len(str(max([finding.span.place[2] + 1, *numbers])))


def _frames(finding: Finding, notes: list[Note], paper: Paper, gutter: int, detail: Detail) -> Iterator[Line]:
    blank = " " * (gutter + 1)
    marks = [Mark(note.span, note.message) for note in notes]
    if data.is_nowhere(finding.span):
        yield ((f"{blank}--> ", "gutter"), (paper.show(finding.span.path), ""))
    else:
        marks.insert(0, Mark(finding.span, main=True))
    bar = ((f"{blank} {paper.symbols.bar}", "gutter"),)
    for number, frame in enumerate(frames(marks, paper, gutter, finding.severity.value)):
        if number:
            yield bar
        yield ((f"{blank}--> ", "gutter"), (paper.show(str(frame.marks[0].span)), ""))
        yield bar
        yield from frame.lines(detail.context)


def _remark(name: str, text: str, paper: Paper, gutter: int) -> Iterator[Line]:
    """` = name: text`, under the bar of the frames."""
    lead = f"{' ' * (gutter + 2)}= "
    first, *rest = wrap(paper, f"{name}: {text}", paper.width - len(lead))
    head, _, tail = first.partition(": ")
    yield ((lead, "gutter"), (f"{head}: " if tail else first, "title"), *_words(tail, ""))
    for line in rest:
        yield ((" " * len(lead), ""), *_words(line, ""))


def _course(course: Course, told: Told | None, paper: Paper, gutter: int, path: str) -> Iterator[Line]:
    yield from _remark("course", f"when {course.mishap}" if course.mishap else "as usual", paper, gutter)
    yield from story(course, told, paper, gutter + 4, path)


def _fix(fix: Fix, changes: list[Hunk], path: str, paper: Paper, gutter: int, detail: Detail) -> Iterator[Line]:
    yield from _remark("fix", f"{fix.title} ({'safe' if fix.safe else 'unsafe'})", paper, gutter)
    rows = 0
    for hunk in changes:
        if hunk.path != path:
            yield ((f"{' ' * (gutter + 1)}--> ", "gutter"), (paper.show(f"{hunk.path}:{hunk.line}"), ""))
            path = hunk.path
        room = paper.width - gutter - 4
        for sign, number, text in hunk.rows():
            rows += 1
            if detail.diff is None or rows <= detail.diff:
                style = {"-": "remove", "+": "add"}.get(sign, "")
                shown = _changed_part(hunk, text, room, paper)
                yield ((f" {number:>{gutter}} ", "gutter"), (f"{sign} {shown}".rstrip(), style))
    if detail.diff is not None and rows > detail.diff:
        yield ((f" {' ' * gutter} {paper.symbols.cut} {rows - detail.diff} more lines, shown by -v", "dim"),)


def _changed_part(hunk: Hunk, text: str, room: int, paper: Paper) -> str:
    """A line of a hunk within the room. Where one line became another, both are cut at the same character."""
    if len(hunk.old) != 1 or len(hunk.new) != 1:
        return window(paper, text, room, 0, 1).shown
    old, new = hunk.old[0], hunk.new[0]
    short = min(len(old), len(new))
    start = next((index for index in range(short) if old[index] != new[index]), short)
    same = next((index for index in range(short - start) if old[-1 - index] != new[-1 - index]), short - start)
    first = max(window(paper, line, room, start, len(line) - same).first for line in (old, new))
    return window_from(paper, text, room, first).shown


def _short(finding: Finding, paper: Paper) -> Line:
    place = paper.show(data.where(finding.span))
    message = paper.show(finding.verdict.message[:LONGEST])
    severity = finding.severity.value
    rule = ((" ", ""), (paper.show(finding.rule), "rule"), ("  ", ""))
    return (f"{place}: ", ""), (_severity(finding), severity), *rule, (message, "")


def _statistics(report: Report, paper: Paper) -> Iterator[Line]:
    """Findings by rule, the most frequent first."""
    found = Counter((finding.rule, _severity(finding)) for finding in report.findings)
    mended = Counter((each.rule, _severity(each)) for each in report.findings if each.verdict.fix)
    digits = len(str(max(found.values(), default=0)))
    names = max((len(name) for _, name in found), default=0)
    for (rule, severity), number in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        style = severity.split()[0]
        extra = f"  {mended[rule, severity]} fixable" if mended[rule, severity] else ""
        lead = (f"{number:>{digits}}  ", ""), (f"{severity:<{names}}", style)
        yield *lead, (f"  {paper.show(rule)}", ""), (extra, "dim")


def _exceptions(report: Report, paper: Paper) -> Iterator[Line]:
    for exception in report.exceptions:
        for number, line in enumerate(wrap(paper, f"exception: {exception}", paper.width - 4)):
            yield (("    " if number else "", ""), (line, "dim"))


def _incomplete(report: Report, paper: Paper) -> Iterator[Line]:
    if not report.complete:
        text = "incomplete: something could not be judged, so that a rule finds nothing proves nothing"
        for line in wrap(paper, text, paper.width):
            yield ((line, "error"),)


def _closing(report: Report, paper: Paper) -> Iterator[Line]:
    found = ", ".join(filter(None, ("" if report.findings else "nothing found", data.summary(report))))
    text = f"{data.number(report.files, 'file')}, {data.number(report.rules, 'rule')}: {found}"
    fixable = data.fixable(report)
    if fixable.all:
        text += f"; {fixable.all} fixable" + (f" ({fixable.safe} safe)" if fixable.safe else "")
    if report.findings:
        text += f"; read more: `opslint explain {data.worst_first(report)[0].rule}`"
    style = "title" if report.findings or not report.complete else "good"
    for line in wrap(paper, text, paper.width):
        yield ((line, style),)


def _harmless(line: Line, paper: Paper) -> Line:
    """A finished line that no runner obeys, should its pieces together make a command."""
    text = "".join(piece for piece, _ in line)
    harmless = opening(visible(text))
    return line if harmless == text else ((harmless, ""),)


def drawn(lines: list[Line], color: bool, targets: Mapping[str, str] | None = None) -> str:
    """Lines as text, with the colours of their styles or without; `targets` are what rules link to."""
    if not lines:
        return ""
    if not color:
        return "".join("".join(piece for piece, _ in line).rstrip() + "\n" for line in lines)
    from rich.console import Console
    from rich.text import Text

    def dress(piece: str, style: str) -> str:
        url = (targets or {}).get(piece) if style == "rule" else ""
        return f"{STYLES.get(style, '')} link {url}" if url else STYLES.get(style, "")

    page = Text("\n").join(Text.assemble(*((piece, dress(piece, style)) for piece, style in line)) for line in lines)
    stream = io.StringIO()
    console = Console(
        file=stream, force_terminal=True, color_system="standard", no_color=False, legacy_windows=False,
        markup=False, emoji=False, highlight=False, _environ={},
    )  # fmt: skip
    console.print(page, soft_wrap=True)
    return _LINK_ID.sub("\x1b]8;;", stream.getvalue())
