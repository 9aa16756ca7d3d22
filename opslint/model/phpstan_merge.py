"""How PHPStan merges its configuration: what wins, what is appended, where it was written."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TypeAlias

from opslint.finding import Problem
from opslint.syntax.php_array import DIRECTORY, array_key, settled
from opslint.syntax.tree import Document, Entity, Mapping, Node, Scalar, Sequence, Value

PREVENT_MERGING = "_prevent_merging"  # nette/schema Helpers: left behind by `key!:` where there was nothing to replace

# PHPStan bundles nette/neon 3.3, to which these are booleans.
_WORDS = {"on": True, "On": True, "ON": True, "off": False, "Off": False, "OFF": False}

Keys: TypeAlias = tuple[str, ...]  # from the root; an item of a list is ""

_IGNORED = ("parameters", "ignoreErrors", "")
_EXCLUDED = ("parameters", "excludePaths")
_OPTIONAL = frozenset({_EXCLUDED, (*_EXCLUDED, "analyse"), (*_EXCLUDED, "analyseAndScan")})
# phpstan-src NeonAdapter: read against the folder of the file that declares them.
_PATHS = frozenset(
    {(*_IGNORED, "path"), (*_IGNORED, "paths", "")}
    | {(*keys, "") for keys in _OPTIONAL}
    | {
        ("parameters", name, "")
        for name in ("paths", "excludes_analyse", "bootstrapFiles", "scanFiles", "scanDirectories", "stubFiles")
    }
    | {("parameters", name) for name in ("bootstrap", "tmpDir", "memoryLimitFile", "benchmarkFile")}
    | {
        ("parameters", "pro", "tmpDir"),
        ("parameters", "symfony", "console_application_loader"),
        ("parameters", "symfony", "consoleApplicationLoader"),
        ("parameters", "symfony", "container_xml_path"),
        ("parameters", "symfony", "containerXmlPath"),
        ("parameters", "doctrine", "objectManagerLoader"),
    }
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that is no array, and where it stands. Paths are joined to the folder of their file already."""

    value: Value
    node: Node
    file: str
    key: Scalar | None = None
    optional: bool = False  # written as `path (?)`
    known: bool = True  # False for a statement, and for what only PHP can work out
    environment: str | None = None  # the variable of a PHP file that may say otherwise


@dataclass(slots=True)
class Table:
    """A PHP array after merging, in PHP's order; `node` is where it was written last. Do not change it."""

    node: Node
    file: str
    key: Scalar | None = None
    entries: dict[int | str, Leaf | Table] = field(default_factory=dict)
    following: int | None = None  # PHP's next free number, once it was asked for

    @property
    def is_list(self) -> bool:
        return all(key == index for index, key in enumerate(self.entries))

    def get(self, *keys: int | str) -> Leaf | Table | None:
        """What stands behind keys, None where a step does not exist."""
        found: Leaf | Table | None = self
        for key in keys:
            found = found.entries.get(key) if isinstance(found, Table) else None
        return found


Tree: TypeAlias = "Leaf | Table"


def merge(value: Tree, base: Tree | None) -> Tree:
    """nette/schema's Helpers::merge; `base` is taken over and changed, so it belongs to the caller no more."""
    if isinstance(value, Table) and PREVENT_MERGING in value.entries:
        del value.entries[PREVENT_MERGING]
        return value
    if isinstance(value, Table) and isinstance(base, Table):
        index = 0
        following = base.following
        if following is None:
            following = max((key for key in base.entries if isinstance(key, int)), default=-1) + 1
        for key, each in value.entries.items():
            if key == index:
                base.entries[following] = each
                index += 1
                following += 1
            else:
                base.entries[key] = merge(each, base.entries.get(key))
                following = max(following, key + 1) if isinstance(key, int) else following
        base.following = following
        base.node, base.file, base.key = value.node, value.file, value.key
        return base
    if isinstance(value, Leaf) and value.known and value.value is None and isinstance(base, Table):
        return base
    return value


@dataclass(frozen=True, slots=True)
class Declared:
    """What one file declares, and what in it nette/di refuses."""

    table: Table
    problems: tuple[Problem, ...]


def declared(document: Document, path: str, working: str) -> Declared:
    """One file as PHPStan's adapter hands it on: paths joined, `!` resolved, `excludePaths` brought to one form."""
    return _Adapter(document, path, working).declared()


