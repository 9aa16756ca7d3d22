"""Edits to text: which can go together, what the text becomes, and how it is written."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from opslint.finding import Edit, Fix


def chosen(fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """The fixes that can be applied together, in order: one that overlaps an earlier one is left for the next run."""
    taken: list[Edit] = []
    kept = []
    for fix in fixes:
        if not any(_overlap(edit, other) for edit in fix.edits for other in taken):
            taken += fix.edits
            kept.append(fix)
    return tuple(kept)


def _overlap(edit: Edit, other: Edit) -> bool:
    one, two = edit.span, other.span
    if one.path != two.path:
        return False
    if one.start == one.end == two.start == two.end:
        return edit.replacement != other.replacement  # two insertions at one place have no order
    return one.start < two.end and two.start < one.end


def edited(content: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made; equal edits are made once."""
    unique = {(edit.span.start, edit.span.end, edit.replacement) for edit in edits}
    for start, end, replacement in sorted(unique, reverse=True):
        content = content[:start] + replacement + content[end:]
    return content


def apply(root: Path, fixes: Sequence[Fix]) -> None:
    """Write the fixes to the files below a folder, each file whole or not at all."""
    by_path: dict[str, list[Edit]] = defaultdict(list)
    for fix in fixes:
        for edit in fix.edits:
            by_path[edit.span.path].append(edit)
    for path, edits in by_path.items():
        content = (root / path).read_bytes().decode("utf-8")  # not the report's text: that one hides secrets
        write_atomically(root / path, edited(content, edits))


def write_atomically(path: Path, content: str) -> None:
    """Put a file's new content in its place in one step; its permissions stay, a link keeps pointing to it."""
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(content)
        os.chmod(name, target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
