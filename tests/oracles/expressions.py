"""Cases of GitHub's expression language, and what its published engine answers to them."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from opslint.simulation.value import Array, Failure, Object, Unknown, Value

DRIVER = Path(__file__).with_name("expressions.mjs")

CONTEXTS: Mapping[str, Any] = {
    "none": None,
    "yes": True,
    "zero": 0,
    "one": 1,
    "big": 12.5,
    "empty": "",
    "word": "Foo",
    "number": " 12 ",
    "hex": "0x10",
    "false": "false",
    "list": ["foo", 1, True, None, "", [1, "2"], {"name": "foo"}],
    "results": ["success", "failure"],
    "github": {"ref": "refs/heads/main", "event": {"commits": [{"id": "a", "ok": True}, {"id": "b"}], "draft": False}},
    "needs": {"build": {"result": "success", "outputs": {"x": "1"}}, "deploy": {"result": "failure", "outputs": {}}},
}
STATUS = {"success": (0, 0), "failure": (0, 0), "cancelled": (0, 0), "always": (0, 0)}

LITERALS = (
    "null true false NaN Infinity -Infinity 0 -0 1 -1 12 16 100 1e2 .5 5. 0x10 0o17 0.1 1.50 +3 '' ' ' '0' '1' "
    "' 12 ' '-0' '1e2' '0x10' '.5' 'true' 'false' 'null' 'NaN' 'Infinity' 'foo' 'FOO' 'fo' 'o' 'refs/heads/main' "
    "'refs/heads/' 'it''s' 'é' 'É' 'ıI' '1_0' '[1]' '{}' 'success' 'zebra' '{0}-{1}' '{0' '}' '{{0}}' '{2}' 'a{0}' "
    "'[1, \"foo\", null]' "
    "'{\"a\": {\"b\": [true]}}' '\"x\"' '1.0' 'nope'"
)
PATHS = (
    "none yes zero one big empty word number hex list results github needs github.ref github.event.commits "
    "github.event.commits.*.id github.event.commits[0].ok github.event.commits[1].ok github.event.draft "
    "GitHub.REF github['ref'] github[word] list.* list[1] list['2'] list[5][1] list[6].name list[99] list[-1] "
    "list[1.9] list.*.name list.*[1] needs.*.result needs.build.outputs.x needs.deploy.outputs.x "
    "needs.*.outputs.* needs.*.* github.*.commits word.* word.length results[0] results[yes] results[none] none.x "
    "needs[*].result"
)


def literals(words: str = LITERALS) -> list[str]:
    """The words of a line; a blank inside quotes ends none."""
    found, word, quoted = [], "", False
    for character in words + " ":
        quoted ^= character == "'"
        if character == " " and not quoted:
            found.append(word)
            word = ""
        else:
            word += character
    return [word for word in found if word]


def generated(random: random.Random, leaves: Sequence[str], depth: int = 3) -> str:
    """A random expression over these leaves."""

    def inner() -> str:
        return generated(random, leaves, depth - 1)

    if depth == 0 or random.random() < 0.15:
        return random.choice(leaves)
    match random.randrange(12):
        case 0 | 1:
            return f"{inner()} {random.choice(['==', '!='])} {inner()}"
        case 2:
            return f"{inner()} {random.choice(['<', '<=', '>', '>='])} {inner()}"
        case 3 | 4:
            return f" {random.choice(['&&', '||'])} ".join(inner() for _ in range(random.randint(2, 3)))
        case 5:
            return f"!{inner()}"
        case 6:
            return f"({inner()})"
        case 7:
            return f"({inner()}){random.choice(['.a', '.name', '.*', '[0]', '[1].id', '.*.*', f'[{inner()}]'])}"
        case 8 | 9:
            name = random.choice(["contains", "startsWith", "EndsWith", "contains"])
            return f"{name}({inner()}, {inner()})"
        case 10:
            name, most = random.choice([("format", 3), ("join", 2), ("toJSON", 1), ("fromJSON", 1)])
            return f"{name}({', '.join(inner() for _ in range(random.randint(1, most)))})"
    return f"case({inner()} == {inner()}, {inner()}, {inner()})"


def available() -> str:
    """The folder with GitHub's packages; the test is skipped if there is none."""
    folder = os.environ.get("OPSLINT_NODE_MODULES", "")
    if not folder:
        pytest.skip("OPSLINT_NODE_MODULES names no folder with @actions/expressions and @actions/workflow-parser")
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    return folder


def asked(cases: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The engine's answers, one per case; what they say stands in expressions.mjs."""
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run(
        ["node", str(DRIVER), available()], input=lines, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def revived(value: Any) -> Value:
    """A JSON value as an expression has it."""
    if isinstance(value, list):
        return Array(tuple(map(revived, value)))
    if isinstance(value, dict):
        return Object({key: revived(item) for key, item in value.items()})
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def plain(value: Value) -> Any:
    """A value as the driver writes it."""
    match value:
        case Array(items):
            return {"array": [plain(item) for item in items]}
        case Object(entries):
            return {"object": [[key, plain(item)] for key, item in entries.items()]}
        case Unknown(key):
            return {"unknown": key}
        case Failure(message):
            return {"failed": message}
        case float() if math.isnan(value):
            return {"number": "NaN"}
        case float() if math.isinf(value):
            return {"number": "Infinity" if value > 0 else "-Infinity"}
        case float() if value == 0 and math.copysign(1, value) < 0:
            return {"number": "-0"}
    return value
