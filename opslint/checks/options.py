"""Claims about options that a version decides: whether they exist, and whether one is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opslint.finding import Edit, Fix, Verdict
from opslint.model.act import Option, Pattern
from opslint.model.command import Command
from opslint.model.option import line
from opslint.model.project import Project
from opslint.model.version import Range, application, majors
from opslint.source import Span

# Those of every Symfony console command (Symfony\Component\Console\Application::getDefaultInputDefinition), and
# artisan's own `--env`.
_OF_EVERY_COMMAND = frozenset(
    "--help --silent --quiet --verbose --version --ansi --no-ansi --no-interaction --env -h -q -v -V -n".split()
)


def exist(project: Project, *, command: str, package: str, options: Mapping[str, str]) -> Iterator[Verdict]:
    """A command is given no option that its version does not have.

    `options` says for each option which major versions of the package have it: `8-`, `-7`, or `-` for all.
    """
    pattern = Pattern.parse(command)
    known = {name: Range.parse(written) for name, written in options.items()}
    for found in project.commands():
        if pattern.matches(found.words):
            name = pattern.said(found.words)
            verdicts = [
                verdict
                for given in line(found.words).options
                if given.name not in _OF_EVERY_COMMAND
                if (verdict := _exists(project, found, name, given, package, known)) is not None
            ]
            yield from verdicts
            if not verdicts:
                yield Verdict(found.span, "holds", f"`{name}` has no option that may be missing", found.site.subject)


def _exists(
    project: Project, found: Command, name: str, given: Option, package: str, known: Mapping[str, Range]
) -> Verdict | None:
    span, subject = given.word.span, f"{found.site.subject}.{given.name}"
    having = known.get(given.name)
    if not given.name.startswith("--") or any(part.kind != "literal" for part in given.word.parts[:1]):
        return None
    if having is None:
        message = f"`{name}` has no option `{given.name}`: it ends with an error"
        return Verdict(span, "broken", message, subject, fix=_removal(found, given))
    composer = application(project, found.site.path, package)
    allowed = majors(composer, package) if composer is not None else ()
    if having == Range() or (allowed and all(having.holds_all_of(each) for each in allowed)):
        return Verdict(span, "holds", f"`{name}` has `{given.name}`", subject)
    if allowed and not any(having.meets(each) for each in allowed):
        written = _said(allowed)
        message = f"`{name}` of {_product(package)} {written} has no option `{given.name}`: it ends with an error"
        return Verdict(span, "broken", message, subject, fix=_removal(found, given))
    why = f"composer.json allows {_product(package)} {_said(allowed)}" if allowed else "its version is not to be seen"
    message = f"not every {_product(package)} has `{name} {given.name}`, and {why}"
    return Verdict(span, "undecided", message, subject, hint=f"require one major version of `{package}`")


def _product(package: str) -> str:
    return package.partition("/")[0].capitalize()


def _said(allowed: tuple[Range, ...]) -> str:
    def one(each: Range) -> str:
        if each.high is None:
            return f"{each.low} and later"
        return str(each.low) if each.low == each.high else f"{each.low} to {each.high}"

    return ", ".join(one(each) for each in allowed)


def _removal(found: Command, given: Option) -> Fix | None:
    """Take the option out, with the blanks before it and a value that stands apart."""
    index = found.words.index(given.word)
    before, behind = found.words[index - 1], given.apart
    following = found.words[index + 1] if index + 1 < len(found.words) else None
    # An option that nobody knows is read without a value: what follows it is none of the command's operands.
    if behind is None and given.value is None and following is not None and following.value[:1] != "-":
        behind = following
    last = behind or given.word
    start, end = before.span.end, last.span.end
    if not (before.raw.is_verbatim and last.raw.is_verbatim) or not given.word.raw.is_verbatim:
        return None
    return Fix(f"remove `{given.name}`", (Edit(Span(last.span.source, start, end), ""),), safe=False)


def one_given(
    project: Project, *, command: str, package: str, options: Mapping[str, str], why: str
) -> Iterator[Verdict]:
    """A command is given one of some options, where its version has any of them."""
    pattern = Pattern.parse(command)
    for found in project.commands():
        if not pattern.matches(found.words):
            continue
        composer = application(project, found.site.path, package)
        allowed = majors(composer, package) if composer is not None else ()
        there = [name for name, written in options.items() if _some_have(Range.parse(written), allowed)]
        given = next((each for name in options if (each := line(found.words).option(name))), None)
        name, subject = pattern.said(found.words), found.site.subject
        opaque = next((word for word in line(found.words).operands if not word.is_literal), None)
        if given is not None:
            yield Verdict(given.word.span, "holds", f"`{name}` has `{given.name}`", subject)
        elif there and opaque is not None:
            message = f"what `{opaque.raw}` gives `{name}` is only known when it runs"
            yield Verdict(opaque.span, "undecided", message, subject, hint="write the options out")
        elif there:
            missing = " nor ".join(f"`{each}`" for each in there)
            message = f"`{name}` has neither {missing}" if len(there) > 1 else f"`{name}` has no {missing}"
            yield Verdict(found.span, "broken", f"{message}: {why}", subject)


def _some_have(having: Range, allowed: tuple[Range, ...]) -> bool:
    return not allowed or any(having.meets(each) for each in allowed)
