"""What the systems receive: accepted by systemd's own checker, the rest read back whole."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from twitchwatch.alerts.channels import PATIENCE_S
from twitchwatch.service import units

ODD = '/home/al\'s "home"/100 % of $HOME/t.db'
COMMANDS = units.Commands(
    [sys.executable, "-m", "twitchwatch", "run", "--database", ODD],
    [sys.executable, "-m", "twitchwatch", "deadman", "--database", ODD],
)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for name, content in units.systemd_units(COMMANDS).items():
        (tmp_path / name).write_text(content)
    for name in units.systemd_units(COMMANDS):
        command = ["systemd-analyze", "--user", "verify", str(tmp_path / name)]
        ran = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env={
                "SYSTEMD_UNIT_PATH": f"{tmp_path}:",
                "XDG_RUNTIME_DIR": str(tmp_path),
                "PATH": "/usr/bin:/bin",
            },
        )
        assert ran.returncode == 0, ran.stderr
        assert str(tmp_path) not in ran.stderr, ran.stderr


def test_the_service_is_notified_watched_and_restarted() -> None:
    service = units.systemd_units(COMMANDS)["twitchwatch.service"]
    for line in ("Type=notify", "WatchdogSec=30", "Restart=on-failure", "UMask=0077"):
        assert line in service.splitlines()
    # A wrong command line and a damaged database are not tried again.
    assert "RestartPreventExitStatus=2 5" in service
    # systemd reads specifiers, variables, quotes; the path comes through whole.
    assert "100 %% of $$HOME" in service
    assert "--service-result ${SERVICE_RESULT}" in service


def test_the_guard_after_a_stop_may_take_as_long_as_its_channels() -> None:
    """systemd ends both by the same limit; a daemon that does not stop is ended by it too."""
    lines = units.systemd_units(COMMANDS)["twitchwatch.service"].splitlines()
    assert any(line.startswith("ExecStopPost=") for line in lines)
    (limit,) = [float(line.split("=")[1]) for line in lines if line.startswith("TimeoutStopSec=")]
    assert PATIENCE_S + units.STOP_S <= limit < 60


def test_launchd_agents_are_read_back_whole() -> None:
    agents = units.launchd_agents(COMMANDS, Path("/tmp/t.log"))
    run = plistlib.loads(agents["org.twitchwatch.run.plist"])
    assert run["ProgramArguments"] == list(COMMANDS.run)
    assert run["KeepAlive"] == {"SuccessfulExit": False}
    guard = plistlib.loads(agents["org.twitchwatch.deadman.plist"])
    assert guard["ProgramArguments"] == list(COMMANDS.guard)
    assert guard["StartInterval"] == units.GUARD_EVERY_S


def test_windows_tasks_are_read_back_whole() -> None:
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    for content, command in zip(
        units.windows_tasks(COMMANDS).values(), (COMMANDS.run, COMMANDS.guard), strict=True
    ):
        task = ElementTree.fromstring(content.encode("utf-16"))
        assert task.findtext(".//t:Command", namespaces=space) == command[0]
        arguments = task.findtext(".//t:Arguments", namespaces=space)
        assert arguments == subprocess.list2cmdline(command[1:])
        assert task.findtext(".//t:ExecutionTimeLimit", namespaces=space) == "PT0S"
