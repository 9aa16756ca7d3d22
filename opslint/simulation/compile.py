"""A script as code for the machine: every statement a piece that knows its next step, made once."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from opslint.model.run import Callee, Unseen
from opslint.model.unwrap import Nested, unwrap
from opslint.simulation import arithmetic
from opslint.simulation.command import Chain, Command, Connected, Exec, Function, Meaning, Target
from opslint.simulation.exports import exports, sink, sinks
from opslint.simulation.loops import Counted, For, While
from opslint.simulation.process import Process
from opslint.simulation.shell import AndOr, Background, Case, Define, If, Not, Pipeline, Sequence, Unknown
from opslint.simulation.state import Code, Dialect, Question
from opslint.simulation.statements import declared, functions, is_lone, is_pipeline, is_simple, traps_errors
from opslint.source import Span
from opslint.syntax import script as ast
from opslint.syntax import shell

_SH: frozenset[Dialect] = frozenset({"sh"})
_SHELLS = ("bash", "sh", "dash", "ash", "zsh", "ksh")
_DEEPEST = 12  # how deep scripts that are written in other scripts are followed when they are read


class Compiler:
    """Makes code of scripts. What a command calls is made when it is first seen, a caller of itself once."""

    def __init__(
        self,
        meaning: Meaning,
        path: str = "",
        depth: int = 0,
        calls: frozenset[str] = frozenset(),
        remote: bool = False,
    ) -> None:
        self.meaning, self.path, self.depth, self.calls, self.remote = meaning, path, depth, calls, remote
        self.questions: dict[str, Question] = {}
        self.functions: dict[str, Function] = {}
        self.definitions: dict[str, ast.Function] = {}
        self.inside = 0  # how many substitutions are around what is being read
        self.unread: Span | None = None  # where the script that is being read cannot be read
        self.sink = ""  # where a group that is being read writes to, if that is for later steps
        self.sinks = sinks()

    def script(self, script: ast.Script) -> Code:
        """Its statements; where some of it could not be read, nothing is decided from the start."""
        self.definitions.update(functions(script.body))
        unread = tuple(Unknown(problem.span) for problem in script.problems[:1])
        outer, self.unread = self.unread, script.problems[0].span if script.problems else self.unread
        code = self._after(unread, self.code(script.body))
        self.unread = outer
        return code

    def code(self, statement: ast.Statement) -> Code:
        return self._writing(sink(getattr(statement, "redirects", ()), self.sink), lambda: self._code(statement))

    def _writing(self, file: str, read: Callable[[], Code]) -> Code:
        outer, self.sink = self.sink, file
        code = read()
        self.sink = outer
        return code

    def _code(self, statement: ast.Statement) -> Code:
        match statement:
            case ast.Simple():
                return self._simple(statement)
            case ast.Block():
                items = tuple(self._item(item) for item in statement.items)
                return items[0] if len(items) == 1 else Sequence(items)
            case ast.Pipeline():
                return self._pipeline(statement)
            case ast.AndOr():
                return AndOr(self.code(statement.left), statement.operator == "&&", self.code(statement.right))
            case ast.If():
                branches = tuple((self.code(condition), self.code(body)) for condition, body in statement.branches)
                otherwise = self.code(statement.otherwise) if statement.otherwise else None
                return self._after(self._redirected(statement.redirects), If(branches, otherwise))
            case ast.Loop():
                loop = While(self.code(statement.condition), self.code(statement.body), statement.until)
                return self._after(self._redirected(statement.redirects), loop)
            case ast.For():
                return self._for(statement)
            case ast.Case():
                return self._after(self._substitutions((statement.subject,)), self._case(statement))
            case ast.Group():
                return self._group(statement, is_lone(statement.body))
            case ast.Function():
                self.definitions[statement.name] = statement
                return Define(statement.name, self._function(statement))
            case ast.Unreadable():
                return Unknown(self.unread or statement.raw.span)

    def _group(self, group: ast.Group, lone: bool) -> Code:
        body = self.code(group.body)
        body = Process(body, "subshell", lone=lone) if group.subshell else body
        return self._after(self._redirected(group.redirects), body)

    def _function(self, written: ast.Function) -> Function:
        """The function, made once, and where it is first called or defined: what it reads is read by its callers."""
        known = self.functions.get(written.name)
        if known is None or known.written is not written:
            del self.definitions[written.name]  # a call of itself leads nowhere new
            known = Function(self.code(written.body), frozenset(declared(written.body)), written)
            self.functions[written.name], self.definitions[written.name] = known, written
        return known

    def _after(self, first: tuple[Code, ...], then: Code) -> Code:
        return Sequence((*first, then)) if first else then

    def _item(self, item: ast.Item) -> Code:
        code = self.code(item.statement)
        if not item.background:
            return code
        awake: frozenset[Dialect] = frozenset() if is_pipeline(item.statement) else _SH
        lone = isinstance(item.statement, ast.Simple)
        return Background(Process(code, "background", awake=awake, lone=lone))

    def _pipeline(self, pipeline: ast.Pipeline) -> Code:
        commands = pipeline.commands
        before = (None, *commands)
        elements = tuple(
            self._writing(
                self.sink if command is commands[-1] else "", partial(self._element, command, piped, pipeline.timed)
            )
            for piped, command in zip(before, commands, strict=False)
        )
        code = elements[0] if len(elements) == 1 else Pipeline(elements, tuple(map(is_simple, commands)))
        first = pipeline.commands[0]
        direct = len(elements) > 1 or isinstance(first, ast.Simple) or (isinstance(first, ast.Group) and first.subshell)
        return Not(code, direct) if pipeline.negated else code

    def _element(self, command: ast.Statement, piped: ast.Statement | None, timed: bool) -> Code:
        if isinstance(command, ast.Simple):
            return self._simple(command, piped if isinstance(piped, ast.Simple) else None)
        if timed and isinstance(command, ast.Group):
            return self._group(command, lone=False)  # bash keeps the shell around what it times
        return self.code(command)

    def _for(self, written: ast.For) -> Code:
        first = (*self._substitutions(written.words or ()), *self._redirected(written.redirects))
        body = self.code(written.body)
        counted = written.counted
        if counted is None and not written.selects:
            return self._after(first, For(written.variable, written.words, body))
        sections = arithmetic.inner(counted.raw.value).split(";") if counted is not None else ()
        if counted is None or len(sections) != 3 or any(part.script is not None for part in counted.parts):
            return Unknown(written.raw.span)
        names = frozenset().union(*map(arithmetic.names, sections))
        question = Question(sections[1].strip(), names, counted.span)
        return self._after(first, Counted((sections[0], sections[1], sections[2]), question, body))

    def _case(self, case: ast.Case) -> Code:
        arms = []
        for arm in case.arms:
            patterns = "|".join(pattern.value for pattern in arm.patterns)
            names = frozenset(part.name for part in case.subject.parts if part.name)
            question = self._question(f"{case.subject.value} is {patterns}", names, arm)
            arms.append((arm.patterns, question, self.code(arm.body), arm.terminator))
        return Case(case.subject, tuple(arms))

    def _question(self, text: str, names: frozenset[str], arm: ast.Arm) -> Question:
        span = (arm.patterns[0].raw if arm.patterns else arm.body.raw).span
        return self.questions.setdefault(text, Question(text, names, span))

    # -- words -----------------------------------------------------------------------------------------------------

    def _substitutions(self, words: Iterable[ast.Word | None], awake: frozenset[Dialect] = _SH) -> tuple[Code, ...]:
        parts = (part for word in words if word is not None for part in word.parts if part.script is not None)
        return tuple(
            Process(self._inner(part.script), "input" if part.kind == "process" else "substitution", awake=awake)
            for part in parts
            if part.script is not None
        )

    def _inner(self, script: ast.Script) -> Code:
        self.inside += 1
        code = self._writing("", lambda: self.script(script))
        self.inside -= 1
        return code

    def _redirected(self, redirects: tuple[ast.Redirect, ...]) -> tuple[Code, ...]:
        words = [word for redirect in redirects for word in (redirect.target, redirect.body) if word is not None]
        if self.inside:  # bash 5.2 runs an ERR trap that is set there or not, by what stands around it all
            scripts = ((word, part.script) for word in words for part in word.parts)
            odd = [word.span for word, script in scripts if script is not None and traps_errors(script.body)]
            if odd:
                return (Unknown(odd[0]),)
        return self._substitutions(words, frozenset({"bash", "sh"}))

    def _simple(self, simple: ast.Simple, piped: ast.Simple | None = None) -> Code:
        name = simple.words[0].value if simple.words and simple.words[0].is_literal else ""
        plain = simple
        if name in ("command", "builtin") and len(simple.words) > 1 and not simple.words[1].value.startswith("-"):
            plain = replace(simple, words=simple.words[1:])
        if name == "exec" and len(simple.words) > 1:
            return Exec(self._command(replace(simple, words=simple.words[1:]), False, piped))
        if name == "exec":
            return self._command(replace(simple, words=()))
        return self._command(plain, plain is simple, piped)

    def _command(self, simple: ast.Simple, functions: bool = True, piped: ast.Simple | None = None) -> Command:
        words = [*simple.words, *(assignment.value for assignment in simple.assignments)]
        target = self._target(simple, piped)
        substitutions = (*self._substitutions(words), *self._redirected(simple.redirects))
        handler = self._handler(simple)
        definition = self.definitions.get(simple.words[0].value) if simple.words and functions else None
        callee = self._function(definition) if definition is not None else None
        exported = () if self.remote else exports(simple, self.sink, self.sinks, piped)
        around = (self.questions, self.remote, callee, exported)
        return Command(simple, self.meaning, substitutions, target, handler, functions, *around)

    def _handler(self, simple: ast.Simple) -> Code | None:
        """The code in the words of `trap 'x' EXIT` and `eval 'x'`, and the file behind `source`."""
        name = simple.words[0].value if simple.words else ""
        words = [word for word in simple.words[1:] if word.value != "--"]
        if not words or self.depth > _DEEPEST:
            return None
        if name == "trap" and words[0].value not in ("", "-"):
            return self._deeper("").script(shell.script(words[0].text))
        if name == "eval" and len(words) == 1 and words[0].is_literal:
            return self._deeper("").script(shell.script(words[0].text))
        if name in ("source", "."):
            callee = self.meaning.expand(simple.words, self.path)
            if isinstance(callee, Callee) and callee.subject not in self.calls:
                return self._deeper(callee.subject, callee.path).script(callee.scripts[0])
        return None

    def _deeper(self, subject: str, path: str = "", remote: bool = False) -> Compiler:
        calls = self.calls | {subject}
        inner = Compiler(self.meaning, path or self.path, self.depth + 1, calls, remote or self.remote)
        inner.questions, inner.functions, inner.definitions = self.questions, self.functions, self.definitions
        return inner

    # -- what a command runs -----------------------------------------------------------------------------------------

    def _target(self, simple: ast.Simple, piped: ast.Simple | None) -> Target:
        if not simple.words or self.depth > _DEEPEST:
            return Target(simple.words)
        unwrapped = unwrap(simple, piped)
        if unwrapped.nested is not None:
            return Target(unwrapped.words, self._nested(unwrapped.nested, simple), unwrapped.remote)
        words = unwrapped.words or simple.words
        if self.meaning.acts(words, self.remote or unwrapped.remote, unwrapped.reads) is not None:
            return Target(words, None, unwrapped.remote, reads=unwrapped.reads)
        callee = self.meaning.expand(words, self.path)
        if isinstance(callee, Unseen):
            return Target(words, None, unwrapped.remote, callee.span)
        if isinstance(callee, Callee) and callee.subject not in self.calls:
            return Target(words, self._called(callee, unwrapped.remote), unwrapped.remote)
        return Target(words, None, unwrapped.remote, reads=unwrapped.reads)

    def _nested(self, nested: Nested, simple: ast.Simple) -> Code:
        dialect: Dialect = "sh" if nested.shell in ("sh", "dash", "ash") else "bash"
        body = self._deeper("", remote=nested.remote).script(nested.script)
        inside = Process(body, "remote" if nested.remote else "shell", dialect, nested.errexit, nested.pipefail)
        return Connected(inside, simple.raw.span, " ".join(simple.raw.value.split())) if nested.remote else inside

    def _called(self, callee: Callee, remote: bool) -> Code:
        inner = self._deeper(callee.subject, callee.path, remote)
        return Chain(tuple(process(inner.script(script), callee.shell) for script in callee.scripts))


def process(body: Code, template: str, kind: Any = "shell") -> Process:
    """A shell as GitHub writes one: `bash -e {0}`, `bash --noprofile --norc -eo pipefail {0}`, `sh -e {0}`."""
    program, flags = shell_of(template) or ("bash", ())
    dialect: Dialect = "bash" if program == "bash" else "sh"
    errexit = any(flag[:1] == "-" and flag[1:2] != "-" and "e" in flag for flag in flags)
    return Process(body, kind, dialect, errexit, "pipefail" in flags)


def shell_of(template: str) -> tuple[str, tuple[str, ...]] | None:
    """The shell that a template calls, perhaps through others (`sudo bash -e {0}`), and its flags; None for another."""
    words = template.split()
    at = max((at for at, word in enumerate(words) if posixpath.basename(word) in _SHELLS), default=-1)
    return None if at < 0 else (posixpath.basename(words[at]), tuple(words[at + 1 :]))
