"""What is said: problems, verdicts and findings, with their notes, courses and fixes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from opslint.source import Span

SITE = "https://opslint.github.io/opslint/"  # of the newest release; `opslint explain` prints the page of this one


class Severity(Enum):
    """How much a finding weighs; `off` is no severity but a rule that does not run."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    OFF = "off"

    @property
    def rank(self) -> int:
        """0 for the heaviest; what `--fail-on` compares."""
        return list(Severity).index(self)


State = Literal["holds", "broken", "undecided"]
Outcome = Literal["succeeded", "failed", "cancelled", "skipped"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Text that its format does not allow: what a reader met, and where."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace a span by other text; an empty span inserts."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Fix:
    """The smallest change that mends a finding. Safe: any reviewer would press the button unread."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that matters to a finding, and why."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a course: a command or step, how it ended, and the state it left."""

    span: Span
    command: str
    outcome: Outcome
    because: str = ""  # why it was skipped, or failed; empty where it goes without saying
    state: Mapping[str, str] = field(default_factory=dict)  # {"maintenance": "on"}: what is so afterwards


@dataclass(frozen=True, slots=True)
class Cause:
    """A single mishap after which a finding is so."""

    span: Span
    command: str
    how: str  # fails | is cancelled | times out
    certain: bool  # whatever is assumed of what is not known


@dataclass(frozen=True, slots=True)
class Course:
    """One complete way a deployment can go, told as evidence for a finding."""

    mishap: str  # "`php artisan migrate` fails"
    assumptions: tuple[str, ...]  # "`github.ref == 'refs/heads/main'` is true"
    events: tuple[Event, ...]
    causes: tuple[Cause, ...] = ()  # every single mishap that ends so, in the order of the deployment
    tried: int = 0  # how many single mishaps were played


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says of one thing it judged. A finding is a verdict that does not hold."""

    span: Span
    state: State
    message: str
    subject: str = ""  # the semantic path of the thing: `program:worker`, `jobs.deploy.steps.migrate`
    notes: tuple[Note, ...] = ()
    fix: Fix | None = None
    severity: Severity | None = None  # overrides the page's, for the exceptions that RULES names
    course: Course | None = None
    hint: str = ""  # of an undecided one: what would decide it


@dataclass(frozen=True, slots=True)
class Rule:
    """A page of the rulebook."""

    id: str  # `workers/memory-limit`
    summary: str
    severity: Mapping[str, Severity]  # by preset
    kinds: tuple[str, ...]  # of files it looks at
    check: str  # `commands.has_option`
    params: tuple[Mapping[str, Any], ...]  # one or more; the claim holds if each holds
    since: str
    page: str  # the page's Markdown, without its header
    path: str  # of the page, for messages
    yields_to: tuple[str, ...] = ()
    strict_params: Mapping[str, Any] = field(default_factory=dict)  # what the preset `strict` adds to `params`
    url: str = ""  # of the page on our site; a team's own rule has none


def site_url(rule: str) -> str:
    """Where our site explains `workers/memory-limit`, or what opslint says of itself, as `opslint/undecided`."""
    family, _, name = rule.partition("/")
    return f"{SITE}rules/opslint/#{name}" if family == "opslint" else f"{SITE}rules/{rule}/"


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken or undecided verdict of a rule, as it is reported."""

    rule: str
    severity: Severity
    verdict: Verdict
    id: str = ""  # from rule, path, subject and occurrence: no line, no secret

    @property
    def decided(self) -> bool:
        return self.verdict.state != "undecided"

    @property
    def span(self) -> Span:
        return self.verdict.span


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one run has to say, as the linter hands it to every renderer."""

    findings: tuple[Finding, ...]  # sorted by path, place, rule; suppressed and accepted ones left out
    root: str  # as the caller named it, for people
    files: int  # how many were looked at
    rules: int  # how many were switched on
    suppressed: int = 0
    complete: bool = True  # False after a crash of ours or a limit: what is missing here proves nothing
    exceptions: tuple[str, ...] = ()  # what the policy turns off in words, one line each
    pages: Mapping[str, Rule] = field(default_factory=dict)  # by rule id
    verdicts: Mapping[str, tuple[Verdict, ...]] = field(default_factory=dict)  # by rule id, those that hold too
