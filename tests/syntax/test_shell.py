"""Shell scripts: what the reader sees, held against bash itself and against the place of every word."""

from __future__ import annotations

import os
import random
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opslint.source import Source, Text
from opslint.syntax.script import (
    AndOr,
    Block,
    Case,
    For,
    Function,
    Group,
    If,
    Loop,
    Part,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Statement,
    Unreadable,
    Word,
)
from opslint.syntax.shell import command_line, script, words

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "syntax" / "shell"
BASH = shutil.which("bash")
needs_bash = pytest.mark.skipif(BASH is None, reason="bash is not installed")


def read(content: str) -> Script:
    return script(Source("test.sh", content).text)


def simples(content: str) -> list[Simple]:
    return [each for each in walk(read(content).body) if isinstance(each, Simple)]


def values(content: str) -> list[list[str]]:
    return [[word.value for word in simple.words] for simple in simples(content)]


def walk(statement: Statement) -> Iterator[Statement]:
    yield statement
    match statement:
        case Block():
            for item in statement.items:
                yield from walk(item.statement)
        case Pipeline():
            for each in statement.commands:
                yield from walk(each)
        case AndOr():
            yield from walk(statement.left)
            yield from walk(statement.right)
        case If():
            for condition, body in statement.branches:
                yield from walk(condition)
                yield from walk(body)
            if statement.otherwise:
                yield from walk(statement.otherwise)
        case Loop():
            yield from walk(statement.condition)
            yield from walk(statement.body)
        case For() | Group() | Function():
            yield from walk(statement.body)
        case Case():
            for arm in statement.arms:
                yield from walk(arm.body)


# -- fixtures: the whole tree, positions included ---------------------------------------------------------------------


def tree(found: Script) -> str:
    lines = [*_statement(found.body, 0), *(f"problem {problem.span}: {problem.message}" for problem in found.problems)]
    return "\n".join(lines) + "\n"


def _statement(statement: Statement, depth: int) -> Iterator[str]:
    indent = "  " * depth
    match statement:
        case Simple():
            yield f"{indent}{_place(statement.raw)} command"
            for assignment in statement.assignments:
                yield f"{indent}  {_place(assignment.raw)} {assignment.name}{'+' if assignment.append else ''}="
                yield from _word(assignment.value, depth + 2) if assignment.value else ()
            for word in statement.words:
                yield from _word(word, depth + 1)
            yield from _redirects(statement.redirects, depth + 1)
        case Block():
            for item in statement.items:
                yield from _statement(item.statement, depth)
                if item.background:
                    yield f"{indent}&"
        case AndOr():
            yield f"{indent}{_place(statement.raw)} {statement.operator}"
            yield from _statement(statement.left, depth + 1)
            yield from _statement(statement.right, depth + 1)
        case Pipeline():
            yield f"{indent}{_place(statement.raw)} {'! ' if statement.negated else ''}pipeline"
            for each in statement.commands:
                yield from _statement(each, depth + 1)
        case Unreadable():
            yield f"{indent}{_place(statement.raw)} unreadable {statement.raw.value!r}"
        case _:
            yield from _compound(statement, depth)


def _compound(statement: Statement, depth: int) -> Iterator[str]:
    indent, place = "  " * depth, _place(statement.raw)
    match statement:
        case If():
            for number, (condition, body) in enumerate(statement.branches):
                yield f"{indent}{place} if" if not number else f"{indent}elif"
                yield from _statement(condition, depth + 1)
                yield f"{indent}then"
                yield from _statement(body, depth + 1)
            if statement.otherwise:
                yield f"{indent}else"
                yield from _statement(statement.otherwise, depth + 1)
        case Loop():
            yield f"{indent}{place} {'until' if statement.until else 'while'}"
            yield from _statement(statement.condition, depth + 1)
            yield f"{indent}do"
            yield from _statement(statement.body, depth + 1)
        case For():
            yield f"{indent}{place} for {statement.variable}"
            for word in statement.words or ():
                yield from _word(word, depth + 1)
            yield f"{indent}do"
            yield from _statement(statement.body, depth + 1)
        case Case():
            yield f"{indent}{place} case"
            yield from _word(statement.subject, depth + 1)
            for arm in statement.arms:
                yield f"{indent}  {' | '.join(word.value for word in arm.patterns)}) {arm.terminator}"
                yield from _statement(arm.body, depth + 2)
        case Group():
            yield f"{indent}{place} {'( )' if statement.subshell else '{ }'}"
            yield from _statement(statement.body, depth + 1)
        case Function():
            yield f"{indent}{place} function {statement.name}"
            yield from _statement(statement.body, depth + 1)
    yield from _redirects(getattr(statement, "redirects", ()), depth + 1)


