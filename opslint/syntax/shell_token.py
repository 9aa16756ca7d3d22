"""A shell script as tokens: words, redirections, operators, and words where they are reserved."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from opslint.finding import Problem
from opslint.source import Text
from opslint.syntax.script import Part, Redirect, Word
from opslint.syntax.shell_part import all_of
from opslint.syntax.shell_word import META, Scanner

TokenKind = Literal[
    "word",
    "pattern",  # of a case arm
    "redirect",
    "operator",  # && || | |& & ; ;; ;& ;;& ( )
    "newline",
    "keyword",  # a reserved word that stands where it is one
    "condition",  # [[ ... ]] with its words
    "arithmetic",  # (( ... ))
]


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    start: int
    end: int
    value: str = ""  # of an operator or keyword
    words: tuple[Word, ...] = ()
    redirect: Redirect | None = None
    follows: bool = False  # a redirection of the compound command that ended just before


_OPERATOR = re.compile(r";;&|;;|;&|;|&&|&|\|\||\|&|\||\(|\)")
_REDIRECT = re.compile(r"(\d+|\{[A-Za-z_]\w*\})?(<<<|<<-|<<|<&|<>|<(?!\()|>>|>&|>\||>(?!\()|&>>|&>)")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(\[[^\]]*\])?\+?=")
_ARRAY = re.compile(r"[A-Za-z_]\w*(\[[^\]]*\])?\+?=\(")
_BEFORE_COMMAND = frozenset(("if", "then", "elif", "else", "while", "until", "do", "{", "!"))
_AFTER_COMMAND = frozenset(("fi", "done", "}", "esac"))
_KEYWORDS = _BEFORE_COMMAND | _AFTER_COMMAND | {"case", "for", "select", "function", "time", "coproc"}
_TIMED = re.compile(r"\s*(-p\s+)?(\{\s|\(|\[\[|!|(if|while|until|for|case|function)\s)")
_MOST_OPEN = 100
MOST_TOKENS = 20_000  # of one script: the longest of the real ones we measured has 1,100

# Where the reader stands: decides which words are reserved.
_Place = Literal[
    "command", "assigned", "argument", "after", "subject", "case-in", "pattern", "name", "for-in", "function"
]  # fmt: skip


class Lexer:
    """Reads tokens of the scanner's text from an index; inside `$( ... )` up to its `)`."""

    def __init__(self, scanner: Scanner, start: int, *, inside: bool) -> None:
        self._scanner = scanner
        self._text, self._value = scanner.text, scanner.value
        self._inside = inside
        self._place: _Place = "command"
        self._open: list[str] = []  # `(` and `case`, the innermost last
        self._waiting: list[int] = []  # indices of here-document tokens whose bodies come after the line
        self.tokens: list[Token] = []
        self.end = self._read(start)
        if self._waiting:
            self._bodies(self.end)

    def _read(self, i: int) -> int:
        while i < len(self._value):
            behind = self._scanner.skip_continuation(i)
            if behind > i:
                i = behind
            elif self._value[i] in " \t" or self._value.startswith("\r\n", i) or self._value[i] == "\r":
                i += 1
            elif self._value[i] == "\n":
                i = self._newline(i)
            elif self._value[i] == "#":
                found = self._value.find("\n", i)
                i = len(self._value) if found < 0 else found
            elif self._inside and self._value[i] == ")" and self._closes():
                return i + 1
            elif len(self.tokens) > MOST_TOKENS:
                return len(self._value)  # whoever asks for the structure is told
            elif len(self._open) > _MOST_OPEN:
                self._scanner.problem(i, len(self._value), f"more than {_MOST_OPEN} parentheses or cases are open")
                return len(self._value)
            else:
                i = self._token(i)
        if self._inside:
            self._scanner.problem(len(self._value), len(self._value), "a command substitution is never closed")
        return i

    def _closes(self) -> bool:
        """Whether a `)` ends the substitution: no parenthesis is open, and no case pattern is being read."""
        return "(" not in self._open and self._place not in ("pattern", "case-in")

    def _token(self, i: int) -> int:
        if self._place in ("command", "after", "name") and self._value.startswith("((", i):
            end = self._arithmetic(i)
            if end > 0:
                return end
        if match := _REDIRECT.match(self._value, i):
            return self._redirect(match)
        if match := _OPERATOR.match(self._value, i):
            self._operator(match[0])
            self.tokens.append(Token("operator", i, match.end(), match[0]))
            return match.end()
        if self._place == "command" and re.match(r"\[\[(?=\s|$)", self._value[i : i + 3]):
            return self._condition(i)
        if (match := _ARRAY.match(self._value, i)) and self._place != "pattern":
            word, end = self._array(i, match.end())
        else:
            word, end = self._scanner.word(i)
        if end == i:  # a stray character: never stand still
            end = i + 1
            word = self._scanner.word_of([Part("literal", self._text[i:end])], i, end)
        self._word(word, i, end)
        return end

    def _word(self, word: Word, i: int, end: int) -> None:
        raw, place = word.raw.value.replace("\\\n", ""), self._place  # a continued line is no part of a word
        reserved = raw in _KEYWORDS and (raw != "time" or _TIMED.match(self._value, end))
        if place in ("command", "after") and reserved:
            self._keyword(raw)
            self.tokens.append(Token("keyword", i, end, raw))
        elif place == "case-in" and raw == "in":
            self._open.append("case")
            self._place = "pattern"
            self.tokens.append(Token("keyword", i, end, raw))
        elif place == "pattern" and raw == "esac":
            self._keyword(raw)
            self.tokens.append(Token("keyword", i, end, raw))
        elif place == "for-in" and raw in ("in", "do"):
            self._place = "argument" if raw == "in" else "command"
            self.tokens.append(Token("keyword", i, end, raw))
        else:
            self.tokens.append(Token("pattern" if place == "pattern" else "word", i, end, words=(word,)))
            following: dict[_Place, _Place] = {
                "subject": "case-in", "name": "for-in", "function": "after", "pattern": "pattern", "for-in": "for-in",
            }  # fmt: skip
            assigned = place in ("command", "assigned") and _ASSIGNMENT.match(raw)
            self._place = "assigned" if assigned else following.get(place, "argument")

    def _keyword(self, value: str) -> None:
        special: dict[str, _Place] = {"case": "subject", "for": "name", "select": "name", "function": "function"}
        if value == "esac" and "case" in self._open:
            while self._open.pop() != "case":
                pass
        self._place = special.get(value, "after" if value in _AFTER_COMMAND else "command")

    def _operator(self, value: str) -> None:
        if value == "(" and self._place != "pattern":
            self._open.append("(")
            self._place = "command"
        elif value == ")":
            if self._place == "pattern":
                self._place = "command"
                return
            if self._open and self._open[-1] == "(":
                self._open.pop()
            self._place = "after"
        elif value in (";;", ";&", ";;&") and "case" in self._open:
            self._place = "pattern"
        elif self._place != "pattern":
            self._place = "command"

    def _newline(self, i: int) -> int:
        if self._place in ("argument", "assigned", "after"):
            self._place = "command"
        self.tokens.append(Token("newline", i, i + 1))
        return self._bodies(i + 1) if self._waiting else i + 1

    def _redirect(self, match: re.Match[str]) -> int:
        i = match.end()
        while i < len(self._value) and (self._value[i] in " \t" or self._scanner.skip_continuation(i) > i):
            i = max(i + 1, self._scanner.skip_continuation(i))
        target: Word | None = None
        at_word = i < len(self._value) and (self._value[i] not in META or self._value[i : i + 2] in ("<(", ">("))
        end = match.end()
        if at_word:
            target, end = self._scanner.word(i)
        else:
            self._scanner.problem(match.start(), match.end(), f"nothing follows the `{match[2]}`")
        redirect = Redirect(match[2], match[1] or "", target, self._text[match.start() : end])
        follows = self._place == "after"
        if match[2] in ("<<", "<<-") and target is not None:
            self._waiting.append(len(self.tokens))
        self.tokens.append(Token("redirect", match.start(), end, redirect=redirect, follows=follows))
        if self._place == "command":
            self._place = "assigned"
        return end

    def _bodies(self, i: int) -> int:
        """Read the bodies of the waiting here-documents, which begin at `i`; behind the last of them."""
        for index in self._waiting:
            redirect = self.tokens[index].redirect
            assert redirect is not None
            assert redirect.target is not None
            body, i = self._body(i, redirect, redirect.target)
            self.tokens[index] = replace(self.tokens[index], redirect=replace(redirect, body=body))
        self._waiting = []
        return i

    def _body(self, start: int, redirect: Redirect, delimiter: Word) -> tuple[Word, int]:
        tabs = redirect.operator == "<<-"
        lines: list[Text] = []
        i, length = start, len(self._value)
        while i < length:
            found = self._value.find("\n", i)
            behind = length if found < 0 else found + 1
            line = self._text[i:behind]
            if tabs:
                line = line[len(line) - len(line.value.lstrip("\t")) :]
            content = line.value.rstrip("\r\n")
            if content == delimiter.value:
                return self._body_word(lines, start, i, delimiter), behind
            if self._inside and re.match(re.escape(delimiter.value) + r"\s*\)", content):
                # bash takes `EOF)` for the end of the here-document and of the substitution, with a warning
                return self._body_word(lines, start, i, delimiter), behind - len(line) + len(delimiter.value)
            lines.append(line)
            i = behind
        message = f"the here-document is never ended by `{delimiter.value}`"
        self._scanner.problems.append(Problem(redirect.raw.span, message))
        return self._body_word(lines, start, length, delimiter), length

    def _body_word(self, lines: list[Text], start: int, end: int, delimiter: Word) -> Word:
        raw = self._text[start:end]
        inner = self._scanner.over(Text.join(lines, raw))
        if any(sign in delimiter.raw.value for sign in "'\"\\"):
            parts = inner.with_github(0, len(inner.value))
        else:
            parts, _ = inner.quoted(0, None)
        self._scanner.problems += inner.problems
        return replace(inner.word_of(parts, 0, len(inner.value)), raw=raw)

    def _arithmetic(self, i: int) -> int:
        """Read `(( ... ))`; 0 where it is two subshells, one in the other."""
        parts, end = self._scanner.enclosed(i + 2, "))")
        if end <= 0:
            return 0
        raw = self._text[i:end]
        word = Word(self._text[i : i + 2], raw, (Part("arithmetic", raw, script=all_of(parts, raw)),))
        self.tokens.append(Token("arithmetic", i, end, words=(word,)))
        self._place = "after" if self._place != "name" else "for-in"
        return end

    def _condition(self, start: int) -> int:
        words: list[Word] = []
        i, length = start, len(self._value)
        stop = META
        while i < length:
            if self._value[i] in " \t\r\n" or self._scanner.skip_continuation(i) > i:
                i = max(i + 1, self._scanner.skip_continuation(i))
                continue
            sign = re.compile(r"&&|\|\||[()<>]").match(self._value, i) if stop == META else None
            if sign:
                word, end = self._plain(i, sign.end()), sign.end()
            else:
                word, end = self._scanner.word(i, stop)
                if end == i:
                    word, end = self._plain(i, i + 1), i + 1
            words.append(word)
            i, stop = end, " \t\n" if word.raw.value == "=~" else META
            if word.raw.value == "]]":
                break
        else:
            self._scanner.problem(start, start + 2, "`[[` is never closed")
        self.tokens.append(Token("condition", start, i, words=tuple(words)))
        self._place = "after"
        return i

    def _plain(self, a: int, b: int) -> Word:
        return self._scanner.word_of([Part("literal", self._text[a:b])], a, b)

    def _array(self, start: int, i: int) -> tuple[Word, int]:
        """`name=(a b)`: one word, its parts those of its elements and what stands between them."""
        parts = [Part("literal", self._text[start:i])]
        while i < len(self._value) and self._value[i] != ")":
            if self._value[i] in META and not self._value.startswith(("<(", ">("), i):
                parts.append(Part("literal", self._text[i : i + 1]))
                i += 1
            elif self._value[i] == "#" and self._value[i - 1] in META:
                found = self._value.find("\n", i)
                i = len(self._value) if found < 0 else found
            else:
                word, end = self._scanner.word(i)
                parts += word.parts
                i = max(end, i + 1)
        if i >= len(self._value):
            self._scanner.problem(start, len(self._value), "an array is never closed")
            return self._scanner.word_of(parts, start, i), i
        parts.append(Part("literal", self._text[i : i + 1]))
        return self._scanner.word_of(parts, start, i + 1), i + 1
