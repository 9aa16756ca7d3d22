"""Claims about the versions of PHP that continuous integration tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass

from opslint.finding import Note, Verdict
from opslint.model.composer import Composer
from opslint.model.gate import Doing, doings
from opslint.model.php_versions import Interval, Minor, Version, allowed, allows, table, told
from opslint.model.project import Project
from opslint.model.workflow import Job, Step
from opslint.simulation.gate import legs, on_events
from opslint.simulation.occasion import Occasion, value_of
from opslint.simulation.value import Object, Unknown, Value, string
from opslint.source import Span
from opslint.syntax.tree import Mapping, Node, Scalar, Sequence, at

_NIGHTLY: Minor = (999, 0)
_IMAGE = re.compile(r"(?:^|/)php:(?P<number>\d+(?:\.\d+){0,2})")


@dataclass(frozen=True, slots=True)
class Tested:
    """One version that some job tests with; `span` is where it is written."""

    minor: Minor
    low: Version
    high: Version
    span: Span
    written: str
    strict: bool = True  # whether its check is red when it fails, and Composer asks for the right version


def match_composer(project: Project, *, act: str = "test") -> Iterator[Verdict]:
    """The PHP versions tested satisfy `require.php`; the lowest it allows and one that PHP supports are among them."""
    for composer in project.composers:
        entry = composer.packages.get("php")
        if entry is None or not isinstance(entry.value, Scalar):
            continue
        intervals = allowed(str(entry.value))
        tested = list(_tested(project, composer, act))
        known = [each for each in tested if isinstance(each, Tested)]
        if not intervals or not tested:
            continue
        found = [*_too_much(known, intervals, entry.value), *_too_little(known, intervals, entry.value)]
        unknown = next((each for each in tested if not isinstance(each, Tested)), None)
        if unknown is not None and (not known or any(each.subject == "require.php" for each in found)):
            message = f"which PHP `{unknown.written}` is stands in no file: whether it fits is not to be seen"
            hint = "write the versions into the matrix"
            yield Verdict(unknown, "undecided", message, "require.php", hint=hint)
            found = [each for each in found if each.subject != "require.php"]
        yield from found
        if not found and unknown is None:
            versions = ", ".join(sorted({told(each.minor) for each in known}))
            yield Verdict(entry.value.span, "holds", f"PHP {versions} is tested", "require.php")


def _too_much(known: list[Tested], intervals: tuple[Interval, ...], required: Scalar) -> Iterator[Verdict]:
    told_of = set()
    for each in known:
        fits = each.minor == _NIGHTLY or allows(intervals, each.low, each.high)
        if each.strict and not fits and each.span not in told_of:
            told_of.add(each.span)
            message = f"PHP {each.written} is tested, and composer.json requires `{required}`"
            note = Note(required.span, "this is required")
            yield Verdict(each.span, "broken", message, f"php-{each.written}", (note,))


def _too_little(known: list[Tested], intervals: tuple[Interval, ...], required: Scalar) -> Iterator[Verdict]:
    minors = sorted({each.minor for each in known if each.minor != _NIGHTLY})
    if not minors:
        return
    lowest, versions = intervals[0][0][:2], ", ".join(map(told, minors))
    notes = tuple(dict.fromkeys(Note(each.span, _told(each)) for each in known))[:3]
    if lowest not in minors and lowest >= table().releases[0].minor:
        message = f"`{required}` allows PHP {told(lowest)}, and only {versions} {_is(minors)} tested"
        yield Verdict(required.span, "broken", message, "require.php", notes)
    if not any(table().is_supported(minor) for minor in minors):
        last = table().release(minors[-1])
        ended = f": {told(minors[-1])} got its last fix by {last.security_until}" if last is not None else ""
        place = max((each for each in known), key=lambda each: each.minor).span
        message = f"no version of PHP that still gets security fixes is tested{ended}"
        yield Verdict(place, "broken", message, "require.php")


def _told(tested: Tested) -> str:
    if tested.span.written.startswith(f"{tested.written}.0"):
        rest = f"so PHP {told(tested.minor)} is tested"
        return f"`{tested.span.written}` without quotes is the number {tested.written}, {rest}"
    return "this is tested"


def _is(minors: list[Minor]) -> str:
    return "is" if len(minors) == 1 else "are"


# -- what is tested ---------------------------------------------------------------------------------------------------


def _tested(project: Project, composer: Composer, act: str) -> Iterator[Tested | Span]:
    """The versions of every job that tests an application; the place where one cannot be told."""
    seen = set()
    for doing in doings(project, act):
        found = on_events(project, doing)
        if not found or id(doing.job) in seen or _application(project, doing) is not composer:
            continue
        seen.add(id(doing.job))
        occasion = next(iter(found.values()))
        step = next((each for each in doing.job.steps if _sets_up(each)), None)
        given = step.inputs.get("php-version") if step is not None else None
        if isinstance(given, Scalar):
            yield from _given(doing, occasion, given)
        elif step is not None and step.inputs.get("php-version-file") is not None:
            yield from _of_file(project, step.inputs["php-version-file"], occasion)
        elif step is None and (image := _image(doing.job)) is not None:
            yield from _version(str(image), image.span, True) if _IMAGE.search(str(image)) else ()


def _application(project: Project, doing: Doing) -> Composer | None:
    folder = doing.step.working_directory if doing.step is not None else None
    path = f"{str(folder).removeprefix('./').rstrip('/')}/" if folder is not None else ""
    return project.composer_of(path) or (project.composers[0] if len(project.composers) == 1 else None)


def _sets_up(step: Step) -> bool:
    return step.uses is not None and str(step.uses).partition("@")[0].lower().endswith("/setup-php")


def _image(job: Job) -> Scalar | None:
    node = at(job.container, "image") or job.container
    return node if isinstance(node, Scalar) else None


def _of_file(project: Project, node: Node, occasion: Occasion) -> Iterator[Tested | Span]:
    path = value_of(node, occasion.contexts)
    source = project.source(path.removeprefix("./")) if isinstance(path, str) else None
    version = source.content.strip() if source is not None and not source.path.endswith((".json", ".lock")) else ""
    yield from _version(version, node.span, True) if version else (node.span,)


def _given(doing: Doing, occasion: Occasion, given: Scalar) -> Iterator[Tested | Span]:
    """The versions of a setup: as written, by a variable, or one for each leg of the matrix."""
    job = doing.job
    environment = {**doing.workflow.env, **job.env}
    known = {name: value_of(node, occasion.contexts) for name, node in environment.items()}
    contexts: dict[str, Value] = {**occasion.contexts, "env": Object(known)}
    ignores = "--ignore-platform-req" in job.node.span.written
    each_leg = list(legs(job, contexts)) if "matrix." in str(given) else [contexts]
    if not each_leg:
        yield _matrix_span(job) or given.span
    for leg in each_leg:
        value = value_of(given, leg) if isinstance(given.value, str) else _plain(given)
        strict = not ignores and not _is_lenient(job, leg)
        if isinstance(value, Unknown) or not isinstance(value, str | float | int):
            yield given.span
        else:
            yield from _version(string(value), _place(job, given, string(value)), strict)


def _is_lenient(job: Job, leg: MappingType[str, Value]) -> bool:
    """Whether a leg may fail: an experiment with a version that is not required yet."""
    given = value_of(job.continue_on_error, leg)
    return given is not None and given is not False


def _matrix_span(job: Job) -> Span | None:
    node = at(job.strategy, "matrix")
    return node.span if isinstance(node, Scalar) else None


def _place(job: Job, given: Scalar, value: str) -> Span:
    """Where a value of the matrix is written, else the setting itself."""
    matrix = at(job.strategy, "matrix")
    name = re.search(r"matrix\.([\w-]+)", str(given))
    if name is None or not isinstance(matrix, Mapping):
        return given.span
    included = at(matrix, "include")
    items = [at(each, name[1]) for each in (included.items if isinstance(included, Sequence) else ())]
    listed = matrix.get(name[1])
    items += listed.items if isinstance(listed, Sequence) else ()
    scalars = (each for each in items if isinstance(each, Scalar))
    return next((each.span for each in scalars if _plain(each) == value), given.span)


def _plain(scalar: Scalar) -> str:
    value = scalar.value
    return string(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _version(written: str, span: Span, strict: bool) -> Iterator[Tested | Span]:
    """A version as setup-php takes it; a number alone is the newest of that major version."""
    words = {"latest": table().newest, "highest": table().newest, "lowest": table().lowest_active}
    image = _IMAGE.search(written)
    name = image["number"] if image else written.strip().lower()
    if name in words:
        major, minor = words[name]
        yield Tested((major, minor), (major, minor, 0), (major, minor + 1, 0), span, told((major, minor)), strict)
    elif name in ("nightly", "master"):
        yield Tested(_NIGHTLY, (999, 0, 0), (999, 1, 0), span, name, False)
    elif match := re.fullmatch(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", name):
        major = int(match[1])
        newest = max((each.minor[1] for each in table().releases if each.minor[0] == major), default=0)
        minor = int(match[2]) if match[2] else newest
        patch = int(match[3]) if match[3] else None
        low = (major, minor, patch or 0)
        high = (major, minor, patch + 1) if patch is not None else (major, minor + 1, 0)
        yield Tested((major, minor), low, high, span, name, strict)
    else:
        yield span
