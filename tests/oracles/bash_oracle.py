"""What real shells do: scripts whose every command is a stub, run in batches, with the course they took.

A script calls `act NAME STATUS...`: it is logged by its name, and the k-th call ends with the k-th status (and from
the first again). In a pipeline a stub waits for the end of what comes before it, so courses have one order. The status
`cut` sends SIGTERM to the script's own shell, as a cancelled job does.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
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
    sleep 0.1
    kill -TERM "$COURSE_SHELL" 2>/dev/null
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
for folder in "$@"; do
    cd "$folder"
    COURSE_LOG=$folder/log timeout --foreground 20 sh -c 'export COURSE_SHELL=$$; exec $0 script.sh' \
        </dev/null >/dev/null 2>errors
    echo $? >status
done
sleep 0.3
"""


class Course(NamedTuple):
    """The names of the commands that ran, in order, and the exit status."""

    names: tuple[str, ...]
    status: int
    errors: str = ""  # what the shell said; for reading, not for comparing


def courses(scripts: Sequence[Mapping[str, str]], shell: str, timeout: float = 600) -> list[Course]:
    """The course that each script takes in a shell such as `bash -e`: `script.sh`, and the files beside it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _install(root / "bin")
        folders = []
        for number, files in enumerate(scripts):
            beside = root / str(number)
            beside.mkdir()
            for name, text in files.items():
                (beside / name).write_text(text)
            (beside / "log").touch()
            folders.append(beside)
        environment = {"PATH": f"{root / 'bin'}:{os.environ['PATH']}", "COURSE_SHELL": "", "LC_ALL": "C"}
        batch = _BATCH.replace("$0", shell)
        subprocess.run(["sh", "-c", batch, "batch", *map(str, folders)], env=environment, timeout=timeout, check=False)
        return [_course(folder) for folder in folders]


def _install(folder: Path) -> None:
    folder.mkdir()
    for name, text in (("act", _ACT), ("ssh", _SSH)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)


def _course(folder: Path) -> Course:
    names = (folder / "log").read_text().split()
    return Course(tuple(names), int((folder / "status").read_text()), (folder / "errors").read_text())
