"""The site: it builds without a warning, says what is true, and fetches nothing from anywhere else."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from opslint import cli, policy, rulebook
from opslint.accepted import ACCEPTED
from opslint.files import Memory
from opslint.finding import SITE, site_url
from opslint.lint import INTERNAL, PARSE, UNDECIDED
from opslint.silence import SUPPRESSION
from opslint.source import Source
from opslint.views.built_in import BUILT_IN
from opslint.weakened import WEAKENED

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
RULES = rulebook.bundled()
SAID_ITSELF = (ACCEPTED, PARSE, INTERNAL, UNDECIDED, SUPPRESSION, WEAKENED)
_FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_FROM_OUTSIDE = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("material", reason="mkdocs-material is not installed: `pip install opslint[docs]`")
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(target)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # the theme's word on a successor of mkdocs
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr.strip()
    return target


class Page(HTMLParser):
    """What a page of the site has: its anchors, where it leads, and what a browser loads for it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.text = path.read_text("utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given["id"]} if "id" in given else set()
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") not in ("canonical", "prev", "next"):
            self.loaded.append(given.get("href", ""))
        elif tag in _FROM_OUTSIDE and _FROM_OUTSIDE[tag] in given:
            self.loaded.append(given[_FROM_OUTSIDE[tag]])


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    """Every page by its address below the site's: `rules/workers/memory-limit/`."""
    found = {path.relative_to(site).as_posix(): Page(path) for path in site.rglob("*.html")}
    return {path.removesuffix("index.html"): page for path, page in found.items()}


def test_every_finding_leads_to_a_place_of_the_site(pages: dict[str, Page]) -> None:
    for rule in [*RULES, *SAID_ITSELF]:
        path, _, anchor = site_url(rule).removeprefix(SITE).partition("#")
        assert path in pages, rule
        assert not anchor or anchor in pages[path].anchors, rule


def test_what_opslint_says_itself_is_explained() -> None:
    assert set(BUILT_IN) == set(SAID_ITSELF)
    for name, said in BUILT_IN.items():
        output = CliRunner().invoke(cli.main, ["explain", name], catch_exceptions=False).output
        assert output == f"{name}\n{said}\n"


def test_the_page_of_a_rule_has_all_that_is_known_of_it(pages: dict[str, Page]) -> None:
    for id, rule in RULES.items():
        page = pages[f"rules/{id}/"]
        for heading in ("bad", "good", "configure", "silence", "references"):
            assert heading in page.anchors, f"{id}: {heading}"
        assert 'class="terminal"' in page.text, f"{id} shows what is printed of its bad example"
        for name in rulebook.PRESETS:
            assert f'{name} <span class="severity {rule.severity[name].value}">' in page.text


def test_what_a_terminal_shows_is_left_as_it_is(pages: dict[str, Page]) -> None:
    shown = [text for page in pages.values() for text in re.findall(r'<pre class="terminal">(.*?)</pre>', page.text, re.DOTALL)]
    assert len(shown) > len(RULES)
    for text in shown:
        assert "](" not in text
        assert "<a" not in text
        assert "\x1b" not in text


def test_no_link_within_the_site_is_dead(pages: dict[str, Page]) -> None:
    """mkdocs warns of dead links in Markdown; the theme's own and those in HTML are looked at here."""
    for path, page in pages.items():
        for link in page.links:
            target, _, anchor = link.partition("#")
            if path == "404.html" or re.match(r"[a-z]+:", target):
                continue
            here = os.path.normpath(f"/{path}{target}").lstrip("/") if target else path.rstrip("/")
            there = here if here in pages else "" if here in ("", ".") else f"{here}/"
            assert there in pages, f"{path} leads to {link}"
            assert not anchor or anchor in pages[there].anchors, f"{path} leads to {link}"


def test_nothing_is_fetched_from_outside(site: Path, pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        for target in page.loaded:
            assert not re.match(r"(?:[a-z]+:)?//", target), f"{path} loads {target}"
    for sheet in site.rglob("*.css"):
        without_data = re.sub(r"url\(\s*[\"']?data:", "", sheet.read_text("utf-8"))
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", without_data), sheet.name


def test_hooks_and_sources_are_not_published(site: Path) -> None:
    assert not [path for path in site.rglob("*") if path.suffix in (".py", ".md", ".pyc")]


def test_a_page_that_comes_later_is_found(pages: dict[str, Page]) -> None:
    """Every document is in the navigation of the home page's section, named in mkdocs.yml or not."""
    for path in DOCS.glob("*.md"):
        address = "" if path.stem == "index" else f"{path.stem}/"
        assert address in pages
        links = {os.path.normpath(link) for link in pages["presets/"].links if not link.startswith(("http", "#"))}
        assert path.stem == "presets" or os.path.normpath(f"../{address}") in links, path.name


def test_the_address_of_the_site_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["urls"]["Documentation"] == SITE
    assert f"\nsite_url: {SITE}\n" in (ROOT / "mkdocs.yml").read_text("utf-8")
    assert SITE in (ROOT / "README.md").read_text("utf-8")


def hook(name: str) -> ModuleType:
    """A module of the hooks, which mkdocs imports from their folder."""
    monkeypatched = [str(DOCS / "hooks"), *sys.path]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", monkeypatched)
        return importlib.import_module(name)


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("[a](../README.md)", "[a](index.md)"),
        ("[a](../CONTRIBUTING.md)", "[a](contributing.md)"),
        ("[a](../rules/acts.yaml)", "[a](https://github.com/opslint/opslint/blob/main/rules/acts.yaml)"),
        ("[a](presets.md#what-differs)", "[a](presets.md#what-differs)"),
        ("[a](https://example.org/x.md) [b](#c)", "[a](https://example.org/x.md) [b](#c)"),
        ("[a](../nowhere.md)", "[a](../nowhere.md)"),
        ("[a](../../outside)", "[a](../../outside)"),
    ],
)
def test_links_of_the_repository_lead_somewhere_on_the_site(written: str, published: str) -> None:
    """What is left as it is, mkdocs looks at; a link that leads nowhere ends its strict build."""
    pytest.importorskip("mkdocs", reason="mkdocs is not installed: `pip install opslint[docs]`")
    assert hook("hook").led(written, DOCS) == published


