"""How long a job may run, and after what time its queue gives it to another worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opslint.model.act import Pattern, option_of
from opslint.model.command import Command
from opslint.model.option import line
from opslint.source import Span
from opslint.syntax.php_array import settled
from opslint.syntax.tree import Mapping, Node, Scalar, at

if TYPE_CHECKING:
    from opslint.model.project import Project

DEFAULT_TIMEOUT = 60  # seconds; Illuminate\Queue\Console\WorkCommand `--timeout=60`
_WORK = (Pattern.parse("php artisan queue:work"), Pattern.parse("php artisan queue:listen"))


@dataclass(frozen=True, slots=True)
class Timeout:
    """What one worker may take for a job, against the `retry_after` of its connection; both in seconds."""

    span: Span  # of the timeout, else of `retry_after`
    subject: str
    connection: str
    timeout: int
    retry_after: int
    retry_span: Span


def timeouts(project: Project) -> Iterator[Timeout]:
    """Every worker whose connection's `retry_after` is plain to see; sqs and sync have none."""
    for path in project.all_paths("supervisor"):
        for command in project.commands_of(path):
            if any(pattern.matches(command.words) for pattern in _WORK):
                yield from _of_worker(project, command)
    yield from _of_horizon(project)


def _of_worker(project: Project, command: Command) -> Iterator[Timeout]:
    config = _config(project, command.site.path, "config/queue.php")
    given = option_of(command.words, "--timeout")
    if given is not None and (given.value is None or not given.value.value.isdigit()):
        return
    seconds = int(given.value.value) if given is not None and given.value is not None else DEFAULT_TIMEOUT
    operands = [word for word in line(command.words).operands if word.value.isidentifier() or "-" in word.value]
    named = operands[-1].value if operands and operands[-1].value != "artisan" else None
    connection = named or _text(_at(config, "default"))
    retry = _at(config, "connections", connection or "", "retry_after")
    number = _number(retry)
    if connection is not None and retry is not None and number is not None:
        span = given.value.span if given is not None and given.value is not None else command.span
        yield Timeout(span, command.site.subject, connection, seconds, number, retry.span)


def _of_horizon(project: Project) -> Iterator[Timeout]:
    """The supervisors of `config/horizon.php`: their defaults, and what each environment lays over them."""
    horizon = _config(project, "", "config/horizon.php")
    queue = _config(project, "", "config/queue.php")
    defaults = _at(horizon, "defaults")
    environments = _at(horizon, "environments")
    groups = [defaults, *(entry.value for entry in environments)] if isinstance(environments, Mapping) else [defaults]
    for group in groups:
        for entry in group if isinstance(group, Mapping) else ():
            timeout = _at(entry.value, "timeout")
            connection = _text(_at(entry.value, "connection") or _at(defaults, str(entry.key), "connection"))
            retry = _at(queue, "connections", connection or "", "retry_after")
            seconds, number = _number(timeout), _number(retry)
            if timeout is not None and retry is not None and seconds is not None and number is not None:
                yield Timeout(timeout.span, f"horizon:{entry.key}", connection or "", seconds, number, retry.span)


def _config(project: Project, path: str, name: str) -> Node | None:
    """A configuration file of the application that a file belongs to, else of the only one there is."""
    composer = project.composer_of(path)
    folder = composer.folder if composer is not None else ""
    found = [each for each in project.all_paths("php") if each == folder + name]
    found = found or [each for each in project.all_paths("php") if each.endswith("/" + name)]
    source = project.source(found[0]) if len(found) == 1 else None
    if source is None:
        return None
    from opslint.syntax.php import read_array

    document = project.cached(("php", found[0]), lambda: read_array(source))
    return document.root if document is not None else None


def _at(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = at(settled(node)[0], key)
    return settled(node)[0]


def _number(node: Node | None) -> int | None:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, int) else None


def _text(node: Node | None) -> str | None:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None
