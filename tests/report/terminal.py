"""What a terminal would do with a text: the letters it draws, and everything else that it is told to do."""

from __future__ import annotations

from typing import Any

import pyte

_HARMLESS = {"draw", "linefeed", "carriage_return", "select_graphic_rendition", "tab"}


class _Listener:
    """Takes every call that the emulator makes for a control or a sequence."""

    def __init__(self) -> None:
        self.drawn: list[str] = []
        self.told: list[str] = []
        for event in pyte.Stream.events:
            setattr(self, event, self._recorder(event))

    def _recorder(self, event: str) -> Any:
        def record(*arguments: Any, **_: Any) -> None:
            if event == "draw":
                self.drawn.append(arguments[0])
            elif event == "linefeed":
                self.drawn.append("\n")
            elif event not in _HARMLESS:
                self.told.append(event)

        return record


def shown(text: str) -> tuple[str, list[str]]:
    """The letters that are drawn, line by line, and whatever moves, erases, names or asks."""
    listener = _Listener()
    pyte.Stream(listener).feed(text)  # type: ignore[arg-type]
    return "".join(listener.drawn), listener.told
