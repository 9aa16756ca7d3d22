"""Exploring: the simplest violation comes first, equal states are met once, and what is cut is not decided."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pytest

from opslint.finding import State
from opslint.simulation.explore import Result, explore
from opslint.simulation.mishap import Ending
from opslint.simulation.state import Happening
from tests.simulation.played import begun, program, script

DOWN, UP, MIGRATE = "php artisan down", "php artisan up", "php artisan migrate"


@dataclass(frozen=True)
class MaintenanceEnds:
    """Once maintenance is on, its end is at least tried."""

    acts: frozenset[str] = frozenset({"maintenance-on", "maintenance-off"})

    def start(self) -> Hashable:
        return False

    def after(self, memory: Any, happening: Happening) -> Hashable:
        if happening.act == "maintenance-on" and happening.done:
            return True
        return memory and (happening.act != "maintenance-off" or happening.outcome == "skipped")

    def verdict(self, memory: Any, ending: Ending) -> State:
        return "broken" if memory else "holds"


@dataclass(frozen=True)
class FailureIsRed:
    """If `migrate` fails, the job is red."""

    acts: frozenset[str] = frozenset({"migrate"})

    def start(self) -> Hashable:
        return False

    def after(self, memory: Any, happening: Happening) -> Hashable:
        return memory or (happening.act == "migrate" and happening.outcome == "failed")

    def verdict(self, memory: Any, ending: Ending) -> State:
        return "broken" if memory and ending.status == "success" else "holds"


def judged(text: str, template: str = "bash -e {0}", **settings: Any) -> Result:
    return explore(script(text, template), MaintenanceEnds(), **settings)


def test_the_simplest_violation_needs_no_mishap() -> None:
    result = judged(f"{DOWN}\n{MIGRATE}")
    assert (result.state, result.run and result.run.mishap) == ("broken", "")


def test_the_simplest_violation_has_one_mishap() -> None:
    result = judged(f"{DOWN}\n{MIGRATE}\n{UP}")
    assert result.state == "broken"
    assert result.run is not None
    assert result.run.mishap == f"`{MIGRATE}` fails", "a failure is plainer than a cut"
    assert [(mishap.kind, mishap.happening.text) for mishap in result.mishaps if mishap.broken] == [
        ("cancel", DOWN),
        ("failure", MIGRATE),
        ("cancel", MIGRATE),
    ]


def test_two_mishaps_find_what_one_does_not() -> None:
    text = f"{DOWN}\na || b || {{ {UP}; exit 1; }}\n{UP}"
    assert judged(text, survive=("failure",)).state == "holds"
    guarded = f"trap 'foo; {UP}' EXIT\n{DOWN}\n{MIGRATE}"
    assert judged(guarded, survive=("failure",), mishaps=1).state == "broken"
    two = f"{DOWN}\nif ! {MIGRATE}; then if ! a; then exit 1; fi; fi\n{UP}"
    assert judged(two, survive=("failure",), mishaps=1).state == "holds"
    found = judged(two, survive=("failure",), mishaps=2)
    assert found.run is not None
    assert found.run.mishap == f"`{MIGRATE}` fails, then `a` fails"


def test_a_failure_is_masked_by_a_pipe_unless_pipefail() -> None:
    piped = f"{MIGRATE} | tee log"
    assert explore(script(piped), FailureIsRed()).state == "broken"
    assert explore(script(piped, "bash -eo pipefail {0}"), FailureIsRed()).state == "holds"


def test_in_every_assumption_or_in_some() -> None:
    result = judged(f'{DOWN}\n{MIGRATE}\n[ -n "$FAST" ] && {UP} || {UP}', survive=("failure",))
    assert [(mishap.happening.text, mishap.always) for mishap in result.mishaps if mishap.broken] == [(MIGRATE, True)]
    some = judged(f'[ -n "$X" ] && {DOWN}\n{MIGRATE}\n{UP}', survive=("failure",))
    assert [(m.happening.text, m.always) for m in some.mishaps if m.broken] == [(MIGRATE, False)]


def test_a_course_carries_every_single_mishap_that_ends_so() -> None:
    course = judged(f'[ -n "$X" ] && trap "{UP}" EXIT\n{DOWN}\n{MIGRATE}\n{UP}').course()
    assert course is not None
    assert course.mishap == f"`{MIGRATE}` fails"
    assert [(each.command, each.how, each.certain) for each in course.causes] == [
        (DOWN, "is cancelled", False),
        (MIGRATE, "fails", False),
        (MIGRATE, "is cancelled", False),
    ]
    assert course.tried == 11
    assert str(course.causes[0].span) == "deploy.sh:2:1"


def test_what_holds_has_no_course() -> None:
    assert judged(f"{MIGRATE}\n").course() is None


def test_the_rest_of_a_remote_script_after_a_cut_alone_decides_nothing() -> None:
    text = f"ssh host '{DOWN}; {MIGRATE}; {UP}'"
    assert judged(text, survive=("failure",)).state == "holds"
    assert judged(text).state == "undecided"


def test_a_program_that_is_not_in_sight_may_do_anything() -> None:
    result = judged(f"case x in\n{DOWN}")
    assert result.state in ("undecided", "broken")
    assert result.unseen


def test_the_budget_ends_exploring_honestly() -> None:
    result = judged("\n".join(f"a{number}" for number in range(100)), budget=50)
    assert (result.state, result.left) == ("undecided", "more than 50 states")


def test_too_many_unknowns_at_once_are_named() -> None:
    asked = "\n".join(f'[ -n "$X{number}" ] && a' for number in range(7))
    result = judged(f"{asked}\n{asked}")
    assert result.state == "undecided"
    assert result.left.startswith('too many unknowns at once: `[ -n "$X0" ]`')


@pytest.mark.parametrize(("template", "nodes"), [("bash -e {0}", 3), ("bash {0}", 4)], ids=["with -e", "without"])
def test_the_number_of_states_grows_with_the_number_of_commands(template: str, nodes: int) -> None:
    """With `-e`: each command begins, and is behind a failure or a cut; without, also after each failure."""
    ten, twenty = (judged("\n".join(f"a{n}" for n in range(count)), template).nodes for count in (10, 20))
    assert twenty - ten == nodes * 10


def test_the_number_of_states_doubles_with_each_unknown_that_is_read_throughout() -> None:
    def nodes(unknowns: int) -> int:
        return judged("\n".join(f'[ -n "$X{n % unknowns}" ] && a{n}' for n in range(60)), survive=()).nodes

    assert nodes(2) < 2.2 * nodes(1)
    assert nodes(3) < 2.2 * nodes(2)


def test_a_loop_that_never_ends_is_no_course() -> None:
    result = judged(f"{DOWN}\nwhile true; do a; done", survive=())
    assert (result.state, result.ends) == ("holds", 0)


def test_calls_of_itself_are_cut_and_not_decided() -> None:
    result = judged("f() { f; }\nf\n", survive=())
    assert result.state == "undecided"
    assert result.unseen


def test_a_workflow_of_steps() -> None:
    text = f"""
        on: push
        jobs:
          deploy:
            runs-on: ubuntu-latest
            steps:
              - run: {DOWN}
              - run: {MIGRATE}
              - {{run: {UP}, if: %s}}
        """
    assert explore(program(text % "always()"), MaintenanceEnds()).state == "holds"
    broken = explore(program(text % "'!cancelled()'"), MaintenanceEnds())
    assert broken.run is not None
    assert (broken.state, broken.run.mishap) == ("broken", f"`{DOWN}` is cancelled")
    assert begun(broken.run) == [DOWN]
    last = broken.run.course().events[-1]
    assert (last.outcome, last.because) == ("skipped", "`!cancelled()` is false")


def test_what_is_not_read_any_more_is_forgotten() -> None:
    def nodes(count: int) -> int:
        asked = (f'[ -n "$X{n}" ] && a{n}\nb{n}\n[ -n "$X{n}" ] && c{n}' for n in range(count))
        return judged("\n".join(asked), survive=()).nodes

    assert nodes(40) - nodes(20) == nodes(20) - nodes(0) > 0
    inside = "f() { %s; }\nif f; then true; fi\n(%s)"
    bodies = ["; ".join(f'[ -n "${name}{n}" ] && a; [ -n "${name}{n}" ] && b' for n in range(12)) for name in "XY"]
    assert judged(inside % tuple(bodies), survive=()).state == "holds"


def test_what_a_function_or_a_trap_will_ask_is_remembered() -> None:
    for later in ("f", "exit 0"):
        text = f'[ -n "$X" ] && {DOWN}\nf() {{ if [ -n "$X" ]; then {UP}; fi; }}\ntrap f EXIT\na\n{later}'
        assert judged(text, survive=("failure",)).state == "holds"


def test_an_outcome_that_no_condition_reads_is_forgotten() -> None:
    def nodes(count: int) -> int:
        steps = "".join(f"      - {{id: s{n}, run: a{n}, continue-on-error: true}}\n" for n in range(count))
        return explore(program("on: push\njobs:\n  d:\n    runs-on: x\n    steps:\n" + steps), MaintenanceEnds()).nodes

    assert nodes(30) - nodes(20) == nodes(20) - nodes(10)
