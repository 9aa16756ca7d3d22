"""Which files opslint understands, and how it knows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

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
    r"^\ufeff?\[ *(?:(?:programs?|group|eventlistener|fcgi-program) *:|supervisord\]|inet_http_server\])",
    re.IGNORECASE | re.MULTILINE,
)
_SHEBANG = re.compile(r"\A#!\s*/(?:usr/)?bin/(?:env\s+)?(?:ba|da|a|z)?sh\b")

Peek = Callable[[], str]  # the first characters of the file


def _supervisor(path: str, peek: Peek) -> bool:
    return path.endswith((".conf", ".ini")) and _SUPERVISOR_SECTION.search(peek()) is not None


def _workflow(path: str, peek: Peek) -> bool:
    return re.search(r"^\.github/workflows/[^/]+\.ya?ml$", path) is not None


def _action(path: str, peek: Peek) -> bool:
    return re.search(r"(?:^|/)action\.ya?ml$", path) is not None and "\nruns:" in "\n" + peek()


def _phpstan(path: str, peek: Peek) -> bool:
    return path.rsplit("/", 1)[-1] in PHPSTAN_NAMES


def _composer(path: str, peek: Peek) -> bool:
    return path.rsplit("/", 1)[-1] == "composer.json"


def _script(path: str, peek: Peek) -> bool:
    name = path.rsplit("/", 1)[-1]
    return name.endswith((".sh", ".bash")) or ("." not in name and _SHEBANG.match(peek()) is not None)


def _make(path: str, peek: Peek) -> bool:
    return path.rsplit("/", 1)[-1] in ("Makefile", "makefile", "GNUmakefile") or path.endswith(".mk")


def _php(path: str, peek: Peek) -> bool:
    return re.search(r"(?:^|/)(?:config/(?:queue|horizon)\.php|routes/console\.php)$", path) is not None


# The order decides where two would match.
KINDS: Mapping[str, Callable[[str, Peek], bool]] = {
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


def kind_of(path: str, peek: Peek, named: Mapping[str, tuple[str, ...]]) -> str | None:
    """The kind of a file, or None; `named` are the policy's own globs by kind, which win."""
    for kind, globs in named.items():
        if any(fnmatchcase(path, glob) for glob in globs):
            return kind
    return next((kind for kind, matches in KINDS.items() if matches(path, peek)), None)
