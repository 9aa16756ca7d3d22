"""Which parts of a condition are the same in every run, though nobody wrote them to be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from opslint.model.workflow import Action, Workflow
from opslint.simulation.condition import decide, evaluate
from opslint.simulation.evaluation import Situation
from opslint.simulation.value import Object, Unknown, Value
from opslint.source import Text
from opslint.syntax.expression import Call, Comparison, Context, Expression, Index, Literal, Logical, Not, walk
from opslint.syntax.tree import Mapping as Tree
from opslint.syntax.tree import Node, at

_BOOLEAN = (True, False)
_MOST_PARTS = 24  # of a condition that is played through


def situation(found: Workflow | Action) -> Situation:
    """What is known of every run: that a boolean input is a boolean, but a text in `github.event.inputs`."""
    if isinstance(found, Action):
        return Situation()
    kinds = _input_types(found)
    booleans = [name for name, types in kinds.items() if types == {"boolean"}]
    if not booleans:
        return Situation()
    # Without the event that has the input it is null.
    inputs = {name: Unknown(f"inputs.{name}", (*_BOOLEAN, None)) for name in booleans}
    given = {name: Unknown(f"github.event.inputs.{name}", ("true", "false", None)) for name in booleans}
    event: Mapping[str, Value] = {"inputs": Object(given, Unknown("github.event.inputs"))}
    return Situation(
        {
            "inputs": Object(inputs, Unknown("inputs")),
            "github": Object({"event": Object(event, Unknown("github.event"))}, Unknown("github")),
        }
    )


def _input_types(workflow: Workflow) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for event in ("workflow_call", "workflow_dispatch"):
        inputs: Node | None = at(workflow.events.get(event), "inputs")
        for entry in inputs if isinstance(inputs, Tree) else ():
            found.setdefault(str(entry.key).lower(), set()).add(str(at(entry.value, "type") or "string"))
    return found


def accidents(expression: Expression, known: Situation, switches: Collection[str] = ()) -> Iterator[tuple[Text, str]]:
    """Each part of a condition that is constant by accident, and why; the smallest part that is.

    `switches` are variables whose value is the text `false` (lower case).
    """
    parts = list(_operands(expression))
    if len(parts) > _MOST_PARTS:
        return
    for part in parts:
        if isinstance(part, Index) and _is_blind(part, known, switches):
            yield part.text, f"`{part.text}` is a text, and the text `false` is true, too"
    quoted = [part for part in parts if isinstance(part, Literal) and isinstance(part.value, str)]
    if quoted and len(_truths(_wished(expression), known)) == 1:
        what = "a text is always true" if quoted[-1].value else "an empty text is always false"
        yield quoted[-1].text, f"`{quoted[-1].text}` is a text, and {what}"
        return
    for part in parts:
        if isinstance(part, Comparison) and not all(_is_literal(side) for side in (part.left, part.right)):
            truths = _truths(part, known)
            if len(truths) == 1:
                yield part.text, f"`{part.text}` is {_word(truths)}{_why(part)}"


def _is_blind(part: Index, known: Situation, switches: Collection[str]) -> bool:
    """Whether a text is tested for its truth that can say `false`."""
    value = evaluate(part, known)
    if isinstance(value, Unknown) and "false" in value.domain:
        return True
    name = part.key.value if isinstance(part.key, Literal) else None
    return part.base == Context("env", part.text) and isinstance(name, str) and name.lower() in switches


def _word(truths: set[bool]) -> str:
    return "always true" if True in truths else "never true"


def _why(comparison: Comparison) -> str:
    sides = (comparison.left, comparison.right)
    if any(isinstance(side, Literal) and isinstance(side.value, str) for side in sides):
        return ": a boolean is compared with a text"
    if any(isinstance(side, Literal) and isinstance(side.value, bool) for side in sides):
        return ": a text is compared with a boolean"
    return ""


def _operands(expression: Expression) -> Iterator[Expression]:
    """What `&&`, `||` and `!` join, and what is the whole."""
    match expression:
        case Logical(_, operands):
            for operand in operands:
                yield from _operands(operand)
        case Not(operand):
            yield from _operands(operand)
        case _:
            yield expression


def _is_literal(expression: Expression) -> bool:
    return all(isinstance(node, Literal | Comparison) for node in walk(expression))


def _truths(expression: Expression, known: Situation) -> set[bool]:
    return {decision.truth for decision in decide(expression, known)}


def _wished(expression: Expression) -> Expression:
    """The same with an unknown for everything that makes it constant on purpose: `true`, `0`, `always()`."""
    match expression:
        case Literal(value) if not isinstance(value, str):
            return Context(f"wished-{expression.text.span.start}", expression.text)
        case Call("always"):
            return Context("wished-always", expression.text)
        case Call(_, arguments):
            return replace(expression, arguments=tuple(map(_wished, arguments)))
        case Not(operand):
            return replace(expression, operand=_wished(operand))
        case Logical(_, operands):
            return replace(expression, operands=tuple(map(_wished, operands)))
        case Comparison(_, left, right):
            return replace(expression, left=_wished(left), right=_wished(right))
        case Index(base, key):
            return replace(expression, base=_wished(base), key=key)
    return expression
