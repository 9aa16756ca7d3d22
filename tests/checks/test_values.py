"""Values that are cut, that swallow a line, or that lost one."""

from __future__ import annotations

import pytest

from tests.checks.test_supervisor import found, mended, places

RULE = "value-not-cut"


def file(*lines: str) -> str:
    return "\n".join(["[program:w]", *lines, ""])


@pytest.mark.parametrize(
    ("command", "sign", "fixed"),
    [
        pytest.param('sh -c "a ; b"', ";", 'sh -c "a; b"', id="a semicolon"),
        pytest.param("sh -c 'a ; b'", ";", "sh -c 'a; b'", id="single quotes"),
        pytest.param('sh -c "a ; b ; c"', ";", 'sh -c "a; b; c"', id="all of them"),
        pytest.param('sh -c "a   ; b" ; why', ";", 'sh -c "a; b" ; why', id="the comment behind stays"),
        pytest.param('sh -c "a #b"', "#", 'sh -c "a ""#b"', id="a hash"),
        pytest.param('sh -c "a\t; b"', ";", 'sh -c "a; b"', id="a tab"),
    ],
)
def test_a_quotation_is_cut(command: str, sign: str, fixed: str) -> None:
    (only,) = found(RULE, file(f"command={command}", "autostart=true"))
    assert only.span.written == sign
    assert only.verdict.fix is not None
    assert not only.verdict.fix.safe
    assert mended(only) == file(f"command={fixed}", "autostart=true")
    assert not found(RULE, mended(only))


def test_a_cut_value_that_is_no_command_has_no_fix() -> None:
    (only,) = found(RULE, file("command=x", 'environment=A="b ;c"'))
    assert only.verdict.fix is None


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["command=x ; why"], id="a comment"),
        pytest.param(["command=x # why"], id="a comment with a hash"),
        pytest.param(['command=sh -c "a;b"'], id="no blank before it"),
        pytest.param(['command=sh -c "a; b"'], id="a blank behind it"),
        pytest.param(['command=sh -c "a" ; "b"'], id="behind the quotation"),
        pytest.param(["command=x ; it's"], id="a quote in the comment alone"),
        pytest.param(["command=echo don't ; run"], id="a quotation that is never closed"),
        pytest.param(["; command=\"a ; b\"", "command=x"], id="a comment of its own"),
    ],
)
def test_nothing_is_cut(lines: list[str]) -> None:
    assert not found(RULE, file(*lines))


@pytest.mark.parametrize(
    ("line", "place"),
    [("autostart=false", "autostart"), ("user: root", "user"), ("[program:v]", "[program:v]")],
)
def test_an_indented_line_is_swallowed(line: str, place: str) -> None:
    (only,) = found(RULE, file("command=x", f"  {line}"))
    assert only.span.written == place
    assert mended(only) == file("command=x", line)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["command=x", "  --tries=3"], id="an argument"),
        pytest.param(["command=env", "  APP_ENV=production x"], id="a variable"),
        pytest.param(['environment=A="1",', '  HOME="/x",', '  USER="y"'], id="variables"),
        pytest.param(['environment=A="1",', '  user="y"'], id="a variable in lower case"),
        pytest.param(["command=x", "  nonsense=1"], id="no option of Supervisor"),
        pytest.param(["command=x", "", "autostart=true"], id="not indented"),
        pytest.param(["command=x", "  ; autostart=true"], id="a comment"),
    ],
)
def test_an_indented_line_is_meant(lines: list[str]) -> None:
    assert not found(RULE, file(*lines))


def test_a_section_indented_as_a_whole_is_read() -> None:
    assert not found(RULE, "[program:w]\n  command=x\n  autostart=true\n")


def test_an_argument_lost_its_indent() -> None:
    (only,) = found(RULE, file("command=php artisan queue:work", "--tries=3", "autostart=true"))
    assert only.span.written == "--tries"
    assert mended(only) == file("command=php artisan queue:work", "    --tries=3", "autostart=true")


def test_several_arguments_lost_their_indent() -> None:
    lines = ["command=php artisan queue:work", "--tries=3", "--sleep=3"]
    assert places(RULE, file(*lines)) == ["--tries", "--sleep"]


def test_an_argument_that_stands_nowhere_near_a_command_has_no_fix() -> None:
    (only,) = found(RULE, file("command=x", "user=y", "--tries=3"))
    assert only.verdict.fix is None
