"""What real shells do: scripts whose every command is a stub, run in batches, with the course they took.

A script calls `act NAME STATUS...`: it is logged by its name, and the k-th call ends with the k-th status (and from
the first again). In a pipeline a stub waits for the end of what comes before it, so courses have one order. The status
`cut` sends SIGTERM to the script's own shell, as a cancelled job does.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_ACT = """#!/bin/sh
name=$1
shift
if [ -p /dev/stdin ]; then while read -r line; do :; done; fi
echo "$name" >>"$COURSE_LOG"
count=0
while read -r line; do
    if [ "$line" = "$name" ]; then count=$((count + 1)); fi
done <"$COURSE_LOG"
eval "status=\\${$(((count - 1) % $# + 1))}"
if [ "$status" = cut ]; then
    kill -TERM "$COURSE_SHELL"
    sleep 0.05
    exit 0
fi
exit "$status"
"""
_SSH = """#!/bin/sh
shift
if [ $# -eq 0 ]; then exec bash -c "$(cat)" </dev/null; fi
exec bash -c "$*"
"""
_BATCH = """
for script in "$@"; do
    COURSE_LOG=$script.log sh -c 'export COURSE_SHELL=$$; exec $0 "$1"' "$COURSE_COMMAND" "$script" \
        </dev/null >/dev/null 2>"$script.errors"
    echo $? >"$script.status"
done
"""


class Course(NamedTuple):
    """The names of the commands that ran, in order, and the exit status."""

    names: tuple[str, ...]
    status: int
    errors: str = ""  # what the shell said; for reading, not for comparing


def courses(scripts: Sequence[str], shell: str, timeout: float = 600) -> list[Course]:
    """The course that each script takes in a shell such as `bash -e`."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _install(root / "bin")
        paths = []
        for number, script in enumerate(scripts):
            path = root / f"{number}.sh"
            path.write_text(script)
            (root / f"{number}.sh.log").touch()
            paths.append(path)
        environment = {
            "PATH": f"{root / 'bin'}:{os.environ['PATH']}",
            "COURSE_COMMAND": "",
            "COURSE_SHELL": "",
            "LC_ALL": "C",
        }
        batch = _BATCH.replace("$0", shell)
        subprocess.run(["sh", "-c", batch, "batch", *map(str, paths)], env=environment, timeout=timeout, check=False)
        return [_course(path) for path in paths]


def _install(folder: Path) -> None:
    folder.mkdir()
    for name, text in (("act", _ACT), ("ssh", _SSH)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)


def _course(path: Path) -> Course:
    names = path.with_name(path.name + ".log").read_text().split()
    status = path.with_name(path.name + ".status").read_text()
    return Course(tuple(names), int(status), path.with_name(path.name + ".errors").read_text())
