"""Code actions: the fixes of findings, all safe ones at once, and a comment that silences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from lsprotocol import types

from opslint.finding import Edit, Finding
from opslint.fixes import chosen
from opslint.lsp.diagnostics import Link, of_finding
from opslint.lsp.outcome import Outcome
from opslint.lsp.places import Ruler, within
from opslint.lsp.silencing import silencing
from opslint.lsp.snapshot import Buffer
from opslint.mask import MASK
from opslint.model.suppression import PLACEHOLDER
from opslint.report.safe import visible
from opslint.source import Source

QUICK_FIX = types.CodeActionKind.QuickFix
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.opslint"
SHOW_REASON = "opslint.showReason"
_HIDDEN = MASK * 4


@dataclass(frozen=True, slots=True)
class Client:
    """What an editor can take."""

    versions: bool  # edits that name the version of the document they were made for
    snippets: bool  # edits with a placeholder to type over
    shows: bool  # a request to select a range


@dataclass(frozen=True)
class Desk:
    """All that an action is made from: what was found in one document, and how its editor counts and names."""

    outcome: Outcome
    source: Source  # the document
    ruler: Ruler
    link: Link
    buffers: Mapping[str, Buffer]  # what is open now, by path
    client: Client

    def actions(self, asked: types.Range, only: Iterable[str] | None) -> Iterator[types.CodeAction]:
        """The actions for a range, of the kinds that were asked for; None asks for all."""
        findings = [finding for path, finding in self.outcome.findings() if path == self.source.path]
        if _is_asked(QUICK_FIX.value, only):
            for finding in findings:
                if self._touches(finding, asked):
                    yield from self._fix(finding)
                    yield from self._silence(finding)
        if _is_asked(FIX_ALL, only):
            yield from self._fix_all(findings)

    def _touches(self, finding: Finding, asked: types.Range) -> bool:
        _, start, end = within(finding.span, self.outcome.snapshot.sources)
        first, last = self.ruler.offset(self.source, asked.start), self.ruler.offset(self.source, asked.end)
        return start <= last and first <= end

    def _fix(self, finding: Finding) -> Iterator[types.CodeAction]:
        fix = finding.verdict.fix
        if fix is None or not self._can_make(fix.edits):
            return
        yield types.CodeAction(
            title=f"opslint: {visible(fix.title)}{'' if fix.safe else ' (unsafe)'}",
            kind=QUICK_FIX,
            diagnostics=[of_finding(finding, self.outcome, self.ruler, self.link)],
            is_preferred=fix.safe or None,
            edit=self._workspace_edit(fix.edits, self._text_edit),
        )

    def _fix_all(self, findings: Iterable[Finding]) -> Iterator[types.CodeAction]:
        safe = [each.verdict.fix for each in findings if each.verdict.fix and each.verdict.fix.safe]
        fixes = [
            fix
            for fix in safe
            if self._can_make(fix.edits) and all(edit.span.path == self.source.path for edit in fix.edits)
        ]
        if fixes:
            edits = tuple(dict.fromkeys(edit for fix in chosen(fixes) for edit in fix.edits))
            yield types.CodeAction(
                title="opslint: mend all that is safe to mend",
                kind=FIX_ALL,
                edit=self._workspace_edit(edits, self._text_edit),
            )

    def _silence(self, finding: Finding) -> Iterator[types.CodeAction]:
        path = self.source.path
        edit = silencing(finding, self.source, self.outcome.kind(path)) if finding.span.path == path else None
        if edit is None:
            return
        make = self._snippet if self.client.snippets else self._text_edit
        yield types.CodeAction(
            title=f"opslint: silence {visible(finding.rule)} here with a comment",
            kind=QUICK_FIX,
            diagnostics=[of_finding(finding, self.outcome, self.ruler, self.link)],
            edit=self._workspace_edit((edit,), make),
            command=self._show_reason(edit) if self.client.shows and not self.client.snippets else None,
        )

    def _can_make(self, edits: Iterable[Edit]) -> bool:
        """Whether edits change something, of the texts that they were made for, and write no hidden secret."""
        return all(
            self.outcome.snapshot.is_current(edit.span.path, self.buffers)
            and edit.span.path in self.outcome.snapshot.sources
            and not (_HIDDEN in edit.replacement and _HIDDEN not in self._content(edit))
            and self._text_edit(edit) != types.TextEdit(types.Range(_START, _START), "")
            for edit in edits
        )

    def _content(self, edit: Edit) -> str:
        return self.outcome.snapshot.sources[edit.span.path].content

    def _text_edit(self, edit: Edit) -> types.TextEdit:
        source, start, end = within(edit.span, self.outcome.snapshot.sources)
        return types.TextEdit(self.ruler.range(source, start, end), edit.replacement)

    def _snippet(self, edit: Edit) -> types.SnippetTextEdit:
        before, _, after = edit.replacement.rpartition(PLACEHOLDER)
        snippet = f"{_escaped(before)}${{1:{PLACEHOLDER}}}{_escaped(after)}"
        return types.SnippetTextEdit(self._text_edit(edit).range, types.StringValue(snippet))

    def _show_reason(self, edit: Edit) -> types.Command:
        """Have the editor select the placeholder once the comment is written."""
        place = self.ruler.position(self.source, edit.span.start)
        before = edit.replacement[: edit.replacement.rindex(PLACEHOLDER)]
        start = place.character + self.ruler.units(before)
        chosen = types.Range(
            types.Position(place.line, start), types.Position(place.line, start + self.ruler.units(PLACEHOLDER))
        )
        return types.Command("say why", SHOW_REASON, arguments=[self.link(self.source.path), chosen])

    def _workspace_edit(
        self, edits: Iterable[Edit], make: Callable[[Edit], types.TextEdit | types.SnippetTextEdit]
    ) -> types.WorkspaceEdit:
        by_path: dict[str, list[types.TextEdit | types.SnippetTextEdit]] = {}
        for edit in edits:
            by_path.setdefault(edit.span.path, []).append(make(edit))
        if not self.client.versions:
            return types.WorkspaceEdit(
                changes={
                    self.link(path): [each for each in made if isinstance(each, types.TextEdit)]
                    for path, made in by_path.items()
                }
            )
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(self.link(path), self._version(path)), made
                )
                for path, made in by_path.items()
            ]
        )

    def _version(self, path: str) -> int | None:
        return self.buffers[path].version if path in self.buffers else None


_START = types.Position(0, 0)


def _is_asked(kind: str, only: Iterable[str] | None) -> bool:
    return only is None or any(kind == each or kind.startswith(f"{each}.") for each in only)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
