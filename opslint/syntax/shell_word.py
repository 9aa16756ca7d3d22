"""One word of a shell script: its quotes and escapes taken off, its expansions kept apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from opslint.finding import Problem
from opslint.source import Text
from opslint.syntax.script import Part, Script, Word
from opslint.syntax.shell_escape import ansi_quoted, written_as
from opslint.syntax.shell_part import all_of, merged

Nested = Callable[[Text, int | None], tuple[Script, int]]
"""Reads the script behind a `$(` that stands before the index, to its `)`; the whole text where the index is None."""

_MOST_NESTED = 30  # `${...}` and `$((...))` in one another
META = " \t\n;&|<>()"
GITHUB = re.compile(r"\$\{\{(?P<expression>(?:'(?:[^']|'')*'|[^'}]|\}(?!\}))*)\}\}")
_NAME = re.compile(r"[A-Za-z_]\w*|[0-9@*#?$!-]")
_IN_BRACES = re.compile(r"[!#]?([A-Za-z_]\w*|[0-9]+|[@*#?$!-])")
_PLAIN = re.compile(r"[^\s;&|<>()'\"\\$`*?\[{~+@!]+")
_GLOBS = re.compile(r"\*+|\?|\[[!^]?\]?[^\s\]/'\"]+\]|\{[^\s{}'\"`]*(?:,|\.\.)[^\s{}'\"`]*\}")
_HOME = re.compile(r"~[\w.-]*(?=[/:\s;&|<>()]|$)")


class Scanner:
    """Reads words of one text by index; `problems` collects what was met on the way.

    `expanded` are the parts of an outer word that this text is the value of: the outer shell has replaced them
    before this script is read, so they come back as they are and what they run is not read a second time.
    """

    def __init__(self, text: Text, nested: Nested, expanded: Iterable[Part] = ()) -> None:
        self.text = text
        self.value = text.value
        self.problems: list[Problem] = []
        self._depth = 0
        self._nested = nested
        self._expanded = {part.text.starts[0]: part for part in expanded if part.kind != "literal" and part.text.value}

    def problem(self, a: int, b: int, message: str) -> None:
        self.problems.append(Problem(self.text[a:b].span, message))

    def over(self, text: Text) -> Scanner:
        """A scanner of another text, such as a here-document's, that reads substitutions as this one does."""
        return Scanner(text, self._nested, self._expanded.values())

    def skip_continuation(self, i: int) -> int:
        r"""Behind the `\` and line break at `i`, else `i` itself."""
        if self.value.startswith("\\\n", i):
            return i + 2
        return i + 3 if self.value.startswith("\\\r\n", i) else i

    def word(self, start: int, stop: str = META) -> tuple[Word, int]:
        """The word that begins at `start`, up to an unquoted character of `stop`."""
        parts: list[Part] = []
        i = start
        while i < len(self.value):
            if self.value[i] in stop and not self._opens_parenthesis(i):
                break
            if self.value.startswith("\r\n", i):
                break
            found, i = self._piece(i, start, stop)
            parts += found
        return self.word_of(parts, start, i), i

    def word_of(self, parts: Iterable[Part], start: int, end: int) -> Word:
        joined = tuple(merged(parts))
        raw = self.text[start:end]
        return Word(Text.join((part.text for part in joined), raw), raw, joined)

    def quoted(self, i: int, closing: str | None) -> tuple[list[Part], int]:
        """Parts of what stands in double quotes, up to the closing one; a here-document's body has none."""
        parts: list[Part] = []
        opened, length = i, len(self.value)
        escapable = '$`\\"' if closing else "$`\\"
        special = re.compile(r"[\\$`\"]" if closing else r"[\\$`]")
        while i < length:
            match = special.search(self.value, i)
            end = match.start() if match else length
            if end > i:
                parts.append(self._literal(i, end, quoted=True))
                i = end
            elif self.value[i] == closing:
                return parts or [self._literal(i, i, quoted=True)], i + 1
            elif self.value[i] == "\\":
                found, i = self._escaped(i, escapable)
                parts += found
            else:
                part, i = self._expansion(i, quoted=True)
                parts.append(part)
        if closing:
            self.problem(opened - 1, opened, "a double quote is never closed")
        return parts, i

    def with_github(self, a: int, b: int) -> list[Part]:
        """Text that this shell takes as it is: single quotes, and here-documents whose delimiter is quoted.

        GitHub's expressions are replaced in it, and what an outer shell expands.
        """
        parts: list[Part] = []
        begin = at = a
        while at < b:
            replaced = self._replaced(at)
            if replaced is None:
                at += 1
                continue
            if at > begin:
                parts.append(self._literal(begin, at, quoted=True))
            parts.append(replaced)
            begin = at = at + max(1, len(replaced.text))
        if begin < b or not parts:
            parts.append(self._literal(begin, max(begin, b), quoted=True))
        return parts

    def _replaced(self, i: int) -> Part | None:
        """What stands at `i` and is replaced before this shell reads anything."""
        if self.value[i] not in "$`":
            return None
        outer = self._expanded.get(self.text.starts[i])
        if outer is not None:
            return replace(outer, quoted=True, script=None)
        match = GITHUB.match(self.value, i)
        return self._github(match, quoted=True) if match else None

    def _opens_parenthesis(self, i: int) -> bool:
        return self.value[i] in "<>" and self.value.startswith("(", i + 1)

    def _literal(self, a: int, b: int, *, quoted: bool = False) -> Part:
        return Part("literal", self.text[a:b], quoted)

    def _github(self, match: re.Match[str], *, quoted: bool) -> Part:
        text = self.text[match.start() : match.end()]
        return Part("github", text, quoted, name=match["expression"].strip())

    def _piece(self, i: int, start: int, stop: str) -> tuple[list[Part], int]:
        """What stands unquoted at `i`."""
        char = self.value[i]
        if char == "'":
            return self._single(i)
        if char == '"':
            return self.quoted(i + 1, '"')
        if char == "\\":
            return self._escaped(i, None)
        if char == "$" and self.value[i + 1 : i + 2] in ("'", '"') and not self.value.startswith("${{", i):
            return self._ansi(i) if self.value[i + 1] == "'" else self.quoted(i + 2, '"')
        if char in "$`":
            part, i = self._expansion(i, quoted=False)
            return [part], i
        if char in "<>":
            nested, end = self._nested(self.text, i + 2)
            self.problems += nested.problems
            return [Part("process", self.text[i:end], script=nested)], end
        if char in "?*+@!" and self.value.startswith("(", i + 1) and (i > start or char not in "!"):
            end = self._balanced(i + 2)
            return [Part("glob", self.text[i:end])], end
        at_home = char == "~" and (i == start or (i > start + 1 and self.value[i - 1] in "=:"))
        pattern = _HOME if at_home else _GLOBS
        if match := pattern.match(self.value, i):
            return [Part("glob", self.text[i : match.end()])], match.end()
        plain = _PLAIN.match(self.value, i)
        end = plain.end() if plain else i + 1
        if stop != META:
            end = next((at for at in range(i, end) if self.value[at] in stop), end)
        return [self._literal(i, end)], end

    def _balanced(self, i: int) -> int:
        """Behind the `)` of an extended glob, whose inside matters to nobody here."""
        depth = 1
        while i < len(self.value) and depth and self.value[i] != "\n":
            depth += (self.value[i] == "(") - (self.value[i] == ")")
            i += 1
        return i

    def _single(self, i: int) -> tuple[list[Part], int]:
        at = i + 1
        while at < len(self.value) and self.value[at] != "'":
            replaced = self._replaced(at)
            at += max(1, len(replaced.text)) if replaced else 1
        if at >= len(self.value):
            self.problem(i, i + 1, "a single quote is never closed")
        return self.with_github(i + 1, at), min(at + 1, len(self.value))

    def _ansi(self, i: int) -> tuple[list[Part], int]:
        pieces, end = ansi_quoted(self.text, i + 2)
        if end > len(self.value):
            self.problem(i, i + 2, "a single quote is never closed")
        text = Text.join(pieces, self.text[i + 2 : i + 2])
        return [Part("literal", text, quoted=True)], min(end, len(self.value))

    def _escaped(self, i: int, escapable: str | None) -> tuple[list[Part], int]:
        """The character behind a backslash; in double quotes only the `escapable` ones lose it."""
        if (behind := self.skip_continuation(i)) > i:
            return [], behind
        following = self.value[i + 1 : i + 2]
        if not following or (escapable is not None and following not in escapable):
            return [self._literal(i, i + 1, quoted=True)], i + 1
        return [Part("literal", written_as(self.text, i, i + 2, following), quoted=True)], i + 2

    def _expansion(self, i: int, *, quoted: bool) -> tuple[Part, int]:
        """What stands behind the `$` or backquote at `i`."""
        replaced = self._replaced(i)
        if replaced is not None:
            return replace(replaced, quoted=quoted), i + max(1, len(replaced.text))
        if self.value[i] == "`":
            return self._backquoted(i, quoted=quoted)
        if self.value.startswith("$((", i):
            inner, end = self.enclosed(i + 3, "))")
            if end == -1:
                self.problem(i, i + 3, "`$((` is never closed")
                end = len(self.value)
            if end:
                return Part("arithmetic", self.text[i:end], quoted, script=all_of(inner, self.text[i:end])), end
        if self.value.startswith("$(", i):
            nested, end = self._nested(self.text, i + 2)
            self.problems += nested.problems
            return Part("command", self.text[i:end], quoted, script=nested), end
        if self.value.startswith("${", i):
            inner, end = self.enclosed(i + 2, "}")
            if end == -1:
                self.problem(i, i + 2, "`${` is never closed")
                end = len(self.value)
            named = _IN_BRACES.match(self.value, i + 2)
            text = self.text[i:end]
            return Part("parameter", text, quoted, named[1] if named else "", all_of(inner, text)), end
        if match := _NAME.match(self.value, i + 1):
            return Part("parameter", self.text[i : match.end()], quoted, match[0]), match.end()
        return self._literal(i, i + 1, quoted=quoted), i + 1

    def enclosed(self, i: int, closing: str) -> tuple[list[Part], int]:
        """What runs inside `${...}` or `$((...))`, and the index behind its end.

        The index is -1 where it is never closed, and 0 where `((` turns out to be two parentheses.
        """
        parts: list[Part] = []
        if self._depth >= _MOST_NESTED:
            return parts, -1
        self._depth += 1
        depth, end = 0, -1
        while i < len(self.value) and end == -1:
            char = self.value[i]
            if self.value.startswith(closing, i) and depth <= 0:
                end = i + len(closing)
            elif char == "\\":
                i += 2
            elif char in "$`":
                part, i = self._expansion(i, quoted=True)
                parts.append(part)
            elif char == '"':
                found, i = self.quoted(i + 1, '"')
                parts += found
            else:
                depth += (char == "(") - (char == ")") if closing == "))" else 0
                end = 0 if depth < 0 else -1
                i += 1
        self._depth -= 1
        return parts, end

    def _backquoted(self, i: int, *, quoted: bool) -> tuple[Part, int]:
        pieces: list[Text] = []
        at, escapable = i + 1, '`\\$"' if quoted else "`\\$"
        while at < len(self.value) and self.value[at] != "`":
            if self.value[at] == "\\" and self.value[at + 1 : at + 2] in escapable and at + 1 < len(self.value):
                pieces.append(written_as(self.text, at, at + 2, self.value[at + 1]))
                at += 2
            else:
                pieces.append(self.text[at : at + 1])
                at += 1
        if at >= len(self.value):
            self.problem(i, i + 1, "a backquote is never closed")
        nested, _ = self._nested(Text.join(pieces, self.text[i + 1 : i + 1]), None)
        self.problems += nested.problems
        end = min(at + 1, len(self.value))
        return Part("command", self.text[i:end], quoted, script=nested), end
