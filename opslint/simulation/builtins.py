"""Builtins that change the course: exit, return, break, set, trap, eval, source, wait, export."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from opslint.simulation.loops import leave_loops
from opslint.simulation.process import FORKS, Process, settle
from opslint.simulation.state import UNSET, Choice, Code, Leaving, Option, Shell, State, Step
from opslint.simulation.words import value

if TYPE_CHECKING:
    from opslint.simulation.command import Command
    from opslint.syntax.script import Word

Builtin = Callable[["Command", State], "Step"]
_FLAGS = {"e": "errexit", "E": "errtrace", "u": "nounset"}
_OPTIONS = {"errexit": "errexit", "errtrace": "errtrace", "nounset": "nounset", "pipefail": "pipefail"}
USAGE = 2  # the status of a builtin that was called wrongly


def find(name: str, dialect: str) -> Builtin | None:
    """The builtin of that name that changes the course; the rest are commands like others."""
    if name == "source" and dialect == "sh":
        return None
    return _BUILTINS.get(name)


def _arguments(command: Command, state: State) -> tuple[str | None, ...]:
    return tuple(value(word, state.shell) for word in command.simple.words[1:])


def _number(word: str | None, otherwise: int) -> int:
    return int(word) if word is not None and word.isdecimal() else otherwise


def _exit(command: Command, state: State) -> Step:
    arguments = _arguments(command, state)
    shell = state.shell
    last = shell.status if shell.handler is None else shell.handler
    if arguments and arguments[0] is None:
        return Choice((Option(_gone(state, 0)), Option(_gone(state, 1))))
    return _gone(state, _number(arguments[0], USAGE) % 256 if arguments else last)


def _gone(state: State, status: int) -> State:
    return state.shelled(status=status).leave(Leaving("exit"))


def _return(command: Command, state: State) -> Step:
    arguments = _arguments(command, state)
    back = Leaving("return")
    if arguments and arguments[0] is None:
        return Choice((Option(state.shelled(status=0).leave(back)), Option(state.shelled(status=1).leave(back))))
    shell = state.shell
    status = _number(arguments[0], USAGE) % 256 if arguments else shell.status
    if status and shell.dialect == "sh" and shell.errexit and not shell.guarded:  # to dash the `return` itself failed
        back = Leaving("exit", 0)
    return state.shelled(status=status).leave(back)


def _loop(command: Command, state: State) -> Step:
    arguments = _arguments(command, state)
    return leave_loops(state, command.name, _number(arguments[0], 1) if arguments else 1)


def _set(command: Command, state: State) -> Step:
    """`set -e`, `set +e`, `set -euo pipefail`, `set -o pipefail`; the rest does not change the course."""
    words = [word or "" for word in _arguments(command, state)]
    changes: dict[str, bool] = {}
    while words:
        word = words.pop(0)
        if word in ("--", "-") or word[:1] not in "-+" or not word:
            break
        on = word[0] == "-"
        for flag in word[1:]:
            name = _FLAGS.get(flag)
            if flag == "o" and words:
                option = words.pop(0)
                name = _OPTIONS.get(option)
                if option in ("pipefail", "errtrace") and state.shell.dialect == "sh":
                    return state.shelled(status=USAGE).leave(Leaving("exit"))
            if name:
                changes[name] = on
    return state.shelled(status=0, **changes)


def _trap(command: Command, state: State) -> Step:
    words = _arguments(command, state)
    if words and words[0] == "--":
        words = words[1:]
    if len(words) < 2:
        return settle(state, 0)
    handler = None if words[0] in ("-", "") else command.handler
    for word in words[1:]:
        signal = (word or "").upper().removeprefix("SIG")
        if signal in ("EXIT", "0"):
            state = state.shelled(exit_trap=handler)
        elif signal == "ERR" and state.shell.dialect == "sh":
            return settle(state, 1)
        elif signal == "ERR" and state.shell.guarded and _is_read(state):
            # Bash takes the trap of before away in there, and this one is awake whatever is around it.
            return Choice((Option(state.shelled(status=0), unseen=command.span),))
        elif signal == "ERR":
            state = state.shelled(err_trap=handler)
        elif signal in ("INT", "TERM", "2", "15"):
            name = {"2": "INT", "15": "TERM"}.get(signal, signal)
            state = state.shelled(signals=state.shell.signals.put(name, handler))
    return state.shelled(status=0)


def _declare(command: Command, state: State) -> Step:
    """`export V=$(x)`, `local v=$(x)`: the status of `x` is lost."""
    for word, known in zip(command.simple.words[1:], _arguments(command, state), strict=True):
        name, equals, _ = word.value.partition("=")
        if not equals and command.name == "local" and state.shell.dialect == "bash":
            state = state.assign(name, UNSET)
        elif _is_lost(command, word, state):
            state = state.assign(name, None)
        elif equals:
            state = state.assign(name.rstrip("+"), known.partition("=")[2] if known and name[-1:] != "+" else None)
    for assignment in command.simple.assignments:
        state = state.assign(assignment.name, value(assignment.value, state.shell))
    return state.shelled(status=0)


def _is_lost(command: Command, word: Word, state: State) -> bool:
    """Whether a value is not followed: `declare X` in a function or not, a counter in a loop."""
    if "=" not in word.value:
        return command.name in ("declare", "typeset")
    return state.looping and any(part.kind == "arithmetic" for part in word.parts)


def _unset(command: Command, state: State) -> Step:
    for name in _arguments(command, state):
        state = state.assign(name or "", UNSET)
    return state.shelled(status=0)


class _Again(Code):
    """What `eval` and `source` ran has ended: their own status counts, too. `source` ends a `return`."""

    def __init__(self, returns: bool) -> None:
        self.returns = returns

    def step(self, state: State, point: int, saved: Any) -> Step:
        depth, trapped, guarded = saved
        return settle(state.shelled(depth=depth, guarded=guarded), state.shell.status, trapped)

    def leave(self, state: State, point: int, saved: Any) -> Step:
        depth, trapped, guarded = saved
        state = state.shelled(depth=depth, guarded=guarded)
        if self.returns and state.leaving is not None and state.leaving.kind == "return":
            return settle(state.leave(None), state.shell.status, trapped)
        return state


def _before(shell: Shell) -> tuple[int, bool, bool]:
    return shell.depth, shell.err_trap is not None, shell.guarded


_EVAL, _SOURCE = _Again(False), _Again(True)


def _is_read(state: State) -> bool:
    """Whether `eval` or `source` is running in this shell."""
    stack = state.stack
    while stack is not None and not (isinstance(stack.code, Process) and stack.code.kind not in FORKS):
        if isinstance(stack.code, _Again):
            return True
        stack = stack.rest
    return False


def _eval(command: Command, state: State) -> Step:
    if command.handler is None:
        return command.program(state) if command.simple.words[1:] else state.shelled(status=0)
    return state.push(_EVAL, 0, _before(state.shell)).shelled(status=0).push(command.handler)


def _source(command: Command, state: State) -> Step:
    from opslint.simulation.command import DEPTH

    if command.handler is None or state.shell.depth >= DEPTH:
        return command.program(state)
    shell = state.shell
    guarded = shell.guarded and shell.dialect == "bash"  # dash forgets the condition around it
    inside = state.push(_SOURCE, 0, _before(shell)).shelled(status=0, depth=shell.depth + 1, guarded=guarded)
    return inside.push(command.handler)


def _fails(command: Command, state: State) -> Step:
    return settle(state, 1)


def _shift(command: Command, state: State) -> Step:
    variables = state.shell.variables.only(lambda name: not name.isdecimal())
    return state.shelled(status=0, variables=variables)


class _Wait(Code):
    """Runs the background jobs that wait for it. `saved`: the numbers of those it waits for."""

    def step(self, state: State, point: int, saved: Any) -> Step:
        awaited, running = saved
        jobs = state.shell.jobs
        if running is not None:
            jobs = tuple((code, state.shell.status if n == running else done) for n, (code, done) in enumerate(jobs))
            state = state.shelled(jobs=jobs)
        numbers = range(len(jobs)) if awaited is None else awaited
        late = next((number for number in numbers if jobs[number][1] is None), None)
        if late is not None:
            return state.push(self, 1, (awaited, late)).push(jobs[late][0])
        if awaited is None:
            return state.shelled(status=0, jobs=())
        return settle(state, jobs[awaited[-1]][1] or 0)


_WAIT = _Wait()


def _wait(command: Command, state: State) -> Step:
    arguments = [word for word in _arguments(command, state) if not (word or "").startswith("-")]
    count = len(state.shell.jobs)
    numbers = tuple(int(word[1:]) - 1 for word in arguments if word and word[0] == "%" and word[1:].isdecimal())
    known = len(numbers) == len(arguments) and all(0 <= number < count for number in numbers)
    if not arguments and len(command.simple.words) == 1:
        return _WAIT.step(state, 0, (None, None))
    if not count:
        return settle(state, 127)
    return _WAIT.step(state, 0, (numbers if known and numbers else tuple(range(count)), None))


_BUILTINS: dict[str, Builtin] = {
    "exit": _exit,
    "return": _return,
    "break": _loop,
    "continue": _loop,
    "set": _set,
    "trap": _trap,
    "export": _declare,
    "local": _declare,
    "declare": _declare,
    "typeset": _declare,
    "readonly": _declare,
    "unset": _unset,
    "eval": _eval,
    "source": _source,
    ".": _source,
    "false": _fails,
    "shift": _shift,
    "wait": _wait,
}

# The shell runs these itself; no program takes it over for them.
NO_PROGRAMS = frozenset({*_BUILTINS, *"cd read kill getopts let mapfile readarray pushd popd disown fg bg".split()})
