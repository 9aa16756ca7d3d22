"""What every test shares: a scrubbed environment, and a count of the tests that asked a real system."""

from __future__ import annotations

from pathlib import Path

import pytest

_SCRUBBED = ("CI", "GITLAB_CI", "CHANGE_TARGET", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM")
_SCRUBBED_PREFIXES = ("CI_", "GITHUB_", "GIT_", "PRE_COMMIT", "BITBUCKET_", "BUILDKITE_", "SYSTEM_PULLREQUEST_")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name in _SCRUBBED or name.startswith(_SCRUBBED_PREFIXES):
            monkeypatch.delenv(name)
    return


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests asked a real system, and why the others could not."""
    ran = sum("oracle" in report.keywords for report in terminalreporter.stats.get("passed", []))
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "oracle" in report.keywords]
    terminalreporter.write_line(f"oracles: {ran} ran, {len(skipped)} skipped")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.write_line(f"  skipped {report.nodeid}: {reason}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="record expected output anew; review it as a diff")


class GoldenFile:
    """Compares with a recorded file, or records it where pytest was called with `--regenerate`."""

    def __init__(self, regenerate: bool) -> None:
        self._regenerate = regenerate

    def __call__(self, path: Path, actual: str) -> None:
        if self._regenerate:
            path.write_text(actual, "utf-8")
        assert path.is_file(), f"{path.name} is not recorded: call pytest with --regenerate, and read what it wrote"
        assert actual == path.read_text("utf-8")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> GoldenFile:
    return GoldenFile(request.config.getoption("--regenerate"))
