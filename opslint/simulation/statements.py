"""What statements hold: functions they define, names they declare, a single command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opslint.syntax import script as ast


def functions(statement: Any) -> Iterator[tuple[str, ast.Function]]:
    """Every function that is defined somewhere in a script."""
    if isinstance(statement, ast.Function):
        yield statement.name, statement
        yield from functions(statement.body)
    for each in inner(statement):
        yield from functions(each)


def is_pipeline(statement: ast.Statement) -> bool:
    """Whether dash sees nothing but a pipeline: braces leave no trace there."""
    while isinstance(statement, ast.Group) and not statement.subshell and len(statement.body.items) == 1:
        statement = statement.body.items[0].statement
    return isinstance(statement, ast.Pipeline) and len(statement.commands) > 1 and not statement.negated


def declared(statement: Any) -> Iterator[str]:
    """The names that a function declares for itself."""
    if isinstance(statement, ast.Simple) and statement.words and statement.words[0].value in ("local", "declare"):
        yield from (word.value.partition("=")[0] for word in statement.words[1:])
        yield from (assignment.name for assignment in statement.assignments)
    for each in inner(statement):
        yield from declared(each)


def inner(statement: Any) -> tuple[Any, ...]:
    match statement:
        case ast.Block():
            return tuple(item.statement for item in statement.items)
        case ast.Pipeline():
            return statement.commands
        case ast.AndOr():
            return statement.left, statement.right
        case ast.If():
            inner = [block for branch in statement.branches for block in branch]
            return (*inner, statement.otherwise) if statement.otherwise else tuple(inner)
        case ast.Loop():
            return statement.condition, statement.body
        case ast.For() | ast.Group():
            return (statement.body,)
        case ast.Case():
            return tuple(arm.body for arm in statement.arms)
    return ()


def traps_errors(statement: Any) -> bool:
    """Whether it sets an ERR trap, by itself or in something that it holds."""
    words = statement.words if isinstance(statement, ast.Simple) else ()
    named = bool(words) and words[0].value == "trap" and any(word.value == "ERR" for word in words)
    return named or any(traps_errors(each) for each in inner(statement))


def is_lone(block: ast.Block) -> bool:
    """Whether it is one simple command."""
    return len(block.items) == 1 and is_simple(block.items[0].statement) and not block.items[0].background


def is_simple(statement: ast.Statement) -> bool:
    return isinstance(statement, ast.Simple)
