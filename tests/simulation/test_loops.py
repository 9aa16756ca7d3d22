"""How often loops go round, and whether a loop that tries again hides a failure."""

from __future__ import annotations

import pytest

from opslint.simulation.explore import explore
from opslint.simulation.failing import FailTheRun
from tests.simulation.played import begun, course, courses, script

MIGRATE = "php artisan migrate"


def calm(text: str, template: str = "bash -e {0}") -> list[list[str]]:
    """What runs in every course in which nothing goes wrong, the shortest first."""
    return sorted((begun(run) for run in courses(script(text, template), 0)), key=lambda names: (len(names), names))


ONCE_EACH = {
    "words": "for x in one two three; do a; done",
    "a range": "for x in {1..3}; do a; done",
    "seq": "for x in $(seq 3); do a; done",
    "seq from": "for x in $(seq 2 4); do a; done",
    "counted": "for ((x = 0; x < 3; x++)); do a; done",
    "a counter": "x=0\nwhile [ $x -lt 3 ]; do a; x=$((x + 1)); done",
    "a counter in (( ))": "x=1\nuntil (( x > 3 )); do a; (( x++ )); done",
    "let": "x=3\nwhile [ $x != 0 ]; do a; let x-=1 || true; done",
    "a known list": "list='one two three'\nfor x in $list; do a; done",
}


@pytest.mark.parametrize("text", ONCE_EACH.values(), ids=ONCE_EACH)
def test_a_loop_whose_turns_are_written_goes_round_for_each(text: str) -> None:
    assert calm(text) == [["a", "a", "a"]]


def test_the_value_is_known_in_each_turn() -> None:
    assert calm("for x in one two; do if [ $x = two ]; then a; else b; fi; done") == [["b", "a"]]


NO_TURN = {
    "no words": "for x in; do a; done\nb",
    "counted": "for ((x = 0; x < 0; x++)); do a; done\nb",
    "a condition that is false": "while [ 1 -gt 2 ]; do a; done\nb",
    "an empty list": "list=\nfor x in $list; do a; done\nb",
}


@pytest.mark.parametrize("text", NO_TURN.values(), ids=NO_TURN)
def test_a_loop_without_a_turn(text: str) -> None:
    assert calm(text) == [["b"]]


AT_LEAST_ONCE = {
    "a range": "for x in {1..30}; do a; done",
    "seq": "for x in $(seq 30); do a; done",
    "counted": "for ((x = 0; x < 30; x++)); do a; done",
    "files": "for x in *.sql; do a; done",
    "many words": "for x in 1 2 3 4 5 6 7 8 9; do a; done",
}


@pytest.mark.parametrize("text", AT_LEAST_ONCE.values(), ids=AT_LEAST_ONCE)
def test_a_long_loop_goes_round_at_least_once_and_then_as_often_as_you_like(text: str) -> None:
    shortest, *longer = calm(text + "\nb")
    assert "a" in shortest
    assert shortest[-1] == "b"
    assert all(names[-1] == "b" for names in longer)


ANY_TIMES = {
    "a list": "for x in $LIST; do a; done",
    "a program's": "for x in $(ls); do a; done",
    "arguments": 'for x in "$@"; do a; done',
    "a question": "while [ -f lock ]; do a; done",
    "counted to": "for ((x = 0; x < N; x++)); do a; done",
    "an unknown counter": "while [ $x -lt 3 ]; do a; x=$((x + 1)); done",
}


@pytest.mark.parametrize("text", ANY_TIMES.values(), ids=ANY_TIMES)
def test_a_loop_over_the_unknown_goes_round_any_number_of_times(text: str) -> None:
    turns = {names.count("a") for names in calm(text)}
    assert {0, 1, 2} <= turns


