"""The rules, read from their pages: rules/<family>/<name>.md is the rule `family/name`."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from opslint.files import Files
from opslint.finding import Problem, Rule, Severity, Verdict, site_url
from opslint.model.bundled import cut, pages
from opslint.source import Source, Span
from opslint.syntax import yaml
from opslint.syntax.schema import did_you_mean, plain, validate
from opslint.syntax.tree import Mapping as Tree
from opslint.syntax.tree import Node, Sequence, at

PRESETS = ("recommended", "strict")

Check = Callable[..., Iterator[Verdict]]


class PageError(Exception):
    """Pages that cannot be used, with what is wrong and where."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{problem.span}: {problem.message}" for problem in problems))
        self.problems = problems


@cache
def bundled() -> Mapping[str, Rule]:
    """Our own rules by id. Their headers are checked by the test suite, not again at every start."""
    return {id: replace(_rule(id, header, page, f"{id}.md"), url=site_url(id)) for id, header, page in pages()}


def team(files: Files, folders: tuple[str, ...]) -> Mapping[str, Rule]:
    """The rules of a project's own pages. Raises PageError, with the place in the page."""
    found: dict[str, Rule] = {}
    for each in folders:
        found |= _read_folder(files, each.rstrip("/") + "/")
    return found


def _read_folder(files: Files, prefix: str) -> Mapping[str, Rule]:
    found = {}
    for path in files.paths():
        if path.startswith(prefix) and path.endswith(".md") and path[len(prefix) :].count("/") == 1:
            source = Source(path, files.read(path).decode("utf-8", "replace"))
            rule = read_page(source, path[len(prefix) : -len(".md")])
            found[rule.id] = rule
    return found


def read_page(source: Source, id: str) -> Rule:
    """One page. Raises PageError where the header, its check or its parameters are not what they must be."""
    page = cut(source.content)
    if page is None:
        raise PageError(Problem(source.span(), "expected a header between two lines `---`"))
    document = yaml.read(Source(source.path, page.header))
    header = document.root
    if document.problems or not isinstance(header, Tree):
        raise PageError(*(document.problems or (Problem(source.span(), "expected a mapping as header"),)))
    problems = tuple(validate(header, header_schema())) or tuple(_problems_of_check(header))
    if problems:
        raise PageError(*problems)
    return _rule(id, plain(header), page.text, source.path)


def _rule(id: str, data: Mapping[str, Any], page: str, path: str) -> Rule:
    params = data.get("with", {})
    return Rule(
        id=id,
        summary=data["summary"],
        severity=_severities(data["severity"]),
        kinds=tuple(data["files"]),
        check=data["check"],
        params=tuple(params) if isinstance(params, list) else (params,),
        since=str(data["since"]),
        page=page,
        path=path,
        yields_to=tuple(data.get("yields-to", ())),
        strict_params=data.get("with-strict", {}),
    )


def _severities(given: str | Mapping[str, str]) -> Mapping[str, Severity]:
    if isinstance(given, str):
        return {preset: Severity(given) for preset in PRESETS}
    return {preset: Severity(given[preset]) for preset in PRESETS}


@cache
def header_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(resources.files("opslint").joinpath("rulebook.schema.json").read_text("utf-8"))
    return schema


def _problems_of_check(header: Tree) -> Iterator[Problem]:
    check = at(header, "check")
    assert check is not None
    try:
        function = check_of(str(check))
    except LookupError as error:
        yield Problem(check.span, str(error))
        return
    given = header.get("with")
    for params in (*(given.items if isinstance(given, Sequence) else (given,)), header.get("with-strict")):
        if params is not None:
            yield from problems_of_params(params, function)


def problems_of_params(params: Node, function: Check) -> Iterator[Problem]:
    """What is wrong with the parameters given to a check, each at its place."""
    yield from validate(params, schema_of(function))


def check_of(name: str) -> Check:
    """The function behind `commands.has_option`. Raises LookupError, with what there is instead."""
    module_name, _, function_name = name.partition(".")
    try:
        module = importlib.import_module(f"opslint.checks.{module_name}")
    except ModuleNotFoundError as error:
        if error.name != f"opslint.checks.{module_name}":
            raise
        raise LookupError(f"there is no check `{name}`: no module `{module_name}`") from None
    function = getattr(module, function_name, None)
    if not inspect.isfunction(function) or function.__module__ != module.__name__ or function_name.startswith("_"):
        names = [name for name, value in vars(module).items() if _is_check(value, module)]
        there = ", ".join(f"`{module_name}.{name}`" for name in names)
        raise LookupError(f"there is no check `{name}`; there are {there}{did_you_mean(function_name, names)}")
    return function


def checks() -> Mapping[str, Check]:
    """Every check by its name, as a page writes it."""
    folder = str(resources.files("opslint") / "checks")
    modules = [importlib.import_module(f"opslint.checks.{each.name}") for each in pkgutil.iter_modules([folder])]
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if _is_check(value, module)
    }


def _is_check(value: object, module: types.ModuleType) -> bool:
    return inspect.isfunction(value) and value.__module__ == module.__name__ and not value.__name__.startswith("_")


@cache
def schema_of(function: Check) -> dict[str, Any]:
    """A check's keyword-only parameters as a JSON Schema; a name's `_` is written `-` on a page."""
    hints = typing.get_type_hints(function)
    keywords = [each for each in inspect.signature(function).parameters.values() if each.kind is each.KEYWORD_ONLY]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {each.name.replace("_", "-"): _schema_of_type(hints[each.name]) for each in keywords},
    }


_JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def _schema_of_type(hint: Any) -> dict[str, Any]:
    if hint in _JSON_TYPES:
        return {"type": _JSON_TYPES[hint]}
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _schema_of_type(arguments[0])}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_schema_of_type(argument) for argument in arguments]}
    return {"type": "object"}


def defaults_of(function: Check) -> Mapping[str, Any]:
    """A check's parameters, as a page writes their names, with their defaults; a required one is missing."""
    return {
        each.name.replace("_", "-"): each.default
        for each in inspect.signature(function).parameters.values()
        if each.kind is each.KEYWORD_ONLY and each.default is not each.empty
    }


def is_complete(function: Check, params: Mapping[str, Any]) -> bool:
    """Whether every parameter without a default is given: a rule is off until it is."""
    return all(
        each.name.replace("_", "-") in params
        for each in inspect.signature(function).parameters.values()
        if each.kind is each.KEYWORD_ONLY and each.default is each.empty
    )


def arguments(params: Mapping[str, Any]) -> dict[str, Any]:
    """A page's parameters as keyword arguments: lists become tuples, `at-least` becomes `at_least`."""

    def frozen(value: Any) -> Any:
        return tuple(frozen(item) for item in value) if isinstance(value, list) else value

    return {name.replace("-", "_"): frozen(value) for name, value in params.items()}


def place_of_page(rule: Rule) -> Span:
    """The page's own beginning, for findings about the rule itself."""
    return Source(rule.path, "").span()
