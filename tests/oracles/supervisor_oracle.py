"""What the real Supervisor makes of configuration files: its programs, or its reason to refuse them.

Its own `ServerOptions` reads the files from a folder. Look-ups of users, folders and Python functions are replaced, as
a linter cannot make them; the environment and the host's name are fixed. A fragment gets a main file that includes it.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

HOST = "a-host"
ENVIRONMENT = {"HOME": "/root", "QUEUE": "emails", "COUNT": "2", "EMPTY": "", "ODD": "a b,c=d"}


@dataclass(frozen=True)
class Answer:
    """What Supervisor said of one main file."""

    reason: str | None  # None where it accepts it
    groups: tuple[tuple[str, int, tuple[Mapping[str, Any], ...]], ...] = ()  # name, priority, processes
    daemon: Mapping[str, Any] = field(default_factory=dict)
    asked: frozenset[tuple[str, str]] = frozenset()  # section and option
    written: frozenset[tuple[str, str]] = frozenset()


def ask(folder: Path, files: Mapping[str, str], main: str) -> Answer:
    """Write the files below a folder and let Supervisor read the main one."""
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode("utf-8"))
    from supervisor import options as real

    asked: set[tuple[str, str]] = set()
    server = _server(real)
    path = folder / main
    server.here = str(path.parent)
    try:
        with _replaced(real, asked) as parsers:
            section = server.read_config(str(path))
    except ValueError as error:
        return Answer(str(error), asked=frozenset(asked))
    groups = [(group.name, group.priority, tuple(_processes(group))) for group in section.process_group_configs]
    daemon = {name: getattr(section, name) for name in vars(section) if not name.startswith(("process", "server", "rpc"))}
    own = {(name, option) for parser in parsers for name, each in parser._sections.items() for option in each}
    return Answer(None, tuple(groups), daemon, frozenset(asked), frozenset(own))


def _server(real: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = real.ServerOptions()
    server.environ_expansions = {f"ENV_{name}": value for name, value in ENVIRONMENT.items()}
    server.import_spec = lambda spec: spec
    return server


@contextmanager
def _replaced(real: Any, asked: set[tuple[str, str]]) -> Iterator[list[Any]]:
    """Supervisor without the machine, its parser writing down what it is asked for."""
    from supervisor import datatypes

    parsers = []
    get = real.UnhosedConfigParser.get

    def recorded(self: Any, section: str, option: str, **rest: Any) -> Any:
        asked.add((section, option))
        if self not in parsers:
            parsers.append(self)
        return get(self, section, option, **rest)

    same: Callable[[Any], Any] = lambda value: value  # noqa: E731
    with ExitStack() as stack:
        for name in ("name_to_uid", "gid_for_uid", "existing_directory", "existing_dirpath", "normalize_path"):
            stack.enter_context(mock.patch.object(real, name, same))
        stack.enter_context(mock.patch.object(real, "colon_separated_user_group", same))
        stack.enter_context(mock.patch.object(datatypes, "existing_dirpath", same))
        stack.enter_context(mock.patch.object(real.platform, "node", return_value=HOST))
        stack.enter_context(mock.patch.object(real.UnhosedConfigParser, "get", recorded))
        yield parsers


def _processes(group: Any) -> Iterator[Mapping[str, Any]]:
    from supervisor import datatypes

    words = {
        datatypes.RestartUnconditionally: True,
        datatypes.RestartWhenExitUnexpected: "unexpected",
        datatypes.Automatic: "AUTO",
    }
    for process in group.process_configs:
        names = [*process.req_param_names, *process.optional_param_names]
        found = {name: getattr(process, name) for name in names}
        found["stopsignal"] = int(found["stopsignal"])
        yield {name: words.get(value, value) if isinstance(value, type) else value for name, value in found.items()}


def wrapped(files: Mapping[str, str], fragment: str) -> tuple[dict[str, str], str]:
    """The files and a main file that includes a fragment; its name."""
    return {**files, "wrapping/main.conf": f"[supervisord]\n[include]\nfiles = ../{fragment}\n"}, "wrapping/main.conf"


def lines_of(reason: str) -> tuple[int, ...]:
    """The lines that a parser's complaint names."""
    return tuple(int(number) for number in re.findall(r"^(?:file: .*, line: |\t\[line +)(\d+)", reason, re.MULTILINE))


