"""Shell processes: what a new one inherits, how one ends, and what a signal does to it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Literal

from opslint.simulation.state import NOTHING, Code, Dialect, Leaving, Shell, Stack, State, Step
from opslint.simulation.table import EMPTY, Table
from opslint.simulation.words import piped

Kind = Literal["step", "shell", "remote", "subshell", "element", "substitution", "input", "background"]
TERMINATED = 143  # 128 + SIGTERM


def settle(state: State, status: int, trapped: bool = True) -> State:
    """A command has ended: where that counts as a failure, the ERR trap runs and `-e` ends the shell.

    Not `trapped`: there was no ERR trap when it began; bash does not run one that it has set itself.
    """
    shell = state.shell
    state = state.shelled(status=status)
    if shell.variables.get("PIPESTATUS") is not None:
        state = state._replace(shell=piped(state.shell, ()))
    if not status or shell.guarded or (state.stack is not None and state.stack.code.negates):
        return state
    if shell.err_trap is not None and trapped:
        inside = state.shelled(err_trap=None, handler=None, in_trap=True)
        inside = inside.push(AFTER_ERR_TRAP, 0, (status, shell.err_trap, shell.handler, shell.in_trap))
        return inside.push(shell.err_trap)
    return state.leave(Leaving("exit", 0)) if shell.errexit else state


class _AfterErrTrap(Code):
    """The ERR trap has run: the failure it was told of goes on."""

    def step(self, state: State, point: int, saved: Any) -> Step:
        status, trap, handler, in_trap = saved
        if state.shell.err_trap is None:
            state = state.shelled(err_trap=trap)
        state = state.shelled(status=status, handler=handler, in_trap=in_trap)
        return state.leave(Leaving("exit", 0)) if state.shell.errexit else state

    def leave(self, state: State, point: int, saved: Any) -> Step:
        # A shell that ends inside the trap is still inside it while its EXIT trap runs.
        ends = state.leaving is not None and state.leaving.kind == "exit"
        return state.shelled(err_trap=saved[1]) if state.shell.err_trap is None and not ends else state


class _AfterSignal(Code):
    """The handler of a signal has run: the script goes on where it was, with the status it had."""

    def step(self, state: State, point: int, saved: Any) -> Step:
        return state.shelled(status=saved)


AFTER_ERR_TRAP = _AfterErrTrap()
AFTER_SIGNAL = _AfterSignal()
FORKS = ("subshell", "element", "substitution", "input", "background")


class Process(Code):
    """A shell of its own around some code. `saved` is the shell outside.

    point 0 --body--> 1 --EXIT trap--> 2 --background jobs nobody waited for--> 3: the shell outside goes on
    (4 in the place of 2 where a signal ends it: whatever the trap does, the status tells of the signal)
    """

    encloses = True

    def __init__(
        self,
        body: Code,
        kind: Kind,
        dialect: Dialect = "bash",
        errexit: bool = False,
        pipefail: bool = False,
        arguments: tuple[str | None, ...] = (),
        awake: frozenset[Dialect] = frozenset(),  # shells that forget here that there is a condition around it
        lone: bool = False,  # it is written around one simple command
    ) -> None:
        self.body, self.kind, self.awake, self.lone = body, kind, awake, lone
        # A simple command in a pipeline runs no ERR trap, and `( ( x ) )` is one process.
        self.negates = (lone and kind == "element") or (kind == "subshell" and _is_subshell(body))
        self.made_of(body)
        known = {str(number): word for number, word in enumerate(arguments, 1) if word is not None}
        self.fresh = Shell(dialect, errexit, pipefail, remote=kind == "remote", variables=Table(known))

    def inside(self, outer: Shell) -> Shell:
        """What the new process begins with; bash's `$(...)` begins without `-e`."""
        if self.kind not in FORKS:
            substituted = outer.variables if self.kind == "step" else outer.variables.only(_is_substituted)
            known = self.fresh.variables
            if len(substituted):
                known = Table([*substituted.items(), *known.items()])
            remote = self.fresh.remote or outer.remote
            return self.fresh._replace(remote=remote, depth=outer.depth + 1, variables=known)
        substitution, bash = self.kind == "substitution", outer.dialect == "bash"
        return outer._replace(
            exit_trap=None,
            err_trap=outer.err_trap if outer.errtrace and not self._is_replaced(outer) else None,
            errexit=outer.errexit and not (substitution and bash),
            guarded=outer.guarded and outer.dialect not in self.awake,
            signals=EMPTY,
            jobs=(),
            handler=None,
        )

    def _is_replaced(self, outer: Shell) -> bool:
        """Whether the one program that it runs takes the process over: no shell is left to run a trap."""
        name = self.body.executes
        return self.lone and name != "" and outer.functions.get(name) is None

    def step(self, state: State, point: int, saved: Any) -> Step:
        if point == 0:
            outer = state.shell
            body = self.body.parts[0] if self._inverts(outer) else self.body
            return state.push(self, 1, outer)._replace(shell=self.inside(outer)).push(body)
        if point == 1:
            return self._end(self._inverted(state, saved), saved)
        outer, status = saved
        return self._outside(state if point == 3 else state.shelled(status=status), outer)

    def leave(self, state: State, point: int, saved: Any) -> Step:
        leaving = state.leaving
        assert leaving is not None
        outer = saved if point == 1 else saved[0]
        if leaving.kind == "cut":
            return self._cut(state, point, outer, leaving)
        state = state.leave(None)
        if leaving.kind in ("break", "continue"):
            state = state.shelled(status=0)
        if point == 1 and leaving.kind != "exec":
            turned = leaving.loops == 0 or leaving.kind == "return"
            return self._end(self._inverted(state, outer) if turned else state, outer)
        return self._outside(state.shelled(status=TERMINATED) if point == 4 else state, outer)

    def live(self, point: int) -> frozenset[Hashable]:
        """While it runs, what stands on the stack above it tells what is read; only its traps do not."""
        return self.kept if point else self.reads

    def _inverts(self, outer: Shell) -> bool:
        """Whether bash takes the `!` of `( ! command )` for the subshell's own: `-e` stays awake inside then."""
        inverts = self.body.negates and not isinstance(self.body, Process)
        return self.kind == "subshell" and inverts and outer.dialect == "bash"

    def _inverted(self, state: State, outer: Shell) -> State:
        return state.shelled(status=0 if state.shell.status else 1) if self._inverts(outer) else state

    def _end(self, state: State, outer: Shell, point: int = 2) -> State:
        """The EXIT trap runs, once."""
        shell = state.shell
        if shell.exit_trap is None:
            return self._outside(state, outer)
        inside = state.push(self, point, (outer, shell.status))
        # Bash forgets the condition around a process in its EXIT trap, but not around `$( )` and `<( )`.
        guarded = self.kind in ("substitution", "input") and self.inside(outer).guarded
        inside = inside.shelled(exit_trap=None, handler=shell.status, in_trap=True, guarded=guarded)
        return inside.push(shell.exit_trap)

    def _outside(self, state: State, outer: Shell) -> State:
        """The shell outside goes on; what it sees of this one is its status."""
        status = state.shell.status
        late = next((job for job in state.shell.jobs if job[1] is None), None)
        if late is not None:
            rest = tuple(job for job in state.shell.jobs if job is not late)
            return state.push(self, 3, (outer, status)).shelled(jobs=rest).push(late[0])
        state = state._replace(shell=outer)
        if self.kind in ("subshell", "shell", "remote"):
            return settle(state, status)
        return state if self.kind == "input" else state.shelled(status=status)

    def _cut(self, state: State, point: int, outer: Shell, leaving: Leaving) -> State:
        """Only the step's own shell gets the signal; the processes in it lose their parent and may go on."""
        if self.kind == "step":
            state = state.leave(None).shelled(status=TERMINATED, jobs=())
            killed = leaving.loops == 0 or state.shell.dialect == "sh" or point != 1
            return self._outside(state, outer) if killed else self._end(state, outer, point=4)
        trap = state.shell.exit_trap
        loose = leaving.orphaned | (trap.acts if trap else NOTHING)
        world = state.world._replace(loose=state.world.loose | loose)
        return State(state.stack, outer, world, leaving._replace(orphaned=NOTHING))


