"""Every format: its shape by schema, and a hostile repository that stays a text in it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
import zlib
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from opslint.finding import SITE, Note, Report, Severity
from opslint.report import data, text
from opslint.report.formats import FORMATS
from opslint.report.moved import moved
from opslint.source import Source
from tests.report.runner import obeyed
from tests.report.samples import HOSTILE, NO_BASE, NO_MEMORY, STAYS_DOWN, USUAL, finding, hostile_report, report

HERE = Path(__file__).parent
SCHEMAS = {
    "json": HERE.parent.parent / "opslint" / "report" / "report.schema.json",
    **{name: HERE.parent / "data" / f"{name}.schema.json" for name in ("sarif", "gitlab", "rdjson")},
}
EMPTY = report()
NAMES = [ascii(text[:24]) for text in HOSTILE]
REPORTS = [USUAL, EMPTY, *map(hostile_report, HOSTILE)]
REPORT_NAMES = ["usual", "empty", *NAMES]


@cache
def rendered(name: str, index: int) -> str:
    return FORMATS[name](REPORTS[index])


@cache
def validator(name: str) -> Draft202012Validator:
    schema = json.loads(SCHEMAS[name].read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [*value, *(each for item in value.values() for each in strings(item))]
    return [each for item in value for each in strings(item)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("index", range(len(REPORTS)), ids=REPORT_NAMES)
def test_json_formats_have_their_schemas_shape(name: str, index: int) -> None:
    validator(name).validate(json.loads(rendered(name, index)))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_are_strict(name: str) -> None:
    """A key more, or a key less, anywhere in what is emitted is an error."""
    shape = json.loads(FORMATS[name](USUAL))
    objects = [each for each in _objects(shape) if each and not _is_state(each)]
    for each in objects:
        each["unknown"] = 1
        assert not validator(name).is_valid(shape), each
        del each["unknown"]
    validator(name).validate(shape)


def _objects(value: Any) -> list[dict[str, Any]]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return ([value] if isinstance(value, dict) else []) + [each for item in inner for each in _objects(item)]


def _is_state(value: dict[str, Any]) -> bool:
    return set(value) == {"maintenance"}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("index", range(2, len(REPORTS)), ids=NAMES)
def test_nothing_is_obeyed_and_no_terminal_is_moved(name: str, index: int) -> None:
    log = rendered(name, index)
    commands = obeyed(log)
    assert commands == (["error", "warning", "notice", "stop-commands"] if name == "github" else [])
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", log)
    assert not re.search("[\u2028\u2029\ufeff\ufffe\uffff]", log)
    log.encode()


@pytest.mark.parametrize("name", ["json", "gitlab", "rdjson", "sarif"])
@pytest.mark.parametrize("index", range(2, len(REPORTS)), ids=NAMES)
def test_the_values_in_json_are_harmless_too(name: str, index: int) -> None:
    """What a tool prints of them, it prints raw; a replacement alone is exact, for tools that apply it."""
    shape = json.loads(rendered(name, index))
    for each in _objects(shape):
        for exact in ("replacement", "insertedContent", "suggestions"):
            each.pop(exact, None)
    shown = "\n".join(strings(shape))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]", shown)
    assert "##[" not in shown
    if name == "rdjson":  # messages become comments in Markdown
        assert not re.search(r"@\w|<\w|\]\(|https?://", "\n".join(each["message"] for each in shape["diagnostics"]))


@pytest.mark.parametrize("name", ["junit", "checkstyle"])
@pytest.mark.parametrize("index", range(len(REPORTS)), ids=REPORT_NAMES)
def test_xml_is_well_formed_and_of_the_known_elements(name: str, index: int) -> None:
    shapes = {
        "junit": {
            "testsuites": ({"testsuite"}, {"name", "tests", "failures", "errors", "skipped"}),
            "testsuite": ({"testcase"}, {"name", "tests", "failures", "errors", "skipped"}),
            "testcase": ({"failure", "skipped", "error"}, {"classname", "name", "file", "line"}),
            "failure": (set(), {"message", "type"}),
            "skipped": (set(), {"message"}),
            "error": (set(), {"message", "type"}),
        },
        "checkstyle": {
            "checkstyle": ({"file"}, {"version"}),
            "file": ({"error"}, {"name"}),
            "error": (set(), {"line", "column", "severity", "message", "source"}),
        },
    }
    root = ET.fromstring(rendered(name, index))
    for element in root.iter():
        children, attributes = shapes[name][element.tag]
        assert {child.tag for child in element} <= children
        assert set(element.attrib) <= attributes
        if not children <= {"failure", "skipped", "error"}:
            assert not (element.text or "").strip()


def test_junit_counts_its_cases() -> None:
    root = ET.fromstring(FORMATS["junit"](USUAL))
    assert root.attrib == {"name": "opslint", "tests": "6", "failures": "5", "errors": "0", "skipped": "1"}
    for suite in root:
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))


def test_junit_of_nothing_is_one_test_that_passed() -> None:
    root = ET.fromstring(FORMATS["junit"](EMPTY))
    assert root.get("tests") == "1"
    assert [len(case) for case in root.iter("testcase")] == [0]


def test_junit_of_an_incomplete_run_has_an_error() -> None:
    assert ET.fromstring(FORMATS["junit"](report(complete=False))).get("errors") == "1"


@pytest.mark.parametrize("index", range(len(REPORTS)), ids=REPORT_NAMES)
def test_markdown_renders_only_what_is_ours(index: int) -> None:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(rendered("markdown", index))
    inline = [child for token in tokens for child in token.children or ()]
    assert not {token.type for token in inline} & {"image", "em_open", "s_open"}
    targets = {token.attrGet("href") for token in inline if token.type == "link_open"}
    assert targets == {data.link(REPORTS[index], each.rule) for each in REPORTS[index].findings} - {""}
    assert {token.content for token in inline if token.type == "html_inline"} <= {"<code>", "</code>", "</summary>"}
    blocks = [token.content.strip() for token in tokens if token.type == "html_block"]
    for block in blocks:
        assert re.fullmatch(r"<details><summary>([^<>]|</?code>)*</summary>|</details>", block), block
    headings = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    assert headings[0].startswith("opslint: ")
    assert all(re.match(r"\d+\. [a-z]", heading) for heading in headings[1:])
    rows = sum(token.type == "tr_open" for token in tokens)
    events = sum(len(each.verdict.course.events) + 1 for each in REPORTS[index].findings if each.verdict.course)
    assert rows == (len(REPORTS[index].findings) + 1 if REPORTS[index].findings else 0) + events


@pytest.mark.parametrize("index", range(2, len(REPORTS)), ids=NAMES)
def test_markdown_mentions_and_links_nobody(index: int) -> None:
    """Outside code, which GitHub's filters leave alone."""
    outside = re.sub(r"(?s)(`{3,}).*?\1|(`+)(?!`).*?(?<!`)\2(?!`)", "", rendered("markdown", index))
    outside = outside.replace(f"({SITE}rules/opslint/#undecided)", "")
    outside = re.sub(r"&#(\d+);", lambda match: chr(int(match.group(1))), outside)
    assert not re.search(r"@\w|#\d|GH-\d|https?://|www\.\w|:tada:", outside)


