"""What a command hands to another program: the script in its words or on its standard input."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from opslint.model.option import base_name
from opslint.source import Text
from opslint.syntax.script import Part, Script, Simple, Word
from opslint.syntax.shell import script as read_script


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A program that runs another: `sudo -u www-data`, `timeout 60`, `ssh user@host`, `docker compose exec app`."""

    name: str  # sudo | env | timeout | ssh | docker | bash | ...
    words: tuple[Word, ...]  # its own, the wrapped ones left out
    remote: bool = False  # what it runs, it runs on another machine


@dataclass(frozen=True, slots=True)
class Nested:
    """A script that a command hands to another shell (or, for `eval`, to its own).

    Flags are those that the command line sets, nothing is inherited: `ssh host '...'` and `bash -c '...'` start
    without `errexit`. What the outer shell expands before (`"cd $X"`, an unquoted here-document) stands in the
    script as the same parts, commands without their script: those belong to the outer one.
    """

    script: Script
    remote: bool  # it runs on another machine than the command that hands it over
    shell: str  # bash | sh | dash | zsh ...; a login shell (ssh, su) counts as bash
    errexit: bool = False
    pipefail: bool = False
    same_shell: bool = False  # eval: variables, flags and `exit` are those of the outer shell
    given: Literal["argument", "stdin"] = "argument"


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """A command without its wrappers: either `words` (of the innermost program) or a `nested` script.

    `ssh host 'bash -s' < deploy.sh` and `cat deploy.sh | ssh host bash` come back as the words `bash deploy.sh`.
    """

    via: tuple[Wrapper, ...]  # outermost first
    words: tuple[Word, ...]
    nested: Nested | None = None
    reads: str = ""  # what it is given: the file behind `<`, or the command before the `|`, as written

    @property
    def remote(self) -> bool:
        """Whether the innermost runs on another machine."""
        return any(wrapper.remote for wrapper in self.via)


@dataclass(frozen=True, slots=True)
class Input:
    """What a shell would read from its standard input: a script, or the file that holds one."""

    text: Text | None = None
    parts: tuple[Part, ...] = ()
    path: Word | None = None


def joined(words: Iterable[Word]) -> Script:
    """The script that words make when they are put together with blanks, as ssh and eval do."""
    pieces: list[Text] = []
    parts: list[Part] = []
    for word in words:
        if pieces:
            pieces.append(_blank(pieces[-1], word.raw))
        # a quoted word may be empty, and then nothing of it is left
        pieces.append(word.text)
        parts += word.parts
    return read_script(Text.join(pieces, pieces[0]), parts)


def _blank(before: Text, after: Text) -> Text:
    start = before.span.end
    return Text(" ", after.source, [start, after.span.start], [after.span.start])


def named(name: str, at: Word) -> Word:
    """A word that stands nowhere: its place is that of another."""
    start, end = at.span.start, at.span.end
    text = Text(name, at.raw.source, [*[start] * len(name), end], [end] * len(name))
    return Word(text, at.raw, (Part("literal", text),))


def given_to(simple: Simple, piped: Simple | None) -> Input | None:
    for redirect in reversed(simple.redirects):
        if redirect.operator in ("<<", "<<-") and redirect.body is not None:
            return Input(redirect.body.text, redirect.body.parts)
        if redirect.operator == "<<<" and redirect.target is not None:
            return Input(redirect.target.text, redirect.target.parts)
        if redirect.operator == "<" and redirect.target is not None and redirect.descriptor in ("", "0"):
            return Input(path=redirect.target)
    return _produced(piped) if piped is not None else None


def read_by(simple: Simple, piped: Simple | None) -> str:
    for redirect in reversed(simple.redirects):
        if redirect.operator in ("<", "<>") and redirect.target is not None and redirect.descriptor in ("", "0"):
            return redirect.target.value
        if redirect.operator in ("<<", "<<-", "<<<"):
            return ""
    return piped.raw.value if piped is not None else ""


def _produced(simple: Simple) -> Input | None:
    """What a command writes, where that is plain: `echo '...'`, `cat <<EOF`, `cat file`."""
    if not simple.words:
        return None
    name, rest = base_name(simple.words[0]), simple.words[1:]
    if name == "cat":
        if len(rest) == 1 and not rest[0].value.startswith("-"):
            return Input(path=rest[0])
        return given_to(simple, None) if not rest else None
    if name == "echo":
        while rest and rest[0].value in ("-n", "-e", "-E", "-ne", "-en"):
            rest = rest[1:]
    elif name == "printf":
        rest = rest[1:] if rest and rest[0].value.strip("\\n") == "%s" else rest[:1]
    else:
        return None
    if len(rest) != 1:
        return None
    return Input(rest[0].text, rest[0].parts)


def only_simple(script: Script) -> Simple | None:
    """The command that a script consists of, if it is one."""
    items = script.body.items
    only = items[0].statement if len(items) == 1 else None
    return only if isinstance(only, Simple) and only.words else None


def last_simple(script: Script) -> Simple | None:
    """The command with which a script ends, behind `&&` and `||` too."""
    statement: object = script.body.items[-1].statement if script.body.items else None
    while not isinstance(statement, Simple):
        right = getattr(statement, "right", None)
        if right is None:
            return None
        statement = right
    return statement if statement.words else None
