"""What findings are about keeps its name: for every page and fixture, whatever is written above it or moved."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from opslint import policy
from opslint.files import Disk, Files, Memory
from opslint.finding import Finding
from opslint.lint import lint
from opslint.source import Source
from opslint.views.examples import examples, section
from tests.test_rules import FIXTURES, RULES

PROJECTS = sorted((FIXTURES.parent / "projects").glob("*/")) + sorted((FIXTURES.parent / "deployments").glob("*/*/"))
_ABSOLUTE = re.compile(r"(?:^|[\s.:])/(?:home|tmp|work|root|Users)/")


def findings(files: Files, before: Files | None, select: tuple[str, ...]) -> tuple[Finding, ...]:
    chosen = policy.load(files)
    if chosen.path is None:
        chosen = policy.read(Source(".opslint.yaml", "extends: strict\n"), files)
    return lint(files, chosen, before=before, select=select).findings


def cases() -> Iterator[object]:
    for rule in RULES.values():
        for number, files in enumerate((each.files for each in examples(section(rule, "Bad"))), 1):
            past = {path.removeprefix("base/"): text for path, text in files.items() if path.startswith("base/")}
            now = {path: text for path, text in files.items() if not path.startswith("base/")}
            yield pytest.param(Memory(now), Memory(past) if past else None, (rule.id,), id=f"{rule.id}-{number}")
        for folder in sorted((FIXTURES / rule.id).glob("bad*/")):
            base = folder.parent / "base"
            before = memory(Disk(base)) if base.is_dir() else None
            yield pytest.param(memory(Disk(folder)), before, (rule.id,), id=f"{rule.id}-{folder.name}")
    for folder in PROJECTS:
        yield pytest.param(memory(Disk(folder)), None, (), id=folder.relative_to(FIXTURES.parent).as_posix())


def memory(disk: Disk) -> Memory:
    return Memory({path + ("*" if (disk.root / path).stat().st_mode & 0o100 else ""): disk.read(path) for path in disk.paths()})


def moved_down(files: Files) -> Memory:
    """The same files with blank lines, and comments where there are any, above everything."""
    return Memory({path + ("*" if files.mode(path) == 0o100755 else ""): _moved(path, files.read(path)) for path in files.paths()})


def _moved(path: str, content: bytes) -> bytes:
    name = Path(path).name
    if path.endswith(".php"):
        head, _, rest = content.partition(b"\n")
        return head + b"\n\n// moved\n\n" + rest
    if content.startswith((b"\xef\xbb\xbf", b"---")):
        return content
    if path.endswith((".json", ".lock", ".md")):
        return b"\n\n" + content if content.startswith(b"{") else content
    if content.startswith(b"#!"):
        head, _, rest = content.partition(b"\n")
        return head + b"\n\n# moved\n\n" + rest
    if path.endswith((".yml", ".yaml", ".neon", ".conf", ".ini", ".sh", ".dist")) or name == "Makefile":
        return b"\n# moved\n\n" + content
    return content


def keys(found: tuple[Finding, ...]) -> Counter[tuple[str, str, str]]:
    return Counter((each.rule, each.span.path, each.verdict.subject) for each in found)


@pytest.mark.parametrize(("files", "before", "select"), cases())
def test_subjects_are_names_and_survive_what_is_written_above(
    files: Memory, before: Memory | None, select: tuple[str, ...]
) -> None:
    found = findings(files, before, select)
    for each in found:
        subject = each.verdict.subject
        assert subject.strip(), f"{each.rule} does not say what it is about"
        assert "\n" not in subject
        assert not _ABSOLUTE.search(subject)
        assert not re.search(r":\d+", subject), "no line numbers"
    below = findings(moved_down(files), before, select)
    assert keys(below) == keys(found)
    assert sorted(each.id for each in below) == sorted(each.id for each in found)


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)
def test_findings_with_one_subject_lie_in_one_step(folder: Path) -> None:
    """Else a count could hide that one of two things was mended and the other broke."""
    steps: dict[tuple[str, str, str], set[int]] = {}
    for each in findings(Disk(folder), None, ()):
        subject = each.verdict.subject
        if ".steps." in subject:
            lines = each.span.source.content[: each.span.end].splitlines()
            begun = max((number for number, line in enumerate(lines) if re.match(r" +- (?:name|uses|run|id):", line)), default=0)
            steps.setdefault((each.rule, each.span.path, subject), set()).add(begun)
    assert {subject: begun for subject, begun in steps.items() if len(begun) > 1} == {}


DEPLOY = """\
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: ssh u@h 'cd /srv && php artisan migrate'
"""
TESTS = """\
  tests:
    runs-on: ubuntu-latest
    steps:
      - run: vendor/bin/phpunit || true
      - run: composer no-such-script
"""
CHECKOUT = "      - uses: actions/checkout@v4\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(DEPLOY + TESTS, TESTS + DEPLOY, id="a job is moved"),
        pytest.param(
            DEPLOY + TESTS, DEPLOY.replace("    steps:\n", f"    steps:\n{CHECKOUT}") + TESTS, id="a step is added above"
        ),
    ],
)
def test_what_is_moved_keeps_its_name(before: str, after: str) -> None:
    def of(jobs: str) -> tuple[Finding, ...]:
        return findings(Memory({".github/workflows/ci.yml": "on: [push, pull_request]\njobs:\n" + jobs}), None, ())

    assert keys(of(before)) == keys(of(after))
    assert len(keys(of(before))) > 5


def test_what_is_alike_is_told_apart() -> None:
    worker = "[program:w]\ncommand=php artisan queue:work\n"
    one, other = (worker.replace(":w]", f":{name}]") for name in ("mail", "pdf"))
    rules = ("workers", "supervisor")
    there = keys(tuple(each for each in findings(Memory({"supervisor.conf": one + other}), None, rules) if each.decided))
    back = keys(tuple(each for each in findings(Memory({"supervisor.conf": other + one}), None, rules) if each.decided))
    assert there == back
    assert set(there.values()) == {1}
