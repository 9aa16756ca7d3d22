"""Secrets that are written out where everybody with the repository can read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opslint.model.act import Pattern, option_of
from opslint.model.command import Command
from opslint.model.deployment import all_steps, deployments
from opslint.model.run import StepOf
from opslint.model.workflow import Job, Workflow
from opslint.source import Span, Text
from opslint.syntax.tree import Mapping as Tree
from opslint.syntax.tree import Node, Scalar, at

if TYPE_CHECKING:
    from opslint.model.project import Project

_NAMES = re.compile(
    r"(?:^|[_-])(?:PASS(?:WORD|WD|PHRASE)?|PWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|SSH_?KEY|APP_KEY|WEBHOOK(?:_URL)?)$",
    re.IGNORECASE,
)
# Formats that are secrets wherever they stand: tokens of GitHub, GitLab, Slack, AWS and Stripe, hooks, private keys.
_TOKENS = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{60,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|AKIA[A-Z0-9]{16}"
    r"|sk_live_[A-Za-z0-9]{20,})\b|https://hooks\.slack\.com/services/T\w+/B\w+/\w+"
    r"|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
)
_IN_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@$'\"]*:(?P<secret>[^\s/@$'\"{}]+)@")
# What people write where no secret is: the throw-away values of tests and examples.
_HARMLESS = re.compile(
    r"|root|password|pass|secret|test(?:ing|er)?|laravel|homestead|postgres|mysql|admin|example|changeme|dummy|null|none"
    r"|true|false|\*+|x+|base64:?|your[-_ ].*|<.*>",
    re.IGNORECASE,
)
_DOWN = Pattern.parse("php artisan down")
_OPTIONS = (  # commands, the option that carries a secret, what it is
    (Pattern.parse("sshpass"), "-p", "an SSH password"),
    (Pattern.parse("mysql"), "--password", "a database password"),
    (Pattern.parse("mysqldump"), "--password", "a database password"),
    (Pattern.parse("mysqladmin"), "--password", "a database password"),
    (Pattern.parse("redis-cli"), "--pass", "a Redis password"),
)


@dataclass(frozen=True, slots=True)
class Secret:
    """The place of a secret's characters, and what it is; never print what stands there."""

    span: Span
    what: str
    subject: str


def secrets(project: Project) -> tuple[Secret, ...]:
    """Every literal secret, each place once."""
    return project.cached("secrets", lambda: tuple({each.span: each for each in _secrets(project)}.values()))


def _secrets(project: Project) -> Iterator[Secret]:
    for path, kind in project.kinds.items():
        if kind in ("workflow", "action", "script", "supervisor", "composer", "make"):
            for command in project.commands_of(path):
                owner = command.site.owner
                known = _of_services(owner.job) if isinstance(owner, StepOf) else frozenset()
                yield from (secret for secret in _in_command(command) if secret.span.written not in known)
            source = project.source(path)
            for match in _TOKENS.finditer(source.content) if source else ():
                yield Secret(Span(source, match.start(), match.end()), "a token", path)  # type: ignore[arg-type]
    for deployment in deployments(project):
        if deployment.workflow is not None and deployment.job is not None:
            known = _of_services(deployment.job)
            found = _in_job(deployment.workflow, deployment.job)
            yield from (secret for secret in found if secret.span.written not in known)
    for program in project.programs:
        yield from program_secrets(program.environment_texts(), f"program:{program.name}")


def _of_services(job: Job | None) -> frozenset[str]:
    """What the service containers of a job are given: they end with it, and so do their passwords."""
    services = job.services.entries if job is not None and job.services is not None else ()
    given = (at(service.value, "env") for service in services)
    return frozenset(str(entry.value) for node in given if isinstance(node, Tree) for entry in node)


def _in_command(command: Command) -> Iterator[Secret]:
    subject = command.site.subject
    if _DOWN.matches(command.words):
        given = option_of(command.words, "--secret")
        if given is not None and given.is_literal and given.value is not None and given.value.value:
            yield Secret(given.value.span, "the maintenance secret", subject)
    for words in (command.words, *(wrapper.words for wrapper in command.via if wrapper.words)):
        for pattern, name, what in _OPTIONS:
            given = option_of(words, name) if pattern.matches(words) else None
            if given is not None and given.is_literal and given.value is not None and _is_secret(given.value.value):
                yield Secret(given.value.span, what, subject)
        for word in words:
            match = _IN_URL.search(word.value)
            if match and not _HARMLESS.fullmatch(match["secret"]):
                yield Secret(word.text[match.start("secret") : match.end("secret")].span, "a password", subject)
            for name, value in _assigned(word.text):
                if _NAMES.search(name) and _is_secret(value.value) and word.is_literal:
                    yield Secret(value.span, f"the value of `{name}`", subject)


def _assigned(text: Text) -> Iterator[tuple[str, Text]]:
    match = re.match(r"([A-Z][A-Z0-9_]*)=", text.value)
    if match:
        yield match[1], text[match.end() :]


def _in_job(workflow: Workflow, job: Job) -> Iterator[Secret]:
    yield from _in_values(workflow.env, "env")
    yield from _in_values(job.env, job.subject)
    for step in all_steps(job.steps):
        yield from _in_values(step.env, step.subject)
        yield from _in_values(step.inputs, step.subject)


def _in_values(values: Mapping[str, Node], subject: str) -> Iterator[Secret]:
    for name, node in values.items():
        if isinstance(node, Scalar) and _NAMES.search(name) and _is_secret(str(node)):
            yield Secret(node.text.span, f"the value of `{name}`", subject)


def program_secrets(pairs: tuple[tuple[str, Text], ...], subject: str) -> Iterator[Secret]:
    """Those of a Supervisor program's `environment=`."""
    for name, value in pairs:
        if _NAMES.search(name) and _is_secret(value.value) and "%(" not in value.value:
            yield Secret(value.span, f"the value of `{name}`", subject)


def _is_secret(value: str) -> bool:
    """Whether a literal value is worth hiding: no expression, no variable, no path, no throw-away value."""
    value = value.strip()
    return not (
        "${" in value or value.startswith(("$", "/", "./", "~")) or len(value) < 4 or _HARMLESS.fullmatch(value)
    )
