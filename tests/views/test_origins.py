"""Where settings come from: the line of the policy, the preset, the page, the check."""

from __future__ import annotations

import pytest

from opslint import policy, rulebook
from opslint.files import Memory
from opslint.policy import Policy
from opslint.source import Source
from opslint.views.origins import Origin, origins, tell_origins, tell_setting
from opslint.views.screen import Screen

RULES = dict(rulebook.bundled())
LIMIT = RULES["workers/memory-limit"]
WRITTEN = """\
extends: strict
rules:
  workers/memory-limit:
    severity: note
    with: {at-most: 512}
  deploy/bounded: off
  phpstan/baseline-at-most:
    with:
      errors: 20
exclude:
  - legacy/*
exceptions:
  - rule: workers/not-root
    path: docker/*
    reason: the container has no other user
    until: 2030-01-31
acts:
  migrate: [bin/migrate]
files:
  script: [bin/*]
base: main
"""


def chosen(text: str = WRITTEN) -> Policy:
    return policy.read(Source(".opslint.yaml", text), Memory({}))


def of(rule: str, policy: Policy) -> dict[str, Origin]:
    return {each.name: each for each in origins(RULES[rule], policy)}


def test_the_policy_says_where_it_is_written() -> None:
    found = of("workers/memory-limit", chosen())
    assert found["severity"] == Origin("severity", "note", ".opslint.yaml:4:5")
    assert found["at-most"] == Origin("at-most", "512", ".opslint.yaml:5:12")
    assert found["at-least"] == Origin("at-least", "64", "the rule's page")
    assert of("deploy/bounded", chosen())["severity"] == Origin("severity", "off", ".opslint.yaml:6:3")


def test_the_table_is_aligned_and_cut() -> None:
    screen = Screen(color=False, width=100)
    tell_origins(screen, RULES["deploy/down-options-exist"], Policy())
    assert screen.text == """\
Where its settings come from:
  severity  error                                             preset `recommended`, which holds where nothing is chosen
  command   php artisan down                                  the rule's page
  package   laravel/framework                                 the rule's page
  options   --message: -7, --allow: -7, --retry: -, --redir…  the rule's page
"""


def test_the_preset_says_whether_it_was_chosen() -> None:
    assert of("workers/not-root", chosen())["severity"].source == "preset `strict`, chosen at .opslint.yaml:1:1"
    usual = of("workers/not-root", Policy())["severity"].source
    assert usual == "preset `recommended`, which holds where nothing is chosen"


def test_items_of_a_page_are_told_one_by_one() -> None:
    commands = [each.value for each in origins(LIMIT, Policy()) if each.name == "command"]
    assert commands == [item["command"] for item in LIMIT.params]
    assert len(commands) > 1


def test_a_default_names_its_check() -> None:
    found = of("deploy/maintenance-always-ends", Policy())
    assert found["mishaps"] == Origin("mishaps", "1", "default of `order.always_after`")


def test_what_is_not_set_says_what_that_means() -> None:
    unset = of("phpstan/baseline-at-most", Policy())["errors"]
    assert (unset.value, unset.source) == ("not set", "the rule is off until the policy sets it")
    assert of("phpstan/baseline-at-most", chosen())["errors"] == Origin("errors", "20", ".opslint.yaml:9:7")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (1, ".opslint.yaml:1:1: the preset is `strict`: it gives every rule its severity where `rules:` says nothing"),
        (3, ".opslint.yaml:3:3: workers/memory-limit is note; without this line: error"),
        (4, ".opslint.yaml:4:5: workers/memory-limit is note; without this line: error"),
        (5, ".opslint.yaml:5:12: `at-most` of workers/memory-limit is 512; without this line: 1024"),
        (6, ".opslint.yaml:6:3: deploy/bounded is off; without this line: warning"),
        (7, ".opslint.yaml:7:3: settings of phpstan/baseline-at-most; "
            "`opslint explain phpstan/baseline-at-most` tells where each comes from"),
        (9, ".opslint.yaml:9:7: `errors` of phpstan/baseline-at-most is 20; without this line: not set"),
        (11, ".opslint.yaml:11:5: files that match `legacy/*` are not linted"),
        (14, ".opslint.yaml:14:5: findings of workers/not-root in docker/* are accepted until 2030-01-31: "
             "the container has no other user"),
        (18, ".opslint.yaml:18:13: commands that mean `migrate` in this project, before those that opslint knows"),
        (20, ".opslint.yaml:20:12: files that are linted as script, whatever their names say"),
        (21, ".opslint.yaml:21:1: ratchets compare with the merge base with `main`"),
    ],
)  # fmt: skip
def test_a_line_of_the_policy_is_told(line: int, said: str) -> None:
    screen = Screen(color=False, width=100)
    assert tell_setting(screen, chosen(), line, RULES)
    assert screen.text == said + "\n"


def test_a_line_that_sets_nothing_is_told_so() -> None:
    screen = Screen(color=False, width=100)
    assert not tell_setting(screen, chosen("extends: strict\n\n# nothing\n"), 3, RULES)
    assert screen.text == ""
