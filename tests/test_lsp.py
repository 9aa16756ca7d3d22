"""Sessions of a real editor with `opslint lsp`, over its pipes: what is told, asked, mended, and how it ends."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from opslint.lsp.diagnostics import WITHOUT_EFFECT
from opslint.lsp.session import Session
from opslint.model.suppression import PLACEHOLDER
from opslint.rulebook import bundled
from tests.lsp.editor import FEATURES, Editor, edited, place, session

# What a good worker looks like; each test breaks one thing of it.
SUPERVISOR = """\
; 🐘🚀 the workers
[program:shop]
command=php artisan queue:work --memory=512 --max-time=3600 --tries=3
user=www-data
autostart=true
autorestart=true
stopwaitsecs=90
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile=/var/log/shop.log
"""
POLICY = "rules:\n  workers/queue-monitored: off\n"
LISTENS = SUPERVISOR.replace("stopwaitsecs=90\n", "")
DEPLOY = """\
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - name: 🚀
        run: |
          echo "🚀🚀"; ssh deploy@example.org 'php artisan down --secret=geheim1234'
"""


def project(folder: Path, files: dict[str, str]) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, "utf-8")
    return folder


def codes(diagnostics: list[types.Diagnostic]) -> list[object]:
    return [each.code for each in diagnostics]


def test_a_finding_is_told_explained_and_mended_while_it_is_typed(tmp_path: Path) -> None:
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": SUPERVISOR})

    async def play(editor: Editor) -> None:
        await editor.start(root)
        uri = editor.open(root / "supervisor.conf", LISTENS)  # not saved: the disk is fine
        await editor.until(lambda: uri in editor.told)
        (diagnostic,) = editor.told[uri]
        assert place(diagnostic) == (1, 0, 1, 14)
        assert diagnostic.severity is types.DiagnosticSeverity.Warning
        assert diagnostic.code == "workers/stop-wait-covers-job"
        assert diagnostic.source == "opslint"
        assert diagnostic.code_description is not None
        assert diagnostic.code_description.href.endswith("/rules/workers/stop-wait-covers-job/")
        assert diagnostic.message == (
            "`stopwaitsecs` is 10 by default, not more than 60 seconds, the default of `--timeout`:"
            " a running job is killed at every stop"
        )
        said = await editor.hover(uri, 1, 3)
        assert said.startswith("**warning** [workers/stop-wait-covers-job](https://")
        assert "\nTo mend it: write `stopwaitsecs=90`\n" in said
        assert "it sends the stop signal, waits" in said, "the page says why"
        assert "- [supervisor/unique-programs](" in said, "and what holds there"
        fix, silence, everything = await editor.actions(uri, 1, 3)
        assert (fix.title, fix.kind, fix.is_preferred) == ("opslint: write `stopwaitsecs=90`", "quickfix", True)
        assert silence.title == "opslint: silence workers/stop-wait-covers-job here with a comment"
        assert (everything.title, everything.kind) == (
            "opslint: mend all that is safe to mend",
            "source.fixAll.opslint",
        )
        assert edited(LISTENS, everything, uri) == edited(LISTENS, fix, uri)
        editor.change(uri, 2, edited(LISTENS, fix, uri))
        await editor.until(lambda: not editor.told[uri])
        assert editor.versions[uri] == 2
        assert await editor.actions(uri, 1, 3) == []
        editor.close(uri)

    session(play)


def test_columns_count_utf_16(tmp_path: Path) -> None:
    """An emoji is two units; the text of a secret is shown by no answer."""
    root = project(tmp_path, {".github/workflows/deploy.yml": DEPLOY})

    async def play(editor: Editor) -> None:
        await editor.start(root)
        uri = editor.open(root / ".github/workflows/deploy.yml")
        await editor.until(lambda: uri in editor.told)
        (secret,) = [each for each in editor.told[uri] if each.code == "deploy/no-literal-secret"]
        line = DEPLOY.splitlines()[7]
        start = len(line[: line.index("geheim")].encode("utf-16-le")) // 2
        assert place(secret) == (7, start, 7, start + 10)
        assert start == line.index("geheim") + 2, "two emoji stand before it"
        said = await editor.hover(uri, 7, start)
        assert "deploy/no-literal-secret" in said
        for text in (
            said,
            *(str(each) for each in editor.told.values()),
            *map(str, await editor.actions(uri, 7, start)),
        ):
            assert "geheim1234" not in text

    session(play)


def test_columns_count_what_the_editor_asked_for(tmp_path: Path) -> None:
    root = project(tmp_path, {".github/workflows/deploy.yml": DEPLOY})
    asked = types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf8])
    )

    async def play(editor: Editor) -> None:
        started = await editor.start(root, features=asked)
        assert started.capabilities.position_encoding == types.PositionEncodingKind.Utf8
        uri = (root / ".github/workflows/deploy.yml").as_uri()
        await editor.until(lambda: uri in editor.told)
        (secret,) = [each for each in editor.told[uri] if each.code == "deploy/no-literal-secret"]
        line = DEPLOY.splitlines()[7]
        assert secret.range.start.character == len(line[: line.index("geheim")].encode())

    session(play)


def test_a_course_is_told_by_its_places(tmp_path: Path) -> None:
    source = Path(__file__).parent.parent / "fixtures" / "projects" / "mutuapix-after"
    root = project(tmp_path, {
        path: (source / path).read_text("utf-8")
        for path in (".github/workflows/deploy-backend.yml", "composer.json", "artisan") if (source / path).is_file()
    })  # fmt: skip
    uri = (root / ".github/workflows/deploy-backend.yml").as_uri()

    async def play(editor: Editor) -> None:
        await editor.start(root)
        await editor.until(lambda: uri in editor.told)
        (found,) = [each for each in editor.told[uri] if each.code == "deploy/rollback-runs-on-cancel"]
        told = [(each.message, each.location.range.start.line) for each in found.related_information or []]
        assert told[0] == ("so it ends after 22 of 46 single mishaps", 8)
        assert told[10] == ("10. `git pull origin main` cancelled: the run is cancelled → maintenance on, code new", 45)
        assert told[-1] == ("16. `Roll back` skipped: `failure()` is false", 71)
        assert all(each.location.uri == uri for each in found.related_information or [])
        said = await editor.hover(uri, *place(found)[:2])
        assert "\nWhen `git pull origin main` is cancelled, it ends with maintenance off, code new\n" in said
        (unsafe,) = [each for each in await editor.actions(uri, 72, 12, only=["quickfix"]) if each.is_preferred is None
                     and "silence" not in each.title]  # fmt: skip
        assert unsafe.title == "opslint: write `failure() || cancelled()` (unsafe)"

    session(play)


def test_what_is_undecided_is_information(tmp_path: Path) -> None:
    worker = SUPERVISOR.replace("--memory=512", "--memory=%(ENV_MEMORY)s")
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": worker})
    uri = (root / "supervisor.conf").as_uri()

    async def play(editor: Editor) -> None:
        await editor.start(root)
        await editor.until(lambda: uri in editor.told)
        (found,) = editor.told[uri]
        assert found.severity is types.DiagnosticSeverity.Information
        assert found.code == "opslint/undecided"
        assert found.message.startswith("undecided: ")

    session(play)


def test_the_comment_that_silences_waits_for_its_reason(tmp_path: Path) -> None:
    """The placeholder is no reason: the finding stays, and a second one asks for it."""
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": LISTENS})

    async def play(editor: Editor) -> None:
        window = types.WindowClientCapabilities(show_document=types.ShowDocumentClientCapabilities(True))
        await editor.start(root, features=types.ClientCapabilities(workspace=FEATURES.workspace, window=window))
        uri = editor.open(root / "supervisor.conf")
        await editor.until(lambda: uri in editor.told)
        (silence,) = [each for each in await editor.actions(uri, 1) if "silence" in each.title]
        silenced = edited(LISTENS, silence, uri)
        assert silenced.splitlines()[1] == f"; opslint: ignore[workers/stop-wait-covers-job] {PLACEHOLDER}"
        editor.change(uri, 2, silenced)
        assert silence.command is not None
        await editor.client.workspace_execute_command_async(
            types.ExecuteCommandParams(silence.command.command, silence.command.arguments)
        )
        await editor.until(lambda: len(editor.told[uri]) == 2 and bool(editor.shown))
        assert codes(editor.told[uri]) == ["opslint/suppression", "workers/stop-wait-covers-job"]
        assert editor.shown[0].uri == uri
        selection = editor.shown[0].selection
        assert selection is not None
        assert silenced.splitlines()[1][selection.start.character : selection.end.character] == PLACEHOLDER
        editor.change(uri, 3, silenced.replace(PLACEHOLDER, "its jobs take a second"))
        await editor.until(lambda: not editor.told[uri])

    session(play)


def test_the_reason_is_a_placeholder_where_the_editor_knows_snippets(tmp_path: Path) -> None:
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": LISTENS})
    edits = types.WorkspaceEditClientCapabilities(document_changes=True, snippet_edit_support=True)
    features = types.ClientCapabilities(workspace=types.WorkspaceClientCapabilities(workspace_edit=edits))

    async def play(editor: Editor) -> None:
        await editor.start(root, features=features)
        uri = editor.open(root / "supervisor.conf")
        await editor.until(lambda: uri in editor.told)
        (silence,) = [each for each in await editor.actions(uri, 1) if "silence" in each.title]
        assert silence.edit is not None
        (change,) = silence.edit.document_changes or []
        assert isinstance(change, types.TextDocumentEdit)
        (edit,) = change.edits
        assert isinstance(edit, types.SnippetTextEdit)
        assert edit.snippet.value == (f"; opslint: ignore[workers/stop-wait-covers-job] ${{1:{PLACEHOLDER}}}\n")

    session(play)


def test_an_editor_without_versions_is_given_plain_changes(tmp_path: Path) -> None:
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": LISTENS})

    async def play(editor: Editor) -> None:
        await editor.start(root, features=types.ClientCapabilities())
        uri = editor.open(root / "supervisor.conf")
        await editor.until(lambda: uri in editor.told)
        fix, *_ = await editor.actions(uri, 1, only=["quickfix"])
        assert fix.edit is not None
        assert fix.edit.document_changes is None
        assert "stopwaitsecs=90" in edited(LISTENS, fix, uri)
        assert [each.kind for each in await editor.actions(uri, 1, only=["source.fixAll"])] == ["source.fixAll.opslint"]
        assert await editor.actions(uri, 1, only=["refactor"]) == []

    session(play)


def test_rapid_changes_end_with_the_last(tmp_path: Path) -> None:
    """Half a hundred keys make few runs, and what is told last is of the last text."""
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": SUPERVISOR})

    async def play(editor: Editor) -> None:
        await editor.start(root)
        uri = editor.open(root / "supervisor.conf")
        for version in range(2, 51):
            editor.change(uri, version, (LISTENS if version % 2 else SUPERVISOR) + f"; {version}\n")
        editor.change(uri, 51, LISTENS)
        asked = await editor.actions(uri, 1, only=["quickfix"])
        assert [each.title for each in asked if each.is_preferred] == ["opslint: write `stopwaitsecs=90`"]
        assert editor.versions[uri] == 51
        assert codes(editor.told[uri]) == ["workers/stop-wait-covers-job"]
        assert editor.published < 10

    session(play)


def test_rules_cross_files(tmp_path: Path) -> None:
    """A change in one file tells of another, which is not open, and clears it."""
    script = "#!/bin/sh\nexec php artisan queue:work --memory=512 --max-time=3600 --tries=3\n"
    worker = SUPERVISOR.replace("command=php artisan", "command=/srv/shop/bin/work\n; php artisan")
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": worker, "bin/work": script})
    (root / "bin" / "work").chmod(0o755)
    conf = (root / "supervisor.conf").as_uri()

    async def play(editor: Editor) -> None:
        await editor.start(root)
        uri = editor.open(root / "bin/work")
        assert await editor.hover(uri, 1, 8) != ""
        assert conf not in editor.told
        editor.change(uri, 2, script.replace("--tries=3", "--tries=3 --timeout=900"))
        await editor.until(lambda: bool(editor.told.get(conf)))
        assert codes(editor.told[conf]) == ["workers/stop-wait-covers-job"]
        editor.change(uri, 3, script)
        await editor.until(lambda: not editor.told[conf])

    session(play)


def test_a_broken_policy_is_told_where_it_is_broken(tmp_path: Path) -> None:
    """Other files are linted by the last policy that could be used meanwhile."""
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": LISTENS})

    async def play(editor: Editor) -> None:
        await editor.start(root)
        conf = editor.open(root / "supervisor.conf")
        policy = editor.open(root / ".opslint.yaml")
        await editor.until(lambda: bool(editor.told.get(conf)))
        editor.change(policy, 2, POLICY + "  workers/recyled: off\n")
        await editor.until(lambda: bool(editor.told.get(policy)))
        (mistake,) = editor.told[policy]
        assert place(mistake) == (2, 2, 2, 17)
        assert mistake.code == "opslint/policy"
        assert mistake.message == (
            "there is no rule `workers/recyled` (did you mean `workers/recycled`?); `opslint rules` lists them"
        )
        assert codes(editor.told[conf]) == ["workers/stop-wait-covers-job"]
        editor.change(conf, 2, SUPERVISOR)
        await editor.until(lambda: not editor.told[conf])
        editor.change(policy, 3, POLICY)
        await editor.until(lambda: not editor.told[policy])

    session(play)


def test_without_any_good_policy_only_the_policy_is_told_of(tmp_path: Path) -> None:
    root = project(tmp_path, {".opslint.yaml": "extends: stirct\n", "supervisor.conf": LISTENS})
    policy, conf = (root / ".opslint.yaml").as_uri(), (root / "supervisor.conf").as_uri()

    async def play(editor: Editor) -> None:
        await editor.start(root)
        await editor.until(lambda: policy in editor.told)
        assert place(editor.told[policy][0]) == (0, 9, 0, 15)
        assert conf not in editor.told
        assert await editor.hover(conf, 1, 3) == ""
        editor.open(root / ".opslint.yaml", POLICY)
        await editor.until(lambda: bool(editor.told.get(conf)))
        assert editor.told[policy] == []

    session(play)


def test_a_broken_page_of_the_team_is_told_in_the_page(tmp_path: Path) -> None:
    page = (
        "---\nsummary: No worker listens\nseverity: warning\nfiles: [supervisor]\ncheck: commands.never_run\n"
        'with: {commands: [php artisan queue:work], why: we use Horizon}\nsince: "1"\n---\nWe use Horizon.\n'
    )
    root = project(tmp_path, {
        ".opslint.yaml": POLICY + "rules-from: [docs/rules]\n", "supervisor.conf": SUPERVISOR,
        "docs/rules/team/horizon.md": page,
    })  # fmt: skip
    conf = (root / "supervisor.conf").as_uri()

    async def play(editor: Editor) -> None:
        await editor.start(root)
        uri = editor.open(root / "docs/rules/team/horizon.md")
        await editor.until(lambda: bool(editor.told.get(conf)))
        assert codes(editor.told[conf]) == ["team/horizon"]
        assert "We use Horizon." not in await editor.hover(conf, 2, 12), "a page of the repository is not rendered"
        editor.change(uri, 2, page.replace("why:", "wy:"))
        await editor.until(lambda: bool(editor.told.get(uri)))
        assert place(editor.told[uri][0]) == (5, 43, 5, 45)
        assert codes(editor.told[conf]) == ["team/horizon"], "what was found last still stands"
        editor.change(uri, 3, page)
        await editor.until(lambda: not editor.told[uri])

    session(play)


def test_each_root_of_a_workspace_is_linted_by_its_own_policy(tmp_path: Path) -> None:
    """A folder below a root belongs to that root; a root within a root tells its own files."""
    project(tmp_path, {
        "one/.opslint.yaml": POLICY, "one/supervisor.conf": LISTENS, "one/docs/readme.md": "",
        "one/inner/.opslint.yaml": POLICY + "  workers/stop-wait-covers-job: error\n",
        "one/inner/supervisor.conf": LISTENS.replace("shop", "inner"),
        "two/supervisor.conf": LISTENS,
        "three/supervisor.conf": LISTENS,
    })  # fmt: skip
    one, inner, two, three = (
        (tmp_path / name / "supervisor.conf").as_uri() for name in ("one", "one/inner", "two", "three")
    )

    async def play(editor: Editor) -> None:
        await editor.start(tmp_path / "one" / "docs", tmp_path / "two", tmp_path / "one" / "inner")
        await editor.until(lambda: {one, two, inner} <= editor.told.keys())
        assert codes(editor.told[one]) == ["workers/stop-wait-covers-job"]
        assert [each.severity for each in editor.told[inner]] == [types.DiagnosticSeverity.Error]
        assert codes(editor.told[two]) == ["opslint/undecided", "workers/stop-wait-covers-job"]
        folder = types.WorkspaceFolder((tmp_path / "three").as_uri(), "three")
        gone = types.WorkspaceFolder((tmp_path / "two").as_uri(), "two")
        editor.client.workspace_did_change_workspace_folders(
            types.DidChangeWorkspaceFoldersParams(types.WorkspaceFoldersChangeEvent([folder], [gone]))
        )
        await editor.until(lambda: bool(editor.told.get(three)) and not editor.told[two])

    session(play)


def test_what_changes_on_the_disk_is_linted_again(tmp_path: Path) -> None:
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": SUPERVISOR})
    watching = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    features = types.ClientCapabilities(workspace=types.WorkspaceClientCapabilities(did_change_watched_files=watching))

    async def play(editor: Editor) -> None:
        await editor.start(root, features=features)
        await editor.until(lambda: bool(editor.registered))
        assert editor.registered == ["workspace/didChangeWatchedFiles"]
        conf, other = root / "supervisor.conf", root / "second.conf"
        assert await editor.hover(conf.as_uri(), 1, 3) != ""

        def changed(path: Path, how: types.FileChangeType) -> None:
            event = types.FileEvent(path.as_uri(), how)
            editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

        conf.write_text(LISTENS, "utf-8")
        changed(conf, types.FileChangeType.Changed)
        await editor.until(lambda: bool(editor.told.get(conf.as_uri())))
        other.write_text(LISTENS.replace("shop", "second"), "utf-8")
        changed(other, types.FileChangeType.Created)
        await editor.until(lambda: bool(editor.told.get(other.as_uri())))
        other.unlink()
        changed(other, types.FileChangeType.Deleted)
        await editor.until(lambda: not editor.told[other.as_uri()])

    session(play)


def test_what_is_not_linted_says_nothing(tmp_path: Path) -> None:
    """A file outside every root, one of no kind, one below vendor, one that is no file, one that is not known."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    project(inside, {
        ".opslint.yaml": POLICY, "supervisor.conf": SUPERVISOR, "notes.txt": LISTENS, "vendor/x/worker.conf": LISTENS,
    })  # fmt: skip
    project(outside, {"supervisor.conf": LISTENS})

    async def play(editor: Editor) -> None:
        await editor.start(inside)
        uris = [editor.open(each) for each in (
            outside / "supervisor.conf", inside / "notes.txt", inside / "vendor/x/worker.conf",
        )]  # fmt: skip
        editor.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem("untitled:one.conf", "ini", 1, LISTENS))
        )
        for uri in (*uris, "untitled:one.conf", (inside / "unknown.conf").as_uri(), "file:", ""):
            assert await editor.hover(uri, 1, 3) == "", uri
            assert await editor.actions(uri, 1) == [], uri
        conf = editor.open(inside / "supervisor.conf", LISTENS)
        await editor.until(lambda: conf in editor.told)
        assert list(editor.told) == [conf]

    session(play)


