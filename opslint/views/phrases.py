"""What an expression asks, in plain words; what has no plain words is quoted as it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal as Word

from opslint.syntax.expression import Call, Comparison, Context, Expression, Index, Literal, Logical, Not

_EVENTS: Mapping[str, str] = {
    "merge_group": "merge queues",
    "pull_request": "pull requests",
    "push": "pushes",
    "release": "releases",
    "repository_dispatch": "a call of GitHub's API",
    "schedule": "its schedule",
    "workflow_dispatch": "a start by hand",
    "workflow_run": "the end of another workflow",
}
_ENDS: Mapping[str, tuple[str, str]] = {
    "success": ("succeeded", "did not succeed"),
    "failure": ("failed", "did not fail"),
    "cancelled": ("was cancelled", "was not cancelled"),
    "skipped": ("was skipped", "was not skipped"),
}
_LEGS = "in matrix legs where "
_LEADS = ("if ", _LEGS)  # said once for what is listed
_PULL_REQUEST: Mapping[tuple[str, ...], tuple[str, str]] = {
    ("github", "event", "pull_request", "merged"): ("was merged", "was not merged"),
    ("github", "event", "pull_request", "draft"): ("is a draft", "is no draft"),
}
_BRANCH, _TAG = "refs/heads/", "refs/tags/"


@dataclass(frozen=True, slots=True)
class Names:
    """How people call what an id stands for, by the id in lower case."""

    steps: Mapping[str, str] = field(default_factory=dict)
    forgiven: frozenset[str] = frozenset()  # ids of steps whose failure does not count: `continue-on-error`


@dataclass(frozen=True, slots=True)
class Phrase:
    """`on pushes to main`, `if Migrate failed`; those of several parts say what joins these."""

    text: str
    joined: Word["", "&&", "||"] = ""

    @property
    def sentence(self) -> str:
        """What can stand for itself: `only on pushes`, `not on tags`."""
        return self.text if self.text.startswith("not ") else f"only {self.text}"


def phrase(expression: Expression, names: Names, negated: bool = False) -> Phrase:
    """When an expression is true, or false where it is negated."""
    match expression:
        case Not(operand):
            return phrase(operand, names, not negated)
        case Logical(operator, operands):
            joined: Word["&&", "||"] = "&&" if (operator == "&&") is not negated else "||"
            pairs = _pushes(operands, negated) if joined == "&&" else (None, operands)
            parts = [Phrase(pairs[0])] if pairs[0] else []
            parts += [phrase(each, names, negated) for each in pairs[1]]
            return parts[0] if len(parts) == 1 else Phrase(_join(parts, joined), joined)
    said = _atom(expression, names, negated)
    return Phrase(said if said is not None else f"if {'not ' if negated else ''}{_quoted(expression)}")


def _join(parts: Sequence[Phrase], joined: Word["&&", "||"]) -> str:
    text, before = "", ""
    for part in parts:
        said = f"({part.text})" if part.joined and part.joined != joined else part.text
        lead = next((each for each in _LEADS if said.startswith(each)), "")
        shown = said.removeprefix(lead) if lead == before else said
        text += (" and " if joined == "&&" else " or ") * bool(text) + shown
        before = lead
    return text


def _quoted(expression: Expression) -> str:
    return f"`{' '.join(expression.text.value.split())}`"


def _pushes(operands: Sequence[Expression], negated: bool) -> tuple[str | None, Sequence[Expression]]:
    """An event and a ref that are asked together: `on pushes to main`; and what else is asked."""
    if negated:
        return None, operands
    event = next((each for each in operands if _is_push(each)), None)
    ref = next((each for each in operands if (_ref(each, False) or "not").partition(" ")[0] == "on"), None)
    if event is None or ref is None:
        return None, operands
    said = str(_ref(ref, False)).removeprefix("on ").removeprefix("branch ")
    return f"on pushes {'of' if 'tag' in said else 'to'} {said}", [e for e in operands if e not in (event, ref)]


def _is_push(expression: Expression) -> bool:
    found = _compared(expression, False)
    return found is not None and _lower(found[0]) == ("github", "event_name") and found[1:] == ("push", True)


# -- one question -------------------------------------------------------------------------------------------------


def _atom(expression: Expression, names: Names, negated: bool) -> str | None:
    """One question in plain words; None where there are none that say exactly the same."""
    found = _compared(expression, negated)
    if found is not None:
        path, value, equal = found
        return _ref(expression, negated) or _of_value(path, value, equal, names)
    if isinstance(expression, Call):
        return _ref(expression, negated) or _of_call(expression, negated)
    path = tuple(_path(expression) or ())
    match _lower(path):
        case ("steps" | "needs", id, "outputs", _):  # a text, or null where there is none
            return f"if the output `{path[3]}` of `{_name(path, id, names)}` is {'' if negated else 'not '}empty"
    said = _PULL_REQUEST.get(_lower(path))
    return f"if the pull request {said[negated]}" if said else None


def _compared(expression: Expression, negated: bool) -> tuple[tuple[str, ...], str | float | bool | None, bool] | None:
    """A path that is compared with a literal: the path, the literal, and whether they must be equal."""
    if not isinstance(expression, Comparison) or expression.operator not in ("==", "!="):
        return None
    sides = (expression.left, expression.right)
    literal = next((each for each in sides if isinstance(each, Literal)), None)
    other = next((each for each in sides if each is not literal), None)
    path = tuple(_path(other) or ()) if other is not None else ()
    return (path, literal.value, (expression.operator == "==") is not negated) if literal and path else None


def _path(expression: Expression) -> Iterator[str] | None:
    """The names of `github.event.action`, as written; None where one of them is worked out."""
    names: list[str] = []
    while isinstance(expression, Index):
        if expression.key is None:
            names.append("*")
        elif isinstance(expression.key, Literal) and isinstance(expression.key.value, str):
            names.append(expression.key.value)
        else:
            return None
        expression = expression.base
    return reversed([*names, expression.name]) if isinstance(expression, Context) else None


def _lower(path: Sequence[str]) -> tuple[str, ...]:
    return tuple(each.lower() for each in path)


def _name(path: Sequence[str], id: str, names: Names) -> str:
    return names.steps.get(id, path[1]) if path[0] == "steps" else path[1]


def _of_value(path: tuple[str, ...], value: str | float | bool | None, equal: bool, names: Names) -> str | None:
    """What it is to be equal to a literal, or to differ from it."""
    no, is_ = ("", "is") if equal else ("not ", "is not")
    if isinstance(value, bool):
        said = _PULL_REQUEST.get(_lower(path))
        return f"if the pull request {said[value is not equal]}" if said else None
    if isinstance(value, float) and path[0] == "matrix" and len(path) == 2:
        return f"{_LEGS}`{path[1]}` {is_} `{value:g}`"
    if not isinstance(value, str):
        return None
    match _lower(path):
        case ("steps", id, "outcome" | "conclusion" as word) if value in _ENDS and id in names.steps:
            forgiven = word == "conclusion" and id in names.forgiven
            end = _ENDS[value][not equal]
            return f"if `{names.steps[id]}` {end}" + (", forgiven failures counted as successes" if forgiven else "")
        case ("needs", _, "result") if value in _ENDS:
            return f"if `{path[1]}` {_ENDS[value][not equal]}"
        case ("github", "event", "workflow_run", "conclusion") if value in _ENDS:
            return f"if the workflow before it {_ENDS[value][not equal]}"
        case ("steps" | "needs", id, "outputs", _):
            return f"if the output `{path[3]}` of `{_name(path, id, names)}` {is_} {_text(value)}"
        case ("env" | "vars" as kind, _):
            return f"if the {'repository ' * (kind == 'vars')}variable `{path[1]}` {is_} {_text(value)}"
        case ("matrix", _) if value and value not in ("true", "false"):
            return f"{_LEGS}`{path[1]}` {is_} `{value}`"
        case ("github", "event", "inputs", _) if value:
            return f"if the input `{path[3]}` {is_} `{value}`"
        case ("inputs", _) if value and value not in ("true", "false"):
            return f"if the input `{path[1]}` {is_} `{value}`"
    return _of_event(_lower(path), value, no)


def _text(value: str) -> str:
    return f"`{value}`" if value else "empty"


def _of_event(path: tuple[str, ...], value: str, no: str) -> str | None:
    """What started the run, and where."""
    match path:
        case ("github", "event_name"):
            return f"{no}on {_EVENTS.get(value, f'the event `{value}`')}"
        case ("github", "ref_name"):
            return f"{no}on the branch or tag `{value}`"
        case ("github", "base_ref"):
            return f"{no}on pull requests into `{value}`"
        case ("github", "head_ref"):
            return f"{no}on pull requests from `{value}`"
        case ("github", "ref_type") if value in ("branch", "tag"):
            return f"{no}on {'branches' if value == 'branch' else 'tags'}"
        case ("github", "repository"):
            return f"{no}in the repository `{value}`"
        case ("github", "repository_owner"):
            return f"{no}in repositories of `{value}`"
        case ("github", "actor"):
            return f"{no}when `{value}` started it"
        case ("github", "event", "action"):
            return f"{no}when the event's action is `{value}`"
        case ("runner", "os"):
            return f"{no}on {value} runners"
    return None


def _ref(expression: Expression, negated: bool) -> str | None:
    """Which branch or tag a run is for."""
    found = _compared(expression, negated)
    if found is not None:
        path, value, equal = found
        if _lower(path) not in (("github", "ref"), ("github", "event", "ref")) or not isinstance(value, str):
            return None
        no = "" if equal else "not "
        for prefix, word in ((_BRANCH, "branch"), (_TAG, "tag")):
            if value.startswith(prefix) and value != prefix:
                return f"{no}on {word} `{value.removeprefix(prefix)}`"
        return None
    match expression:
        case Call("startswith", (subject, Literal(str() as value))) if _lower(tuple(_path(subject) or ())) == (
            "github",
            "ref",
        ):
            for prefix, word in ((_BRANCH, "branches"), (_TAG, "tags")):
                rest = value.removeprefix(prefix)
                if value.startswith(prefix):
                    return f"{'not ' * negated}on {word}" + (f" that begin with `{rest}`" if rest else "")
    return None


def _of_call(call: Call, negated: bool) -> str | None:
    """`contains(...)` of what people look into."""
    match call:
        case Call("contains", (subject, Literal(str() as value))):
            path = _lower(tuple(_path(subject) or ()))
        case _:
            return None
    if path == ("github", "event", "head_commit", "message"):
        return f"if the commit message {'does not contain' if negated else 'contains'} `{value}`"
    if path == ("needs", "*", "result") and value in _ENDS:
        return f"if {'no' if negated else 'a'} job it needs {_ENDS[value][0]}"
    if path == ("github", "event", "pull_request", "labels", "*", "name"):
        return f"{'not ' * negated}on pull requests labelled `{value}`"
    return None