def _redirects(redirects: tuple[Redirect, ...], depth: int) -> Iterator[str]:
    for redirect in redirects:
        yield f"{'  ' * depth}{_place(redirect.raw)} {redirect.descriptor}{redirect.operator}"
        for word in (redirect.target, redirect.body):
            if word is not None:
                yield from _word(word, depth + 1)


def _word(word: Word, depth: int) -> Iterator[str]:
    indent = "  " * depth
    yield f"{indent}{_place(word.raw)} {word.value!r}"
    for part in word.parts:
        if part.kind != "literal":
            name = f" {part.name}" if part.name else ""
            yield f"{indent}  {_place(part.text)} {'quoted ' if part.quoted else ''}{part.kind}{name}"
            if part.script:
                yield from _statement(part.script.body, depth + 2)


def _place(text: Text) -> str:
    line, column, end_line, end_column = text.span.place
    return f"{line}:{column}-{end_column}" if line == end_line else f"{line}:{column}-{end_line}:{end_column}"


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.sh")), ids=lambda path: path.stem)
def test_fixture(path: Path, request: pytest.FixtureRequest) -> None:
    content = path.read_bytes().decode()
    found = tree(script(Source(path.name, content).text))
    expected = path.with_suffix(".tree")
    if request.config.getoption("--regenerate"):
        expected.write_text(found, "utf-8")
    assert found == expected.read_text("utf-8")


# -- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("[ a = b ]", [["[", "a", "=", "b", "]"]], id="a test is words"),
        pytest.param("kill -9 -1", [["kill", "-9", "-1"]], id="negative numbers"),
        pytest.param("echo a#b #c", [["echo", "a#b"]], id="a hash begins a comment only behind a blank"),
        pytest.param("a=b c=d e f=g", [["e", "f=g"]], id="assignments stand before the command alone"),
        pytest.param("export A=b C", [["export", "A=b", "C"]], id="a declaration is words"),
        pytest.param("echo if then fi", [["echo", "if", "then", "fi"]], id="reserved words are words elsewhere"),
        pytest.param("echo a\\\n  b", [["echo", "a", "b"]], id="a continued line"),
        pytest.param("echo a\\\nb", [["echo", "ab"]], id="a continued word"),
        pytest.param("echo a\\\r\n  b\r\nc\r\n", [["echo", "a", "b"], ["c"]], id="CR LF"),
        pytest.param("time php x", [["time", "php", "x"]], id="time before a command is a word"),
        pytest.param("[[ a =~ ^(b|c)$ && -f d ]]", [["[[", "a", "=~", "^(b|c)$", "&&", "-f", "d", "]]"]], id="[["),
        pytest.param("((i++)) || a", [["(("], ["a"]], id="arithmetic is one word"),
        pytest.param("a 2>&1 >b <c d", [["a", "d"]], id="redirections are no words"),
        pytest.param("echo 'a'\"b\"c\\ d", [["echo", "abc d"]], id="quotes side by side"),
        pytest.param("echo $'a\\tb' $\"c\"", [["echo", "a\tb", "c"]], id="ANSI and locale quotes"),
        pytest.param("echo '' \"\"", [["echo", "", ""]], id="empty words"),
        pytest.param("echo {a,b} x{}y {}", [["echo", "{a,b}", "x{}y", "{}"]], id="braces"),
    ],
)
def test_words(content: str, expected: list[list[str]]) -> None:
    assert values(content) == expected
    assert read(content).problems == ()


