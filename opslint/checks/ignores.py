"""Claims about errors that people told PHPStan to ignore."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opslint.finding import Verdict
from opslint.model.analysis import analyses
from opslint.model.phpstan_edit import replace
from opslint.model.phpstan_ignores import Ignored
from opslint.model.project import Project

# What a regular expression may be made of that has nothing to match: `.*`, `^.+$`, `(.*?)`, `[\s\S]*`. It is read and
# never run: it is somebody else's text.
_ANYTHING = re.compile(r"\[\\s\\S\]|\[\\S\\s\]|\[\\d\\D\]|\[\\w\\W\]|\(\?:|[().*+?^$]")
_BRACKETS = {"(": ")", "[": "]", "{": "}", "<": ">"}


def never_blanket(project: Project, *, identifiers: tuple[str, ...], messages: tuple[str, ...]) -> Iterator[Verdict]:
    """No ignore matches everything, and none hides everywhere a kind of error that fails when the code runs.

    `identifiers` are those kinds; `messages` are how their messages begin, for ignores by regular expression.
    """
    for analysis in analyses(project):
        if analysis.phpstan is None:
            continue
        written = {id(entry) for entry in analysis.phpstan.written_by_hand}
        for entry in analysis.phpstan.ignored:
            why = _blanket(entry, identifiers, messages) if not entry.generated else None
            if why is not None:
                yield Verdict(entry.span, "broken", why, f"ignoreErrors.{entry.message or entry.identifier}")
            elif id(entry) in written:
                shown = entry.message or entry.identifier or ""
                yield Verdict(entry.span, "holds", f"`{_short(shown)}` has bounds", f"ignoreErrors.{shown}")
        if not written:
            message = "nothing is ignored but by a baseline"
            yield Verdict(analysis.phpstan.span(), "holds", message, "parameters.ignoreErrors")


def _blanket(entry: Ignored, identifiers: tuple[str, ...], messages: tuple[str, ...]) -> str | None:
    """What is wrong with an entry that hides too much."""
    where = f"in `{entry.paths[0]}`" if entry.paths else "everywhere"
    for pattern in entry.messages if not entry.identifiers else ():
        body = _body(pattern)
        if body is not None and body != "^$" and not _ANYTHING.sub("", body):
            return f"`{_short(pattern)}` ignores every error {where}"
    if entry.paths or entry.count is not None:
        return None
    if not entry.messages and not entry.raw_messages:
        found = next((each for each in entry.identifiers if each in identifiers), None)
        return f"`{found}` is ignored everywhere, new ones included" if found else None
    for pattern in entry.messages:
        plain = (_body(pattern) or "").lstrip("^").rstrip("$").rstrip(".*+").strip()
        if any(plain == each.rstrip(" .") for each in messages):
            return f"`{_short(pattern)}` is ignored everywhere, new ones included"
    return None


def _body(pattern: str) -> str | None:
    """A regular expression without its delimiters and modifiers; None where PHP would refuse it."""
    if not pattern or pattern[0].isalnum() or pattern[0] == "\\":
        return None
    end = pattern.rfind(_BRACKETS.get(pattern[0], pattern[0]))
    return pattern[1:end] if end > 0 else None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def reported_when_unmatched(project: Project) -> Iterator[Verdict]:
    """PHPStan reports ignores that match nothing any more."""
    for analysis in analyses(project):
        if analysis.phpstan is None:
            continue
        is_reported, span = analysis.phpstan.unmatched_reported
        subject = "parameters.reportUnmatchedIgnoredErrors"
        if is_reported:
            yield Verdict(span or analysis.phpstan.span(), "holds", "ignores that match nothing are errors", subject)
        elif span is not None:
            fix = replace(span, "true", title="report what matches nothing any more", safe=False)
            message = "ignores that match nothing are not reported: what was mended can come back unseen"
            yield Verdict(span, "broken", message, subject, fix=fix)
