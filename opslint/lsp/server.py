"""`opslint lsp`: the language server, which lints each root of an editor's workspace as it is typed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls import uris
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

import opslint
from opslint.lsp.actions import FIX_ALL, QUICK_FIX, SHOW_REASON, Client, Desk
from opslint.lsp.diagnostics import of_problems, of_report
from opslint.lsp.hover import MARKDOWN, PLAIN, hover
from opslint.lsp.outcome import Outcome
from opslint.lsp.places import Ruler
from opslint.lsp.session import SAVED, TYPING, Session
from opslint.lsp.snapshot import Buffer
from opslint.report.safe import visible
from opslint.root import find_root


class Answering(LanguageServerProtocol):
    """pygls leaves a request that it cannot read without an answer, and the editor waiting."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise


class Server(LanguageServer):
    """What is open, the roots it belongs to, and what the editor is told of them."""

    def __init__(self) -> None:
        # Whole texts: a range of a change would have to be read in the editor's units and line breaks.
        full = types.TextDocumentSyncKind.Full
        super().__init__("opslint", opslint.__version__, full, protocol_cls=Answering)
        self.sessions: dict[Path, Session] = {}
        self.was_shut_down = False
        self._open: dict[Path, Buffer] = {}
        self._turn = asyncio.Lock()

    def report_server_error(self, error: Exception, source: object) -> None:
        """A mistake of the client's or ours goes to the log: a pop-up at every key helps nobody."""
        self._log(f"{type(error).__name__}: {error}")

    @property
    def ruler(self) -> Ruler:
        encoding = self.workspace.position_encoding
        return Ruler(str(getattr(encoding, "value", encoding) or "utf-16"))

    @property
    def client(self) -> Client:
        workspace, window = self.client_capabilities.workspace, self.client_capabilities.window
        edit = workspace.workspace_edit if workspace else None
        versions = bool(edit and edit.document_changes)
        return Client(
            versions=versions,
            snippets=versions and bool(edit and edit.snippet_edit_support),
            shows=bool(window and window.show_document and window.show_document.support),
        )

    def reads_markdown(self) -> bool:
        document = self.client_capabilities.text_document
        formats = document.hover.content_format if document and document.hover else None
        return not formats or types.MarkupKind.Markdown in formats

    # Roots

    def match_folders(self) -> None:
        """Have a session for the root of each folder of the workspace, and no other."""
        folders = [uris.to_fs_path(folder.uri) for folder in self.workspace.folders.values()]
        if not self.workspace.folders and self.workspace.root_path:
            folders = [self.workspace.root_path]
        roots = {find_root(Path(folder)) for folder in folders if folder and Path(folder).is_dir()}
        for root in self.sessions.keys() - roots:
            self.sessions[root].stop()
            self._tell(self.sessions[root], {})
            del self.sessions[root]
        for root in sorted(roots - self.sessions.keys()):
            self.sessions[root] = Session(root, self._turn, self._buffers, self._accept, self._complain)
        for session in self.sessions.values():
            session.changed(0)  # a new root may own what another one told

    def session_of(self, uri: str) -> tuple[Session, str] | None:
        """The root that a document belongs to, the innermost where one lies in another, and its path there."""
        path = _path(uri)
        return self._owner(path) if path else None

    def _owner(self, path: Path) -> tuple[Session, str] | None:
        roots = [root for root in self.sessions if path.is_relative_to(root) and path != root]
        root = max(roots, key=lambda each: len(each.parts), default=None)
        return (self.sessions[root], path.relative_to(root).as_posix()) if root is not None else None

    def _above(self, path: Path) -> Iterator[tuple[Session, str]]:
        for root, session in self.sessions.items():
            if path.is_relative_to(root):
                yield session, path.relative_to(root).as_posix()

    # Documents

    def show(self, document: types.TextDocumentItem) -> None:
        path = _path(document.uri)
        if path is not None:
            self._open[path] = Buffer(document.uri, document.version, document.text)
            for session, _ in self._above(path):
                session.changed(SAVED)

    def change(self, uri: str, version: int, text: str) -> None:
        path = _path(uri)
        if path is None or path not in self._open:
            return
        self._open[path] = Buffer(uri, version, text)
        for session, relative in self._above(path):
            if session.depends_on(relative):
                session.changed(TYPING)

    def save(self, uri: str) -> None:
        path = _path(uri)
        for session, relative in self._above(path) if path else ():
            if session.depends_on(relative):
                session.changed(SAVED)

    def close(self, uri: str) -> None:
        path = _path(uri)
        if path is not None and self._open.pop(path, None) is not None:
            for session, _ in self._above(path):
                session.changed(SAVED)

    def notice(self, events: list[types.FileEvent]) -> None:
        for event in events:
            path = _path(event.uri)
            appeared = event.type is not types.FileChangeType.Changed
            for session, relative in self._above(path) if path else ():
                if session.heeds(relative, appeared):
                    session.changed(TYPING)

    def _buffers(self, root: Path) -> Mapping[str, Buffer]:
        return {
            path.relative_to(root).as_posix(): buffer
            for path, buffer in self._open.items()
            if path.is_relative_to(root) and path != root
        }

    # Answers

    async def desk(self, uri: str) -> Desk | None:
        """What was found in a document, once that is of the text that it has now; None where nothing looks at it."""
        owner = self.session_of(uri)
        if owner is None:
            return None
        session, path = owner
        outcome = session.outcome
        if outcome is None or not outcome.snapshot.is_current(path, self._buffers(session.root)):
            outcome = await session.settled()
        buffers = self._buffers(session.root)
        source = outcome.snapshot.sources.get(path) if outcome else None
        if outcome is None or source is None or not outcome.snapshot.is_current(path, buffers):
            return None
        return Desk(outcome, source, self.ruler, lambda path: self._uri(session.root, path), buffers, self.client)

    def _uri(self, root: Path, path: str) -> str:
        """As the editor spells it, where it has the document open."""
        buffer = self._open.get(root / path)
        return buffer.uri if buffer else (root / path).as_uri()

    def _accept(self, session: Session, outcome: Outcome) -> None:
        def link(path: str) -> str:
            return self._uri(session.root, path)

        found = of_problems(outcome, self.ruler)
        told = outcome if outcome.report else session.last  # without a policy, what was found last still stands
        for path, each in of_report(told, self.ruler, link).items() if told else ():
            found.setdefault(path, []).extend(each)
        self._tell(session, found)
        for crash in outcome.crashes:
            self._log(crash)

    def _tell(self, session: Session, found: Mapping[str, list[types.Diagnostic]]) -> None:
        """Publish what a root has, and clear what it had; a file of a root within it is that one's to tell."""
        own = {path: each for path, each in found.items() if self._tells(session, path)}
        looked_at = session.outcome.snapshot.buffers if session.outcome else {}
        for path in sorted(own.keys() | session.told):
            buffer = looked_at.get(path)
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(
                    uri=self._uri(session.root, path),
                    diagnostics=own.get(path, []),
                    version=buffer.version if buffer else None,
                )
            )
        session.told = frozenset(own)

    def _tells(self, session: Session, path: str) -> bool:
        owner = self._owner(session.root / path)
        return owner is not None and owner[0] is session

    def _complain(self, message: str) -> None:
        self._log(message)
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"opslint: {visible(message)}"))

    def _log(self, message: str) -> None:
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, f"opslint: {visible(message)}"))


