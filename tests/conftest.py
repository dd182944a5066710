"""What every room's tests share."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path

import pytest

CI = os.environ.get("CI") == "true"
GUEST = "TWITCHWATCH_GUEST" in os.environ
# They need the guest that `make test-bluez` boots.
collect_ignore = [] if GUEST else ["bluez"]
if not GUEST:
    from hypothesis import HealthCheck, Phase, settings

    # How long an example takes says how busy the computer is, not whether the code is right.
    # In CI the cases are the same each time: what fails there fails here too. Here they are drawn anew.
    settings.register_profile(
        "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=CI
    )
    # `make mutants`: the same examples each time; of one that fails nobody reads more than that it does.
    settings.register_profile(
        "mutants", settings.get_profile("busy"), derandomize=True, phases=(Phase.explicit, Phase.generate)
    )
    settings.load_profile("busy")


class OneName(MetaPathFinder):
    """Refuses the sensor's name of what both share: it would be there twice, with two states."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: object = None) -> None:
        """Raises ImportError for `shared` and what is in it."""
        if fullname.partition(".")[0] == "shared":
            raise ImportError(
                f"{fullname} is the sensor's name; on the computer import twitchwatch.{fullname}"
            )


sys.meta_path.insert(0, OneName())
# The slowest test that asks for `promptly` computes for a tenth of it.
PROMPTLY_S = 5.0


@pytest.fixture
def promptly() -> Iterator[None]:
    """A loop without an end fails the test. Processor time counts, so other work delays nothing.

    hypothesis runs again what has failed, so the limit does too.
    """

    def endless(_: int, __: object) -> None:
        raise AssertionError(f"this has computed for {PROMPTLY_S:.0f} s and would not end")

    before = signal.signal(signal.SIGVTALRM, endless)
    signal.setitimer(signal.ITIMER_VIRTUAL, PROMPTLY_S, PROMPTLY_S)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
    signal.signal(signal.SIGVTALRM, before)


DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Real recordings; they are beside the project and are never copied into it."""
    if not DATA.is_dir():
        reason = "the real recordings (../shared/data, beside the project) are not here"
        if CI:
            pytest.fail(reason)
        pytest.skip(reason)
    return DATA


_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>"""


@pytest.fixture
def bus_address(tmp_path: Path) -> Iterator[str]:
    """A D-Bus of its own, as the system's."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    config, socket = tmp_path / "bus.conf", tmp_path / "bus"
    config.write_text(_BUS.format(socket=socket))
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
        daemon.kill()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything can be installed, a test that did not run has failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if CI and reporter is not None and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line("A skipped test is a failure in CI.", red=True)