SCREENS = [
    pytest.param(path, number, id=f"{path.stem}-{number}")
    for path in PAGES
    for number, _ in enumerate(hook("screens").screens(path.read_text("utf-8")))
]


@pytest.mark.parametrize(("path", "number"), SCREENS)
def test_screens_of_the_pages_are_real(path: Path, number: int, request: pytest.FixtureRequest) -> None:
    page = path.read_text("utf-8")
    screen = list(hook("screens").screens(page))[number]
    printed = screen.printed()
    if request.config.getoption("--regenerate"):
        path.write_text(page.replace(f"{screen.arguments}\n{screen.said}", f"{screen.arguments}\n{printed}"), "utf-8")
    assert printed == screen.said


def test_the_pages_show_screens() -> None:
    assert {screen.id for screen in SCREENS} >= {"index-0", "index-1", "getting-started-0", "how-it-decides-0"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_rules_that_the_pages_name_exist(path: Path) -> None:
    families = {id.split("/")[0] for id in RULES}
    for named in re.findall(r"(?<![\w./(])([a-z]+/[a-z-]+)(?![\w/.])", path.read_text("utf-8")):
        assert named in RULES or named.split("/")[0] not in families, named


def documents() -> list[Path]:
    return [*PAGES, *(ROOT / "rules").glob("*/*.md")]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_policies_that_are_shown_are_valid(path: Path) -> None:
    """Every block that sets rules, acts or exceptions, and every parameter in it."""
    for match in _FENCE.finditer(path.read_text("utf-8")):
        if re.match(r"(?:extends|rules|acts|exceptions):", match[3]):
            policy.read(Source(".opslint.yaml", match[3]), Memory({}))


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_that_are_named_exist(path: Path) -> None:
    for command in re.findall(r"(?:`|\$ )opslint ([a-z][^`\n]*)", path.read_text("utf-8")):
        name, *arguments = shlex.split(command, comments=True)
        found = cli.main.get_command(None, name)  # type: ignore[arg-type]
        assert found is not None, command
        known = {option for parameter in found.params for option in parameter.opts}
        assert {word.partition("=")[0] for word in arguments if word.startswith("-")} <= known, command