def _is_subshell(body: Code) -> bool:
    return isinstance(body, Process) and body.kind == "subshell"


def _is_substituted(name: str) -> bool:
    """Whether GitHub put the value into the script itself, where every shell in it sees it."""
    return name.startswith("${{")


def cuts(state: State, signals: tuple[str, ...] = ("INT", "TERM")) -> tuple[State, ...]:
    """What SIGINT, and 7.5 seconds later SIGTERM, make of a step whose command is running (facts S20, S20a).

    The shell dies of the second and runs its EXIT trap; where it traps the signal itself, it does so only after
    the command, if that ends within ten seconds, and goes on; else it is killed without a word.
    """
    shell = state.shell
    leaving = state.leave(Leaving("cut", 1))
    if not _is_own(state.stack):
        return (leaving,)
    found: list[State] = []
    for signal in signals:
        handler = shell.signals.get(signal)
        if handler is not None:
            found.append(state.push(AFTER_SIGNAL, 0, shell.status).shelled(in_trap=True).push(handler))
    killed = state.leave(Leaving("cut", 0))
    return (*found, killed if shell.signals.get("TERM") else leaving)


def _is_own(stack: Stack | None) -> bool:
    """Whether the innermost process is the step's own shell."""
    while stack is not None and not isinstance(stack.code, Process):
        stack = stack.rest
    return stack is not None and isinstance(stack.code, Process) and stack.code.kind == "step"


def is_fork(code: Code) -> bool:
    """Whether it is a process that goes on with all that its parent was in."""
    return isinstance(code, Process) and code.kind in FORKS