ENDLESS = {
    "a counter that nobody asks": "x=0\nwhile true; do a; x=$((x + 1)); done",
    "a counter that is asked": "x=0\nwhile [ -f lock ]; do a; x=$((x + 1)); [ $x -lt 1000 ] || exit 1; done",
    "a growing text": "x=\nwhile [ -f lock ]; do x=$x.; a $x; done",
    "counted": "for ((x = 0; x < 1000000; x++)); do for ((y = 0; y < 1000000; y++)); do a; done; done",
    "nested ranges": "for x in {1..99}; do for y in {1..99}; do for z in {1..99}; do a; done; done; done",
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_exploring_ends_where_a_loop_does_not(text: str) -> None:
    result = explore(script(text), FailTheRun(frozenset({"migrate"})))
    assert (result.state, result.left) == ("holds", "")
    assert result.nodes < 2_000


# -- trying again ------------------------------------------------------------------------------------------------------

TRIES = {
    "until": (f"until {MIGRATE}; do sleep 5; done", "holds"),
    "until, then gives up": (f"n=0\nuntil {MIGRATE}; do n=$((n + 1)); if [ $n -ge 30 ]; then exit 1; fi; sleep 5; done", "holds"),
    "until, then goes on": (f"n=0\nuntil {MIGRATE}; do n=$((n + 1)); if [ $n -ge 30 ]; then break; fi; sleep 5; done", "broken"),
    "until, few tries": (f"n=0\nuntil {MIGRATE}; do n=$((n + 1)); [ $n -lt 2 ] || exit 1; done", "holds"),
    "until, few tries, goes on": (f"n=0\nuntil {MIGRATE}; do n=$((n + 1)); [ $n -lt 2 ] || break; done", "broken"),
    "range falls through": (f"for i in {{1..30}}; do {MIGRATE} && break; sleep 2; done", "broken"),
    "range falls through to a word": (f"for i in {{1..30}}; do {MIGRATE} && break; sleep 2; done\necho done", "broken"),
    "range, then exit 1": (f"for i in {{1..30}}; do {MIGRATE} && exit 0; sleep 2; done\nexit 1", "holds"),
    "seq falls through": (f"for i in $(seq 1 10); do if {MIGRATE}; then break; fi; sleep 2; done", "broken"),
    "seq, a flag": (f"ok=0\nfor i in $(seq 10); do if {MIGRATE}; then ok=1; break; fi; done\n[ $ok = 1 ]", "holds"),
    "seq, a flag that nobody asks": (f"ok=0\nfor i in $(seq 10); do if {MIGRATE}; then ok=1; break; fi; done", "broken"),
    "words": (f"for i in 1 2 3; do {MIGRATE} && exit 0; done\nexit 1", "holds"),
    "words fall through": (f"for i in 1 2 3; do {MIGRATE} && break; done\ntrue", "broken"),
    "counted": (f"for ((i = 0; i < 30; i++)); do {MIGRATE} && exit 0; done\nexit 1", "holds"),
    "counted falls through": (f"for ((i = 0; i < 30; i++)); do {MIGRATE} && break || sleep 1; done", "broken"),
    "counted, last try fails": (f"for ((i = 0; i <= 3; i++)); do {MIGRATE} && break; [ $i -eq 3 ] && exit 1; done\ntrue", "holds"),
    "while": (f"n=0\nwhile ! {MIGRATE}; do n=$((n + 1)); if [ $n -gt 5 ]; then exit 1; fi; done", "holds"),
    "while true": (f"while true; do {MIGRATE} && break; sleep 1; done", "holds"),
    "a function": (f"try() {{ {MIGRATE}; }}\nfor i in 1 2 3; do try && exit 0; done\nexit 1", "holds"),
    "a function falls through": (f"try() {{ {MIGRATE}; }}\nfor i in 1 2 3; do try && break; done\ntrue", "broken"),
    "a subshell": (f"for i in {{1..9}}; do ( {MIGRATE} ) && exit 0; done\nexit 1", "holds"),
    "each of several": (f"for db in one two; do {MIGRATE} --database=$db || echo failed; done", "broken"),
    "each of several, stops": (f"for db in one two; do {MIGRATE} --database=$db || exit 1; done", "holds"),
    "each of several, in a condition": (f"for db in one two; do if {MIGRATE} --database=$db; then echo ok; fi; done", "broken"),
}


@pytest.mark.parametrize(("text", "state"), TRIES.values(), ids=TRIES)
def test_a_loop_that_tries_again_hides_a_failure_or_not(text: str, state: str) -> None:
    result = explore(script(text), FailTheRun(frozenset({"migrate"})))
    assert (result.state, result.left) == (state, "")


def test_what_fails_at_every_turn_is_one_mishap() -> None:
    runs = courses(script("for i in 1 2 3; do a && exit 0; done\nexit 1"), survive="failure")
    assert [(begun(run), run.status) for run in runs] == [
        (["a"], "success"),
        (["a", "a"], "success"),
        (["a", "a", "a"], "success"),
        (["a", "a", "a"], "failure"),
    ]


def test_what_fails_once_more_behind_the_loop_is_another_mishap() -> None:
    text = "probe() { a; }\nfor i in 1 2; do probe && break; done\nprobe"
    found = {tuple(begun(run)) for run in courses(script(text), survive="failure") if run.status == "failure"}
    assert found == {("a", "a")}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        pytest.param("bash {0}", ["a", "b", "c", "a", "b", "c"], id="bash forgets the loops around a subshell"),
        pytest.param("sh {0}", ["a", "c", "a", "c"], id="dash ends the subshell with them"),
    ],
)
def test_break_out_of_more_loops_than_a_subshell_has(template: str, expected: list[str]) -> None:
    text = "for i in 1 2; do\n( for j in 1; do a; break 2; done; b )\nc\ndone\n"
    assert begun(course(script(text, template))) == expected
