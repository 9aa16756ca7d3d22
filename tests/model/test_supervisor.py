"""What Supervisor understands, refuses and ignores; held to Supervisor itself."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslint.model.kinds import kind_of as kind_of_file
from opslint.model.supervisor import (
    Configuration,
    Machine,
    Program,
    doubts,
    never_read,
    read_supervisor,
    read_supervisors,
    refusals,
)
from opslint.model.supervisor_merge import documents_matching
from opslint.model.supervisor_sections import event_types
from opslint.model.supervisor_table import kind_of, kinds, schema
from opslint.model.supervisor_value import CONVERSIONS, SIGNALS, environment, environment_texts
from opslint.source import Source
from opslint.syntax import ini
from tests.oracles import supervisor_oracle as oracle

# -- the real Supervisor ------------------------------------------------------------------------------------------


def compared(files: Mapping[str, str], main: str) -> list[str]:
    """How opslint and Supervisor differ over these files."""
    pytest.importorskip("supervisor", reason="Supervisor is not installed")
    documents = {path: ini.read(Source(path, content)) for path, content in files.items()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        machine = Machine(str(folder), oracle.HOST, oracle.ENVIRONMENT)
        ours = read_supervisor(documents[main], documents_matching(documents, documents.get), machine)
        answer = oracle.ask(folder, *(oracle.wrapped(files, main) if ours.is_fragment else (files, main)))
    found = [*_reasons(ours, answer)]
    if found or answer.reason is not None:
        return found
    return [*_programs(ours, answer), *_daemon(ours, answer), *_ignored(ours, answer)]


def _reasons(ours: Configuration, answer: oracle.Answer) -> Iterator[str]:
    told = [*refusals(ours)[:1], *doubts(ours)]
    if answer.reason is None:
        yield from (f"only we refuse it: {problem.message} at {problem.span}" for problem in told)
        return
    reason = oracle.plain(answer.reason)
    if "Unknown event type" in reason:  # it takes them from a set
        told = [*refusals(ours), *doubts(ours)]
    if reason not in {oracle.plain(problem.message) for problem in told}:
        yield f"it says {reason!r}, we say {[problem.message for problem in told]}"
    lines = oracle.lines_of(answer.reason)
    if lines:
        path = told[0].span.path
        mine = [problem.span.place[0] for problem in ours.merged.problems if problem.span.path == path]
        if tuple(mine[: len(lines)]) != lines and tuple(dict.fromkeys(mine)) != lines:
            yield f"it names lines {lines}, we name {mine}"


def _programs(ours: Configuration, answer: oracle.Answer) -> Iterator[str]:
    theirs = [(group, process["name"], process) for group, _, each in answer.groups for process in each]
    mine = [(group, process.name, _as_theirs(program, process)) for group, program, process in _processes(ours)]
    for one, other in zip_longest(sorted(theirs, key=_order), sorted(mine, key=_order)):
        if one is None or other is None or one[:2] != other[:2]:
            yield f"its process {one and one[:2]}, ours {other and other[:2]}"
        else:
            yield from (
                f"{name} of {one[:2]}: its {one[2][name]!r}, ours {other[2][name]!r}"
                for name in one[2]
                if one[2][name] != other[2][name] and "{'" not in str(one[2][name])  # a bare `%s` prints all names
            )


def _order(process: tuple[str, str, Mapping[str, Any]]) -> str:
    """Two sections may make processes of one name; a command may hold names in another order."""
    return str((*process[:2], {name: value for name, value in process[2].items() if "{'" not in str(value)}))


def _processes(ours: Configuration) -> Iterator[tuple[str, Program, Any]]:
    grouped = {member for group in ours.groups for member in group.members}
    for group in ours.groups:
        for member in group.members:
            for program in ours.programs:
                if program.written.name in (f"program:{member}", f"fcgi-program:{member}"):
                    yield from ((group.name, program, process) for process in program.processes_in(group.name))
    for program in ours.programs:
        if program.kind == "eventlistener" or program.written.name.partition(":")[2] not in grouped:
            yield from ((program.group, program, process) for process in program.processes)


def _as_theirs(program: Program, process: Any) -> dict[str, Any]:
    options = {**program.options, **process.options}
    value = {name: option.value for name, option in options.items()}
    for stream in ("stdout", "stderr"):
        log = value[f"{stream}_logfile"]
        if log == "syslog":
            value[f"{stream}_syslog"] = True
        value[f"{stream}_logfile"] = None if log in ("NONE", "syslog") else log
    if value["redirect_stderr"]:
        value["stderr_logfile"] = None
    daemon = program.daemon_option("environment")
    value |= {
        "name": value["process_name"],
        "uid": value["user"],
        "stopsignal": SIGNALS.get(value["stopsignal"]) if not value["stopsignal"].isdigit() else int(value["stopsignal"]),
        "exitcodes": list(value["exitcodes"]),
        "environment": {**(daemon.value if daemon else {}), **value["environment"]},
        "serverurl": None if value["serverurl"] == "AUTO" else value["serverurl"],
    }
    if program.kind == "eventlistener" and options["priority"].node is None:
        value["priority"] = 999  # of the process; the group's is -1
    from supervisor.options import ProcessConfig

    return {name: value[name] for name in (*ProcessConfig.req_param_names, *ProcessConfig.optional_param_names)}


def _daemon(ours: Configuration, answer: oracle.Answer) -> Iterator[str]:
    from supervisor.loggers import getLevelNumByDescription

    for name, theirs in answer.daemon.items():
        option = ours.daemon(name)
        if option is None or name in ("profile_options",) or (name == "childlogdir" and option.node is None):
            continue
        mine = getLevelNumByDescription(option.value) if name == "loglevel" else option.value
        if mine != theirs:
            yield f"[supervisord] {name}: its {theirs!r}, our {mine!r}"


def _ignored(ours: Configuration, answer: oracle.Answer) -> Iterator[str]:
    """Options that Supervisor never asks for are those that we say it never reads."""
    idle = {program.written.name for program in ours.programs if not program.processes}
    found = {
        (str(each.section.key), str(entry.key))
        for each in never_read(ours)
        for entry in each.section.value  # type: ignore[union-attr]
        if each.is_section or entry.key is each.key
    }
    for section, option in answer.written:
        kind = kind_of(section)
        if section in idle or (kind is not None and kind.name in ("supervisorctl", "ctlplugin", "include")):
            continue
        asked = (section, option) in answer.asked
        if asked == ((section, option) in found):
            yield f"{option} of [{section}] is {'' if asked else 'not '}asked for"


@pytest.mark.oracle
def test_the_corpus_means_what_it_means_to_supervisor() -> None:
    pytest.importorskip("supervisor", reason="Supervisor is not installed")
    corpus = os.environ.get("OPSLINT_CORPUS")
    if not corpus:
        pytest.skip("OPSLINT_CORPUS names no folder of files")
    count = 0
    for path in sorted((*Path(corpus).rglob("*.conf"), *Path(corpus).rglob("*.ini"))):
        content = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
        if kind_of_file(path.name, lambda content=content: content, {}) == "supervisor":
            assert compared({"etc/" + path.name: content}, "etc/" + path.name) == [], path
            count += 1
    assert count > 100


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(int(os.environ.get("OPSLINT_SUPERVISOR_FILES", "200")) // 50))
def test_generated_files_mean_what_they_mean_to_supervisor(seed: int) -> None:
    """Fifty configurations each; OPSLINT_SUPERVISOR_FILES says how many in all."""
    for number in range(seed * 50, seed * 50 + 50):
        files, main = oracle.generated(Random(number))
        assert compared(files, main) == [], f"seed {number}: {files}"


# -- options ------------------------------------------------------------------------------------------------------


def configuration(content: str, **files: str) -> Configuration:
    """`supervisor.conf`, and other files in `conf.d/`."""
    documents = {f"conf.d/{name}.conf": ini.read(Source(f"conf.d/{name}.conf", each)) for name, each in files.items()}
    main = ini.read(Source("supervisor.conf", content))
    return read_supervisor(main, documents_matching(documents, documents.get))


def program(options: str, kind: str = "program") -> Program:
    (found,) = configuration(f"[{kind}:web]\n{options}\n").programs
    return found


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("autostart", "Yes", True),
        ("autorestart", "true", True),
        ("autorestart", "UNEXPECTED", "unexpected"),
        ("stopwaitsecs", "3600", 3600),
        ("stdout_logfile_maxbytes", "10 mb", 10 * 1024**2),
        ("stdout_logfile_maxbytes", "0", 0),
        ("umask", "022", 0o22),
        ("stopsignal", "sigquit", "QUIT"),
        ("stopsignal", "15", "TERM"),
        ("exitcodes", "0, 2", (0, 2)),
        ("stdout_logfile", "/var/log/%(program_name)s.log", "/var/log/web.log"),
        ("stderr_logfile", "off", "NONE"),
        ("environment", 'A="1",B=2', {"A": "1", "B": "2"}),
        ("process_name", "%(group_name)s_%(process_num)02d", "web_00"),
    ],
)
def test_an_option_is_converted(name: str, written: str, value: object) -> None:
    option = program(f"command=x\n{name}={written}").option(name)
    assert (option.value, option.is_known, option.is_valid) == (value, True, True)
    assert option.node is not None
    assert option.span.written == written


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("autostart", True),
        ("autorestart", "unexpected"),
        ("stopwaitsecs", 10),
        ("stopsignal", "TERM"),
        ("stdout_logfile", "AUTO"),
        ("exitcodes", (0,)),
        ("user", None),
        ("process_name", "web"),
        ("environment", {}),
    ],
)
def test_a_default_stands_at_the_header(name: str, value: object) -> None:
    option = program("command=x").option(name)
    assert (option.value, option.node, option.span.written) == (value, None, "[program:web]")


def test_killasgroup_follows_stopasgroup() -> None:
    assert program("command=x\nstopasgroup=true").option("killasgroup").value is True
    assert program("command=x\nstopasgroup=%(ENV_X)s").option("killasgroup").is_known is False


def test_the_last_of_an_option_counts() -> None:
    found = configuration("[program:a]\nuser=one\nUSER=two\n[program:a]\ncommand=x\n").programs
    assert [(each.option("user").value, len(each.headers)) for each in found] == [("two", 2)]


def test_an_option_that_the_section_has_not() -> None:
    with pytest.raises(KeyError):
        program("command=x").option("events")


@pytest.mark.parametrize("written", ["%(ENV_X)s", "a%(ENV_X)s", "%(here)s", "%(host_node_name)s"])
def test_what_only_the_machine_knows(written: str) -> None:
    option = program(f"command=x\nuser={written}\nnumprocs={written}").option("user")
    assert (option.value, option.is_known, option.is_valid) == (written, False, True)


def test_a_variable_that_the_file_sets_is_known() -> None:
    found = configuration('[supervisord]\nenvironment=A="1"\n[program:w]\nenvironment=B="2"\ncommand=x %(ENV_A)s%(ENV_B)s\n')
    assert found.programs[0].option("command").value == "x 12"


def test_processes() -> None:
    found = program("command=x\nnumprocs=3\nnumprocs_start=5\nprocess_name=p%(process_num)d of %(numprocs)s")
    assert [process.number for process in found.processes] == [5, 6, 7]
    assert program("command=x\nnumprocs=0").processes == ()
    (unknown,) = program("command=x\nnumprocs=%(ENV_N)s\nprocess_name=%(process_num)d").processes
    assert (unknown.number, unknown.options["process_name"].is_known) == (0, True)
    assert len(program("command=x\nnumprocs=1_000_000\nprocess_name=%(process_num)d").processes) == 1_000


def test_a_format_that_would_fill_the_memory_is_not_formatted() -> None:
    option = program("command=%(program_name)999999999s").option("command")
    assert (option.is_known, option.is_valid) == (False, True)


# -- commands and environment -------------------------------------------------------------------------------------


def test_the_command_knows_its_places() -> None:
    found = program("command=php artisan queue:work --queue=%(program_name)s --name=%%x\n  --tries=3")
    assert found.command is not None
    assert found.command.value == "php artisan queue:work --queue=web --name=%x\n--tries=3"
    assert [(word.value, word.raw.span.written) for word in found.words()[3:]] == [
        ("--queue=web", "--queue=%(program_name)s"),
        ("--name=%x", "--name=%%x"),
        ("--tries=3", "--tries=3"),
    ]


def test_a_word_that_only_the_machine_knows_is_no_literal() -> None:
    words = program("command=php --memory=%(ENV_MEMORY)s '%(here)s/x' %%(ENV_A)s").words()
    assert [(word.value, word.is_literal) for word in words] == [
        ("php", True),
        ("--memory=%(ENV_MEMORY)s", False),
        ("%(here)s/x", False),
        ("%(ENV_A)s", True),
    ]
    assert [(part.kind, part.name, part.text.value) for part in words[1].parts] == [
        ("literal", "", "--memory="),
        ("parameter", "ENV_MEMORY", "%(ENV_MEMORY)s"),
    ]


def test_the_pairs_of_an_environment_stand_where_they_are_written() -> None:
    found = program("command=x\nenvironment=A=\"one, two\",\n  B='3' , C=plain/x.y")
    assert [(name, text.value, text.span.written) for name, text in found.environment_texts()] == [
        ("A", "one, two", "one, two"),
        ("B", "3", "3"),
        ("C", "plain/x.y", "plain/x.y"),
    ]
    assert program("command=x").environment_texts() == ()


PAIRS = st.text(alphabet="AB=,\"' ab/-$@\n", max_size=20)


@given(PAIRS)
def test_the_places_of_pairs_agree_with_shlex(text: str) -> None:
    try:
        pairs = environment(text)
    except ValueError:
        return
    assert {name: each.value for name, each in environment_texts(Source("x", text).text)} == pairs


# -- files --------------------------------------------------------------------------------------------------------


MAIN = "[supervisord]\nuser=root\n[include]\nfiles=conf.d/*.conf\n"


def test_included_files_are_merged() -> None:
    found = configuration(MAIN, b="[program:x]\nuser=b\n", a="[program:x]\ncommand=x\nuser=a\n[program:y]\ncommand=y\n")
    assert [(each.subject, each.option("user").value, each.path) for each in found.programs] == [
        ("program:x", "b", "conf.d/a.conf"),
        ("program:y", None, "conf.d/a.conf"),
    ]
    assert [document.source.path for document in found.documents] == ["supervisor.conf", "conf.d/a.conf", "conf.d/b.conf"]
    user = found.programs[1].daemon_option("user")
    assert user is not None
    assert user.value == "root"


def test_each_file_of_a_repository_is_read_once() -> None:
    contents = {"etc/main.conf": MAIN, "etc/conf.d/a.conf": "[program:a]\ncommand=a\n", "b.conf": "[program:b]\ncommand=b\n"}
    documents = {path: ini.read(Source(path, content)) for path, content in contents.items()}
    found = read_supervisors(documents)
    assert [(each.path, each.is_fragment, [one.name for one in each.programs]) for each in found] == [
        ("etc/main.conf", False, ["a"]),
        ("b.conf", True, ["b"]),
    ]


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("conf.d/*.conf", ["conf.d/a.conf"]),
        ("*/*", ["conf.d/a.conf"]),
        ("conf.d/.*", ["conf.d/.h.conf"]),
        ("**", ["main.conf"]),
        ("conf.d/a.conf", ["conf.d/a.conf"]),
        ("conf.d/[b-z].conf", []),
    ],
)
def test_patterns_match_as_glob_does(pattern: str, matches: list[str]) -> None:
    paths = ("main.conf", "conf.d/a.conf", "conf.d/.h.conf", "conf.d/deep/b.conf")
    documents = {path: ini.read(Source(path, "")) for path in paths}
    found = documents_matching(documents, documents.get)(pattern)
    assert [document.source.path for document in found] == matches


# -- refusals -----------------------------------------------------------------------------------------------------


def told(content: str, **files: str) -> list[tuple[str, str]]:
    """What is refused, by what is written there."""
    return [(problem.span.written, problem.message) for problem in refusals(configuration(content, **files))]


@pytest.mark.parametrize(
    ("options", "place", "message"),
    [
        ("stopwaitsecs=60s", "60s", "invalid literal for int() with base 10: '60s'"),
        ("autostart=y", "y", "not a valid boolean value: 'y'"),
        ("autorestart=always", "always", "invalid 'autorestart' value 'always'"),
        ("stopsignal=TREM", "TREM", "value 'TREM' is not a valid signal name"),
        ("exitcodes=0 2", "0 2", "not a valid list of exit codes: '0 2'"),
        ("umask=rw", "rw", "rw can not be converted to an octal type"),
        ("environment=A=a@b", "A=a@b", "Unexpected end of key/value pairs in value 'A=a@b'"),
        ("numprocs=2", "2", "%(process_num) must be present within process_name when numprocs > 1"),
        ("stopasgroup=1\nkillasgroup=0", "0", "Cannot set stopasgroup=true and killasgroup=false"),
        ("process_name=a:b", "a:b", "Invalid name: 'a:b' because of character: ':'"),
        (
            "user=%Y",
            "%Y",
            "Format string '%Y' for 'program:web.user' is badly formatted: unsupported format character 'Y' (0x59) at index 1",
        ),
        (
            "user=%(nope)s",
            "%(nope)s",
            "Format string '%(nope)s' for 'program:web.user' contains names ('nope') which cannot be expanded. "
            "Available names: group_name, here, host_node_name, program_name",
        ),
    ],
)
def test_what_a_program_is_refused_for(options: str, place: str, message: str) -> None:
    assert told(f"[program:web]\ncommand=x\n{options}\n") == [(place, message)]


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("[program:a]\n", "[program:a]", "program section program:a does not specify a command"),
        ("[program:a b]\ncommand=x\n", "[program:a b]", "Invalid name: 'a b' because of character: ' '"),
        ("[supervisord]\nloglevel=warning\n", "warning", "bad logging level name 'warning'"),
        ("[supervisord]\n[include]\n", "[include]", ".ini file has [include] section, but no files setting"),
        (
            "[supervisord]\n[program:w]\ncommand=x\n[group:g]\nprograms=w, z\n",
            "z",
            "[group:g] names unknown program or fcgi-program z",
        ),
        ("[eventlistener:e]\ncommand=x\n", "[eventlistener:e]", '[eventlistener:e] section requires an "events" line'),
        (
            "[eventlistener:e]\ncommand=x\nevents=EVENT,tick_6\n",
            "tick_6",
            "Unknown event type TICK_6 in [eventlistener:e] events",
        ),
        ("[fcgi-program:f]\ncommand=x\n", "[fcgi-program:f]", '[fcgi-program:f] section requires a "socket" line'),
        ("[inet_http_server]\nport=70000\n", "70000", "not a valid port number: '70000' "),
        ("[unix_http_server]\nfile=x\nchmod=rw\n", "rw", "Invalid chmod value rw"),
        (
            "[rpcinterface:x]\n",
            "[rpcinterface:x]",
            "section [rpcinterface:x] does not specify a supervisor.rpcinterface_factory",
        ),
    ],
)
def test_what_is_refused(content: str, place: str, message: str) -> None:
    assert told(content) == [(place, message)]


@pytest.mark.parametrize(
    "content",
    [
        "[program:a]\ncommand=x\n",
        pytest.param("[program:a]\nnumprocs=0\n", id="no process needs no command"),
        pytest.param("[program:a]\ncommand=sh -c 'a\n", id="quotes are looked at when it is started"),
        pytest.param("[program:a]\ncommand=x\nuser=nobody-knows\ndirectory=/nowhere\n", id="only the machine knows"),
        pytest.param("[program:a]\ncommand=x %(ENV_X)s\nnumprocs=%(ENV_N)s\n", id="variables of the machine"),
        pytest.param("[group:g]\nprograms=elsewhere\n", id="another fragment may have it"),
        pytest.param("[eventlistener:e]\ncommand=x\nevents=OWN\n[rpcinterface:x]\nsupervisor.rpcinterface_factory=a:b\n", id="own"),
        "",
    ],
)
def test_what_is_not_refused(content: str) -> None:
    assert told(content) == []


def test_real_values_fit_the_schema() -> None:
    """What is converted without a complaint is what the schema describes."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(schema())
    for number in range(100):
        files, main = oracle.generated(Random(number))
        documents = {path: ini.read(Source(path, content)) for path, content in files.items()}
        found = read_supervisor(documents[main], documents_matching(documents, documents.get))
        for each in found.programs if not refusals(found) else ():
            options = [option for option in each.options.values() if option.node is not None and option.is_known]
            values = {option.name: option.value for option in options}
            lists = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
            if each.kind == "program" and "command" in values:
                assert [error.message for error in validator.iter_errors({"program:x": lists})] == [], number


