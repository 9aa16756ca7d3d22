"""Claims about the values of a Supervisor file: each holds what was written for it, no more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from opslint.finding import Edit, Fix, Note, Verdict
from opslint.model.project import Project
from opslint.model.supervisor_table import kind_of
from opslint.source import Span, Text
from opslint.syntax.ini import Cut, Swallowed, cuts, outdented, swallowed
from opslint.syntax.tree import Document, Entry, Mapping


def are_whole(project: Project) -> Iterator[Verdict]:
    """No value ends in the middle of a quotation, swallows the option below it, or lost a line of its own."""
    for path in project.paths("supervisor"):
        document = project.document(path)
        if document is None:
            continue
        broken = [*_cut_values(document), *_swallowed_lines(document), *_lost_lines(document)]
        yield from broken
        hurt = {verdict.subject for verdict in broken}
        for section in _sections(document):
            for entry in section.value if isinstance(section.value, Mapping) else ():
                subject = f"{section.key}.{entry.key}"
                if str(entry.key) == "command" and subject not in hurt:
                    yield Verdict(entry.value.span, "holds", "all of `command` is read", subject)


def _cut_values(document: Document) -> Iterator[Verdict]:
    for cut in cuts(document):
        if cut.quote is not None:
            sign = cut.comment[:1]
            message = f"`{sign}` behind a blank begins a comment, quoted or not: `{cut.entry.key}` ends before it"
            notes = (Note(cut.quote.span, "this quotation is cut"),)
            fix = _uncut(cut)
            yield Verdict(sign.span, "broken", message, f"{cut.section.key}.{cut.entry.key}", notes, fix)


def _uncut(cut: Cut) -> Fix | None:
    """In a command: no blank before `;`, the quotation closed and opened again before `#`: then it is no comment."""
    if str(cut.entry.key) != "command" or cut.quote is None:
        return None
    source, quote, end = cut.comment.source, cut.quote.value, cut.comment.value.find(cut.quote.value)
    inside = cut.comment[: end if end >= 0 else len(cut.comment)]
    edits = []
    for found in re.finditer(r"(?<=\s)[;#]", " " + inside.value):
        at = inside.starts[found.start() - 1]
        if found[0] == "#":
            edits.append(Edit(source.span(at, at), quote * 2))
            continue
        before = len(source.content[:at].rstrip(" \t"))
        edits.append(Edit(source.span(before, at), ""))
    return Fix("write it so that no comment begins there", tuple(edits), safe=False)


def _swallowed_lines(document: Document) -> Iterator[Verdict]:
    for each in swallowed(document):
        if _is_swallowed_by_mistake(each):
            what = each.line.value if each.key.startswith("[") else each.key
            message = f"`{what}` is indented, so it belongs to the value of `{each.entry.key}` above it"
            indent = _indent(each.line)
            fix = Fix("remove the indent", (Edit(indent, ""),), safe=False)
            end = len(what) if each.line.value.lower().startswith(what.lower()) else len(each.line)
            yield Verdict(each.line[:end].span, "broken", message, f"{each.section.key}.{each.entry.key}", fix=fix)


def _is_swallowed_by_mistake(each: Swallowed) -> bool:
    """Whether Supervisor would know the line where it stood by itself; some lines of an `environment` look like it."""
    if each.key.startswith("["):
        return kind_of(each.line.value[1:].partition("]")[0]) is not None
    kind = kind_of(str(each.section.key))
    is_lower = each.line.value[: len(each.key)] == each.key
    return kind is not None and each.key in kind.options and is_lower and str(each.entry.key) != "environment"


def _lost_lines(document: Document) -> Iterator[Verdict]:
    for section, entry in outdented(document):
        subject = f"{section.key}.{entry.key}"
        written = entry.key.span.written
        message = f"`{written}` is an option of its own that Supervisor never reads, no argument of a command"
        before = _before(section, entry)
        fix = None
        if before is not None and str(before.key) == "command":
            start = entry.key.span
            fix = Fix("indent it", (Edit(start.source.span(start.start, start.start), "    "),), safe=False)
            message = f"`{written}` is not indented: it is an option that Supervisor never reads, not part of `command`"
            subject = f"{section.key}.command"
        yield Verdict(entry.key.span, "broken", message, subject, fix=fix)


def _before(section: Entry, entry: Entry) -> Entry | None:
    """The option above, those that lost their indent left out."""
    entries = section.value.entries if isinstance(section.value, Mapping) else ()
    above = entries[: next(at for at, each in enumerate(entries) if each is entry)]
    return next((each for each in reversed(above) if not str(each.key).startswith("-")), None)


def _indent(line: Text) -> Span:
    source = line.source
    start = source.offset(source.position(line.span.start)[0], 1)
    return source.span(start, line.span.start)


def _sections(document: Document) -> Iterable[Entry]:
    return document.root.entries if isinstance(document.root, Mapping) else ()
