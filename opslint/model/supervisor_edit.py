"""How an option of a Supervisor program is written down."""

from __future__ import annotations

from opslint.finding import Edit, Fix
from opslint.model.supervisor import Option, Program
from opslint.source import Span


def set_option(program: Program, name: str, value: str, *, safe: bool = True) -> Fix:
    """Write an option over its value, else on a line of its own behind the section's header line."""
    title = f"write `{name}={value}`"
    given = program.option(name)
    if given.node is not None:
        return Fix(title, (Edit(given.span, value),), safe)
    header = program.section.key.span
    content = header.source.content
    end = content.find("\n", header.end)
    end = len(content) if end < 0 else end
    line_break = "\r\n" if content[max(end - 1, 0) : end] == "\r" else "\n"
    end -= len(line_break) - 1
    return Fix(title, (Edit(Span(header.source, end, end), f"{line_break}{name}={value}"),), safe)


def place(program: Program, option: Option) -> Span:
    """Where an option stands, else the header of the section that should hold it."""
    return option.span if option.node is not None else program.section.key.span