def test_a_fragment_alone_cannot_say_what_is_missing() -> None:
    (problem,) = doubts(configuration("[group:g]\nprograms=elsewhere\n"))
    assert problem.span.written == "elsewhere"
    assert doubts(configuration("[program:elsewhere]\ncommand=x\n[group:g]\nprograms=elsewhere\n")) == ()


def test_an_included_main_file_that_is_not_here() -> None:
    octane = "[program:a]\ncommand=x\n[include]\nfiles=/etc/supervisord.conf\n"
    assert told(octane) == []
    assert [problem.message for problem in doubts(configuration(octane))] == [
        ".ini file does not include supervisord section"
    ]


def test_refusals_come_in_supervisors_order() -> None:
    content = "[program:a]\ncommand=%Y\nstopwaitsecs=x\n[supervisord]\nminfds=y\n= z\n"
    assert [place for place, _ in told(content)] == ["= z", "y", "x", "%Y"]


# -- what is never read -------------------------------------------------------------------------------------------


def unread(content: str, **files: str) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(str(each.key), each.candidates[:1], each.belongs_to[:1]) for each in never_read(configuration(content, **files))]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[program:a]\nstopastype=1\n", ("stopastype", ("stopasgroup",), ())),
        ("[program:a]\nminfds=1\n", ("minfds", (), ("[supervisord]",))),
        ("[program:a]\n--tries=3\n", ("--tries", (), ())),
        ("[ program:w ]\n", (" program:w ", ("program:w",), ())),
        ("[Program:w]\n", ("Program:w", ("program:w",), ())),
        ("[programs:w]\n", ("programs:w", ("program:w",), ())),
        ("[supervisor]\n", ("supervisor", ("supervisord",), ())),
        ("[nginx]\n", ("nginx", (), ())),
        ("[DEFAULT]\nfoo=1\n", ("foo", (), ())),
        ("[fcgi-program:f]\nsocket=x\n[group:g]\nprograms=f\n", ("socket", (), ())),
    ],
)
def test_what_is_never_read(content: str, expected: tuple[object, ...]) -> None:
    assert unread(content) == [expected]