def plain(reason: str) -> str:
    """A reason without what the place of a finding says, and without Supervisor's own slips.

    It names the wrong section where a group's second member is unknown (a shadowed variable), prints a tuple where an
    exception was given two arguments, and appends the section and its file.
    """
    if reason.startswith(("File contains no section headers", "file contains no section headers")):
        return "no section headers"
    if reason.startswith(("Source contains parsing errors", "source contains parsing errors")):
        return "parsing errors"
    reason = re.sub(r"\{'.*\Z", "", reason, flags=re.DOTALL)  # what a bare `%s` puts there
    reason = re.sub(r" Available names: .*\Z", "", reason, flags=re.DOTALL)
    reason = re.sub(r" in section .* \(file: .*\)\Z", "", reason, flags=re.DOTALL)
    reason = re.sub(r"\A\[.*?\] (?=names unknown|name )", "", reason, flags=re.DOTALL)
    pair = re.match(r"(\((?:'.*'|\".*\"), (?:'.*'|\".*\")\))(?= in \[)", reason, re.DOTALL)
    if pair:
        message, value = ast.literal_eval(pair[1])
        reason = message % value + reason[pair.end() :]
    return reason


# -- files to ask about -------------------------------------------------------------------------------------------

_SECTIONS = (
    *("program:web", "program:worker", "program:worker", "program:queue", "program: spaced ", "fcgi-program:php"),
    *("fcgi-program:worker", "eventlistener:mail", "eventlistener: mail", "group:all", "group:one", "supervisorctl"),
    *("supervisord", "unix_http_server", "inet_http_server", "inet_http_server:two", "rpcinterface:supervisor"),
    *(" program:w ", "Program:w", "programs:w", "program :w", "program:a b", "program:", "program:a/b", "DEFAULT"),
    *("group:a:b", "eventlistener:a b", "nginx", "include"),
)
_VALUES = {
    "integer": ["1", "2", "10", "0", "-1", "1_000", "60s", "0.5", "", "%(process_num)d", "%(ENV_COUNT)s", "9" * 5000],
    "boolean": ["true", "false", "Yes", "off", "1", "y", '"true"', "", "%(ENV_QUEUE)s"],
    "restart": ["true", "false", "unexpected", "UNEXPECTED", "always", ""],
    "bytes": ["50MB", "0", "1kb", "2 GB", "10M", "1.5MB", "", "-1", "MB"],
    "octal": ["022", "0777", "700", "8", "0o22", "rw"],
    "signal": ["TERM", "SIGQUIT", "int", "9", "99", "TREM", "SIGFOO", "0", "", " usr1"],
    "exitcodes": ["0", "0,2", "0, 2", "0 2", "256", "-1", "", "0,"],
    "list": ["worker", "web,worker", "worker, web", "web worker", "web,", "php", "missing", "", "queue,missing,web"],
    "events": ["TICK_60", "process_state,TICK_5", "EVENT", "TICK_6", "", "TICK_60,", "PROCESS_STATE, NOPE"],
    "logfile": ["/var/log/%(program_name)s.log", "AUTO", "none", "/dev/stdout", "syslog", "/l/100%%.log", "%(here)s/x"],
    "loglevel": ["info", "DEBUG", "warning", "trace"],
    "serverurl": ["AUTO", "auto", "unix:///x.sock", ""],
    "address": ["9001", "*:9001", "127.0.0.1:9001", "0", "70000", "host:", "x", "[::1]:80"],
    "environment": [
        *('A="1",B="2"', "A=1", "A=$HOME", "A=a@b", "A=b=c", "A=,B=2", 'A="x" B="y"', "", 'A="unclosed', "A='q',"),
        *('A="%(ENV_QUEUE)s",B="%(here)s"', 'A="%(program_name)s-%(process_num)d"', "A=%(ENV_ODD)s", 'QUEUE="own",C="x"'),
        'A="100%%"',
    ],
    "command": [
        *("php artisan queue:work", "/bin/x -a %(program_name)s", "php a.php --n=%(process_num)02d/%(numprocs)d"),
        *('sh -c "a ; b"', "date +%s", "date +%d", "date +%Y", "x %(ENV_QUEUE)s", "x %(ENV_MISSING)s", "x %(nope)s"),
        *("x %(ENV_A)s", "100%", "%(here)s/run", "x %(process_num)c", "x %(host_node_name)s %(group_name)s", "x %%(a)s"),
        *("x %(program_name)d", "x %(a", "a\n  b=c", "a\n\n  b", "a \\\n  b", "x %s %s", "x %(process_num)05.1f", "", "x #y"),
    ],
    "text": [
        *("plain", "word", "%(program_name)s_%(process_num)02d", "%(program_name)s", "a b", "unix:///run/a.sock", "unix://rel"),
        *("tcp://localhost:9000", "tcp://localhost:0", "tcp://:x", "/run/s.sock", "%(here)s", "50%", "", "a/b"),
        "%(group_name)s-%(process_num)s",
    ],
}
_NOT_OFTEN = 0.07  # how often a value is any of those above, and not one that Supervisor accepts


