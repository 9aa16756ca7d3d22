"""The blocks of a rule's page: small repositories that are linted, and what opslint says of them.

A fenced block names its file behind the language: ```ini supervisor.conf```. The blocks of a section make one small
repository; a block whose path is already taken begins the next one. A path that ends in `*` is executable, one below
`base/` belongs to the base revision, `.opslint.yaml` is the policy; without one it is `strict`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opslint import policy
from opslint.files import Files, Memory
from opslint.finding import Report, Rule
from opslint.lint import lint
from opslint.source import Source

BASE = "base/"
_BLOCK = re.compile(r"^```(?P<language>\w*)[ \t]+(?P<path>\S+)[ \t]*\n(?P<content>.*?)^```[ \t]*$", re.M | re.S)
_STRICT = "extends: strict\n"


@dataclass(frozen=True, slots=True)
class Block:
    """A file of an example, and where its fences begin and end in the section."""

    language: str
    path: str  # as it is written: `base/` before it, `*` behind it
    content: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """One small repository."""

    blocks: tuple[Block, ...]

    @property
    def files(self) -> Mapping[str, str]:
        return {block.path: block.content for block in self.blocks}


def section(rule: Rule, name: str) -> str:
    """What stands below `## name` on the page, without that line."""
    match = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", rule.page, re.M | re.S)
    return match[1] if match else ""


def examples(text: str) -> Iterator[Example]:
    """The examples of a section, in their order."""
    blocks: dict[str, Block] = {}
    for match in _BLOCK.finditer(text):
        block = Block(match["language"], match["path"], match["content"], match.start(), match.end())
        if block.path in blocks:
            yield Example(tuple(blocks.values()))
            blocks = {}
        blocks[block.path] = block
    if blocks:
        yield Example(tuple(blocks.values()))


def judged(rule: Rule, example: Example) -> Report:
    """What the rule says of an example."""
    past = {path.removeprefix(BASE): content for path, content in example.files.items() if path.startswith(BASE)}
    now = {path: content for path, content in example.files.items() if not path.startswith(BASE)}
    return judged_files(rule, Memory(now), Memory(past) if past else None)


def judged_files(rule: Rule, files: Files, before: Files | None = None) -> Report:
    """What the rule says of a tree of files, by its own policy or `strict`."""
    chosen = policy.load(files)
    if chosen.path is None:
        chosen = policy.read(Source(".opslint.yaml", _STRICT), files)
    return lint(files, chosen, before=before, select=(rule.id,))
