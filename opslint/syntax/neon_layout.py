"""The layout of NEON: which line belongs to which block, as tokens for the grammar."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from opslint.syntax.neon_tokens import LITERAL, STRING, NeonProblem, Scanner, Token
from opslint.syntax.php_array import key_name
from opslint.syntax.tree import Scalar

DEPTH = 100  # blocks and brackets within one another

_PAIR = re.compile(
    rf"(?:({LITERAL})|({STRING}))[\t\ ]*+(?:=|(?<=[\"']):|:(?=[\"'\[\]{{}}()\t\ ]))[\t\ ]*+"
    rf"(?:({LITERAL})|({STRING}))[\t\ ]*+(?=\n|\Z)",
    re.VERBOSE | re.MULTILINE,
)
_NEXT_LINE = re.compile(r"(?:\n[\t ]*)*\n([\t ]*+)(?![\n#])")
_DASH = re.compile(r"-[\t ]*+\n([\t ]*+)(?![\n#])")
_OPENING = frozenset({"SQUARE", "CURLY", "ROUND"})
_CLOSING = frozenset({"SQUARE_END", "CURLY_END", "ROUND_END"})

Place = tuple[int, int]
Pairs = list[tuple[Scalar, Scalar]]


@dataclass(slots=True)
class _Block:
    """A block that is open. `indent` is None after `- ` until a deeper line shows it: a TAB or two spaces more."""

    indent: str | None
    bullets: bool = False  # dashes at the indentation of their key: ends at the first line that is none
    filled: bool = False
    tab: Place | None = None  # the token that showed the indentation behind a dash to be a TAB
    keys: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Brackets:
    keys: set[str] = field(default_factory=set)
    place: Place | None = None  # of the item that is being read
    item: Scalar | None = None  # the same, if it is a lone scalar so far

    def add(self, token: Token) -> None:
        self.item = token.value if self.place is None else None
        self.place = self.place or (token.start, token.end)


class Layout(Scanner):
    """One pass over a text: `stream()` gives the tokens, one at a time, as late as can be.

    So what is wrong shows in the order in which nette meets it, the grammar's part of it included.
    """

    anchor = 0  # where the entry begins that is being read: what to leave out if it cannot be

    def problem(self, message: str, start: int, end: int) -> NeonProblem:
        """nette tries a block behind a dash with a TAB, then with two spaces, and reports how that ends:
        at the first line with the TAB."""
        tab = next((block.tab for block in self._blocks if block.tab), None)
        return NeonProblem("Invalid combination of tabs and spaces", *tab) if tab else NeonProblem(message, start, end)

    def stream(self) -> Iterator[Token]:
        self._blocks: list[_Block] = []
        self.advance()
        self.newlines()
        if self.kind == "END":
            return
        self._blocks.append(_Block(self.indent))
        while (yield from self._entry()) or (yield from self._close()):
            self._bound(len(self._blocks))
        self.newlines()
        if self.kind != "END":
            self.anchor = self.start
            yield self.token("STRAY")

    def _entry(self) -> Generator[Token, None, bool]:
        """An entry or lone value of the innermost block; True where it opens a block of its own."""
        block = self._blocks[-1]
        self.anchor = self.start
        if self.kind == "DASH":
            block.filled = True
            if items := self._items(block):
                yield Token("ITEMS", self, self.anchor, self.end, items)
                self.advance()
                return False
            yield self.token()
            self.advance()
            return (yield from self._below(block, dash=True))
        if block.bullets:
            yield from self._closed()
            return False
        pairs, end = self._pairs(block, self.start)
        if pairs:
            block.filled = True
            self.kind, self.end = "LINES", end
            yield Token("LINES", self, self.anchor, self.end, pairs)
            self.advance()
            return False
        place = self.start, self.end
        key = yield from self._value()
        if self.kind == "SEP":
            yield self.token()
            self._key(block.keys, key, place)
            block.filled = True
            self.advance()
            return (yield from self._below(block, dash=False))
        if block.filled:
            yield self._stray()
        yield from self._closed()
        return False

    def _below(self, block: _Block, dash: bool) -> Generator[Token, None, bool]:
        """What a dash or key holds: a block on deeper lines, a block or value on the same one, or nothing."""
        opened = None
        if self.kind == "NL":
            self.newlines()
            deeper = self._compare(block)
            bullets = deeper == 0 and not dash and self.kind == "DASH"
            if bullets or (deeper > 0 and self.kind != "END"):
                opened = _Block(self.indent, bullets)
        elif dash and self.kind != "END":
            opened = _Block(None)
        elif self.kind != "END":
            yield from self._value()
            if self.kind not in ("NL", "END"):
                yield self._stray()
        if opened:
            self._blocks.append(opened)
        yield self.token("_OPEN" if opened else "_EOL")
        return opened is not None

    def _close(self) -> Generator[Token, None, bool]:
        """Close the blocks that the next token does not belong to; False if none is left."""
        if self._blocks:
            self.newlines()
        while self._blocks:
            if self.kind != "END":
                deeper = self._compare(self._blocks[-1])
                if deeper > 0:
                    raise self._refused("Bad indentation")
                if deeper == 0:
                    return True
            yield from self._closed()
        return False

    def _closed(self) -> Iterator[Token]:
        """Leave the innermost block; the outermost one ends with the file, not with a token."""
        self._blocks.pop()
        if self._blocks:
            yield self.token("_CLOSE")

    def _compare(self, block: _Block) -> int:
        """Whether the current token stands deeper than a block (> 0), in it (0), or before it (< 0)."""
        if block.indent is None:
            self._settle()
        indent = block.indent or ""
        length = min(len(indent), len(self.indent))
        if indent[:length] != self.indent[:length]:
            raise self._refused("Invalid combination of tabs and spaces")
        return len(self.indent) - len(indent)

    def _settle(self) -> None:
        """Decide the indentation of blocks behind dashes, outermost first, by the first line that goes on."""
        outer = ""
        for block in self._blocks:
            if block.indent is None:
                tab = self.indent.startswith(outer + "\t")
                block.tab = (self.start, self.end) if tab else None
                block.indent = outer + ("\t" if tab else "  ")
            outer = block.indent

    def _refused(self, message: str) -> NeonProblem:
        if self.kind != "END":
            self.anchor = self.start
        return self.problem(message, self.start, self.end)

    def _stray(self) -> Token:
        """A token that no grammar takes: the parser refuses it in its turn."""
        return self.token("END" if self.kind == "END" else "STRAY")

    def _bound(self, depth: int) -> None:
        if depth > DEPTH:
            raise self._refused(f"nested more than {DEPTH} levels deep")

    def _pairs(self, block: _Block, position: int) -> tuple[Pairs, int]:
        """As many lines `key: scalar` as follow one another, and where they end: read at once, not token by token."""
        pairs: Pairs = []
        end = position
        while match := _PAIR.match(self.text, position):
            key_word, word = match.start(1) >= 0, match.start(3) >= 0
            place = match.span(1 if key_word else 2)
            key = self.scalar(*place, key_word, key=True)
            self._key(block.keys, key, place)
            pairs.append((key, self.scalar(*match.span(3 if word else 4), word)))
            end = match.end()
            line = _NEXT_LINE.match(self.text, end)
            if line is None or line[1] != block.indent:
                break
            position = line.end()
        return pairs, end

    def _items(self, block: _Block) -> list[tuple[int, Pairs]]:
        """As many dashes over such lines as follow one another: what a generated baseline consists of."""
        items: list[tuple[int, Pairs]] = []
        position = self.start
        while (dash := _DASH.match(self.text, position)) and block.indent is not None:
            indent, noted = dash[1], len(self.soft)
            deeper = len(indent) > len(block.indent) and indent.startswith(block.indent)
            pairs, end = self._pairs(_Block(indent), dash.end()) if deeper else ([], 0)
            line = _NEXT_LINE.match(self.text, end) if pairs else None
            if line is None or line[1] != block.indent:
                del self.soft[noted:]  # what follows is the grammar's, this item included
                break
            items.append((position, pairs))
            self.kind, self.end = "ITEMS", end
            position = line.end()
        return items

    def _key(self, keys: set[str], key: Scalar | None, place: Place) -> None:
        if key is None:
            self.note("Unacceptable key", *place)
            return
        name = key_name(key.value)
        if name in keys:
            self.note(f"Duplicated key '{name}'", *place)
        keys.add(name)

    def _value(self) -> Generator[Token, None, Scalar | None]:
        """The tokens of one value; returns it if it is a lone scalar and so can be a key."""
        if self.kind in ("STRING", "LITERAL"):
            token = self._scalar()
            yield token
            if self.kind != "ROUND":
                return token.value  # type: ignore[no-any-return]
        elif self.kind in _OPENING:
            yield from self._brackets()
        else:
            yield self.token()
        linked = self.kind == "ROUND"
        while linked:
            yield from self._brackets()
            linked = self.kind == "LITERAL"
            if linked:
                yield self._scalar()
                linked = self.kind == "ROUND"
        return None

    def _scalar(self) -> Token:
        """The current word or string, typed as a key where one follows; steps past it."""
        word, start, end = self.kind == "LITERAL", self.start, self.end
        self.advance()
        kind = "LITERAL" if word else "STRING"
        return Token(kind, self, start, end, self.scalar(start, end, word, self.kind == "SEP"))

    def _brackets(self) -> Generator[Token, None, None]:
        """The tokens up to the bracket that closes the current one; only here line breaks are tokens."""
        levels: list[_Brackets] = []
        while True:
            if self.kind in ("STRING", "LITERAL"):
                token = self._scalar()
                levels[-1].add(token)
                yield token
                continue
            token = self.token()
            yield token  # the grammar refuses what stands wrong, a bracket of another kind or the end included
            if token.type in _OPENING:
                if levels:
                    levels[-1].add(token)
                levels.append(_Brackets())
                self._bound(len(self._blocks) + len(levels))
            elif token.type in _CLOSING:
                levels.pop()
                if not levels:
                    self.advance()
                    return
            else:
                if token.type == "SEP" and levels[-1].place:
                    self._key(levels[-1].keys, levels[-1].item, levels[-1].place)
                levels[-1].place = None
            self.advance()
            if token.type == "NL":
                self.newlines()
