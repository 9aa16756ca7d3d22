"""Deployments that a platform carries out: it starts new containers, or is told by a hook to deploy."""

from __future__ import annotations

import re
from typing import Literal

from opslint.model.act import Act
from opslint.model.command import Command
from opslint.model.deployment import Deployment
from opslint.model.workflow import Step

# What replaces every process of the application by one with the new code.
_ROLLS_OUT = re.compile(
    r"kubectl|helm|gcloud|aws|fly|flyctl|railway|eb|serverless|sls|vapor|cloud|docker (?:stack|service)"
    r"|git push .*(?:heroku|dokku)"
)
_ROLLS_OUT_BY = re.compile(r"heroku|dokku|ecs-deploy|beanstalk|webapps-deploy|cloudrun|app_action|render")
# What only asks somebody else to deploy: the script that does it stands there.
_HOOKS = re.compile(r"curl|wget|https?|forge")
_HOOKS_BY = re.compile(r"hook|forge|ploi")
UNSEEN = "what the platform does behind this hook is not to be seen: it is not in this repository"
HINT = "say by an exception with its reason that the platform takes care of it"
_BUILDS = frozenset({"pull", "build", "--build"})


def platform_of(deployment: Deployment, acts: tuple[str, ...]) -> Literal["containers", "hook"] | None:
    """What does all of these acts of a deployment, where it is neither a host that is logged in to nor a copy."""
    kinds = {_kind(act, what) for act, what in deployment.acts if act.name in acts}
    if kinds and None not in kinds:
        return "hook" if "hook" in kinds else "containers"
    return None


def _kind(act: Act, what: Command | Step) -> Literal["containers", "hook"] | None:
    if isinstance(what, Step):
        by = str(what.uses or "").lower()
        return "containers" if _ROLLS_OUT_BY.search(by) else "hook" if _HOOKS_BY.search(by) else None
    words = " ".join([what.words[0].value.rsplit("/", 1)[-1], *(word.value for word in what.words[1:])])
    if re.match(rf"(?:{_ROLLS_OUT.pattern})(?:\s|$)", words):
        return "containers"
    uploads = any(word.value in ("-T", "--upload-file") for word in what.words)
    return "hook" if act.is_remote and not uploads and re.match(rf"(?:{_HOOKS.pattern})\s", words) else None


def ships_images(deployment: Deployment) -> bool:
    """Whether the host pulls or builds images: these carry their dependencies."""
    return any(
        command.words[0].value.rsplit("/", 1)[-1] in ("docker", "docker-compose", "podman", "podman-compose")
        and any(word.value in _BUILDS for word in command.words[1:])
        for part in deployment.parts
        for command in part.commands
    )
