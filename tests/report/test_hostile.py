"""A hostile repository through the whole pipeline: each output is read as its consumer reads it, and obeys nobody."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

import opslint
from opslint import policy as policies
from opslint.cli import main
from opslint.files import Memory
from opslint.finding import SITE, Report
from opslint.lint import lint
from opslint.report import text as text_report
from opslint.report.formats import FORMATS
from opslint.report.safe import visible
from opslint.source import Source
from tests.report.hostile import FILLED, TEXTS, named, policy, project
from tests.report.runner import obeyed
from tests.report.terminal import shown
from tests.report.test_formats import strings, validator

IDS = [ascii(text[:24]) for text in TEXTS]
GROUPS = [range(start, len(TEXTS), 4) for start in range(4)]  # together they are read faster than one by one
EVIL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
PROPERTIES = {"title", "file", "line", "endLine", "col", "endColumn"}
TAGS = {"h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "details", "summary", "ul", "li", "pre", "strong", "hr"}


class Tags(HTMLParser):
    """The elements of a page with the names of their attributes, and the text around them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: Counter[tuple[str, ...]] = Counter()
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag, *(name for name, _ in attrs)] += 1
        assert not any(name.startswith("on") or "script:" in (value or "") for name, value in attrs)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def is_plain(log: str) -> None:
    """A log: for the runner it holds no command, for a terminal nothing but letters and our colours."""
    assert obeyed(log) == []
    drawn, told = shown(log)
    assert told == []
    bare = re.sub(r"\x1b\[[0-9;]*m", "", log)
    assert not EVIL.search(bare)
    assert drawn == bare.replace("\t", "")


def is_github(log: str) -> None:
    commands = obeyed(log)
    assert commands[-1] == "stop-commands"
    assert set(commands[:-1]) <= {"error", "warning", "notice"}
    assert len(commands) <= 12
    for line in log.splitlines()[: len(commands) - 1]:
        written = line[2 : line.index("::", 2)].partition(" ")[2]
        assert {each.partition("=")[0] for each in written.split(",")} <= PROPERTIES
        assert "%0D" not in line.replace("%250D", "")
    assert shown(log)[1] == []
    assert not EVIL.search(log)


def is_markdown(page: str) -> None:
    """As GitHub renders it, HTML let through: only our elements, no link, no image, nobody mentioned."""
    is_plain(page)
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(page)
    page = re.sub(rf'<a href="{re.escape(SITE)}[a-z/#-]*">(<code>[a-z/-]+</code>|[a-z/-]+)</a>', "", page)  # ours
    tags = Tags(page)
    assert {tag for tag, *_ in tags.found} <= TAGS
    assert {name for _, *names in tags.found for name in names} <= {"style", "class"}
    outside = Tags(re.sub(r"(?s)<(code|pre)\b.*?</\1>", "", page)).words
    assert not re.search(r"@\w|#\d|GH-\d|https?://|www\.\w|:tada:", "".join(outside))


def is_json(name: str) -> Callable[[str], None]:
    def check(log: str) -> None:
        is_plain(log)
        shape = json.loads(log)
        validator(name).validate(shape)
        told = [each for each in strings(without_replacements(shape)) if EVIL.search(each.replace("\n", ""))]
        assert told == []

    return check


def without_replacements(value: object) -> object:
    """What is shown to people: a replacement is exact, for the tool that makes it."""
    if isinstance(value, dict):
        return {key: without_replacements(each) for key, each in value.items() if key not in ("replacement", "insertedContent", "suggestions")}
    return [without_replacements(each) for each in value] if isinstance(value, list) else value


def is_xml(log: str) -> None:
    is_plain(log)
    for element in ET.fromstring(log).iter():
        assert not EVIL.search((element.text or "").replace("\n", "") + "".join(element.attrib.values()))


CONSUMERS: dict[str, Callable[[str], None]] = {
    "text": is_plain,
    "json": is_json("json"),
    "sarif": is_json("sarif"),
    "github": is_github,
    "gitlab": is_json("gitlab"),
    "junit": is_xml,
    "checkstyle": is_xml,
    "rdjson": is_json("rdjson"),
    "markdown": is_markdown,
}


def test_every_format_has_a_consumer() -> None:
    assert set(CONSUMERS) == set(FORMATS)


@cache
def report(group: int) -> Report:
    texts = [FILLED[index] for index in GROUPS[group]]
    contents = project(*texts)
    for index in GROUPS[group]:
        contents |= named(TEXTS[index])
    files = Memory(contents)
    return lint(files, policies.read(Source(".opslint.yaml", policy(texts[0])), files))


@pytest.mark.parametrize("group", range(len(GROUPS)))
def test_the_whole_is_judged(group: int) -> None:
    """Nothing crashes, and each text is met: else the tests below would prove little."""
    found = report(group)
    assert found.complete
    assert any(finding.verdict.course for finding in found.findings)
    told = "\n".join(strings(json.loads(FORMATS["json"](found))))
    for index in GROUPS[group]:
        assert visible(FILLED[index].strip().splitlines()[0])[:12] in told


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("group", range(len(GROUPS)))
def test_no_format_speaks_for_the_repository(name: str, group: int) -> None:
    CONSUMERS[name](FORMATS[name](report(group)))


@pytest.mark.parametrize("group", range(len(GROUPS)))
def test_colours_are_all_that_a_terminal_is_told(group: int) -> None:
    is_plain(text_report.render(report(group), color=True, width=60, verbose=True, statistics=True))
    is_plain(text_report.render(report(group), color=True, quiet=True))


