"""How each application is analysed: its PHPStan configuration, and the command lines that start it."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from opslint.files import UnreadableError
from opslint.model.composer import Composer
from opslint.model.kinds import PHPSTAN_NAMES
from opslint.model.option import line
from opslint.model.phpstan import Level, Path, Phpstan, configuration, discovered
from opslint.model.phpstan import document as read_document
from opslint.model.phpstan_files import Places
from opslint.model.project import Project
from opslint.model.run import StepOf, reach
from opslint.source import Span
from opslint.syntax.script import Part, Word
from opslint.syntax.tree import Document, Scalar

_ANALYSE = ("analyse", "analyze")
# Folders of a repository whose composer.json and phpstan.neon are somebody's test data.
_TEST_DATA = frozenset("tests test fixtures __fixtures__ e2e testdata examples stubs Fixtures data".split())
# Which major version of PHPStan a major version of Larastan needs.
_BY_LARASTAN = {0: 0, 1: 1, 2: 1, 3: 2}


@dataclass(frozen=True, slots=True)
class Start:
    """One command line, or action, that starts PHPStan."""

    span: Span
    shown: str  # the command, for messages
    folder: str  # of the application: empty for the root, else it ends in `/`
    configuration: Span | None = None  # the value of `-c`
    path: str | None = None  # the file that `-c` names; None without `-c`, and where it is not in the repository
    level: Level | None = None  # of `--level`
    level_unknown: Span | None = None  # a `--level` that is known only when it runs
    paths: tuple[Path, ...] = ()  # named on the command line, they replace those of the configuration
    in_ci: bool = True


@dataclass(frozen=True)
class Analysis:
    """One configuration of PHPStan, or none, with what starts it."""

    folder: str
    composer: Composer | None
    phpstan: Phpstan | None
    starts: tuple[Start, ...] = ()

    @property
    def path(self) -> str:
        """The configuration's path; the folder where there is none."""
        return self.phpstan.path if self.phpstan else self.folder.rstrip("/") or "."

    @cached_property
    def packages(self) -> frozenset[str] | None:
        """What composer.json requires, by lower-case name; None without one."""
        return frozenset(self.composer.packages) if self.composer else None

    @cached_property
    def major(self) -> int | None:
        """The major version of PHPStan, where composer.json allows only one."""
        if self.composer is None:
            return None
        for package in ("phpstan/phpstan", "larastan/larastan", "nunomaduro/larastan"):
            entry = self.composer.packages.get(package)
            if entry is not None and "|" not in str(entry.value):
                found = self.composer.major(package)
                return found if package == "phpstan/phpstan" or found is None else _BY_LARASTAN.get(found)
        return None

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The level of each start; the configuration's own where nothing starts it."""
        own = self.phpstan.level if self.phpstan else None
        found = [start.level or (own if start.level_unknown is None else None) for start in self.starts]
        return tuple(dict.fromkeys(level for level in (found if self.starts else [own]) if level))

    @property
    def level(self) -> Level | None:
        """The strictest level at which it runs."""
        ranked = [level for level in self.levels if level.rank() is not None]
        return max(ranked, key=lambda level: level.rank(self.major or 2) or 0, default=None)

    @property
    def level_unknown(self) -> Span | None:
        """A `--level` that only a run would tell."""
        return next((start.level_unknown for start in self.starts if start.level_unknown), None)

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """What is analysed: the paths of every start that names some, else those of the configuration."""
        own = self.phpstan.paths if self.phpstan else ()
        named = [path for start in self.starts for path in start.paths]
        return (*named, *own) if not self.starts or any(not start.paths for start in self.starts) else tuple(named)


def analyses(project: Project) -> tuple[Analysis, ...]:
    """Every analysis of the project: of each application, and of each other configuration that is run with `-c`."""
    return project.cached("analyses", lambda: tuple(_analyses(project)))


def _analyses(project: Project) -> Iterator[Analysis]:
    started = starts(project)
    for folder in sorted({*_applications(project), *(start.folder for start in started)}):
        own = discovered(folder, project.exists)
        mine = [start for start in started if start.folder == folder]
        here = tuple(each for each in mine if each.configuration is None or (own is not None and each.path == own))
        if own is not None or here:
            yield _analysis(project, folder, own, here)
        for path in dict.fromkeys(each.path for each in mine if each.path is not None and each.path != own):
            yield _analysis(project, folder, path, tuple(each for each in mine if each.path == path))


def _analysis(project: Project, folder: str, path: str | None, starts: tuple[Start, ...]) -> Analysis:
    def make() -> Phpstan | None:
        return configuration(path or "", lambda each: document(project, each), Places(folder.rstrip("/")))

    found = project.cached(("configuration", folder, path), make) if path else None
    return Analysis(folder, _composer(project, folder), found, starts)