@pytest.mark.parametrize(
    "content",
    [
        "[program:a]\nCommand=x\nnumprocs=0\n",
        "[rpcinterface:x]\nanything=goes\n",
        "[supervisorctl]\nprompt=x\n",
        "[DEFAULT]\nuser=x\n",
        "[inet_http_server:two]\nport=1\n",
        "[fcgi-program:f]\nsocket=x\n",
        MAIN,
    ],
)
def test_what_is_read(content: str) -> None:
    assert unread(content) == []


def test_an_include_in_an_included_file_is_not_followed() -> None:
    assert [name for name, *_ in unread(MAIN, a="[include]\nfiles=x\n[program:p]\nfoo=1\n")] == ["include", "foo"]


# -- the table ----------------------------------------------------------------------------------------------------


def test_the_table_is_a_schema_and_its_defaults_fit() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema())
    validator = Draft202012Validator(schema())
    instance = {f"{name}:x" if kind.title.endswith(":x]") else name: _least(name) for name, kind in kinds().items()}
    assert [error.message for error in validator.iter_errors(instance)] == []
    assert not validator.is_valid({"program:x": {"command": "x", "stopastype": True}})
    assert not validator.is_valid({"programs:x": {"command": "x"}})
    assert {known.type for kind in kinds().values() for known in kind.options.values()} <= set(CONVERSIONS)
    assert all(known.description for kind in kinds().values() for known in kind.options.values())


_REQUIRED = {
    "command": "x",
    "events": ["EVENT"],
    "socket": "tcp://localhost:9000",
    "file": "/run/s.sock",
    "files": "*.conf",
    "port": ["", 9001],
    "supervisor.rpcinterface_factory": "a:b",
    "supervisor.ctl_factory": "a:b",
}


def _least(kind: str) -> dict[str, Any]:
    """A section with what it must have, and with every default."""
    options = {name: _REQUIRED.get(name, known.default) for name, known in kinds()[kind].options.items()}
    lists = {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}
    plain = {name: dict(value) if isinstance(value, Mapping) else value for name, value in lists.items()}
    return {name: value for name, value in plain.items() if value is not None}


@pytest.mark.oracle
def test_the_table_knows_every_event_and_signal() -> None:
    events = pytest.importorskip("supervisor.events", reason="Supervisor is not installed")
    names = {name for name in vars(events.EventTypes) if not name.startswith("_")}
    assert set(event_types()) == names
    if sys.platform == "linux":
        found = {name[3:]: int(getattr(signal, name)) for name in dir(signal) if name.startswith("SIG")}
        assert found.items() <= SIGNALS.items()
