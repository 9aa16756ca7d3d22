"""What a step leaves for later ones: GITHUB_ENV and GITHUB_OUTPUT, known, told by `$?`, or unknown."""

from __future__ import annotations

import textwrap

import pytest

from opslint.simulation.run import Run
from tests.simulation.played import action, begun, course, courses, program


def steps(*scripts: str, env: str = "") -> str:
    """A workflow of one job; each step is a script, with a first line `#if: ...` its condition."""
    text = f"on: push\n{env}jobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n"
    for number, script in enumerate(scripts):
        condition, _, rest = script.partition("\n") if script.startswith("#if:") else ("", "", script)
        asked = f"        if: {condition[4:].strip()}\n" if condition else ""
        text += f"      - id: s{number}\n{asked}        run: |\n" + textwrap.indent(rest, " " * 10) + "\n"
    return text


def calm(*scripts: str, env: str = "") -> list[list[str]]:
    """What runs in every course in which nothing goes wrong."""
    return sorted(begun(run) for run in courses(program(steps(*scripts, env=env)), 0))


WRITTEN = [
    'echo "{}" >> "$FILE"',
    "echo '{}' >> $FILE",
    "echo {} >>$FILE",
    "echo {} | tee -a $FILE",
    'echo {} | tee --append "$FILE" > /dev/null',
    "printf '{}\\n' >> $FILE",
    "printf 'NAME=%s\\n' yes >> \"$FILE\"",
    "cat >> $FILE <<EOF\n{}\nEOF",
    "cat <<'EOF' >> \"$FILE\"\nOTHER=1\n{}\nEOF",
    '{{ echo A=1; echo {}; }} >> "$FILE"',
    "if true; then\necho {}\nfi >> $FILE",
    'V=yes; echo "NAME=$V" >> "$FILE"',
    "echo 'LIST<<END' >> $FILE\necho NAME=no >> $FILE\necho END >> $FILE\necho {} >> $FILE",
]


@pytest.mark.parametrize("text", WRITTEN, ids=range(len(WRITTEN)))
def test_a_variable_is_known_to_later_steps(text: str) -> None:
    script = text.format("NAME=yes").replace("FILE", "GITHUB_ENV")
    later = ("#if: env.NAME == 'yes'\na", "#if: env.NAME == 'no'\nb", '[ "$NAME" = yes ] && c\ntrue')
    ways = calm(script, *later)
    assert [[name for name in way if name in "abc"] for way in ways] == [["a", "c"]]


@pytest.mark.parametrize("text", WRITTEN, ids=range(len(WRITTEN)))
def test_an_output_is_known_to_later_steps(text: str) -> None:
    script = text.format("NAME=yes").replace("FILE", "GITHUB_OUTPUT")
    later = ("#if: steps.s0.outputs.name == 'yes'\na", "#if: steps.s0.outputs.NAME != 'yes'\nb", "[ ${{ steps.s0.outputs.NAME }} = yes ] && c\ntrue")
    ways = calm(script, *later)
    assert [[name for name in way if name in "abc"] for way in ways] == [["a", "c"]]


NOT_WRITTEN = [
    ("another file", "echo NAME=yes >> log"),
    ("its errors", "echo NAME=yes 2>> $GITHUB_ENV"),
    ("another machine", "ssh host 'echo NAME=yes >> $GITHUB_ENV'"),
    ("inside a value", "{ echo 'LIST<<END'; echo NAME=yes; echo END; } >> $GITHUB_ENV"),
    ("a substitution", '{ echo "OTHER=$(echo NAME=yes)"; } >> $GITHUB_ENV'),
]


@pytest.mark.parametrize("text", [text for _, text in NOT_WRITTEN], ids=[name for name, _ in NOT_WRITTEN])
def test_no_variable_is_set_by(text: str) -> None:
    later = (f"false && echo NAME=no >> $GITHUB_ENV; {text}", "#if: env.NAME == 'yes'\na")
    ways = [begun(run) for run in courses(program(steps(*later)), 0)]
    assert all("a" not in way for way in ways), ways


def test_a_variable_is_for_later_steps_only() -> None:
    assert calm('echo NAME=yes >> $GITHUB_ENV\n[ "$NAME" = yes ] && a\ntrue', env="env: {NAME: no}\n") == [[]]


def test_a_variable_goes_before_that_of_the_workflow_and_behind_that_of_the_step() -> None:
    text = steps("echo NAME=yes >> $GITHUB_ENV", '[ "$NAME" = yes ] && a\ntrue', env="env: {NAME: no}\n")
    assert [begun(run) for run in courses(program(text), 0)] == [["a"]]
    own = text.replace("- id: s1\n", "- id: s1\n        env: {NAME: mine}\n")
    assert [begun(run) for run in courses(program(own), 0)] == [[]]


