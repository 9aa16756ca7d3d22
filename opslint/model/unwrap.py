"""What a command really runs: `sudo`, `docker exec`, `ssh host '...'` and their like taken off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from opslint.model.nested import (
    Input,
    Nested,
    Unwrapped,
    Wrapper,
    given_to,
    joined,
    last_simple,
    named,
    only_simple,
    read_by,
)
from opslint.model.option import base_name
from opslint.model.wrappers import BETWEEN, SAIL_RUNS, SHELL_VALUED, SHELLS, SSH, SU, WRAPPERS, Grammar
from opslint.source import Text
from opslint.syntax.script import Block, Part, Script, Simple, Word
from opslint.syntax.shell import script as read_script

__all__ = ["Nested", "Unwrapped", "Wrapper", "unwrap", "unwrap_words"]

_MOST_WRAPPERS = 20


def unwrap(simple: Simple, piped: Simple | None = None) -> Unwrapped:
    """Take the wrappers off a command; `piped` is the one whose output it reads, if it stands behind a `|`."""
    return replace(_placed(_unwrap(simple.words, given_to(simple, piped))), reads=read_by(simple, piped))


def unwrap_words(words: tuple[Word, ...]) -> Unwrapped:
    """The same for a command line that no shell reads, such as Supervisor's."""
    return _placed(_unwrap(words, None))


def _placed(found: Unwrapped) -> Unwrapped:
    """A script that one of the wrappers takes to another machine is remote, whichever shell reads it there."""
    if found.nested is None or found.nested.remote == found.remote:
        return found
    return replace(found, nested=replace(found.nested, remote=found.remote))


def _unwrap(words: tuple[Word, ...], given: Input | None) -> Unwrapped:
    via: list[Wrapper] = []
    while words and len(via) < _MOST_WRAPPERS:
        name = base_name(words[0])
        if name in SHELLS:
            return _shell(tuple(via), words, given)
        if name == "ssh":
            return _ssh(tuple(via), words, given)
        if name == "su":
            return _su(tuple(via), words, given)
        if name == "eval" and len(words) > 1 and all(word.is_literal for word in words[1:]):
            wrapper = Wrapper("eval", words[:1])
            nested = Nested(joined(words[1:]), remote=False, shell="", same_shell=True)
            return Unwrapped((*via, wrapper), (), nested)
        peeled = _sail(words) if name == "sail" else _peel(words)
        if peeled is None:
            return _login(tuple(via), words, given) or Unwrapped(tuple(via), words)
        wrapper, words, inner = peeled
        via.append(wrapper)
        if inner is not None:
            return Unwrapped(tuple(via), (), Nested(inner, wrapper.remote, "bash" if wrapper.remote else "sh"))
    return Unwrapped(tuple(via), words)


# -- wrappers that the table knows --------------------------------------------------------------------------------


def _peel(words: tuple[Word, ...]) -> tuple[Wrapper, tuple[Word, ...], Script | None] | None:
    """The outermost wrapper, what it wraps, and the script that one of its options holds; None if it wraps nothing."""
    found = _grammar(words)
    if found is None:
        return None
    grammar, begin = found
    options, behind = _options(words, begin, grammar)
    if any(option.value.split("=", 1)[0] in grammar.queries for option, _ in options):
        return None
    behind = _past_operands(words, behind, grammar)
    if grammar.script:
        more, behind = _options(words, behind, grammar)
        options += more
    name = base_name(words[0])
    for option, value in options:
        if value is not None and option.value.split("=", 1)[0] in grammar.script:
            return Wrapper(name, words[: words.index(option) + 1], grammar.remote), (), joined((value,))
    if behind >= len(words):
        return None
    if name in ("docker", "podman", "docker-compose") and _is_composer_image(words, behind):
        behind -= 1
    return Wrapper(name, words[:behind], grammar.remote), words[behind:], None


def _grammar(words: tuple[Word, ...]) -> tuple[Grammar, int] | None:
    """The grammar of the wrapper that the words begin with, and the index behind its name."""
    name = base_name(words[0])
    between, names, i = BETWEEN.get(name, frozenset()), [name], 1
    found = (WRAPPERS[(name,)], 1) if (name,) in WRAPPERS else None
    while i < len(words) and len(names) < 3 and any(key[: len(names)] == tuple(names) for key in WRAPPERS):
        if words[i].value.startswith("-"):
            i += 2 if _takes_next(words[i].value, between) else 1
            continue
        names.append(words[i].value)
        i += 1
        if tuple(names) in WRAPPERS:
            found = WRAPPERS[tuple(names)], i
    return found