def test_a_finding_leads_to_the_page_of_its_rule_in_every_format_that_has_a_place_for_it() -> None:
    page = f"{SITE}rules/workers/memory-limit/"
    told = report(NO_MEMORY)
    assert json.loads(FORMATS["json"](told))["findings"][0]["url"] == page
    assert json.loads(FORMATS["sarif"](told))["runs"][0]["tool"]["driver"]["rules"][0]["helpUri"] == page
    assert json.loads(FORMATS["rdjson"](told))["diagnostics"][0]["code"]["url"] == page
    assert f"| [`workers/memory-limit`]({page}) |" in FORMATS["markdown"](told)
    assert FORMATS["github"](told).splitlines()[0].endswith(f"%0A{page}")


def test_a_rule_of_a_team_has_no_page_on_our_site() -> None:
    told = report(finding("team/rule", Severity.ERROR, Source("a.conf", "x\n").span(0, 1), "m"))
    assert json.loads(FORMATS["json"](told))["findings"][0]["url"] is None
    for name in FORMATS:
        assert SITE not in FORMATS[name](told)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
@pytest.mark.parametrize("color", [False, True], ids=["plain", "colored"])
@pytest.mark.parametrize("index", range(2, len(REPORTS)), ids=NAMES)
def test_text_is_harmless_in_every_dress(index: int, color: bool, encoding: str) -> None:
    shown = text.render(REPORTS[index], color=color, width=80, verbose=True, statistics=True, encoding=encoding)
    shown.encode(encoding)
    ours = re.sub("\x1b\\[[0-9;]*m", "", shown)
    assert "\x1b" not in ours
    assert obeyed(ours) == []
    assert obeyed(text.render(REPORTS[index], quiet=True, encoding=encoding)) == []
    for line in ours.splitlines():
        assert _width(line) <= 80 or "--> " in line, "a place is never cut, so that one can click on it"


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(categories=None) | st.sampled_from("#:[]`|<>\x1b\r\n@ \t\u0301\\"), max_size=40))
def test_any_text_is_a_text_in_every_format(written: str) -> None:
    told = hostile_report(written or "x")
    for name, render in FORMATS.items():
        log = render(told)
        assert obeyed(log) == (["error", "warning", "notice", "stop-commands"] if name == "github" else [])
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", log)
        if name in SCHEMAS:
            validator(name).validate(json.loads(log))
        if name in ("junit", "checkstyle"):
            ET.fromstring(log)