class _Adapter:
    """phpstan-src NeonAdapter, and nette/di PhpAdapter, which joins no paths."""

    def __init__(self, document: Document, path: str, working: str) -> None:
        self._document, self._path = document, path
        self._is_php = path.lower().endswith(".php")
        self._folder = posixpath.dirname(path)
        self._base = working if self._is_php else self._folder
        self._problems: list[Problem] = []

    def declared(self) -> Declared:
        root = self._document.root
        if root is None:
            empty = Sequence((), self._document.source.span())
            return Declared(Table(empty, self._path), ())
        if not isinstance(root, (Mapping, Sequence)):
            root = Sequence((root,), root.span)  # `(array) $scalar`
        tree = self._table(root, (), None)
        return Declared(tree, tuple(self._problems))

    def _table(self, node: Mapping | Sequence, keys: Keys, key: Scalar | None) -> Table:
        table = Table(node, self._path, key)
        if isinstance(node, Sequence):
            table.entries = {index: self._tree(item, (*keys, ""), None) for index, item in enumerate(node.items)}
        else:
            for entry in node.entries:
                name = array_key(entry.key.value)
                value = self._tree(entry.value, (*keys, "" if isinstance(name, int) else name), entry.key)
                table.entries[name] = self._replacing(value, entry.key) if entry.flag else value
        return self._both_forms(table) if keys == _EXCLUDED else table

    def _replacing(self, value: Tree, key: Scalar) -> Tree:
        if isinstance(value, Leaf) and value.value is None and value.known:
            value = Table(value.node, self._path, key)
        if isinstance(value, Leaf):
            message = f"Replacing operator is available only for arrays, item '{key}!' is not array."
            self._problems.append(Problem(key.span, message))
            return value
        value.entries[PREVENT_MERGING] = Leaf(True, value.node, self._path)
        return value

    def _both_forms(self, table: Table) -> Table:
        """A bare list of `excludePaths` is analyseAndScan."""
        if "analyse" in table.entries or "analyseAndScan" in table.entries:
            return table
        nothing = Sequence((), table.node.span)
        both: dict[int | str, Leaf | Table] = {"analyseAndScan": table, "analyse": Table(nothing, self._path)}
        return Table(table.node, self._path, table.key, both)

    def _tree(self, node: Node, keys: Keys, key: Scalar | None) -> Tree:
        if isinstance(node, (Mapping, Sequence)):
            return self._table(node, keys, key)
        if isinstance(node, Scalar):
            return Leaf(self._joined(self._typed(node), keys), node, self._path, key)
        if self._is_php:
            return self._php(node, keys, key)
        path = node.value
        if keys[:-1] in _OPTIONAL and isinstance(path, Scalar) and is_question(node) and _is_plain_path(path.value):
            return Leaf(self._joined(path.value, keys), node, self._path, key, optional=True)
        return Leaf(None, node, self._path, key, known=False)

    def _php(self, node: Entity, keys: Keys, key: Scalar | None) -> Tree:
        value, variable = settled(node)
        if isinstance(value, (Mapping, Sequence)):
            return self._table(value, keys, key)
        if isinstance(value, Scalar):
            return Leaf(self._joined(value.value, keys), node, self._path, key, environment=variable)
        if str(node.value) == DIRECTORY and isinstance(node.attributes, Sequence):
            path = f"{self._folder or '.'}{node.attributes.items[0]}"
            return Leaf(posixpath.normpath(path), node, self._path, key)
        return Leaf(None, node, self._path, key, known=False, environment=variable)

    def _typed(self, node: Scalar) -> Value:
        if node.style == "plain" and not self._is_php and isinstance(node.value, str):
            return _WORDS.get(node.value, node.value)
        return node.value

    def _joined(self, value: Value, keys: Keys) -> Value:
        if not isinstance(value, str) or keys not in _PATHS or not _is_plain_path(value):
            return value
        return posixpath.normpath(posixpath.join(self._base, value))


def _is_plain_path(value: Value) -> bool:
    return isinstance(value, str) and "%" not in value and not value.startswith("*")


def is_question(node: Entity) -> bool:
    """`path (?)`"""
    items = node.attributes.items if isinstance(node.attributes, Sequence) else ()
    return len(items) == 1 and isinstance(items[0], Scalar) and items[0].value == "?"