def test_a_new_file_is_linted_before_it_is_saved(tmp_path: Path) -> None:
    root = project(tmp_path, {".opslint.yaml": POLICY})

    async def play(editor: Editor) -> None:
        await editor.start(root)
        uri = editor.open(root / "docker" / "workers.conf", LISTENS)
        await editor.until(lambda: bool(editor.told.get(uri)))
        editor.close(uri)  # never saved: it is gone
        await editor.until(lambda: not editor.told[uri])

    session(play)


def test_places_that_do_not_exist_are_answered(tmp_path: Path) -> None:
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": LISTENS})

    async def play(editor: Editor) -> None:
        await editor.start(root)
        uri = editor.open(root / "supervisor.conf")
        await editor.until(lambda: uri in editor.told)
        for line, character in ((999, 0), (1, 9999), (2**31 - 1, 2**31 - 1)):
            await editor.hover(uri, line, character)
            await editor.actions(uri, line, character)
        for position in ({"line": -1, "character": 0}, {"line": "one", "character": 0}, {"line": 1}, None):
            with pytest.raises(JsonRpcException):
                await editor.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
        with pytest.raises(JsonRpcException):
            await editor.ask("textDocument/nothing", {})
        editor.change((root / "never-opened.conf").as_uri(), 7, "x")
        editor.close((root / "never-opened.conf").as_uri())
        assert "stopwaitsecs" in await editor.hover(uri, 1, 3), "it still answers"

    session(play)


