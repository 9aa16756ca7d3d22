"""Claims about what runs in continuous integration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TypeAlias

from opslint.finding import Edit, Fix, Note, Verdict
from opslint.model.act import taught
from opslint.model.gate import Doing, doings, opaque
from opslint.model.project import Project
from opslint.model.trigger import (
    PULLS,
    callers,
    event_span,
    main_branches,
    on_span,
    path_filter,
    reaches_main,
    sees_code,
    sees_updates,
    triggers,
)
from opslint.model.workflow import Job, Workflow
from opslint.simulation.gate import is_done
from opslint.simulation.occasion import Occasion, can_run, occasions, step_can_run
from opslint.source import Span, nowhere
from opslint.syntax.tree import Mapping

_OTHER_CI = (
    ".gitlab-ci.yml .circleci/config.yml bitbucket-pipelines.yml Jenkinsfile .travis.yml azure-pipelines.yml "
    "appveyor.yml .drone.yml .woodpecker.yml buildspec.yml .buildkite/pipeline.yml cloudbuild.yaml"
).split()
# What shows that a project has the tool of an act at all.
_TOOLS = {
    "analyse": ("phpstan/phpstan", "larastan/larastan", "nunomaduro/larastan"),
    "test": ("phpunit/phpunit", "pestphp/pest", "codeception/codeception", "brianium/paratest"),
}
_OF_TOOLS = {"test": ("phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml", "codeception.yml")}
Chain: TypeAlias = tuple[tuple[Workflow, Job], ...]  # a job with the jobs that call its workflow, outermost last

_MOST = 200  # occasions of a workflow to look at
_WAYS = (
    ("pull_request", PULLS, "a pull request"),
    ("push", ("push", "merge_group"), "a push to a branch"),
)


def runs(project: Project, *, act: str, name: str) -> Iterator[Verdict]:
    """Some workflow does an act on pull requests, and some does on pushes to the main branches.

    Follows composer scripts, make targets, npm scripts, scripts, local actions and reusable workflows. A project
    without any workflow is judged only where it has the tool and shows no other continuous integration.
    """
    if not project.composers or not _is_asked(project, act):
        return
    found = doings(project, act)
    if not found:
        yield _missing(project, act, name)
        return
    missed = [way for way in _WAYS if not any(_covers(project, doing, way[1]) for doing in found)]
    if any(
        link for doing in found for chain, event in _pulls(project, doing) if (link := _skipping(project, chain, event))
    ):
        missed = [way for way in missed if way[1] is not PULLS]  # a caller's `if` is for `always_report` to say
    if len(missed) > 1 and not any(_root(project, doing.workflow, way[1]) for doing in found for way in missed):
        message = f"{name} runs neither on pull requests nor on pushes"
        verdict = _missed(project, act, name, found, *missed[0])
        yield replace(verdict, message=message) if verdict.state == "broken" else verdict
        return
    yield from dict.fromkeys(_missed(project, act, name, found, *way) for way in missed)
    for doing in found if not missed else ():
        yield Verdict(doing.job.key.span, "holds", f"`{doing.job.id}` runs {name}", doing.job.subject)


def _is_asked(project: Project, act: str) -> bool:
    if project.workflows:
        return act == "analyse" or _has_tool(project, act)
    return not any(project.exists(path) for path in _OTHER_CI) and _could_have_one(project, act)


def _has_tool(project: Project, act: str) -> bool:
    packages = (name in composer.packages for composer in project.composers for name in _TOOLS.get(act, ()))
    return any(packages) or any(project.exists(path) for path in _OF_TOOLS.get(act, ()))


def _could_have_one(project: Project, act: str) -> bool:
    """Whether a project without a workflow shows the tool in a script or by its configuration."""
    lines = (command for path in project.all_paths("composer") for command in project.commands_of(path))
    done = {found.name for command in lines if (found := project.act(command))}
    return act in done or (act == "analyse" and bool(project.all_paths("phpstan")))


def _missing(project: Project, act: str, name: str) -> Verdict:
    if (hidden := opaque(project)) is not None:
        return _unseen(hidden, act, name)
    where = "" if project.workflows else ": there is no workflow"
    fix = _scaffold(project) if act == "analyse" else None
    return Verdict(nowhere(), "broken", f"no workflow runs {name}{where}", f"act:{act}", fix=fix)


def _unseen(hidden: tuple[Span, str], act: str, name: str) -> Verdict:
    span, kind = hidden
    if kind == "uses":
        message = f"what `{span.written}` runs is not to be seen: it is in another repository"
        line = f"acts: {{{act}: [{{uses: {span.written.partition('@')[0]}}}]}}"
    else:
        message = f"what `{span.written}` runs is not to be seen"
        line = taught(act, span.written)
    return Verdict(span, "undecided", message, f"act:{act}", hint=f"say `{line}` if it runs {name}")


def _covers(project: Project, doing: Doing, events: tuple[str, ...]) -> bool:
    """Whether one of the events starts an act, as far as filters and conditions tell.

    What a job's `if` skips on every pull request is for `always_report` to say.
    """
    for occasion in islice(occasions(project, doing.workflow), _MOST):
        event = occasion.start.event
        if event in events and not occasion.start.merged and _passes_filters(project, occasion.workflow, event):
            if event in PULLS:
                able = doing.step is None or step_can_run(doing.step, occasion, (doing.job.env, doing.workflow.env))
            else:
                able = not occasion.start.ref.startswith("refs/tags/") and is_done(doing, occasion)
            if able:
                return True
    return False


def _passes_filters(project: Project, workflow: Workflow, event: str) -> bool:
    return (
        sees_updates(workflow, event) and reaches_main(project, workflow, event) and sees_code(project, workflow, event)
    )


def _missed(
    project: Project, act: str, name: str, found: tuple[Doing, ...], event: str, alike: tuple[str, ...], what: str
) -> Verdict:
    """Why nothing runs on an event: a filter, a condition, or nobody asks for it."""
    if (hidden := opaque(project)) is not None and hidden[1] == "uses":
        return _unseen(hidden, act, name)
    doing, place, message = found[0], None, f"{name} does not run on `{event}`: {what} can bring errors unseen"
    for each in found:
        root = _root(project, each.workflow, alike)
        named = next((event for event in alike if event in root.events), None) if root is not None else None
        if root is None or named is None:
            continue
        doing, place = each, event_span(root, named)
        if not sees_updates(root, named):
            message = f"`{named}` starts {name} once: what is pushed to a pull request later is not looked at"
        elif not reaches_main(project, root, named):
            mains = " or ".join(f"`{each}`" for each in main_branches(project))
            message = f"{name} does not run on `{named}`: its filter lets no {mains} through"
        elif not sees_code(project, root, named):
            message = f"{name} does not run on `{named}`: its path filter lets no PHP file through"
        else:
            message = f"{name} is skipped on every `{named}`: {what} can bring errors unseen"
            condition = (each.step.condition if each.step is not None else None) or each.job.condition
            place = condition.span if condition is not None else place
        break
    return Verdict(place or on_span(doing.workflow), "broken", message, doing.job.subject)


def _root(project: Project, workflow: Workflow, events: tuple[str, ...], depth: int = 4) -> Workflow | None:
    """A workflow itself, or one that calls it, that has one of the events."""
    if any(event in workflow.events for event in events):
        return workflow
    above = callers(project, workflow) if "workflow_call" in workflow.events and depth else []
    found = (_root(project, caller, events, depth - 1) for caller, _ in above)
    return next((each for each in found if each is not None), None)


def _scaffold(project: Project) -> Fix | None:
    """A job for PHPStan at the end of a workflow that runs on pull requests and pushes, where it is plain to write."""
    for workflow in project.workflows:
        root, when = workflow.document.root, triggers(project, workflow)
        last = root.entries[-1] if isinstance(root, Mapping) and root.entries else None
        content = workflow.document.source.content
        simple = last is not None and str(last.key) == "jobs" and workflow.job("phpstan") is None and workflow.jobs
        if not simple or not (when.pull_request and when.push) or "workflow_call" in workflow.events:
            continue
        key = workflow.jobs[0].key.span
        indent = key.place[1] - 1
        if content[key.start - indent : key.start].strip() or not indent or "\r" in content:
            continue
        end = len(content.rstrip())
        lines = [
            "phpstan:",
            "  runs-on: ubuntu-latest",
            "  steps:",
            "    - uses: actions/checkout@v4",
            "    - uses: shivammathur/setup-php@v2",
            "    - run: composer install --no-interaction",
            "    - run: vendor/bin/phpstan analyse --no-progress",
        ]
        text = "\n\n" + "\n".join(" " * indent + line for line in lines)
        edit = Edit(Span(workflow.document.source, end, end), text)
        return Fix(f"run PHPStan in a job of its own in `{workflow.path}`", (edit,), safe=False)
    return None


# -- what always reports ----------------------------------------------------------------------------------------------


def always_report(project: Project, *, act: str, name: str) -> Iterator[Verdict]:
    """The check of a job that does an act reports on every pull request: no path filter, no `if` that is false then.

    Where a workflow of the repository runs in a merge queue, it reports there, too.
    """
    found = [verdict for doing in doings(project, act) for verdict in _reports(project, doing, name)]
    holding = [verdict for verdict in found if verdict.state == "holds"]
    queued = next((each for each in project.workflows if "merge_group" in each.events), None)
    roots = [root for doing in doings(project, act) if (root := _root(project, doing.workflow, PULLS)) is not None]
    if holding and queued is not None and not any("merge_group" in root.events for root in roots):
        notes = (Note(event_span(queued, "merge_group"), "there is a merge queue"),)
        message = f"{name} does not run on `merge_group`: a merge queue waits for its check in vain"
        yield Verdict(on_span(roots[0]), "broken", message, roots[0].path, notes)
        return
    yield from dict.fromkeys(holding or found)


def _reports(project: Project, doing: Doing, name: str) -> Iterator[Verdict]:
    for chain, event in _pulls(project, doing):
        root, first = chain[-1]
        job, subject = doing.job, doing.job.subject
        kept = path_filter(root, event)
        skipped = _skipping(project, chain, event)
        if skipped is not None:
            yield _skipped(doing, skipped, name)
        elif kept is not None and not _has_twin(project, root, first, event):
            message = (
                f"`{kept.written}` keeps `{first.id}` from reporting on other pull requests: "
                "as a required check it is waited for in vain"
            )
            yield Verdict(kept, "broken", message, subject, (Note(doing.place, f"{name} runs here"),))
        else:
            yield Verdict(job.key.span, "holds", f"`{job.id}` reports on every `{event}`", subject)


def _pulls(project: Project, doing: Doing) -> Iterator[tuple[Chain, str]]:
    """Each way from a pull request to a job, with the event that begins it."""
    for chain in _chains(project, doing.workflow, doing.job):
        root, _ = chain[-1]
        yield from ((chain, event) for event in PULLS if event in root.events and sees_updates(root, event))


def _skipping(project: Project, chain: Chain, event: str) -> Job | None:
    """The outermost job of a chain whose condition skips it on every pull request."""
    root, _ = chain[-1]
    return next((job for flow, job in reversed(chain) if not _may_run(project, flow, job, root, event)), None)


def _chains(project: Project, workflow: Workflow, job: Job, depth: int = 4) -> Iterator[Chain]:
    """Once for each way to a job."""
    yield ((workflow, job),)
    for caller, calling in callers(project, workflow) if "workflow_call" in workflow.events and depth else ():
        for chain in _chains(project, caller, calling, depth - 1):
            yield ((workflow, job), *chain)


def _may_run(project: Project, workflow: Workflow, job: Job, root: Workflow, event: str) -> bool:
    """Whether a job can run on some pull request; one that an earlier link keeps from being called is not asked."""
    found = [each for each in islice(occasions(project, workflow), _MOST) if _is_pull(each, root, event)]
    return not found or any(can_run(workflow, job, each) for each in found)


def _is_pull(occasion: Occasion, root: Workflow, event: str) -> bool:
    return occasion.workflow is root and occasion.start.event == event and not occasion.start.merged


def _skipped(doing: Doing, job: Job, name: str) -> Verdict:
    place = job.condition.span if job.condition is not None else job.key.span
    why = "its `if` is false" if job.condition is not None else "a job that it needs is"
    if job is not doing.job:
        then = f"`{job.id} / {doing.job.id}` never reports"
    elif job.strategy is not None and job.strategy.get("matrix") is not None:
        then = "it reports once, without its legs"
    else:
        then = "a skipped check counts as passed"
    message = f"`{job.id}` is skipped on every pull request, for {why}: {then}"
    notes = (Note(doing.place, f"{name} runs here"),)
    return Verdict(place, "broken", message, doing.job.subject, notes)


def _has_twin(project: Project, root: Workflow, job: Job, event: str) -> bool:
    """Whether another workflow reports a check of that name where this one does not run."""
    return any(
        other is not root and event in other.events and _name(each) == _name(job)
        for other in project.workflows
        for each in other.jobs
    )


def _name(job: Job) -> str:
    return str(job.name or job.id)
