"""A shell script's bones: its tokens written as the plainest script of the same structure.

    export A=1; mysqldump "$DB" 2>&1 | gzip > x.gz && for f in *; do [ -f "$f" ]; done
    x           ; x                  | x           && for x ;     do x           ; done
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import tree_sitter
import tree_sitter_bash

from opslint.syntax.shell_token import Token

_SIMPLE = ("word", "redirect")
_CLOSED = (")", "}", "fi", "done", "esac")
_AFTER_SEPARATOR = ("do", "then", "else", "elif", *_CLOSED[1:])
UNWRITTEN = ("!", "time", "coproc")  # their statement is the same without them


@dataclass(frozen=True, slots=True)
class Bone:
    """A piece of the skeleton and the tokens (first and last, by index) that it stands for."""

    written: str
    first: int
    last: int


def skeleton(tokens: list[Token]) -> tuple[list[Bone], list[int]]:
    """The bones of a script, and where each begins when they are written with one blank between them (all ASCII)."""
    bones: list[Bone] = []
    i = 0
    while i < len(tokens):
        bone, behind = _bone(tokens, i)
        if bone is not None:
            if bone.written == "\n" and _ends_pipeline(bones):
                bone = Bone(";", i, i)
            if bone.written in _AFTER_SEPARATOR and bones and _closes(tokens, bones[-1]):
                # `(a) do`, `b) esac`: tree-sitter wants the separator that bash can do without
                bones.append(Bone(";;" if bone.written == "esac" else ";", i, i))
            bones.append(bone)
        i = behind
    lengths = (len(bone.written) + 1 for bone in bones)
    return bones, list(accumulate(lengths, initial=0))[:-1]


def _ends_pipeline(bones: list[Bone]) -> bool:
    """Whether a line break ends `x | x | x`: in front of a list tree-sitter takes it for a blank."""
    before = [bone.written for bone in bones[-5:]]
    return before in (["x", "|", "x", "|", "x"], ["x", "|&", "x", "|", "x"], ["x", "|", "x", "|&", "x"])


def parsed(bones: list[Bone]) -> tree_sitter.Node:
    """The root of tree-sitter's tree of a skeleton."""
    return _parser().parse(" ".join(bone.written for bone in bones).encode()).root_node


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def _closes(tokens: list[Token], bone: Bone) -> bool:
    """Whether a compound command ends with the bone, so that a reserved word may follow at once."""
    return bone.written in _CLOSED or tokens[bone.first].kind in ("condition", "arithmetic")


def _bone(tokens: list[Token], i: int) -> tuple[Bone | None, int]:
    token = tokens[i]
    if token.kind == "keyword":
        return _keyword(tokens, i)
    if token.kind == "newline":
        return Bone("\n", i, i), i + 1
    if token.kind == "operator":
        if token.value == "(" and _kind(tokens, i + 1) == "pattern":
            return None, i + 1
        return Bone(token.value, i, i), i + 1
    if token.kind == "pattern":
        behind = i + 1
        while _kind(tokens, behind) == "pattern" or _is(tokens, behind, "|"):
            behind += 1
        return Bone("x", i, behind - 1), behind
    if token.follows and token.kind == "redirect":
        return None, i + 1
    behind = i + 1
    following = _SIMPLE if token.kind in ("word", "redirect") else ("redirect",)
    while _kind(tokens, behind) in following:
        behind += 1
    if behind == i + 1 and token.kind == "word" and _is(tokens, behind, "(") and _is(tokens, behind + 1, ")"):
        return Bone("x ( )", i, behind + 1), behind + 2
    return Bone("x", i, behind - 1), behind


def _keyword(tokens: list[Token], i: int) -> tuple[Bone | None, int]:
    value, behind = tokens[i].value, i + 1
    if value in ("for", "select"):
        if _kind(tokens, behind) in ("word", "arithmetic"):
            behind += 1
            named = behind
            behind = _past_newlines(tokens, behind)
            if _is(tokens, behind, "in"):
                behind += 1
                while _kind(tokens, behind) == "word":
                    behind += 1
            else:
                behind = named
            while _kind(tokens, behind) == "newline" or _is(tokens, behind, ";"):
                behind += 1
        return Bone("for x ;", i, behind - 1), behind
    if value == "case":
        behind = _past_newlines(tokens, behind + (_kind(tokens, behind) == "word"))
        behind += _is(tokens, behind, "in")
        return Bone("case x in", i, behind - 1), behind
    if value == "function":
        behind += _kind(tokens, behind) == "word"
        behind += 2 * (_is(tokens, behind, "(") and _is(tokens, behind + 1, ")"))
        return Bone("x ( )", i, behind - 1), behind
    return (None if value in UNWRITTEN else Bone(value, i, i)), behind


def _past_newlines(tokens: list[Token], i: int) -> int:
    while _kind(tokens, i) == "newline":
        i += 1
    return i


def _kind(tokens: list[Token], i: int) -> str:
    return tokens[i].kind if i < len(tokens) else ""


def _is(tokens: list[Token], i: int, value: str) -> bool:
    return i < len(tokens) and tokens[i].kind in ("operator", "keyword") and tokens[i].value == value
