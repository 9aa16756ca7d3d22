"""The pages of the rules, as Markdown for the site: one per rule, one per family, and the table of all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import screens
import terminal

from opslint import rulebook
from opslint.finding import Rule, Severity
from opslint.policy import Policy
from opslint.report import text
from opslint.views.built_in import BUILT_IN
from opslint.views.examples import BASE, Block, Example, examples, judged
from opslint.views.rule_page import configuration, silencing

FAMILIES = {
    "workers": "Programs that Supervisor keeps and that work a queue: that they live, end, restart and are watched.",
    "deploy": "Deployments: what state they leave the site in when something fails, is cancelled or times out.",
    "phpstan": "PHPStan's configuration and baseline: that they say what the team believes they say.",
    "ci": "The gate: that PHPStan and the tests run on every change, and can turn it red.",
    "supervisor": "What Supervisor would refuse, or pass over without a word.",
    "workflow": "What GitHub would refuse, and what can never run.",
}
_KINDS = {
    "project": "the whole project",
    "supervisor": "Supervisor's files",
    "workflow": "workflows",
    "action": "actions",
    "phpstan": "PHPStan's configuration",
    "composer": "`composer.json`",
}
_LEXERS = {"neon": "yaml", "": "text"}  # Pygments knows no NEON; YAML's colours fit what the pages show of it
_TYPES = {"string": "text", "integer": "number", "boolean": "true or false", "array": "list", "object": "mapping"}
_VERBATIM = re.compile(r"(^```.*?^```[ \t]*$|<pre.*?</pre>|^# .*?$)", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"(?<!\[)`([a-z]+/[a-z-]+)`")


def linked(page: str, rules: Mapping[str, Rule], up: str = "../") -> str:
    """A page on which each rule that is named leads to its own; code blocks and the title are left alone."""

    def link(match: re.Match[str]) -> str:
        return f"[`{match[1]}`]({up}{match[1]}.md)" if match[1] in rules else match[0]

    parts = enumerate(_VERBATIM.split(page))  # every second part is verbatim
    return "".join(part if number % 2 else _NAMED.sub(link, part) for number, part in parts)


def rule_page(rule: Rule, rules: Mapping[str, Rule]) -> str:
    """All that is known of a rule; under each bad example what opslint prints of it."""
    parts = [
        f"---\ntitle: {json.dumps(rule.id.split('/')[1])}\ndescription: {json.dumps(rule.summary)}\n---\n",
        f"# `{rule.id}`\n\n**{rule.summary}.**\n",
        "\n".join(_facts(rule)) + "\n",
        _with_reports(rule),
        configuration(rule, Policy()),
        "\n".join(_parameters(rule)),
        silencing(rule) + "\n",
    ]
    own, references = "\n".join(parts[2:4]).split("\n## References\n", 1)
    page = "\n".join([*parts[:2], own, *parts[4:], "\n## References\n", references])
    return linked(page, rules)


def _facts(rule: Rule) -> Iterator[str]:
    presets = " · ".join(f"{name} {_badge(rule.severity[name])}" for name in rulebook.PRESETS)
    presets += "" if _is_set(rule) else ", off until it is set"
    yield f"{presets} · reads {_kinds(rule)} · since {rule.since} · {_fix(rule)}"
    yield "{ .facts }"


def _is_set(rule: Rule) -> bool:
    """Whether it runs without a word of the policy: a rule that lacks a parameter does not."""
    return all(rulebook.is_complete(rulebook.check_of(rule.check), item) for item in rule.params)


def _badge(severity: Severity) -> str:
    return f'<span class="severity {severity.value}">{severity.value}</span>'


def _kinds(rule: Rule) -> str:
    return " and ".join(_KINDS.get(kind, f"{kind} files") for kind in rule.kinds)


def _fix(rule: Rule) -> str:
    """Of what the examples show, which is all that can be said without a project."""
    fixes = [finding.verdict.fix for each in _bad(rule) for finding in judged(rule, each).findings]
    safe = {fix.safe for fix in fixes if fix}
    if not safe:
        return "mended by hand"
    option = "`--fix`" if safe == {True} else "`--fix --unsafe-fixes`"
    return f"{option} mends {'it' if all(fixes) else 'some of it'}"


def _bad(rule: Rule) -> Sequence[Example]:
    return tuple(examples(_section(rule.page, "Bad")[0]))


def _section(page: str, name: str) -> tuple[str, int]:
    """The text below `## name`, and where it begins in the page."""
    match = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert match, f"the page has no section {name}"
    return match[1], match.start(1)


def _with_reports(rule: Rule) -> str:
    """The page with file names as titles of its blocks, and the report behind the last block of each bad example."""
    page = rule.page
    for name in ("Good", "Bad"):  # the later one first: places before it stay true
        section, start = _section(page, name)
        for example in reversed(tuple(examples(section))):
            last = example.blocks[-1]
            told = f"\n\n{_report(rule, example)}\n" if name == "Bad" else ""
            page = page[: start + last.end] + told + page[start + last.end :]
            for block in reversed(example.blocks):
                page = page[: start + block.start] + _fenced(block) + page[start + block.end :]
    return page


def _fenced(block: Block) -> str:
    title = block.path.rstrip("*").removeprefix(BASE)
    title += " (executable)" if block.path.endswith("*") else ""
    title += " at the base revision" if block.path.startswith(BASE) else ""
    language = _LEXERS.get(block.language, block.language)
    return f'\n```{language} title="{title}"\n{block.content}```\n'


def _report(rule: Rule, example: Example) -> str:
    report = judged(rule, example)
    assert report.findings, f"{rule.id}: a bad example is found"
    told = text.render(report, color=True, width=screens.WIDTH)
    body = told.rstrip("\n").rpartition("\n\n")[0]  # without the closing line: it counts files of an example
    return f"opslint says:\n\n{terminal.html(body)}"


def _parameters(rule: Rule) -> Iterator[str]:
    """The check and every parameter of it, as the page and its function give them."""
    check = rulebook.check_of(rule.check)
    types, defaults = rulebook.schema_of(check)["properties"], rulebook.defaults_of(check)
    yield f"The rule is the check `{rule.check}`" + (":\n" if types else ", which has no parameters.\n")
    if types:
        yield "| Parameter | Type | Default | Here |"
        yield "|---|---|---|---|"
    for name, shape in types.items():
        given = [item[name] for item in rule.params if name in item]
        here = " · ".join(dict.fromkeys(_cell(value) for value in given))
        if name in rule.strict_params:
            here = f"{here or 'the default'}, in `strict` {_cell(rule.strict_params[name])}"
        default = _cell(defaults[name]) if name in defaults else "required"
        yield f"| `{name}` | {_type(shape)} | {default} | {here} |"
    yield ""


def _cell(value: Any) -> str:
    if value in (None, "", (), [], {}):
        return "none"
    return f"`{_plain(value)}`".replace("|", "\\|")


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _type(shape: Mapping[str, Any]) -> str:
    if "enum" in shape:
        return ", ".join(f"`{value}`" for value in shape["enum"] if value)
    if "anyOf" in shape:
        return " or ".join(_type(each) for each in shape["anyOf"] if each != {"type": "null"})
    return _TYPES[shape["type"]]


def table(rules: Mapping[str, Rule], up: str) -> str:
    """Rules in a table that the reader can filter and sort."""
    rows = ["| Rule | recommended | strict | What must hold |", "|---|---|---|---|"]
    for id, rule in rules.items():
        badges = " | ".join(_badge(rule.severity[name]) for name in rulebook.PRESETS)
        rest = "" if _is_set(rule) else " (off until it is set)"
        if rule.strict_params:
            added = ", ".join(f"`{name}: {_plain(value)}`" for name, value in rule.strict_params.items())
            rest = f" (in `strict` with {added})"
        rows.append(f"| [`{id}`]({up}{id}.md) | {badges} | {rule.summary}{rest} |")
    return '<div class="rules" markdown>\n\n' + "\n".join(rows) + "\n\n</div>\n"


def families(rules: Mapping[str, Rule]) -> tuple[str, ...]:
    """Those that we describe first, in that order, then any other."""
    there = dict.fromkeys(id.split("/")[0] for id in rules)
    return (*(name for name in FAMILIES if name in there), *(name for name in there if name not in FAMILIES))


def family_page(family: str, rules: Mapping[str, Rule]) -> str:
    own = {id: rule for id, rule in rules.items() if id.startswith(f"{family}/")}
    return f"---\nhide: [toc]\n---\n# {family}\n\n{FAMILIES.get(family, '')}\n\n{table(own, '../')}"


def index_page(rules: Mapping[str, Rule]) -> str:
    on = sum(rule.severity["recommended"] is not Severity.OFF and _is_set(rule) for rule in rules.values())
    said = [
        "---\nhide: [toc]\n---\n# Rules\n",
        f"{len(rules)} rules, {on} of them on in `recommended`, which is the default. [Presets](../presets.md) tells",
        "what the two are for; [what opslint says itself](opslint.md) is told beside the rules.\n",
        *(f"* [{name}]({name}/index.md) - {FAMILIES.get(name, '')}" for name in families(rules)),
        "",
        table(rules, ""),
    ]
    return "\n".join(said)


def itself_page(rules: Mapping[str, Rule]) -> str:
    """What opslint says without a rule, each below an anchor of its name."""
    said = [
        "---\ntitle: opslint itself\n---\n# What opslint says itself\n",
        "Findings about the linting, which stand beside the rules. `rules:` of a policy does not set them.\n",
        *(f"## {id.partition('/')[2]}\n\n{text}\n" for id, text in BUILT_IN.items()),
    ]
    return linked("\n".join(said), rules, "")
