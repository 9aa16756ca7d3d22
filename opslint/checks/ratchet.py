"""Claims about what a change does to PHPStan's gate: it only ever gets tighter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from opslint.finding import Note, Severity, Verdict
from opslint.model.analysed import Scope, lost, scope
from opslint.model.analysis import Analysis
from opslint.model.change import gone, pairs, unpaired
from opslint.model.growth import Change, Growth, Key, growth, plain
from opslint.model.phpstan import Path, Phpstan
from opslint.model.phpstan_ignores import Ignored
from opslint.model.phpstan_merge import Leaf
from opslint.model.phpstan_place import is_named_baseline, paths_key, section
from opslint.model.project import Project
from opslint.source import Span, nowhere
from opslint.syntax.php_array import is_opaque

_SHOWN = 8  # new entries that a finding names; of those that went, half as many
_STRICT = ("strict-rules", "bleedingEdge")  # includes that make the analysis stricter

Per = Literal["total", "file", "identifier", "entry"]


def level_never_falls(project: Project) -> Iterator[Verdict]:
    """No analysis runs at a lower level than at the base revision, and none is gone."""
    yield from unpaired(project)
    for now, past in pairs(project):
        yield from _level(now, past)
        yield from _strictness(now, past)
    for past in gone(project):
        message = f"`{past.path}` is gone, and nothing is analysed instead"
        yield Verdict(nowhere(past.path), "broken", message, past.path)


def _level(now: Analysis, past: Analysis) -> Iterator[Verdict]:
    old, new = past.level, now.level
    if old is None or now.phpstan is None:
        return
    before, after = old.rank(past.major or 2) or 0, new.rank(now.major or 2) if new else None
    if now.level_unknown is not None and (after is None or after < before):
        message = f"`{now.level_unknown.written}` is known only when PHPStan runs"
        yield Verdict(now.level_unknown, "undecided", message, "parameters.level")
    elif new is None:
        span = section(now.phpstan, "parameters")
        yield Verdict(span, "broken", f"there is no level any more: it was {old.value}", "parameters.level")
    elif after is not None and after < before:
        message = f"the level fell from {old.value} to {new.value}"
        yield Verdict(new.span, "broken", message, "parameters.level")
    else:
        yield Verdict(new.span, "holds", f"the level was {old.value}, and is {new.value}", "parameters.level")


def _strictness(now: Analysis, past: Analysis) -> Iterator[Verdict]:
    """What made the analysis stricter is still included, unless the extension installer does that now."""
    if now.phpstan is None or past.phpstan is None:
        return
    paths = [each.path for each in now.phpstan.includes]
    is_automatic = "phpstan/extension-installer" in (now.packages or ())
    for include in past.phpstan.includes:
        name = next((each for each in _STRICT if each in include.path), None)
        if name is None or any(name in path for path in paths):
            continue
        if is_automatic and include.package in (now.packages or ()):
            continue
        message = f"`{include.path}` is not included any more: fewer errors are found"
        span = section(now.phpstan, "includes")
        yield Verdict(span, "broken", message, f"includes.{name}", severity=Severity.WARNING)


# -- baselines ----------------------------------------------------------------------------------------------------


def baseline_never_grows(project: Project, *, per: Per = "total") -> Iterator[Verdict]:
    """The baselines of each analysis hide no more errors than at the base revision: in total, or each group of them."""
    yield from unpaired(project)
    for now, past in pairs(project):
        if now.phpstan is None or past.phpstan is None:
            continue
        here, there = _unseen(now.phpstan), _unseen(past.phpstan)
        unseen = here or there
        if unseen is not None:
            message = f"`{unseen.path}` is computed by PHP, so its errors cannot be counted"
            span = here or now.phpstan.span()
            yield Verdict(span, "undecided", message, "parameters.ignoreErrors", hint="write it as NEON")
            continue
        if any(each.status == "missing" and is_named_baseline(each.path) for each in past.phpstan.includes):
            message = "the base revision lacks the baseline that it includes"
            yield Verdict(now.phpstan.span(), "holds", message, "parameters.ignoreErrors")
            continue
        found = growth(_entries(past.phpstan), _entries(now.phpstan), project.exists)
        yield from _grown(now, past, found, per)


def _entries(phpstan: Phpstan) -> tuple[Ignored, ...]:
    return tuple(entry for baseline in phpstan.baselines for entry in baseline.everything())


def _unseen(phpstan: Phpstan) -> Span | None:
    """A part of the baseline that only PHP could tell."""
    for include in phpstan.includes:
        root = include.file.document.root if include.file else None
        if is_opaque(root) and root is not None:
            return root.span
        if include.status == "undecided" and is_named_baseline(include.path):
            return include.node.span
    found = phpstan.merged.get("parameters", "ignoreErrors")
    if isinstance(found, Leaf) and not found.known:
        return found.node.span
    return next((entry.span for entry in _entries(phpstan) if not entry.known), None)


_GROUPS: Mapping[Per, Callable[[Key], str]] = {
    "total": lambda key: "",
    "file": lambda key: key.path or "",
    "identifier": lambda key: key.identifier or "",
    "entry": lambda key: "\0".join((key.path or "", key.message, key.identifier or "")),
}


def _grown(now: Analysis, past: Analysis, found: Growth, per: Per) -> Iterator[Verdict]:
    phpstan = now.phpstan
    assert phpstan is not None
    name = _GROUPS[per]
    grown = {group: by for group, by in found.groups(name).items() if by > 0}
    for group, by in grown.items():
        changes = [change for change in found.grown if name(change.key) == group]
        went = [change for change in found.shrunk if name(change.key) == group]
        notes = (*_notes(changes, went, phpstan), *_level_rose(now, past))
        message = _message(found, per, by, changes, went)
        yield Verdict(changes[0].entry.span, "broken", message, _subject(per, changes[0].key), notes)
    for entry in found.loosened:
        message = f"this entry lost its `count`, and hides any number of `{_short(plain(entry))}`"
        yield Verdict(entry.span, "broken", message, f"baseline:{entry.path}:{entry.identifier}")
    if not grown and not found.loosened:
        span = phpstan.baselines[0].include.node.span if phpstan.baselines else phpstan.span()
        message = f"the baseline held {found.before} errors, and holds {found.after}"
        yield Verdict(span, "holds", message, "parameters.ignoreErrors")


def _message(found: Growth, per: Per, by: int, changes: list[Change], went: list[Change]) -> str:
    key = changes[0].key
    if per == "entry":
        return f"the baseline hides {by} more in `{key.path}`: {_short(key.message)}"
    who = {"total": "the baseline", "file": f"`{key.path}`", "identifier": f"`{key.identifier}`"}[per]
    new = sum(not change.before for change in changes)
    parts = [(new, "new"), (len(changes) - new, "grown"), (len(went), "shrunk or gone")]
    entries = ", ".join(f"{count} {what}" for count, what in parts if count)
    size = f", from {found.before} to {found.after} errors" if per == "total" else " in the baseline"
    return f"{who} grew by {by}{size} (entries: {entries})"


def _subject(per: Per, key: Key) -> str:
    parts = {"total": ("total",), "file": (key.path,), "identifier": (key.identifier,)}
    return ":".join(["baseline", *(each or "" for each in parts.get(per, key))])


def _notes(changes: list[Change], went: list[Change], phpstan: Phpstan) -> Iterator[Note]:
    for change in changes[:_SHOWN]:
        how = "new" if not change.before else f"{change.before} before"
        yield Note(change.entry.span, f"{change.after} ({how}) {_told(change.key)}")
    if len(changes) > _SHOWN:
        yield Note(changes[_SHOWN].entry.span, f"and {len(changes) - _SHOWN} more")
    here = phpstan.baselines[0].include.node.span if phpstan.baselines else phpstan.span()
    for change in went[: _SHOWN // 2]:
        yield Note(here, f"{change.after} ({change.before} before) {_told(change.key)}")


def _told(key: Key) -> str:
    what = f"`{key.identifier}` in " if key.identifier else "in "
    return f"{what}`{key.path or 'any file'}`: {_short(key.message)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "..."


def _level_rose(now: Analysis, past: Analysis) -> Iterator[Note]:
    old, new = past.level, now.level
    if old and new and (old.rank(past.major or 2) or 0) < (new.rank(now.major or 2) or 0):
        yield Note(new.span, f"the level rose from {old.value} to {new.value} in the same change")


# -- scope --------------------------------------------------------------------------------------------------------


def scope_never_shrinks(project: Project) -> Iterator[Verdict]:
    """No file that the base revision's configuration would analyse is left out now, and no more is ignored by hand."""
    yield from unpaired(project)
    for now, past in pairs(project):
        if now.phpstan is None or past.phpstan is None:
            continue
        before, after = scope(past), scope(now)
        taken = list(_taken(project, now, before, after))
        ignored = list(_ignored(now.phpstan, past.phpstan))
        yield from (*taken, *ignored)
        if not taken and not ignored:
            message = "all that was analysed still is, and no more is ignored"
            yield Verdict(paths_key(now.phpstan), "holds", message, "parameters.paths")


