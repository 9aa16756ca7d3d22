"""An editor for the tests: a real client that starts `python -m opslint lsp` and speaks with it over its pipes."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

FEATURES = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
        workspace_folders=True,
    ),
)


class Editor:
    """One session. Units of columns are UTF-16 unless the capabilities say otherwise."""

    def __init__(self) -> None:
        self.client = LanguageClient("tests", "1")
        self.told: dict[str, list[types.Diagnostic]] = {}
        self.versions: dict[str, int | None] = {}
        self.published = 0
        self.log: list[str] = []
        self.shown: list[types.ShowDocumentParams] = []
        self.registered: list[str] = []
        self._news = asyncio.Event()
        self._numbers = itertools.count()
        # lsprotocol takes a code action that also has a command for a bare command.
        converter = self.client.protocol._converter
        converter.register_structure_hook(
            types.Command | types.CodeAction,
            lambda data, _: converter.structure(data, types.CodeAction if "edit" in data else types.Command),
        )

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def told(params: types.PublishDiagnosticsParams) -> None:
            self.published += 1
            self.told[params.uri] = list(params.diagnostics)
            self.versions[params.uri] = params.version
            self._news.set()

        @self.client.feature(types.WINDOW_LOG_MESSAGE)
        def log(params: types.LogMessageParams) -> None:
            self.log.append(params.message)
            self._news.set()

        @self.client.feature(types.WINDOW_SHOW_MESSAGE)
        def message(params: types.ShowMessageParams) -> None:
            self.log.append(params.message)
            self._news.set()

        @self.client.feature(types.WINDOW_SHOW_DOCUMENT)
        def show(params: types.ShowDocumentParams) -> types.ShowDocumentResult:
            self.shown.append(params)
            self._news.set()
            return types.ShowDocumentResult(True)

        @self.client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def register(params: types.RegistrationParams) -> None:
            self.registered += [each.method for each in params.registrations]
            self._news.set()

    async def start(self, *folders: Path, features: types.ClientCapabilities = FEATURES) -> types.InitializeResult:
        await self.client.start_io(sys.executable, "-m", "opslint", "lsp")
        result = await self.client.initialize_async(
            types.InitializeParams(
                capabilities=features,
                workspace_folders=[types.WorkspaceFolder(each.as_uri(), each.name) for each in folders],
            )
        )
        self.client.initialized(types.InitializedParams())
        return result

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what the server said."""
        while not holds():
            self._news.clear()
            await self._news.wait()

    def open(self, path: Path, text: str | None = None, language: str = "plaintext") -> str:
        text = path.read_text("utf-8") if text is None else text
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(path.as_uri(), language, 1, text))
        )
        return path.as_uri()

    def change(self, uri: str, version: int, text: str) -> None:
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version, uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def save(self, uri: str) -> None:
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    async def hover(self, uri: str, line: int, character: int) -> str:
        found = await self.client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        )
        return found.contents.value if found and isinstance(found.contents, types.MarkupContent) else ""

    async def actions(
        self, uri: str, line: int, character: int = 0, only: list[str] | None = None
    ) -> list[types.CodeAction]:
        place = types.Position(line, character)
        context = types.CodeActionContext([], only=only)
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(types.TextDocumentIdentifier(uri), types.Range(place, place), context)
        )
        return [each for each in found or [] if isinstance(each, types.CodeAction)]

    async def ask(self, method: str, params: Any) -> Any:
        """A request as it is, for what no well-behaved client sends. Raises JsonRpcException with the answer's error."""
        protocol, id = self.client.protocol, f"raw-{next(self._numbers)}"
        body = json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).encode()
        answer: Future[Any] = Future()
        protocol._request_futures[id] = answer
        protocol.writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))  # type: ignore[union-attr]
        return await asyncio.wrap_future(answer)

    async def leave(self) -> int:
        """Shut down in order; the server's exit code."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        server = self.client._server
        assert server is not None
        code = await server.wait()
        await self.client.stop()
        return code


def session(play: Callable[[Editor], Awaitable[None]]) -> None:
    """Play a session that ends in order, with exit code 0."""

    async def whole() -> None:
        editor = Editor()
        async with asyncio.timeout(120):  # a server that does not answer is a failure, not a suite that hangs
            await play(editor)
            assert await editor.leave() == 0

    asyncio.run(whole())


def edited(text: str, action: types.CodeAction, uri: str) -> str:
    """What a text becomes by the edits of an action, as a client that counts in UTF-16 makes them."""
    assert action.edit is not None
    if action.edit.document_changes:
        edits = [
            each
            for change in action.edit.document_changes
            if isinstance(change, types.TextDocumentEdit) and change.text_document.uri == uri
            for each in change.edits
        ]
    else:
        edits = list((action.edit.changes or {}).get(uri, []))
    content = text.encode("utf-16-le")
    for edit in sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character), reverse=True):
        new = edit.snippet.value if isinstance(edit, types.SnippetTextEdit) else edit.new_text
        start, end = _offset(text, edit.range.start), _offset(text, edit.range.end)
        content = content[:start] + new.encode("utf-16-le") + content[end:]
    return content.decode("utf-16-le")


def _offset(text: str, position: types.Position) -> int:
    """Bytes of UTF-16 before a position."""
    lines = text.splitlines(keepends=True)
    return len("".join(lines[: position.line]).encode("utf-16-le")) + 2 * position.character


def place(diagnostic: types.Diagnostic) -> tuple[int, int, int, int]:
    start, end = diagnostic.range.start, diagnostic.range.end
    return start.line, start.character, end.line, end.character
