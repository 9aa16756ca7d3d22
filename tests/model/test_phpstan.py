"""PHPStan's configuration: merged as its own loader merged it, its baselines added up, its parameters known by name."""

from __future__ import annotations

import json
import os
import posixpath
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from opslint.model import phpstan
from opslint.model.phpstan import Phpstan
from opslint.model.phpstan_files import Places
from opslint.model.phpstan_ignores import ignored_in, is_baseline, total
from opslint.model.phpstan_merge import Leaf, Table
from opslint.model.phpstan_parameters import Refused, _data, _parsed, unknown_parameters
from opslint.source import Source
from opslint.syntax import neon
from opslint.syntax.tree import Document

ROOT = Path(__file__).parents[2]
RECORDED = json.loads((ROOT / "tests" / "data" / "neon" / "merged.json").read_text(encoding="utf-8"))
ELSEWHERE = {  # what only a real PHPStan, or a real disk, can say
    "phar include (not resolvable outside the phar)": [],
    "self include via ./": ["Recursive included file '/srv/proj/phpstan.neon'"],
}
TWICE = "This file is included multiple times: "


def configured(files: dict[str, str], entry: str = "phpstan.neon", places: Places | None = None) -> Phpstan:
    def read(path: str) -> Document | None:
        return phpstan.document(Source(path, files[path])) if path in files else None

    found = phpstan.configuration(entry, read, places)
    assert found is not None
    return found


def parameters(content: str, **files: str) -> Phpstan:
    return configured({"phpstan.neon": content, **{f"{name}.neon": text for name, text in files.items()}})


def recorded(tree: Leaf | Table) -> Any:
    """A merged tree in the notation of the recorded answers."""
    if isinstance(tree, Table):
        return {"map": [[key, recorded(value)] for key, value in tree.entries.items()]}
    if tree.optional or not tree.known:
        return {"object": tree.value}
    return tree.value


def messages(found: Phpstan) -> list[str]:
    """What PHPStan would say, in its order; a NEON file's problem as its loader wraps it."""
    said = []
    for problem in found.problems:
        is_syntax = any(problem in file.document.problems for file in found.files)
        line, column = neon.position(problem.span)
        wrapped = f"Error while loading {problem.span.path}: {problem.message} on line {line}, column {column}."
        said.append(wrapped if is_syntax else problem.message)
    return said + [include.problem.message for include in found.missing if include.problem]


@pytest.mark.parametrize("case", RECORDED, ids=[case["name"] for case in RECORDED])
def test_merges_like_phpstan(case: dict[str, Any]) -> None:
    files = {posixpath.join(case["root"], name): content for name, content in case["files"].items()}
    entry = posixpath.join(case["root"], case["entry"])
    found = configured(files, entry, Places(case["working"], case["phpstan"]))
    if case["name"] in ELSEWHERE:
        assert messages(found) == ELSEWHERE[case["name"]]
    elif "error" in case:
        assert messages(found) == [case["error"]]
    else:
        assert [message for message in messages(found) if not message.startswith(TWICE)] == []
        assert json.dumps(recorded(found.merged)) == json.dumps(case["merged"])
        assert [file.path for file in found.files] == case["read"]


def test_each_value_knows_where_it_stands() -> None:
    found = parameters("includes: [a.neon]\nparameters:\n\tpaths: [app]\n", a="parameters:\n\tlevel: 3\n\tpaths: [x]\n")
    assert found.level is not None
    assert (found.level.value, str(found.level.span)) == (3, "a.neon:2:9")
    assert [str(path.span) for path in found.paths] == ["a.neon:3:10", "phpstan.neon:3:10"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["phpstan.neon.dist", "phpstan.neon"], "phpstan.neon"),
        (["phpstan.dist.neon", "phpstan.neon.dist"], "phpstan.neon.dist"),
        ([".phpstan.neon", "phpstan.neon"], ".phpstan.neon"),
        (["phpstan.neon.bak"], None),
    ],
)
def test_discovery(names: list[str], expected: str | None) -> None:
    paths = {f"api/{name}" for name in names}
    assert phpstan.discovered("api", paths.__contains__) == (expected and f"api/{expected}")


def test_one_configuration_for_each_application() -> None:
    files = {"api/phpstan.neon": "parameters:\n\tpaths: [%currentWorkingDirectory%/app]\n", "web/x.neon": ""}
    found = list(
        phpstan.configurations(
            ["api", "web"],
            lambda path: phpstan.document(Source(path, files[path])) if path in files else None,
            files.__contains__,
        )
    )
    assert [(each.path, each.paths[0].value) for each in found] == [("api/phpstan.neon", "api/app")]


