"""Our own pages and acts as data: from the files, or from the index the build made of them.

Reading eighty YAML headers is a tenth of what a commit hook takes. So the wheel carries `rules/index.json`, made by
`hatch_build.py` with `index()`; in a checkout there is none, and the files themselves are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from opslint.source import Source

INDEX = "index.json"
_HEADER_END = re.compile(r"^---[ \t]*$", re.MULTILINE)
_EXAMPLES = ("matches", "but-not")  # of acts: for the tests


class Page(NamedTuple):
    """A rule's page, cut where its header ends."""

    header: str  # with the line `---` before it
    text: str


def folder() -> Path:
    """Where our own pages and `acts.yaml` are: in the package when installed, beside it in a checkout."""
    inside = Path(str(resources.files("opslint"))) / "rules"
    return inside if inside.is_dir() else Path(__file__).parent.parent.parent / "rules"


def cut(content: str) -> Page | None:
    """A page in its two parts; None where it has no header."""
    match = _HEADER_END.search(content, 3) if content.startswith("---") else None
    return Page(content[: match.start()], content[match.end() :].strip() + "\n") if match is not None else None


def acts() -> Mapping[str, Any]:
    """The entries of `acts.yaml` by act, without their examples where an index has them."""
    found: Mapping[str, Any] = _made()["acts"] if _made() is not None else _acts()
    return found


def pages() -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Every rule's id, the data of its header, and the rest of its page."""
    made = _made()
    yield from ((id, header, text) for id, (header, text) in made["pages"].items()) if made is not None else _pages()


def index() -> str:
    """What the build puts into the wheel, so that nothing of this is read again."""
    kept = {act: [_without_examples(entry) for entry in entries] for act, entries in _acts().items()}
    return json.dumps({"acts": kept, "pages": {id: (header, text) for id, header, text in _pages()}})


@cache
def _made() -> Any:
    path = folder() / INDEX
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def _acts() -> Mapping[str, Any]:
    read: Mapping[str, Any] = _plain(Source("rules/acts.yaml", (folder() / "acts.yaml").read_text("utf-8")))
    return read


def _without_examples(entry: Any) -> Any:
    return entry if isinstance(entry, str) else {key: said for key, said in entry.items() if key not in _EXAMPLES}


def _pages() -> Iterator[tuple[str, Mapping[str, Any], str]]:
    for path in sorted(folder().glob("*/*.md")):
        id = f"{path.parent.name}/{path.stem}"
        page = cut(path.read_text("utf-8"))
        if page is None:
            raise ValueError(f"{path}: expected a header between two lines `---`")
        yield id, _plain(Source(f"{id}.md", page.header)), page.text


def _plain(source: Source) -> Any:
    from opslint.syntax import yaml
    from opslint.syntax.schema import plain

    document = yaml.read(source)
    if document.root is None or document.problems:
        raise ValueError(f"{source.path} cannot be read: {document.problems}")
    return plain(document.root)
