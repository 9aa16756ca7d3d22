"""What a shell script is made of: words and commands, as data; `shell` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from opslint.finding import Problem
from opslint.source import Span, Text

PartKind = Literal[
    "literal",  # the very characters, quotes and escapes taken off
    "parameter",  # $X ${X:-y} $? $1
    "command",  # $(x) `x`
    "arithmetic",  # $((1+2))
    "process",  # <(x) >(x)
    "github",  # ${{ x }}: substituted by GitHub before the shell reads
    "glob",  # unquoted * ? [..] {a,b} ~
]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a word that is of one kind."""

    kind: PartKind
    text: Text  # literal: decoded; else as written, `$`, braces and all
    quoted: bool = False  # inside "..." (or '...'): no word splitting
    name: str = ""  # parameter: its name; github: the expression between the braces
    script: Script | None = None  # what runs inside; of a parameter or arithmetic, the substitutions in it


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command."""

    text: Text  # decoded, expansions left as they are written
    raw: Text  # as written, quotes included
    parts: tuple[Part, ...]

    @property
    def value(self) -> str:
        return self.text.value

    @property
    def is_literal(self) -> bool:
        """Whether its value is known without running anything."""
        return all(part.kind == "literal" for part in self.parts)

    @property
    def span(self) -> Span:
        return self.raw.span


@dataclass(frozen=True, slots=True)
class Assignment:
    name: str
    value: Word | None
    raw: Text
    append: bool = False  # name+=value


@dataclass(frozen=True, slots=True)
class Redirect:
    operator: str  # > >> < << <<- <<< &> >| <> >& <&
    descriptor: str  # as written before the operator; mostly empty
    target: Word | None  # a heredoc's is its delimiter
    raw: Text
    body: Word | None = None  # heredoc: its text, line by line; literal all through if the delimiter was quoted


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, words and redirections: the atom. `export`, `local`, `[`, `exit` are Simple too.

    `[[ x ]]` and `(( x ))` are Simple with the words `[[`, ..., `]]` or one `((`.
    """

    words: tuple[Word, ...]
    raw: Text
    assignments: tuple[Assignment, ...] = ()
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`[time] [!] a | b`; also a lone command with `!` or `time`."""

    commands: tuple[Statement, ...]
    raw: Text
    negated: bool = False
    timed: bool = False


@dataclass(frozen=True, slots=True)
class AndOr:
    """`left && right` or `left || right`, left-associative."""

    left: Statement
    operator: Literal["&&", "||"]
    right: Statement
    raw: Text


@dataclass(frozen=True, slots=True)
class Item:
    statement: Statement
    background: bool = False  # ended by `&`


@dataclass(frozen=True, slots=True)
class Block:
    """Statements one after the other."""

    items: tuple[Item, ...]
    raw: Text


@dataclass(frozen=True, slots=True)
class If:
    branches: tuple[tuple[Block, Block], ...]  # (condition, body): if, then each elif
    otherwise: Block | None
    raw: Text
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """`while` or `until`."""

    until: bool
    condition: Block
    body: Block
    raw: Text
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class For:
    """`for x in words`; words None for `for x` (the arguments) and `for ((..))`; `select` too."""

    variable: str
    words: tuple[Word, ...] | None
    body: Block
    raw: Text
    redirects: tuple[Redirect, ...] = ()
    counted: Word | None = None  # of `for ((i = 0; i < 3; i++))` what stands in the parentheses
    selects: bool = False


@dataclass(frozen=True, slots=True)
class Arm:
    patterns: tuple[Word, ...]
    body: Block
    terminator: str = ";;"  # ;; ;& ;;&


@dataclass(frozen=True, slots=True)
class Case:
    subject: Word
    arms: tuple[Arm, ...]
    raw: Text
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """`{ ...; }`, or `( ... )` where `subshell` is set."""

    body: Block
    raw: Text
    subshell: bool = False
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    body: Statement
    raw: Text


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stretch that the grammar could not read: nothing is known of what it runs."""

    raw: Text


Statement: TypeAlias = Simple | Pipeline | AndOr | Block | If | Loop | For | Case | Group | Function | Unreadable


@dataclass(frozen=True, slots=True)
class Script:
    body: Block
    raw: Text
    problems: tuple[Problem, ...] = ()
