"""Reading YAML and JSON: events into a tree of places, typed by the core schema of YAML 1.2."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from opslint.finding import Problem
from opslint.source import Source, Span, Text
from opslint.syntax.tree import Comment, Document
from opslint.syntax.yaml_events import Events, fastest_events, python_events
from opslint.syntax.yaml_tree import Tree

_COMMENT = re.compile(r"(?<![^\ufeff \t\r\n])#([^\r\n]*)")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT_IN_1_2 = str.maketrans("\x85\u2028\u2029\ufeff", "\ue000" * 4)
_SURROGATES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")

# Old libyaml refuses `[3306:3306]` and `{image: mysql:8}`, which YAML allows; ruamel's own parser reads them.
_COLON_IN_FLOW = "found unexpected ':'"
_LONGEST_READ_AGAIN = 131_072  # characters; it needs seconds for a megabyte


def read(source: Source, events: Events | None = None) -> Document:
    """A document with everything that stands in it, up to the first place that cannot be read.

    Aliases share the node they name, so the tree is a DAG; even a naive walk of it is bounded (yaml_tree.py).
    Duplicate keys and merge keys (`<<`) stay entries as they are written. Never raises.
    """
    tree = _grown(source, events or fastest_events())
    refused = bool(tree.problems) and tree.problems[-1].message == _COLON_IN_FLOW
    if refused and len(source.content) <= _LONGEST_READ_AGAIN:
        tree = max(tree, _grown(source, python_events), key=lambda each: each.reached)
    problems = sorted((*_unprintable(source), *tree.problems), key=lambda problem: problem.span.start)
    return Document(source, tree.finish(), tuple(problems), tuple(_comments(source, tree.regions, tree.reached)))


def _grown(source: Source, events: Events) -> Tree:
    content = _readable(source.content)
    tree = Tree(source, source if content == source.content else Source(source.path, content))
    try:
        for event in events(content[tree.base :]):
            if not tree.take(event):
                break
    except MarkedYAMLError as error:
        _stop_at(tree, error)
    except (YAMLError, RecursionError, ValueError, OverflowError, MemoryError) as error:
        tree.stop(0, f"this cannot be read as YAML: {type(error).__name__}")
    return tree


def _readable(content: str) -> str:
    """The content with stand-ins of the same length for what libyaml refuses or takes for a line break.

    U+0085, U+2028 and U+2029 break lines in YAML 1.1 alone, libyaml alone skips U+FEFF at the start of a line, and
    two escapes for one character are JSON's.
    """
    if not content.isascii():
        content = content.translate(_TEXT_IN_1_2)
    return _SURROGATES.sub(r"\\u0041\\u0041", _UNPRINTABLE.sub("\ufffd", content))


def _unprintable(source: Source) -> Iterator[Problem]:
    if match := _UNPRINTABLE.search(source.content):
        message = f"the character U+{ord(match[0]):04X} is not allowed in YAML"
        yield Problem(Span(source, match.start(), match.end()), message)


def _stop_at(tree: Tree, error: MarkedYAMLError) -> None:
    """What is never closed is told where it opens, anything else where it is met."""
    mark, opening = error.problem_mark or error.context_mark, error.context_mark
    message = (error.problem or "this is not YAML").strip()
    place = tree.base + (mark.index if mark else 0)
    begin = tree.base + opening.index if opening else place
    if not tree.source.content[place:].strip() and begin < place:
        place, message = begin, f"{message} {error.context or ''}".strip()
    tree.stop(place, message)
    tree.reached = min(begin, place)


def _comments(source: Source, regions: list[tuple[int, int]], limit: int) -> Iterator[Comment]:
    """Every `#` at the start of a line or behind a blank that no scalar holds; libyaml drops them."""
    place = 0
    while match := _COMMENT.search(source.content, place, limit):
        region = bisect_right(regions, (match.start(), limit)) - 1
        if region >= 0 and match.start() < regions[region][1]:
            place = regions[region][1]
            continue
        yield Comment(Text.verbatim(source, *match.span(1)))
        place = match.end()
