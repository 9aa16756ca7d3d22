"""Makefiles, as far as they run commands: the recipe of each target, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opslint.source import Source, Text
from opslint.syntax.script import Part, Script
from opslint.syntax.shell import script as read_script
from opslint.syntax.shell_escape import written_as

_RULE = re.compile(r"(?P<targets>[^\s:=#][^:=#]*?)\s*(?P<colons>::?)(?!=)(?P<rest>[^=].*)?$")
_VARIABLE = re.compile(r"\$(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\{[^{}]*\}|[^\s$])")
_DIRECTIVE = re.compile(r"\s*(?:ifn?eq|ifn?def|else|endif|[-s]?include|export|unexport|vpath|define|endef)\b")


@dataclass(frozen=True, slots=True)
class Recipe:
    """One line of a target's recipe, which a shell of its own runs (all lines together under .ONESHELL)."""

    target: str
    script: Script
    text: Text  # as the shell gets it, `$$` written as `$`; make's own variables as they stand
    silent: bool = False  # @
    ignored: bool = False  # `-`: its failure does not end the target
    always: bool = False  # `+`: run even under `make -n`


def recipes(source: Source) -> Iterator[tuple[str, Script]]:
    """The recipe lines of a Makefile as scripts, each with its target."""
    for recipe in read(source):
        yield recipe.target, recipe.script


def read(source: Source) -> tuple[Recipe, ...]:
    """Every recipe line in order; a rule of several targets gives each its own."""
    found: list[tuple[tuple[str, ...], Text]] = []
    targets: tuple[str, ...] = ()
    oneshell = False
    for line in _lines(source.text):
        if line.value.startswith("\t"):
            if targets and line.value.strip():
                found.append((targets, line[1:]))
            continue
        content = line.value.rstrip("\r\n")
        if not content.strip() or content.lstrip().startswith("#") or _DIRECTIVE.match(content):
            continue
        match = _RULE.match(content)
        targets = tuple(match["targets"].split()) if match else ()
        oneshell = oneshell or ".ONESHELL" in targets
        rest = match["rest"] or "" if match else ""
        semicolon = rest.find(";")
        if match and semicolon >= 0:
            found.append((targets, line[match.start("rest") + semicolon + 1 : len(content)]))
    grouped = _joined(found) if oneshell else found
    return tuple(_recipe(target, text) for names, text in grouped for target in names)


def _lines(text: Text) -> Iterator[Text]:
    """Logical lines, their line break left out; a recipe keeps its continuations for the shell."""
    start, value = 0, text.value
    while start < len(value):
        end = start
        while True:
            found = value.find("\n", end)
            if found < 0:
                end = len(value)
                break
            end = found + 1
            if not value[start:found].rstrip("\r").endswith("\\"):
                break
        yield text[start : end - 1 if end <= len(value) and value[end - 1 : end] == "\n" else end]
        start = end


def _joined(found: list[tuple[tuple[str, ...], Text]]) -> list[tuple[tuple[str, ...], Text]]:
    """One text for each rule, as `.ONESHELL:` has it."""
    joined: list[tuple[tuple[str, ...], Text]] = []
    for targets, text in found:
        if joined and joined[-1][0] is targets:
            before = joined[-1][1]
            at = before.span.end
            broken = Text("\n", text.source, [at, text.starts[0]], [text.starts[0]])
            joined[-1] = (targets, Text.join((before, broken, text), before))
        else:
            joined.append((targets, text))
    return joined


def _recipe(target: str, line: Text) -> Recipe:
    at = 0
    while at < len(line) and line.value[at] in " \t@-+":
        at += 1
    prefix = line.value[:at]
    text, expanded = _expanded(line[at:])
    script = read_script(text, expanded)
    return Recipe(target, script, text, "@" in prefix, "-" in prefix, "+" in prefix)


def _expanded(line: Text) -> tuple[Text, tuple[Part, ...]]:
    """The line as the shell gets it, and make's variables in it as parts that the shell does not see."""
    pieces: list[Text] = []
    parts: list[Part] = []
    i, value = 0, line.value
    while i < len(value):
        if value.startswith("$$", i):
            pieces.append(written_as(line, i, i + 2, "$"))
            i += 2
        elif value.startswith("\n\t", i):
            pieces.append(line[i : i + 1])  # make takes the tab off a continued recipe line
            i += 2
        elif match := _VARIABLE.match(value, i):
            text = line[i : match.end()]
            parts.append(Part("parameter", text, name=match[0].strip("${}()")))
            pieces.append(text)
            i = match.end()
        else:
            end = next((at for at in range(i + 1, len(value)) if value[at] in "$\n"), len(value))
            pieces.append(line[i:end])
            i = end
    return Text.join(pieces, line), tuple(parts)
