"""The fix for a condition with text around its `${{ }}`: one expression out of all of it."""

from __future__ import annotations

from opslint.finding import Edit, Fix, Problem
from opslint.model.workflow_expressions import Occurrence
from opslint.source import Source
from opslint.syntax.condition import condition
from opslint.syntax.expression import Comparison, Logical, embedded, parse

_COMPARING = ("!", "=", "<", ">")
_FIRST_OF_YAML = "!&*|>%@`'\"[{"  # with which a plain text does not begin


def unwrapped(occurrence: Occurrence) -> Fix | None:
    """Take the fences away; None where what is left is no expression, or YAML would read it otherwise.

    `${{ a || b }} && c` becomes `(a || b) && c`.
    """
    text = occurrence.text
    edits, written, place = [], "", 0
    for fence in embedded(text):
        start = text.value.index(fence.text.value, place)
        written += text.value[place:start]
        place = start + len(fence.text)
        inner = _inner(fence.inner.value, text.value[:start].rstrip(), text.value[place:].lstrip())
        if not fence.text.is_verbatim:
            return None
        edits.append(Edit(fence.text.span, inner))
        written += inner
    written += text.value[place:]
    if occurrence.style == "plain" and (written[:1] in _FIRST_OF_YAML or ": " in written or " #" in written):
        return None
    found = condition(Source("", written).text)
    if isinstance(found, Problem) or found.around:
        return None
    return Fix("make one expression of it", tuple(edits), safe=False)


def _inner(written: str, before: str, after: str) -> str:
    """What stood in a fence, in parentheses where what is beside it would bind stronger."""
    found = parse(Source("", written).text)
    compared = before.endswith(_COMPARING) or after.startswith(_COMPARING)
    weak = (Logical, Comparison) if compared else (Logical,)
    return f"({written})" if (before or after) and isinstance(found, weak) else written
