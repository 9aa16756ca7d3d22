"""A Supervisor file and those that it includes, merged as supervisord merges them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import translate
from functools import lru_cache

from opslint.finding import Problem
from opslint.model.supervisor_expansion import Names, expand
from opslint.syntax.tree import Document, Entry, Scalar
from opslint.syntax.tree import Mapping as Tree

HERE = "%(here)s"
_DEFAULTS = "DEFAULT"
_INCLUDES = 1_000  # files that one file may include

Matching = Callable[[str], Iterable[Document]]  # the files of the repository that match a glob, sorted by path


@dataclass(frozen=True, slots=True)
class Machine:
    """What is known of the machine that supervisord runs on; nothing, unless somebody says so."""

    root: str | None = None  # where the repository lies
    name: str | None = None  # `%(host_node_name)s`
    environment: Mapping[str, str] | None = None  # of supervisord

    def folder(self, document: Document) -> str | None:
        """The folder of a file on that machine: `%(here)s`."""
        if self.root is None:
            return None
        return posixpath.normpath(posixpath.join(self.root, posixpath.dirname(document.source.path)))


@dataclass(frozen=True, slots=True)
class Setting:
    """An option as it is written, and the folder that its `%(here)s` was bound to while files were merged."""

    entry: Entry
    is_bound: bool = False
    here: str | None = None  # None where the folder is not known

    @property
    def node(self) -> Scalar:
        assert isinstance(self.entry.value, Scalar), "the INI reader makes scalars"
        return self.entry.value

    @property
    def text(self) -> str:
        """The value, with the folder in it where that is known."""
        return self.node.text.value.replace(HERE, self.here) if self.here is not None else self.node.text.value


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the merged files: its last setting of each option counts."""

    name: str
    headers: tuple[Entry, ...]  # every one of that name, the first first
    settings: Mapping[str, Setting] = field(default_factory=dict)  # those of [DEFAULT] included

    @property
    def key(self) -> Scalar:
        return self.headers[0].key


@dataclass(frozen=True, slots=True)
class Merged:
    """Every section by name, in the order first met."""

    documents: tuple[Document, ...]  # the main file first
    sections: Mapping[str, Section]
    problems: tuple[Problem, ...]  # of reading and including
    is_fragment: bool  # a file for some other one to include, so judged without [supervisord]
    unseen: tuple[str, ...]  # patterns of `[include]` that match nothing in the repository


@dataclass(frozen=True, slots=True)
class _State:
    """What is read so far: the own settings of each section, and [DEFAULT]'s."""

    headers: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    defaults: Mapping[str, Setting] = field(default_factory=dict)


def merge(document: Document, matching: Matching, machine: Machine) -> Merged:
    """The main file, then what its `[include]` matches; a fragment as if a main file had included it."""
    state = _read(_State(), document)
    here = machine.folder(document)
    is_fragment = "supervisord" not in state.own and "include" not in state.own
    documents, problems = [document], list(document.problems)
    unseen: list[str] = []
    if is_fragment:
        state = _bind(state, here)
    elif "include" in state.own:
        state = _bind(state, here)
        included, problem, unseen = _included(state, document, matching, machine)
        problems += [problem] if problem else []
        for each in included:
            state = _bind(_read(state, each), machine.folder(each))
            documents.append(each)
            problems += each.problems
    sections = {
        name: Section(name, state.headers[name], {**state.defaults, **own}) for name, own in state.own.items()
    }
    if is_fragment and state.defaults:  # they go to the [supervisord] of whatever file includes it
        sections["supervisord"] = Section("supervisord", state.headers[_DEFAULTS], state.defaults)
    return Merged(tuple(documents), sections, tuple(problems), is_fragment, tuple(unseen))


