"""The sections beside programs, and what makes event listeners and FastCGI programs special.

Each function gives what supervisord refuses in the order in which it asks (options.py, read_config): it stops at the
first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from opslint.finding import Problem
from opslint.model.supervisor_expansion import Names
from opslint.model.supervisor_merge import Section
from opslint.model.supervisor_option import Option, option
from opslint.model.supervisor_table import Kind, Known, kinds
from opslint.model.supervisor_value import socket
from opslint.source import Span

_DAEMON = (
    "minfds minprocs directory user umask logfile logfile_maxbytes logfile_backups loglevel pidfile identifier "
    "nodaemon silent childlogdir nocleanup strip_ansi"
).split()
_FACTORY = "supervisor.rpcinterface_factory"
_OWN_FACTORY = "supervisor.rpcinterface:make_main_rpcinterface"


def daemon(section: Section, names: Names, host: str | None) -> Mapping[str, Option]:
    """The options of [supervisord]; its `environment` is expanded twice, the second time with the host's name."""
    known = kinds()["supervisord"].options
    options = {name: option(section, known[name], names) for name in _DAEMON}
    options["environment"] = option(section, known["environment"], names, names.plus(host_node_name=host))
    return options


def problems_of(options: Mapping[str, Option]) -> Iterator[Problem]:
    yield from (each.problem for each in options.values() if each.problem is not None)


def interface(section: Section, variables: Names) -> Iterator[Problem]:
    """An `[rpcinterface:x]`: all its options are expanded, known or not."""
    factory = option(section, kinds()["rpcinterface"].options[_FACTORY], variables)
    if factory.problem is not None:
        yield factory.problem
    if factory.node is None:
        yield Problem(section.key.span, f"section [{section.name}] does not specify a {_FACTORY}")
    for name in section.settings:
        extra = option(section, Known(name, "text", None, ""), variables)
        if extra.problem is not None and name != _FACTORY:
            yield extra.problem


def adds_events(section: Section) -> bool:
    """Whether an interface of somebody else's may register event types of its own."""
    setting = section.settings.get(_FACTORY)
    return setting is None or setting.text != _OWN_FACTORY


def inet_server(section: Section, variables: Names) -> Iterator[Problem]:
    known = kinds()["inet_http_server"].options
    yield from _account(section, known, variables)
    port = option(section, known["port"], variables)
    if port.node is None:
        yield Problem(section.key.span, f"section [{section.name}] has no port value")
    elif port.problem is not None:
        yield port.problem


def unix_server(section: Section, names: Names, variables: Names) -> Iterator[Problem]:
    known = kinds()["unix_http_server"].options
    file = option(section, known["file"], names)
    if file.node is None:
        yield Problem(section.key.span, f"section [{section.name}] has no file value")
    elif file.problem is not None:
        yield file.problem
    yield from _account(section, known, variables)
    yield from problems_of({"chown": option(section, known["chown"], variables)})
    yield from _mode(option(section, known["chmod"], variables))


def _account(section: Section, known: Mapping[str, Known], variables: Names) -> Iterator[Problem]:
    options = {name: option(section, known[name], variables) for name in ("username", "password")}
    yield from problems_of(options)
    given = [each for each in options.values() if each.node is not None]
    if len(given) == 1:
        message = (
            f"Section [{section.name}] contains incomplete authentication: If a username or a password is specified, "
            "both the username and password must be specified"
        )
        yield Problem(given[0].span, message)


def _mode(mode: Option) -> Iterator[Problem]:
    """Supervisor has words of its own for a mode that is no octal number."""
    if mode.problem is not None:
        octal = re.fullmatch(r"(.*) can not be converted to an octal type", mode.problem.message, re.DOTALL)
        yield Problem(mode.span, f"Invalid {mode.name} value {octal[1]}") if octal else mode.problem


def listener(section: Section, kind: Kind, names: Names, *, own_events: bool) -> Iterator[Problem]:
    """What an event listener needs beside a program; `own_events`: whether there may be more event types."""
    options = {
        name: option(section, kind.options[name], names)
        for name in ("priority", "buffer_size", "result_handler", "events", "redirect_stderr")
    }
    yield from problems_of({name: options[name] for name in ("priority", "buffer_size")})
    size = options["buffer_size"]
    if isinstance(size.value, int) and size.value < 1:
        yield Problem(size.span, f"[{section.name}] section sets invalid buffer_size ({size.value})")
    yield from problems_of({"result_handler": options["result_handler"], "events": options["events"]})
    yield from _events(section, options["events"], own_events)
    redirect = options["redirect_stderr"]
    if redirect.problem is not None:
        yield redirect.problem
    elif redirect.is_known and redirect.value is True:
        message = (
            f"[{section.name}] section sets redirect_stderr=true but this is not allowed because it will interfere "
            "with the eventlistener protocol"
        )
        yield Problem(redirect.span, message)


def _events(section: Section, events: Option, own_events: bool) -> Iterator[Problem]:
    if events.problem is not None or not events.is_known:
        return
    if not events.value:
        yield Problem(events.span, f'[{section.name}] section requires an "events" line')
    known = frozenset(event_types())
    spans = {name.upper(): span for name, span in item_spans(events).items()}
    for name in events.value or ():
        if name not in known and not own_events:
            span = spans.get(name, events.span)
            yield Problem(span, f"Unknown event type {name} in [{section.name}] events")


def event_types() -> tuple[str, ...]:
    """The events that Supervisor itself knows."""
    from opslint.model.supervisor_table import schema

    return tuple(schema()["$defs"]["eventlistener"]["properties"]["events"]["items"]["enum"])


def item_spans(option: Option) -> dict[str, Span]:
    """Where each item of a comma-separated option stands as it is written."""
    found: dict[str, Span] = {}
    text = option.node.text if option.node is not None else None
    at = 0
    for piece in text.value.split(",") if text is not None else ():
        if piece.strip() and text is not None:
            found.setdefault(piece.strip(), text[at : at + len(piece)].strip().span)
        at += len(piece) + 1
    return found


def fastcgi(section: Section, kind: Kind, names: Names) -> Iterator[Problem]:
    """What a FastCGI program needs beside a program."""
    own = names.plus(program_name=section.name.partition(":")[2].strip())
    yield from problems_of({name: option(section, kind.options[name], names) for name in ("priority", "user")})
    backlog = option(section, kind.options["socket_backlog"], names)
    if backlog.problem is not None:
        yield backlog.problem
    elif isinstance(backlog.value, int) and not 1 <= backlog.value <= 65535:
        yield Problem(backlog.span, f"Invalid socket_backlog value {backlog.value}")
    owner, mode = (option(section, kind.options[name], names) for name in ("socket_owner", "socket_mode"))
    yield from problems_of({"socket_owner": owner})
    yield from _mode(mode)
    yield from _socket(section, option(section, kind.options["socket"], own), owner, mode)


def _socket(section: Section, given: Option, owner: Option, mode: Option) -> Iterator[Problem]:
    if given.problem is not None or not given.is_known:
        yield from problems_of({"socket": given})
    elif not given.value:
        yield Problem(given.span, f'[{section.name}] section requires a "socket" line')
    elif not given.value.startswith("unix://") and (owner.node is not None or mode.node is not None):
        message = "socket_owner and socket_mode params should only be used with a Unix domain socket"
        place = owner if owner.node is not None else mode
        yield Problem(place.span, f"{message} in [{section.name}] socket")
    else:
        try:
            socket(given.value)
        except ValueError as error:
            yield Problem(given.span, f"{error} in [{section.name}] socket")
