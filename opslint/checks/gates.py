"""Claims about what runs in continuous integration."""

from __future__ import annotations

from collections.abc import Iterator

from opslint.finding import Verdict
from opslint.model.command import Command
from opslint.model.composer import Composer
from opslint.model.deployment import all_steps
from opslint.model.project import Project
from opslint.model.run import StepOf, reach
from opslint.model.trigger import Triggers, triggers
from opslint.model.workflow import Job, Workflow
from opslint.source import Text, nowhere
from opslint.syntax.schema import did_you_mean
from opslint.syntax.tree import Scalar

_OTHER_CI = (
    ".gitlab-ci.yml .circleci/config.yml bitbucket-pipelines.yml Jenkinsfile .travis.yml azure-pipelines.yml "
    "appveyor.yml .drone.yml .woodpecker.yml buildspec.yml .buildkite/pipeline.yml cloudbuild.yaml"
).split()


def runs(project: Project, *, act: str, name: str) -> Iterator[Verdict]:
    """Some workflow does an act on pull requests, and some does on pushes to branches.

    Follows composer scripts, make targets, scripts, local actions and reusable workflows. A project without any
    workflow is judged only where it has the tool and shows no other continuous integration.
    """
    if not project.composers or (not project.workflows and not _could_have_one(project, act)):
        return
    found = list(_runs(project, act))
    if not found and (elsewhere := _called_elsewhere(project)):
        message = f"what `{elsewhere}` runs is not to be seen: it is in another repository"
        hint = f"say `acts: {{{act}: [{{uses: {str(elsewhere).partition('@')[0]}}}]}}` if it runs {name}"
        yield Verdict(elsewhere.span, "undecided", message, f"act:{act}", hint=hint)
        return
    if not found:
        where = "" if project.workflows else ": there is no workflow"
        yield Verdict(nowhere(), "broken", f"no workflow runs {name}{where}", f"act:{act}")
        return
    for event, missed in (("pull_request", "a pull request"), ("push", "a push to a branch")):
        if not any(getattr(when, event) for _, _, when in found):
            _, job, when = found[0]
            message = f"{name} does not run on `{event}`: {missed} can bring errors unseen"
            yield Verdict(when.span, "broken", message, job.subject)
    for _, job, _ in found:
        yield Verdict(job.key.span, "holds", f"`{job.id}` runs {name}", job.subject)


def _called_elsewhere(project: Project) -> Scalar | None:
    """A reusable workflow of another repository that a pull request or push runs."""
    for workflow in project.workflows:
        when = triggers(project, workflow)
        for job in workflow.jobs:
            if job.uses is not None and not str(job.uses).startswith(("./", "$/")) and (when.pull_request or when.push):
                return job.uses
    return None


def _could_have_one(project: Project, act: str) -> bool:
    """Whether a project without a workflow shows the tool, and no other continuous integration that may run it."""
    if any(project.exists(path) for path in _OTHER_CI):
        return False
    lines = (command for path in project.all_paths("composer") for command in project.commands_of(path))
    done = {found.name for command in lines if (found := project.act(command))}
    return act in done or (act == "analyse" and bool(project.all_paths("phpstan")))


def _runs(project: Project, act: str) -> Iterator[tuple[Workflow, Job, Triggers]]:
    for workflow in project.workflows:
        doing = {id(job) for command in project.commands_of(workflow.path) if (job := _doing(project, command, act))}
        for job in workflow.jobs:
            if id(job) in doing or _uses(project, job, act):
                yield workflow, job, triggers(project, workflow)


def _doing(project: Project, command: Command, act: str) -> Job | None:
    owner = command.site.owner
    if isinstance(owner, StepOf):
        for each in reach(project, command):
            done = project.act(each.command)
            if done is not None and done.name == act:
                return owner.job
    return None


def _uses(project: Project, job: Job, act: str) -> bool:
    if job.uses is not None:
        done = project.acts.of_uses(str(job.uses), job.inputs)
        if done is not None and done.name == act:
            return True
    for step in all_steps(job.steps):
        done = project.act_of_step(step)
        if done is not None and done.name == act:
            return True
        action = project.actions.get(str(step.uses).removeprefix("./").rstrip("/")) if step.uses else None
        if action is not None:
            for command in project.commands_of(action.path):
                if any((found := project.act(each.command)) and found.name == act for each in reach(project, command)):
                    return True
    return False


def composer_scripts_exist(project: Project) -> Iterator[Verdict]:
    """Each `composer run X`, and each `@X` in a composer script, names a script of some composer.json here."""
    known = {name for composer in project.composers for name in composer.scripts}
    if not project.composers:
        return
    for command in project.commands():
        named = _named_script(command)
        if named is not None:
            yield _exists(named, known, command.site.subject)
    for composer in project.composers:
        for name, reference in _references(composer):
            yield _exists(reference, set(composer.scripts), f"scripts.{name}")


def _named_script(command: Command) -> Text | None:
    """The X of `composer run X` or `composer run-script X`, if it is literal."""
    if command.words[0].value.rsplit("/", 1)[-1] not in ("composer", "composer.phar"):
        return None
    words = [word for word in command.words[1:] if not word.value.startswith("-")]
    listing = any(word.value in ("-l", "--list") for word in command.words)
    if len(words) < 2 or words[0].value not in ("run", "run-script") or listing or not words[1].is_literal:
        return None
    return words[1].text


def _references(composer: Composer) -> Iterator[tuple[str, Text]]:
    from opslint.model.composer import script_calls

    for name, lines in composer.scripts.items():
        for line in lines:
            yield from ((name, text) for kind, text in script_calls(line) if kind == "script")


def _exists(named: Text, known: set[str], subject: str) -> Verdict:
    if named.value in known:
        return Verdict(named.span, "holds", f"`{named.value}` is a script of composer.json", subject)
    message = f"composer.json has no script `{named.value}`{did_you_mean(named.value, known)}"
    return Verdict(named.span, "broken", message, subject)
