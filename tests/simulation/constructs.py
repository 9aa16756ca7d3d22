"""The constructs of a shell script, each written at random around others: what the generator chooses from."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.scripts import Generator

Made = str | None  # None: not here

SINGLE = {"command", "prefixed", "exec"}  # one command by its nature
CONCURRENT = {"background", "process_substitution"}
BASH_ONLY = {
    "pipefail", "counted_for", "process_substitution", "here_string", "time", "double_bracket", "arithmetic_command",
    "trap_err",
}  # fmt: skip


def command(g: Generator) -> Made:
    return g.slot() + g.random.choice(["", "", "", " 2>/dev/null", " 2>&1"])


def prefixed(g: Generator) -> Made:
    return g.random.choice(["command ", "X=1 ", "command "]) + g.slot()


def and_list(g: Generator) -> Made:
    return f"{g.operand()} && {g.operand()}" + g.maybe(0.4, lambda: " " + g.random.choice(["&&", "||"]) + " " + g.operand())


def or_list(g: Generator) -> Made:
    text = f"{g.operand()} || " + g.random.choice(["true", ":", "exit 4", "{ act h 0; exit 5; }", "echo no", "false", "", ""])
    return (text if text[-1] != " " else text + g.operand()) + g.maybe(0.3, lambda: "\n" + g.statement())


def semicolons(g: Generator) -> Made:
    return f"{g.operand()}; {g.operand()}; {g.operand()}"


def negation(g: Generator) -> Made:
    return f"! {g.operand()}"


def _element(g: Generator) -> str:
    """One side of a pipe. It begins with a stub, which waits for the end of what comes before; else in any order."""
    if g.random.random() < 0.5:
        return g.slot()
    if g.concurrent and g.random.random() < 0.1:
        g.ordered = False
        return g.process(g.operand)
    return "{\n" + g.slot() + "\n" + g.process(g.statement) + "\n}"


def pipeline(g: Generator) -> Made:
    return " | ".join(_element(g) for _ in range(g.random.randint(2, 3)))


def pipefail(g: Generator) -> Made:
    word = g.random.choice(["set -o pipefail", "set -euo pipefail", "set +o pipefail"])
    if g.random.random() < 0.6:
        return f"{word}\n{pipeline(g)}"
    return f"{word}\n{_element(g)} |& {_element(g)}" + g.maybe(0.4, lambda: " | " + _element(g))


def group(g: Generator) -> Made:
    return "{\n" + g.block() + "\n}" + g.random.choice(["", "", " 2>/dev/null"])


def subshell(g: Generator) -> Made:
    return "(\n" + g.process(g.block) + "\n)"


def if_(g: Generator) -> Made:
    text = f"if {g.block(2)}\nthen\n{g.block(2)}\n" + g.maybe(0.4, lambda: f"elif {g.statement()}\nthen\n{g.statement()}\n")
    return text + g.maybe(0.6, lambda: f"else\n{g.block(2)}\n") + "fi"


def _turns(g: Generator, most: int = 3) -> str:
    return g.within(lambda: g.block(most), in_loop=True)


def _loop(g: Generator, word: str, statuses: list[str]) -> str:
    before = g.maybe(0.3, lambda: g.process(g.statement) + "\n")
    return f"{word} {before}{g.slot(g.random.choice(statuses))}\ndo\n{_turns(g)}\ndone"


def while_(g: Generator) -> Made:
    return _loop(g, "while", ["0 1", "0 0 1", "1"])


def until(g: Generator) -> Made:
    return _loop(g, "until", ["1 0", "0", "1 1 0"])


def retry(g: Generator) -> Made:
    """Tries again, with a counter, and perhaps gives up."""
    counter, most = g.fresh("n"), g.random.choice([1, 2, 3, 5])
    begin = f"{counter}=0\nuntil {g.slot()}\ndo\n{g.process(lambda: g.block(2))}\n{counter}=$(({counter}+1))\n"
    give_up = g.random.choice(["exit 1", "break", f"{{ {g.slot()}\nexit 3\n}}", f"{{ {g.slot()}\nbreak\n}}"])
    return f"{begin}if [ ${counter} -ge {most} ]\nthen {give_up}\nfi\ndone"


def for_words(g: Generator) -> Made:
    words = ["a b", "a", "", "x y z", "$(seq 2)"] + (["{1..2}", "{1..3}"] if g.dialect == "bash" else [])
    return f"for item in {g.random.choice(words)}\ndo\n{_turns(g)}\ndone"


def counted_for(g: Generator) -> Made:
    i = g.fresh("i")
    header = g.random.choice([f"{i}=0; {i}<2; {i}++", f"{i}=3; {i}; {i}--", f"{i} = 1; {i} <= 3; {i} += 2", f"{i}=0; {i}<0; {i}++"])
    return f"for (({header}))\ndo\n{_turns(g)}\ndone"


def case(g: Generator) -> Made:
    joints = [";;", ";;", ";;&", ";&"] if g.dialect == "bash" and g.random.random() < 0.6 else [";;"]
    subject = g.random.choice(["a", "b", "zz", '"$S"'])
    arms = [f"{pattern}) {g.block(2)}\n{g.random.choice(joints)}" for pattern in ("a", "b|c", "z*")]
    arms.append(f"*) {g.statement()}\n;;" if g.random.random() < 0.5 else "none) exit 6 ;;")
    return "S=b\n" * ("S" in subject) + f"case {subject} in\n" + "\n".join(arms) + "\nesac"


def _defined(g: Generator, body: str, use: str) -> str:
    name = g.fresh("fun")
    shape = g.random.choice(["{0}() {{\n{1}\n}}"] * 4 + ["{0}() (\n{1}\n)"])
    while "<+>" in use:
        use = use.replace("<+>", g.slot(), 1)
    return shape.format(name, body) + "\n" + use.replace("{}", name)


def function(g: Generator) -> Made:
    body = g.within(g.block, in_function=True, in_loop=False)
    return _defined(g, body, g.random.choice(["{}", "{}", "{}\n<+>", "( {} )", "<+>\n{}", "{}\n{}"]))


def function_in_condition(g: Generator) -> Made:
    body = g.within(g.block, in_function=True, in_loop=False)
    return _defined(g, body, g.random.choice(["{} || <+>", "if {}\nthen\n<+>\nfi", "! {}", "{} && <+>", "while {}\ndo\n<+>\nbreak\ndone"]))


def local(g: Generator) -> Made:
    if not g.in_function:
        return _defined(g, g.within(lambda: local(g) or "", in_function=True, in_loop=False), g.random.choice(["{}", "{} || <+>"]))
    return f"local V=$(\n{g.substituted(lambda: g.block(2))}\n)" + g.maybe(0.3, lambda: "\n" + g.statement())


def return_(g: Generator) -> Made:
    if not g.in_function:
        return _defined(g, g.within(lambda: return_(g) or "", in_function=True, in_loop=False), g.random.choice(["{}", "{} && <+>"]))
    word = g.random.choice(["return", "return 3", "return 0", "return $?"])
    return f"{g.operand()} {g.random.choice(['&&', '||'])} {word}" + g.maybe(0.5, lambda: "\n" + g.statement())


def assignment(g: Generator) -> Made:
    form = g.random.choice(["V=$(\n{}\n)", 'V="x$(\n{}\n)"', "V=$(\n{}\n) <+>", "V=$(\n{}\n) W=$(<+>)"])
    inner = g.substituted(g.block)
    return form.replace("<+>", g.slot() if "<+>" in form else "").replace("{}", inner)


def declaration(g: Generator) -> Made:
    inner = g.substituted(g.block)
    keyword = g.random.choice(["export V", "export V"] + (["declare V", "declare -x V"] if g.dialect == "bash" else []))
    if g.random.random() < 0.25:
        return f"( readonly {g.fresh('R')}=$(\n{inner}\n) )"
    return f"{keyword}=$(\n{inner}\n)"


def command_substitution(g: Generator) -> Made:
    return f'echo "$(\n{g.substituted(g.block)}\n)" >/dev/null'


def process_substitution(g: Generator) -> Made:
    if not g.concurrent:
        return None
    g.ordered = False
    return f"cat <(\n{g.substituted(g.block)}\n) >/dev/null"


def here_document(g: Generator) -> Made:
    if g.in_substitution or g.quoted:
        return None
    end = g.fresh("END")
    return f"cat >/dev/null <<{end}\ntext $(\n{g.substituted(g.block)}\n) more\n{end}"


def here_string(g: Generator) -> Made:
    return f'{g.slot()} <<<"$(\n{g.substituted(lambda: g.block(2))}\n)"'


def set_e(g: Generator) -> Made:
    word = g.random.choice(["set -e", "set -ex", "set +e", "set +e", "set +ex"])
    return g.maybe(0.3, lambda: g.statement() + "\n") + word + "\n" + g.block(2)


def set_u(g: Generator) -> Made:
    if g.in_command:
        return None  # `bash -c` ends with another status
    name = g.fresh("U")
    read = g.random.choice([f'echo "${{{name}-}}"', f'echo "${name}"', f"{name}=x; echo ${name}", f"set +u; echo ${name}"])
    return f"set -u\nunset {name}\n{g.statement()}\n{read}\n{g.statement()}"


def demanded(g: Generator) -> Made:
    if g.in_command:
        return None
    name = g.fresh("D")
    value, word = g.random.choice(["x", "x", "x", ""]), g.random.choice([f"${{{name}:?}}", f"${{{name}?}}", f"${{{name}:?no value}}"])
    use = g.random.choice([f': "{word}"', f"echo {word.replace(' ', '')} >/dev/null", f'W="{word}"'])
    return f"{name}={value}\n{g.statement()}\n{use}\n{g.statement()}"


def status(g: Generator) -> Made:
    """What reads `$?`, at once or through a variable."""
    form = g.random.choice(
        [
            "rc=$?\nif [ $rc -ne 0 ]; then\n{}\nfi",
            'if [ "$?" -eq 0 ]; then\n{}\nelse\n{}\nfi',
            "rc=$?\n{}\n[ $rc = 0 ] || exit $rc",
            "[ $? -eq 0 ]",
        ]
    )
    text = g.statement() + "\n" + form
    while "{}" in text:
        text = text.replace("{}", g.statement(), 1)
    return text


def test(g: Generator) -> Made:
    asked = g.random.choice(["[ 1 -eq 1 ]", "[ a = b ]", "test -z x", "[ ! a = b ]", "test x != x", "[ $((2 - 1)) -gt 0 ]"])
    return asked + g.random.choice([" && ", " || ", "\n"]) + g.operand() + g.maybe(0.4, lambda: "\n" + g.statement())


def double_bracket(g: Generator) -> Made:
    asked = g.random.choice(["[[ a == b ]]", "[[ -n x && 1 -eq 1 ]]", "[[ ! a == a ]]", "[[ a == b || 1 -lt 2 ]]"])
    return asked + g.random.choice([" && ", " || ", "\n"]) + g.operand() + g.maybe(0.4, lambda: "\n" + g.statement())


def arithmetic_command(g: Generator) -> Made:
    n = g.fresh("n")
    asked = g.random.choice([f"(({n}++))", f"(( {n} > 1 ))", f"((++{n}))", f"(( {n} += 2, 1 ))".replace(", 1", ""), f"let {n}+=1", f"(( {n} == 0 && 1 ))"])
    tail = g.random.choice([" && ", " || ", "\n"]) + g.operand()
    return f"{n}={g.random.choice('013')}\n{g.statement()}\n{asked}{tail}\n[ ${n} -lt 3 ] || {g.operand()}"


def time(g: Generator) -> Made:
    if g.in_substitution:
        return None  # bash 5.2 misreads it there
    if g.random.random() < 0.3:
        return f"time {g.slot()} | {g.slot()} | {g.slot()}"
    return "time " + ((group if g.random.random() < 0.5 else subshell)(g) or "")


def _handler(g: Generator) -> str:
    form = g.random.choice(["{}", "{}", "{}; exit 9", "{}; {}", "exit", "! {}", "rc=$?; {}; exit $rc"])
    while "{}" in form:
        form = form.replace("{}", g.slot(), 1)
    return form


def _trap(g: Generator, signals: list[str]) -> Made:
    signal, inner = g.random.choice(signals), _handler(g)
    if g.quoted or g.random.random() < 0.2:
        name = g.fresh("on")
        return f"{name}() {{\n{inner}\n}}\ntrap {name} {signal}\n{g.block(2)}"
    text = f"trap '{inner}' {signal}\n{g.block(2)}"
    return text + g.maybe(0.1, lambda: f"\ntrap - {signal}\n{g.statement()}")


def trap_exit(g: Generator) -> Made:
    return _trap(g, ["EXIT", "EXIT", "0"])


def trap_err(g: Generator) -> Made:
    return g.maybe(0.3, lambda: "set -E\n") + (_trap(g, ["ERR", "ERR", "ERR EXIT"]) or "")


def trap_signal(g: Generator) -> Made:
    return _trap(g, ["TERM", "INT TERM", "INT"])


def exit_(g: Generator) -> Made:
    word = g.random.choice(["exit", "exit 3", "exit $?"])
    return f"{g.operand()} {g.random.choice(['&&', '||'])} {word}" + g.maybe(0.7, lambda: "\n" + g.statement())


def break_(g: Generator) -> Made:
    if not g.in_loop:
        body = g.within(lambda: break_(g) or "", in_loop=True)
        return f"for item in a b c\ndo\n{body}\ndone" + g.maybe(0.3, lambda: "\n" + g.statement())
    words = ["break", "continue", "break", "continue"]
    # In the redirection of a command, bash counts the loops around that, too.
    word = g.random.choice(words if g.in_substitution else [*words, "break 2"])
    return f"{g.operand()} {g.random.choice(['&&', '||'])} {word}" + g.maybe(0.6, lambda: "\n" + g.statement())


def eval_(g: Generator) -> Made:
    text = g.within(lambda: g.block(2), quoted=True)
    return None if "'" in text or g.quoted else f"eval '{text}'"


def source(g: Generator) -> Made:
    """A real file beside the script."""
    name = g.fresh("part") + ".sh"
    g.files[name] = g.within(lambda: g.block(3), in_function=True, in_loop=False, quoted=False, in_substitution=False) + "\n"
    last = g.files[name].rstrip("\n").rpartition("\n")[2]
    if "local " in g.files[name] or re.search(r";|&&|\|\|", last):
        return None  # in a subshell, bash 5.2 does not come back from a file that ends with `a; b`
    return f"{'.' if g.dialect == 'sh' else g.random.choice(['source', '.'])} ./{name}"


def _called(g: Generator) -> Made:
    name, shell = g.fresh("script") + ".sh", g.random.choice(["bash", "bash -e", "sh -e", "sh"])
    dialect, g.dialect = g.dialect, "sh" if shell.startswith("sh") else "bash"
    inner = g.within(lambda: g.block(3), in_function=False, in_loop=False, quoted=False, in_command=False, in_substitution=False)
    g.dialect = dialect
    g.files[name] = inner + "\n"
    return f"{shell} ./{name}"


def nested(g: Generator) -> Made:
    """A shell of its own: `bash -c`, `sh -ec`; or a script of the repository."""
    if g.random.random() < 0.5:
        return _called(g)
    return _quoted(g, ["bash -c '{}'", "bash -ec '{}'", "sh -c '{}'", "sh -ec '{}'", "bash -euo pipefail -c '{}'"])


def ssh(g: Generator) -> Made:
    return _quoted(g, ["ssh host '{}'", "ssh host '{}'", "ssh host <<'END'\n{}\nEND"]) if g.remote else None


def _quoted(g: Generator, forms: list[str]) -> Made:
    if g.quoted:
        return None
    form = g.random.choice([form for form in forms if not g.in_substitution or "<<" not in form])
    dialect, g.dialect = g.dialect, "sh" if form.startswith("sh") else "bash"
    quoted = "<<" not in form
    inner = g.within(g.block, in_function=False, in_loop=False, quoted=quoted, in_command=True, in_substitution=not quoted or g.in_substitution)
    g.dialect = dialect
    return None if (quoted and "'" in inner) or "<<" in inner else form.replace("{}", inner)


def exec_(g: Generator) -> Made:
    return f"{g.random.choice(['', 'true && ', 'false || ', 'false && '])}exec {g.slot()}" + g.maybe(0.3, lambda: "\n" + g.statement())


def background(g: Generator) -> Made:
    if not g.concurrent:
        return None
    g.ordered = False
    inner = g.process(g.operand)
    form = g.random.choice(["{} &\nwait", "{} &\nwait $!", "{} &\npid=$!\n<+>\nwait $pid", "{} &\nwait $! || <+>"])
    return form.replace("<+>", g.slot() if "<+>" in form else "").replace("{}", inner, 1)


CONSTRUCTS: dict[str, Callable[[Generator], Made]] = {
    "command": command, "prefixed": prefixed, "and": and_list, "or": or_list, "semicolons": semicolons, "not": negation,
    "pipeline": pipeline, "pipefail": pipefail, "group": group, "subshell": subshell, "if": if_, "while": while_,
    "until": until, "retry": retry, "for": for_words, "counted_for": counted_for, "case": case, "function": function,
    "function_in_condition": function_in_condition, "local": local, "return": return_, "assignment": assignment,
    "declaration": declaration, "command_substitution": command_substitution,
    "process_substitution": process_substitution, "here_document": here_document, "here_string": here_string,
    "set_e": set_e, "set_u": set_u, "demanded": demanded, "status": status, "test": test,
    "double_bracket": double_bracket, "arithmetic_command": arithmetic_command, "time": time, "trap_exit": trap_exit,
    "trap_err": trap_err, "trap_signal": trap_signal, "exit": exit_, "break": break_, "eval": eval_, "source": source,
    "nested": nested, "ssh": ssh, "exec": exec_, "background": background,
}  # fmt: skip
