"""Simple commands: what their words expand to, whom they call, what they leave to the driver."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any

from opslint.simulation import builtins, expansion
from opslint.simulation.exports import Export, told
from opslint.simulation.process import Process, settle
from opslint.simulation.question import Kind, answer, classify
from opslint.simulation.state import Choice, Code, Happening, Leaving, Option, Pause, Question, State, Step
from opslint.simulation.table import EMPTY
from opslint.simulation.words import value, variables
from opslint.source import Span
from opslint.syntax.script import Assignment, Part, Simple, Word

DEPTH = 20  # how deep calls may nest
CONNECTION_LOST = 255  # what ssh ends with when there is no connection


@dataclass(frozen=True)
class Meaning:
    """What the words of a script mean, and what stands behind them in the repository."""

    # of words, wrappers taken off; whether they run on another machine; what they are given by `<` or `|`
    acts: Callable[[tuple[Word, ...], bool, str], str | None] = lambda words, remote, reads: None
    expand: Callable[[tuple[Word, ...], str], Any] = lambda words, caller: None  # Callee | Unseen | None
    classify: Callable[[tuple[str | None, ...]], Kind] = classify
    uses: Callable[[Any], str | None] = lambda step: None  # the act of a step that uses an action
    action: Callable[[Any], Any] = lambda step: None  # the local Action that a step uses
    workflow: Callable[[Any], Any] = lambda job: None  # the local Workflow that a job calls


@dataclass(frozen=True, slots=True)
class Target:
    """What a simple command runs, its wrappers taken off."""

    words: tuple[Word, ...]
    nested: Code | None = None  # `bash -c '...'`, `ssh host '...'`, a script of the repository
    remote: bool = False
    unseen: Span | None = None  # a script that is called and is not to be seen
    reads: str = ""  # what it is given: the file behind `<`, or the command before the `|`


class Command(Code):
    """One simple command. Points: each substitution in its words in turn, then the command itself."""

    def __init__(
        self,
        simple: Simple,
        meaning: Meaning,
        substitutions: tuple[Code, ...],
        target: Target,
        handler: Code | None = None,
        functions: bool = True,
        questions: dict[str, Question] | None = None,  # those met so far: the same wording is the same question
        remote: bool = False,
        callee: Code | None = None,  # the function of its name, where that was defined before
        exported: tuple[Export, ...] = (),  # what it sets for later steps
    ) -> None:
        self.simple, self.meaning, self.substitutions, self.target = simple, meaning, substitutions, target
        here = [*simple.words, *(assignment.value for assignment in simple.assignments if assignment.value)]
        self.expanded_here = sum(part.script is not None for word in here for part in word.parts)
        self.exported = exported
        self.handler = handler  # the code in the words of `trap` and `eval`
        self.functions = functions  # whether its name may be a function's: not behind `command`
        self.text = " ".join(simple.raw.value.split())
        self.span = simple.raw.span
        self.name = simple.words[0].value if simple.words and simple.words[0].is_literal else ""
        words = tuple(word.value if word.is_literal else None for word in target.words)
        self.kind: Kind = meaning.classify(words) if words else "sure"
        runs = self.kind == "acts" and target.nested is None and self.name not in builtins.NO_PROGRAMS
        self.executes = self.name if runs else ""
        self.remote = remote or target.remote
        own = target.words if target.nested is None else ()
        self.act = meaning.acts(own, self.remote, target.reads) if own else None
        self.question = self._question({} if questions is None else questions) if self.kind == "asks" else None
        self.arithmetic = expansion.arithmetic_of(simple)
        self.counted = expansion.counted(simple)  # variables that `$((i++))` in its words sets
        self._words: dict[tuple[str | None, ...], str | None] = {}
        self.made_of(*substitutions, *(code for code in (target.nested, handler, callee) if code is not None))
        self.kept |= handler.reads if handler is not None and self.name == "trap" else frozenset()
        self.reads |= self._reads()
        self.acts |= {self.act} if self.act else set()
        self.reads |= {export.fact for export in exported}
        self._touched = frozenset(word for word in words[1:] if word and not word.startswith("-"))

    def _question(self, questions: dict[str, Question]) -> Question:
        names = frozenset().union(*(variables(word) for word in self.target.words))
        operands = (word.value for word in self.target.words[1:] if word.is_literal and self.name != "command")
        names |= {word for word in operands if word.strip("-![]=<>")}
        return questions.setdefault(self.text, Question(self.text, names, self.span))

    def _reads(self) -> frozenset[Hashable]:
        words = [*self.simple.words, *(a.value for a in self.simple.assignments if a.value)]
        words += [word for redirect in self.simple.redirects for word in (redirect.target, redirect.body) if word]
        names: frozenset[Hashable] = frozenset().union(*(variables(word) for word in words))
        return names | {self.question} if self.question else names

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point < len(self.substitutions):
            if state.shell.dialect == "sh":  # each sees the `$?` of before the command; in bash that of the one before
                saved = state.shell.status if point == 0 else saved
                state = state.shelled(status=saved)
            return state.push(self, point + 1, saved).push(self.substitutions[point])
        return self.run(state) if point == len(self.substitutions) else self.expanded(state)

    def leave(self, state: State, point: int, saved: Any) -> Step:
        """A cut while its redirections are expanded: the program's own process does that, and goes on."""
        if state.leaving is None or state.leaving.kind != "cut" or self.act is None or not self.is_begun(point):
            return state
        return state._replace(world=state.world._replace(loose=state.world.loose | {self.act}))

    def is_begun(self, point: int) -> bool:
        """Whether its process is there: bash expands the redirections of a program in it."""
        return self.executes != "" and self.expanded_here < point <= len(self.substitutions)

    def run(self, state: State) -> Step:
        """The command itself, its substitutions done."""
        lacking = expansion.lacking(self, state)
        if lacking is not None:
            return lacking
        return self.expanded(state)

    def expanded(self, state: State) -> Step:
        """Its words have been expanded."""
        for name in self.counted:
            state = state.assign(name, None)
        if not self.simple.words:
            status = state.shell.status if self.substitutions else 0
            for assignment in self.simple.assignments:
                state = self._assign(state, assignment)
            return settle(state, status)
        function = state.shell.functions.get(self.name) if self.functions else None
        if function is not None:
            return call(self, state, function)
        if self.arithmetic:
            return expansion.count(self, state)
        builtin = builtins.find(self.name, state.shell.dialect)
        if builtin is not None:
            return builtin(self, state)
        return self.program(state)

    def _assign(self, state: State, assignment: Assignment) -> State:
        known = expansion.assigned(assignment.value, state)
        if assignment.append:
            before = state.shell.variables.get(assignment.name)
            known = None if known is None or before is None else before + known
        return state.assign(assignment.name, known)

    def program(self, state: State) -> Step:
        """Something that is no builtin: another script where it can be seen, else the driver decides."""
        target = self.target
        if not self.simple.redirects and (self.executes or target.nested is not None):
            state = replaced(state)
        if target.nested is None:
            return self._pause(state)
        if state.shell.depth >= DEPTH:
            return Choice((Option(state.shelled(status=0), unseen=self.span),))
        return state.push(target.nested)

    def _pause(self, state: State) -> Step:
        words = tuple(value(word, state.shell) for word in self.target.words)
        known = answer(words) if self.kind == "asks" else None
        if known is not None:
            return settle(state, 0 if known else 1)
        return Pause(state, self, words, self.text, self._act(words), self.question, self.kind, self.target.unseen)

    def _act(self, words: tuple[str | None, ...]) -> str | None:
        """The act of the words as they are now: `$PHP artisan down` with a known PHP is one, too."""
        if self.act is not None or all(word.is_literal for word in self.target.words):
            return self.act
        if words not in self._words:
            resolved = tuple(_literal(word, known) for word, known in zip(self.target.words, words, strict=True))
            self._words[words] = self.meaning.acts(resolved, self.remote, self.target.reads)
        return self._words[words]

    def ended(self, state: State, status: int) -> State:
        """The command has ended with a status: what it touched is asked anew, and the shell goes on."""
        state = told(state, self.exported)
        return settle(state.forget(self._touched) if self.kind == "acts" else state, status)


