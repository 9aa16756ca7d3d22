"""Which files opslint understands, and how it knows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from opslint.source import Source

# The names under which PHPStan looks for its configuration, the first hit wins (phpstan-src CommandHelper).
PHPSTAN_NAMES = (
    ".phpstan.neon",
    "phpstan.neon",
    ".phpstan.neon.dist",
    "phpstan.neon.dist",
    ".phpstan.dist.neon",
    "phpstan.dist.neon",
)

# Loose on purpose: a misspelt section is still a Supervisor file, and a rule says what is wrong with it.
_SUPERVISOR_SECTION = re.compile(
    r"^\ufeff?(\[ *(?:(?:programs?|group|eventlistener|fcgi-program) *:[^\]\r\n]*\]?"
    r"|supervisord\]|inet_http_server\]))",
    re.IGNORECASE | re.MULTILINE,
)
_SHEBANG = re.compile(r"\A#!\s*/(?:usr/)?bin/(?:env\s+)?(?:ba|da|a|z)?sh\b")

Peek = Callable[[], str]  # the first characters of the file

# Each answers with what made it so, in words, or with nothing where a file is not of the kind.


def supervisor_section(text: str) -> str:
    """The first section that only Supervisor has, and its line; empty where there is none."""
    found = _SUPERVISOR_SECTION.search(text)
    return f"has `{found[1]}` on line {Source('', text).position(found.start())[0]}" if found else ""


def _supervisor(path: str, peek: Peek) -> str:
    return supervisor_section(peek()) if path.endswith((".conf", ".ini")) else ""


def _workflow(path: str, peek: Peek) -> str:
    return "lies in `.github/workflows/`" if re.search(r"^\.github/workflows/[^/]+\.ya?ml$", path) else ""


def _action(path: str, peek: Peek) -> str:
    is_action = re.search(r"(?:^|/)action\.ya?ml$", path) and "\nruns:" in "\n" + peek()
    return f"is named `{_name(path)}` and has `runs:`" if is_action else ""


def _phpstan(path: str, peek: Peek) -> str:
    return f"is named `{_name(path)}`" if _name(path) in PHPSTAN_NAMES else ""


def _composer(path: str, peek: Peek) -> str:
    return "is named `composer.json`" if _name(path) == "composer.json" else ""


def _script(path: str, peek: Peek) -> str:
    name = _name(path)
    if name.endswith((".sh", ".bash")):
        return f"ends in `.{name.rsplit('.', 1)[-1]}`"
    found = _SHEBANG.match(peek()) if "." not in name else None
    return f"begins with `{found[0]}`" if found else ""


def _make(path: str, peek: Peek) -> str:
    if path.endswith(".mk"):
        return "ends in `.mk`"
    return f"is named `{_name(path)}`" if _name(path) in ("Makefile", "makefile", "GNUmakefile") else ""


def _php(path: str, peek: Peek) -> str:
    found = re.search(r"(?:^|/)(config/(?:queue|horizon)\.php|routes/console\.php)$", path)
    return f"is Laravel's `{found[1]}`" if found else ""


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


# The order decides where two would match.
KINDS: Mapping[str, Callable[[str, Peek], str]] = {
    "workflow": _workflow,
    "action": _action,
    "composer": _composer,
    "phpstan": _phpstan,
    "make": _make,
    "php": _php,
    "supervisor": _supervisor,
    "script": _script,
}

LOOKED_FOR = (
    "Supervisor files (*.conf or *.ini with a [program:...] section), .github/workflows/*.yml, action.yml, "
    "phpstan.neon and its other names, composer.json, shell scripts, Makefiles"
)



@dataclass(frozen=True, slots=True)
class Membership:
    """The kind of a file, and what made it so: a glob of the policy, or its own name or content in words."""

    kind: str
    because: str = ""
    glob: int | None = None  # which of the policy's globs for the kind, from 0


def membership(path: str, peek: Peek, named: Mapping[str, tuple[str, ...]]) -> Membership | None:
    """What a file is linted as, or None; `named` are the policy's own globs by kind, which win."""
    for kind, globs in named.items():
        for index, glob in enumerate(globs):
            if fnmatchcase(path, glob):
                return Membership(kind, glob=index)
    for kind, told in KINDS.items():
        if because := told(path, peek):
            return Membership(kind, because)
    return None


def kind_of(path: str, peek: Peek, named: Mapping[str, tuple[str, ...]]) -> str | None:
    """The kind of a file, or None; `named` are the policy's own globs by kind, which win."""
    found = membership(path, peek, named)
    return found.kind if found else None
