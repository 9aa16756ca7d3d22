"""How an option of a Supervisor program, or an argument of its command, is written down."""

from __future__ import annotations

from opslint.finding import Edit, Fix
from opslint.model.command import Command
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


def add_argument(command: Command, argument: str, *, safe: bool = True) -> Fix | None:
    """Write an argument behind the last word of a command, or before a `--` that ends its options."""
    stop = next((index for index, word in enumerate(command.words) if index and word.value == "--"), None)
    last = command.words[stop - 1 if stop else -1]
    if not last.raw.is_verbatim:
        return None
    end = last.span.end
    return Fix(f"add `{argument}`", (Edit(Span(last.span.source, end, end), f" {argument}"),), safe)
