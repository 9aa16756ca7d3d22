"""What a workflow means: its jobs and steps, with the settings that each resolves to."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field

from opslint.syntax.tree import Document, Entry, Mapping, Node, Scalar, Sequence, at, scalars

# What GitHub makes of `shell:`; anything else is a command template as it is written (facts S44).
SHELLS: Dict[str, str] = {
    "bash": "bash --noprofile --norc -e -o pipefail {0}",
    "sh": "sh -e {0}",
    "python": "python {0}",
    "pwsh": "pwsh -command \". '{0}'\"",
    "powershell": "powershell -command \". '{0}'\"",
    "cmd": '%ComSpec% /D /E:ON /V:OFF /S /C "CALL "{0}""',
}
DEFAULT_SHELL = "bash -e {0}"  # on a host with bash: no pipefail
CONTAINER_SHELL = "sh -e {0}"  # in a job's `container:`, where nobody looks for bash


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
    post: Scalar | None = None  # what it runs at the end of the job: `post`, or `post-entrypoint` of a container
    post_condition: Scalar | None = None  # `post-if`; `always()` where it is None

    @property
    def path(self) -> str:
        return self.document.source.path


def read_workflow(document: Document) -> Workflow:
    """A workflow with everything that has the right shape; what has not is left empty, others report it."""
    root = document.root
    name = _scalar(root, "name")
    unique = _Unique()
    jobs = [
        _job(entry.key, entry.value, unique.name(str(entry.key)), at(root, "defaults", "run"))
        for entry in _entries(at(root, "jobs"))
        if isinstance(entry.value, Mapping)
    ]
    return Workflow(
        document,
        str(name) if name is not None else document.source.path,  # GitHub, too, shows the path
        _events(at(root, "on")),
        tuple(jobs),
        _nodes(at(root, "env")),
        _present(at(root, "concurrency")),
    )


def read_action(document: Document) -> Action:
    """A local action; `using` is empty where it does not say, `steps` where it is not composite."""
    runs = at(document.root, "runs")
    using = _scalar(runs, "using")
    composite = using is not None and str(using) == "composite"
    steps = tuple(_steps(at(runs, "steps"), "runs", (None, None), DEFAULT_SHELL)) if composite else ()
    post = None if composite else _scalar(runs, "post") or _scalar(runs, "post-entrypoint")
    return Action(
        document, str(using or ""), steps, _nodes(at(document.root, "inputs")), post, _scalar(runs, "post-if")
    )


def _job(key: Scalar, node: Mapping, name: str, defaults: Node | None) -> Job:
    subject = f"jobs.{name}"
    container = _present(node.get("container"))
    runs_on = _present(node.get("runs-on"))
    if container is not None and str(container):
        shell = CONTAINER_SHELL
    elif any(str(label).lower().startswith("windows") for label in scalars(runs_on)):
        shell = SHELLS["pwsh"]
    else:
        shell = DEFAULT_SHELL
    services, strategy = node.get("services"), node.get("strategy")
    return Job(
        id=str(key),
        key=key,
        node=node,
        subject=subject,
        steps=tuple(_steps(node.get("steps"), subject, (at(node, "defaults", "run"), defaults), shell)),
        needs=tuple(scalars(_present(node.get("needs")))),
        condition=_scalar(node, "if"),
        runs_on=runs_on,
        uses=_scalar(node, "uses"),
        inputs=_nodes(node.get("with")),
        environment=_present(node.get("environment")),
        services=services if isinstance(services, Mapping) else None,
        container=container,
        strategy=strategy if isinstance(strategy, Mapping) else None,
        env=_nodes(node.get("env")),
        continue_on_error=_scalar(node, "continue-on-error"),
        timeout=_scalar(node, "timeout-minutes"),
        concurrency=_present(node.get("concurrency")),
        name=_scalar(node, "name"),
    )


class _Unique:
    """Names that no two things share, though a file gives them the same one."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def name(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}-{number}"
        self._taken.add(name)
        return name


def _steps(
    node: Node | None,
    owner: str,
    defaults: tuple[Node | None, ...],  # `defaults.run` of the job, then of the workflow
    shell: str,
    unique: _Unique | None = None,
    within: str = "",
) -> Iterator[Step]:
    """The steps of a list; those of a `parallel:` are numbered `3.1`, `3.2`, ... within the third."""
    unique = unique or _Unique()
    for index, item in enumerate(node.items if isinstance(node, Sequence) else ()):
        if isinstance(item, Mapping):
            id = _scalar(item, "id")
            key = unique.name(str(id) if id is not None and str(id) else f"{within}{index + 1}")
            nested = () if within else tuple(_steps(item.get("parallel"), owner, defaults, shell, unique, f"{key}."))
            yield _step(item, index, key, f"{owner}.steps.{key}", defaults, shell, nested)


def _step(
    node: Mapping,
    index: int,
    key: str,
    subject: str,
    defaults: tuple[Node | None, ...],
    shell: str,
    parallel: tuple[Step, ...],
) -> Step:
    own = _first(node, defaults, "shell")
    cancel = _scalar(node, "cancel")
    background = _scalar(node, "background")
    return Step(
        index=index,
        key=key,
        node=node,
        subject=subject,
        id=_scalar(node, "id"),
        name=_scalar(node, "name"),
        condition=_scalar(node, "if"),
        run=_scalar(node, "run"),
        uses=_scalar(node, "uses"),
        shell=SHELLS.get(str(own), str(own)) if own is not None else shell,
        inputs=_nodes(node.get("with")),
        env=_nodes(node.get("env")),
        continue_on_error=_scalar(node, "continue-on-error"),
        timeout=_scalar(node, "timeout-minutes"),
        working_directory=_first(node, defaults, "working-directory"),
        background=background is not None and background.value is True,
        wait=_wait(node),
        cancel=str(cancel) if cancel is not None else None,
        parallel=parallel,
    )


def _wait(step: Mapping) -> tuple[str, ...] | None:
    if step.get("wait-all") is not None:
        return ()
    return tuple(str(id) for id in scalars(_present(step.get("wait")))) or None


def _first(step: Mapping, defaults: tuple[Node | None, ...], key: str) -> Scalar | None:
    """A setting by its nearest place: the step, the job's defaults, the workflow's (facts S43)."""
    return next((found for each in (step, *defaults) if (found := _scalar(each, key)) and str(found)), None)


def _events(on: Node | None) -> dict[str, Node | None]:
    if isinstance(on, Mapping):
        return {str(entry.key): _present(entry.value) for entry in _entries(on)}
    return {str(name): None for name in scalars(_present(on))}


def _entries(node: Node | None) -> Iterator[Entry]:
    """Those of a mapping; a merge key, which GitHub refuses, names nothing."""
    yield from (entry for entry in node if str(entry.key) != "<<") if isinstance(node, Mapping) else ()


def _nodes(node: Node | None) -> dict[str, Node]:
    return {str(entry.key): entry.value for entry in _entries(node)}


def _present(node: Node | None) -> Node | None:
    """A node, unless it is written but null."""
    return None if isinstance(node, Scalar) and node.value is None else node


def _scalar(node: Node | None, key: str) -> Scalar | None:
    found = _present(at(node, key))
    return found if isinstance(found, Scalar) else None
