"""Triggers: filter patterns as GitHub reads them."""

from __future__ import annotations

import pytest

from opslint.model.trigger import passes


@pytest.mark.parametrize(
    ("patterns", "name", "expected"),
    [
        pytest.param(["main"], "main", True, id="a name"),
        pytest.param(["feature/*"], "feature/a", True, id="a star"),
        pytest.param(["feature/*"], "feature/a/b", False, id="a star stops at a slash"),
        pytest.param(["feature/**"], "feature/a/b", True, id="two stars do not"),
        pytest.param(["**/docs/**"], "docs/a.md", True, id="no folder before"),
        pytest.param(["**.php"], "app/A.php", True, id="an ending"),
        pytest.param(["*.php"], "app/A.php", False, id="an ending in the root"),
        pytest.param(["v[12].[0-9]+"], "v1.20", True, id="sets and plus"),
        pytest.param(["*.jsx?"], "a.js", True, id="a question mark speaks of the character before"),
        pytest.param(["**", "!main"], "main", False, id="left out again"),
        pytest.param(["!main", "**"], "main", True, id="the last word counts"),
        pytest.param(["a.b"], "axb", False, id="a dot is a dot"),
        pytest.param(["[", "+"], "x", False, id="no pattern at all"),
    ],
)
def test_pattern(patterns: list[str], name: str, expected: bool) -> None:
    assert passes(patterns, name) is expected
