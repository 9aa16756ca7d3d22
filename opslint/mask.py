"""Secrets are taken out of everything that is said, whatever is said about their line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from opslint.model.secret import Secret
from opslint.source import Source, Span

MASK = "*"
_SHORTEST = 4  # characters: a shorter value would be found in innocent words
_CHARACTER = re.compile(r"[^\r\n]")
T = TypeVar("T")


class Masks:
    """What stands at the places of secrets is shown as `****`, in the frames of files and in every message."""

    def __init__(self, secrets: tuple[Secret, ...]) -> None:
        self._values = sorted(
            {secret.span.written for secret in secrets if len(secret.span.written) >= _SHORTEST}, key=len, reverse=True
        )
        self._sources: dict[int, Source] = {}
        by_source: dict[int, list[Span]] = {}
        for secret in secrets:
            by_source.setdefault(id(secret.span.source), []).append(secret.span)
        for spans in by_source.values():
            source = spans[0].source
            self._sources[id(source)] = Source(source.path, _covered(source.content, spans))

    def hide(self, what: T) -> T:
        """The same finding, report or text without a secret in it; places stay what they are."""
        hidden: T = self._hide(what) if self._sources else what
        return hidden

    def _hide(self, what: Any) -> Any:
        match what:
            case str():
                return self._hide_text(what)
            case Span():
                return Span(self._sources.get(id(what.source), what.source), what.start, what.end)
            case tuple():
                return tuple(self._hide(each) for each in what)
            case Mapping():
                return {key: self._hide(value) for key, value in what.items()}
            case _ if is_dataclass(what) and not isinstance(what, type):
                changed = {field.name: self._hide(getattr(what, field.name)) for field in fields(what) if field.init}
                return replace(what, **changed)
            case _:
                return what

    def _hide_text(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, MASK * len(value))
        return text


def _covered(content: str, spans: list[Span]) -> str:
    """The text with each secret hidden; its line breaks stay, for lines are counted by them."""
    for span in spans:
        content = content[: span.start] + _CHARACTER.sub(MASK, span.written) + content[span.end :]
    return content