class Connected(Code):
    """A remote shell, behind a connection that may fail."""

    def __init__(self, process: Process, span: Span, text: str) -> None:
        self.process, self.span, self.text = process, span, text
        self.made_of(process)

    def step(self, state: State, point: int, saved: Any) -> Step:
        why, meant = "there is no connection", self.process.acts
        lost = Happening(self.span, self.text, "failed", because=why, remote=True, done=False, meant=meant)
        return Choice((Option(state.push(self.process)), Option(settle(state, CONNECTION_LOST), lost, "failure")))


def _literal(word: Word, known: str | None) -> Word:
    if known is None or word.is_literal:
        return word
    start, end = word.span.start, word.span.end
    text = replace(word.text, value=known, starts=[start] * (len(known) + 1), ends=[end] * len(known))
    return Word(text, word.raw, (Part("literal", text),))


class Call(Code):
    """A function is running: `return` ends here. `saved`: ERR trap, variables, EXIT trap outside."""

    encloses = True

    def __init__(self, own: frozenset[str] = frozenset()) -> None:
        self.own = own

    def step(self, state: State, point: int, saved: Any) -> Step:
        return settle(self._outside(state, saved), state.shell.status, saved[0] is not None)

    def leave(self, state: State, point: int, saved: Any) -> Step:
        leaving = state.leaving
        assert leaving is not None
        if leaving.kind != "return":  # the shell ends inside the function: its EXIT trap runs without the ERR trap
            return self._outside(state, (state.shell.err_trap, *saved[1:]))
        return settle(self._outside(state.leave(None), saved), state.shell.status, saved[0] is not None)

    def _outside(self, state: State, saved: Any) -> State:
        shell = state.shell
        err_trap, variables_before, _ = saved
        known = shell.variables
        for name in self.own:
            known = known.put(name, variables_before.get(name))
        return state.shelled(err_trap=shell.err_trap or err_trap, variables=known, depth=shell.depth - 1)