def test_before_it_is_set_a_variable_is_what_the_workflow_says_or_empty() -> None:
    later = "#if: env.NAME == 'no'\na", "#if: \"!env.NAME\"\nb", "echo NAME=yes >> $GITHUB_ENV"
    assert calm(*later, env="env: {NAME: no}\n") == [["a"]]
    assert calm(*later) == [["b"]]


def test_a_flag_is_set_only_where_its_step_came_so_far() -> None:
    """The rollback that asks whether there is a backup."""
    text = steps("backup\necho DONE=1 >> $GITHUB_ENV", "deploy", "#if: failure() && env.DONE == '1'\nrestore")
    assert begun(course(program(text), "`backup` fails")) == ["backup"]
    assert begun(course(program(text), "`deploy` fails")) == ["backup", "deploy", "restore"]


def test_an_output_that_is_not_set_this_time_is_empty() -> None:
    text = steps("a && echo done=true >> $GITHUB_OUTPUT\ntrue", "#if: steps.s0.outputs.done == 'true'\nb")
    assert begun(course(program(text))) == ["a", "b"]
    assert begun(course(program(text), "`a` fails")) == ["a"]


def test_a_status_is_known_to_a_later_step() -> None:
    text = steps("set +e\na\necho \"rc=$?\" >> $GITHUB_OUTPUT", "#if: steps.s0.outputs.rc != 0\nb", "exit ${{ steps.s0.outputs.rc }}")
    assert begun(course(program(text))) == ["a"]
    run = course(program(text), "`a` fails")
    assert (begun(run), run.status) == (["a", "b"], "failure")


def test_an_unknown_value_is_assumed_once_for_the_course() -> None:
    later = ('echo "NAME=$(x)" >> $GITHUB_ENV', "#if: env.NAME == 'yes'\na", "#if: env.NAME == 'yes'\nb", "#if: env.NAME != 'yes'\nc")
    assert calm(*later) == [["x", "a", "b"], ["x", "c"]]


def test_an_unknown_value_that_is_set_anew_is_assumed_anew() -> None:
    once, asked = 'echo "NAME=$(x)" >> $GITHUB_ENV', "#if: env.NAME == 'yes'\na"
    assert len(calm(once, asked, once, asked)) == 4


@pytest.mark.parametrize("text", ["tool >> $GITHUB_ENV", "cat file >> $GITHUB_ENV", "sed s/a/b/ file | tee -a $GITHUB_ENV"])
def test_what_cannot_be_seen_leaves_every_variable_open(text: str) -> None:
    ways = calm("echo NAME=yes >> $GITHUB_ENV", text, "#if: env.NAME == 'yes'\na")
    assert sorted("a" in way for way in ways) == [False, True]


def test_what_cannot_be_seen_leaves_every_output_open() -> None:
    ways = calm("false && echo name=yes >> $GITHUB_OUTPUT\ntool >> $GITHUB_OUTPUT", "#if: steps.s0.outputs.name == 'yes'\na")
    assert sorted("a" in way for way in ways) == [False, True]


def test_a_variable_of_an_action_is_known_behind_it() -> None:
    inner = action("runs:\n  using: composite\n  steps:\n    - run: echo NAME=yes >> $GITHUB_ENV\n      shell: bash\n")
    text = steps("x", "#if: env.NAME == 'yes'\na", "#if: env.NAME != 'yes'\nb").replace("run: |\n          x", "uses: ./set")
    assert [begun(run) for run in courses(program(text, actions={"./set": inner}), 0)] == [["a"]]


def jobs(value: str) -> list[Run]:
    return courses(
        program(f"""
        on: push
        jobs:
          build:
            runs-on: ubuntu-latest
            outputs:
              version: ${{{{ steps.v.outputs.version }}}}
              kind: plain
            steps:
              - {{id: v, run: 'echo "version={value}" >> $GITHUB_OUTPUT'}}
          deploy:
            runs-on: ubuntu-latest
            needs: build
            if: needs.build.outputs.version == 'one' && needs.build.outputs.kind == 'plain'
            steps:
              - run: a
              - {{run: b, if: needs.build.outputs.version != 'one'}}
        """),
        0,
    )


def test_the_outputs_of_a_job_are_known_to_those_that_need_it() -> None:
    assert [begun(run) for run in jobs("one")] == [["a"]]
    assert [begun(run) for run in jobs("two")] == [[]]
    assert sorted(begun(run) for run in jobs("$(x)")) == [["x"], ["x", "a"]]


def test_a_variable_is_gone_in_the_next_leg_of_a_matrix() -> None:
    text = steps("#if: env.NAME == 'yes'\na", "echo NAME=yes >> $GITHUB_ENV")
    text = text.replace("    runs-on", "    strategy: {matrix: {host: [one, two]}}\n    runs-on")
    assert [begun(run) for run in courses(program(text), 0)] == [[]]