@pytest.mark.parametrize(
    ("content", "value", "rank"),
    [
        pytest.param("parameters:\n\tlevel: 8\n", 8, 8, id="number"),
        pytest.param("parameters:\n\tlevel: max\n", "max", 10, id="max"),
        pytest.param("parameters:\n\tlevel: '6'\n", "6", 6, id="text"),
        pytest.param("parameters:\n\tlevel: 11\n", 11, None, id="no such level"),
        pytest.param("includes: [vendor/phpstan/phpstan/conf/config.level5.neon]\n", 5, 5, id="file of a level"),
    ],
)
def test_level(content: str, value: int | str, rank: int | None) -> None:
    level = parameters(content).level
    assert level is not None
    assert (level.value, level.rank()) == (value, rank)


def test_no_level_is_none() -> None:
    assert parameters("parameters:\n\tpaths: [app]\n").level is None
    assert parameters("parameters:\n\tlevel:\n").level is None


def test_paths() -> None:
    found = configured(
        {
            "phpstan.neon": "includes: [conf/a.neon]\n"
            "parameters:\n\tpaths: [%rootDir%/../../../app, %env.X%/a, 100%%]\n",
            "conf/a.neon": "parameters:\n\texcludePaths:\n\t\tanalyse: [gen (?), */tests/*]\n"
            "\t\tanalyseAndScan: [%currentWorkingDirectory%/d (?)]\n\texcludes_analyse: [old]\n",
        }
    )
    assert [path.value for path in found.paths] == ["app", None, "100%"]
    assert [(path.value, path.section, path.optional, path.is_pattern) for path in found.exclude_paths] == [
        ("conf/gen", "analyse", True, False),
        ("*/tests/*", "analyse", False, True),
        ("d", "analyseAndScan", True, False),
        ("conf/old", "analyseAndScan", False, False),
    ]


IGNORES = """parameters:
	ignoreErrors:
		- '#Call to 100%% of#'
		- identifier: argument.type
		- {messages: ['#a#', '#b#'], paths: [app/A.php, */B.php], reportUnmatched: false}
		-
			message: '#^Gone$#'
			count: 2
			path: app/A.php
		-
			rawMessage: 'a (b)'
			identifier: x.y
			count: 1
			path: ../B.php
		- {path: app/C.php}
"""


def test_ignores_of_every_shape() -> None:
    text, identifier, several, generated, raw, empty = parameters(IGNORES).ignored
    assert (text.message, text.count, text.errors, text.generated) == ("#Call to 100% of#", None, 1, False)
    assert (identifier.message, identifier.identifier, identifier.path) == (None, "argument.type", None)
    assert (several.messages, several.paths) == (("#a#", "#b#"), ("app/A.php", "*/B.php"))
    assert several.report_unmatched is False
    assert (generated.generated, generated.path, generated.errors) == (True, "app/A.php", 2)
    assert (raw.generated, raw.raw_messages, raw.identifier, raw.path) == (True, ("a (b)",), "x.y", "../B.php")
    assert str(generated.span) == "phpstan.neon:7:4"
    assert not empty.generated


def test_an_ignore_without_message_is_refused() -> None:
    (problem,) = parameters(IGNORES).problems
    assert problem.message == 'Ignored error {"path": "app/C.php"} is missing a message or an identifier.'
    assert str(problem.span) == "phpstan.neon:15:5"


BASELINE = "parameters:\n\tignoreErrors:\n\t\t-\n\t\t\tmessage: '#^a$#'\n\t\t\tcount: {count}\n\t\t\tpath: app/A.php\n"
PHP_BASELINE = (
    "<?php $ignoreErrors = [];\n"
    "$ignoreErrors[] = ['message' => '#^a$#', 'count' => 4, 'path' => __DIR__ . '/../A.php'];\n"
    "return ['parameters' => ['ignoreErrors' => $ignoreErrors]];\n"
)


