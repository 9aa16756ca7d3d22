"""Reports built by hand: one as a team would meet it, one in which everything tries to speak through us."""

from __future__ import annotations

from dataclasses import replace

from opslint.finding import Course, Edit, Event, Finding, Fix, Note, Report, Rule, Severity, Verdict, site_url
from opslint.source import Source, Span, nowhere

SUPERVISOR = Source(
    "docker/supervisor.conf",
    """\
[program:shop-worker]
process_name=%(program_name)s_%(process_num)02d
command=php /srv/shop/artisan queue:work redis --sleep=3 --tries=3
autostart=true
autorestart=unexpected
stdout_logfile=/dev/null
user=root
""",
)

WORKFLOW = Source(
    ".github/workflows/deploy.yml",
    """\
name: Deploy
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - name: Down
        run: ssh shop 'cd /srv/shop && php artisan down --retry=60'
      - name: Migrate
        run: ssh shop 'cd /srv/shop && php artisan migrate --force'
      - name: Caches
        run: |
          ssh shop 'php artisan config:cache'
          ssh shop 'php artisan route:cache'
      - name: Up
        run: ssh shop 'cd /srv/shop && php artisan up'
""",
)


def find(source: Source, text: str, *, after: str = "") -> Span:
    """The place of a text, the first one behind another text."""
    start = source.content.index(text, source.content.index(after) + len(after))
    return source.span(start, start + len(text))


def finding(
    rule: str,
    severity: Severity,
    span: Span,
    message: str,
    *,
    subject: str = "",
    notes: tuple[Note, ...] = (),
    fix: Fix | None = None,
    course: Course | None = None,
    hint: str = "",
) -> Finding:
    state = "undecided" if hint else "broken"
    return Finding(rule, severity, Verdict(span, state, message, subject, notes, fix, None, course, hint))


def report(*findings: Finding, complete: bool = True, exceptions: tuple[str, ...] = ()) -> Report:
    return Report(findings, ".", 12, 45, 0, complete, exceptions, {PAGE.id: PAGE})


def page(id: str, summary: str, text: str) -> Rule:
    presets = {"recommended": Severity.WARNING}
    return Rule(id, summary, presets, ("supervisor",), "x.y", (), "0.1", text, f"rules/{id}.md")


PAGE = replace(
    page("workers/memory-limit", "Queue workers cap their memory", "Why.\n\n## Bad\n\n```ini\ncommand=x\n```\n"),
    url=site_url("workers/memory-limit"),
)

_DOWN = find(WORKFLOW, "php artisan down --retry=60")
_MIGRATE = find(WORKFLOW, "php artisan migrate --force")
_CACHES = find(WORKFLOW, "php artisan config:cache")
_UP = find(WORKFLOW, "php artisan up")
_WORKER = find(SUPERVISOR, "php /srv/shop/artisan queue:work redis --sleep=3 --tries=3")

_ON = {"maintenance": "on"}
_FAILED = (
    Event(_MIGRATE, "php artisan migrate --force", "failed", "", _ON),
    Event(_CACHES, "php artisan config:cache", "skipped", "`Migrate` failed", _ON),
    Event(_UP, "php artisan up", "skipped", "`Migrate` failed, and the step has no `if:`", _ON),
)

