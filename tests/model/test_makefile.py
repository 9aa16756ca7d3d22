"""Makefiles: the recipe lines of each target, as their shell gets them."""

from __future__ import annotations

import pytest

from opslint.model.command import Site, commands
from opslint.model.makefile import read, recipes
from opslint.source import Source

MAKEFILE = """\
PHP ?= php
IMAGE := app
.PHONY: deploy test

deploy: build | db  ## put it live
\t@$(PHP) artisan down
\t-php artisan migrate --force && \\
\t  echo done
# between
\t+for i in a b; do echo $$i; done

test analyse:: ; vendor/bin/phpunit
ifdef CI
\techo "$(shell date)" '$$HOME' $@
endif
VAR = x: y
"""


def told(content: str) -> list[tuple[str, str, str]]:
    prefixes = ("silent", "ignored", "always")
    return [
        (each.target, each.text.value, " ".join(name for name in prefixes if getattr(each, name)))
        for each in read(Source("Makefile", content))
    ]


def test_recipes() -> None:
    assert told(MAKEFILE) == [
        ("deploy", "$(PHP) artisan down", "silent"),
        ("deploy", "php artisan migrate --force && \\\n  echo done", "ignored"),
        ("deploy", "for i in a b; do echo $i; done", "always"),
        ("test", "vendor/bin/phpunit", ""),
        ("analyse", "vendor/bin/phpunit", ""),
        ("test", "echo \"$(shell date)\" '$HOME' $@", ""),
        ("analyse", "echo \"$(shell date)\" '$HOME' $@", ""),
    ]


def test_variables_of_make_are_opaque_and_run_nothing() -> None:
    source = Source("Makefile", MAKEFILE)
    found = [
        (target, str(command))
        for target, script in recipes(source)
        for command in commands(script, Site("make", "", ""))
    ]
    assert found[:4] == [
        ("deploy", "$(PHP) artisan down"),
        ("deploy", "php artisan migrate --force"),
        ("deploy", "echo done"),
        ("deploy", "echo $i"),
    ]
    assert ("test", 'echo $(shell date) $HOME $@') in found
    assert not any(line.startswith("shell") for _, line in found)


def test_a_word_of_a_recipe_knows_its_place() -> None:
    (target, script), *_ = recipes(Source("Makefile", "a:\n\t@php artisan down --x=$$Y\n"))
    (command,) = commands(script, Site("make", "Makefile", f"target:{target}"))
    assert [word.span.place[:2] for word in command.words] == [(2, 3), (2, 7), (2, 15), (2, 20)]
    assert command.words[3].span.written == "--x=$$Y"


def test_one_shell_for_all_lines() -> None:
    assert told(".ONESHELL:\na:\n\tset -e\n\tphp x\nb:\n\tphp y\n") == [("a", "set -e\nphp x", ""), ("b", "php y", "")]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("\techo x\n", id="a recipe without a target"),
        pytest.param("A := b\nC = d\nE ?= f\nG += h\n", id="variables are no targets"),
        pytest.param("include x.mk\nexport A\n", id="directives"),
    ],
)
def test_what_runs_nothing(content: str) -> None:
    assert told(content) == []