def test_baselines_are_a_tree() -> None:
    found = configured(
        {
            "phpstan.neon": "includes: [baseline/loader.neon, known.neon, conf/more.neon]\n"
            "parameters:\n\tignoreErrors: ['#x#']\n",
            "baseline/loader.neon": "includes: [a.neon, b.php]\n",
            "baseline/a.neon": BASELINE.format(count=3),
            "baseline/b.php": PHP_BASELINE,
            "known.neon": BASELINE.format(count=5) + "\t\t-\n\t\t\tmessage: '#^b$#'\n\t\t\tpath: app/B.php\n",
            "conf/more.neon": "includes: [phpstan-baseline.neon]\nparameters:\n\tlevel: 5\n",
            "conf/phpstan-baseline.neon": "parameters:\n\tignoreErrors: ['#y#']\n",
        }
    )
    loader, inner = found.baselines
    assert [(part.path, part.errors) for part in loader.parts] == [("baseline/a.neon", 3), ("baseline/b.php", 4)]
    assert [entry.path for entry in loader.parts[1].ignored] == ["A.php"]
    assert (loader.path, loader.errors, loader.unbounded) == ("baseline/loader.neon", 7, ())
    assert (inner.path, inner.errors, len(inner.unbounded)) == ("conf/phpstan-baseline.neon", 1, 1)
    assert total(found.ignored) == 3 + 4 + 5 + 1 + 1 + 1
    assert [entry.message for entry in found.written_by_hand] == ["#^b$#", "#x#"]


def test_a_reset_baseline_does_not_count() -> None:
    content = "includes: [baseline.neon]\nparameters:\n\tignoreErrors!: []\n"
    found = parameters(content, baseline=BASELINE.format(count=3))
    assert found.ignored == ()
    assert [baseline.errors for baseline in found.baselines] == [0]


@pytest.mark.parametrize(
    ("content", "path", "expected"),
    [
        pytest.param(BASELINE.format(count=1), "x.neon", True, id="generated"),
        pytest.param("parameters:\n\tignoreErrors: ['#x#']\n", "x.neon", False, id="by hand"),
        pytest.param("parameters:\n\tignoreErrors: ['#x#']\n", "my-Baseline.neon", True, id="named so"),
        pytest.param("", "phpstan-baseline.neon", True, id="empty"),
        pytest.param("", "x.neon", False, id="empty, any name"),
        pytest.param("includes: [a]\n" + BASELINE.format(count=1), "baseline.neon", False, id="more than that"),
        pytest.param(BASELINE.format(count=1) + "\tlevel: 5\n", "baseline.neon", False, id="sets a level"),
    ],
)
def test_what_a_baseline_is(content: str, path: str, expected: bool) -> None:
    document = phpstan.document(Source(path, content))
    assert document is not None
    assert is_baseline(document, path) is expected


@pytest.mark.parametrize(
    ("word", "reported"), [("false", False), ("no", False), ("off", False), ("true", True), ("", True)]
)
def test_unmatched_ignores(word: str, reported: bool) -> None:
    assert parameters(f"parameters:\n\treportUnmatchedIgnoredErrors: {word}\n").unmatched_reported[0] is reported


@pytest.mark.parametrize(
    ("include", "status", "message"),
    [
        ("a.neon", "missing", "File 'a.neon' is missing or is not readable."),
        ("%nope%/a.neon", "refused", "Missing parameter 'nope'."),
        ("%env.HOME%/a.neon", "undecided", None),
        ("phar://phpstan.phar/conf/bleedingEdge.neon", "undecided", None),
        ("x.yml", "refused", "Unknown file extension 'x.yml'."),
        ("phpstan.neon", "recursive", "Recursive included file 'phpstan.neon'"),
        ("../up.neon", "missing", "File '../up.neon' is missing or is not readable."),
    ],
)
def test_an_include_that_is_not_read_says_why(include: str, status: str, message: str | None) -> None:
    found = configured({"phpstan.neon": f"includes:\n\t- {include}\n", "x.yml": ""})
    (only,) = found.includes
    assert (only.status, only.problem and only.problem.message) == (status, message)
    assert str(only.node.span) == "phpstan.neon:2:4"
    assert not found.is_complete


def test_an_include_in_vendor_names_its_package() -> None:
    (include,) = parameters("includes: [vendor/larastan/larastan/extension.neon]\n").missing
    assert include.package == "larastan/larastan"


def test_a_file_included_twice_is_told_at_the_second_place() -> None:
    found = parameters("includes:\n\t- a.neon\n\t- a.neon\n", a="")
    (problem,) = found.problems
    assert (problem.message, str(problem.span)) == (TWICE + "a.neon", "phpstan.neon:3:4")


def test_includes_within_one_another_end() -> None:
    files = {"phpstan.neon": "includes: [0.neon]\n"}
    files |= {f"{each}.neon": f"includes: [{each + 1}.neon, {each + 1}.neon]\n" for each in range(60)}
    found = configured(files)
    assert any(problem.message == "too many includes within one another" for problem in found.problems)