STAYS_DOWN = finding(
    "deploy/maintenance-always-ends",
    Severity.ERROR,
    _DOWN,
    "`php artisan up` is skipped when `php artisan migrate --force` fails",
    subject="jobs.deploy.steps.Up",
    notes=(Note(_UP, "only this ends maintenance"),),
    fix=Fix("run `Up` always", (Edit(WORKFLOW.span(_UP.end + 1), "\n        if: always()"),), True),
    course=Course(
        "`php artisan migrate --force` fails",
        ("`github.ref == 'refs/heads/main'` is true",),
        (Event(_DOWN, "php artisan down --retry=60", "succeeded", "", _ON), *_FAILED),
    ),
)
NO_ROLLBACK = finding(
    "deploy/rollback-exists",
    Severity.WARNING,
    find(WORKFLOW, "deploy", after="jobs:\n"),
    "nothing restores what `deploy` changes",
    subject="jobs.deploy",
    course=Course("`php artisan migrate --force` fails", (), _FAILED),
)
PARTIAL_CACHES = finding(
    "deploy/caches-after-code",
    Severity.WARNING,
    Span(WORKFLOW, _CACHES.start, find(WORKFLOW, "route:cache'").end),
    "two of four caches are built again",
    subject="jobs.deploy.steps.Caches",
)
NO_MEMORY = finding(
    "workers/memory-limit",
    Severity.WARNING,
    _WORKER,
    "`queue:work` sets no `--memory`",
    subject="program:shop-worker",
    notes=(Note(find(SUPERVISOR, "[program:shop-worker]"), "in this program"),),
    fix=Fix("add `--memory=512`", (Edit(SUPERVISOR.span(_WORKER.end), " --memory=512"),), True),
)
NO_RESTART = finding(
    "workers/restarts-automatically",
    Severity.ERROR,
    find(SUPERVISOR, "unexpected"),
    "a worker that ends with 0 stays dead",
    subject="program:shop-worker",
    fix=Fix("set `autorestart=true`", (Edit(find(SUPERVISOR, "unexpected"), "true"),), True),
)
NO_BASE = finding(
    "opslint/undecided",
    Severity.NOTE,
    nowhere(),
    "the base revision is not in this clone",
    notes=(Note(nowhere(), "phpstan/baseline-never-grows waits for it"),),
    hint="set `fetch-depth: 0` on `actions/checkout`",
)

USUAL = report(
    NO_BASE,
    NO_ROLLBACK,
    STAYS_DOWN,
    PARTIAL_CACHES,
    NO_MEMORY,
    NO_RESTART,
    exceptions=("workers/not-root in docker/supervisor.conf: a container",),
)

# What a pull request may write into names, messages, code and paths.
HOSTILE = (
    "::error file=x::forged",
    "  ::stop-commands::x",
    "\n::set-output name=a::b",
    "\r\n##[command]rm",
    "##[error]forged",
    "###[endgroup]",
    "##vso[task.setvariable variable=a]b",
    "\x1b[31mred\x1b]8;;http://evil\x07link\x1b]8;;\x07",
    "\x9b2J\x00\x08\x0c\x7f",
    "\u202egnp.exe\u2066\u200f\u061c",
    "\u2028::error::a\u2029::b\x85::c",
    "[link=http://evil]rich[/link] [bold red]x[/]",
    "[text](http://evil.example) ![i](http://evil.example/i.png)",
    "<script>alert(1)</script><img src=x onerror=y>",
    "</code></details></summary>|cell|\n|---|",
    "@everyone #1 GH-1 :tada: www.evil.example https://evil.example",
    "a@evil.example",
    "`code` ``` ~~~ $math$ **bold** _em_ ~~del~~",
    "]]> --> <!-- &amp; &#x41; \ufffe\uffff\U0001ffff",
    "\ud800 lone \udcff",
    "%0A::error::x%25",
    "$(touch x) `touch y` ; rm -rf /",
    "x" * 50_000,
    "e" + "\u0301" * 5_000,
    "\t\t`",
    "- item",
    "# heading",
    "\\|",
    "section_start:0:x\r\x1b[0Kfolded",
)


def hostile_report(text: str) -> Report:
    """A report in which one text stands wherever a repository's text can stand."""
    path = text.replace("/", "-") if len(text) < 1_000 else "long"
    source = Source(path, f"a: {text}\nb: {text} c\n\n{text}\n")
    first = source.span(3, 3 + len(text))
    second = source.span(len(text) + 7, len(source.content) - 1)
    events = (
        Event(first, text, "succeeded", text, {text: text}),
        Event(second, text, "failed", text, {"maintenance": text}),
        Event(nowhere(path), text, "skipped", text, {}),
    )
    bad = finding(
        "deploy/maintenance-always-ends",
        Severity.ERROR,
        first,
        f"{text} is skipped",
        subject=text,
        notes=(Note(second, text), Note(first, text), Note(nowhere(path), text)),
        fix=Fix(text, (Edit(first, text), Edit(source.span(second.start), f"{text}\n{text}")), False),
        course=Course(text, (text,), events),
    )
    unseen = finding("opslint/undecided", Severity.NOTE, second, text, hint=text, notes=(Note(first, text),))
    absent = finding("deploy/rollback-exists", Severity.WARNING, nowhere(path), text)
    pages = {"deploy/rollback-exists": page("deploy/rollback-exists", text, f"{text}\n")}
    return Report((bad, unseen, absent), text, 1, 1, 0, False, (text,), pages)
