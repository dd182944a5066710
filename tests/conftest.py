"""What every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CI = os.environ.get("CI") == "true"
# They need the guest that `make test-bluez` boots.
collect_ignore = [] if "TWITCHWATCH_GUEST" in os.environ else ["bluez"]
DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Real recordings; they lie beside the project and are never copied into it."""
    if not DATA.is_dir():
        reason = "the real recordings (../shared/data, beside the project) are not here"
        if CI:
            pytest.fail(reason)
        pytest.skip(reason)
    return DATA


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything can be installed, a test that did not run has failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if CI and reporter is not None and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line("A skipped test is a failure in CI.", red=True)