def _width(line: str) -> int:
    from rich.cells import cell_len

    return cell_len(line)


def many_of(severities: tuple[Severity, ...], number: int = 25) -> Report:
    source = Source("a.conf", "x\n" * number)
    return report(*(finding(f"workers/rule-{at}", severity, source.span(2 * at), "broken") for severity in severities for at in range(number)))


def test_github_shows_the_ten_worst_and_counts_the_others_in_one_line() -> None:
    log = FORMATS["github"](many_of((Severity.WARNING, Severity.ERROR)))
    assert obeyed(log) == ["error"] * 10 + ["notice", "stop-commands"]
    assert log.splitlines()[10] == "::notice title=opslint::40 more: 15 errors, 25 warnings; the log names them"
    assert len(re.findall(r"^a\.conf:\d+:\d+: (?:error|warning) ", log, re.M)) == 50


def test_github_shows_the_worst_first_of_all_severities() -> None:
    log = FORMATS["github"](many_of((Severity.NOTE, Severity.WARNING, Severity.ERROR), 4))
    assert obeyed(log) == ["error"] * 4 + ["warning"] * 4 + ["notice", "notice", "stop-commands"]
    assert log.splitlines()[9] == "::notice title=opslint::3 more: 3 notes; the log names them"


@pytest.mark.parametrize(("number", "notices"), [(9, 9), (10, 10), (11, 10)])
def test_github_gets_ten_notices_at_most(number: int, notices: int) -> None:
    """GitHub would drop the eleventh, and the number of the others is a notice, too."""
    log = FORMATS["github"](many_of((Severity.NOTE,), number))
    assert obeyed(log) == ["notice"] * notices + ["stop-commands"]
    assert ("2 more: 2 notes" in log) is (number == 11)


def test_an_annotation_stays_readable_whatever_a_finding_holds() -> None:
    source = Source("a.conf", "x\n")
    notes = tuple(Note(source.span(0), "n" * 9_000) for _ in range(40))
    log = FORMATS["github"](report(finding("a/b", Severity.ERROR, source.span(0), "m" * 9_000, notes=notes)))
    assert len(log.splitlines()[0]) < 30_000
    assert "%0Aand 30 more places%0Aopslint explain a/b" in log.splitlines()[0]