def test_a_terminal_would_have_obeyed() -> None:
    """The emulator sees what the tests forbid."""
    assert shown("a\x1b[2Jb\x1b[31mc\x1b[0m\n") == ("abc\n", ["erase_in_display"])
    assert shown("\x1b]0;title\x07")[1] == ["set_icon_name", "set_title"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All the texts in one project on a disk, with names that are no UTF-8, and a history of its baseline."""
    root = tmp_path_factory.mktemp("hostile")
    texts = [FILLED[index] for index in GROUPS[1]]
    files = project(*texts)
    for text in TEXTS:
        files |= dict([*named(text).items()][:1])
    for path, content in files.items():
        place = os.path.join(os.fsencode(root), path.encode("utf-8", "surrogateescape" if "\ud800" not in path else "replace"))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(content.encode())
    (root / ".opslint.yaml").write_text(policy(texts[0]), "utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    for count in (2, 5):
        baseline = root / "phpstan-baseline.neon"
        baseline.write_text(baseline.read_text("utf-8").replace("count: 2", f"count: {count}"), "utf-8")
        subprocess.run(["git", "init", "-q"], cwd=root, check=True, env=kept)
        subprocess.run(["git", "add", "-A"], cwd=root, check=True, env=kept)
        command = ["git", "-c", "user.name=::error::x", "-c", "user.email=x@x", "commit", "-q", "-m", "::error::x\x1b]0;x\x07"]
        subprocess.run(command, cwd=root, check=True, env=kept)
    return root


def said(folder: Path, *arguments: str) -> str:
    """What the program writes to a pipe, as bytes that the consumer decodes."""
    command = [sys.executable, "-m", "opslint", *arguments]
    path = str(Path(opslint.__file__).parent.parent)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTHON"))}
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, env={**kept, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"})
    assert done.stderr == b"", done.stderr
    assert done.returncode in (0, 1)
    return done.stdout.decode()


def test_the_program_speaks_for_nobody_either(folder: Path, tmp_path: Path) -> None:
    """One run with real file names: each format into a file, and the log of a job."""
    files = {name: tmp_path / name for name in FORMATS if name != "github"}
    is_github(said(folder, "check", "--output", "github", *(f"--output={name}={path}" for name, path in files.items())))
    for name, path in files.items():
        CONSUMERS[name](path.read_text("utf-8"))
    assert not [path for path in folder.rglob("*") if path.name in ("x", "y")], "a command of a run line was executed"


DEPLOY, WORKERS = ".github/workflows/deploy.yml", "docker/supervisor.conf"
VIEWS: dict[tuple[str, ...], Callable[[str], None]] = {
    ("explain", DEPLOY): is_plain,
    ("explain", "scripts/deploy.sh"): is_plain,
    ("explain", WORKERS): is_plain,
    ("explain", "phpstan.neon"): is_plain,
    ("explain", "composer.json"): is_plain,
    **{("explain", f"{WORKERS}:{line}"): is_plain for line in (1, 32)},
    ("explain", f"{DEPLOY}:40"): is_plain,
    ("simulate", DEPLOY): is_plain,
    ("simulate", "scripts/deploy.sh"): is_plain,
    ("simulate", DEPLOY, "--format", "json"): is_plain,
    ("simulate", DEPLOY, "--format", "markdown"): is_markdown,
    ("explain", "deploy/maintenance-always-ends", "--at", f"{DEPLOY}:1"): is_plain,
    ("explain", "deploy/maintenance-always-ends", "--why-not"): is_plain,
    ("files",): is_plain,
    ("rules",): is_plain,
    ("rules", "--format", "json"): is_plain,
    ("rules", "--format", "markdown"): is_plain,
    ("trend",): is_plain,
    ("trend", "--format", "json"): is_plain,
    ("trend", "--format", "csv"): is_plain,
    ("trend", "--format", "markdown"): is_plain,
    ("trend", "--format", "svg"): is_xml,
    ("trend", "--format", "html"): is_plain,
}


@pytest.mark.parametrize("arguments", VIEWS, ids=" ".join)
def test_no_view_speaks_for_the_repository(folder: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code in (0, 1), result.output
    VIEWS[arguments](result.output)


@pytest.mark.parametrize("arguments", [("explain", DEPLOY), ("explain", f"{WORKERS}:1"), ("simulate", DEPLOY), ("trend",)], ids=" ".join)
def test_no_colour_speaks_for_it(folder: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(main, [*arguments, "--color", "always"], catch_exceptions=False)
    assert "\x1b[" in result.output
    is_plain(result.output)


def test_the_page_of_a_trend_has_our_elements_alone(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(folder)
    hostile = Tags(CliRunner().invoke(main, ["trend", "--format", "html"]).output)
    assert not {("a", "href"), ("img", "src", "onerror"), ("script",)} & set(hostile.found)
    assert {tag for tag, *_ in hostile.found} <= OURS


OURS = set("html head meta title style body h1 h2 p svg g path text title line rect polyline polygon circle table thead tbody tr th td code desc".split())


@pytest.mark.parametrize("text", TEXTS, ids=IDS)
def test_a_mistake_in_a_hostile_policy_is_told_harmlessly(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".opslint.yaml").write_text(json.dumps({"rules": {text: text}, text: text}), "utf-8")
    (tmp_path / "worker.conf").write_text("[program:w]\n")
    monkeypatch.chdir(tmp_path)
    typed = text.replace("\0", "").encode("utf-8", "replace").decode()  # a command line holds neither
    for arguments in (["check"], ["explain", typed], ["check", "--format", typed], [typed], ["check", f"--{typed}"]):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 2, result.output
        is_plain(result.output)
