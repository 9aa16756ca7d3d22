"""Which findings to tell first: what hurts most comes before what is merely wrong."""

from __future__ import annotations

from collections.abc import Iterable

from opslint.finding import Finding

# Worst first, and within each what happens on any bad day before what needs two. A rule that stands in none, a team's
# own for one, comes behind them all.
DOWN = (
    "deploy/maintenance-always-ends",
    "deploy/rollback-before-up",
    "deploy/nothing-after-failed-migration",
    "deploy/dependencies-installed",
    "deploy/migrate-forced",
    "deploy/caches-after-code",
    "deploy/rollback-runs-on-failure",
    "deploy/rollback-runs-on-cancel",
    "deploy/maintenance-before-migrate",
    "deploy/serialised",
    "supervisor/valid",
    "supervisor/command-exists",
)
LOST = (
    "deploy/no-destructive-commands",
    "deploy/no-literal-secret",
    "deploy/not-on-pull-request",
    "deploy/rollback-needs-own-backup",
    "workers/stop-wait-covers-job",
    "workers/retry-after-exceeds-timeout",
    "workers/signals-reach-worker",
    "deploy/host-key-checked",
    "deploy/not-as-root",
    "workers/not-root",
    "deploy/backup-before-migrate",
    "deploy/rollback-complete",
    "deploy/rollback-exists",
)
SILENT = (
    "deploy/failures-are-noticed",
    "workers/restarts-automatically",
    "workers/monitor-restarts",
    "workers/monitor-alerts",
    "supervisor/sections-are-read",
    "supervisor/value-not-cut",
    "supervisor/unique-programs",
    "supervisor/known-options",
    "workers/memory-below-php-limit",
    "workers/memory-is-a-number",
    "workers/schedule-loops",
    "deploy/workers-restarted",
    "deploy/variables-reach-remote",
    "deploy/script-stop-ignored",
    "workers/queue-monitored",
    "workers/logs-kept",
    "workers/memory-limit",
)
GATE = (
    "opslint/parse",
    "workflow/valid",
    "workflow/condition-decides",
    "ci/tests-can-fail",
    "ci/phpstan-can-fail",
    "phpstan/valid",
    "phpstan/baseline-never-grows",
    "phpstan/baseline-included",
    "phpstan/paths-exist",
    "phpstan/no-blanket-ignores",
    "ci/tests-run",
    "ci/phpstan-runs",
    "ci/phpstan-always-reports",
)
_ORDER = {rule: place for place, rule in enumerate((*DOWN, *LOST, *SILENT, *GATE))}


def worst(findings: Iterable[Finding], most: int) -> tuple[Finding, ...]:
    """The findings that a team should read first: decided ones, one of each rule.

    By severity: a page has weighed how sure its rule is and how bad. Then by what it does to the people who use the
    site, since a newcomer reads three of them and judges by those: the site is down, before data is lost or in the
    wrong hands (a backup may have it, a restart may not), before something fails and nobody hears of it (tomorrow's
    outage), before a gate that lets mistakes through (next month's). Then by path and place.
    """
    ranked = sorted((finding for finding in findings if finding.decided), key=_rank)
    first_of_rule: dict[str, Finding] = {}
    for finding in ranked:
        first_of_rule.setdefault(finding.rule, finding)
    return tuple(first_of_rule.values())[:most]


def _rank(finding: Finding) -> tuple[int, int, str, int]:
    span = finding.span
    return finding.severity.rank, _ORDER.get(finding.rule, len(_ORDER)), span.path, span.start
