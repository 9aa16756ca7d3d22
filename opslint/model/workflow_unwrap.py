"""The fix for a condition with text around its `${{ }}`: one expression out of all of it."""

from __future__ import annotations

from opslint.finding import Edit, Fix, Problem
from opslint.model.workflow_expressions import Occurrence
from opslint.source import Source, Span, Text
from opslint.syntax.condition import condition
from opslint.syntax.expression import Comparison, Embedded, Logical, embedded, parse


def unwrapped(occurrence: Occurrence) -> Fix | None:
    """Take the fences away; None where what is left is no expression, or YAML would read it otherwise.

    `${{ a || b }} && c` becomes `(a || b) && c`.
    """
    text = occurrence.text
    around = "".join(piece.value for piece in occurrence.condition.around) if occurrence.condition else ""
    weak = (Logical,) if set(around) <= set("&| \n") else (Logical, Comparison)  # what needs parentheses in it
    edits = []
    for fence in embedded(text):
        inner = _inner(fence, weak if around.strip() else ())
        if inner is None:
            return None
        edits.append(Edit(fence.text.span, inner))
    written = _edited(text, edits)
    if occurrence.style == "plain" and (written[:1] in "!&*|>%@`'\"[{" or ": " in written or " #" in written):
        return None
    found = condition(Source("", written).text)
    if isinstance(found, Problem) or found.around:
        return None
    return Fix("make one expression of it", tuple(edits), safe=False)


def _inner(fence: Embedded, weak: tuple[type, ...]) -> str | None:
    found = parse(fence.inner)
    if isinstance(found, Problem) or not fence.text.is_verbatim:
        return None
    return f"({fence.inner})" if isinstance(found, weak) else fence.inner.value


def _edited(text: Text, edits: list[Edit]) -> str:
    written, place = "", 0
    for edit in edits:
        start = text.value.index("${{", place)
        written += text.value[place:start] + edit.replacement
        place = start + len(_between(text, edit.span))
    return written + text.value[place:]


def _between(text: Text, span: Span) -> str:
    return text.source.content[span.start : span.end]