def generated(random: Random) -> tuple[dict[str, str], str]:
    """A few files, mostly sound, and the path of the main one; a fragment in a third of the cases."""
    if random.random() < 0.35:
        return {"conf.d/a.conf": _file(random, random.randint(1, 4))}, "conf.d/a.conf"
    main = "[supervisord]\n" + _options(random, "supervisord", 3) + _file(random, random.randint(1, 4))
    if random.random() < 0.5:
        return {"main.conf": main}, "main.conf"
    patterns = ["conf.d/*.conf", "%(here)s/conf.d/[ab].conf", "conf.d/b.conf conf.d/a.conf", "none/*.ini", "../x.conf"]
    patterns += ["%(ENV_MISSING)s/*", "%(ENV_QUEUE)s/*", "conf.d/* *.conf", "50%"] if random.random() < 0.2 else []
    pattern = random.choice(patterns)
    files = {f"etc/conf.d/{name}": _file(random, random.randint(0, 3)) for name in ("a.conf", "b.conf", ".hidden.conf")}
    include = f"[include]\nfiles = {pattern}\n" if random.random() < 0.95 else "[include]\n"
    return {"etc/main.conf": random.choice([main + include, include + main]), **files, "x.conf": ""}, "etc/main.conf"


def _file(random: Random, count: int) -> str:
    text = "".join(_section(random) for _ in range(count))
    if random.random() < 0.03:
        text = random.choice(["\ufeff", "junk\n", "; comment\n", "# x\n\n", "a=b\n"]) + text
    if random.random() < 0.03:
        text += random.choice(["--verbose\n", "= 1\n", "  x\n", "[]\n", "sudo reread\n"])
    return text.replace("\n", "\r\n") if random.random() < 0.1 else text


def _section(random: Random) -> str:
    name = random.choice(_SECTIONS[:17] if random.random() < 0.9 else _SECTIONS)
    kind = name.partition(":")[0].strip()
    return f"[{name}]{random.choice(['', '', ' ; note', 'garbage'])}\n" + _options(random, kind, random.randint(0, 6))


def _options(random: Random, kind: str, count: int) -> str:
    from opslint.model.supervisor_table import kinds

    table = kinds().get(kind, kinds()["program"])
    required = {"command", "events", "socket", "port", "file", "supervisor.rpcinterface_factory"} & set(table.options)
    names = [name for name in required if random.random() < 0.98]
    names += random.choices(list(table.options), k=count)
    if "username" in names or ("password" in names and random.random() < 0.9):
        names += ["username", "password"]
    if random.random() < 0.1:
        names.append(random.choice(["minfds", "depends_on", "stopastype", "--tries", "logfile", "command"]))
    random.shuffle(names)
    lines = []
    for name in names:
        known = table.options.get(name)
        lines.append(_line(random, name, _value(random, name, known.type if known is not None else "text")))
    if "numprocs" in names and random.random() < 0.8:
        lines.append("process_name=%(program_name)s_%(process_num)02d\n")
    return "".join(lines) + random.choice(["", "\n", "; comment\n"])


_SOUND = {
    "port": "9001",
    "file": "/run/s.sock",
    "socket": "unix:///run/p.sock",
    "events": "TICK_60",
    "process_name": "%(program_name)s_%(process_num)02d",
    "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface",
    "redirect_stderr": "false",
    "killasgroup": "true",
    "buffer_size": "10",
    "programs": "queue",
    "serverurl": "AUTO",
    "environment": 'A="1",B="2"',
}


def _value(random: Random, name: str, type: str) -> str:
    values = _VALUES.get(type, ["www-data", "/srv", "root", "%(here)s"])
    if random.random() < _NOT_OFTEN:
        return random.choice(values)
    return _SOUND.get(name, random.choice(values[:3] if type == "command" else values[:2]))


def _line(random: Random, name: str, value: str) -> str:
    if random.random() < 0.1:
        name = name.upper() if random.random() < 0.5 else name.title()
    delimiter = random.choice(["=", "=", "=", " = ", ": ", ":", "= "])
    end = random.choice(["", "", "", "", " ; note", "\t# note", "  "])
    indent = "  " if random.random() < 0.02 else ""
    return f"{indent}{name}{delimiter}{value}{end}\n"