def _taken(project: Project, now: Analysis, before: Scope, after: Scope) -> Iterator[Verdict]:
    phpstan = now.phpstan
    assert phpstan is not None
    for path, files in lost(project.files.paths(), before, after).items():
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        if path in after.excludes:
            message = f"`{path.written}` is excluded now: `{files[0]}`{more} {_be(files)} not analysed any more"
            yield Verdict(path.span, "broken", message, f"parameters.excludePaths.{path.written}")
        elif after.unknown is not None:
            message = f"`{after.unknown.written}` is known only when PHPStan runs"
            yield Verdict(after.unknown.span, "undecided", message, "parameters.paths")
        else:
            message = f"`{path.written}` is not in `paths` any more: `{files[0]}`{more} {_be(files)} not analysed"
            yield Verdict(_place(now, phpstan, path), "broken", message, f"parameters.paths.{path.written}")


def _be(files: list[str]) -> str:
    return "is" if len(files) == 1 else "are"


def _place(now: Analysis, phpstan: Phpstan, path: Path) -> Span:
    """Where a path is missing: on the command line, if that names any, else in the configuration."""
    named = next((start.span for start in now.starts if start.paths), None)
    return named if named and path not in phpstan.paths else paths_key(phpstan)


def _ignored(now: Phpstan, past: Phpstan) -> Iterator[Verdict]:
    """Ignores written by hand that the base has not, or not for these paths."""
    before = [(each, _conditions(each)) for each in past.written_by_hand]
    for entry in now.written_by_hand:
        if any(_conditions(entry) == other and _is_within(entry, each) for each, other in before):
            continue
        shown = _short(entry.message or entry.identifier or "")
        where = f" in `{entry.paths[0]}`" if entry.paths else ""
        yield Verdict(entry.span, "broken", f"`{shown}` is ignored{where} since this change", f"ignoreErrors.{shown}")


def _conditions(entry: Ignored) -> tuple[tuple[str, ...], ...]:
    return entry.messages, entry.raw_messages, entry.identifiers


def _is_within(entry: Ignored, other: Ignored) -> bool:
    return not other.paths or (bool(entry.paths) and {*entry.paths} <= {*other.paths})


