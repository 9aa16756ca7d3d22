"""Variables of remote scripts: which reach the host, and which stay behind."""

from __future__ import annotations

import pytest

from opslint.checks import remote
from opslint.files import Memory
from opslint.finding import Verdict
from opslint.model.project import Project


def judged(**files: str) -> list[Verdict]:
    named = {path.replace("__", "."): text for path, text in files.items()}
    return list(remote.variables_reach(Project(Memory(named))))


def script(content: str) -> list[Verdict]:
    return judged(deploy__sh=content)


def states(verdicts: list[Verdict]) -> list[str]:
    return [verdict.state for verdict in verdicts]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("X=1\nssh h <<'EOF'\ncd $X\nEOF\n", ["broken"], id="quoted here-document"),
        pytest.param('X=1\nssh h <<"EOF"\ncd $X\nEOF\n', ["broken"], id="in double quotes"),
        pytest.param("X=1\nssh h <<EOF\ncd $X\nEOF\n", ["holds"], id="unquoted here-document"),
        pytest.param("X=1\nssh h <<EOF\ncd \\$X\nEOF\n", ["broken"], id="escaped in it"),
        pytest.param("X=1\nssh h 'cd $X'\n", ["broken"], id="single quotes"),
        pytest.param('X=1\nssh h "cd $X"\n', ["holds"], id="double quotes"),
        pytest.param('X=1\nssh h "cd \\$X"\n', ["broken"], id="escaped in them"),
        pytest.param("X=1\nssh h 'cd '$X' && ls'\n", ["holds"], id="out of the quotes and in again"),
        pytest.param("X=1\nssh h bash -s <<'EOF'\ncd $X\nEOF\n", ["broken"], id="to bash"),
        pytest.param("X=1\necho 'cd $X' | ssh h bash\n", ["broken"], id="through a pipe"),
        pytest.param("export X=1\nssh h 'cd $X'\n", ["broken"], id="exported, which stays here too"),
        pytest.param("read -r X\nssh h 'cd $X'\n", ["broken"], id="read here"),
        pytest.param("for X in 1 2; do ssh h 'cd $X'; done\n", ["broken"], id="of a loop around"),
        pytest.param("X=1\nY=$(ssh h 'cd $X')\n", ["broken"], id="in a substitution"),
        pytest.param("X=1\n(ssh h 'cd $X') || exit\n", ["broken"], id="in a subshell"),
        pytest.param("X=1\nssh h 'X=2; cd $X'\n", ["holds"], id="set there"),
        pytest.param("X=1\nssh h 'for X in a b; do echo $X; done'\n", ["holds"], id="of a loop there"),
        pytest.param("X=1\nssh h 'read X; echo $X'\n", ["holds"], id="read there"),
        pytest.param("X=1\nssh h 'export X=3; echo $X'\n", ["holds"], id="exported there"),
        pytest.param("X=1\nssh h '. ./.env; cd $X'\n", ["holds"], id="a file is sourced there"),
        pytest.param("X=1\nssh h 'export $(cat .env); cd $X'\n", ["holds"], id="a file is read there"),
        pytest.param("X=1\nssh h 'source ~/.nvm/nvm.sh; cd $X'\n", ["broken"], id="nvm sets none of ours"),
        pytest.param("X=1\nssh h 'cd ${X:-/srv}'\n", ["holds"], id="it has a default"),
        pytest.param("ssh h 'cd $X; echo $HOME $1'\n", ["holds"], id="not known here"),
        pytest.param("X=1\nssh h \"X='$X' bash -s\" <<'EOF'\ncd $X\nEOF\n", ["holds"], id="handed over"),
        pytest.param("X=1\nssh h X=$X bash -s <<'EOF'\ncd $X\nEOF\n", ["holds"], id="handed over as words"),
        pytest.param("X=1\nssh -o SendEnv=X h bash -s <<'EOF'\ncd $X\nEOF\n", ["holds"], id="sent"),
        pytest.param("X=1\nbash <<'EOF'\ncd $X\nEOF\n", [], id="a shell of this side"),
        pytest.param("X=1\ncat <<'EOF' > there.sh\ncd $X\nEOF\n", [], id="written to a file"),
        pytest.param("ssh h 'echo $GITHUB_SHA'\n", ["broken"], id="of the runner"),
        pytest.param("X=1\nssh h 'awk \"{print \\$X}\"'\n", ["holds"], id="escaped there, for another program"),
    ],
)
def test_variables_of_a_script(content: str, expected: list[str]) -> None:
    assert states(script(content)) == expected


def workflow(step: str, job: str = "", top: str = "") -> str:
    lines = ["on: push", top, "jobs:", "  deploy:", "    runs-on: x", f"    {job}"]
    return "\n".join([*lines, "    steps:", "      - run: echo BEFORE=1 >> $GITHUB_ENV", f"      - {step}", ""])


RUN = "{run: \"ssh h 'cd $X'\"}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(workflow("{run: \"ssh h 'cd $X'\", env: {X: 1}}"), "broken", id="of the step"),
        pytest.param(workflow(RUN, "env: {X: 1}"), "broken", id="of the job"),
        pytest.param(workflow(RUN, top="env: {X: 1}"), "broken", id="of the workflow"),
        pytest.param(workflow("{run: \"ssh h 'cd $BEFORE'\"}"), "broken", id="by an earlier step"),
        pytest.param(workflow(RUN), "holds", id="of nobody"),
        pytest.param(workflow("{run: \"ssh h 'cd ${{ env.X }}'\", env: {X: 1}}"), "holds", id="written in by GitHub"),
    ],
)
def test_variables_of_a_workflow(content: str, expected: str) -> None:
    assert states(judged(**{".github/workflows/d__yml": content})) == [expected]


def action(inputs: str, uses: str = "appleboy/ssh-action@v1", env: str = "env: {X: 1}") -> str:
    return workflow(f"{{uses: {uses}, {env}, with: {{script: 'cd $X', {inputs}}}}}")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(action("host: h"), ["broken"], id="not named"),
        pytest.param(action("envs: Y"), ["broken"], id="another is named"),
        pytest.param(action("envs: 'Y, X'"), ["holds"], id="named"),
        pytest.param(action("allenvs: true"), ["holds"], id="all of them"),
        pytest.param(action("envs: '${{ vars.NAMES }}'"), [], id="names that are not known here"),
        pytest.param(action("host: h", env="env: {Z: 1}"), ["holds"], id="not of this side"),
        pytest.param(action("command: 'cd $X'", uses="fifsky/ssh-action@v1"), [], id="another action"),
    ],
)
def test_variables_of_ssh_action(content: str, expected: list[str]) -> None:
    assert states(judged(**{".github/workflows/d__yml": content})) == expected


def test_finding_tells_what_becomes_of_the_path() -> None:
    (broken,) = script("DIR=/srv\nssh h <<'EOF'\necho $DIR\nsudo rm -rf \"$DIR\"/*\nEOF\n")
    assert broken.message == (
        "`$DIR` is set on this side of `ssh` alone: on the host it is empty, and "
        '`sudo rm -rf "$DIR"/*` is `sudo rm -rf ""/*`'
    )
    assert broken.span.place == (4, 14, 4, 18)
    assert [(note.span.place[:2], note.message) for note in broken.notes] == [
        ((3, 6), "and here"),
        ((1, 1), "it is set here"),
    ]


def test_each_variable_is_one_finding() -> None:
    found = script("A=1 \nB=2\nssh h 'cd $A; ls $A $B'\n")
    assert [verdict.message.split()[0] for verdict in found] == ["`$A`", "`$B`"]
