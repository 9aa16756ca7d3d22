"""Which parameters PHPStan knows in which version, and of what type: what its schema would refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from opslint.model.phpstan import Phpstan
from opslint.model.phpstan_merge import PREVENT_MERGING, Leaf, Table, Tree
from opslint.source import Span

_SECTIONS = frozenset(
    "includes parameters parametersSchema services rules conditionalTags extensions php expandRelativePaths "
    "attributeServicesDirectories autowiredAttributeServices validateExcludePaths validateIgnoredErrors".split(" ")
)
_OPEN = frozenset({"featureToggles"})  # its keys change with every release
_EXTENSION = re.compile(r"phpstan|larastan|rector|psalm-plugin", re.IGNORECASE)
_RENAMED = {"nunomaduro/larastan": "larastan/larastan"}


@dataclass(frozen=True, slots=True)
class Refused:
    """A parameter or section that PHPStan would refuse, in its words."""

    span: Span  # of the key, or of the value that has the wrong type
    name: str  # `parameters.parallel.jobsize`
    message: str
    suggestion: str | None = None  # the name that was meant
    removed: str | None = None  # the version that dropped it
    package: str | None = None  # the extension whose parameter it is, not required as far as can be seen
    undecided: bool = False  # an extension that we do not know may allow it


@dataclass(frozen=True, slots=True)
class Known:
    """The types of parameters in some versions of PHPStan, with extensions; several where versions differ."""

    types: Mapping[str, tuple[str, ...]]
    removed: Mapping[str, str]  # dropped parameters, and the first version without them
    complete: bool  # False if an installed package may bring parameters of its own


@cache
def _data() -> Any:
    return json.loads(files("opslint.model").joinpath("phpstan-parameters.json").read_text(encoding="utf-8"))


def known(major: int | None, packages: Collection[str] | None) -> Known:
    """What PHPStan of a major version (None: of any) knows together with the packages of composer.json.

    Without packages every extension counts as possible, so nothing is certain.
    """
    data = _data()
    versions = [number for number, version in enumerate(data["versions"]) if major in (None, _major(version))]
    types: dict[str, tuple[str, ...]] = {}
    removed: dict[str, str] = {}
    for name, runs in data["parameters"].items():
        kinds = tuple(data["types"][kind] for first, last, kind in runs if {*range(first, last + 1)} & {*versions})
        if kinds:
            types[name] = kinds
        elif versions and runs[-1][1] < versions[0]:
            removed[name] = data["versions"][runs[-1][1] + 1]
    installed = {_RENAMED.get(package, package) for package in packages or ()}
    for package in data["extensions"].keys() if packages is None else installed & data["extensions"].keys():
        types |= {name: (kind,) for name, kind in data["extensions"][package].items()}
    strangers = {each for each in installed if _EXTENSION.search(each) and each != "phpstan/phpstan"}
    return Known(types, removed, packages is not None and strangers <= data["extensions"].keys())


def _major(version: str) -> int:
    return int(version.split(".")[0])


def unknown_parameters(
    configuration: Phpstan, major: int | None = None, packages: Collection[str] | None = None
) -> Iterator[Refused]:
    """Parameters and sections that PHPStan would refuse, by name or by type.

    `major` is PHPStan's major version, `packages` the names that composer.json requires; None where not known.
    """
    # A file of vendor/ that is not there brings what its package brings; any other may bring anything.
    unseen = [include for include in configuration.includes if include.file is None]
    foreign = {_RENAMED.get(include.package, include.package) for include in unseen if include.package}
    table = known(major, None if packages is None else {*packages, *foreign})
    is_open = (
        not table.complete
        or not foreign <= {"phpstan/phpstan", *_data()["extensions"]}
        or not all(include.package or _is_harmless(include.path) for include in unseen)
    )
    merged = configuration.merged
    schema = merged.get("parametersSchema")
    own = {str(name) for name in schema.entries} if isinstance(schema, Table) else set()
    parameters = merged.get("parameters")
    if isinstance(parameters, Table):
        for name, value in parameters.entries.items():
            if str(name) not in own:
                yield from _judged(str(name), value, table, is_open)
    yield from _sections(merged, is_open)


def _is_harmless(path: str) -> bool:
    """Whether an unseen file declares no parameters of its own: a baseline, or PHPStan's own."""
    return "baseline" in path.lower() or path.startswith("phar://phpstan.phar/")


def _judged(name: str, value: Tree, table: Known, is_open: bool) -> Iterator[Refused]:
    path = f"parameters.{name}"
    kinds = table.types.get(name)
    if kinds is None:
        span = value.key.span if value.key else value.node.span
        removed = table.removed.get(name)
        meant = None if removed else _closest(name, table.types)
        message = f"Unexpected item 'parameters › {name}'" + (f", did you mean '{meant}'?" if meant else ".")
        owner = next((package for package, names in _data()["extensions"].items() if name in names), None)
        undecided = not removed and not meant and (is_open or owner is not None)
        yield Refused(span, path, message, meant, removed, owner, undecided)
        return
    verdicts = [list(_mismatches(_parsed(kind), value, path)) for kind in kinds]
    if all(verdicts):
        yield from min(verdicts, key=len)


def _sections(merged: Table, is_open: bool) -> Iterator[Refused]:
    extensions = merged.get("extensions")
    registered = {str(name) for name in extensions.entries} if isinstance(extensions, Table) else set()
    for name, value in merged.entries.items():
        if str(name) in _SECTIONS or str(name) in registered or name == PREVENT_MERGING:
            continue
        span = value.key.span if value.key else value.node.span
        meant = _closest(str(name), _SECTIONS)
        message = f"Found section '{name}' in configuration, but corresponding extension is missing."
        yield Refused(span, str(name), message, meant, undecided=is_open and meant is None)


