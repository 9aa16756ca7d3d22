"""What Supervisor makes of an option's text, and its words for what it refuses."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from opslint.source import Text

# Every conversion follows supervisor/datatypes.py and raises ValueError with the same text. What only the machine can
# tell - whether a user, a folder or a Python function exists - is taken on trust.

_TRUE = ("yes", "true", "on", "1")
_FALSE = ("no", "false", "off", "0")
_UNITS = {"kb": 1024, "mb": 1024**2, "gb": 1024**3}
_LEVELS = ("critical", "error", "warn", "info", "debug", "trace", "blather")
_WORD = r"A-Za-z0-9_/.+():\-"  # shlex's own word characters, and those that Supervisor adds
_TOKEN = re.compile(rf"#[^\n]*|\"[^\"]*\"|'[^']*'|[{_WORD}][{_WORD}'\"]*|[^ \t\r\n]")

# Linux's, as Python's `signal` names them; a linter on another system must not judge by that one's.
_SIGNALS = (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT "
    "CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
).split()
SIGNALS: Mapping[str, int] = {
    **{name: number for number, name in enumerate(_SIGNALS, start=1)},
    **{"IOT": 6, "CLD": 17, "POLL": 29, "RTMIN": 34, "RTMAX": 64},
    **{"_DFL": 0, "_IGN": 1, "_BLOCK": 0, "_UNBLOCK": 1, "_SETMASK": 2},  # accepted by the accident of their names
}


def integer(text: str) -> int:
    return int(text)


def boolean(text: str) -> bool:
    lower = text.lower()
    if lower in _TRUE:
        return True
    if lower in _FALSE:
        return False
    raise ValueError(f"not a valid boolean value: {text!r}")


def restart(text: str) -> bool | str:
    """True, False or `unexpected`."""
    lower = text.lower()
    if lower in _TRUE or lower in _FALSE:
        return lower in _TRUE
    if lower == "unexpected":
        return lower
    raise ValueError(f"invalid 'autorestart' value {lower!r}")


def size(text: str) -> int:
    """In bytes."""
    lower = text.lower()
    unit = _UNITS.get(lower[-2:])
    return int(lower) if unit is None else int(lower[:-2]) * unit


def octal(text: str) -> int:
    try:
        return int(text, 8)
    except ValueError:
        raise ValueError(f"{text} can not be converted to an octal type") from None


def signal(text: str) -> str:
    """Its name without SIG; `0`, which is accepted, stays a number."""
    try:
        number = int(text)
    except ValueError:
        name = text.strip().upper()
        if name.removeprefix("SIG") not in SIGNALS:
            raise ValueError(f"value {text!r} is not a valid signal name") from None
        number = SIGNALS[name.removeprefix("SIG")]
    if number not in SIGNALS.values():
        raise ValueError(f"value {text!r} is not a valid signal number")
    return next((name for name, each in SIGNALS.items() if each == number and name[0] != "_"), str(number))


def exitcodes(text: str) -> tuple[int, ...]:
    try:
        codes = tuple(int(code) for code in text.split(",")) if text else ()
    except ValueError:
        codes = (-1,)
    if all(0 <= code <= 255 for code in codes):
        return codes
    raise ValueError(f"not a valid list of exit codes: {text!r}")


def strings(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",")) if text else ()


def events(text: str) -> tuple[str, ...]:
    return tuple(name.upper() for name in strings(text))


def logfile(text: str) -> str:
    """A path, `AUTO`, `NONE` or the deprecated `syslog`."""
    words = {"none": "NONE", "off": "NONE", "auto": "AUTO", "syslog": "syslog"}
    return words.get(text.lower(), text)


def loglevel(text: str) -> str:
    if text.lower() in _LEVELS:
        return text.lower()
    raise ValueError(f"bad logging level name {text!r}")


def serverurl(text: str) -> str:
    return "AUTO" if text.strip().upper() == "AUTO" else text


def address(text: str) -> tuple[str, int]:
    """Host and port; the host is empty for every interface."""
    host, colon, port = text.rpartition(":")
    if colon and not port:
        raise ValueError("no port number specified in ''")  # Supervisor's words: it quotes what is left
    try:
        number = _port(port)
    except ValueError:
        if colon:
            raise
        raise ValueError(f"not a valid port number: {text!r} ") from None
    return ("" if host == "*" else host.lower()), number


def _port(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(f"{number} is below lower bound (1)")
    if number > 65535:
        raise ValueError(f"{number} is above upper bound (65535)")
    return number


def socket(text: str) -> str:
    """A FastCGI socket's address."""
    if text.startswith("unix://"):
        if not posixpath.isabs(text[7:]):
            raise ValueError(f"Unix socket path {text[7:]} is not an absolute path")
        return text
    found = re.match(r"tcp://([^\s:]+):(\d+)$", text)
    if not found:
        raise ValueError(f"Bad socket format {text}")
    _port(found[2])
    return text


def environment(text: str) -> dict[str, str]:
    """The pairs of `KEY="value",KEY2=value`, by Supervisor's own use of shlex: unquoted `A=$HOME` is `$`."""
    lexer = shlex.shlex(text)
    lexer.wordchars += "/.+-():"
    tokens = list(lexer)
    pairs = {}
    for at in range(0, len(tokens), 4):
        if len(tokens[at : at + 3]) != 3 or tokens[at + 1] != "=":
            raise ValueError(f"Unexpected end of key/value pairs in value '{text}'")
        pairs[tokens[at]] = tokens[at + 2].strip("'\"")
    return pairs


def environment_texts(text: Text) -> Iterator[tuple[str, Text]]:
    """Each pair of an `environment=` with its value where it stands, without quotes; none of what is not read."""
    tokens = [found for found in _TOKEN.finditer(text.value) if not found[0].startswith("#")]
    for at in range(0, len(tokens) - 2, 4):
        name, equals, value = tokens[at : at + 3]
        if equals[0] == "=":
            left = len(value[0]) - len(value[0].lstrip("'\""))
            yield name[0], text[value.start() + left : value.start() + left + len(value[0].strip("'\""))]


def name(text: str) -> str:
    """A name of a program, process or group."""
    stripped = text.strip()
    wrong = next((sign for sign in " :/" if sign in stripped), None)
    if wrong:
        raise ValueError(f"Invalid name: {text!r} because of character: {wrong!r}")
    return stripped


def _as_written(text: str) -> str:
    return text


# By the `x-type` of supervisor-options.json.
CONVERSIONS: Mapping[str, Callable[[str], Any]] = {
    "integer": integer,
    "boolean": boolean,
    "restart": restart,
    "bytes": size,
    "octal": octal,
    "signal": signal,
    "exitcodes": exitcodes,
    "list": strings,
    "events": events,
    "logfile": logfile,
    "loglevel": loglevel,
    "serverurl": serverurl,
    "address": address,
    "environment": environment,
    **dict.fromkeys(("text", "command", "path", "folder", "user", "owner", "import"), _as_written),
}
