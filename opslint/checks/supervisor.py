"""Claims about a Supervisor file: that it loads, and that nothing in it is silently ignored."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from fnmatch import fnmatchcase

from opslint.finding import Edit, Fix, Note, Problem, Verdict
from opslint.model.project import Project
from opslint.model.supervisor import Configuration, NeverRead, doubts, never_read, refusals
from opslint.model.supervisor_table import kind_of
from opslint.source import Span
from opslint.syntax.ini import has_byte_order_mark
from opslint.syntax.tree import Document, Entry, Mapping

_HEADER_OR_OPTION = re.compile(r"^[ \t]*\[(?P<header>[^\]\n]+)\]|^(?P<option>\w+)[ \t]*[=:]", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{\{|\{%|<%|\$\{|@\w+@|#\w+#|<\w+>")  # of templates, filled in before supervisord reads it
_UNEXPANDED = re.compile(r"contains names \('(.*?)'\) which cannot")
_PERCENT = re.compile(r"%%|%\([^()]*\)[-+ #0]*\d*(?:\.\d+)?[hlL]?[a-zA-Z]|(?P<bad>%(?:\([^()]*\))?.?)", re.DOTALL)
_ALIKE = 0.8  # two names, from which on the one is taken for the other misspelt


def loads(project: Project) -> Iterator[Verdict]:
    """supervisord starts with the file: everything in it is what Supervisor accepts."""
    configurations = project.supervisors
    for configuration in configurations:
        # of a byte-order mark `reads_sections` speaks
        refused = [each for each in refusals(configuration) if each.span.written != "\ufeff"]
        unsure = [each for each in doubts(configuration) if not _is_elsewhere(each, configuration, configurations)]
        yield from _refused(refused)
        yield from (_doubtful(each, configuration) for each in unsure)
        if not refused and not unsure:
            count = sum(len(program.processes) for program in configuration.programs)
            whole = " as a file that another one includes" if configuration.is_fragment else ""
            message = f"supervisord takes it{whole}: {count} process{'' if count == 1 else 'es'}"
            yield Verdict(_first(configuration.document), "holds", message, configuration.path)


def _refused(problems: Iterable[Problem]) -> Iterator[Verdict]:
    """One finding for each; lines that cannot be parsed are told together, as Supervisor tells them."""
    unparsed: dict[str, list[Problem]] = {}
    for problem in problems:
        if "parsing errors" in problem.message:
            unparsed.setdefault(problem.span.path, []).append(problem)
        else:
            yield _refusal(problem)
    for first, *others in unparsed.values():
        yield replace(_refusal(first), notes=tuple(Note(each.span, "nor can this line") for each in others))


def _refusal(problem: Problem) -> Verdict:
    reason = " ".join(problem.message.split("\n"))
    subject = _subject(problem.span)
    if _PLACEHOLDER.search(problem.span.written):
        message = f"supervisord would not start, if nothing fills in the placeholder: {reason}"
        return Verdict(problem.span, "undecided", message, subject, hint="lint the file that the template becomes")
    return Verdict(_place(problem), "broken", f"supervisord would not start: {reason}", subject)


def _is_elsewhere(problem: Problem, own: Configuration, all_of_them: tuple[Configuration, ...]) -> bool:
    """Whether another file of the repository, by another path on the server, has what is missing."""
    if problem.span.written:
        return any(program.name == problem.span.written for each in all_of_them for program in each.programs)
    wanted = [posixpath.basename(pattern) for pattern in own.merged.unseen]
    return any(
        each.options is not None and any(fnmatchcase(posixpath.basename(each.path), name) for name in wanted)
        for each in all_of_them
    )


def _doubtful(problem: Problem, configuration: Configuration) -> Verdict:
    span = problem.span
    if not span.written and "include" in configuration.merged.sections:
        span = configuration.merged.sections["include"].settings["files"].node.span
    message = f"supervisord would not start, unless a file that is not here has what is missing: {problem.message}"
    hint = "lint it together with the files that supervisord loads beside it"
    return Verdict(span, "undecided", message, _subject(span), hint=hint)


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
    for configuration in project.supervisors:
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
    for configuration in project.supervisors:
        names = {str(section.key) for document in configuration.documents for section in _sections(document)}
        ignored = {each.span: each for each in never_read(configuration) if each.is_section and _is_misspelt(each)}
        for document in configuration.documents:
            if has_byte_order_mark(document):
                mark = document.source.span(0, 1)
                fix = Fix("remove the byte-order mark", (Edit(mark, ""),), safe=True)
                message = "the file begins with a byte-order mark: supervisord finds no section, and would not start"
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


def names_programs_once(project: Project) -> Iterator[Verdict]:
    """No program is defined twice in a file and those that it includes: Supervisor mixes their options."""
    for configuration in project.supervisors:
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


def _sections(document: Document) -> Iterable[Entry]:
    return document.root.entries if isinstance(document.root, Mapping) else ()


def _first(document: Document) -> Span:
    """The header of the first section."""
    first = next(iter(_sections(document)), None)
    return first.key.span if first is not None else document.source.span()


def _subject(span: Span) -> str:
    """The section that a place lies in, with its option where it lies in one, else its file."""
    header, option = "", ""
    for match in _HEADER_OR_OPTION.finditer(span.source.content):
        if match.start() > span.start:
            break
        header, option = (match["header"], "") if match["header"] else (header, match["option"])
    return f"{header}.{option}" if header and option and span.written else header or span.path
