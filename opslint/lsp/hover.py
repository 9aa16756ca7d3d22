"""What is said of the place under a cursor: its findings, why they matter, and who is content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lsprotocol import types

from opslint import rulebook
from opslint.finding import Finding, Report, Verdict
from opslint.lsp.outcome import Outcome
from opslint.lsp.places import Ruler, within
from opslint.report import data, safe
from opslint.source import Source


@dataclass(frozen=True, slots=True)
class Speech:
    """How repository text is written for a reader: as Markdown it must not be markup, as plain text it is itself."""

    kind: types.MarkupKind
    prose: Callable[[str], str]


MARKDOWN = Speech(types.MarkupKind.Markdown, safe.prose)
PLAIN = Speech(types.MarkupKind.PlainText, safe.visible)


def hover(
    outcome: Outcome, source: Source, position: types.Position, ruler: Ruler, speech: Speech
) -> types.Hover | None:
    """The answer, or None where nothing is found and no rule looks."""
    report = outcome.report
    if report is None:
        return None
    offset = ruler.offset(source, position)
    line = position.line + 1
    here = [each for _, each in outcome.findings() if _stands(each.verdict, outcome, source, offset)]
    content = {
        (rule, verdict.message)
        for rule, verdicts in sorted(report.verdicts.items())
        for verdict in verdicts
        if verdict.state == "holds" and verdict.span.place[0] == line and _stands(verdict, outcome, source, offset)
    }
    if not here and not content:
        return None
    blocks = ["\n".join(_finding(each, report, speech)) for each in here]
    if content:
        rows = (f"- {_rule(report, rule, speech)}: {speech.prose(message)}" for rule, message in sorted(content))
        blocks.append("\n".join(["Content with this place:\n", *rows]))
    _, start, end = within(here[0].span, outcome.snapshot.sources) if here else (source, offset, offset)
    return types.Hover(
        types.MarkupContent(speech.kind, "\n\n---\n\n".join(blocks)), ruler.range(source, start, end) if here else None
    )


def _stands(verdict: Verdict, outcome: Outcome, source: Source, offset: int) -> bool:
    if outcome.file_of(verdict.span) != source.path:
        return False
    _, start, end = within(verdict.span, outcome.snapshot.sources)
    return start <= offset <= end


def _finding(finding: Finding, report: Report, speech: Speech) -> Iterator[str]:
    verdict = finding.verdict
    weight = finding.severity.value if finding.decided else data.UNDECIDED
    told = f"**{weight}** " if speech.kind is types.MarkupKind.Markdown else f"{weight}: "
    yield f"{told}{_rule(report, finding.rule, speech)}\n"
    yield f"{speech.prose(verdict.message)}\n"
    for note in verdict.notes:
        yield f"- {speech.prose(f'`{data.where(note.span)}`')}: {speech.prose(note.message)}"
    if verdict.notes:
        yield ""
    if verdict.course:
        yield f"{_story(verdict, speech)}\n"
    if verdict.hint:
        yield f"To decide it: {speech.prose(verdict.hint)}\n"
    if verdict.fix:
        yield f"To mend it: {speech.prose(verdict.fix.title)}{'' if verdict.fix.safe else ' (unsafe)'}\n"
    if finding.rule in rulebook.bundled():  # a team's own page is text of the repository
        yield rulebook.bundled()[finding.rule].page.split("\n## ", 1)[0].strip() + "\n"
    if finding.rule in report.pages:
        yield f"More: `opslint explain {safe.visible(finding.rule)}`"


def _story(verdict: Verdict, speech: Speech) -> str:
    course = verdict.course
    assert course is not None
    when = f"When {speech.prose(course.mishap)}, it" if course.mishap else "It"
    final = data.final_state(course)
    return f"{when} ends with {speech.prose(final)}" if final else f"{when} takes {len(course.events)} events"


def _rule(report: Report, rule: str, speech: Speech) -> str:
    link = data.link(report, rule) if speech.kind is types.MarkupKind.Markdown else ""
    return (
        f"[{speech.prose(rule)}]({link})"
        if link
        else speech.prose(f"`{rule}`" if speech.kind is types.MarkupKind.Markdown else rule)
    )
