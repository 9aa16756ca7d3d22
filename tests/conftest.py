"""What every test shares: a scrubbed environment, and a count of the tests that asked a real system."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

_SCRUBBED = ("CI", "NO_COLOR", "FORCE_COLOR", "PRE_COMMIT", "COLUMNS", "TERM")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import os

    for name in list(os.environ):
        if name in _SCRUBBED or name.startswith(("GITHUB_", "GIT_")):
            monkeypatch.delenv(name)
    yield


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
