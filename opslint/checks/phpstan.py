"""Claims about PHPStan's configuration: that it is there, resolves, and is strict."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.finding import Note, Severity, Verdict
from opslint.model.analysis import Analysis, analyses, locked, starts
from opslint.model.composer import Composer
from opslint.model.phpstan import Phpstan
from opslint.model.phpstan_edit import add_include, replace
from opslint.model.phpstan_files import Include
from opslint.model.phpstan_merge import Leaf
from opslint.model.phpstan_parameters import Refused, unknown_parameters
from opslint.model.phpstan_place import is_named_baseline, section
from opslint.model.project import Project
from opslint.source import Span

# Packages with their own part of a configuration, and what brings them without being asked.
_BROUGHT_BY = {"nesbot/carbon": ("laravel/framework", "illuminate/support")}
_NO_LEVEL = ("extension.neon", "rules.neon", "bleedingedge.neon")  # what extensions call files that set no level


def resolves(project: Project) -> Iterator[Verdict]:
    """Every PHPStan configuration is valid NEON, and everything that it includes is there."""
    seen: set[str] = set()
    for analysis in analyses(project):
        if analysis.phpstan is not None:
            seen |= {file.path for file in analysis.phpstan.files}
            yield from _resolves(project, analysis, analysis.phpstan)
        elif analysis.starts and not any(start.paths for start in analysis.starts):
            start = analysis.starts[0]
            message = f"`{start.shown}` finds no configuration in the repository"
            yield Verdict(start.span, "undecided", message, start.shown, hint="commit the configuration that it uses")
    for path in project.all_paths("phpstan"):  # one that nothing starts from must still be readable
        document = project.document(path) if path not in seen else None
        for problem in document.problems if document else ():
            yield Verdict(problem.span, "broken", _refused(problem.message), path)
    for start in starts(project):
        if start.configuration is not None and start.path is None:
            message = f"`{start.configuration.written}` is not in the repository"
            hint = "commit it, or name a configuration that is committed"
            yield Verdict(start.configuration, "undecided", message, start.shown, hint=hint)


def _resolves(project: Project, analysis: Analysis, phpstan: Phpstan) -> Iterator[Verdict]:
    for problem in phpstan.problems:
        yield Verdict(problem.span, "broken", _refused(problem.message), phpstan.path)
    for include in phpstan.includes:
        yield from _include(project, include)
    yield from _without_composer(project, phpstan)
    for level in analysis.levels:
        if level.rank(analysis.major or 2) is None:
            message = f"PHPStan {analysis.major or 2} has no level `{level.value}`"
            yield Verdict(level.span, "broken", message, "parameters.level")
    if not phpstan.problems:
        yield Verdict(phpstan.span(), "holds", f"`{phpstan.path}` is valid", phpstan.path)


def _refused(message: str) -> str:
    """PHPStan's own words as a part of ours."""
    return f"PHPStan refuses this: {message.rstrip('.')}"


def _include(project: Project, include: Include) -> Iterator[Verdict]:
    span, shown, subject = include.node.span, include.path, f"includes.{include.path}"
    if include.file is not None or shown.startswith("phar://phpstan.phar/"):
        yield Verdict(span, "holds", f"`{shown}` is there", subject)
    elif include.status == "undecided" or shown.startswith(("../", "/")):
        why = "lies outside of the project" if shown.startswith(("../", "/")) else "is known only when PHPStan runs"
        yield Verdict(span, "undecided", f"`{include.node.span.written}` {why}", subject)
    elif include.status != "missing" or is_named_baseline(shown):
        return  # refused ones are told as problems, baselines by the rule about them
    elif include.package is not None:
        composer = _composer_of(project, include)
        if composer is not None:
            yield _of_package(project, composer, include, include.package.lower())
    else:
        yield Verdict(span, "broken", f"`{shown}` does not exist: PHPStan does not start", subject)


def _composer_of(project: Project, include: Include) -> Composer | None:
    """The composer.json that installs the `vendor/` of an include."""
    folder = include.path[: include.path.rindex("vendor/")]
    return next((each for each in project.composers if each.folder == folder), None)


def _without_composer(project: Project, phpstan: Phpstan) -> Iterator[Verdict]:
    """Includes of packages where no composer.json says what is installed: one note for all."""
    found = [each for each in phpstan.includes if each.status == "missing" and each.package]
    found = [each for each in found if not is_named_baseline(each.path) and not _composer_of(project, each)]
    if found:
        first, *others = found
        folder = first.path[: first.path.rindex("vendor/")]
        message = f"`{first.package}` must be installed for this, and no `{folder}composer.json` says that it is"
        notes = tuple(Note(each.node.span, f"so must `{each.package}`") for each in others)
        subject = f"includes.{first.path}"
        yield Verdict(first.node.span, "broken", message, subject, notes, severity=Severity.NOTE)


