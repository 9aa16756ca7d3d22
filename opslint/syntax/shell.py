"""The two doors to shell text: `script` for what a shell runs, `words` for what none reads.

tree-sitter-bash is told the structure alone, see `shell_skeleton`: of the words it would misread some
(`${{ }}`, here-documents before a pipe, `[ a = b ]`), so these come from `shell_token`, exactly placed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from opslint.finding import Problem
from opslint.source import Text
from opslint.syntax.command_line import CommandLine, command_line, words
from opslint.syntax.script import Block, Item, Part, Script, Unreadable
from opslint.syntax.shell_structure import structure
from opslint.syntax.shell_token import Lexer
from opslint.syntax.shell_word import Scanner

__all__ = ["CommandLine", "command_line", "script", "words"]

_MOST_NESTED = 30  # substitutions in one another
_LONGEST = 2_000_000  # characters


def script(text: Text, expanded: Iterable[Part] = ()) -> Script:
    """The script that a text is; never raises, what cannot be read is Unreadable with a problem.

    `expanded`: the parts of the word whose value the text is, where an outer shell expands it before this one
    reads it (`ssh host "cd $X"`, an unquoted here-document): they come back as parts, what they run left out.
    """
    if len(text) > _LONGEST:
        return _refused(text, f"a script of more than {_LONGEST} characters is not read")
    return _Reader(tuple(expanded)).read(text, 0, 0, inside=False)[0]


class _Reader:
    """Reads a script and those in its substitutions, each once however often its place is looked at."""

    def __init__(self, expanded: tuple[Part, ...]) -> None:
        self._expanded = expanded
        self._seen: dict[tuple[int, int | None], tuple[Text, Script, int]] = {}  # the text is kept: its id is a key

    def read(self, text: Text, start: int, depth: int, *, inside: bool) -> tuple[Script, int]:
        scanner = Scanner(text, partial(self._nested, depth), self._expanded)
        lexer = Lexer(scanner, start, inside=inside)
        block, problems = structure(text, lexer.tokens)
        end = lexer.end - 1 if inside and text.value[lexer.end - 1 : lexer.end] == ")" else lexer.end
        found = tuple(dict.fromkeys((*scanner.problems, *problems)))
        return Script(block, text[start:end], found), lexer.end

    def _nested(self, depth: int, text: Text, at: int | None) -> tuple[Script, int]:
        key = id(text), at
        if key not in self._seen:
            if depth >= _MOST_NESTED:
                refused = _refused(text[at or 0 :], f"more than {_MOST_NESTED} substitutions lie in one another")
                self._seen[key] = text, refused, len(text)
            else:
                self._seen[key] = text, *self.read(text, at or 0, depth + 1, inside=at is not None)
        return self._seen[key][1:]


def _refused(text: Text, message: str) -> Script:
    return Script(Block((Item(Unreadable(text)),), text), text, (Problem(text[:1].span, message),))
