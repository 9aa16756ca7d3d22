"""Claims about a Supervisor file as a whole: that it loads, and that nothing in it is silently ignored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from opslint.finding import Edit, Fix, Note, Problem, Verdict
from opslint.model.project import Project
from opslint.model.supervisor import (
    Configuration,
    NeverRead,
    doubts,
    never_read,
    read_supervisors,
    refusals,
)
from opslint.model.supervisor_table import kind_of
from opslint.source import Source, Span, Text
from opslint.syntax.ini import Cut, Swallowed, cuts, has_byte_order_mark, outdented, swallowed
from opslint.syntax.tree import Document, Entry, Mapping

_PLACEHOLDER = re.compile(r"\{\{|\{%|<%|\$\{|@\w+@|#\w+#|<\w+>")  # of templates, filled in before supervisord reads it
_UNEXPANDED = re.compile(r"contains names \('(.*?)'\) which cannot")
_PERCENT = re.compile(r"%%|%\([^()]*\)[-+ #0]*\d*(?:\.\d+)?[hlL]?[a-zA-Z]|(?P<bad>%(?:\([^()]*\))?.?)", re.DOTALL)
_ALIKE = 0.8  # two names, from which on the one is taken for the other misspelt


def loads(project: Project) -> Iterator[Verdict]:
    """supervisord starts with the file: everything in it is what Supervisor accepts."""
    everywhere = {program.name for each in _configurations(project) for program in each.programs}
    for configuration in _configurations(project):
        clean = True
        for problem in refusals(configuration):
            if not _is_byte_order_mark(problem):  # sections-are-read speaks of it
                clean = False
                yield _refused(problem)
        for problem in doubts(configuration):
            if problem.span.written not in everywhere:
                clean = False
                yield _doubtful(problem)
        if clean:
            count = sum(len(program.processes) for program in configuration.programs)
            whole = "as a file that another one includes" if configuration.is_fragment else "as it is"
            message = f"supervisord takes it, {whole}: {count} process{'' if count == 1 else 'es'}"
            yield Verdict(_first(configuration.document), "holds", message, configuration.path)


def _refused(problem: Problem) -> Verdict:
    reason = " ".join(problem.message.split("\n"))
    subject = _subject(problem.span)
    if _PLACEHOLDER.search(problem.span.written):
        message = f"supervisord would not start, if nothing fills in the placeholder: {reason}"
        return Verdict(problem.span, "undecided", message, subject, hint="lint the file that the template becomes")
    return Verdict(_place(problem), "broken", f"supervisord would not start: {reason}", subject)


def _doubtful(problem: Problem) -> Verdict:
    message = f"supervisord would not start, unless another file has what is missing: {problem.message}"
    hint = "lint it together with the files that supervisord loads beside it"
    return Verdict(problem.span, "undecided", message, _subject(problem.span), hint=hint)


def _place(problem: Problem) -> Span:
    """The expansion that is refused, where a whole value is named."""
    span, written = problem.span, problem.span.written
    missing = _UNEXPANDED.search(problem.message)
    if missing:
        found = re.search(rf"%\({re.escape(missing[1])}\)[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]?", written)
    elif "is badly formatted" in problem.message:
        found = next((each for each in _PERCENT.finditer(written) if each["bad"] is not None), None)
    else:
        return span
    return Span(span.source, span.start + found.start(), span.start + found.end()) if found else span


def knows_options(project: Project) -> Iterator[Verdict]:
    """Every section and option is one that Supervisor knows: it ignores others without a word."""
    for configuration in _configurations(project):
        ignored = [each for each in never_read(configuration) if not str(each.key).startswith("-")]
        for each in ignored:
            if not each.is_section:
                yield _unknown_option(each)
            elif not _is_misspelt(each):
                yield Verdict(each.span, "broken", f"`{each.span.written}` {each.why}", str(each.key))
        touched = {each.section.key.span for each in ignored}
        for document in configuration.documents:
            for section in _sections(document):
                if section.key.span not in touched:
                    message = f"Supervisor knows every option of `{section.key.span.written}`"
                    yield Verdict(section.key.span, "holds", message, str(section.key))


def _unknown_option(each: NeverRead) -> Verdict:
    written = each.span.written
    near = next((name for name in each.candidates if _are_alike(str(each.key), name)), None)
    message = f"`{written}` {each.why}: Supervisor ignores it"
    fix = None
    if near is not None:
        message += f" (did you mean `{near}`?)"
        given = each.section.value
        if not isinstance(given, Mapping) or given.entry(near) is None:
            fix = Fix(f"rename it to `{near}`", (Edit(each.span, near),), safe=False)
    elif each.belongs_to:
        message += f"; it is one of {', '.join(f'`{title}`' for title in each.belongs_to[:3])}"
    return Verdict(each.span, "broken", message, f"{each.section.key}.{each.key}", fix=fix)


def _are_alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() >= _ALIKE


def _is_misspelt(each: NeverRead) -> bool:
    """Whether a section is meant to be one that Supervisor reads."""
    return bool(each.candidates) or str(each.key) == "include"


def reads_sections(project: Project) -> Iterator[Verdict]:
    """No section is spelt so that Supervisor passes it over, and no file begins with a byte-order mark."""
    for configuration in _configurations(project):
        names = {str(section.key) for document in configuration.documents for section in _sections(document)}
        ignored = {each.span: each for each in never_read(configuration) if each.is_section and _is_misspelt(each)}
        for document in configuration.documents:
            if has_byte_order_mark(document):
                mark = document.source.span(0, 1)
                fix = Fix("remove the byte-order mark", (Edit(mark, ""),), safe=True)
                message = "a byte-order mark hides the first section: supervisord would not start"
                yield Verdict(mark, "broken", message, document.source.path, fix=fix)
            for section in _sections(document):
                span = section.key.span
                if span in ignored:
                    yield _unread(ignored[span], names)
                elif kind_of(str(section.key)) is not None:
                    yield Verdict(span, "holds", f"Supervisor reads `{span.written}`", str(section.key))


def _unread(each: NeverRead, names: set[str]) -> Verdict:
    message = f"`{each.span.written}` {each.why}"
    if not each.candidates:
        return Verdict(each.span, "broken", message, str(each.key))
    name = each.candidates[0]
    message += f" (did you mean `[{name}]`?)"
    fix = Fix(f"write `[{name}]`", (Edit(each.span, f"[{name}]"),), safe=True) if name not in names else None
    return Verdict(each.span, "broken", message, str(each.key), fix=fix)


def keeps_values_whole(project: Project) -> Iterator[Verdict]:
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
    source: Source = line.source
    start = source.offset(source.position(line.span.start)[0], 1)
    return source.span(start, line.span.start)


def names_programs_once(project: Project) -> Iterator[Verdict]:
    """No program is defined twice in a file and those that it includes: Supervisor mixes their options."""
    for configuration in _configurations(project):
        headers: dict[str, dict[Span, str]] = {}
        for program in configuration.programs:
            headers.setdefault(program.name, {}).update({each.key.span: program.subject for each in program.headers})
        for name, places in headers.items():
            (first, subject), *others = places.items()
            for span, _ in others:
                message = f"`{name}` is defined a second time: Supervisor mixes both, the last of each option counts"
                yield Verdict(span, "broken", message, subject, (Note(first, "the first time"),))
            if not others:
                yield Verdict(first, "holds", f"`{name}` is defined once", subject)


# -- what several claims ask --------------------------------------------------------------------------------------


def _configurations(project: Project) -> tuple[Configuration, ...]:
    """Every main file with what it includes, and every fragment that none of them does."""
    return project.cached("configurations", lambda: read_supervisors(_documents(project)))


def _documents(project: Project) -> dict[str, Document]:
    read = ((path, project.document(path)) for path in project.all_paths("supervisor"))
    return {path: document for path, document in read if document is not None}


def _sections(document: Document) -> Iterable[Entry]:
    return document.root.entries if isinstance(document.root, Mapping) else ()


def _first(document: Document) -> Span:
    """The header of the first section."""
    first = next(iter(_sections(document)), None)
    return first.key.span if first is not None else document.source.span()


def _subject(span: Span) -> str:
    """The section that a place lies in, else its file."""
    header = None
    for match in re.finditer(r"^[ \t]*\[([^\]\n]+)\]", span.source.content, re.MULTILINE):
        if match.start() > span.start:
            break
        header = match[1]
    return header or span.path


def _is_byte_order_mark(problem: Problem) -> bool:
    return problem.span.written == "\ufeff"