def _of_package(project: Project, composer: Composer, include: Include, package: str) -> Verdict:
    """An include that Composer installs: whether it will."""
    span, subject = include.node.span, f"includes.{include.path}"
    known = locked(project, composer.folder)
    installed = {*composer.packages, *(known or ())}
    if package in installed or _is_brought(package, installed):
        return Verdict(span, "holds", f"`{package}` is required by composer.json", subject)
    if package == "nunomaduro/larastan" and "larastan/larastan" in installed:
        start = span.start + span.written.find("nunomaduro")
        fix = replace(Span(span.source, start, start + 10), "larastan", title="include it where it is now", safe=True)
        message = "`nunomaduro/larastan` is not installed: the package is `larastan/larastan` now"
        return Verdict(span, "broken", message, subject, fix=fix)
    if known is not None:
        return Verdict(span, "broken", f"`{package}` is neither in composer.json nor in composer.lock", subject)
    message = f"`{package}` is not required by composer.json: this include resolves only if another package brings it"
    return Verdict(span, "broken", message, subject, severity=Severity.NOTE)


def _is_brought(package: str, installed: set[str]) -> bool:
    if package == "phpstan/phpstan":
        return _has_phpstan(installed)
    return any(each in installed for each in _BROUGHT_BY.get(package, ()))


def _has_phpstan(packages: set[str]) -> bool:
    """Whether PHPStan is required, by itself or by one of its extensions, all of which require it."""
    return _has_larastan(packages) or any("phpstan" in each and each != "phpstan/phpdoc-parser" for each in packages)


def _has_larastan(packages: set[str]) -> bool:
    """Whether Larastan is required, under its old name or as a fork."""
    return any(each.endswith("/larastan") for each in packages)


def is_installed(project: Project) -> Iterator[Verdict]:
    """Each application requires PHPStan, and Larastan where it is a Laravel application, which it includes."""
    for composer in project.composers:
        mine = [each for each in analyses(project) if each.folder == composer.folder]
        if composer.folder and not mine and not composer.is_laravel:
            continue
        below = [
            each for each in project.composers if each.folder.startswith(composer.folder) and each is not composer
        ]
        tools = {package for each in below if not each.is_laravel for package in each.packages}
        missing = list(_missing_packages(composer, tools))
        if missing:
            names = " nor ".join(f"`{name}`" for name in missing)
            said = f"has neither {names}" if len(missing) > 1 else f"lacks {names}"
            yield Verdict(composer.section("require-dev"), "broken", f"`require-dev` {said}", "require-dev")
            continue
        yield Verdict(composer.section("require-dev"), "holds", "PHPStan is required", "require-dev")
        if composer.is_laravel and "phpstan/extension-installer" not in {*composer.packages, *tools}:
            package = next((each for each in composer.packages if each.endswith("/larastan")), "larastan/larastan")
            yield from (_includes_larastan(each.phpstan, package) for each in mine if each.phpstan)


def _missing_packages(composer: Composer, tools: set[str]) -> Iterator[str]:
    packages = {*composer.packages, *tools}
    if not _has_phpstan(packages):
        yield "phpstan/phpstan"
    if composer.is_laravel and not _has_larastan(packages):
        yield "larastan/larastan"


def _includes_larastan(phpstan: Phpstan, package: str) -> Verdict:
    found = next((each for each in phpstan.includes if "larastan/extension.neon" in each.path), None)
    if found is not None:
        return Verdict(found.node.span, "holds", "Larastan is included", "includes")
    if phpstan.loaded.problems:
        return _unread(phpstan, "includes")
    unseen = next((each for each in phpstan.includes if each.file is None and not is_named_baseline(each.path)), None)
    if unseen is not None and not unseen.path.endswith(_NO_LEVEL):
        message = f"`{unseen.node.span.written}` is not in the repository, and may include Larastan"
        return Verdict(unseen.node.span, "undecided", message, "includes")
    path = f"vendor/{package}/extension.neon"
    fix = add_include(phpstan.document, path, title="include Larastan", safe=False)
    message = f"`{phpstan.path}` does not include `{path}`: PHPStan then knows nothing of Laravel"
    return Verdict(section(phpstan, "includes"), "broken", message, "includes", fix=fix)


