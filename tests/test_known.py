"""What is known of findings: their keys, and which of equal ones count as new."""

from __future__ import annotations

import pytest

from opslint.finding import Finding, Severity, Verdict
from opslint.known import beyond, key_of
from opslint.source import Source

SOURCE = Source("supervisor.conf", "one\ntwo\nthree\n")


def finding(line: int, subject: str = "program:w", rule: str = "workers/not-root") -> Finding:
    start = SOURCE.offset(line, 1)
    return Finding(rule, Severity.ERROR, Verdict(SOURCE.span(start, start + 1), "broken", "is so", subject))


KEY = ("supervisor.conf", "workers/not-root", "program:w")


def test_a_key_has_no_line() -> None:
    assert key_of(finding(1)) == key_of(finding(3)) == KEY


@pytest.mark.parametrize(
    ("known", "kept"),
    [
        pytest.param({}, [1, 2, 3], id="nothing is known"),
        pytest.param({KEY: 1}, [2, 3], id="the last ones are new"),
        pytest.param({KEY: 3}, [], id="all are known"),
        pytest.param({KEY: 9}, [], id="more is known"),
        pytest.param({("other.conf", *KEY[1:]): 3}, [1, 2, 3], id="another file"),
        pytest.param({(*KEY[:2], "program:v"): 3}, [1, 2, 3], id="another subject"),
    ],
)
def test_beyond(known: dict[tuple[str, str, str], int], kept: list[int]) -> None:
    left, left_out = beyond([finding(line) for line in (1, 2, 3)], known)
    assert [each.span.place[0] for each in left] == kept
    assert left_out == 3 - len(kept)
