"""Edits to a PHPStan configuration: one more include, in the file's own hand."""

from __future__ import annotations

import re

from opslint.finding import Edit, Fix
from opslint.source import Source, Span
from opslint.syntax.tree import Document, Mapping, Scalar, Sequence

_INDENTED = re.compile(r"^([ \t]+)\S", re.MULTILINE)
_DASH = re.compile(r"[ \t]*-[ \t]+")


def add_include(document: Document, path: str, *, title: str, safe: bool) -> Fix | None:
    """Include one more file, last; None where the section has a form that is not to be guessed at."""
    edit = _add(document, path)
    return Fix(title, (edit,), safe) if edit else None


def _add(document: Document, path: str) -> Edit | None:
    source = document.source
    root = document.root if isinstance(document.root, Mapping) else None
    if document.problems or (root is None and document.root is not None):
        return None
    entry = root.entry("includes") if root else None
    if entry is None:
        start = _line_start(source, root.entries[0].key.span.start) if root and root.entries else 0
        newline = _newline(source)
        text = f"includes:{newline}{_indentation(source)}- {path}{newline}"
        return Edit(source.span(start), text + (newline if root and root.entries else ""))
    if isinstance(entry.value, Scalar) or not isinstance(entry.value, Sequence):
        return None
    if not entry.value.items:
        return Edit(entry.value.span, f"[{path}]") if entry.value.span.written.startswith("[") else None
    last = entry.value.items[-1].span
    prefix = source.content[_line_start(source, last.start) : last.start]
    if _DASH.fullmatch(prefix):
        end = re.compile(r"[^\r\n]*").match(source.content, last.end)
        return Edit(source.span(end.end() if end else last.end), _newline(source) + prefix + path)
    if entry.value.span.written.startswith("["):
        return Edit(source.span(last.end), f", {path}")
    return None


def replace(span: Span, replacement: str, *, title: str, safe: bool) -> Fix:
    """One value written anew."""
    return Fix(title, (Edit(span, replacement),), safe)


def _line_start(source: Source, offset: int) -> int:
    return offset - source.position(offset)[1] + 1


def _newline(source: Source) -> str:
    return "\r\n" if "\r\n" in source.content else "\n"


def _indentation(source: Source) -> str:
    match = _INDENTED.search(source.content)
    return match[1] if match else "\t"
