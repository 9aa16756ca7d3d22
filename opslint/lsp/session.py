"""One root while an editor is open: when it is linted, what was found last, what the editor was told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from opslint.lsp.outcome import LookError, Outcome, look
from opslint.lsp.snapshot import Buffer
from opslint.policy import NAMES, Policy

TYPING, SAVED = 0.2, 0.05  # seconds without a further change before a run begins
_GIT = ("HEAD", "packed-refs", "index")  # of .git: what the ratchets and modes depend on
_IGNORED = frozenset({".git", "vendor", "node_modules", ".hg", ".svn", ".venv", "__pycache__"})
T = TypeVar("T")


class Session:
    """Lints a root whenever something changed; one run at a time, and what a newer change overtook is dropped."""

    def __init__(
        self,
        root: Path,
        turn: asyncio.Lock,  # shared by all roots: two runs at once would only slow each other down
        buffers: Callable[[Path], Mapping[str, Buffer]],  # what is open now below a root, by path
        accept: Callable[[Session, Outcome], None],
        complain: Callable[[str], None],
    ) -> None:
        self.root = root
        self.outcome: Outcome | None = None
        self.last: Outcome | None = None  # the last one that has a report
        self.told: frozenset[str] = frozenset()  # paths that have diagnostics in the editor
        self._turn, self._buffers, self._accept, self._complain = turn, buffers, accept, complain
        self._usable: Policy | None = None
        self._wanted = self._done = 0  # numbers of changes
        self._due = 0.0
        self._task: asyncio.Task[None] | None = None

    def changed(self, wait: float) -> None:
        """Have a run begin once nothing more has changed for so many seconds."""
        self._wanted += 1
        self._due = asyncio.get_running_loop().time() + wait
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    def depends_on(self, path: str) -> bool:
        """Whether what stands in a file can matter to what is found."""
        last = self.outcome
        if last is None or last.report is None or self._done != self._wanted:
            return True  # who reads it is not known yet
        return path in NAMES or last.snapshot.was_read(path)

    def heeds(self, path: str, appeared: bool) -> bool:
        """Whether a change on the disk can matter; `appeared` or vanished: a rule may ask whether a file exists."""
        folder, *rest = path.split("/")
        if folder == ".git":
            return bool(rest) and (rest[0] == "refs" or (len(rest) == 1 and rest[0] in _GIT))
        if _IGNORED.intersection(path.split("/")):
            return False
        return appeared or self.depends_on(path)

    async def settled(self) -> Outcome | None:
        """What was found of the present state, once it is known."""
        while self._task is not None and not self._task.done():
            await asyncio.shield(self._task)
        return self.outcome

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._done != self._wanted:
            while (wait := self._due - loop.time()) > 0:
                await asyncio.sleep(wait)
            async with self._turn:
                number, buffers = self._wanted, self._buffers(self.root)
                try:
                    outcome = await _in_thread(lambda buffers=buffers: look(self.root, buffers, self._usable))  # type: ignore[misc]
                except LookError as error:
                    self._complain(str(error))
                    outcome = None
                except Exception as error:
                    self._complain(f"crashed and judged nothing: {type(error).__name__}: {error}")
                    outcome = None
            if number == self._wanted:
                self._done = number
                if outcome is not None:
                    self._finish(outcome)

    def _finish(self, outcome: Outcome) -> None:
        if outcome.policy is not None and not outcome.problems:
            self._usable = outcome.policy
        self.outcome = outcome
        self.last = outcome if outcome.report else self.last
        self._accept(self, outcome)


async def _in_thread(work: Callable[[], T]) -> T:
    """What `work` gives, done beside the loop, so that the editor is answered meanwhile.

    The thread is a daemon: an editor that closes does not wait for a run.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(set_it: Callable[[], None]) -> None:
        if not future.done():
            set_it()

    def run() -> None:
        try:
            result = work()
        except Exception as error:
            told = error
            loop.call_soon_threadsafe(settle, lambda: future.set_exception(told))
        else:
            loop.call_soon_threadsafe(settle, lambda: future.set_result(result))

    threading.Thread(target=run, name="opslint", daemon=True).start()
    return await future
