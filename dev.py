"""Set up and run opslint from a checkout, with Python 3.11+ and git alone.

  python3 dev.py demo    lint the bundled example
  python3 dev.py test    run the tests
  python3 dev.py ci      what .ci/run does: the tests, ruff and mypy, in a new environment

Each uses a virtual environment of its own below `.venv/`; nothing else on the machine is changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE / "fixtures" / "projects" / "mutuapix-before"
ACT = "github.com/nektos/act@v0.2.89"


def environment(folder: Path, requirement: str) -> Path:
    """A virtual environment with opslint from this checkout; the folder of its programs."""
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    if not (programs / "opslint").exists():
        print(f"setting up {folder} ...", flush=True)
        try:
            venv.create(folder, with_pip=True, clear=True)
        except subprocess.CalledProcessError:
            sys.exit("python3 cannot make virtual environments here: on Debian, `apt install python3-venv`")
        run(programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", requirement)
    return programs


def run(*command: str | Path, **variables: str) -> None:
    """Run a command in the checkout; end with its exit code if it fails."""
    done = subprocess.run([str(part) for part in command], cwd=HERE, env={**os.environ, **variables}, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def demo() -> None:
    programs = environment(HERE / ".venv" / "demo", ".")
    done = subprocess.run([programs / "opslint", "check", EXAMPLE], cwd=HERE, check=False)
    if done.returncode != 1:
        sys.exit(f"expected findings (exit code 1), found exit code {done.returncode}")


def test() -> None:
    tested(HERE / ".venv" / "test")


def tested(folder: Path) -> Path:
    """The tests, run in an environment; the folder of its programs."""
    programs = environment(folder, ".[dev]")
    run(programs / "python", "-m", "pytest", "-n", "auto", *sys.argv[2:], **node_oracles(folder), **act_oracle(folder))
    return programs


def node_oracles(folder: Path) -> dict[str, str]:
    """GitHub's own libraries for the tests that ask them; without npm those tests are skipped and say so."""
    npm = shutil.which("npm")
    if npm is None:
        return {}
    target = folder / "node"
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "tests" / "oracles" / "package.json", target)
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=target, check=False, capture_output=True)
    return {"OPSLINT_NODE_MODULES": str(target / "node_modules")} if done.returncode == 0 else {}


def act_oracle(folder: Path, seconds: int = 150) -> dict[str, str]:
    """A runner of workflows for the tests that ask one; where it cannot be built those tests are skipped and say so.

    The first build takes about a minute, later ones a second: Go keeps the parts, also of a build that took too long.
    """
    go = shutil.which("go")
    if go is None or os.environ.get("OPSLINT_ACT"):
        return {}
    programs = folder / "go"
    silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        subprocess.run([go, "install", ACT], env={**os.environ, "GOBIN": str(programs)}, timeout=seconds, check=True,
                       **silent)  # fmt: skip
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return {}
    return {"OPSLINT_ACT": str(programs / "act")}


def ci() -> None:
    with tempfile.TemporaryDirectory() as folder:
        programs = tested(Path(folder) / "environment")
        run(programs / "ruff", "check", ".")
        run(programs / "mypy")


if __name__ == "__main__":
    jobs = {"demo": demo, "test": test, "ci": ci}
    if len(sys.argv) < 2 or sys.argv[1] not in jobs:
        sys.exit(__doc__)
    jobs[sys.argv[1]]()
