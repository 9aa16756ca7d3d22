"""Claims about the jobs that deploy: what starts them, what runs beside them, how long they take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from opslint.finding import Note, Severity, Verdict
from opslint.model.act import Act
from opslint.model.command import Command
from opslint.model.concurrency import PULLS, Group, groups
from opslint.model.deployment import PRODUCTION_ACTS, Deployment, deployments
from opslint.model.project import Project
from opslint.model.workflow import Step, Workflow
from opslint.simulation.occasion import Deploying, Occasion, deploying, step_of, value_of
from opslint.simulation.value import Unknown, Value, string, written
from opslint.source import Span
from opslint.syntax.tree import Mapping, Node, Scalar, at

_OF_A_PULL = re.compile(
    r"github\.event\.(?:number|pull_request\.(?:number|head\.ref))|github\.head_ref|\bGITHUB_HEAD_REF\b"
    r"|\bPR_(?:NUMBER|ID)\b|\bpr-\$|github\.ref_name\b.{0,20}(?:preview|review)",
    re.IGNORECASE,
)
_OF_CODE = re.compile(
    r"\bgit\s[^&|;\n]*|\bdocker\s+(?:build|tag|push)\s[^&|;\n]*|^\s*(?:ref|branch|head_ref):.*$",
    re.MULTILINE | re.IGNORECASE,
)
_HOOKS = ("curl", "wget", "http", "https")

# -- what starts them -----------------------------------------------------------------------------------------------


def not_on_pull_request(project: Project) -> Iterator[Verdict]:
    """No deployment to a lasting host is started by a pull request, unless an environment guards its job."""
    for each in deploying(project):
        subject, span = each.job.subject, each.job.key.span
        pulls = [
            (occasion, able)
            for occasion, able in each.reached
            if occasion.start.event in PULLS and not occasion.start.merged
        ]
        first = next((occasion for occasion, able in pulls if not _is_review(each, able)), None)
        if first is None:
            why = "deploys what lasts no longer than a pull request" if pulls else "is started by no pull request"
            yield Verdict(span, "holds", f"`{each.job.id}` {why}", subject)
        elif each.job.environment is not None:
            message = f"the environment of `{each.job.id}` guards it"
            yield Verdict(each.job.environment.span, "holds", message, subject)
        else:
            event = first.start.event
            message = f"`{event}` starts `{each.job.id}`: whoever opens a pull request changes the host"
            notes = (Note(_event_span(first.workflow, event), "this event starts it"),)
            calls = tuple(Note(job.key.span, f"`{job.id}` calls it") for _, job in first.called_by)
            yield Verdict(span, "broken", message, subject, notes + calls)


def _is_review(each: Deploying, able: frozenset[int]) -> bool:
    """Whether what is changed is named after the pull request, and so is none of the lasting hosts."""
    texts = [each.job.environment.span.written] if each.job.environment is not None else []
    texts += [node.span.written for node in each.job.env.values()]
    for index in able:
        step = step_of(each.deployment.acts[index][1])
        texts += [step.node.span.written] if step is not None else []
    # What is checked out may well be the pull request: the place it goes to must be named after it.
    return any(_OF_A_PULL.search(_OF_CODE.sub("", text)) for text in texts)


def _event_span(workflow: Workflow, event: str) -> Span:
    on = at(workflow.document.root, "on")
    if isinstance(on, Mapping) and (entry := on.entry(event)) is not None:
        return entry.key.span
    return on.span if on is not None else workflow.document.source.span()


# -- what runs beside them --------------------------------------------------------------------------------------------


def serialised(project: Project) -> Iterator[Verdict]:
    """Two deployments of one host never overlap: one concurrency group for all of them, and nobody is cancelled."""
    told: dict[Span, Verdict] = {}
    for each in deploying(project):
        verdict = _serialised(each)
        if verdict is not None and verdict.span in told:  # a group of the workflow is one cause for all its jobs
            first = told[verdict.span]
            note = Note(each.job.key.span, f"the same for `{each.job.id}`")
            told[verdict.span] = replace(first, notes=(*first.notes, note))
        elif verdict is not None:
            told[verdict.span] = verdict
    yield from told.values()


def _serialised(each: Deploying) -> Verdict | None:
    job, subject = each.job, each.job.subject
    own = groups(each.workflow, job)
    if any(run.start.event in PULLS and _is_review(each, able) for run, able in each.reached):
        return None  # a newer push to a pull request may well cut its preview short
    if not each.reached:
        return _only_called(each, own) if "workflow_call" in each.workflow.events else None
    calls = [call for occasion, _ in each.reached for call in occasion.called_by]
    outer = tuple(dict.fromkeys(group for workflow, caller in calls for group in groups(workflow, caller)))
    splits = [_split(each, group) for group in (*own, *outer)]
    hook = _hook(each)
    cancelling = next((found for group in (*own, *outer) if (found := _cancels(each, group))), None)
    if cancelling is not None and hook is None:
        message = f"`cancel-in-progress` stops a running `{job.id}` halfway when the next one starts"
        return Verdict(cancelling.span, "broken", message, subject, severity=Severity.ERROR)
    if any(split is None for split in splits):
        return Verdict(job.key.span, "holds", f"one group keeps two runs of `{job.id}` apart", subject)
    if calls:
        return _only_called(each, own)
    if hook is not None:
        return hook
    if not splits:
        message = f"two runs of `{job.id}` can overlap: neither it nor its workflow has `concurrency`"
        return Verdict(job.key.span, "broken", message, subject)
    group, split = own[0], splits[0]
    return Verdict(group.name.span, "broken", f"`{group.name}` does not keep two runs apart: {split}", subject)


def _only_called(each: Deploying, own: tuple[Group, ...]) -> Verdict:
    job = each.job
    if any("${{" not in str(group.name) for group in own):
        return Verdict(job.key.span, "holds", f"one group keeps two runs of `{job.id}` apart", job.subject)
    message = f"whether two runs of `{job.id}` overlap is for the workflows to say that call it"
    hint = "give the job a `concurrency` group of its own"
    return Verdict(job.key.span, "undecided", message, job.subject, hint=hint)


def _hook(each: Deploying) -> Verdict | None:
    """A deployment that only calls a hook: whether the platform behind it runs two at once, it alone knows."""
    acts = [(act, what) for act, what in each.deployment.acts if act.name in PRODUCTION_ACTS]
    if not all(_is_hook(act, what) for act, what in acts):
        return None
    message = f"whether two runs of `{each.job.id}` overlap is for the platform to say whose hook it calls"
    first = acts[0][1]
    span = first.span if isinstance(first, Command) else (first.uses or first.node).span
    return Verdict(span, "undecided", message, each.job.subject, hint="give the job a `concurrency` group")


def _is_hook(act: Act, what: Command | Step) -> bool:
    if isinstance(what, Step):
        return "hook" in act.entry.uses or "forge" in act.entry.uses or "render" in act.entry.uses
    return what.words[0].value.rsplit("/", 1)[-1] in _HOOKS


def _cancels(each: Deploying, group: Group) -> Scalar | None:
    """The `cancel-in-progress` that is true in some run of the job, where two runs can be in the group at all."""
    if group.cancel is None:
        return None
    for occasion, _ in each.reached:
        others = [other for other, _ in each.reached if other.start.number != occasion.start.number]
        name = _name(value_of(group.name, occasion.contexts))
        meets = any(_name(value_of(group.name, other.contexts)) == name for other in others)
        if meets and value_of(group.cancel, occasion.contexts) is True:
            return group.cancel
    return None


def _split(each: Deploying, group: Group) -> str | None:
    """Two runs that reach the same host in different groups, in words; None if there are none."""
    for occasion, able in each.reached:
        for other, others in each.reached:
            mine, theirs = (_name(value_of(group.name, run.contexts)) for run in (occasion, other))
            if mine != theirs and able & others and _same_host(each, occasion, other):
                one, two = occasion.start, other.start
                if one.ref != two.ref and not one.ref.startswith("refs/pull/"):
                    return f"a run for `{one.ref}` is in another group than one for `{two.ref}` by `{two.event}`"
                if one.event != two.event:
                    return f"a run by `{one.event}` is in another group than one by `{two.event}`"
                return "each run has a group of its own"
    return None


def _name(value: Value) -> str:
    """Names of groups are compared without case (GitHub, concurrency)."""
    return (written(value) if isinstance(value, Unknown) else string(_known(value))).lower()


def _known(value: Value) -> bool | float | str | None:
    return value if value is None or isinstance(value, bool | float | str) else written(value)


def _same_host(each: Deploying, one: Occasion, other: Occasion) -> bool:
    """Whether two runs go to the same place, as far as the environment and the inputs and variables of the job say."""
    steps = {id(step): step for _, what in each.deployment.acts if (step := step_of(what)) is not None}.values()
    nodes: list[Node] = [*each.job.env.values(), *each.workflow.env.values()]
    nodes += [each.job.environment] if isinstance(each.job.environment, Scalar) else []
    name = at(each.job.environment, "name")
    nodes += [name] if name is not None else []
    for step in steps:
        nodes += [*step.env.values(), *(node for key, node in step.inputs.items() if key not in ("script", "command"))]
    return all(_name(value_of(node, one.place)) == _name(value_of(node, other.place)) for node in nodes)


# -- how long they take -----------------------------------------------------------------------------------------------


def bounded(project: Project, *, act: str = "migrate") -> Iterator[Verdict]:
    """A deploying job has `timeout-minutes`, and each of its steps that does an act a shorter one of its own.

    A step that meets its limit is a failure, which a rollback sees; a job that does is a cancel (facts S14, S21).
    """
    for found in deployments(project):
        if found.job is None:
            continue
        job, subject = found.job, found.job.subject
        steps = {id(step): step for done, what in found.acts if done.name == act if (step := step_of(what))}
        unbounded = [step for step in steps.values() if not _is_bounded(found, step, act)]
        notes = tuple(_unbounded(step) for step in unbounded)
        if job.timeout is None:
            message = f"`{job.id}` has no `timeout-minutes`: what hangs is cancelled after six hours"
            yield Verdict(job.key.span, "broken", message, subject, notes)
        elif unbounded:
            message = f"what hangs in `{unbounded[0].title}` is cut by the limit of `{job.id}`: a cancel, no failure"
            yield Verdict(job.key.span, "broken", message, subject, notes)
        else:
            yield Verdict(job.timeout.span, "holds", f"`{job.id}` and what it waits for have a limit", subject)


def _is_bounded(found: Deployment, step: Step, act: str) -> bool:
    assert found.job is not None
    if str(step.uses or "").partition("@")[0].lower() == "appleboy/ssh-action":
        return True  # its `command_timeout` is ten minutes where nothing else is said (appleboy/ssh-action, action.yml)
    commands = [
        what for done, what in found.acts if done.name == act and isinstance(what, Command) and step_of(what) is step
    ]
    if commands and all(any(wrapper.name in ("timeout", "gtimeout") for wrapper in each.via) for each in commands):
        return True
    if step.timeout is None:
        return False
    own, whole = step.timeout.value, found.job.timeout.value if found.job.timeout is not None else None
    return not (isinstance(own, int | float) and isinstance(whole, int | float)) or own < whole


def _unbounded(step: Step) -> Note:
    if step.timeout is not None:
        return Note(step.timeout.span, f"the limit of `{step.title}` is not shorter than the job's")
    return Note(_dash(step), f"`{step.title}` has no `timeout-minutes` of its own")


def _dash(step: Step) -> Span:
    """The step's beginning, its `-` included."""
    source, start = step.node.span.source, step.node.span.start
    dash = source.content.rfind("-", 0, start)
    begin = dash if dash >= 0 and not source.content[dash + 1 : start].strip() else start
    return Span(source, begin, step.node.entries[0].span.end if step.node.entries else start + 1)