def test_a_file_that_hides_nothing_may_be_hostile(tmp_path: Path) -> None:
    """Names and texts of the repository are shown, never rendered, and nothing of it is run."""
    hostile = (
        SUPERVISOR.replace("command=php artisan", "command=![x](https://example.org/x.png)/php artisan")
        .replace("--max-time=3600 ", "")
        .replace("[program:shop]", "[program:<img src=x>[a](command:x)]")
    )
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": hostile})

    async def play(editor: Editor) -> None:
        await editor.start(root)
        uri = editor.open(root / "supervisor.conf")
        await editor.until(lambda: uri in editor.told)
        for line in range(3):
            said = await editor.hover(uri, line, 12)
            outside = "".join(said.split("`")[::2])
            assert "<img" not in outside
            assert "![x]" not in outside
            assert "](command:" not in outside

    session(play)


def test_what_is_absent_is_told_where_the_project_begins(tmp_path: Path) -> None:
    """`no workflow runs PHPStan` has no file: it stands in the policy, or in composer.json, and silences there nothing."""
    composer = '{"require-dev": {"phpstan/phpstan": "^2.0"}}\n'
    root = project(tmp_path, {"composer.json": composer, "phpstan.neon": "parameters:\n\tlevel: 5\n\tpaths: [app]\n",
                              "app/A.php": "<?php\n"})  # fmt: skip
    uri = (root / "composer.json").as_uri()

    async def play(editor: Editor) -> None:
        await editor.start(root)
        await editor.until(lambda: uri in editor.told)
        (absent,) = [each for each in editor.told[uri] if each.code == "ci/phpstan-runs"]
        assert place(absent) == (0, 0, 0, 0)
        assert absent.message.startswith("no workflow runs PHPStan")
        assert "no workflow runs PHPStan" in await editor.hover(uri, 0, 0)
        assert not [each for each in await editor.actions(uri, 0) if "silence" in each.title]

    session(play)


