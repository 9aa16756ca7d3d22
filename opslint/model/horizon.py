"""Laravel's `config/queue.php` and `config/horizon.php` as data, never run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opslint.source import Span
from opslint.syntax.php_array import settled, unwritten
from opslint.syntax.tree import Mapping as Tree
from opslint.syntax.tree import Node, Scalar, at

if TYPE_CHECKING:
    from opslint.model.project import Project

_NOT_PRODUCTION = ("local", "testing", "development", "dev")


@dataclass(frozen=True, slots=True)
class Supervisor:
    """One supervisor of Horizon's, in one environment: its defaults, and what that environment lays over them."""

    name: str
    environment: str  # `production`; empty for the defaults themselves
    span: Span  # of its name
    connection: str
    timeout: int | None  # seconds; None where it is not written or not plain to see
    place: Span | None  # of the timeout
    memory: Node | None  # of each worker, in megabytes
    processes: int | None  # the most there are


def supervisors(project: Project, path: str) -> tuple[Supervisor, ...]:
    """The supervisors of the `config/horizon.php` that belongs to a file, those of developers' machines left out."""
    return project.cached(("horizon", path), lambda: tuple(_supervisors(config(project, path, "config/horizon.php"))))


def _supervisors(horizon: Node | None) -> Iterator[Supervisor]:
    defaults, environments = reached(horizon, "defaults"), reached(horizon, "environments")
    entries = environments.entries if isinstance(environments, Tree) else ()
    laid_over = [(str(entry.key), settled(entry.value)[0]) for entry in entries]
    for environment, group in (("", defaults), *laid_over):
        for entry in group if isinstance(group, Tree) and environment not in _NOT_PRODUCTION else ():
            name = str(entry.key)
            # what an environment does not set it has from the defaults, which are told by themselves
            timeout = reached(entry.value, "timeout")
            shared = settled(at(defaults, name))[0]
            connection = text(reached(entry.value, "connection") or reached(shared, "connection"))
            processes = next(
                (found for key in ("maxProcesses", "processes") if (found := reached(entry.value, key))), None
            )
            yield Supervisor(
                name,
                environment,
                entry.key.span,
                connection or "",
                number(timeout),
                timeout.span if timeout is not None else None,
                reached(entry.value, "memory"),
                number(processes),
            )


def config(project: Project, path: str, name: str) -> Node | None:
    """A configuration file of the application that a file belongs to, else of the only one there is."""
    composer = project.composer_of(path)
    folder = composer.folder if composer is not None else ""
    there = project.all_paths("php")
    found = [each for each in there if each == folder + name] or [each for each in there if each.endswith("/" + name)]
    source = project.source(found[0]) if len(found) == 1 else None
    if source is None:
        return None
    from opslint.syntax.php import read_array

    document = project.cached(("php", found[0]), lambda: read_array(source))
    return document.root if document is not None else None


def reached(node: Node | None, *keys: str, variables: Mapping[str, str] | None = None) -> Node | None:
    """The value behind keys. Of `env('X', 90)` it is 90, unless `variables` has X."""
    for key in keys:
        node = at(_settled(node, variables or {}), key)
    return _settled(node, variables or {})


def _settled(node: Node | None, variables: Mapping[str, str]) -> Node | None:
    default, variable = settled(node)
    if node is None or variable is None or variable not in variables:
        return default
    value = variables[variable]
    is_number = value.isascii() and value.isdigit() and len(value) < 10
    return unwritten(int(value) if is_number else value, node.span.source, node.span.start)


def number(node: Node | None) -> int | None:
    """A whole number; `true` is none."""
    if isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.value
    return None


def text(node: Node | None) -> str | None:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None
