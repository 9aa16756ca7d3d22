"""What an `if:` says, and what GitHub makes of it before it is evaluated."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from opslint.finding import Problem
from opslint.source import Source, Text
from opslint.syntax.expression import (
    MAX_LENGTH,
    STATUS_FUNCTIONS,
    Call,
    Embedded,
    Expression,
    Literal,
    Logical,
    embedded,
    parse,
    walk,
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What an `if:` says, and what GitHub makes of it."""

    text: Text | None
    expression: Expression  # what is evaluated
    written: Expression | None  # the same without the `success() &&` that GitHub adds; None where nothing is written
    # What stands around `${{ }}`: it makes a text of the whole, and a text is true whatever it says.
    around: tuple[Text, ...] = ()

    @property
    def implied(self) -> bool:
        """Whether `success()` was added, for none of the status functions is called."""
        return self.expression is not self.written


def calls_status(expression: Expression) -> bool:
    """Whether one of the status functions is called anywhere, as an argument too."""
    return any(isinstance(node, Call) and node.name in STATUS_FUNCTIONS for node in walk(expression))


def condition(
    text: Text | None, contexts: Collection[str] | None = None, functions: Mapping[str, tuple[int, int]] | None = None
) -> Condition | Problem:
    """Read an `if:`, fenced or not (actions/runner, ConvertToIfCondition); None and blank mean `success()`."""
    if text is not None and len(text) > MAX_LENGTH:
        return Problem(text.span, f"Exceeded max expression length {MAX_LENGTH}")
    fences = embedded(text) if text is not None else ()
    for fence in fences:
        if fence.problem:
            return fence.problem
    if text is None or not (inner := _unquoted(text, fences)).value.strip():
        return Condition(text, _success(text), None)
    if fences and len(fences[0].text) != len(text):
        written = _format(text, fences, contexts, functions)
    else:
        written = parse(inner.strip(), contexts, functions)
    if isinstance(written, Problem):
        return written
    around = tuple(_around(text, fences)) if fences else ()
    if calls_status(written):
        return Condition(text, written, written, around)
    return Condition(text, Logical("&&", (_success(text), written), written.text), written, around)


def _success(text: Text | None) -> Call:
    return Call("success", (), text if text is not None else Source("", "").text)


def _unquoted(text: Text, fences: tuple[Embedded, ...]) -> Text:
    """What is parsed: `${{ 'x' }}` as a whole is no expression but another way to write `x`."""
    if len(fences) != 1 or len(fences[0].text) != len(text):
        return text
    inner = fences[0].inner
    if not re.fullmatch(r"'(?:[^']|'')*'", inner.value):
        return inner
    quoted = inner[1:-1]
    pieces = re.finditer("(')'|[^']+", quoted.value)
    return Text.join((quoted[piece.start() : piece.end(piece.lastindex or 0)] for piece in pieces), quoted)


def _around(text: Text, fences: tuple[Embedded, ...]) -> Iterator[Text]:
    rest = text
    for fence in fences:
        start = rest.value.index(fence.text.value)
        if start:
            yield rest[:start]
        rest = rest[start + len(fence.text) :]
    if rest.value:
        yield rest


def _format(
    text: Text,
    fences: tuple[Embedded, ...],
    contexts: Collection[str] | None,
    functions: Mapping[str, tuple[int, int]] | None,
) -> Expression | Problem:
    """`format('...{0}...', ...)`: what GitHub makes of text around expressions."""
    pattern, rest, arguments = "", text.value, []
    for number, fence in enumerate(fences):
        argument = parse(fence.inner, contexts, functions)
        if isinstance(argument, Problem):
            return argument
        arguments.append(argument)
        before, _, rest = rest.partition(fence.text.value)
        pattern += before.replace("{", "{{").replace("}", "}}") + f"{{{number}}}"
    pattern += rest.replace("{", "{{").replace("}", "}}")
    return Call("format", (Literal(pattern, text), *arguments), text)
