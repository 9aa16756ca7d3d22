"""Which revision a change is compared with, and why there is none where there is none."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opslint import git
from opslint.files import Revision

_EVENT_LIMIT = 25 << 20  # bytes of an event's payload: GitHub sends no longer ones
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MERGE_REF = re.compile(r"refs/pull/\d+/merge")
# Where other services name the branch that a change would go to.
_TARGETS = (
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
    "CHANGE_TARGET",  # Jenkins, multibranch
    "SYSTEM_PULLREQUEST_TARGETBRANCH",  # Azure, as refs/heads/main
)
_DEFAULTS = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")


@dataclass(frozen=True, slots=True)
class Base:
    """Revisions that a change may begin from: the first that is there counts, or `missing` says why none is."""

    names: tuple[str, ...]
    missing: str
    is_fork: bool  # whether the change begins where HEAD parted from it, not at the revision itself


def base_files(root: Path, base: str | None) -> tuple[Revision | None, str]:
    """The files that a change begins from, or None and the reason; an empty reason where nothing is missed.

    With `base`: at the merge base with it. Without: what the CI service tells (the base of a pull request, a push, or
    a merge queue), HEAD in a pre-commit hook, else the merge base with the remote's default branch.
    """
    head = git.commit(root, "HEAD")
    if head is None:
        return None, _no_history(root)
    chosen = _named(base) if base else told(os.environ, root, head)
    tip = next((found for name in chosen.names if (found := git.commit(root, name))), None)
    if tip is None:
        return None, _shallow() if git.is_shallow(root) and chosen.missing else chosen.missing
    start = git.merge_base(root, head, tip) if chosen.is_fork else tip
    if start is None:
        return None, _shallow() if git.is_shallow(root) else f"`{base or tip}` and HEAD have no common history"
    if start == head and chosen.is_fork and os.environ.get("CI"):
        return _last_commit(root, head)
    return Revision(root, start), ""


def told(environment: Mapping[str, str], root: Path, head: str) -> Base:
    """What the surroundings say of the change that HEAD is."""
    if reference := environment.get("PRE_COMMIT_FROM_REF"):
        return Base((reference,), f"there is no revision `{reference}`", True)
    if environment.get("GITHUB_ACTIONS") or environment.get("GITHUB_EVENT_NAME"):
        return _github(environment, root, head)
    if environment.get("GITLAB_CI"):
        return _gitlab(environment)
    for name in _TARGETS:
        if (target := environment.get(name)) and target != "false":
            return _target(target.removeprefix("refs/heads/"))
    if environment.get("PRE_COMMIT") and not environment.get("CI"):
        return Base(("HEAD",), "", False)
    if environment.get("CI"):
        return Base(_DEFAULTS, "no base revision was found: name one as `base:` or `--base`", True)
    return Base((*_DEFAULTS, "HEAD"), "", True)


def _named(base: str) -> Base:
    return Base((base,), f"there is no revision `{base}`", base != "HEAD")


def _target(branch: str) -> Base:
    names = f"refs/remotes/origin/{branch}", f"refs/heads/{branch}"
    return Base(names, f"the clone has no branch `{branch}` to compare with", True)


def _default(branch: str) -> Base:
    return _target(branch) if branch else Base(_DEFAULTS, "the clone has no default branch to compare with", True)


def _github(environment: Mapping[str, str], root: Path, head: str) -> Base:
    """A pull request begins at the first parent of its merge commit, a push and a merge queue where the event says."""
    event = _payload(environment.get("GITHUB_EVENT_PATH", ""))
    if target := environment.get("GITHUB_BASE_REF"):
        parents = git.parents(root, head)
        is_merge = head == environment.get("GITHUB_SHA") and len(parents) == 2
        if is_merge and _MERGE_REF.fullmatch(environment.get("GITHUB_REF", "")):
            return Base(parents[:1], f"the clone lacks `{parents[0]}`, which the pull request is merged into", False)
        return _target(target)
    kind, default = environment.get("GITHUB_EVENT_NAME"), _text(event, "repository", "default_branch")
    if kind == "merge_group" and (start := _commit(_text(event, "merge_group", "base_sha"))):
        return Base((start,), f"the clone lacks `{start}`, which the queue merges into", False)
    if kind == "push" and (start := _commit(_text(event, "before"))):
        return Base((start,), f"the clone lacks `{start}`, which the branch pointed to before the push", False)
    return _default(default)


def _gitlab(environment: Mapping[str, str]) -> Base:
    """A merged result begins at the target branch, a merge request where it parted, a push where the branch was."""
    names = ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_COMMIT_BEFORE_SHA")
    for name in names:
        if start := _commit(environment.get(name, "")):
            return Base((start,), f"the clone lacks `{start}`, which {name} names", False)
    return _default(environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME") or environment.get("CI_DEFAULT_BRANCH", ""))


def _commit(name: str) -> str:
    """An id as an event gives it; nothing for what is none, and for the zeros that stand for a new branch."""
    return name if _COMMIT.fullmatch(name) and name.strip("0") else ""


def _payload(path: str) -> Any:
    """The event as GitHub has written it: data that somebody else chose, and nothing where it cannot be read."""
    try:
        if not path or not os.path.isfile(path) or os.path.getsize(path) > _EVENT_LIMIT:
            return None
        return json.loads(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _text(value: Any, *keys: str) -> str:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _last_commit(root: Path, head: str) -> tuple[Revision | None, str]:
    """What HEAD itself changed: it is on the branch it would be compared with, and equal trees prove no ratchet."""
    parents = git.parents(root, head)
    if not parents:
        return None, ""  # the first commit falls behind nothing
    if git.commit(root, parents[0]) is None:
        return None, _shallow()
    return Revision(root, parents[0]), ""


def _no_history(root: Path) -> str:
    if refused := git.refusal(root):
        return refused
    return "there is no git history to compare with" if os.environ.get("CI") else ""


def _shallow() -> str:
    """What lets a shallow clone reach its base, in the words of the service that made it."""
    fact = "the clone is shallow and lacks the base revision"
    if os.environ.get("GITLAB_CI"):
        return f"{fact}: set the variable `GIT_DEPTH: 0`"
    if os.environ.get("BITBUCKET_BUILD_NUMBER"):
        return f"{fact}: set `clone: {{depth: full}}`"
    if os.environ.get("CI") and not os.environ.get("GITHUB_ACTIONS"):
        return f"{fact}: clone with the whole history"
    return f"{fact}: give `actions/checkout` `fetch-depth: 0`"
