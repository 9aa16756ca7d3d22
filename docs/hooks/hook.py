"""Makes the pages of the rules and the navigation when mkdocs builds the site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import manual
import screens
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from opslint import rulebook

ROOT = Path(__file__).parent.parent.parent
GUIDE = ("index", "getting-started", "how-it-decides", "presets")  # read in this order; any other page comes behind
PROJECT = {"changelog": "CHANGELOG.md", "contributing": "CONTRIBUTING.md", "architecture": "ARCHITECTURE.md"}
DIFFERING = "<!-- differing -->"  # stands for the table of the rules that the presets set differently
SOURCE = "https://github.com/opslint/opslint/blob/main"
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds every page that is made of something else, and lays out the navigation over all of them."""
    rules = rulebook.bundled()
    made = {f"rules/{id}.md": manual.rule_page(rule, rules) for id, rule in rules.items()}
    made |= {f"rules/{name}/index.md": manual.family_page(name, rules) for name in manual.families(rules)}
    made |= {"rules/index.md": manual.index_page(rules), "rules/opslint.md": manual.itself_page(rules)}
    made |= {f"{name}.md": (ROOT / path).read_text("utf-8") for name, path in PROJECT.items()}
    for path, content in made.items():
        files.append(File.generated(config, path, content=content))
    config.nav = _navigation(sorted(file.src_uri for file in files.documentation_pages()))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    """What is written gets its tables and colours, and what it names leads to its page."""
    rules, path = rulebook.bundled(), page.file.src_uri
    if path.startswith("rules/"):
        return markdown
    differing = {id: rule for id, rule in rules.items() if rule.strict_params or len(set(rule.severity.values())) > 1}
    written = screens.colored(markdown).replace(DIFFERING, manual.table(differing, "rules/"))
    folder = ROOT if path.removesuffix(".md") in PROJECT else ROOT / "docs"
    return manual.linked(led(written, folder), rules, "rules/")


def led(markdown: str, folder: Path) -> str:
    """Links as the repository has them: to a document's page here, to a file of the source where it is."""
    pages = {ROOT / name: f"{page}.md" for page, name in PROJECT.items()} | {ROOT / "README.md": "index.md"}

    def target_of(match: re.Match[str]) -> str:
        target = (folder / match[1]).resolve()
        if target in pages:
            return pages[target]
        is_source = target.exists() and target.is_relative_to(ROOT) and not target.is_relative_to(ROOT / "docs")
        return f"{SOURCE}/{target.relative_to(ROOT).as_posix()}" if is_source else match[0]

    return _LINK.sub(target_of, markdown)


def _navigation(paths: list[str]) -> list[dict[str, object]]:
    written = [path for path in paths if "/" not in path and path.removesuffix(".md") not in PROJECT]
    ordered = [f"{name}.md" for name in GUIDE]
    guide = [*ordered, *(path for path in written if path not in ordered)]
    return [
        {"Guide": guide},
        {"Rules": ["rules/index.md", *_rules(paths), "rules/opslint.md"]},
        {"Project": [f"{name}.md" for name in PROJECT]},
    ]


def _rules(paths: list[str]) -> Iterator[dict[str, object]]:
    for family in manual.families(rulebook.bundled()):
        pages = [path for path in paths if path.startswith(f"rules/{family}/") and not path.endswith("/index.md")]
        yield {family: [f"rules/{family}/index.md", *pages]}