def _composer(project: Project, folder: str) -> Composer | None:
    return next((each for each in project.composers if each.folder == folder), None)


def locked(project: Project, folder: str) -> frozenset[str] | None:
    """The packages that composer.lock installs, by lower-case name; None where it is not there or not readable."""

    def make() -> frozenset[str] | None:
        try:
            lock = json.loads(project.files.read(f"{folder}composer.lock"))
            rows = [*lock["packages"], *lock["packages-dev"]]
            return frozenset(str(row["name"]).lower() for row in rows)
        except (FileNotFoundError, UnreadableError, ValueError, RecursionError, LookupError, TypeError):
            return None

    return project.cached(("locked", folder), make)


def document(project: Project, path: str) -> Document | None:
    """A file of a configuration; None where it is not there, or lies outside the project."""
    if path.startswith(("../", "/")) or path == "..":
        return None
    if project.kinds.get(path) == "phpstan" or path.endswith((".neon", ".neon.dist")):
        return project.document(path)

    def make() -> Document | None:
        source = project.source(path)
        return read_document(source) if source is not None else None

    return project.cached(("phpstan", path), make)


def _applications(project: Project) -> tuple[str, ...]:
    """The folder of every composer.json, and the root where it has a configuration; test data left out."""
    folders = [each.folder for each in project.composers if not _TEST_DATA.intersection(each.folder.split("/"))]
    if "" not in folders and any(project.exists(name) for name in PHPSTAN_NAMES):
        folders.append("")
    return tuple(sorted(folders))


def starts(project: Project) -> tuple[Start, ...]:
    """What continuous integration starts; where it starts nothing, what people do."""

    def make() -> tuple[Start, ...]:
        applications = _applications(project)
        found = tuple(_starts_of(project, ("workflow", "action"), applications))
        return found or tuple(_starts_of(project, ("composer", "make", "script"), applications))

    return project.cached("phpstan starts", make)


def _starts_of(project: Project, kinds: tuple[str, ...], applications: tuple[str, ...]) -> Iterator[Start]:
    in_ci = "workflow" in kinds
    for path, kind in project.kinds.items():
        if kind not in kinds:
            continue
        for command in project.commands_of(path):
            for each in reach(project, command):
                act = project.act(each.command)
                if act is not None and act.name == "analyse":
                    words = (*each.command.words, *_passed_on(each.stack[-1].words if each.stack else ()))
                    folder = _folder(project, each.command.site.path, each.command.site.owner, applications)
                    yield from _start(project, words, each.command.span, folder, in_ci)


def _passed_on(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """What `composer phpstan -- --level=3` hands on to the script."""
    at = next((number for number, word in enumerate(words) if word.value == "--"), len(words))
    return words[at + 1 :] if words and words[0].value.rsplit("/", 1)[-1].startswith("composer") else ()


def _folder(project: Project, path: str, owner: object, applications: tuple[str, ...]) -> str:
    """The application for which a command runs: by where it is written, or by its step's working directory."""
    if project.kinds.get(path) == "composer":
        folder = posixpath.dirname(path)
    elif isinstance(owner, StepOf) and isinstance(owner.step.working_directory, Scalar):
        folder = posixpath.normpath(str(owner.step.working_directory))
    else:
        folder = ""
    folder = "" if folder in ("", ".") else folder.removeprefix("/") + "/"
    if folder not in applications and len(applications) == 1:
        return applications[0]
    return folder


def _start(project: Project, words: tuple[Word, ...], span: Span, folder: str, in_ci: bool) -> Iterator[Start]:
    """A command line as a Start; one that writes a baseline judges nothing and is none."""
    found = line(words)
    if found.option("--generate-baseline") is not None:
        return
    level, named = found.option("--level"), found.option("--configuration")
    known = level is not None and level.is_literal and level.value is not None
    path = None
    if named is not None and named.value is not None and named.is_literal:
        beside = posixpath.normpath(posixpath.join(folder, named.value.value))
        word = Word(named.value, named.value, (Part("literal", named.value),))
        path = beside if project.exists(beside) else project.find(word)
    operands = found.operands[1:] if found.operands and found.operands[0].value in _ANALYSE else ()
    yield Start(
        span,
        " ".join(word.value for word in words),
        folder,
        configuration=(named.value.span if named.value else named.span) if named else None,
        path=path,
        level=Level(_number(level.value.value), level.value.span) if known and level and level.value else None,
        level_unknown=level.span if level is not None and not known else None,
        paths=tuple(_operand(each, folder) for each in operands),
        in_ci=in_ci,
    )


def _operand(word: Word, folder: str) -> Path:
    value = posixpath.normpath(posixpath.join(folder, word.value)) if word.is_literal else None
    return Path(value, word.value, word.span, "operand")


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) < 3 else text
