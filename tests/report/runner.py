"""What a GitHub runner would obey in a log, after actions/runner's ActionCommand and ActionCommandManager."""

from __future__ import annotations

import re

_TIMELESS = re.compile(r"##\[[A-Za-z]")  # the older form, anywhere in a line


def obeyed(log: str) -> list[str]:
    """The commands that a runner takes from a log, by name; none of those between stop-commands and its token."""
    commands: list[str] = []
    token = ""
    for line in re.split(r"\r\n|\n|\r", log):
        bare = line.lstrip()
        if token:
            token = "" if bare.startswith(f"::{token}::") else token
            continue
        if bare.startswith("::") and (end := bare.find("::", 2)) > 2:
            name = bare[2:end].split(" ")[0]
            commands.append(name)
            if name == "stop-commands":
                token = bare[end + 2 :]
        elif _TIMELESS.search(line):
            commands.append(line)
    assert not token, "commands were stopped and never resumed"
    return commands
