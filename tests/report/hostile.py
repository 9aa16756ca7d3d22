"""A whole project in which a text stands wherever a repository's text can stand."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tests.report.samples import HOSTILE

# Files that every reader takes hold most of what a pull request can write; a lone surrogate is in no file that is UTF-8.
TEXTS = tuple(text for text in HOSTILE if len(text) < 1_000)
FILLED = tuple(text.encode("utf-8", "replace").decode() for text in TEXTS)


def project(*texts: str) -> dict[str, str]:
    """Paths and contents: a deployment, workers, PHPStan, composer, scripts and a policy, full of these texts."""
    return {
        ".github/workflows/deploy.yml": workflow(texts),
        "docker/supervisor.conf": "".join(map(program, texts)),
        "composer.json": json.dumps(
            {
                "require": {"phpstan/phpstan": texts[0], "laravel/framework": "^11.0"},
                "scripts": {f"{text}": [text, f"@{text}", "phpstan analyse"] for text in texts},
            },
            indent=1,
        ),
        "phpstan.neon": f"includes:\n\t- phpstan-baseline.neon\n\t- {neon(texts[0])}\n\nparameters:\n\tlevel: {neon(texts[0])}\n\tpaths:\n\t\t- app\n",
        "phpstan-baseline.neon": "parameters:\n\tignoreErrors:\n" + "".join(map(ignored, texts)),
        "scripts/deploy.sh": "php artisan down\nphp artisan migrate\n" + "".join(f"{line(text)} | tee {line(text)}\n" for text in texts) + "php artisan up\n",
        "Makefile": "deploy:\n" + "".join(f"\t{line(text)}\n" for text in texts),
        "config/queue.php": f"<?php return ['default' => {json.dumps(line(texts[0]))}, 'connections' => ['redis' => ['retry_after' => {json.dumps(line(texts[0]))}]]];\n",
        "artisan": "",
        "app/X.php": "<?php\n",
    }


def named(text: str) -> dict[str, str]:
    """A worker in a file, a folder and a workflow of this name."""
    name = text.replace("/", "-").replace("\0", "0").strip() or "x"
    return {
        f"{name}.conf": program("w"),
        f"{name}/supervisor.conf": program("w"),
        f".github/workflows/{name}.yml": workflow([text.encode("utf-8", "replace").decode()]),
    }


def workflow(texts: Iterable[str]) -> str:
    """A deployment that stays down when anything fails; as JSON, which is YAML with every character in it."""
    steps = [{"name": "Down", "run": "ssh shop 'php artisan down'"}]
    for text in texts:
        steps += [
            {"name": text, "run": f"ssh shop 'php artisan migrate --force'\necho {text}\n", "if": "success()", "env": {"A": text}},
            {"name": text, "uses": text, "with": {text: text}},
            {"name": text, "run": text, "if": text, "shell": text, "working-directory": text},
        ]
    steps.append({"name": "Up", "run": "ssh shop 'php artisan up'"})
    name = next(iter(texts))
    job = {"name": name, "runs-on": "ubuntu-latest", "environment": name, "steps": steps}
    return json.dumps({"name": name, "on": {"push": {"branches": [name]}}, "env": {"A": name}, "jobs": {"deploy": job, name: job}}, indent=1)


def program(text: str) -> str:
    return f"[program:{line(text)}]\ncommand=php artisan queue:work {line(text)}\nuser={line(text)}\nstdout_logfile={line(text)}\n{line(text)}=1\n"


def ignored(text: str) -> str:
    return f"\t\t-\n\t\t\tmessage: {neon(text)}\n\t\t\tidentifier: {neon(text)}\n\t\t\tcount: 2\n\t\t\tpath: {neon(text)}\n"


def line(text: str) -> str:
    """The text as it stands in a format whose lines end at a line feed."""
    return text.replace("\n", " ").replace("\r", " ")


def neon(text: str) -> str:
    return "'" + line(text).replace("'", "''") + "'"


def policy(text: str) -> str:
    """A policy that is valid, and full of a text where words are allowed."""
    exception = {"rule": "workers/not-root", "path": "docker/*", "reason": text.strip() or "x"}
    return json.dumps({"extends": "recommended", "acts": {"update-code": [f"echo {line(text)}"]}, "exceptions": [exception]})
