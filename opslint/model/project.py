"""A whole repository as it was read: what is set, what is run, what is referred to."""

from __future__ import annotations

import copy
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from opslint.files import Files
from opslint.finding import Problem
from opslint.model.act import Act, Acts
from opslint.model.command import Command
from opslint.model.composer import Composer
from opslint.model.library import Library
from opslint.model.workflow import Action, Step, Workflow
from opslint.syntax.script import Script, Word

if TYPE_CHECKING:
    from opslint.model.run import StepScript
    from opslint.model.supervisor import Configuration, Program

_CONTAINER_FILE = re.compile(
    r"^(?:Docker|Container)file|\.dockerfile$|^(?:docker-)?compose[\w.-]*\.ya?ml$", re.IGNORECASE
)


class Project(Library):
    """Everything that rules look at; `only(kinds)` narrows it, and shares what was read."""

    def __init__(
        self,
        files: Files,
        *,
        acts: Acts | None = None,
        named: Mapping[str, tuple[str, ...]] | None = None,
        exclude: tuple[str, ...] = (),
        before: Project | None = None,
        before_missing: str = "",
    ) -> None:
        super().__init__(files, named or {}, exclude)
        self.acts = acts or Acts.load({})
        self.before = before  # the same project at the base revision
        self.before_missing = before_missing  # why there is none, where one was to be had

    def only(self, kinds: tuple[str, ...]) -> Project:
        """The same project, its files narrowed to those kinds; `project` stands for all of them."""
        if "project" in kinds:
            return self
        narrowed = copy.copy(self)
        narrowed._kinds = frozenset(kinds)
        return narrowed

    @property
    def composers(self) -> tuple[Composer, ...]:
        """Every composer.json outside vendor: each is an application of its own."""
        return self.cached("composers", lambda: tuple(self._composers()))

    def _composers(self) -> Iterator[Composer]:
        for path, kind in self.kinds.items():
            document = self.document(path) if kind == "composer" else None
            if document is not None:
                yield Composer(document, path[: -len("composer.json")])

    def composer_of(self, path: str) -> Composer | None:
        """The application that a file belongs to: the composer.json nearest above it."""
        above = [each for each in self.composers if path.startswith(each.folder)]
        return max(above, key=lambda each: len(each.folder), default=None)

    @property
    def workflows(self) -> tuple[Workflow, ...]:
        return self.cached("workflows", lambda: tuple(self._workflows()))

    def _workflows(self) -> Iterator[Workflow]:
        from opslint.model.workflow import read_workflow

        for path, kind in self.kinds.items():
            document = self.document(path) if kind == "workflow" else None
            if document is not None:
                yield read_workflow(document)

    @property
    def actions(self) -> Mapping[str, Action]:
        """Local actions by their folder."""
        return self.cached("actions", lambda: dict(self._actions()))

    def _actions(self) -> Iterator[tuple[str, Action]]:
        from opslint.model.workflow import read_action

        for path, kind in self.kinds.items():
            document = self.document(path) if kind == "action" else None
            if document is not None:
                yield posixpath.dirname(path), read_action(document)

    @property
    def programs(self) -> tuple[Program, ...]:
        """The programs of every Supervisor file."""
        return self.cached("programs", lambda: tuple(self._programs()))

    @property
    def supervisors(self) -> tuple[Configuration, ...]:
        """Every Supervisor configuration, its included files with it."""
        return self.cached("supervisors", self._supervisors)

    def _supervisors(self) -> tuple[Configuration, ...]:
        from opslint.model.supervisor import read_supervisors

        documents = {path: self.document(path) for path in self.all_paths("supervisor")}
        return read_supervisors({path: document for path, document in documents.items() if document is not None})

    def _programs(self) -> Iterator[Program]:
        for configuration in self.supervisors:
            yield from configuration.programs

    def script(self, path: str) -> Script | None:
        """A shell script of the repository."""
        return self.cached(("script", path), lambda: self._script(path))

    def _script(self, path: str) -> Script | None:
        from opslint.syntax import shell

        source = self.source(path)
        return shell.script(source.text) if source is not None else None

    def problems(self, told_elsewhere: frozenset[str] = frozenset()) -> tuple[Problem, ...]:
        """As of any library, and the scripts that no shell could read."""
        from opslint.model.broken import broken_scripts

        broken = self.cached("broken scripts", lambda: tuple(broken_scripts(self)))
        return (*super().problems(told_elsewhere), *broken)

    def makefile(self, path: str) -> tuple[tuple[str, Script], ...]:
        """The recipe lines of a Makefile, each with its target."""
        return self.cached(("makefile", path), lambda: self._makefile(path))

    def _makefile(self, path: str) -> tuple[tuple[str, Script], ...]:
        from opslint.model.makefile import recipes

        source = self.source(path)
        return tuple(recipes(source)) if source is not None else ()

    def step_script(self, step: Step) -> StepScript | None:
        """The script that a step hands to a shell."""
        from opslint.model.run import step_script

        return self.cached(("step", id(step.node)), lambda: step_script(step))

    def commands(self) -> tuple[Command, ...]:
        """Every command that is written down in a file of these kinds, wrappers taken off."""
        wanted = (path for path, kind in self.kinds.items() if self._kinds is None or kind in self._kinds)
        return tuple(command for path in wanted for command in self.commands_of(path))

    def commands_of(self, path: str) -> tuple[Command, ...]:
        """The commands that are written in one file."""
        from opslint.model.run import commands_of

        return commands_of(self, path, self.kinds.get(path, ""))

    def act(self, command: Command) -> Act | None:
        """What a command does, if it is one of the acts."""
        return self.act_of(command.words, command.reads)

    def act_of(self, words: tuple[Word, ...], reads: str = "") -> Act | None:
        """The same of its words; a script that is here says itself what it does, where it does anything we know."""
        found = self.acts.of(words, reads)
        return None if found is not None and found.is_by_name and self._says_itself(words) else found

    def _says_itself(self, words: tuple[Word, ...]) -> bool:
        path = self.find(words[0])
        return path is not None and any(self.acts.of(each.words, each.reads) for each in self.commands_of(path))

    def act_of_step(self, step: Step) -> Act | None:
        """What an action does, if it is one of the acts."""
        return self.acts.of_uses(str(step.uses), step.inputs) if step.uses is not None else None

    def find(self, word: Word) -> str | None:
        """The file of the repository that a path in a command means, wherever the repository is deployed.

        The working directory of a remote shell is a clone somewhere: the longest tail of the path that exists
        from the root, or that exactly one file ends with, is the file.
        """
        parts = [part for part in word.value.replace("\\", "/").split("/") if part not in ("", ".")]
        while parts and (parts[0] == ".." or "$" in parts[0] or parts[0].startswith("~")):
            parts = parts[1:]
        for start in range(len(parts)):
            path = "/".join(parts[start:])
            if path in self._all:
                return path
        tail = "/" + "/".join(parts)
        ends = [path for path in self._all if path.endswith(tail)] if parts else []
        return ends[0] if len(ends) == 1 else None

    @property
    def _all(self) -> frozenset[str]:
        return self.cached("all", lambda: frozenset(self.files.paths()))

    @property
    def container_files(self) -> tuple[str, ...]:
        """The text of every Dockerfile and compose file: they name what starts a container."""
        return self.cached("containers", lambda: tuple(self._container_files()))

    def _container_files(self) -> Iterator[str]:
        for path in self.files.paths():
            if _CONTAINER_FILE.search(path.rsplit("/", 1)[-1]):
                source = self.source(path)
                if source is not None:
                    yield source.content
