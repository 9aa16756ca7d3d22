"""The few safe git calls: plumbing that runs nothing of the repository's own configuration."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# `status`, `diff`, `log` and their kind run fsmonitor, textconv and hooks of the checkout; these options and
# calls do not. An embedded bare repository is refused: its configuration would be somebody else's.
_OPTIONS = (
    *("--no-pager", "--no-optional-locks", "--no-replace-objects"),
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"),
    *("-c", "safe.bareRepository=explicit", "-c", "protocol.allow=never"),
)
_KEPT = ("PATH", "HOME", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "USER", "USERPROFILE", "XDG_CONFIG_HOME")
_SECONDS = 10
_REVISION = re.compile(r"[A-Za-z0-9_@^~./{}+][A-Za-z0-9_@^~./{}+-]*")


class GitError(Exception):
    """git could not answer; says what was asked and what it said."""


@dataclass(frozen=True, slots=True)
class TreeEntry:
    mode: int
    id: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Commit:
    id: str
    date: int  # seconds since 1970, of the committer
    subject: str


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }


def run(root: Path, *arguments: str, stdin: bytes | None = None, seconds: float = _SECONDS) -> bytes:
    """What a git call prints. Raises GitError where git is missing, refuses, or takes too long."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *_OPTIONS, *arguments],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env=_environment(),
            timeout=seconds,
            check=False,
        )
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(f"git {arguments[0]}: {error}") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(f"git {arguments[0]}: {said[0] if said else f'exit {done.returncode}'}")
    return done.stdout


def revision(name: str) -> str:
    """A revision's name, checked. Raises GitError for what could be an option or a range."""
    if not _REVISION.fullmatch(name) or ".." in name:
        raise GitError(f"`{name}` is not the name of a revision")
    return name


def commit(root: Path, name: str) -> str | None:
    """The id of a commit, or None where there is no such revision."""
    try:
        asked = f"{revision(name)}^{{commit}}"
        return run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", asked).decode().strip() or None
    except GitError:
        return None


def merge_base(root: Path, one: str, other: str) -> str | None:
    """The id of the best common ancestor, or None where history does not reach that far."""
    try:
        return run(root, "merge-base", revision(one), revision(other)).decode().strip() or None
    except GitError:
        return None


def parents(root: Path, commit: str) -> tuple[str, ...]:
    """The ids of a commit's parents as it names them, also of those that a shallow clone lacks."""
    try:
        head = run(root, "cat-file", "commit", "--end-of-options", revision(commit)).partition(b"\n\n")[0]
    except GitError:
        return ()
    return tuple(line.removeprefix(b"parent ").decode() for line in head.splitlines() if line.startswith(b"parent "))


def refusal(root: Path) -> str:
    """Why git does not read the repository that is there, where it is somebody else's; empty otherwise."""
    try:
        run(root, "rev-parse", "--git-dir")
    except GitError as error:
        if "dubious ownership" in str(error):
            return "git refuses the repository, since another user owns it: `git config --global --add safe.directory`"
    return ""


def is_shallow(root: Path) -> bool:
    try:
        return run(root, "rev-parse", "--is-shallow-repository").strip() == b"true"
    except GitError:
        return False


def modes(root: Path) -> Mapping[str, int]:
    """The mode that git has for each tracked file below a folder; empty where there is no repository."""
    try:
        listed = run(root, "ls-files", "-s", "-z")
    except GitError:
        return {}
    found: dict[str, int] = {}
    for row in listed.split(b"\0"):
        head, _, path = row.partition(b"\t")
        if path:
            found[os.fsdecode(path)] = int(head.split(b" ", 1)[0], 8)
    return found


def tree(root: Path, commit: str) -> Mapping[str, TreeEntry]:
    """Every blob of a commit below a folder, by path relative to that folder."""
    listed = run(root, "ls-tree", "-r", "-z", "-l", "--end-of-options", revision(commit))
    found: dict[str, TreeEntry] = {}
    for row in listed.split(b"\0"):
        head, _, path = row.partition(b"\t")
        fields = head.split()
        if len(fields) == 4 and fields[1] == b"blob":
            found[os.fsdecode(path)] = TreeEntry(int(fields[0], 8), fields[2].decode(), int(fields[3]))
    return found


def blob(root: Path, id: str) -> bytes:
    return run(root, "cat-file", "blob", "--end-of-options", revision(id))


def blobs(root: Path, ids: list[str]) -> Iterator[tuple[str, bytes]]:
    """The blobs of those ids, in order, each read once by one process."""
    output = run(root, "cat-file", "--batch", stdin="\n".join(revision(id) for id in ids).encode() + b"\n", seconds=120)
    at = 0
    for id in ids:
        head, at = output[at : output.index(b"\n", at)].split(), output.index(b"\n", at) + 1
        if len(head) == 3:
            size = int(head[2])
            yield id, output[at : at + size]
            at += size + 1


def history(root: Path, start: str = "HEAD") -> tuple[Commit, ...]:
    """The commits of the first-parent line, the oldest first."""
    listed = run(root, "rev-list", "--first-parent", "--reverse", "--format=%ct %s", revision(start), seconds=60)
    rows = listed.decode("utf-8", "replace").splitlines()
    return tuple(
        Commit(head.removeprefix("commit "), int(said.partition(" ")[0]), said.partition(" ")[2])
        for head, said in zip(rows[::2], rows[1::2], strict=False)
    )


def branch(root: Path, reference: str) -> str | None:
    """The branch that a symbolic reference like HEAD names, or None where it names none."""
    try:
        return run(root, "symbolic-ref", "--short", "--quiet", revision(reference)).decode("utf-8").strip() or None
    except (GitError, UnicodeDecodeError):
        return None