def _options(words: tuple[Word, ...], i: int, grammar: Grammar) -> tuple[list[tuple[Word, Word | None]], int]:
    """Options with their values from index `i`, and the index behind them."""
    found: list[tuple[Word, Word | None]] = []
    valued = grammar.valued | grammar.script
    while i < len(words):
        word = words[i]
        if word.value == "--":
            return found, i + 1
        if not word.value.startswith("-") or word.value == "-":
            if grammar.assigns and _is_assignment(word):
                i += 1
                continue
            if _is_options_variable(word):
                i += 1
                continue
            break
        takes = _takes_next(word.value, valued)
        value = words[i + 1] if takes and i + 1 < len(words) else _attached(word)
        found.append((word, value))
        i += 2 if takes else 1
    return found, i


def _options_anywhere(words: tuple[Word, ...], grammar: Grammar) -> Iterator[tuple[Word, Word | None]]:
    """Options with their values, before and behind the operands: `su - deploy -c '...'`."""
    i = 1
    while i < len(words):
        options, behind = _options(words, i, grammar)
        yield from options
        i = max(behind, i) + 1


def _takes_next(option: str, valued: frozenset[str]) -> bool:
    """Whether an option's value is the next word: `-u x` and `-itu x`, but not `-ux` or `--user=x`."""
    if option.startswith("--"):
        return option in valued
    for index, letter in enumerate(option[1:], 1):
        if "-" + letter in valued:
            return index == len(option) - 1
    return option in valued


def _attached(word: Word) -> Word | None:
    """The value of `--command=x`, as a word of its own."""
    at = word.value.find("=")
    if not word.value.startswith("--") or at < 0:
        return None
    text = word.text[at + 1 :]
    return Word(text, text, (Part("literal", text, quoted=True),)) if word.is_literal else None


def _past_operands(words: tuple[Word, ...], i: int, grammar: Grammar) -> int:
    i += grammar.operands
    return i + 1 if grammar.operands and i < len(words) and words[i].value == "--" else i


def _is_assignment(word: Word) -> bool:
    name, equals, _ = word.value.partition("=")
    return bool(equals) and name.isidentifier()


def _is_options_variable(word: Word) -> bool:
    """`$SSH_OPTS`: an expansion that by its name stands for options."""
    if len(word.parts) != 1 or word.parts[0].kind not in ("parameter", "github"):
        return False
    name = word.parts[0].name.lower()
    return any(sign in name for sign in ("opt", "args", "flag"))


def _is_composer_image(words: tuple[Word, ...], behind: int) -> bool:
    """`docker run composer:2 install`: the image runs composer, so its name is the program."""
    image = base_name(words[behind - 1])
    return image.split(":", 1)[0] == "composer" and words[behind].value not in ("composer", *SHELLS)


def _sail(words: tuple[Word, ...]) -> tuple[Wrapper, tuple[Word, ...], Script | None] | None:
    if len(words) > 1 and words[1].value in SAIL_RUNS:
        return Wrapper("sail", words[:1]), words[1:], None
    return None


# -- shells -------------------------------------------------------------------------------------------------------


def _shell(via: tuple[Wrapper, ...], words: tuple[Word, ...], given: Input | None) -> Unwrapped:
    """`bash -e -c '...'`, `bash <<EOF`, `bash -s < file`; `bash file.sh` is a command of its own."""
    name = base_name(words[0])
    flags, behind = _shell_flags(words)
    errexit = any(flag.startswith("-") and not flag.startswith("--") and "e" in flag[1:] for flag in flags)
    pipefail = "pipefail" in flags
    if any(flag.startswith("-") and not flag.startswith("--") and "c" in flag[1:] for flag in flags):
        if behind >= len(words):
            return Unwrapped(via, words)
        nested = Nested(joined(words[behind : behind + 1]), False, name, errexit, pipefail)
        return Unwrapped((*via, Wrapper(name, words[:behind])), (), nested)
    reads = behind >= len(words) or any(flag.startswith("-") and "s" in flag[1:] for flag in flags if flag[:2] != "--")
    if not reads or given is None:
        return Unwrapped(via, words)
    if given.path is not None:
        kept = tuple(word for word in words[:behind] if not word.value.startswith("-") or word.value.strip("-s"))
        return Unwrapped(via, (*(_without_s(word) for word in kept), given.path))
    if given.text is None:
        return Unwrapped(via, words)
    script = read_script(given.text, given.parts)
    wrapper = Wrapper(name, words)
    return Unwrapped((*via, wrapper), (), Nested(script, False, name, errexit, pipefail, given="stdin"))


