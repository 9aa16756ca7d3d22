"""What a workflow means: its jobs and steps, with the settings that each resolves to."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field

from opslint.syntax.tree import Document, Mapping, Node, Scalar


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job or of a composite action."""

    index: int  # from 0
    key: str  # its `id`, else its number from 1: the last part of its subject
    node: Mapping
    subject: str  # jobs.deploy.steps.migrate
    id: Scalar | None = None
    name: Scalar | None = None
    condition: Scalar | None = None  # `if:`
    run: Scalar | None = None
    uses: Scalar | None = None
    shell: str = "bash -e {0}"  # resolved command template (facts S43, S44); may be anything
    inputs: Dict[str, Node] = field(default_factory=dict)  # `with:`
    env: Dict[str, Node] = field(default_factory=dict)  # the step's own
    continue_on_error: Scalar | None = None
    timeout: Scalar | None = None  # `timeout-minutes`
    working_directory: Scalar | None = None  # resolved through defaults
    background: bool = False
    wait: tuple[str, ...] | None = None  # ids; () is `wait-all`
    cancel: str | None = None
    parallel: tuple[Step, ...] = ()

    @property
    def title(self) -> str:
        """What GitHub would show: the name, else what it runs or uses."""
        for scalar in (self.name, self.uses, self.run):
            if scalar is not None and str(scalar).strip():
                return str(scalar).strip().splitlines()[0]
        return self.key


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    key: Scalar  # the id where it is written
    node: Mapping
    subject: str  # jobs.deploy
    steps: tuple[Step, ...] = ()
    needs: tuple[Scalar, ...] = ()
    condition: Scalar | None = None
    runs_on: Node | None = None
    uses: Scalar | None = None  # a reusable workflow
    inputs: Dict[str, Node] = field(default_factory=dict)
    environment: Node | None = None
    services: Mapping | None = None
    container: Node | None = None
    strategy: Mapping | None = None
    env: Dict[str, Node] = field(default_factory=dict)
    continue_on_error: Scalar | None = None
    timeout: Scalar | None = None
    concurrency: Node | None = None
    name: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    document: Document
    name: str
    events: Dict[str, Node | None]  # by trigger: `pull_request` -> its filters
    jobs: tuple[Job, ...]
    env: Dict[str, Node] = field(default_factory=dict)
    concurrency: Node | None = None

    @property
    def path(self) -> str:
        return self.document.source.path

    def job(self, id: str) -> Job | None:
        return next((job for job in self.jobs if job.id == id), None)


@dataclass(frozen=True, slots=True)
class Action:
    """A local action: `action.yml`. `steps` is empty unless it is composite."""

    document: Document
    using: str  # composite | node20 | docker | ...
    steps: tuple[Step, ...] = ()
    inputs: Dict[str, Node] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return self.document.source.path