@pytest.mark.parametrize(
    ("word", "kinds"),
    [
        pytest.param("abc", [("literal", False)], id="plain"),
        pytest.param("'$a'", [("literal", True)], id="nothing happens in single quotes"),
        pytest.param('"$a"', [("parameter", True)], id="quoted parameter"),
        pytest.param("x${a:-b}y", [("literal", False), ("parameter", False), ("literal", False)], id="in braces"),
        pytest.param("$(a)`b`", [("command", False), ("command", False)], id="both substitutions"),
        pytest.param("$((1 + 2))", [("arithmetic", False)], id="arithmetic"),
        pytest.param("<(a)", [("process", False)], id="process"),
        pytest.param("${{ a && 'b }}' }}/c", [("github", False), ("literal", False)], id="GitHub's with braces in it"),
        pytest.param("'${{ a }}'", [("github", True)], id="GitHub knows no quotes"),
        pytest.param("*.php", [("glob", False), ("literal", False)], id="glob"),
        pytest.param("'*.php'", [("literal", True)], id="a quoted glob is none"),
        pytest.param("~/x", [("glob", False), ("literal", False)], id="home"),
        pytest.param("a~b", [("literal", False)], id="a tilde in a word"),
        pytest.param("$", [("literal", False)], id="a lone dollar"),
    ],
)
def test_parts(word: str, kinds: list[tuple[str, bool]]) -> None:
    (simple,) = simples(f"echo {word}")
    assert [(part.kind, part.quoted) for part in simple.words[1].parts] == kinds


def test_substitutions_are_read_as_scripts_wherever_they_stand() -> None:
    (simple,) = simples('a "$(b `c`)" ${x:-$(d)} $(($(e) + 1))')

    def names(parts: tuple[Part, ...]) -> Iterator[str]:
        for part in parts:
            for each in walk(part.script.body) if part.script else ():
                if isinstance(each, Simple):
                    yield each.words[0].value
                    for word in each.words:
                        yield from names(word.parts)

    assert [name for word in simple.words for name in names(word.parts)] == ["b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("content", "body", "kinds"),
    [
        pytest.param("cat <<EOF\na $b\nEOF\n", "a $b\n", ["literal", "parameter", "literal"], id="expanded"),
        pytest.param("cat <<'EOF'\na $b\nEOF\n", "a $b\n", ["literal"], id="quoted delimiter: literal"),
        pytest.param("cat <<E\\OF\n$b\nEOF\n", "$b\n", ["literal"], id="escaped delimiter: literal"),
        pytest.param("cat <<-EOF\n\t\ta\n\tEOF\n", "a\n", ["literal"], id="tabs are stripped"),
        pytest.param("cat <<EOF | b && c\na\nEOF\n", "a\n", ["literal"], id="before a pipe"),
        pytest.param("cat <<E\n\"'`\\$x`\nE\n", "\"'`\\$x`\n", ["literal", "command", "literal"], id="quotes are none"),
        pytest.param("cat <<EOF\nEOF\n", "", ["literal"], id="empty"),
    ],
)
def test_here_documents(content: str, body: str, kinds: list[str]) -> None:
    redirect = simples(content)[0].redirects[0]
    assert redirect.body is not None
    assert redirect.body.value == body
    assert [part.kind for part in redirect.body.parts] == (kinds if body else [])
    assert read(content).problems == ()


def test_two_here_documents_of_one_line_follow_one_another() -> None:
    (simple,) = simples("cat <<A <<B\na\nA\nb\nB\n")
    assert [redirect.body.value for redirect in simple.redirects if redirect.body] == ["a\n", "b\n"]


def test_what_the_outer_shell_expands_comes_back_as_it_is() -> None:
    outer = simples("ssh h \"cd $X && echo '$(date)' \\$Y\"")[0].words[2]
    inner = script(outer.text, outer.parts)
    found = [word for each in walk(inner.body) if isinstance(each, Simple) for word in each.words]
    parts = [part for word in found for part in word.parts]
    expanded = [(part.kind, part.text.value, part.script) for part in parts if part.kind != "literal"]
    assert expanded == [("parameter", "$X", None), ("command", "$(date)", None), ("parameter", "$Y", None)]


# -- problems ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param("a\nif b; then c\n", "2:1: `if` is never ended by `fi`", id="never closed"),
        pytest.param("a; fi; b", "1:4: `fi` ends nothing that was begun", id="stray reserved word"),
        pytest.param("a ;; b", "1:3: `;;` begins no command that the shell can read", id="no case is open"),
        pytest.param("echo 'a", "1:6: a single quote is never closed", id="single quote"),
        pytest.param('echo "a', "1:6: a double quote is never closed", id="double quote"),
        pytest.param("cat <<EOF\na\n", "1:5: the here-document is never ended by `EOF`", id="here-document"),
        pytest.param("a $(b", "1:6: a command substitution is never closed", id="substitution"),
        pytest.param("a >", "1:3: nothing follows the `>`", id="redirection to nowhere"),
    ],
)
def test_problems_have_a_place(content: str, problem: str) -> None:
    assert [f"{each.span}: {each.message}" for each in read(content).problems] == [f"test.sh:{problem}"]


