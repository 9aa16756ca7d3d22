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
    go = folder.with_name(f"{folder.name}-go")  # not in the environment, which is emptied when it is made
    building = act_build(go)  # beside the rest: the first time it takes a minute
    programs = environment(folder, ".[dev]")
    oracles = {**node_oracles(folder), **act_oracle(go, building)}
    run(programs / "python", "-m", "pytest", "-n", "auto", *sys.argv[2:], **oracles)
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


def act_build(programs: Path) -> subprocess.Popen[bytes] | None:
    """Begins to build a runner of workflows, where Go is; later builds take a second, for Go keeps the parts."""
    go = shutil.which("go")
    if go is None or os.environ.get("OPSLINT_ACT"):
        return None
    nothing = subprocess.DEVNULL
    variables = {**os.environ, "GOBIN": str(programs)}
    return subprocess.Popen([go, "install", ACT], env=variables, stdin=nothing, stdout=nothing, stderr=nothing)


def act_oracle(programs: Path, building: subprocess.Popen[bytes] | None, seconds: int = 150) -> dict[str, str]:
    """The runner for the tests that ask one; where it could not be built those tests are skipped and say so."""
    if building is None:
        return {}
    try:
        built = building.wait(timeout=seconds) == 0
    except subprocess.TimeoutExpired:
        building.kill()
        built = False
    return {"OPSLINT_ACT": str(programs / "act")} if built else {}


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