def refused(content: str, major: int = 2, packages: frozenset[str] | None = frozenset()) -> list[Refused]:
    return list(unknown_parameters(parameters(content), major, packages))


UNEXPECTED = "Unexpected item 'parameters › "


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("parameters:\n\tlevel: 5\n", None),
        ("parameters:\n\tignoreErors: []\n", UNEXPECTED + "ignoreErors', did you mean 'ignoreErrors'?"),
        ("parameters:\n\tcheckMissingIterableValueType: false\n", UNEXPECTED + "checkMissingIterableValueType'."),
        ("parameters:\n\tpaths: app\n", "The item 'parameters › paths' expects to be list, 'app' given."),
        ("parameters:\n\tpaths: [1]\n", "The item 'parameters › paths › 0' expects to be string, 1 given."),
        ("parameters:\n\treportMaybes: 1\n", "The item 'parameters › reportMaybes' expects to be bool, 1 given."),
        ("parameters:\n\treportMaybes: yes\n", None),
        ("parameters:\n\tparallel: {jobsize: 5}\n", UNEXPECTED + "parallel › jobsize', did you mean 'jobSize'?"),
        ("parameters:\n\tparallel: {jobSize: 5, processTimeout: 60}\n", None),
        ("parameters:\n\tphpVersion: {min: 80100, max: 80300}\n", None),
        ("parameters:\n\texcludePaths: [a, b (?)]\n", None),
        ("parameters:\n\tignoreErrors: ['#a#', {message: '#b#', count: 1, path: x}]\n", None),
        ("parameters:\n\tfeatureToggles: {somethingNew: true}\n", None),
        ("parameters:\n\ttmpDir: %env.TMP%\n", None),
        ("include: [a.neon]\n", "Found section 'include' in configuration, but corresponding extension is missing."),
        ("extensions:\n\tx: Y\nx:\n\ta: b\n", None),
        ("parametersSchema:\n\tours: bool()\nparameters:\n\tours: true\n", None),
    ],
)
def test_parameters_that_phpstan_refuses(content: str, message: str | None) -> None:
    found = [each for each in refused(content) if not each.undecided]
    if message is None:
        assert found == []
    else:
        assert [each.message for each in found] == [message]


def test_a_dropped_parameter_names_the_version() -> None:
    content = "parameters:\n\tcheckMissingIterableValueType: false\n"
    assert [each.removed for each in refused(content, 2)] == ["2.0"]
    assert refused(content, 1) == []


@pytest.mark.parametrize(
    ("packages", "expected"),
    [
        pytest.param(frozenset({"larastan/larastan"}), [], id="its extension is there"),
        pytest.param(frozenset({"nunomaduro/larastan"}), [], id="by its old name"),
        pytest.param(frozenset(), [("larastan/larastan", True)], id="not required here"),
        pytest.param(None, [], id="nobody knows the packages"),
    ],
)
def test_parameters_of_extensions(packages: frozenset[str] | None, expected: list[tuple[str, bool]]) -> None:
    found = refused("parameters:\n\tcheckModelProperties: true\n", 2, packages)
    assert [(each.package, each.undecided) for each in found] == expected


def test_an_unknown_extension_leaves_names_undecided() -> None:
    content = "parameters:\n\tsomethingOfTheirs: 1\n"
    assert [each.undecided for each in refused(content, 2, frozenset({"acme/phpstan-rules"}))] == [True]
    assert [each.undecided for each in refused(content, 2, frozenset({"laravel/framework"}))] == [False]
    assert [each.undecided for each in refused(content + "includes: [vendor/a/b/c.neon]\n", 2)] == [True]


def test_every_type_of_the_table_can_be_read() -> None:
    for kind in _data()["types"]:
        assert _parsed(kind)


def test_tree_sitter_and_lark_are_loaded_late() -> None:
    check = (
        "import sys, opslint.model.phpstan, opslint.model.phpstan_parameters; "
        "assert not {'lark', 'tree_sitter', 'tree_sitter_php'} & sys.modules.keys()"
    )
    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=False).returncode == 0


def test_the_corpus_adds_up() -> None:
    corpus = os.environ.get("OPSLINT_CORPUS")
    if not corpus:
        pytest.skip("OPSLINT_CORPUS names no folder of files")
    path = Path(corpus, "shopware+shopware", "phpstan-baseline.neon")
    document = phpstan.document(Source(path.name, path.read_text(encoding="utf-8")))
    assert document is not None
    entries = ignored_in(document, path.name)
    assert (len(entries), total(entries)) == (3618, 5355)
    assert all(entry.generated and entry.count is not None for entry in entries)
