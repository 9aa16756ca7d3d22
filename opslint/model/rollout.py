"""Deployments as a whole: one job backs up what the next one changes, a third one puts it back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from opslint.model.deployment import REPLACES, RESTORES, Deployment, deployments
from opslint.syntax.tree import Mapping, Scalar, at

if TYPE_CHECKING:
    from opslint.model.project import Project

_ASKS_STATUS = re.compile(r"\b(?:failure|always|cancelled)\s*\(|\.result\b")


def rollouts(project: Project) -> tuple[Deployment, ...]:
    """Every deployment as a whole: a script, or a job with those of its run that complete it."""
    return project.cached("rollouts", lambda: tuple(_rollouts(deployments(project))))


def _rollouts(found: tuple[Deployment, ...]) -> Iterator[Deployment]:
    for each in found:
        others = [other for other in found if other is not each and other.job and other.workflow is each.workflow]
        partners = tuple(other for other in others if _complete(each, other))
        if each.job is None:
            yield each
        elif all(_rank(each) < _rank(other) for other in partners):
            foreign = frozenset(other.subject for other in others if _is_elsewhere(each, other))
            yield replace(each, partners=partners, foreign=foreign)


def _complete(one: Deployment, other: Deployment) -> bool:
    """Whether two jobs are parts of one deployment: one waits for the other, and they do not do the same twice."""
    if not (_needs(one, other) or _needs(other, one)) or _is_elsewhere(one, other):
        return False
    return _is_rescue(one) or _is_rescue(other) or not (_replaced(one) & _replaced(other))


def _rank(each: Deployment) -> tuple[bool, bool, int]:
    """The job that a deployment is named after comes first: one that replaces something, and rescues nothing."""
    return not _replaced(each), _is_rescue(each), each.span.start


def _replaced(each: Deployment) -> frozenset[str]:
    return frozenset(act.name for act, _ in each.own_acts) & REPLACES


def _is_rescue(each: Deployment) -> bool:
    """Whether a job is there for what it waits for: it restores, and nothing but that or after a look at the result."""
    if each.job is None or not each.job.needs or not any(act.name in RESTORES for act, _ in each.own_acts):
        return False
    return not _replaced(each) or (each.job.condition is not None and asks_status(each.job.condition))


def asks_status(condition: Scalar) -> bool:
    """Whether a condition asks how things have gone so far, and so knows what it does."""
    return _ASKS_STATUS.search(condition.text.value) is not None


def _needs(one: Deployment, other: Deployment) -> bool:
    """Whether a job waits for another, directly or not."""
    assert one.workflow is not None
    assert one.job is not None
    jobs = {job.id: job for job in one.workflow.jobs}
    pending, seen = [one.job], {one.job.id}
    while pending:
        for need in (str(each) for each in pending.pop().needs):
            if need in jobs and need not in seen:
                seen.add(need)
                pending.append(jobs[need])
    return other.job is not one.job and other.job is not None and other.job.id in seen


def _is_elsewhere(one: Deployment, other: Deployment) -> bool:
    """Whether two jobs say themselves that they reach different places: their environments have different names."""
    places = [_environment(each) for each in (one, other)]
    return all(places) and places[0] != places[1]


def _environment(each: Deployment) -> str:
    node = each.job.environment if each.job is not None else None
    name = at(node, "name") if isinstance(node, Mapping) else node
    return str(name).lower() if isinstance(name, Scalar) else ""