def _path(uri: str) -> Path | None:
    """The file that a document is; None for what is none, like an untitled one."""
    path = uris.to_fs_path(uri) if uri.startswith("file:") else None
    return Path(path) if path and Path(path).is_absolute() else None


def serve() -> int:
    """Speak on stdin and stdout until the editor leaves; 0 where it asked to shut down before it left."""
    logging.getLogger("pygls").setLevel(logging.CRITICAL)  # every mistake is told to the editor's own log
    server = make_server()
    server.start_io()
    return 0 if server.was_shut_down else 1


def make_server() -> Server:
    server = Server()
    _register_documents(server)
    _register_answers(server)
    return server


def _register_documents(server: Server) -> None:
    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        workspace = server.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if watching and watching.dynamic_registration:
            everything = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher("**/*")])
            name = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            server.client_register_capability(
                types.RegistrationParams([types.Registration("opslint-files", name, everything)])
            )
        server.match_folders()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders(_: types.DidChangeWorkspaceFoldersParams) -> None:
        server.match_folders()

    @server.feature(types.SHUTDOWN)
    def shutdown(_: Any) -> None:
        server.was_shut_down = True
        for session in server.sessions.values():
            session.stop()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.show(params.text_document)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        server.change(document.uri, document.version, server.workspace.get_text_document(document.uri).source)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.save(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.close(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: types.DidChangeWatchedFilesParams) -> None:
        server.notice(list(params.changes))


def _register_answers(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hovered(params: types.HoverParams) -> types.Hover | None:
        desk = await server.desk(params.text_document.uri)
        if desk is None:
            return None
        speech = MARKDOWN if server.reads_markdown() else PLAIN
        return hover(desk.outcome, desk.source, params.position, desk.ruler, speech)

    kinds = types.CodeActionOptions([QUICK_FIX, FIX_ALL])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        desk = await server.desk(params.text_document.uri)
        return list(desk.actions(params.range, params.context.only)) if desk else []

    @server.command(SHOW_REASON)
    def show_reason(uri: str, selection: types.Range) -> None:
        server.window_show_document(types.ShowDocumentParams(uri, take_focus=True, selection=selection))
