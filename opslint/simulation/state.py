"""Where a simulation stands: what is still to do, and all that this can still look at."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

from opslint.finding import Outcome
from opslint.simulation.assumption import still_needed
from opslint.simulation.table import EMPTY, Table
from opslint.source import Span

Dialect = Literal["bash", "sh"]  # sh is dash: what `sh` is on Debian, Ubuntu and (nearly) Alpine
NOTHING: frozenset[str] = frozenset()
UNSET = "\0unset"  # of a variable that was taken away: an empty text, but not to `-u` and `${X:?}`
MANY = "\0many"  # of a counter that is greater than arithmetic follows


class Leaving(NamedTuple):
    """What is unwinding the stack; the boundary that it is meant for stops it."""

    kind: Literal["exit", "exec", "return", "break", "continue", "cut"]  # exec: an exit without its trap
    loops: int = 1  # still to leave; 0 for an exit that `-e` makes, and for a cut without the EXIT trap
    orphaned: frozenset[str] = NOTHING  # cut: acts of the innermost process, which may go on by itself


class Shell(NamedTuple):
    """One shell process. A variable that is absent has a value nobody knows."""

    dialect: Dialect = "bash"
    errexit: bool = False
    pipefail: bool = False
    errtrace: bool = False  # set -E: functions and subshells inherit the ERR trap
    nounset: bool = False
    guarded: bool = False  # in a condition: `-e` and the ERR trap are asleep
    status: int = 0  # $?
    exit_trap: Code | None = None
    err_trap: Code | None = None
    signals: Table[str, Code] = EMPTY  # traps on INT and TERM
    variables: Table[str, str] = EMPTY
    functions: Table[str, Code] = EMPTY
    jobs: tuple[tuple[Code, int | None], ...] = ()  # begun with `&`: the body, and its status where it has ended
    depth: int = 0  # of calls
    handler: int | None = None  # the status with which the EXIT trap that is running began
    in_trap: bool = False
    remote: bool = False


class World(NamedTuple):
    """What outlives a shell process: the job around it and what was assumed about the unknown."""

    assumptions: Table[Question, bool] = EMPTY
    conditions: Table[str, bool] = EMPTY  # what was assumed of unknown values in `${{ }}`, by normal form
    facts: Table[str, str] = EMPTY  # of the workflow: `status`, `steps.migrate.outcome`, `needs.deploy.result`, ...
    loose: frozenset[str] = NOTHING  # acts that a process nobody controls any more may still do
    failing: frozenset[Any] = NOTHING  # commands that have failed in the loop that is going on, and may at every turn


class Atom(str):
    """Something a condition asks of the unknown, in the words of its assumptions: `github.ref == 'x'`."""

    __slots__ = ()


@lru_cache(maxsize=4096)
def spoken_of(assumption: str, live: frozenset[Hashable]) -> bool:
    """Whether a later condition may depend on an assumption."""
    return bool(still_needed({assumption: True}, [atom for atom in live if isinstance(atom, Atom)]))


class Question:
    """Something asked whose answer is not known; one object for each wording, `names` are what it depends on."""

    __slots__ = ("names", "span", "text")

    def __init__(self, text: str, names: frozenset[str], span: Span) -> None:
        self.text = text
        self.names = names
        self.span = span

    def __repr__(self) -> str:
        return f"Question({self.text!r})"


class Code:
    """A piece of program: what it does when the machine comes to it, and when it comes back to it.

    Compared by identity. `point` says how far it has got (0: not begun), `saved` what it has to give back.
    """

    parts: tuple[Code, ...] = ()  # the code it is made of
    reads: frozenset[Hashable] = frozenset()  # variables and questions that it may look at, facts of the workflow
    kept: frozenset[Hashable] = frozenset()  # read by the traps it sets: as long as the shell lives
    acts: frozenset[str] = NOTHING  # acts that it may do
    encloses: bool = False  # a process or a function: `break` does not reach out of it
    repeats: bool = False  # a loop
    varies: frozenset[str] = NOTHING  # of a loop: variables that are others at every turn
    negates: bool = False  # `!`: its one part never counts as a failure
    executes: str = ""  # the name of the program, where it is one command that is no builtin

    def made_of(self, *parts: Code) -> None:
        """Sets the parts, and what they read and do."""
        self.parts = parts
        self.reads = frozenset().union(*(part.reads for part in parts))
        self.kept = frozenset().union(*(part.kept for part in parts))
        self.acts = frozenset().union(*(part.acts for part in parts))

    def step(self, state: State, point: int, saved: Any) -> Step:
        raise NotImplementedError

    def leave(self, state: State, point: int, saved: Any) -> Step:
        """What happens when an exit, return, break or cut passes through; mostly nothing."""
        return state

    def live(self, point: int) -> frozenset[Hashable]:
        """What may still be read from a point on."""
        return self.reads

    def ahead(self, point: int) -> frozenset[str]:
        """Acts that may still be done from a point on."""
        return self.acts


class Stack:
    """What is still to do, innermost first; equal stacks share their tails, so comparing is short."""

    __slots__ = ("_hash", "_live", "code", "point", "rest", "saved")

    def __init__(self, code: Code, point: int, saved: Any, rest: Stack | None) -> None:
        self.code = code
        self.point = point
        self.saved = saved
        self.rest = rest
        self._hash: int = hash((id(code), point, saved, rest._hash if rest else 0))
        self._live: frozenset[Hashable] | None = None

    @property
    def live(self) -> frozenset[Hashable]:
        """What may be read from here to the end."""
        if self._live is None:
            beneath = self.rest.live if self.rest else NOTHING
            own = self.code.live(self.point)
            self._live = beneath if own <= beneath else beneath | own
        return self._live

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Stack)
            and self._hash == other._hash
            and self.code is other.code
            and self.point == other.point
            and self.saved == other.saved
            and self.rest == other.rest
        )


class State(NamedTuple):
    """The whole of it: equal states have the same future."""

    stack: Stack | None
    shell: Shell = Shell()
    world: World = World()
    leaving: Leaving | None = None

    @property
    def looping(self) -> bool:
        """Whether a loop is going on, in this process or around it."""
        stack = self.stack
        while stack is not None and not stack.code.repeats:
            stack = stack.rest
        return stack is not None

    def push(self, code: Code, point: int = 0, saved: Any = None) -> State:
        return State(Stack(code, point, saved, self.stack), self.shell, self.world, self.leaving)

    def shelled(self, **changes: Any) -> State:
        """The same with some fields of its shell changed."""
        return State(self.stack, self.shell._replace(**changes), self.world, self.leaving)

    def leave(self, leaving: Leaving | None) -> State:
        return State(self.stack, self.shell, self.world, leaving)

    def assign(self, name: str, known: str | None) -> State:
        """A variable has a new value, known or not: what was asked of it is asked anew."""
        return self.forget({name}).shelled(variables=self.shell.variables.put(name, known))

    def assume(self, question: Question, answer: bool) -> State:
        world = self.world._replace(assumptions=self.world.assumptions.put(question, answer))
        return State(self.stack, self.shell, world, self.leaving)

    def failing(self, commands: frozenset[Any]) -> State:
        """With other commands that go on failing while a loop tries them again."""
        same = self.world.failing == commands
        return self if same else self._replace(world=self.world._replace(failing=commands))

    def fact(self, name: str, value: str | None) -> State:
        return self._replace(world=self.world._replace(facts=self.world.facts.put(name, value)))

    def forget(self, names: Iterable[str]) -> State:
        """Without the assumptions that depend on one of the names: they are asked anew."""
        assumptions = self.world.assumptions
        if not len(assumptions):
            return self
        changed = frozenset(names)
        kept = assumptions.only(lambda question: question.names.isdisjoint(changed))
        return self if kept is assumptions else self._replace(world=self.world._replace(assumptions=kept))

    def pruned(self) -> State:
        """Without what nothing will ever look at: what makes many pasts one state."""
        shell, world = self.shell, self.world
        if not (len(shell.variables) or len(world.assumptions) or len(world.facts) or len(world.conditions)):
            return self
        live = self.stack.live if self.stack else NOTHING
        variables = shell.variables.only(live.__contains__)
        assumptions = world.assumptions.only(live.__contains__)
        facts = world.facts.only(live.__contains__)
        conditions = world.conditions.only(lambda key: spoken_of(key, live))
        if variables is not shell.variables:
            shell = shell._replace(variables=variables)
        if assumptions is not world.assumptions or facts is not world.facts or conditions is not world.conditions:
            world = world._replace(assumptions=assumptions, facts=facts, conditions=conditions)
        return State(self.stack, shell, world, self.leaving)

    def next(self) -> Step:
        """One small step."""
        stack = self.stack
        assert stack is not None
        popped = State(stack.rest, self.shell, self.world, self.leaving)
        if self.leaving is None:
            return stack.code.step(popped, stack.point, stack.saved)
        if self.leaving.kind == "cut" and not stack.code.encloses:
            orphaned = self.leaving.orphaned | stack.code.ahead(stack.point)
            popped = popped.leave(self.leaving._replace(orphaned=orphaned))
        return stack.code.leave(popped, stack.point, stack.saved)


class Happening(NamedTuple):
    """Something that happened on the way from one state to the next, as the course will tell it."""

    span: Span
    text: str  # the command or the step
    outcome: Outcome
    act: str | None = None
    done: bool = True  # whether it took effect
    because: str = ""
    kind: Literal["command", "step", "job"] = "command"
    step: str = ""  # subject of the step, or of the job
    guarded: bool = False  # in a trap, or in a step that asks for the status itself: it knows what it does
    remote: bool = False
    meant: frozenset[str] = NOTHING  # of a connection that fails: the acts that it was made for
    again: bool = False  # a loop has tried it again, after it had failed


class Option(NamedTuple):
    """One way to go on, and what happens on it."""

    state: State
    happening: Happening | None = None
    mishap: str = ""  # failure | cancel | timeout | connection: what nobody plans for
    assumed: str = ""  # what it takes for granted, in words
    unseen: Span | None = None  # something that was not followed here
    unread: bool = False  # ... because it is no shell that we can read, and not because it is elsewhere


class Choice(NamedTuple):
    """More than one way to go on, or something to tell."""

    options: tuple[Option, ...]
    concurrent: bool = False  # each way is the same program: what runs side by side, in another order


class Pause(NamedTuple):
    """A command is about to run; whoever drives says how it ends."""

    state: State
    command: Any  # Command
    words: tuple[str | None, ...]  # its words; None where the value is not known
    text: str
    act: str | None
    question: Question | None
    kind: str  # sure | asks | acts
    unseen: Span | None = None  # the script that it calls and that is not in the repository


Step: TypeAlias = "State | Choice | Pause"


def ask(state: State, question: Question, yes: Callable[[State], State], no: Callable[[State], State]) -> Step:
    """Both answers to a question, or the one that was assumed before."""
    known = state.world.assumptions.get(question)
    if known is not None:
        return yes(state) if known else no(state)
    positive = Option(yes(state.assume(question, True)), assumed=f"`{question.text}` is true")
    return Choice((positive, Option(no(state.assume(question, False)), assumed=f"`{question.text}` is false")))
