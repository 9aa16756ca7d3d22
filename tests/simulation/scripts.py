"""Random shell scripts over every construct that the simulation knows, each with one command that fails."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

_SLOT = re.compile(r"<(\d+)>")
_STATUSES = (1, 1, 1, 2, 3, 77)


@dataclass
class Sample:
    """A script, and where the failing command stands in each construct around it."""

    text: str
    failing: Counter[tuple[str, str]]  # (construct, first | middle | last)
    ordered: bool  # whether its commands run in one order: no `&`, no `<(...)`


@dataclass
class Generator:
    """Writes scripts of one dialect. Every command is a slot `<n>` until it is decided how it ends."""

    random: random.Random
    dialect: str = "bash"
    remote: bool = True
    concurrent: bool = True
    slots: int = 0
    constructs: list[tuple[str, int, int]] = field(default_factory=list)  # name, first slot, slot behind the last
    looping: dict[int, str] = field(default_factory=dict)  # slots that end a loop: their statuses are given
    depth: int = 0
    in_function: bool = False
    in_loop: bool = False
    in_substitution: bool = False
    ordered: bool = True
    names: int = 0

    def sample(self, cut: bool = False) -> Sample:
        lines = [self.trap()] if self.random.random() < 0.25 else []
        while self.slots < self.random.randint(1, 8):
            lines.append(self.statement())
        failing = {self.random.randrange(self.slots)} if self.random.random() < 0.93 else set()
        if self.random.random() < 0.2:
            failing.add(self.random.randrange(self.slots))
        place: Counter[tuple[str, str]] = Counter()
        for name, start, end in self.constructs:
            for slot in failing:
                if start <= slot < end:
                    where = "first" if slot == start else "last" if slot == end - 1 else "middle"
                    place[name, "only" if end - start == 1 else where] += 1
        text = _SLOT.sub(lambda slot: self._command(int(slot[1]), failing, cut), "\n".join(lines))
        return Sample(text + "\n", place, self.ordered)

    def _command(self, slot: int, failing: set[int], cut: bool) -> str:
        if slot in self.looping:
            return f"act w{slot} {self.looping[slot]}"
        if slot not in failing:
            return f"act c{slot} 0"
        status = "cut" if cut else str(self.random.choice(_STATUSES))
        return f"act c{slot} " + (status if self.random.random() < 0.7 else self.random.choice([f"0 {status}", f"{status} 0"]))

    # -- statements ------------------------------------------------------------------------------------------------

    def statement(self) -> str:
        """One statement, in one line or several; never begins or ends with a separator."""
        if self.depth >= 4:
            return self.plain()
        productions = [
            self.plain, self.plain, self.and_or, self.and_or, self.negation, self.pipeline, self.group, self.subshell,
            self.condition, self.loop, self.iteration, self.case, self.function, self.assignment, self.declaration,
            self.word, self.setting, self.trap, self.leaving, self.evaluation, self.status, self.heredoc, self.guarded,
            self.nested, self.execution, self.sourced,
        ]  # fmt: skip
        if self.concurrent:
            productions += [self.background, self.background]
        production = self.random.choice(productions)
        self.depth += 1
        start = self.slots
        text = production()
        self.depth -= 1
        self.constructs.append((production.__name__, start, self.slots))
        return text

    def plain(self) -> str:
        self.slots += 1
        return f"<{self.slots - 1}>" + self.random.choice(["", "", "", " 2>/dev/null", " 2>&1"])

    def block(self, most: int = 3) -> str:
        lines = [self.statement() for _ in range(self.random.randint(1, most))]
        return "\n".join(lines)

    def and_or(self) -> str:
        joint = self.random.choice(["&&", "||"])
        left, right = self.statement(), self.statement()
        text = f"{_one(left)} {joint} {_one(right)}"
        return f"{text} {self.random.choice(['&&', '||'])} {_one(self.statement())}" if self.random.random() < 0.3 else text

    def negation(self) -> str:
        return f"! {_one(self.statement())}"

    def guarded(self) -> str:
        tail = self.random.choice(["true", ":", "exit 4", "{ act h 0; exit 5; }", "echo no", "false"])
        return f"{_one(self.statement())} || {tail}"

    def pipeline(self) -> str:
        return " | ".join(self._element() for _ in range(self.random.randint(2, 3)))

    def _element(self) -> str:
        """One side of a pipe. It begins with a stub, which waits for the end of what comes before; else in any order."""
        if self.random.random() < 0.5:
            return self.plain()
        if self.random.random() < 0.15:
            self.ordered = False
            return _one(self._process(self.statement))
        return "{\n" + self.plain() + "\n" + self._process(self.statement) + "\n}"

    def group(self) -> str:
        return "{\n" + self.block() + "\n}" + self.random.choice(["", "", " 2>/dev/null"])

    def subshell(self) -> str:
        return "(\n" + self._process(self.block) + "\n)"

    def _process(self, make: Callable[[], str]) -> str:
        """Something that runs in a process of its own: `break` does not reach out of it."""
        looping, self.in_loop = self.in_loop, False
        text = make()
        self.in_loop = looping
        return text

    def condition(self) -> str:
        text = f"if {self.block(2)}\nthen\n{self.block()}\n"
        if self.random.random() < 0.3:
            text += f"elif {self.statement()}\nthen\n{self.statement()}\n"
        if self.random.random() < 0.5:
            text += f"else\n{self.block()}\n"
        return text + "fi"

    def _substituted(self, make: Callable[[], str]) -> str:
        """Something inside `$(...)`: bash 5.2 misreads some here-documents there."""
        outside, self.in_substitution = self.in_substitution, True
        text = self._process(make)
        self.in_substitution = outside
        return text

    def _turns(self, make: Callable[[], str]) -> str:
        looping, self.in_loop = self.in_loop, True
        text = make()
        self.in_loop = looping
        return text

    def loop(self) -> str:
        until = self.random.random() < 0.4
        slot = self.slots
        self.slots += 1
        self.looping[slot] = self.random.choice(["1 0", "0"] if until else ["0 1", "0 0 1", "1"])
        before = self._process(self.statement) + "\n" if self.random.random() < 0.15 else ""
        return f"{'until' if until else 'while'} {before}<{slot}>\ndo\n{self._turns(self.block)}\ndone"

    def iteration(self) -> str:
        words = self.random.choice(["a b", "a", "", "x y z"])
        return f"for item in {words}\ndo\n{self._turns(self.block)}\ndone"

    def case(self) -> str:
        subject = self.random.choice(["a", "b", "zz", '"$item"'])
        subject = "b" if "item" in subject else subject
        joints = [";;", ";;", ";;"] + ([";&", ";;&"] if self.dialect == "bash" else [])
        arms = [f"{pattern}) {self.block(2)}\n{self.random.choice(joints)}" for pattern in ("a", "b|c", "z*")]
        arms.append(f"*) {self.statement()}\n;;" if self.random.random() < 0.5 else "none) exit 6 ;;")
        return f"case {subject} in\n" + "\n".join(arms) + "\nesac"

    def function(self) -> str:
        self.names += 1
        name = f"fun{self.names}"
        inside, self.in_function = self.in_function, True
        body = self._process(self.block)
        self.in_function = inside
        use = self.random.choice(["{}", "{}", "{} || <+>", "if {}\nthen\n<+>\nfi", "! {}", "{} && <+>", "( {} )", "{} | <+>"])
        while "<+>" in use:
            use = use.replace("<+>", f"<{self.slots}>", 1)
            self.slots += 1
        shape = self.random.choice(["{0}() {{\n{1}\n}}", "{0}() (\n{1}\n)"] if self.random.random() < 0.2 else ["{0}() {{\n{1}\n}}"])
        return shape.format(name, body) + "\n" + use.format(name)

    # -- words and variables -----------------------------------------------------------------------------------------

    def assignment(self) -> str:
        inner = self._substituted(lambda: self.block(2))
        second = f" W=$(\n{self._substituted(self.statement)}\n)" if self.random.random() < 0.2 else ""
        form = self.random.choice(["V=$(\n{}\n)", 'V="x$(\n{}\n)"', "V=$(\n{}\n) <+>"])
        if "<+>" in form:
            form = form.replace("<+>", f"<{self.slots}>")
            self.slots += 1
            second = ""
        return form.format(inner) + second

    def declaration(self) -> str:
        keyword = "local" if self.in_function and self.random.random() < 0.6 else "export"
        return f"{keyword} V=$(\n{self._substituted(self.statement)}\n)"

    def word(self) -> str:
        inner = self._substituted(self.statement)
        if self.dialect == "bash" and self.concurrent and self.random.random() < 0.15:
            self.ordered = False
            return f"cat <(\n{inner}\n) >/dev/null"
        return f'echo "$(\n{inner}\n)" >/dev/null'

    def heredoc(self) -> str:
        if self.in_substitution:
            return self.plain()
        self.names += 1
        end = f"END{self.names}"
        return f"cat >/dev/null <<{end}\ntext $(\n{self._substituted(self.statement)}\n) more\n{end}"

    def status(self) -> str:
        """What reads `$?`, at once or through a variable."""
        first = self.statement()
        return first + "\n" + self.random.choice(
            [
                f"rc=$?\nif [ $rc -ne 0 ]; then\n{self.statement()}\nfi",
                f'if [ "$?" -eq 0 ]; then\n{self.statement()}\nelse\n{self.statement()}\nfi',
                f"rc=$?\n{self.statement()}\n[ $rc = 0 ] || exit $rc",
                "[ $? -eq 0 ]",
                f"test $? -ne 3 && {_one(self.statement())}",
            ]
        )  # fmt: skip

    # -- what changes the shell ----------------------------------------------------------------------------------------

    def setting(self) -> str:
        choices = ["set -e", "set +e", "set -e", "set +e", "set -u", "set -ex"]
        if self.dialect == "bash":
            choices += ["set -o pipefail", "set -euo pipefail", "set +o pipefail", "set -E", "set -Eeuo pipefail"]
        return self.random.choice(choices) + f"\n{self.statement()}"

    def trap(self) -> str:
        signals = ["EXIT", "EXIT", "0"] + (["ERR", "ERR", "ERR EXIT"] if self.dialect == "bash" else [])
        self.names += 1
        inner = self.random.choice(
            ["act t{} 0", "act t{} 0", "act t{} 0; exit 9", "act t{} 1; act u{} 0", "exit", "! act t{} 1", "rc=$?; act t{} 0; exit $rc"]
        ).replace("{}", str(self.names))
        if self.random.random() < 0.2:
            return f"on{self.names}() {{\n{inner}\n}}\ntrap on{self.names} {self.random.choice(signals)}"
        if self.random.random() < 0.1:
            return f"trap - {self.random.choice(signals)}"
        return f"trap '{inner}' {self.random.choice(signals)}"

    def leaving(self) -> str:
        choices = ["exit", "exit 3", "exit $?"]
        if self.in_function:
            choices += ["return", "return 3", "return 0", "return $?"] * 2
        if self.in_loop:
            choices += ["break", "continue", "break 2", "break", "continue"] * 2
        left = f"{_one(self.statement())} {self.random.choice(['&&', '||'])} " if self.random.random() < 0.7 else ""
        return left + self.random.choice(choices)

    def evaluation(self) -> str:
        text = self.statement() if self.depth == 1 else self.plain_prefix()
        return text if "'" in text else f"eval '{text}'"

    def plain_prefix(self) -> str:
        return self.random.choice(["command ", "X=1 ", "command "]) + self.plain()

    def nested(self) -> str:
        """A shell of its own: `bash -c`, `sh -ec`, ssh with words or a here-document."""
        choices = ["bash -c '{}'", "bash -ec '{}'", "sh -c '{}'", "sh -ec '{}'", "bash -euo pipefail -c '{}'"]
        if self.remote:
            choices += ["ssh host '{}'", "ssh host <<'END'\n{}\nEND"] * 2
        form = self.random.choice([choice for choice in choices if not self.in_substitution or "<<" not in choice])
        outside = self.in_function, self.dialect
        self.in_function, self.dialect = False, "sh" if form.startswith("sh") else "bash"
        inner = self._process(lambda: self.block(2))
        self.in_function, self.dialect = outside
        return inner.replace(";;&", ";;").replace(";&", ";;") if "'" in inner or "<<" in inner else form.replace("{}", inner)

    def execution(self) -> str:
        return f"{self.random.choice(['', '', 'true && ', 'false || '])}exec {self.plain()}" if self.random.random() < 0.3 else self.plain()

    def sourced(self) -> str:
        return self.random.choice(["true", "false", ":", "[ 1 -eq 1 ]", "[ a = b ]", "test -z x"]) + self.random.choice(
            [" && ", " || ", "\n"]
        ) + _one(self.statement())  # fmt: skip

    def background(self) -> str:
        self.ordered = False
        inner = _one(self._process(self.statement))
        form = self.random.choice(["{} &\nwait", "{} &\nwait $!", "{} &\npid=$!\n<+>\nwait $pid", "{} &\nwait $! || <+>"])
        if "<+>" in form:
            form = form.replace("<+>", f"<{self.slots}>")
            self.slots += 1
        return form.format(inner.replace("{", "{{").replace("}", "}}")).replace("{{", "{").replace("}}", "}")


def _one(text: str) -> str:
    """A statement as one operand: braces around what would fall apart."""
    return text if re.fullmatch(r"<\d+>[^\n]*", text) else "{\n" + text + "\n}"