def _shell_flags(words: tuple[Word, ...]) -> tuple[list[str], int]:
    flags: list[str] = []
    i = 1
    while i < len(words) and words[i].value[:1] in ("-", "+") and len(words[i].value) > 1:
        value = words[i].value
        i += 1
        if value == "--":
            break
        flags.append(value)
        # `-euo pipefail`: the name of the option is the next word
        if (value in SHELL_VALUED or (value[1] != "-" and value[-1] in "oO")) and i < len(words):
            flags.append(words[i].value)
            i += 1
    return flags, i


def _without_s(word: Word) -> Word:
    """`-e` of `-es`: the file is named, so nothing is read from standard input."""
    if not word.value.startswith("-") or word.value.startswith("--") or "s" not in word.value:
        return word
    at = word.value.index("s")
    return replace(word, text=Text.join((word.text[:at], word.text[at + 1 :]), word.text))


def _ssh(via: tuple[Wrapper, ...], words: tuple[Word, ...], given: Input | None) -> Unwrapped:
    _, behind = _options(words, 1, SSH)
    behind += 1  # the host
    if 1 < behind < len(words) and words[behind].value.startswith("-"):
        _, behind = _options(words, behind, SSH)  # `ssh host -p 22 cmd`: options may follow the host
    wrapper = Wrapper("ssh", words[:behind], remote=True)
    if behind < len(words):
        script = joined(words[behind:])
        inner = only_simple(script)
        if given is not None and inner is not None:
            unwrapped = _unwrap(inner.words, given)
            if unwrapped.nested is not None or unwrapped.words != inner.words:
                return replace(unwrapped, via=(*via, wrapper, *unwrapped.via))
        if given is not None and given.text is not None and (last := last_simple(script)) is not None:
            script = _followed(script, _unwrap(last.words, given))
        return Unwrapped((*via, wrapper), (), Nested(script, True, "bash"))
    if given is None or behind > len(words):
        return Unwrapped(via, words)
    if given.path is not None:
        return Unwrapped((*via, wrapper), (named("bash", words[0]), given.path))
    if given.text is None:
        return Unwrapped(via, words)
    return Unwrapped((*via, wrapper), (), Nested(read_script(given.text, given.parts), True, "bash", given="stdin"))


def _followed(script: Script, last: Unwrapped) -> Script:
    """`ssh host 'cd /x && bash -s' <<EOF`: what the last command reads is run after it."""
    if last.nested is None or last.nested.given != "stdin":
        return script
    items = (*script.body.items, *last.nested.script.body.items)
    return replace(script, body=Block(items, script.body.raw))


def _su(via: tuple[Wrapper, ...], words: tuple[Word, ...], given: Input | None) -> Unwrapped:
    for option, value in _options_anywhere(words, SU):
        if value is not None and option.value.split("=", 1)[0] in SU.script:
            kept = tuple(word for word in words if word is not value)
            return Unwrapped((*via, Wrapper("su", kept)), (), Nested(joined((value,)), False, "bash"))
    if given is not None and given.text is not None:
        script = read_script(given.text, given.parts)
        return Unwrapped((*via, Wrapper("su", words)), (), Nested(script, False, "bash", given="stdin"))
    return Unwrapped(via, words)


def _login(via: tuple[Wrapper, ...], words: tuple[Word, ...], given: Input | None) -> Unwrapped | None:
    """`sudo -iu deploy <<EOF`: a wrapper without a command that starts a shell."""
    if base_name(words[0]) != "sudo" or given is None or given.text is None:
        return None
    flags = [word.value for word in words[1:] if word.value.startswith("-") and not word.value.startswith("--")]
    if not any(sign in flag for flag in flags for sign in "is"):
        return None
    nested = Nested(read_script(given.text, given.parts), False, "bash", given="stdin")
    return Unwrapped((*via, Wrapper("sudo", words)), (), nested)
