"""What a change does to PHPStan's gate: each analysis beside what it was at the base revision."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from opslint.finding import Verdict
from opslint.model.analysis import Analysis, analyses
from opslint.model.project import Project

_HINT = "let the clone hold the base revision, or name another one by `--base REV`"
_SAME: tuple[Callable[[Analysis, Analysis], bool], ...] = (
    lambda now, past: now.path == past.path and now.folder == past.folder,
    lambda now, past: now.folder == past.folder,
    lambda now, past: True,
)


def pairs(project: Project) -> tuple[tuple[Analysis, Analysis], ...]:
    """Each analysis with what it was: under the same path, else the only other one of its folder, else the only one."""
    return project.cached("analysis pairs", lambda: tuple(_pairs(project)))


def _pairs(project: Project) -> Iterator[tuple[Analysis, Analysis]]:
    past = [each for each in analyses(project.before) if each.phpstan] if project.before else []
    now = [each for each in analyses(project) if each.phpstan]
    for same in _SAME:
        for each in tuple(now):
            candidates = [other for other in past if same(each, other)]
            rivals = [other for other in now if candidates and same(other, candidates[0])]
            if len(candidates) == len(rivals) == 1:
                now.remove(each)
                past.remove(candidates[0])
                yield each, candidates[0]


def gone(project: Project) -> Iterator[Analysis]:
    """Analyses of the base that nothing replaces, though their application is still there."""
    known = {id(past) for _, past in pairs(project)}
    folders = {each.folder for each in analyses(project) if each.phpstan}
    for past in analyses(project.before) if project.before else ():
        is_there = any(path.startswith(past.folder) and path.endswith(".php") for path in project.files.paths())
        if past.phpstan and id(past) not in known and past.folder not in folders and is_there:
            yield past


def unpaired(project: Project) -> Iterator[Verdict]:
    """What can be said without a base: undecided where there should be one, content with a new configuration."""
    found = [each for each in analyses(project) if each.phpstan]
    if project.before is None and project.before_missing and found:
        assert found[0].phpstan is not None
        message = f"there is nothing to compare with: {project.before_missing}"
        yield Verdict(found[0].phpstan.span(), "undecided", message, "base", hint=_HINT)
    elif project.before is not None:
        known = {id(now) for now, _ in pairs(project)}
        for each in found:
            if each.phpstan and id(each) not in known:
                yield Verdict(each.phpstan.span(), "holds", f"`{each.path}` is new", each.path)