def test_what_cannot_be_read_is_unreadable_and_the_rest_is_read() -> None:
    found = read("php a\n)\nphp b\n")
    assert [type(each).__name__ for each in walk(found.body)][1:] == ["Simple", "Unreadable", "Simple"]
    assert found.problems


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("$(" * 5000, id="substitutions"),
        pytest.param('"$(' * 5000, id="quoted substitutions"),
        pytest.param("(" * 20000, id="subshells"),
        pytest.param("( " * 500 + "a" + " )" * 500, id="closed subshells"),
        pytest.param("{ " * 5000, id="groups"),
        pytest.param("if a; then " * 3000, id="ifs"),
        pytest.param("${" * 5000, id="braces"),
        pytest.param("$((" * 3000, id="arithmetic"),
        pytest.param("`" * 9999, id="backquotes"),
        pytest.param("a && " * 20000 + "a", id="a long list"),
        pytest.param("a | " * 20000 + "a", id="a long pipeline"),
        pytest.param("a;" * 60000, id="many commands"),
        pytest.param("<(" * 5000, id="process substitutions"),
        pytest.param("cat <<A <<B\n" * 300, id="here-documents"),
        pytest.param("case x in a) " * 1000, id="cases"),
    ],
)
def test_hostile_scripts_are_bounded(content: str) -> None:
    assert read(content).problems


@given(st.text(alphabet=st.sampled_from("ab \n\t$(){}[]'\"`\\<>|&;#!=*~\0\r-é1"), max_size=60))
@settings(max_examples=400, deadline=None)
def test_any_text_is_read(content: str) -> None:
    found = read(content)
    for statement in walk(found.body):
        assert content[statement.raw.span.start : statement.raw.span.end] == statement.raw.value
        for word in statement.words or () if isinstance(statement, (Simple, For)) else ():
            assert word.raw.is_verbatim
            assert "".join(part.text.value for part in word.parts) == word.value


# -- bash itself ------------------------------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    ["a", "-b", "=", "1", "é", "'c d'", '"e f"', "'\"'", '"\'"', "{}",
     "\\ ", "\\$", "\\'", '"\\$"', '"\\a"', "$'\\t'", "$'\\x41'",
     "$'\\''", "a#", "''", '""', "\\\n", "[", "]", "!", ":", "%", "@", ",", "^",
     "$'\\u00e9'", '"\\\n"', "-9", "."]
)  # fmt: skip