def test_a_reader_of_plain_text_is_given_plain_text(tmp_path: Path) -> None:
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": LISTENS})
    plain = types.HoverClientCapabilities(content_format=[types.MarkupKind.PlainText])
    features = types.ClientCapabilities(text_document=types.TextDocumentClientCapabilities(hover=plain))

    async def play(editor: Editor) -> None:
        await editor.start(root, features=features)
        uri = editor.open(root / "supervisor.conf")
        said = await editor.hover(uri, 1, 3)
        assert said.startswith(
            "warning: workers/stop-wait-covers-job\n\n`stopwaitsecs` is 10 by default, not more than"
        )

    session(play)


def test_what_has_no_effect_is_greyed_out(tmp_path: Path) -> None:
    silenced = SUPERVISOR.replace("user=", "; opslint: ignore[workers/not-root] the container has no other\nuser=")
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": silenced + "startsec=5\n"})
    uri = (root / "supervisor.conf").as_uri()

    async def play(editor: Editor) -> None:
        await editor.start(root)
        await editor.until(lambda: uri in editor.told)
        assert [(each.code, each.tags) for each in editor.told[uri]] == [
            ("opslint/suppression", (types.DiagnosticTag.Unnecessary,)),
            ("supervisor/known-options", (types.DiagnosticTag.Unnecessary,)),
        ]

    session(play)


