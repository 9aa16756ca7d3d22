"""Claims about PHPStan's baselines: that they are used, and how much they hide."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from opslint.finding import Note, Verdict
from opslint.model.analysis import Analysis, analyses, document
from opslint.model.phpstan import Phpstan
from opslint.model.phpstan_edit import add_include
from opslint.model.phpstan_ignores import is_baseline, total
from opslint.model.phpstan_place import is_named_baseline, section
from opslint.model.project import Project
from opslint.source import Span
from opslint.syntax.tree import Document, at, scalars

_ENDINGS = (".neon", ".neon.dist", ".php")


def included(project: Project) -> Iterator[Verdict]:
    """A baseline that exists is included, and one that is included exists."""
    everywhere = _included_somewhere(project)
    for analysis in analyses(project):
        phpstan = analysis.phpstan
        if phpstan is None:
            continue
        for include in phpstan.includes:
            if include.file is not None and is_baseline(include.file.document, include.path):
                yield Verdict(include.node.span, "holds", f"`{include.path}` is included, and exists", include.path)
            elif include.status == "missing" and is_named_baseline(include.path):
                message = f"`{include.path}` is included, but does not exist: PHPStan does not start"
                yield Verdict(include.node.span, "broken", message, include.path)
        if phpstan.path == _first(project, analysis.folder):
            for path, found in _beside(project, phpstan):
                if path not in everywhere:
                    yield _not_included(phpstan, path, found)
        if not any(is_named_baseline(each.path) for each in phpstan.includes):
            yield Verdict(phpstan.span(), "holds", f"`{phpstan.path}` includes no baseline", phpstan.path)


def _first(project: Project, folder: str) -> str | None:
    """The configuration that answers for a folder: the one that PHPStan finds by itself."""
    return next((each.path for each in analyses(project) if each.folder == folder and each.phpstan), None)


def _beside(project: Project, phpstan: Phpstan) -> Iterator[tuple[str, Document]]:
    folder = posixpath.dirname(phpstan.path)
    for path in project.files.paths():
        name = posixpath.basename(path).lower()
        if posixpath.dirname(path) != folder or "baseline" not in name or not name.endswith(_ENDINGS):
            continue
        if name.endswith(".php") and "phpstan" not in name:
            continue
        found = document(project, path)
        if found is not None and not found.problems and is_baseline(found, path):
            yield path, found


def _included_somewhere(project: Project) -> frozenset[str]:
    """What any configuration of the repository includes, used or not."""
    found = {include.path for each in analyses(project) if each.phpstan for include in each.phpstan.includes}
    for path in project.files.paths():
        name = posixpath.basename(path).lower()
        if name.endswith((".neon", ".neon.dist")) and "baseline" not in name:
            read = document(project, path)
            for each in scalars(at(read.root if read else None, "includes")):
                found.add(posixpath.normpath(posixpath.join(posixpath.dirname(path), str(each))))
    return frozenset(found)


def _not_included(phpstan: Phpstan, path: str, found: Document) -> Verdict:
    relative = posixpath.relpath(path, posixpath.dirname(phpstan.path) or ".")
    fix = add_include(phpstan.document, relative, title=f"include `{relative}`", safe=True)
    span = section(phpstan, "includes")
    notes = (Note(found.source.span(), "the baseline"),)
    return Verdict(span, "broken", f"`{path}` exists, but is not included", path, notes=notes, fix=fix)


def at_most(project: Project, *, errors: int) -> Iterator[Verdict]:
    """The baselines of an application hold no more errors than that."""
    for analysis in analyses(project):
        baselines = analysis.phpstan.baselines if analysis.phpstan else ()
        found = [entry for each in baselines for entry in each.everything()]
        if not found:
            continue
        span = baselines[0].include.node.span
        unbounded = sum(entry.count is None for entry in found)
        more = f" (entries without a count: {unbounded})" if unbounded else ""
        said = f"the baseline holds {total(found)} errors{more}"
        if not all(entry.known for entry in found):
            yield _unreadable(analysis, span)
        elif total(found) > errors:
            yield Verdict(span, "broken", f"{said}, more than {errors}", "parameters.ignoreErrors")
        else:
            yield Verdict(span, "holds", f"{said}, at most {errors} are allowed", "parameters.ignoreErrors")


def _unreadable(analysis: Analysis, span: Span) -> Verdict:
    message = f"a baseline of `{analysis.path}` is computed by PHP, and cannot be counted"
    return Verdict(span, "undecided", message, "parameters.ignoreErrors")
