"""Small repositories with Supervisor programs, and what a rule about workers says of them."""

from __future__ import annotations

from opslint import policy
from opslint.files import Memory
from opslint.finding import Finding
from opslint.fixes import edited
from opslint.lint import lint
from opslint.source import Source

WORK = "php /srv/shop/artisan queue:work"
CONSUME = "php /srv/shop/bin/console messenger:consume async"
QUEUE = """<?php
return [
    'default' => env('QUEUE_CONNECTION', 'database'),
    'connections' => [
        'sync' => ['driver' => 'sync'],
        'database' => ['driver' => 'database', 'retry_after' => 90],
        'redis' => ['driver' => 'redis', 'retry_after' => (int) env('REDIS_QUEUE_RETRY_AFTER', 90)],
        'sqs' => ['driver' => 'sqs'],
    ],
];
"""
HORIZON = """<?php
return [
    'defaults' => [
        'mails' => ['connection' => 'redis', 'memory' => 128, 'timeout' => 60],
    ],
    'environments' => [
        'production' => ['mails' => ['maxProcesses' => 10, 'timeout' => %s, 'memory' => %s]],
        'local' => ['mails' => ['timeout' => 9000, 'memory' => 4000]],
    ],
];
"""


def program(command: str, *options: str, name: str = "w") -> str:
    return "\n".join([f"[program:{name}]", f"command={command}", *options, ""])


def judged(
    rule: str, *programs: str, files: dict[str, str] | None = None, state: str = "broken", settings: str = "{}"
) -> list[Finding]:
    """The findings of a rule, and of nothing else; `settings` are its parameters in a policy."""
    content = Memory({"supervisor.conf": "\n".join(programs), **(files or {})})
    text = f"extends: strict\nrules:\n  workers/{rule}:\n    with: {settings}\n"
    report = lint(content, policy.read(Source(".opslint.yaml", text), content), select=(f"workers/{rule}",))
    assert not [each for each in report.findings if each.rule in ("opslint/internal", "opslint/parse")]
    if state == "undecided":
        return [each for each in report.findings if not each.decided]
    return [each for each in report.findings if each.decided]


def places(rule: str, *programs: str, files: dict[str, str] | None = None) -> list[str]:
    """What is written where the findings of a rule point."""
    return [each.span.written for each in judged(rule, *programs, files=files)]


def mended(finding: Finding) -> str:
    assert finding.verdict.fix is not None
    return edited(finding.span.source.content, finding.verdict.fix.edits)
