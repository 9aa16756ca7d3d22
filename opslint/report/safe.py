"""Repository text made harmless: it may be read in a report, but never speaks through it."""

from __future__ import annotations

import re
from collections.abc import Callable

# Workflow runners obey `##[command]` anywhere in a line (GitHub, Azure: `##vso[`; TeamCity: `##teamcity[`).
_COMMAND_IN_LINE = re.compile(r"#(?=#[A-Za-z.]*\[)")
# Signs of Markdown and HTML: those of a line's beginning only there, those of bare links only where they make one.
_MARKUP = re.compile(r"[#$&*<>@\[\\\]_`|~]|(?<=[Ww])\.|:(?=/)|^[-+=:]|(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=^\d\d\d)[.)]")
# Where GitHub would begin a mention, a reference, an emoji or a link once entities are characters again.
_AUTOLINK = re.compile(r"(?<=[@#])(?=\S)|(?<=:)(?=[\w+/-])|(?<=[Ww]{3})(?=\.)|(?<=[Gg][Hh])(?=-\d)")
# The same for a text that some programs print and others take for Markdown: also tags, and links by their joint.
_LINKING = re.compile(r"(?<=[@#<])|(?<=:)(?=//)|(?<=[Ww]{3})(?=\.)|(?<=[Gg][Hh])(?=-\d)|(?<=\])(?=[(\[:])")

# Characters that reorder, hide or break what a reader sees, and have no picture in Unicode.
_UNSEEN = (
    *range(0x80, 0xA0),  # C1 controls: U+009B alone opens a terminal sequence
    0x061C,
    0x200B,
    0x200E,
    0x200F,
    0x2028,
    0x2029,
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),
)
_PICTURES = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    0x7F: "\u2421",
    **{code: f"<U+{code:04X}>" for code in _UNSEEN},
    **{plane * 0x10000 + last: f"<U+{plane * 0x10000 + last:04X}>" for plane in range(17) for last in (0xFFFE, 0xFFFF)},
}
_UNSAFE = re.compile("[" + "".join(re.escape(chr(code)) for code in _PICTURES) + "\ud800-\udfff]")


def picture(character: str) -> str:
    """How one character is shown: itself, a control picture (`\u241b`), or its number (`<U+202E>`)."""
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return f"<U+{code:04X}>"
    return _PICTURES.get(code, character)


def visible(text: str) -> str:
    """One line in which every character is seen, none moves the cursor, and no runner finds a command.

    Control characters become pictures, direction marks and lone surrogates their numbers; `##[` is parted. What
    comes out can be encoded as UTF-8, and holds nothing that XML 1.0 forbids.
    """
    return _COMMAND_IN_LINE.sub("# ", _UNSAFE.sub(lambda match: picture(match.group()), text))


def opens_command(text: str, index: int) -> bool:
    """Whether the `#` at an index begins what a runner would take for a command."""
    return _COMMAND_IN_LINE.match(text, index) is not None


def json_output(text: str) -> str:
    """Finished JSON in ASCII, spelt so that no runner finds a command in its strings."""
    return _COMMAND_IN_LINE.sub(r"\\u0023", text)


def opening(line: str) -> str:
    """A finished line for a log, in which `::` cannot stand first: there it would be a workflow command."""
    bare = line.lstrip()
    if not bare.startswith("::"):
        return line
    return f"{line[: len(line) - len(bare)]}: {bare[1:]}"


def annotation(text: str) -> str:
    """The message of a workflow command."""
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def annotation_property(text: str) -> str:
    """A property of a workflow command: `file=`, `title=`."""
    return annotation(text).replace(":", "%3A").replace(",", "%2C")


def entities(text: str) -> str:
    """Text in which Markdown and HTML find no sign of theirs: each stands as a numeric character reference."""
    return _MARKUP.sub(lambda match: f"&#{ord(match.group())};", visible(text))


def markdown(text: str) -> str:
    """A message in Markdown: what stands between backticks is code, the rest is words, and nothing else is markup."""
    return _spoken(text, markdown_code)


def prose(text: str) -> str:
    """A message in Markdown that stands in no table: its code needs no element, which many readers do not render."""
    return _spoken(text, code_span).replace("`&#58; ", "`: ")  # within a line it begins nothing


def html(text: str) -> str:
    """A message within a block of HTML, where Markdown's signs mean nothing."""
    return _spoken(text, html_code)


def _spoken(text: str, code: Callable[[str], str]) -> str:
    pieces = visible(text).strip().split("`")
    if len(pieces) % 2 == 0:  # a backtick without a partner is a character
        pieces[-2:] = ["`".join(pieces[-2:])]
    spoken = []
    for index, piece in enumerate(pieces):
        if index % 2:
            spoken.append(code(piece) if piece.strip() else markdown_words(f"`{piece}`"))
        else:  # two pieces of code side by side would make one of their backticks
            spoken.append(markdown_words(piece) or ("&#8203;" if 0 < index < len(pieces) - 1 else ""))
    return "".join(spoken)


def markdown_words(text: str) -> str:
    """Words in Markdown, without mentions, links, references or emoji."""
    return "&#8203;".join(entities(piece) for piece in _AUTOLINK.split(visible(text)))


def unlinked(text: str) -> str:
    """Words for a reader that may be Markdown or not: they link, mention and embed nothing, and look the same."""
    return "\u200b".join(_LINKING.split(visible(text)))


def markdown_code(text: str) -> str:
    """Code within a line of Markdown, also of a table: there a `|` would part the cell, so that it needs an element."""
    return html_code(text) if "|" in visible(text) else code_span(text)


def code_span(text: str) -> str:
    shown = visible(text)
    fence = "`" * (_longest_fence([shown]) + 1)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown.strip() else ""


def html_code(text: str) -> str:
    return f"<code>{markdown_words(text)}</code>" if text.strip() else ""


def _longest_fence(lines: list[str]) -> int:
    return max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)


def markdown_block(lines: list[str], language: str = "") -> str:
    """A fenced block of lines, its fence longer than any within."""
    shown = [opening(visible(line)) for line in lines]
    fence = "`" * max(3, _longest_fence(shown) + 1)
    return "\n".join([fence + language, *shown, fence])


def sarif(text: str) -> str:
    """A plain message of SARIF, in which `[text](target)` would be a link (SARIF 2.1.0, 3.11.6)."""
    return re.sub(r"[\[\]\\]", r"\\\g<0>", visible(text))
