"""What a real runner does: workflows run by `act` in host mode, every command a stub, with the course they took.

A step calls `work NAME STATUS...`: it is logged by its name, and the k-th call of a name ends with the k-th status
(and from the first again). The status `cut` cancels the run as Ctrl-C does, and waits until the runner has said
whether the step goes on; `cut2` waits for two answers, as in an action: of its step, and of the one that uses it.
What stands before the last dot of a name is the job: `deploy.1`, `release/deploy.2`.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

MAIN = ".github/workflows/main.yml"
_WORK = """#!/bin/sh
name=$1
shift
echo "$name" >>"$COURSE_LOG"
count=0
while read -r line; do
    if [ "$line" = "$name" ]; then count=$((count + 1)); fi
done <"$COURSE_LOG"
eval "status=\\${$(((count - 1) % $# + 1))}"
case $status in cut*) ;; *) exit "$status" ;; esac
asked=${status#cut}
runs() { kill -0 "$COURSE_RUNNER" && sleep 0.02; }
kill -INT "$COURSE_RUNNER"
while [ "$(grep -c keepStepRunning= "$COURSE_TOLD")" -lt "${asked:-1}" ]; do runs || exit 1; done
if grep -q keepStepRunning=false "$COURSE_TOLD"; then while kill -0 $PPID && runs; do :; done; fi
"""
_RUN = """
export COURSE_RUNNER=$$
exec "$0" push --json --no-cache-server --platform ubuntu-latest=-self-hosted \
    --workflows "$1" --eventpath "$2" >"$COURSE_TOLD"
"""
# So that it asks no git repository.
_EVENT = {"ref": "refs/heads/main", "after": "0" * 40, "deleted": False, "repository": {"full_name": "octo/shop"}}


def available() -> str:
    """The program; the test is skipped if there is none."""
    program = os.environ.get("OPSLINT_ACT", "")
    if not program:
        pytest.skip("OPSLINT_ACT names no `act`: `python3 dev.py test` installs it where there is Go")
    return program


def told(commands: Iterable[str], results: Mapping[str, str], status: str) -> str:
    """A course: for each job the commands that it ran, in order, and its result; and the result of the run.

    Jobs that run at the same time have no order among them.
    """
    ran: dict[str, list[str]] = {job: [] for job in results}
    for name in commands:
        ran[name.rpartition(".")[0]].append(name)
    lines = [" ".join([f"{job}:", *ran[job], f"= {results[job]}"]) for job in sorted(results)]
    return "; ".join([*lines, f"run = {status}"])


def courses(samples: Sequence[tuple[Mapping[str, str], Sequence[str]]], timeout: float = 60) -> list[str]:
    """The course of each repository, given as its files and the names of its jobs."""
    program = available()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        work = Path(folder) / "bin" / "work"
        work.parent.mkdir()
        work.write_text(_WORK)
        work.chmod(0o755)
        (Path(folder) / "event.json").write_text(json.dumps(_EVENT))
        asked = (
            pool.submit(_course, program, Path(folder), number, *sample, timeout)
            for number, sample in enumerate(samples)
        )
        return [answer.result() for answer in list(asked)]


def _course(
    program: str, folder: Path, number: int, files: Mapping[str, str], jobs: Sequence[str], timeout: float
) -> str:
    root = folder / str(number)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    log, output = folder / f"{number}.log", folder / f"{number}.json"
    log.touch()
    environment = {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "ACT_DISABLE_VERSION_CHECK": "1",
        "COURSE_LOG": str(log),
        "COURSE_TOLD": str(output),
        "LC_ALL": "C",
    }
    command = ["sh", "-c", _RUN, program, MAIN, str(folder / "event.json")]
    done = subprocess.run(command, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=timeout, check=False)  # fmt: skip
    results = dict.fromkeys(jobs, "skipped")
    for line in output.read_text().splitlines():
        event = json.loads(line)
        if event.get("jobResult"):
            where = event["job"].split("/")  # workflow/job, or caller/workflow/job
            caller = f"{where[0]}/" if len(where) == 3 else ""
            results[caller + event["jobID"]] = event["jobResult"]
    return told(log.read_text().split(), results, "failure" if done.returncode else "success")
