"""What makes a file one that is linted, in words; and the files that only look like one."""

from __future__ import annotations

import pytest

from opslint.model.kinds import KINDS, Membership, membership, supervisor_section


def told(path: str, content: str = "", **named: tuple[str, ...]) -> Membership | None:
    return membership(path, lambda: content, named)


@pytest.mark.parametrize(
    ("path", "content", "kind", "because"),
    [
        (".github/workflows/a.yaml", "", "workflow", "lies in `.github/workflows/`"),
        ("x/action.yaml", "name: x\nruns: {}\n", "action", "is named `action.yaml` and has `runs:`"),
        ("x/action.yml", "runs: {}\n", "action", "is named `action.yml` and has `runs:`"),
        ("a/composer.json", "", "composer", "is named `composer.json`"),
        ("phpstan-baseline.neon", "", None, ""),
        ("phpstan.dist.neon", "", "phpstan", "is named `phpstan.dist.neon`"),
        ("GNUmakefile", "", "make", "is named `GNUmakefile`"),
        ("make/deploy.mk", "", "make", "ends in `.mk`"),
        ("api/config/horizon.php", "", "php", "is Laravel's `config/horizon.php`"),
        ("myconfig/queue.php", "", None, ""),
        ("a.ini", "[unix_http_server]\n", None, ""),
        ("a.ini", "\ufeff[program:a]\n", "supervisor", "has `[program:a]` on line 1"),
        ("a.conf", "; x\r\n\r\n[ eventlistener : b ]\r\n", "supervisor", "has `[ eventlistener : b ]` on line 3"),
        ("a.conf", "[SUPERVISORD]\n", "supervisor", "has `[SUPERVISORD]` on line 1"),
        ("a.conf", "[programs: x\n", "supervisor", "has `[programs: x` on line 1"),
        ("a.conf", ";[program:a]\n", None, ""),
        ("a.bash", "", "script", "ends in `.bash`"),
        ("deploy", "#! /bin/sh -e\n", "script", "begins with `#! /bin/sh`"),
        ("deploy", "#!/usr/bin/env php\n", None, ""),
        ("deploy.txt", "#!/bin/sh\n", None, ""),
    ],
)  # fmt: skip
def test_the_kind_and_what_makes_it_so(path: str, content: str, kind: str | None, because: str) -> None:
    assert told(path, content) == (Membership(kind, because) if kind else None)


def test_the_policys_own_globs_win_and_the_first_that_matches_is_named() -> None:
    assert told("a/phpstan.neon", script=("x", "a/*", "a/phpstan.neon")) == Membership("script", glob=1)


def test_every_kind_says_nothing_of_another_file() -> None:
    assert {kind for kind, says in KINDS.items() if says("README.md", lambda: "[program:x]\nruns:\n")} == set()


def test_a_text_without_a_section_of_supervisor() -> None:
    assert supervisor_section("[unix_http_server]\n[include]\n") == ""