def test_github_gives_columns_on_one_line_alone() -> None:
    source = Source("a.conf", "abc\ndef\n")
    one = FORMATS["github"](report(finding("a/b", Severity.NOTE, source.span(0, 2), "m"))).splitlines()[0]
    two = FORMATS["github"](report(finding("a/b", Severity.NOTE, source.span(0, 6), "m"))).splitlines()[0]
    assert one == "::notice title=a/b,file=a.conf,line=1,endLine=1,col=1,endColumn=2::m%0Aopslint explain a/b"
    assert two == "::notice title=a/b,file=a.conf,line=1,endLine=2::m%0Aopslint explain a/b"


def test_the_word_that_ends_stopped_commands_is_new_each_time() -> None:
    tokens = {re.search(r"stop-commands::(\w+)", FORMATS["github"](EMPTY)).group(1) for _ in range(3)}  # type: ignore[union-attr]
    assert len(tokens) == 3
    assert all(len(token) == 32 for token in tokens)


@pytest.mark.parametrize("name", ["gitlab", "sarif"])
def test_equal_findings_have_fingerprints_of_their_own_that_no_line_changes(name: str) -> None:
    def prints(lines_before: int) -> list[str]:
        source = Source("a.conf", "\n" * lines_before + "x\nx\n")
        twice = [finding("a/b", Severity.ERROR, source.span(lines_before + at), "m", subject="s") for at in (0, 2)]
        shape = json.loads(FORMATS[name](report(*twice)))
        if name == "gitlab":
            return [each["fingerprint"] for each in shape]
        return [each["partialFingerprints"]["primaryLocationLineHash"] for each in shape["runs"][0]["results"]]

    assert len(set(prints(0))) == 2
    assert prints(0) == prints(7)


def test_sarif_tells_the_story() -> None:
    shape = json.loads(FORMATS["sarif"](report(STAYS_DOWN)))
    (result,) = shape["runs"][0]["results"]
    assert result["message"]["text"].endswith("; [only this ends maintenance](1)")
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["importance"] for step in steps] == ["important", "essential", "unimportant", "unimportant"]
    assert steps[0]["state"] == {"maintenance": {"text": "on"}}
    assert steps[2]["location"]["message"]["text"] == "php artisan config:cache skipped: `Migrate` failed"


def test_sarif_keeps_within_the_limits_of_code_scanning(monkeypatch: pytest.MonkeyPatch) -> None:
    from opslint.report import sarif

    monkeypatch.setattr(sarif, "RESULTS", 2)
    shape = json.loads(sarif.render(USUAL))
    run = shape["runs"][0]
    assert sorted(result["level"] for result in run["results"]) == ["error", "error"]
    assert "4 findings are left out" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    whole = len(sarif.render(USUAL))
    monkeypatch.setattr(sarif, "RESULTS", 100)
    monkeypatch.setattr(sarif, "COMPRESSED", 900)
    small = json.loads(sarif.render(USUAL))["runs"][0]["results"]
    assert len(json.dumps(small)) < whole
    assert not any("codeFlows" in result for result in small)


