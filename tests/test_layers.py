"""Imports only go down."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "opslint"

# The ground floor first; a module may import its own floor and those before it.
FLOORS = (
    {"source", "git", "files"},
    {"finding"},
    {"syntax", "report", "fixes"},
    {"model"},
    {"simulation"},
    {"checks"},
    {"rulebook"},
    {"policy"},
    {"root", "revisions"},
    {"silence", "mask", "weakened"},
    {"lint"},
    {"adoption"},
    {"views"},
    {"lsp"},
    {"terminal", "invocation"},
    {"commands"},
    {"cli", "__main__"},
)
HEAVY = {"rich", "jsonschema", "lark", "tree_sitter", "tree_sitter_bash", "tree_sitter_php", "pygls", "lsprotocol"}
AT_HOME = {"syntax": {"tree_sitter", "tree_sitter_bash", "tree_sitter_php"}, "lsp": {"pygls", "lsprotocol"}}
APART = ("checks",)  # folders whose modules do not lean on one another


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def floor(name: str) -> int:
    return next((number for number, names in enumerate(FLOORS) if name in names), -1)


def imports(path: Path) -> list[tuple[str, bool]]:
    """Every module that is imported, and whether at the top (type checking aside)."""
    tree = ast.parse(path.read_text("utf-8"))
    inner = {
        id(node)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(outer, ast.If) and "TYPE_CHECKING" in ast.dump(outer.test))
        for node in ast.walk(outer)
    }
    found = []
    for node in ast.walk(tree):
        top = id(node) not in inner
        if isinstance(node, ast.Import):
            found += [(alias.name, top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            name = node.module or ""
            within = [f"{name}.{alias.name}" for alias in node.names]
            found += [
                (each if (PACKAGE.parent / each.replace(".", "/")).with_suffix(".py").exists() else name, top)
                for each in within
            ]
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_only_go_down(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for name, _ in imports(path):
        if name == "opslint" or not name.startswith("opslint.") or own == "__init__":
            continue
        assert floor(room(name)) >= 0, f"{name} stands on no floor: give it one in FLOORS"
        assert floor(own) >= floor(room(name)), f"{own} imports {name}, which stands above it"


@pytest.mark.parametrize("folder", APART)
def test_checks_do_not_lean_on_one_another(folder: str) -> None:
    for path in (PACKAGE / folder).glob("*.py"):
        others = [name for name, _ in imports(path) if name.startswith(f"opslint.{folder}.")]
        assert not others, f"{path.name} imports {others}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_heavy_libraries_come_late(path: Path) -> None:
    heavy = {name.split(".")[0] for name, top in imports(path) if top} & HEAVY
    assert heavy <= AT_HOME.get(path.parent.name, set()), f"{path.name} imports {heavy} at its top"


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_module_says_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")
    if text:
        first = (ast.get_docstring(ast.parse(text)) or "").split("\n")[0]
        assert 0 < len(first) < 100


def test_every_check_serves_a_page() -> None:
    from opslint import rulebook

    serving = {rule.check for rule in rulebook.bundled().values()}
    for path in sorted((PACKAGE / "checks").glob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                assert f"{path.stem}.{node.name}" in serving, f"no page names {path.stem}.{node.name}"
