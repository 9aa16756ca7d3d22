"""What in a repository is not the team's own, and what is linted only if the policy names it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opslint.files import Files, UnreadableError
from opslint.model.kinds import supervisor_section
from opslint.source import Source
from opslint.syntax import ini

_TEST_DATA = frozenset({"fixtures", "__fixtures__", "testdata", "test-data"})
_SOMEBODY_ELSES = frozenset({"third_party", "third-party", "thirdparty", "bower_components", "laradock"})
_SUBMODULE = re.compile(r"^[ \t]*path[ \t]*=[ \t]*(.+?)[ \t]*\r?$", re.MULTILINE)
# Names that a Supervisor file may hide behind: `worker.conf.example`, `supervisord.conf.dist`, `conf.d/queue`.
_COULD_BE_SUPERVISOR = re.compile(r"supervisor|worker|horizon|queue|\.(?:conf|ini)\.", re.IGNORECASE)
_IS_NOT = re.compile(
    r"\.(?:php|js|ts|vue|md|txt|rst|html?|ya?ml|json|neon|lock|py|sh|png|jpe?g|svg)$|(?:^|/)(?:Docker|Make)file[^/]*$"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A path for the policy, and why it stands there."""

    path: str
    why: str


def foreign(files: Files, kinds: Mapping[str, str]) -> tuple[Named, ...]:
    """Folders with linted files in them that hold test data, or are somebody else's; none that holds all of them."""
    submodules = _submodules(files)
    found: dict[str, Named] = {}
    for path in kinds:
        folders = path.split("/")[:-1]
        for depth, name in enumerate(folders, 1):
            folder = "/".join(folders[:depth])
            why = "somebody else's" if name in _SOMEBODY_ELSES else "test data" if name in _TEST_DATA else ""
            if why or folder in submodules:
                found[folder] = Named(folder, "a submodule" if folder in submodules else why)
                break
    return () if len(_outside(kinds, found)) == 0 else tuple(found.values())


def _outside(kinds: Mapping[str, str], folders: Mapping[str, Named]) -> list[str]:
    return [path for path in kinds if not any(path.startswith(folder + "/") for folder in folders)]


def _submodules(files: Files) -> frozenset[str]:
    try:
        listed = files.read(".gitmodules").decode("utf-8", "replace")
    except (FileNotFoundError, UnreadableError):
        return frozenset()
    return frozenset(path.rstrip("/") for path in _SUBMODULE.findall(listed))


def supervisors(files: Files, kinds: Mapping[str, str]) -> Iterator[Named]:
    """Files that Supervisor could read as they stand, and whose names do not say so."""
    for path in files.paths():
        if path in kinds or not _COULD_BE_SUPERVISOR.search(path) or _IS_NOT.search(path):
            continue
        try:
            source = Source(path, files.read(path).decode("utf-8"))
        except (FileNotFoundError, UnreadableError, UnicodeDecodeError):
            continue
        section = supervisor_section(source.content)
        if section and not ini.read(source).problems:
            yield Named(path, section)
