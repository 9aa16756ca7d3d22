"""A program that Supervisor keeps: its options, its processes, and what supervisord refuses of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from opslint.finding import Problem
from opslint.model.supervisor_expansion import Names, expand_text, unknown_names
from opslint.model.supervisor_merge import Section
from opslint.model.supervisor_option import Option, option
from opslint.model.supervisor_table import Kind, kinds
from opslint.model.supervisor_value import environment_texts, name
from opslint.source import Text
from opslint.syntax.script import Part, Word
from opslint.syntax.tree import Entry

_PROCESSES = 1_000  # of one program are told

# In the order in which Supervisor asks for them (options.py, _processes_from_section): the first it refuses is told.
_ONCE = (
    "priority autostart autorestart startsecs startretries stopsignal stopwaitsecs stopasgroup killasgroup exitcodes "
    "redirect_stderr numprocs numprocs_start stdout_capture_maxbytes stdout_events_enabled stderr_capture_maxbytes "
    "stderr_events_enabled serverurl user umask"
).split()
_PER_PROCESS = (
    "directory stdout_logfile stdout_logfile_backups stdout_logfile_maxbytes stdout_syslog "
    "stderr_logfile stderr_logfile_backups stderr_logfile_maxbytes stderr_syslog command"
).split()
_TWICE = ("stdout_logfile", "stderr_logfile")  # expanded once more than they should


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a program; its options are those that may differ from process to process."""

    number: int | None  # `%(process_num)d`; None where it is not known
    options: Mapping[str, Option]

    @property
    def name(self) -> str:
        return str(self.options["process_name"].value)


@dataclass(frozen=True, eq=False)
class Program:
    """A `[program:x]`, `[eventlistener:x]` or `[fcgi-program:x]`. Compared by identity."""

    name: str
    kind: str  # program | eventlistener | fcgi-program
    group: str  # the first group that names it; its own name where none does
    written: Section  # its options as they are written in the merged files
    options: Mapping[str, Option]
    command: Text | None  # with the names in it replaced where they are known, for the first process
    problems: tuple[Problem, ...]  # what supervisord refuses; it tells the first and stops
    daemon: Mapping[str, Option] | None  # the options of [supervisord], where that section is in the files
    names: Names  # what its values may use

    @property
    def headers(self) -> tuple[Entry, ...]:
        """Every section of that name; where there are more, supervisord takes the last of each option."""
        return self.written.headers

    @property
    def section(self) -> Entry:
        """The first section of that name; the span of its key is the header's, brackets included."""
        return self.headers[0]

    @property
    def path(self) -> str:
        """The file that its command is written in, else the one of its section."""
        return (self.command.span if self.command is not None else self.section.key.span).path

    @property
    def subject(self) -> str:
        return f"{self.kind}:{self.name}"

    def option(self, name: str) -> Option:
        """An option that this kind of section has, as the first process has it. Raises KeyError for any other."""
        return self.options[name]

    def daemon_option(self, name: str) -> Option | None:
        """The same option of `[supervisord]`, where that section is in the files."""
        return self.daemon.get(name) if self.daemon is not None else None

    def environment_texts(self) -> tuple[tuple[str, Text], ...]:
        """The pairs of `environment=` as they are written, values without their quotes."""
        node = self.options["environment"].node
        return tuple(environment_texts(node.text)) if node is not None else ()

    def words(self) -> tuple[Word, ...]:
        """The words of the command by shlex's rules; a name that only the machine knows is a `parameter` part."""
        from opslint.syntax.command_line import words

        return tuple(_opened(word) for word in words(self.command)) if self.command is not None else ()

    @cached_property
    def processes(self) -> tuple[Process, ...]:
        """The first thousand processes; one without a number where `numprocs` is not known."""
        return self.processes_in(self.group)

    def processes_in(self, group: str) -> tuple[Process, ...]:
        """Its processes in another group that names it."""
        names, kind = self.names.plus(group_name=group), kinds()[self.kind]
        count, numbers = _numbers(self.options)
        return tuple(
            _process(self.written, kind, names.numbered(process_num=number, numprocs=count), number)
            for number in numbers
        )


