"""The baselines of a project through its git history, each version of a file read once."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from opslint import git
from opslint.files import BASELINE_LIMIT
from opslint.model.kinds import PHPSTAN_NAMES
from opslint.model.phpstan import Phpstan, configuration, discovered
from opslint.model.phpstan import document as read_document
from opslint.model.phpstan_files import Places
from opslint.model.phpstan_ignores import Baseline
from opslint.model.tally import Row, Rows, Tally, row, tally
from opslint.source import Source
from opslint.syntax.tree import Document

MOST = 3_000  # commits that are looked at; of more, evenly spread ones
_CHUNK = 16  # blobs that are in memory at once
_SECONDS = 120
_PATHSPECS = (
    *(":(glob)**/*.neon", ":(glob)**/*.neon.dist"),
    *(":(glob,icase)**/*baseline*.php", ":(glob,icase)**/*baseline*/**"),
)
_ENDINGS = (".neon", ".neon.dist", ".php")

Progress = Callable[[Iterable[str], int], Iterable[str]]  # passes items on, and shows how many of how many there were


@dataclass(frozen=True, slots=True)
class Point:
    """The baselines after a commit."""

    commit: git.Commit
    tally: Tally
    levels: tuple[str, ...] = ()  # of the configurations, as they are written


@dataclass(frozen=True, slots=True)
class History:
    points: tuple[Point, ...]  # the oldest first; the last is HEAD's, whether or not it changed a baseline
    commits: int = 0  # how many touched the configuration
    is_shallow: bool = False  # the clone begins in the middle
    skipped: int = 0  # commits left out of a very long history


@dataclass(frozen=True)
class _Reader:
    """Resolves the configuration of one commit after another; what was read before is known by its hash."""

    contents: Mapping[str, str | tuple[Row, ...]]  # by blob: its text, or its entries where it is a generated baseline
    starts: frozenset[str]  # the configurations that count, by path
    known: dict[tuple[str, str], Document | None] = field(default_factory=dict)

    def point(self, commit: git.Commit, tree: Mapping[str, str]) -> Point:
        tallies: dict[str, Tally] = {}
        levels = []
        for path in self._configurations(tree):
            folder = posixpath.dirname(path)
            found = configuration(path, lambda each: self._document(each, tree), Places(folder))
            if found is not None:
                tallies |= self._tallies(found, tree)
                levels += [str(found.level.value)] if found.level else []
        return Point(commit, sum(tallies.values(), Tally()), tuple(levels))

    def _configurations(self, tree: Mapping[str, str]) -> tuple[str, ...]:
        """Those that count today, or what stood in their folder; before they were where they are, all there were."""
        beside = {each: discovered(posixpath.dirname(each), tree.__contains__) for each in self.starts}
        found = sorted({path for each, other in beside.items() if (path := each if each in tree else other)})
        if not found:
            folders = {posixpath.dirname(path) for path in tree if posixpath.basename(path) in PHPSTAN_NAMES}
            found = sorted({each for folder in folders if (each := discovered(folder, tree.__contains__))})
        return tuple(found)

    def _document(self, path: str, tree: Mapping[str, str]) -> Document | None:
        blob = tree.get(path)
        if blob is None:
            return None
        if (path, blob) not in self.known:
            content = self.contents.get(blob, "")
            source = Source(path, content if isinstance(content, str) else "")
            self.known[path, blob] = read_document(source) if source.content else Document(source, None)
        return self.known[path, blob]

    def _tallies(self, found: Phpstan, tree: Mapping[str, str]) -> Iterator[tuple[str, Tally]]:
        for file in found.files:
            rows = self.contents.get(tree.get(file.path, ""), "")
            if not isinstance(rows, str):
                yield file.path, tally(rows, posixpath.dirname(file.path))
        for baseline in _all(found.baselines):
            if baseline.ignored:
                yield baseline.path, tally(row(entry) for entry in baseline.ignored)


def _all(baselines: Iterable[Baseline]) -> Iterator[Baseline]:
    for each in baselines:
        yield each
        yield from _all(each.parts)


def history(root: Path, starts: frozenset[str], progress: Progress | None = None) -> History:
    """The baselines after each commit of the first-parent line that touched a configuration.

    `starts` are the paths of the configurations that count; all of them where it is empty. Raises GitError where
    there is no history.
    """
    head = git.commit(root, "HEAD")
    if head is None:
        raise git.GitError("there is no git history here")
    touched = _commits(root)
    commits = _spread(touched)
    trees = list(_trees(root, commits))
    blobs = {blob: path for tree in trees for path, blob in tree.items()}
    reader = _Reader(dict(_contents(root, blobs, progress)), starts)
    points = [reader.point(commit, tree) for commit, tree in zip(commits, trees, strict=True)]
    last = _last(root, head)
    if points and last is not None and points[-1].commit.id != last.id:
        points.append(Point(last, points[-1].tally, points[-1].levels))
    return History(tuple(points), len(touched), git.is_shallow(root), len(touched) - len(commits))


def _commits(root: Path) -> tuple[git.Commit, ...]:
    asked = ("rev-list", "--first-parent", "--reverse", "--format=%ct %s", "HEAD", "--", *_PATHSPECS)
    rows = git.run(root, *asked, seconds=_SECONDS).decode("utf-8", "replace").splitlines()
    return tuple(_commit(head, said) for head, said in zip(rows[::2], rows[1::2], strict=False))


def _commit(head: str, said: str) -> git.Commit:
    date, _, subject = said.partition(" ")
    return git.Commit(head.removeprefix("commit "), int(date), subject)


def _last(root: Path, head: str) -> git.Commit | None:
    rows = git.run(root, "rev-list", "--max-count=1", "--format=%ct %s", head).decode("utf-8", "replace").splitlines()
    return _commit(rows[0], rows[1]) if len(rows) > 1 else None


def _spread(commits: tuple[git.Commit, ...]) -> tuple[git.Commit, ...]:
    """At most MOST of them, the first and the last included."""
    if len(commits) <= MOST:
        return commits
    return tuple(commits[number * (len(commits) - 1) // (MOST - 1)] for number in range(MOST))


def _trees(root: Path, commits: tuple[git.Commit, ...]) -> Iterator[Mapping[str, str]]:
    """For each commit, the blobs of the files that may belong to a configuration, by path."""
    if not commits:
        return
    tree = {path: entry.id for path, entry in git.tree(root, commits[0].id).items() if _is_wanted(path)}
    yield tree
    changes = _changes(root, commits)
    for commit in commits[1:]:
        tree = dict(tree)
        for path, blob in changes.get(commit.id, ()):
            if blob is None:
                tree.pop(path, None)
            elif _is_wanted(path):
                tree[path] = blob
        yield tree


def _is_wanted(path: str) -> bool:
    name = posixpath.basename(path)
    return path.endswith(_ENDINGS) and (not name.endswith(".php") or "baseline" in path.lower())


def _changes(root: Path, commits: tuple[git.Commit, ...]) -> Mapping[str, list[tuple[str, str | None]]]:
    """What each commit changed against the one before it; None for a file that went. One process for all."""
    asked = "".join(f"{commit.id} {before.id}\n" for before, commit in pairwise(commits))
    options = ("--stdin", "-r", "-z", "--raw", "--relative", "--no-renames", "--no-ext-diff")
    output = git.run(root, "diff-tree", *options, "--", *_PATHSPECS, stdin=asked.encode(), seconds=_SECONDS)
    found: dict[str, list[tuple[str, str | None]]] = {}
    rows = iter(output.split(b"\0"))
    here: list[tuple[str, str | None]] = []
    for each in rows:
        if each.startswith(b":"):
            mode, blob = each.split()[1], each.split()[3].decode()
            is_file = mode.startswith(b"100")  # a link or a submodule is none
            here.append((os.fsdecode(next(rows, b"")), blob if is_file else None))
        elif each:
            here = found.setdefault(each.decode().split()[0], [])
    return found


def _contents(
    root: Path, blobs: Mapping[str, str], progress: Progress | None
) -> Iterator[tuple[str, str | tuple[Row, ...]]]:
    reader = Rows()
    ids = [blob for blob, size in _sizes(root, [*blobs]).items() if size <= BASELINE_LIMIT]
    chunks = [ids[at : at + _CHUNK] for at in range(0, len(ids), _CHUNK)]
    read = (pair for chunk in chunks for pair in git.blobs(root, chunk))
    for _, (blob, content) in zip(progress(ids, len(ids)) if progress else ids, read, strict=False):
        text = content.decode("utf-8", "replace")
        rows = reader.of(text) if blobs[blob].endswith((".neon", ".dist")) else None
        yield blob, text if rows is None else rows


def _sizes(root: Path, ids: list[str]) -> Mapping[str, int]:
    """How many bytes each blob has; those that are not there (a partial clone) are left out."""
    asked = "".join(f"{id}\n" for id in ids).encode()
    output = git.run(root, "cat-file", "--batch-check", stdin=asked, seconds=_SECONDS)
    rows = (line.split() for line in output.decode().splitlines())
    return {row[0]: int(row[2]) for row in rows if len(row) == 3 and row[1] == "blob"}
