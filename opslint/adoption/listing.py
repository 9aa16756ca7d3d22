"""One more item in a list of a YAML file, put there without reprinting the file."""

from __future__ import annotations

import re
from typing import Any

from opslint.finding import Problem
from opslint.source import Source
from opslint.syntax import yaml
from opslint.syntax.schema import plain
from opslint.syntax.tree import Document, Entry, Mapping, Node, Scalar, Sequence

_ITS_TAGS = "is a YAML tag;"  # of a problem that is none here: GitLab has tags of its own


class NotEditableError(Exception):
    """A file whose list is written in a way that nothing can be added to it safely; says where and why."""


def with_item(source: Source, key: str, item: tuple[str, ...], flow: str) -> str:
    """The text of the file with one more item in the list behind a key of its root.

    `item` is the item in lines, `flow` the same between brackets. The rest stays as it is, character by character;
    what comes out is read again and holds what the file held, and the item. Raises NotEditableError where that fails.
    """
    document = yaml.read(source)
    for problem in document.problems:
        if _ITS_TAGS not in problem.message:
            raise NotEditableError(f"{problem.span}: {problem.message}")
    newline = "\r\n" if "\r\n" in source.content else "\n"
    edited = _edited(document, key, [line + newline for line in item], flow, newline)
    expected = _expected(document.root, key, plain(yaml.read(Source("", flow)).root))
    again = yaml.read(Source(source.path, edited))
    if _messages(again.problems) != _messages(document.problems) or plain(again.root) != expected:
        raise NotEditableError(f"{_place(document, key)}: nothing can be added to `{key}` as it is written")
    return edited


def _expected(root: Node | None, key: str, item: Any) -> Any:
    data = plain(root) or {}
    held = data.get(key) if isinstance(data, dict) else None
    items = held if isinstance(held, list) else [] if held is None else [held]
    return {**data, key: [*items, item]} if isinstance(data, dict) else None


def _messages(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.message for problem in problems]


def _place(document: Document, key: str) -> str:
    entry = document.root.entry(key) if isinstance(document.root, Mapping) else None
    return str(entry.key.span if entry else document.source.span())


def _edited(document: Document, key: str, item: list[str], flow: str, newline: str) -> str:
    content = document.source.content
    entry = document.root.entry(key) if isinstance(document.root, Mapping) else None
    if entry is None:
        begun = content if not content or content.endswith(("\n", "\r")) else content + newline
        return begun + f"{key}:{newline}" + _block(item, 2)
    value = entry.value
    if isinstance(value, Scalar):
        return _instead_of_scalar(content, value, item, flow, newline)
    if content[value.span.start : value.span.start + 1] == "[" and isinstance(value, Sequence):
        end = value.span.end - 1
        held = content[value.span.start + 1 : end].rstrip()
        between = ", " if held and not held.endswith(",") else " " if held else ""
        return content[: value.span.start + 1] + held + between + flow + content[value.span.start + 1 + len(held) :]
    if isinstance(value, Sequence) and value.items:
        return _behind_the_last(content, entry, value, item, newline)
    return content  # a mapping: no list, and the caller says so


def _instead_of_scalar(content: str, value: Scalar, item: list[str], flow: str, newline: str) -> str:
    if value.value is None:
        line_end = _line_end(content, value.span.end)
        broken = "" if content[:line_end].endswith(("\n", "\r")) else newline
        rest = content[value.span.end : line_end] + broken
        return content[: value.span.start] + rest + _block(item, 2) + content[line_end:]
    return f"{content[: value.span.start]}[{value.span.written}, {flow}]{content[value.span.end :]}"


def _behind_the_last(content: str, entry: Entry, value: Sequence, item: list[str], newline: str) -> str:
    """The item on lines of its own, as far in as the last one, and a blank line before it where others have one."""
    dash = content.rfind("-", 0, value.items[-1].span.start)
    column = dash - (content.rfind("\n", 0, dash) + 1)
    end = _line_end(content, len(content[: value.items[-1].span.end].rstrip()))
    while match := re.compile(r"[ \t]*\r?\n|([ \t]+)#.*(?:\r?\n|\Z)").match(content, end):
        if match[1] is None or len(match[1]) <= column:  # a comment farther in belongs to the last item
            break
        end = match.end()
    spaced = len(value.items) > 1 and re.search(r"\n[ \t]*\r?\n[ \t]*(?:#.*\n[ \t]*)*\Z", content[:dash])
    begun = content[:end] if content[:end].endswith("\n") else content[:end] + newline
    return begun + (newline if spaced else "") + _block(item, column) + content[end:]


def _line_end(content: str, offset: int) -> int:
    """Behind the line break of the line of an offset."""
    found = content.find("\n", offset)
    return len(content) if found < 0 else found + 1


def _block(item: list[str], column: int) -> str:
    first, *rest = item
    return f"{' ' * column}- {first}" + "".join(f"{' ' * column}  {line}" for line in rest)