def read_program(
    section: Section, kind: Kind, names: Names, group: str = "", daemon: Mapping[str, Option] | None = None
) -> Program:
    """A program of a section; `names` are those of the machine, `group` is empty where the program is its own."""
    written = section.name.partition(":")[2]
    names = names.plus(program_name=written.strip(), group_name=group or written.strip())
    options = {each: option(section, kind.options[each], names) for each in _ONCE}
    if options["killasgroup"].node is None:
        stop = options["stopasgroup"]
        options["killasgroup"] = replace(options["killasgroup"], value=stop.value, is_known=stop.is_known)
    rule = option(section, kind.options["process_name"])
    count, numbers = _numbers(options)
    number = next(iter(numbers), 0)
    inner = names.numbered(process_num=number, numprocs=count)
    process = _process(section, kind, inner, number)
    problems = (*_once(section, options, rule), *(_of_process(section, process) if numbers else ()))
    command = process.options["command"].node
    return Program(
        written.strip(),
        kind.name,
        group or written.strip(),
        section,
        {**options, **process.options},
        expand_text(command.text, _with_own(inner, process.options["environment"])) if command is not None else None,
        tuple(dict.fromkeys(problems)),
        daemon,
        names,
    )


def _numbers(options: Mapping[str, Option]) -> tuple[int | None, Sequence[int | None]]:
    """How many processes there are, None where that is not known, and the number of each."""
    count, start = _number(options["numprocs"]), _number(options["numprocs_start"])
    if count is None:
        return None, (start,)
    if start is None:
        return count, (None,) * min(max(count, 0), 1)
    return count, range(start, start + min(max(count, 0), _PROCESSES))


def _number(option: Option) -> int | None:
    return option.value if option.is_known and option.is_valid else None


def _process(section: Section, kind: Kind, names: Names, number: int | None) -> Process:
    environment = option(section, kind.options["environment"], names, label="environment")
    names = _with_own(names, environment)
    options = {"environment": environment}
    for each in _PER_PROCESS:
        options[each] = option(section, kind.options[each], *[names] * (2 if each in _TWICE else 1))
    named = option(section, kind.options["process_name"], names, label="process_name")
    if named.node is None:
        named = replace(named, value=names.known["program_name"])
    options["process_name"] = named
    return Process(number, options)


def _with_own(names: Names, environment: Option) -> Names:
    """Names, and the variables that the program sets itself."""
    if environment.is_known and environment.is_valid:
        return names.with_environment(environment.value)
    return names


def _once(section: Section, options: Mapping[str, Option], rule: Option) -> Iterator[Problem]:
    """What is refused before the first process is looked at; `rule` is `process_name` as it is written."""
    try:
        name(section.name.partition(":")[2])
    except ValueError as error:
        yield Problem(section.key.span, str(error))
    yield from (each.problem for each in options.values() if each.problem is not None)
    try:
        name(str(rule.value))
    except ValueError as error:
        yield Problem(rule.span, str(error))
    numprocs, stop, kill = options["numprocs"], options["stopasgroup"], options["killasgroup"]
    count = _number(numprocs)
    if count is not None and count > 1 and "%(process_num)" not in str(rule.value):
        place = rule if rule.node is not None else numprocs
        yield Problem(place.span, "%(process_num) must be present within process_name when numprocs > 1")
    if stop.is_known and stop.value is True and kill.is_known and kill.value is False:
        yield Problem(kill.span, "Cannot set stopasgroup=true and killasgroup=false")


def _of_process(section: Section, process: Process) -> Iterator[Problem]:
    """In Supervisor's order: the name of the process is expanded last."""
    for each in process.options.values():
        if each.problem is not None:
            yield each.problem
        elif each.name == "command" and each.node is None:
            yield Problem(section.key.span, f"program section {section.name} does not specify a command")


def _opened(word: Word) -> Word:
    """A word whose unknown names are parts of their own."""
    return replace(word, parts=tuple(piece for part in word.parts for piece in _pieces(part)))


def _pieces(part: Part) -> Iterator[Part]:
    at = 0
    for start, end, called in unknown_names(part.text):
        if start > at:
            yield replace(part, text=part.text[at:start])
        yield Part("parameter", part.text[start:end], part.quoted, called)
        at = end
    if at < len(part.text) or at == 0:
        yield replace(part, text=part.text[at:])
