"""Where the silencing comment goes, in each kind of file, and where none can go."""

from __future__ import annotations

import pytest

from opslint.finding import Finding, Severity, Verdict
from opslint.fixes import edited
from opslint.lsp.silencing import silencing
from opslint.source import Source

SAYS = "opslint: ignore[deploy/bounded] why this is right here"


def silenced(content: str, kind: str, line: int, rule: str = "deploy/bounded") -> str | None:
    source = Source("x", content)
    start = source.offset(line, 1)
    finding = Finding(rule, Severity.WARNING, Verdict(source.span(start, start + 1), "broken", "is wrong"))
    edit = silencing(finding, source, kind)
    return edited(content, [edit]) if edit else None


@pytest.mark.parametrize(
    ("kind", "content", "line", "expected"),
    [
        pytest.param(
            "supervisor", "[program:a]\ncommand=x\n", 2, f"[program:a]\n; {SAYS}\ncommand=x\n", id="supervisor"
        ),
        pytest.param("phpstan", "parameters:\n\tlevel: 5\n", 2, f"parameters:\n\t# {SAYS}\n\tlevel: 5\n", id="neon"),
        pytest.param("make", "a:\n\tphp x\n", 2, f"a:\n# {SAYS}\n\tphp x\n", id="make: not the shell's comment"),
        pytest.param("script", "cd x\nphp y\n", 2, f"cd x\n# {SAYS}\nphp y\n", id="script"),
        pytest.param("script", "ls\r\nphp\r\n", 2, f"ls\r\n# {SAYS}\r\nphp\r\n", id="line breaks of the file"),
        pytest.param("php", "<?php\nreturn ['a' => 1];\n", 2, f"<?php\n// {SAYS}\nreturn ['a' => 1];\n", id="php"),
        pytest.param(
            "workflow", "jobs:\n  a:\n    steps: []\n", 2, f"jobs:\n  # {SAYS}\n  a:\n    steps: []\n", id="workflow"
        ),
        pytest.param(
            "workflow",
            "jobs:\n  a:\n    steps:\n      - run: |\n          ls\n          php x\n",
            6,
            f"jobs:\n  a:\n    steps:\n      - run: |\n          ls\n          # {SAYS}\n          php x\n",
            id="within a script of a workflow it is the shell's comment",
        ),
        pytest.param("script", "php \\\n  x\n", 2, f"php \\\n  x # {SAYS}\n", id="behind a continued line: at its end"),
        pytest.param("php", "<?php return ['a' => 1];", 1, f"<?php return ['a' => 1]; // {SAYS}", id="php, first line"),
    ],
)
def test_a_comment_is_written(kind: str, content: str, line: int, expected: str) -> None:
    assert silenced(content, kind, line) == expected


@pytest.mark.parametrize(
    ("kind", "content", "line"),
    [
        pytest.param("composer", '{\n"a": 1\n}\n', 2, id="JSON has no comments"),
        pytest.param("", "a\n", 1, id="a file of no kind"),
        pytest.param("script", "#!/bin/sh -x\nls\n", 1, id="a shebang is not moved, and takes no comment"),
        pytest.param("script", "php a \\\n  b \\\n  c\n", 2, id="within a command over several lines"),
        pytest.param(
            "workflow", "jobs:\n  a:\n    if: >\n      x\n      && y\n    steps: []\n", 5, id="within a folded text"
        ),
        pytest.param("workflow", "jobs:\n  a:\n    name: 'x\n      y\n      z'\n", 4, id="within a quoted text"),
    ],
)
def test_no_comment_changes_what_a_file_means(kind: str, content: str, line: int) -> None:
    assert silenced(content, kind, line) is None


@pytest.mark.parametrize(
    "rule", ["opslint/parse", "opslint/suppression", "opslint/internal", "opslint/policy-weakened"]
)
def test_what_nothing_silences_is_not_offered(rule: str) -> None:
    assert silenced("a:\n\tphp x\n", "make", 2, rule) is None