class Function(Code):
    """The body of a function, and the names that are its own: `local` ones and its arguments."""

    def __init__(self, body: Code, own: frozenset[str], written: object = None) -> None:
        self.body, self.own, self.written = body, own, written
        self.made_of(body)
        self.boundary = Call(own | {str(number) for number in range(1, 10)})

    def step(self, state: State, point: int, saved: Any) -> Step:
        return state.push(self.body)


def call(command: Command, state: State, function: Code) -> Step:
    """Into a function: without the ERR trap unless `set -E`, with its own arguments."""
    shell = state.shell
    if shell.depth >= DEPTH or not isinstance(function, Function):
        return Choice((Option(state.shelled(status=0), unseen=command.span),))
    known = shell.variables
    for number in range(1, 10):
        word = command.simple.words[number] if number < len(command.simple.words) else None
        known = known.put(str(number), value(word, shell) if word else None)
    trap = shell.err_trap if shell.errtrace else None
    inside = state.push(function.boundary, 1, (shell.err_trap, shell.variables, shell.exit_trap))
    return inside.shelled(err_trap=trap, variables=known, depth=shell.depth + 1).push(function.body)


def replaced(state: State) -> State:
    """What bash makes of `$( f )` whose function ends with a program: that takes the shell over, traps and all."""
    stack = state.stack
    while stack is not None and isinstance(stack.code, Call) and not any(stack.saved[::2]):
        stack = stack.rest
        if stack is not None and isinstance(stack.code, Process) and stack.code.kind == "substitution":
            return state.shelled(err_trap=None, exit_trap=None) if state.shell.dialect == "bash" else state
    return state


class Chain(Code):
    """Scripts one after the other, each a shell of its own, up to the first that fails (composer, make)."""

    def __init__(self, processes: tuple[Process, ...]) -> None:
        self.processes = processes
        self.made_of(*processes)

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point and (state.shell.status or point == len(self.processes)):
            return settle(state.shelled(guarded=saved), state.shell.status)
        if not self.processes:
            return state.shelled(status=0)
        guarded = state.shell.guarded if point == 0 else saved
        return state.push(self, point + 1, guarded).shelled(guarded=True).push(self.processes[point])

    def leave(self, state: State, point: int, saved: Any) -> Step:
        return state.shelled(guarded=saved)


class Exec(Code):
    """`exec program`: the shell is replaced by it, so its EXIT trap is gone."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.made_of(command)

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point == 0:
            inside = state.push(self, 1).shelled(guarded=True, err_trap=None, exit_trap=None, signals=EMPTY)
            return inside.push(self.command)
        return state.leave(Leaving("exec"))
