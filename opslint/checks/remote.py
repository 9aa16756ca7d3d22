"""Claims about scripts that run on another machine than the one that holds their variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opslint.finding import Note, Verdict
from opslint.model.command import Site, inner
from opslint.model.environment import environments
from opslint.model.project import Project
from opslint.model.resolve import Use, sets_unseen, settings, uses, words_of
from opslint.model.run import StepOf, Written, scripts_of
from opslint.model.unwrap import unwrap
from opslint.model.workflow import Job
from opslint.source import Span
from opslint.syntax.script import Pipeline, Redirect, Script, Simple, Statement, Word
from opslint.syntax.tree import Scalar

_RUNNER_ONLY = re.compile(r"GITHUB_\w+|RUNNER_\w+")
_TO_ENVIRONMENT = re.compile(r"\b([A-Za-z_]\w*)=[^\n]*>>\s*[\"']?\$\{?GITHUB_ENV\b")
_HANDS_OVER = re.compile(r"SendEnv|\bdeclare -p\b|\btypeset -[fp]\b|\bdeclare -f\b|\benvsubst\b")
_DANGEROUS = ("cd", "rm")
_NESTED = 20


@dataclass(frozen=True, slots=True)
class _Remote:
    """A script that is handed to another machine."""

    script: Script
    place: Span  # of the program or action that hands it over
    site: Site
    here: tuple[Span, ...] = ()  # what is expanded on this side
    handed: str = ""  # the words of the command that hands it over


def variables_reach(project: Project) -> Iterator[Verdict]:
    """A script on another machine uses no variable that exists on this side alone."""
    for path, kind in project.kinds.items():
        for written in scripts_of(project, path, kind):
            if any(wrapper.remote for wrapper in written.via):
                yield from _of_action(written)
                continue
            remotes = tuple(_remotes(written.script, written.site))
            here = {**_given(written.site), **settings(written.script)} if remotes else {}
            for remote in remotes:
                yield from _judge(remote, here, "is set on this side of `ssh` alone: on the host it is empty")


def _remotes(script: Script, site: Site, depth: int = 0) -> Iterator[_Remote]:
    for statement, piped in _pipes(script.body, None):
        if not isinstance(statement, Simple) or depth > _NESTED:
            continue
        nested = unwrap(statement, piped).nested
        if nested is not None and nested.remote:
            outer = [*statement.words, *(_bodies(statement.redirects)), *(piped.words if piped is not None else ())]
            here = tuple(part.text.span for word in outer for part in word.parts if part.kind != "literal")
            handed = " ".join(word.value for word in statement.words) if nested.given == "stdin" else ""
            yield _Remote(nested.script, statement.words[0].span, site, here, handed)
        elif nested is not None:
            yield from _remotes(nested.script, site, depth + 1)


def _pipes(statement: Statement, piped: Simple | None) -> Iterator[tuple[Statement, Simple | None]]:
    """Every statement, with the command whose output it reads."""
    yield statement, piped
    for word in words_of(statement):
        for part in word.parts:
            if part.script is not None:
                yield from _pipes(part.script.body, None)
    before: Statement | None = None
    for each in inner(statement):
        yield from _pipes(each, before if isinstance(before, Simple) else None)
        before = each if isinstance(statement, Pipeline) else None


def _bodies(redirects: tuple[Redirect, ...]) -> Iterator[Word]:
    for redirect in redirects:
        yield from (word for word in (redirect.target, redirect.body) if word is not None)


def _given(site: Site) -> dict[str, Span]:
    """The variables that a step is given by `env:`, and by earlier steps through `GITHUB_ENV`."""
    owner = site.owner
    if not isinstance(owner, StepOf) or site.kind not in ("workflow", "action"):
        return {}
    found = dict(_written_before(owner.job)) if owner.job is not None else {}
    for environment in environments(owner):
        found = {**{name: node.span for name, node in environment.items()}, **found}
    return found


def _written_before(job: Job) -> Iterator[tuple[str, Span]]:
    for step in job.steps:
        for match in _TO_ENVIRONMENT.finditer(str(step.run)) if step.run is not None else ():
            assert step.run is not None
            yield match[1], step.run.text[match.start(1) : match.end(1)].span


def _of_action(written: Written) -> Iterator[Verdict]:
    """The script of appleboy/ssh-action, which takes along what `envs` names."""
    owner = written.site.owner
    if not isinstance(owner, StepOf) or not str(owner.step.uses).lower().startswith("appleboy/ssh-action"):
        return
    assert owner.step.uses is not None
    envs, everything = owner.step.inputs.get("envs"), owner.step.inputs.get("allenvs")
    named = str(envs) if isinstance(envs, Scalar) else ""
    if everything is not None and str(everything) != "false":
        yield Verdict(owner.step.uses.span, "holds", "every variable of `env:` is taken along", written.site.subject)
        return
    if "${{" in named:
        return
    taken = {name.strip() for name in named.split(",")}
    here = {name: node.span for env in environments(owner) for name, node in env.items() if name not in taken}
    remote = _Remote(written.script, owner.step.uses.span, written.site, (), "".join(f"{name}= " for name in taken))
    yield from _judge(remote, here, "is not in `envs`: on the host it is empty")


def _judge(remote: _Remote, here: Mapping[str, Span], why: str) -> Iterator[Verdict]:
    """One verdict for each variable that does not reach the host, or one that all do."""
    subject = remote.site.subject
    lost: dict[str, list[Use]] = {}
    if not sets_unseen(remote.script) and not _HANDS_OVER.search(remote.handed):
        own = settings(remote.script)
        for use in uses(remote.script):
            is_here = use.name in here or _RUNNER_ONLY.fullmatch(use.name) is not None
            if is_here and use.name not in own and not _is_handed(use, remote):
                lost.setdefault(use.name, []).append(use)
    for name, used in lost.items():
        worst = next((use for use in used if _program(use) in _DANGEROUS), used[0])
        message = f"`${name}` {why}{_consequence(worst)}"
        notes = tuple(Note(use.part.text.span, "and here") for use in used if use is not worst)
        notes += (Note(here[name], "it is set here"),) if name in here else ()
        yield Verdict(worst.part.text.span, "broken", message, f"{subject}.{name}", notes)
    if not lost:
        yield Verdict(remote.place, "holds", "every variable of the remote script is set there", subject)


def _is_handed(use: Use, remote: _Remote) -> bool:
    """Whether a variable was expanded on this side, or is set by the command that hands the script over."""
    if any(use.part.text.span in span for span in remote.here):
        return True
    return re.search(rf"\b{use.name}=", remote.handed) is not None


def _program(use: Use) -> str:
    words = [word.value for word in use.command.words] if use.command is not None else []
    return next((word for word in words if word != "sudo"), "")


def _consequence(use: Use) -> str:
    """What `cd` or `rm` comes to with an empty path, as the host reads it."""
    if use.command is None or _program(use) not in _DANGEROUS:
        return ""
    words = [word.raw.value for word in use.command.words]
    emptied = [word.replace(use.part.text.value, "") for word in words]
    return f", and `{' '.join(words)}` is `{' '.join(word for word in emptied if word)}`"
