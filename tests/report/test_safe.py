from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslint.report import safe
from tests.report.runner import obeyed
from tests.report.samples import HOSTILE

ANYTHING = st.text(st.characters(categories=None) | st.sampled_from("#:[]`|<>\x1b\u202e\ud800\r\n@"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("php artisan up", "php artisan up", id="plain text stays"),
        pytest.param("部署 e\u0301 👩\u200d💻", "部署 e\u0301 👩\u200d💻", id="letters, marks and joined emoji stay"),
        pytest.param("a\tb\nc\rd", "a␉b␊c␍d", id="one line"),
        pytest.param("\x1b[31m\x07\x7f\x00", "␛[31m␇␡␀", id="control pictures"),
        pytest.param("\x9b2J\x85", "<U+009B>2J<U+0085>", id="C1 controls have no pictures"),
        pytest.param("\u202egnp\u2066", "<U+202E>gnp<U+2066>", id="direction"),
        pytest.param("a\u2028b\ufeff", "a<U+2028>b<U+FEFF>", id="line separators and marks"),
        pytest.param("\ud800\udcff", "<U+D800><U+DCFF>", id="lone surrogates"),
        pytest.param("\ufffe\U0001ffff", "<U+FFFE><U+1FFFF>", id="no characters"),
        pytest.param("##[group]x ##vso[a]", "# #[group]x # #vso[a]", id="runner commands"),
        pytest.param("## [x] #[y] ##", "## [x] #[y] ##", id="no commands"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert safe.visible(text) == shown


@given(ANYTHING)
def test_visible_text_is_harmless_anywhere(text: str) -> None:
    shown = safe.visible(text)
    assert safe.visible(shown) == shown
    assert not any(character in shown for character in "\n\r\t\x1b\u202e\x9b\x00")
    assert "##[" not in shown
    assert len(shown.splitlines()) <= 1
    assert ET.fromstring(ET.tostring(_element(shown), encoding="unicode")).text == (shown or None)
    assert shown.encode().decode() == shown


def _element(text: str) -> ET.Element:
    element = ET.Element("a")
    element.text = text
    return element


@given(ANYTHING)
def test_an_opening_is_no_command(text: str) -> None:
    assert obeyed(safe.opening(safe.visible(text))) == []


def test_an_opening_that_is_none_stays() -> None:
    assert safe.opening("  a::b") == "  a::b"
    assert safe.opening(" ::error::x") == " : :error::x"


@given(ANYTHING, ANYTHING)
def test_an_annotation_is_one_command(name: str, text: str) -> None:
    line = f"::error title={safe.annotation_property(name)}::{safe.annotation(text)}"
    assert obeyed(line) == ["error"]
    header = line[2 : line.index("::", 2)]
    assert header.count(",") == 0
    assert header.count(":") == 0


def test_an_annotation_escapes_what_the_runner_unescapes() -> None:
    assert safe.annotation("100%0A") == "100%250A"
    assert safe.annotation_property("a:b,c") == "a%3Ab%2Cc"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("`php artisan up` is skipped", "`php artisan up` is skipped", id="code and words"),
        pytest.param("`a|b` x|y", "<code>a&#124;b</code> x&#124;y", id="a bar would part a cell"),
        pytest.param("a `b", "a &#96;b", id="a backtick without partner"),
        pytest.param("`a``b`", "`a`&#8203;`b`", id="neighbours"),
        pytest.param("@team #1 :x: ", "&#64;&#8203;team &#35;&#8203;1 :&#8203;x:", id="mention, reference, emoji"),
        pytest.param("1. a", "1&#46; a", id="no list"),
        pytest.param("- a", "&#45; a", id="no item"),
    ],
)
def test_markdown(text: str, written: str) -> None:
    assert safe.markdown(text) == written


@given(st.text(st.sampled_from("`a |")))
def test_code_is_code_whatever_it_holds(text: str) -> None:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt().parseInline("x " + safe.markdown_code(text))[0].children or []
    code = [token.content for token in tokens if token.type == "code_inline"]
    if "|" not in text and text.strip():
        assert [each.strip() for each in code] == [text.strip()]
    else:
        assert code == []


def test_a_block_outruns_the_fences_within() -> None:
    assert safe.markdown_block(["````", "x"], "diff") == "`````diff\n````\nx\n`````"


def test_sarif_links_only_what_is_meant() -> None:
    assert safe.sarif(r"[a](1) \x") == r"\[a\](1) \\x"


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_a_json_output_holds_no_command_and_the_same_value(text: str) -> None:
    import json

    written = safe.json_output(json.dumps([text]))
    assert json.loads(written) == [text]
    assert obeyed(written) == []