def test_a_byte_order_mark_stays_where_the_editor_cannot_see_it(tmp_path: Path) -> None:
    root = project(tmp_path, {".opslint.yaml": POLICY, "supervisor.conf": "\ufeff" + LISTENS})

    async def play(editor: Editor) -> None:
        await editor.start(root)
        uri = editor.open(root / "supervisor.conf", LISTENS)  # editors show the text without it
        await editor.until(lambda: editor.versions.get(uri) == 1)
        (mark,) = [each for each in editor.told[uri] if each.code == "supervisor/sections-are-read"]
        assert place(mark) == (0, 0, 0, 0)
        assert [each.kind for each in await editor.actions(uri, 0) if "mark" in each.title] == []

    session(play)


def test_without_a_workspace_nothing_is_linted(tmp_path: Path) -> None:
    project(tmp_path, {"supervisor.conf": LISTENS})

    async def play(editor: Editor) -> None:
        await editor.start()
        uri = editor.open(tmp_path / "supervisor.conf")
        assert await editor.hover(uri, 1, 3) == ""
        assert editor.told == {}

    session(play)


def test_the_server_answers_while_a_run_takes_long() -> None:
    """A run is beside the loop, and the result of one that was overtaken is never accepted."""

    async def play() -> None:
        accepted: list[str] = []
        runs: list[str] = []
        texts = iter(["first", "second", "third"])
        gate = asyncio.Event()

        def buffers(_: Path) -> dict[str, object]:
            runs.append(next(texts))
            gate.set()
            return {}

        here = Session(
            Path(__file__).parent / "data" / "neon", asyncio.Lock(), buffers,  # type: ignore[arg-type]
            lambda _, outcome: accepted.append(runs[-1]), lambda message: accepted.append(message),
        )  # fmt: skip
        here.changed(0)
        await gate.wait()
        here.changed(0)  # the first run has begun, and is overtaken
        assert await here.settled() is not None
        assert runs == ["first", "second"]
        assert accepted == ["second"]

    asyncio.run(play())


def test_an_editor_that_leaves_without_a_word_ends_the_server(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "opslint", "lsp"], input=b"", capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


def test_without_pygls_the_command_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "pygls.py").write_text("raise ModuleNotFoundError(name='pygls')\n")
    (tmp_path / "lsprotocol.py").write_text("raise ModuleNotFoundError(name='lsprotocol')\n")
    done = subprocess.run(
        [sys.executable, "-m", "opslint", "lsp"], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    said = "opslint: `opslint lsp` needs pygls, which is not installed: `pipx install --force 'opslint[lsp]'`\n"
    assert done.stderr == said


def test_rules_that_are_greyed_out_exist() -> None:
    assert bundled().keys() >= WITHOUT_EFFECT