def level_at_least(project: Project, *, level: int) -> Iterator[Verdict]:
    """Each application is analysed at a level, and at no lower one; `--level` in CI counts before the file's own."""
    for analysis in analyses(project):
        if analysis.phpstan is None and not any(start.paths for start in analysis.starts):
            continue
        best = analysis.level
        rank = best.rank(analysis.major or 2) if best else None
        if best is not None and rank is not None and rank >= level:
            yield Verdict(best.span, "holds", f"the level is {best.value}", "parameters.level")
        elif analysis.level_unknown is not None:
            message = f"`{analysis.level_unknown.written}` is known only when PHPStan runs"
            yield Verdict(analysis.level_unknown, "undecided", message, "parameters.level")
        elif best is not None:
            fix = replace(best.span, str(level), title=f"analyse at level {level}", safe=False)
            message = f"the level is {best.value}, below {level}"
            yield Verdict(best.span, "broken", message, "parameters.level", fix=fix)
        elif not analysis.levels:
            yield from _without_level(analysis)


def _without_level(analysis: Analysis) -> Iterator[Verdict]:
    phpstan, subject = analysis.phpstan, "parameters.level"
    if phpstan is None:
        start = analysis.starts[0]
        message = f"`{start.shown}` has neither a configuration nor `--level`, so it runs at level 0"
        yield Verdict(start.span, "broken", message, subject)
        return
    own = phpstan.parameter("customRulesetUsed")
    unseen = next((each for each in phpstan.includes if each.file is None and _may_set_level(each)), None)
    if isinstance(own, Leaf) and own.value is True:
        message = "`customRulesetUsed` chooses rules one by one instead of a level"
        yield Verdict(own.node.span, "undecided", message, subject)
    elif phpstan.loaded.problems:
        yield _unread(phpstan, subject)
    elif unseen is None:
        yield Verdict(section(phpstan, "parameters"), "broken", f"`{phpstan.path}` sets no `level`", subject)
    elif unseen.package is not None or unseen.status != "missing":  # another rule tells that one of ours is missing
        message = f"`{unseen.node.span.written}` is not in the repository, and may set the level"
        yield Verdict(unseen.node.span, "undecided", message, subject)


def _unread(phpstan: Phpstan, subject: str) -> Verdict:
    """What a refused configuration seems to lack may stand where it could not be read."""
    span = phpstan.loaded.problems[0].span
    return Verdict(span, "undecided", "PHPStan refuses this, so what the configuration lacks is not known", subject)


def _may_set_level(include: Include) -> bool:
    return not include.path.lower().endswith(_NO_LEVEL) and not is_named_baseline(include.path)


def parameters_known(project: Project) -> Iterator[Verdict]:
    """Every parameter is one that PHPStan or a required extension knows, and has the type that it wants."""
    for analysis in analyses(project):
        if analysis.phpstan is None:
            continue
        refused = list(unknown_parameters(analysis.phpstan, analysis.major, analysis.packages))
        for each in refused:
            if not each.undecided:
                yield _unknown(each)
            elif analysis.packages is not None or each.package is None:
                yield _undecided(each)
        if not refused:
            message = f"PHPStan knows every parameter of `{analysis.path}`"
            yield Verdict(section(analysis.phpstan, "parameters"), "holds", message, analysis.path)


def _unknown(refused: Refused) -> Verdict:
    written, name = refused.span.written, refused.name.removeprefix("parameters.")
    fix = None
    if refused.suggestion and written.removesuffix("!") == name.rpartition(".")[2]:
        key = Span(refused.span.source, refused.span.start, refused.span.start + len(written.removesuffix("!")))
        fix = replace(key, refused.suggestion, title=f"rename it to `{refused.suggestion}`", safe=False)
    if refused.removed:
        message = f"PHPStan {refused.removed} removed `{name}`, and refuses it"
    elif refused.message.startswith("The item"):
        message = f"PHPStan refuses this: {refused.message.rstrip('.')}"
    else:
        kind = "parameter" if refused.name.startswith("parameters.") else "section"
        meant = f" (did you mean `{refused.suggestion}`?)" if refused.suggestion else ""
        owner = f": it belongs to `{refused.package}`" if refused.package else ""
        message = f"PHPStan has no {kind} `{name}`{meant}{owner}"
    return Verdict(refused.span, "broken", message, refused.name, fix=fix)


def _undecided(refused: Refused) -> Verdict:
    name = refused.name.removeprefix("parameters.")
    owner = f"`{refused.package}`" if refused.package else "an extension"
    message = f"`{name}` is no parameter of PHPStan, and whether {owner} brings it cannot be seen"
    return Verdict(refused.span, "undecided", message, refused.name)