def _closest(name: str, names: Collection[str]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, names, 1, 0.8)), None)


# -- types, as nette/schema has them: `listOf(string)`, `(int | string) & nullable`, `structure(analyse: bool)`

Type = tuple[str, Any]


@cache
def _parsed(text: str) -> Type:
    if text == "any":
        return "any", None
    tokens = [match[1] for match in re.finditer(r"\s*(\w+|[(),:?|&])", text)]
    kind, rest = _alternatives(tokens, 0)
    if rest != len(tokens):
        raise ValueError(f"cannot read the type {text}")
    return kind


def _alternatives(tokens: list[str], at: int) -> tuple[Type, int]:
    kinds = []
    while True:
        kind, at = _constrained(tokens, at)
        kinds.append(kind)
        if at >= len(tokens) or tokens[at] != "|":
            return (kinds[0] if len(kinds) == 1 else ("any of", tuple(kinds))), at
        at += 1


def _constrained(tokens: list[str], at: int) -> tuple[Type, int]:
    if tokens[at] == "(":
        kind, at = _alternatives(tokens, at + 1)
        at += 1
    else:
        kind, at = _named(tokens, at)
    while at < len(tokens) and tokens[at] == "&":
        word = tokens[at + 1]
        at += 2
        if word == "nullable":
            kind = ("any of", (kind, ("null", None)))
        elif tokens[at] == "(":  # min(1), pattern(a|b): their values are not judged
            at = tokens.index(")", at) + 1
    return kind, at


def _named(tokens: list[str], at: int) -> tuple[Type, int]:
    word = tokens[at]
    at += 1
    if word in ("listOf", "arrayOf"):
        kind, at = _alternatives(tokens, at + 1)
        if tokens[at] == ",":  # the type of keys
            _, at = _alternatives(tokens, at + 1)
        return (word, kind), at + 1
    if word != "structure":
        return (word, None), at
    fields: dict[str, tuple[Type, bool]] = {}
    while tokens[at] != ")":
        at += 1
        optional = tokens[at] == "?"
        name = tokens[at + optional]
        kind, at = _alternatives(tokens, at + optional + 2)
        fields[name] = (kind, optional)
    return (word, fields), at + 1


_PLAIN: Mapping[str, tuple[type, ...]] = {
    "int": (int,), "float": (int, float), "string": (str,), "bool": (bool,), "null": (type(None),),
}  # fmt: skip


def _mismatches(kind: Type, value: Tree, path: str) -> Iterator[Refused]:
    """What does not fit a type; a value that only PHP can tell, or with a placeholder in it, fits every one."""
    name, inner = kind
    if name == "any" or (isinstance(value, Leaf) and (not value.known or "%" in str(value.value))):
        return
    if name == "any of":
        verdicts = [list(_mismatches(each, value, path)) for each in inner]
        if all(verdicts):
            yield from min((verdict for verdict in verdicts), key=_distance)
    elif isinstance(value, Table) and name in ("listOf", "arrayOf"):
        if name == "listOf" and not value.is_list and PREVENT_MERGING not in value.entries:
            yield _expected(value, path, "list")
            return
        for key, each in value.entries.items():
            if key != PREVENT_MERGING:
                yield from _mismatches(inner, each, f"{path}.{key}")
    elif isinstance(value, Table) and name == "structure":
        yield from _fields(inner, value, path)
    elif isinstance(value, Table) or name not in _PLAIN:
        if not (isinstance(value, Leaf) and value.value is None and name not in _PLAIN):  # null keeps the default array
            yield _expected(value, path, {"listOf": "list", "arrayOf": "array", "structure": "array"}.get(name, name))
    elif not isinstance(value.value, _PLAIN[name]) or (isinstance(value.value, bool) and name != "bool"):
        yield _expected(value, path, name)


def _fields(fields: Mapping[str, tuple[Type, bool]], value: Table, path: str) -> Iterator[Refused]:
    for key, each in value.entries.items():
        field = fields.get(str(key))
        if field:
            yield from _mismatches(field[0], each, f"{path}.{key}")
        elif path.rpartition(".")[2] not in _OPEN and key != PREVENT_MERGING:
            meant = _closest(str(key), fields)
            shown = f"{path}.{key}".replace(".", " › ")
            message = f"Unexpected item '{shown}'" + (f", did you mean '{meant}'?" if meant else ".")
            yield Refused(each.key.span if each.key else each.node.span, f"{path}.{key}", message, meant)


def _distance(verdict: list[Refused]) -> tuple[int, int]:
    """Of several types that do not fit, the one that comes nearest: wrong within is nearer than wrong altogether."""
    return -max(refused.name.count(".") for refused in verdict), len(verdict)


def _expected(value: Tree, path: str, name: str) -> Refused:
    given = "array" if isinstance(value, Table) else _shown(value)
    shown = path.replace(".", " › ")
    return Refused(value.node.span, path, f"The item '{shown}' expects to be {name}, {given} given.")


def _shown(leaf: Leaf) -> str:
    if leaf.value is None or isinstance(leaf.value, bool):
        return {None: "null", True: "true", False: "false"}[leaf.value]
    return f"'{leaf.value}'" if isinstance(leaf.value, str) else str(leaf.value)
