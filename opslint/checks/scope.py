"""Claims about what PHPStan looks at."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase

from opslint.finding import Edit, Fix, Severity, Verdict
from opslint.model.analysed import Scope, is_below, scope
from opslint.model.analysis import Analysis, analyses
from opslint.model.phpstan import Path
from opslint.model.phpstan_place import paths_key
from opslint.model.project import Project

_INSTALLED = frozenset({"vendor", "node_modules"})  # not in the repository, and there when PHPStan runs


def covers(project: Project, *, package: str, folders: tuple[str, ...]) -> Iterator[Verdict]:
    """Each application that requires a package has its folders analysed, as far as they are there and hold PHP."""
    judged = [each for each in analyses(project) if each.phpstan and package in (each.packages or ())]
    for folder in dict.fromkeys(each.folder for each in judged):
        yield from _covers(project, [each for each in judged if each.folder == folder], folders)


def _covers(project: Project, together: list[Analysis], folders: tuple[str, ...]) -> Iterator[Verdict]:
    """One verdict for all the analyses of an application: together they cover it."""
    scopes = [scope(each) for each in together]
    phpstan = next(each.phpstan for each in together if each.phpstan)
    span = paths_key(phpstan)
    if not any(each.paths for each in scopes):
        message = f"`{phpstan.path}` names no `paths`, and no command line does"
        yield Verdict(span, "broken", message, "parameters.paths")
        return
    missed = [each for each in folders if _is_missed(project, together[0].folder + each, scopes)]
    unknown = next((each.unknown for each in scopes if each.unknown), None)
    if not missed:
        yield Verdict(span, "holds", "the application is analysed", "parameters.paths")
    elif unknown is not None:
        message = f"`{unknown.written}` is known only when PHPStan runs"
        yield Verdict(unknown.span, "undecided", message, "parameters.paths")
    else:
        message = f"{_listed(missed)} {'is' if len(missed) == 1 else 'are'} not analysed"
        yield Verdict(span, "broken", message, "parameters.paths")


def _is_missed(project: Project, folder: str, scopes: list[Scope]) -> bool:
    files = [path for path in project.files.paths() if path.startswith(folder + "/") and path.endswith(".php")]
    return bool(files) and not any(each.analyses(path) for path in files for each in scopes)


def _listed(names: list[str]) -> str:
    quoted = [f"`{each}`" for each in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def exist(project: Project) -> Iterator[Verdict]:
    """What `paths` and `excludePaths` name is there, patterns and optional paths aside."""
    has_code = any(path.endswith(".php") for path in project.files.paths())
    for analysis in analyses(project):
        phpstan = analysis.phpstan
        if phpstan is None:
            continue
        named = (*phpstan.paths, *(each for each in phpstan.exclude_paths if not each.is_pattern))
        found = [verdict for path in named for verdict in _exists(project, analysis, path)]
        if not has_code and any(each.state == "broken" for each in found):  # a sparse checkout
            message = "there is no PHP in this tree, so whether paths exist cannot be seen"
            yield Verdict(paths_key(phpstan), "undecided", message, "parameters.paths", hint="check out all of it")
        else:
            yield from found


def _exists(project: Project, analysis: Analysis, path: Path) -> Iterator[Verdict]:
    subject = f"parameters.{'paths' if path.section == 'paths' else 'excludePaths'}.{path.written}"
    if path.value is None or path.value.startswith(("../", "/")):
        why = "is known only when PHPStan runs" if path.value is None else "lies outside of the project"
        yield Verdict(path.span, "undecided", f"`{path.written}` {why}", subject)
    elif project.exists(path.value):
        yield Verdict(path.span, "holds", f"`{path.value}` is there", subject)
    elif path.optional or _INSTALLED.intersection(path.value.split("/")):
        yield Verdict(path.span, "holds", f"`{path.value}` need not be there", subject)
    elif _is_ignored(project, path.value):
        message = f"`{path.value}` is not in the repository, and git ignores it: it may be there when PHPStan runs"
        yield Verdict(path.span, "undecided", message, subject)
    elif path.section == "paths":
        yield Verdict(path.span, "broken", f"`{path.value}` does not exist", subject)
    else:
        yield _without_excluded(analysis, path, subject)


def _without_excluded(analysis: Analysis, path: Path, subject: str) -> Verdict:
    """A missing exclude: fatal since PHPStan 2.0, and nothing before."""
    old = analysis.major is not None and analysis.major < 2
    severity = Severity.WARNING if old else None
    fix = None
    if not old and path.span.written == path.written:
        fix = Fix("say that it need not be there", (Edit(path.span, f"{path.written} (?)"),), safe=False)
    message = f"`{path.value}` does not exist: PHPStan {'2 would not' if old else 'does not'} start"
    return Verdict(path.span, "broken", message, subject, fix=fix, severity=severity)


def _is_ignored(project: Project, path: str) -> bool:
    """Whether a .gitignore of the repository names a path, or a folder above it."""
    for name in (path for path in project.files.paths() if posixpath.basename(path) == ".gitignore"):
        source = project.source(name)
        folder = posixpath.dirname(name)
        if source is None or (folder and not is_below(path, folder)):
            continue
        inner = path[len(folder) + 1 :] if folder else path
        parents = [inner[: at if at >= 0 else None] for at in (*_slashes(inner), -1)]
        for line in source.content.splitlines():
            pattern = line.strip().rstrip("/")
            if pattern and pattern[0] not in "#!" and any(_names(pattern, each) for each in parents):
                return True
    return False


def _slashes(path: str) -> list[int]:
    return [at for at, sign in enumerate(path) if sign == "/"]


def _names(pattern: str, path: str) -> bool:
    if pattern.endswith("/*"):  # all that is in a folder, which git then does not keep either
        pattern = pattern[:-2]
    if "/" in pattern:
        return fnmatchcase(path, pattern.lstrip("/"))
    return fnmatchcase(posixpath.basename(path), pattern)
