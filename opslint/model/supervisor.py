"""What Supervisor understands: programs with their options, given or by default."""

from __future__ import annotations

import re
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from functools import cached_property

from opslint.source import Span, Text
from opslint.syntax.tree import Document, Entry, Mapping, Scalar

_SECTION = re.compile(r"(program|eventlistener|fcgi-program):\s*(.*)")
_DEFAULTS: Dict[str, bool | int | str] = {
    "autostart": True,
    "autorestart": "unexpected",
    "numprocs": 1,
    "startsecs": 1,
    "startretries": 3,
    "stopsignal": "TERM",
    "stopwaitsecs": 10,
    "stopasgroup": False,
    "killasgroup": False,
    "redirect_stderr": False,
    "stdout_logfile": "AUTO",
    "stderr_logfile": "AUTO",
    "stdout_logfile_maxbytes": "50MB",
    "stderr_logfile_maxbytes": "50MB",
    "process_name": "%(program_name)s",
    "user": "",
}
_BOOLEANS = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True)
class Option:
    """An option as Supervisor takes it; `node` is None where it is the default."""

    value: bool | int | str
    node: Scalar | None = None
    is_known: bool = True  # False where it depends on the environment of supervisord

    @property
    def span(self) -> Span:
        assert self.node is not None, "a default stands nowhere"
        return self.node.span


@dataclass(frozen=True)
class Program:
    name: str
    kind: str  # program | eventlistener | fcgi-program
    section: Entry
    configuration: Configuration

    @property
    def path(self) -> str:
        return self.section.key.span.path

    @property
    def subject(self) -> str:
        return f"{self.kind}:{self.name}"

    @property
    def command(self) -> Text | None:
        node = self._node("command")
        return node.text if node is not None else None

    def _node(self, name: str) -> Scalar | None:
        node = self.section.value.get(name) if isinstance(self.section.value, Mapping) else None
        return node if isinstance(node, Scalar) else None

    def option(self, name: str) -> Option:
        return _option(name, self._node(name))

    def daemon_option(self, name: str) -> Option | None:
        """The same option of `[supervisord]`, where that section is in the file."""
        return self.configuration.daemon(name)

    def environment_texts(self) -> tuple[tuple[str, Text], ...]:
        """The pairs of `environment=`, values without their quotes."""
        node = self._node("environment")
        if node is None:
            return ()
        pairs = re.finditer(r"([\w.]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^,\"'\s]*))", node.text.value)
        return tuple((m[1], node.text[m.start(m.lastindex or 1) : m.end(m.lastindex or 1)]) for m in pairs)


@dataclass(frozen=True)
class Configuration:
    document: Document

    @cached_property
    def programs(self) -> tuple[Program, ...]:
        found: dict[str, Program] = {}
        root = self.document.root
        for entry in root if isinstance(root, Mapping) else ():
            match = _SECTION.fullmatch(str(entry.key))
            if match:
                found[str(entry.key)] = Program(match[2].strip(), match[1], entry, self)
        return tuple(found.values())

    def daemon(self, name: str) -> Option | None:
        root = self.document.root
        section = root.get("supervisord") if isinstance(root, Mapping) else None
        node = section.get(name) if isinstance(section, Mapping) else None
        return _option(name, node) if isinstance(node, Scalar) else None


def _option(name: str, node: Scalar | None) -> Option:
    if node is None:
        return Option(_DEFAULTS.get(name, ""))
    written = str(node)
    if "%(ENV_" in written:
        return Option(written, node, is_known=False)
    default = _DEFAULTS.get(name)
    if (isinstance(default, bool) or name == "autorestart") and written.lower() in _BOOLEANS:
        return Option(_BOOLEANS[written.lower()], node)
    if isinstance(default, int) and re.fullmatch(r"[+-]?\d+", written):
        return Option(int(written), node)
    return Option(written, node)


def read_supervisor(document: Document) -> Configuration:
    return Configuration(document)