def test_a_long_course_keeps_its_beginning_and_its_end() -> None:
    course = STAYS_DOWN.verdict.course
    assert course
    long = replace(course, events=course.events * 500)
    told = replace(STAYS_DOWN, verdict=replace(STAYS_DOWN.verdict, course=long))
    shape = json.loads(FORMATS["sarif"](report(told)))
    validator("sarif").validate(shape)
    steps = shape["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [steps[0]["executionOrder"], steps[-1]["executionOrder"], len(steps)] == [1, 2000, 1000]


def test_rdjson_counts_bytes() -> None:
    source = Source("a.conf", "é部🚀x\n")
    shape = json.loads(FORMATS["rdjson"](report(finding("a/b", Severity.ERROR, source.span(3, 4), "m"))))
    assert shape["diagnostics"][0]["location"]["range"]["start"] == {"line": 1, "column": 10}


def test_a_summary_within_the_limit_says_what_it_leaves_out() -> None:
    source = Source("a.conf", "x\n" * 9_000)
    many = tuple(finding("a/b", Severity.ERROR, source.span(2 * at), "m" * 200) for at in range(9_000))
    written = FORMATS["markdown"](report(*many))
    assert len(written.encode()) < 2**20
    assert re.search(r"^\d+ more findings are left out", written, re.M)
    assert re.search(r"^The stories of \d+ findings are left out", written, re.M)


def test_json_is_sorted_whatever_order_is_given() -> None:
    turned = replace(USUAL, findings=USUAL.findings[::-1])
    assert FORMATS["json"](turned) == FORMATS["json"](USUAL)


def test_json_counts_each_finding_once() -> None:
    shape = json.loads(FORMATS["json"](USUAL))
    assert shape["summary"] == {"error": 2, "warning": 3, "note": 0, "undecided": 1, "suppressed": 0, "accepted": 0, "inherited": 0}
    assert shape["checked"] == {"files": 12, "rules": 45}


@cache
def flood() -> Report:
    """30,000 findings in one file, of three severities; every tenth tells a course of 40 events."""
    source = Source("a.conf", "x y\n" * 30_000)
    course = STAYS_DOWN.verdict.course
    assert course
    long = replace(course, events=course.events * 10)
    severities = (Severity.NOTE, Severity.WARNING, Severity.ERROR)
    return report(
        *(
            finding(f"workers/rule-{at % 50}", severities[at % 3], source.span(4 * at, 4 * at + 1), "m" * 80, course=None if at % 10 else long)
            for at in range(30_000)
        )
    )


def test_sarif_of_a_flood_is_within_every_limit() -> None:
    log = FORMATS["sarif"](flood())
    assert len(zlib.compress(log.encode(), 1)) < 10_000_000
    (run,) = json.loads(log)["runs"]
    assert len(run["results"]) == 25_000
    assert Counter(result["level"] for result in run["results"]) == {"error": 10_000, "warning": 10_000, "note": 5_000}
    steps = [len(flow["threadFlows"][0]["locations"]) for result in run["results"] for flow in result.get("codeFlows", ())]
    assert (max(steps), sum(steps)) == (40, 100_000)
    assert len({result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]}) == 25_000
    (left,) = run["invocations"][0]["toolExecutionNotifications"]
    assert left["message"]["text"] == "5000 findings are left out: code scanning takes no more"


def test_a_flood_is_a_number_in_actions_and_a_page_in_the_summary() -> None:
    assert obeyed(FORMATS["github"](flood())) == ["error"] * 10 + ["notice", "stop-commands"]
    summary = FORMATS["markdown"](flood())
    assert 900_000 < len(summary.encode()) < 2**20
    assert re.search(r"^\d+ more findings are left out", summary, re.M)


def test_gitlab_junit_and_checkstyle_take_a_flood_whole() -> None:
    issues = json.loads(FORMATS["gitlab"](flood()))
    assert len({issue["fingerprint"] for issue in issues}) == 30_000
    root = ET.fromstring(FORMATS["junit"](flood()))
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("30000", "20000", "10000")
    assert len(list(ET.fromstring(FORMATS["checkstyle"](flood())).iter("error"))) == 30_000


def test_a_report_from_a_folder_is_told_from_the_top() -> None:
    told = moved(report(STAYS_DOWN, NO_BASE), "services/api")
    there = find_paths(json.loads(FORMATS["json"](told)))
    assert there == {"services/api/.github/workflows/deploy.yml", "services/api"}
    assert [finding.id for finding in told.findings] == [STAYS_DOWN.id, NO_BASE.id]
    assert moved(USUAL, "") is USUAL


def find_paths(value: Any) -> set[str]:
    return {each["path"] for each in _objects(value) if "path" in each}


def test_a_format_is_imported_when_it_is_called() -> None:
    import subprocess
    import sys

    code = "import sys, opslint.report.formats; print([n for n in sys.modules if n.startswith('opslint.report.')])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "['opslint.report.formats']"


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_of_nothing_is_a_report(name: str) -> None:
    assert isinstance(EMPTY, Report)
    assert FORMATS[name](EMPTY).endswith("\n")
