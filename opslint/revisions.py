"""Which revision a change is compared with, and why there is none where there is none."""

from __future__ import annotations

import os
from pathlib import Path

from opslint import git
from opslint.files import Revision

_SHALLOW = "the checkout is shallow and lacks the base revision: give `actions/checkout` `fetch-depth: 0`"


def base_files(root: Path, base: str | None) -> tuple[Revision | None, str]:
    """The files at the merge base with `base`, or None and the reason.

    Without `base`: the pull request's target branch (GITHUB_BASE_REF), then the remote's default branch, then HEAD
    in a pre-commit hook, where the change is not committed yet. Outside CI a folder without history misses nothing.
    """
    head = git.commit(root, "HEAD")
    if head is None:
        return None, "there is no git history to compare with" if os.environ.get("CI") else ""
    for name in [base] if base else _candidates():
        tip = git.commit(root, name)
        if tip is None:
            continue
        if name == "HEAD":
            return Revision(root, head), ""
        ancestor = git.merge_base(root, "HEAD", tip)
        if ancestor is None:
            return None, _SHALLOW if git.is_shallow(root) else f"`{name}` and HEAD have no common history"
        return Revision(root, ancestor), ""
    if base:
        return None, _SHALLOW if git.is_shallow(root) else f"there is no revision `{base}`"
    return None, _SHALLOW if git.is_shallow(root) else "no base revision was found: name one as `base:` or `--base`"


def _candidates() -> list[str]:
    if os.environ.get("PRE_COMMIT"):
        return ["HEAD"]
    target = os.environ.get("GITHUB_BASE_REF")
    return [*([f"origin/{target}", target] if target else []), "origin/HEAD", "origin/main", "origin/master", "HEAD"]
