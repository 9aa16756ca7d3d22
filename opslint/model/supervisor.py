"""What Supervisor understands: programs with their options, given or by default, and what it refuses.

    read_supervisor(document, matching)     the files it includes, merged          supervisor_merge
      -> Configuration                      options expanded and converted         supervisor_option, _expansion, _value
           .programs .groups .daemon()      by the one table of what it knows      supervisor_table, -options.json
    refusals(configuration)                 what keeps supervisord from starting   supervisor_program, _sections
    never_read(configuration)               what it does not even look at          supervisor_ignored
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from opslint.finding import Problem
from opslint.model.supervisor_expansion import Names
from opslint.model.supervisor_ignored import NeverRead, ignored
from opslint.model.supervisor_merge import (
    Machine,
    Matching,
    Merged,
    Section,
    documents_matching,
    merge,
    names_of,
)
from opslint.model.supervisor_option import Option, option
from opslint.model.supervisor_program import Process, Program, read_program
from opslint.model.supervisor_sections import (
    adds_events,
    daemon,
    fastcgi,
    inet_server,
    interface,
    item_spans,
    listener,
    problems_of,
    unix_server,
)
from opslint.model.supervisor_table import kinds
from opslint.model.supervisor_value import name as valid_name
from opslint.syntax.tree import Document, Entry

_NEVER_READ = 100  # are told of one configuration

__all__ = [
    "Configuration",
    "Group",
    "Machine",
    "NeverRead",
    "Option",
    "Process",
    "Program",
    "doubts",
    "never_read",
    "read_supervisor",
    "read_supervisors",
    "refusals",
]


@dataclass(frozen=True, slots=True)
class Group:
    """A `[group:x]`."""

    name: str
    header: Entry
    members: tuple[str, ...]  # names of programs, as they are written


@dataclass(frozen=True, eq=False)
class Configuration:
    """One file and what it includes, as supervisord would take them together. Compared by identity."""

    document: Document
    merged: Merged
    programs: tuple[Program, ...]  # event listeners and FastCGI programs too, in the order of the files
    groups: tuple[Group, ...]
    options: Mapping[str, Option] | None  # of [supervisord]; None where that section is in none of the files
    refused: tuple[Problem, ...] = field(repr=False)
    doubted: tuple[Problem, ...] = field(repr=False)

    @property
    def path(self) -> str:
        return self.document.source.path

    @property
    def documents(self) -> tuple[Document, ...]:
        """The file itself, then those it includes."""
        return self.merged.documents

    @property
    def is_fragment(self) -> bool:
        """Whether it is a file for some other one to include: it has neither [supervisord] nor [include]."""
        return self.merged.is_fragment

    def daemon(self, name: str) -> Option | None:
        """An option of `[supervisord]`, where that section is in the files."""
        return self.options.get(name) if self.options is not None else None


def read_supervisor(
    document: Document, matching: Matching = lambda pattern: (), machine: Machine | None = None
) -> Configuration:
    """A main file with what it includes, or a fragment as if a main file had included it.

    `matching` gives the files for a pattern of `[include]`, relative to the root of the repository. Of the machine
    nothing is known unless it is told: an environment variable may then have any value, and every user exists.
    """
    machine = machine or Machine()
    merged = merge(document, matching, machine)
    names = names_of(machine, document)
    section = merged.sections.get("supervisord")
    options = daemon(section, names, machine.name) if section is not None else None
    if options is not None and isinstance(options["environment"].value, Mapping):
        names = names.with_environment(options["environment"].value)
    variables = _variables(names)
    groups = tuple(_group(each, names) for each in merged.sections.values() if each.name.startswith("group:"))
    programs = _programs(merged, groups, names.plus(host_node_name=machine.name), options)
    found = [
        *merged.problems,
        *_daemon_problems(merged, options),
        *(problem for each in _sections(merged, "rpcinterface:") for problem in interface(each, variables)),
    ]
    doubted = [_no_daemon(merged)] if options is None and merged.unseen else []
    for problem, is_certain in _program_problems(merged, groups, programs, names):
        (found if is_certain else doubted).append(problem)
    for each in _sections(merged, "inet_http_server"):
        found += inet_server(each, variables)
    for each in _sections(merged, "unix_http_server"):
        found += unix_server(each, names, variables)
    by_place = {name: programs[name] for name in merged.sections if name in programs}
    return Configuration(
        document,
        merged,
        tuple(by_place.values()),
        groups,
        options,
        tuple(dict.fromkeys(found)),
        tuple(dict.fromkeys(doubted)),
    )


def read_supervisors(documents: Mapping[str, Document], machine: Machine | None = None) -> tuple[Configuration, ...]:
    """The Supervisor files of a repository by path: main files with what they include, then each fragment alone."""
    matching = documents_matching(documents, documents.get)
    found = {path: read_supervisor(document, matching, machine) for path, document in documents.items()}
    included = {each.source.path for configuration in found.values() for each in configuration.documents[1:]}
    return tuple(each for path, each in found.items() if not each.is_fragment or path not in included)


def refusals(configuration: Configuration) -> tuple[Problem, ...]:
    """Everything for which supervisord would refuse to start, in its words; the first is the one it would tell.

    What the reader could not read comes first; `configuration.merged.problems` are those alone. Left out are what
    only the machine knows (users, folders, environment variables) and what lies in files that are not here.
    """
    return configuration.refused


def doubts(configuration: Configuration) -> tuple[Problem, ...]:
    """What supervisord would refuse unless another file, which is not here, has what is missing."""
    return configuration.doubted


def never_read(configuration: Configuration) -> tuple[NeverRead, ...]:
    """The first hundred sections and options that supervisord ignores without a word, in the order of the files."""
    found = ignored(configuration.merged, frozenset(_members(configuration.groups)))
    return tuple(islice(found, _NEVER_READ))


# -- in the order in which supervisord asks -----------------------------------------------------------------------


def _variables(names: Names) -> Names:
    """The environment alone: what servers and interfaces may use."""
    return Names({}, {}, names.environment, names.any_environment)


def _sections(merged: Merged, start: str) -> Iterator[Section]:
    return (section for name, section in merged.sections.items() if name.startswith(start))


def _daemon_problems(merged: Merged, options: Mapping[str, Option] | None) -> Iterator[Problem]:
    if options is not None:
        yield from problems_of(options)
    elif not merged.is_fragment and not merged.unseen:
        yield _no_daemon(merged)


def _no_daemon(merged: Merged) -> Problem:
    return Problem(merged.documents[0].source.span(), ".ini file does not include supervisord section")


def _group(section: Section, names: Names) -> Group:
    programs = option(section, kinds()["group"].options["programs"], names)
    members = tuple(programs.value) if programs.is_known and programs.problem is None else ()
    return Group(section.name.partition(":")[2].strip(), section.headers[0], members)


def _members(groups: Iterable[Group]) -> dict[str, str]:
    """The first group of each program that is in one."""
    found: dict[str, str] = {}
    for group in groups:
        for member in group.members:
            found.setdefault(member, group.name)
    return found


def _programs(
    merged: Merged, groups: tuple[Group, ...], names: Names, options: Mapping[str, Option] | None
) -> Mapping[str, Program]:
    """Every program by the name of its section."""
    members = _members(groups)
    found = {}
    for kind in ("program", "eventlistener", "fcgi-program"):
        for section in _sections(merged, kind + ":"):
            name = section.name.partition(":")[2]
            group = name if kind == "eventlistener" else members.get(name, "")
            found[section.name] = read_program(section, kinds()[kind], names, group, options)
    return found


def _program_problems(
    merged: Merged, groups: tuple[Group, ...], programs: Mapping[str, Program], names: Names
) -> Iterator[tuple[Problem, bool]]:
    """Each problem, and whether no other file could mend it: groups first, as they read their programs themselves."""
    certain = not merged.is_fragment and not merged.unseen
    for section, group in zip(_sections(merged, "group:"), groups, strict=True):
        for problem, depends in _group_problems(section, group, programs, names):
            yield problem, certain or not depends
    members = _members(groups)
    own_events = any(adds_events(each) for each in _sections(merged, "rpcinterface:"))
    special: Mapping[str, Callable[[Section], Iterator[Problem]]] = {
        "program": lambda section: _outer(section, names),
        "eventlistener": lambda section: listener(section, kinds()["eventlistener"], names, own_events=own_events),
        "fcgi-program": lambda section: fastcgi(section, kinds()["fcgi-program"], names),
    }
    for kind, of_kind in special.items():
        for section in _sections(merged, kind + ":"):
            name = section.name.partition(":")[2]
            if kind == "eventlistener" or name not in members:
                for problem in (*_name(section, kind), *of_kind(section), *programs[section.name].problems):
                    yield problem, True


def _name(section: Section, kind: str) -> Iterator[Problem]:
    """The name of a section; that of a listener is looked at with its processes."""
    try:
        valid_name(section.name.partition(":")[2])
    except ValueError as error:
        if kind != "eventlistener":
            yield Problem(section.key.span, str(error))


def _outer(section: Section, names: Names) -> Iterator[Problem]:
    """`priority` is read for the group that a program is of its own, without the program's names."""
    yield from problems_of({"priority": option(section, kinds()["program"].options["priority"], names)})


def _group_problems(
    section: Section, group: Group, programs: Mapping[str, Program], names: Names
) -> Iterator[tuple[Problem, bool]]:
    """Each problem of a group and its programs, and whether it depends on what other files define."""
    known = kinds()["group"].options
    options = {name: option(section, known[name], names) for name in ("programs", "priority")}
    for problem in (*_name(section, "group"), *problems_of(options)):
        yield problem, False
    spans = item_spans(options["programs"])
    for member in dict.fromkeys(group.members):
        program, fastcgi_program = programs.get(f"program:{member}"), programs.get(f"fcgi-program:{member}")
        span = spans.get(member, options["programs"].span)
        if program is not None and fastcgi_program is not None:
            message = f"[{section.name}] name {member} is ambiguous (exists as program and fcgi-program)"
            yield Problem(span, message), False
        elif (found := program or fastcgi_program) is not None:
            for problem in found.problems:
                yield problem, False
        else:
            yield Problem(span, f"[{section.name}] names unknown program or fcgi-program {member}"), True