def _read(state: _State, document: Document) -> _State:
    """A file's sections behind those that were read before: merged by name, the last of an option counts."""
    headers = {name: list(entries) for name, entries in state.headers.items()}
    own = {name: dict(settings) for name, settings in state.own.items()}
    defaults = dict(state.defaults)
    for section in document.root if isinstance(document.root, Tree) else ():
        settings = {str(entry.key): Setting(entry) for entry in _entries(section)}
        name = str(section.key)
        headers.setdefault(name, []).append(section)
        if name == _DEFAULTS:
            defaults.update(settings)
        else:
            own.setdefault(name, {}).update(settings)
    return _State({name: tuple(entries) for name, entries in headers.items()}, own, defaults)


def _entries(section: Entry) -> Iterator[Entry]:
    if isinstance(section.value, Tree):
        yield from section.value


def _bind(state: _State, here: str | None) -> _State:
    """Put the folder where `%(here)s` still stands; an option of [DEFAULT] becomes each section's own by that."""
    own = {
        name: {**settings, **dict(_bound({**state.defaults, **settings}, here))}
        for name, settings in state.own.items()
    }
    return replace(state, own=own)


def _bound(settings: Mapping[str, Setting], here: str | None) -> Iterator[tuple[str, Setting]]:
    for name, setting in settings.items():
        if not setting.is_bound and HERE in setting.node.text.value:
            yield name, replace(setting, is_bound=True, here=here)


def _included(
    state: _State, document: Document, matching: Matching, machine: Machine
) -> tuple[list[Document], Problem | None, list[str]]:
    """The files that `[include]` names, what Supervisor refuses of it, and the patterns without a match."""
    setting = {**state.defaults, **state.own["include"]}.get("files")
    header = state.headers["include"][0].key.span
    if setting is None:
        return [], Problem(header, ".ini file has [include] section, but no files setting"), []
    folder = posixpath.dirname(document.source.path)
    names = names_of(machine, document).plus(host_node_name=machine.name)
    try:
        expand(setting.text, names, "include.files")
    except ValueError as error:
        return [], Problem(setting.node.span, str(error)), []
    found: list[Document] = []
    unseen = []
    for pattern in setting.node.text.value.replace(HERE, ".").split():
        path = _path(pattern, names, folder, machine.root)
        matches = list(matching(path)) if path is not None else []
        unseen += [] if matches else [pattern]
        found += matches
    return found[:_INCLUDES], None, unseen


def _path(pattern: str, names: Names, folder: str, root: str | None) -> str | None:
    """A pattern relative to the root of the repository; None for one that leads out of it."""
    try:
        expanded = expand(pattern, names, "include.files")
    except ValueError:
        return None
    if not expanded.is_known:
        return None
    if root is not None and expanded.text.startswith(root.rstrip("/") + "/"):
        path = expanded.text[len(root.rstrip("/")) + 1 :]
    else:
        path = posixpath.normpath(posixpath.join(folder, expanded.text))
    return None if path.startswith(("/", "../")) else path


def names_of(machine: Machine, document: Document) -> Names:
    """What every value may use: `%(here)s` and the environment."""
    names = Names(any_environment=machine.environment is None).plus(here=machine.folder(document))
    return names.with_environment(machine.environment or {})


def documents_matching(paths: Iterable[str], read: Callable[[str], Document | None]) -> Matching:
    """A `Matching` over the paths of a repository, by the rules of Python's `glob.glob`: no `**`, no hidden files."""
    by_depth: dict[int, list[str]] = {}
    for path in sorted(paths):
        by_depth.setdefault(path.count("/"), []).append(path)

    def matching(pattern: str) -> Iterator[Document]:
        parts = pattern.split("/")
        for path in by_depth.get(len(parts) - 1, ()):
            if all(_matches(part, name) for part, name in zip(parts, path.split("/"), strict=True)):
                document = read(path)
                if document is not None:
                    yield document

    return matching


def _matches(part: str, name: str) -> bool:
    if not re.search(r"[*?\[]", part):
        return part == name
    return (part.startswith(".") or not name.startswith(".")) and _glob(part).match(name) is not None


@lru_cache(maxsize=1_000)
def _glob(part: str) -> re.Pattern[str]:
    return re.compile(translate(part))