@pytest.mark.oracle
@needs_bash
@given(st.lists(st.lists(_PIECES, min_size=1, max_size=5).map("".join), min_size=1, max_size=6).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_words_are_those_that_bash_passes(line: str) -> None:
    found = simples(f"stub {line}")
    program = "stub() { printf '%s\\0' \"$@\"; }\nset -f\nstub " + line
    ran = subprocess.run([BASH or "", "-c", program], capture_output=True, env={"LC_ALL": "C.UTF-8"}, check=False)
    assert ran.returncode == 0
    printed = ran.stdout.decode().split("\0")[:-1]
    passed = [word.value for word in found[0].words[1:]]
    # printf without arguments still prints one empty string
    assert passed == printed or (not passed and printed == [""])


_SHAPES = [
    "if C; then C; fi", "if C\nthen C\nelif C; then C; else C; fi", "(C)", "{ C; }", "C && C", "C || C", "C | C", "! C",
    "C; C", "C | C | C && C", "case x in a) C;; x) C;; esac", "case x in (x) C\nesac", "for i in 1 2; do C; done",
    "f() { C; }; f", "function g { C; }\ng", "while ! C; do true; done", "[[ a == a ]] && C", "((1)) && C", "C\n\nC",
    "if (C) then C; fi", "{ C; } > /dev/null", "true <<E && C\nb\nE\n", "time C", "for i\ndo C; done", "C > /dev/null",
]  # fmt: skip


def _generated(rng: random.Random, depth: int) -> str:
    if depth == 0:
        return rng.choice(["true", "false", "! true", "! false"])
    return "".join(_generated(rng, depth - 1) if char == "C" else char for char in rng.choice(_SHAPES))


@pytest.mark.oracle
@needs_bash
@pytest.mark.parametrize("seed", range(60))
def test_structure_is_that_of_bash(seed: int) -> None:
    """The status that bash ends with is the one that the tree has; scripts that loop for ever are cut by both."""
    content = _generated(random.Random(seed), 3)
    found = read(content)
    if subprocess.run([BASH or "", "-n"], input=content.encode(), capture_output=True, check=False).returncode:
        assert found.problems or "!" in content
        return
    assert found.problems == ()
    # coreutils' timeout ends the whole process group: elements of a pipeline that loop for ever, too
    command = ["timeout", "--signal=KILL", "1", BASH or "", "-c", content]
    ran = subprocess.run(command, capture_output=True, check=False)
    if ran.returncode in (124, 137, -9):
        return
    assert _status(found.body, {}) == ran.returncode


def _status(statement: Statement, functions: dict[str, Statement]) -> int:
    match statement:
        case Block():
            status = 0
            for item in statement.items:
                status = _status(item.statement, functions)
            return status
        case Pipeline():
            status = [_status(each, functions) for each in statement.commands][-1]
            return int(not status) if statement.negated else status
        case AndOr():
            left = _status(statement.left, functions)
            return _status(statement.right, functions) if (left == 0) == (statement.operator == "&&") else left
        case If():
            for condition, body in statement.branches:
                if _status(condition, functions) == 0:
                    return _status(body, functions)
            return _status(statement.otherwise, functions) if statement.otherwise else 0
        case Loop():
            status = 0
            for _ in range(50):
                if (_status(statement.condition, functions) == 0) == statement.until:
                    return status
                status = _status(statement.body, functions)
            return status
        case For():
            status = 0
            for _ in statement.words or ():
                status = _status(statement.body, functions)
            return status
        case Case():
            subject = statement.subject.value
            arm = next((arm for arm in statement.arms if any(word.value == subject for word in arm.patterns)), None)
            return _status(arm.body, functions) if arm else 0
        case Group():
            return _status(statement.body, dict(functions) if statement.subshell else functions)
        case Function():
            functions[statement.name] = statement.body
            return 0
        case Simple():
            name = statement.words[-1].value if statement.words[0].value == "time" else statement.words[0].value
            if name in functions:
                return _status(functions[name], functions)
            if name == "((":
                return 0 if "1" in statement.raw.value else 1
            return 0 if name in ("true", "[[") else 1
        case Unreadable():
            raise AssertionError(statement.raw.value)


# -- Supervisor's command line ----------------------------------------------------------------------------------------


@given(st.text(alphabet=st.sampled_from("ab \t\n\r'\"\\#&|;$é"), max_size=30))
@settings(max_examples=800, deadline=None)
def test_words_of_a_command_line_are_those_of_shlex(content: str) -> None:
    found = command_line(Source("supervisor.conf", content).text)
    try:
        expected = shlex.split(content, posix=True)
    except ValueError:
        assert found.problems
        return
    assert [word.value for word in found.words] == expected
    assert found.problems == ()
    for word in found.words:
        assert content[word.raw.span.start : word.raw.span.end] == word.raw.value


@pytest.mark.parametrize(
    ("content", "expected", "problem"),
    [
        pytest.param("a 'b c", ["a", "b c"], "1:3: no closing quotation", id="quote"),
        pytest.param("a b\\", ["a", "b"], "1:4: no character after the backslash", id="backslash"),
    ],
)
def test_a_broken_command_line_is_read_as_far_as_it_goes(content: str, expected: list[str], problem: str) -> None:
    text = Source("s", content).text
    found = command_line(text)
    assert [word.value for word in found.words] == expected
    assert [f"{each.span}: {each.message}" for each in found.problems] == [f"s:{problem}"]
    assert words(text) == found.words


# -- every word of real scripts ---------------------------------------------------------------------------------------

CORPUS = os.environ.get("OPSLINT_CORPUS")


@pytest.mark.skipif(not CORPUS, reason="OPSLINT_CORPUS is not set")
def test_every_character_of_a_real_script_is_where_the_file_has_it() -> None:
    count = 0
    for path in sorted(Path(CORPUS or "").rglob("*.sh")):
        source = Source(path.name, path.read_bytes().decode("utf-8", "replace"))
        for statement in walk(script(source.text).body):
            for word in statement.words if isinstance(statement, Simple) else ():
                count += 1
                for index, char in enumerate(word.value):
                    written = source.content[word.text.starts[index] : word.text.ends[index]]
                    assert written == char or (len(written) > 1 and written[0] in "\\$"), f"{word.span}: {word.value!r}"
    assert count > 1000
