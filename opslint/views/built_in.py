"""What opslint says by itself, without a page: the names of such findings, and what each means."""

from __future__ import annotations

from collections.abc import Mapping

BUILT_IN: Mapping[str, str] = {
    "opslint/accepted": (
        "`.opslint-accepted.yaml` accepts what is no longer found, or is found less often: counts may only fall. "
        "`opslint accept` or `opslint check --fix` takes it out."
    ),
    "opslint/internal": (
        "A rule crashed, and judged nothing. This is a fault of opslint, not of the project: the run is incomplete and "
        "exits 4. `OPSLINT_TRACEBACK=1` shows where it happened; please report it."
    ),
    "opslint/parse": (
        "A file cannot be read as what it is: a mistake in its format, bytes that are no UTF-8, or a script that no "
        "shell could read. What stands behind the mistake was not judged. No comment and no exception silences this."
    ),
    "opslint/policy-weakened": (
        "This change takes something back from the policy: a rule is turned down, a file or a finding is left out. It "
        "is no fault, and is told so that nobody loosens a gate unseen."
    ),
    "opslint/suppression": (
        "A comment or exception that silences a rule is itself wrong: it gives no reason, names no rule, has expired, "
        "or silences nothing any more."
    ),
    "opslint/undecided": (
        "Something could not be seen: a script that is not in the repository, a value that only the run knows, a "
        "missing base revision. The rules that wait for it are its notes, and it says what would decide it. With "
        "`--fail-on-undecided` the run exits 4."
    ),
}
