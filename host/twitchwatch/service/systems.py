"""Installing, querying and removing the service with each system's own tool."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from twitchwatch.errors import ConfigurationError
from twitchwatch.service import units
from twitchwatch.service.upkeep import Keeping

NOT_INSTALLED = "not installed (`twitchwatch service install`)"
_TIMEOUT_S = 60.0

Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True, slots=True)
class ServiceState:
    """installed: its files are there. running: the system runs it now. reported: the same in words."""

    installed: bool
    running: bool
    reported: str


class System(Protocol):
    """A system that runs services for a user."""

    note: str

    def install(self, commands: units.Commands) -> list[Path]:
        """Install and start; returns the files created. Raises ConfigurationError with what to do."""
        ...

    def state(self) -> ServiceState:
        """The state of the service. Raises ConfigurationError if the system cannot be queried."""
        ...

    def uninstall(self) -> list[Path]:
        """Stop and remove; returns the files deleted."""
        ...


def run_tool(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run one of the system's tools. Raises ConfigurationError if it is missing or hangs."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"`{command[0]}` is not installed, so this computer cannot run services for you. Start "
            "`twitchwatch run` with your own service manager."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ConfigurationError(
            f"`{' '.join(command)}` did not finish within {_TIMEOUT_S:.0f} s."
        ) from error


def this_system(log: Path, run: Run = run_tool) -> System:
    """The system that this runs on."""
    if sys.platform == "darwin":
        return Launchd(log, run)
    if sys.platform == "win32":
        return TaskScheduler(run)
    return Systemd(run)


def commands(database: Path, log: Path, keeping: Keeping) -> units.Commands:
    """The command lines for this installation, each file with its full path."""
    program = [sys.executable, "-m", "twitchwatch"]
    at = ["--database", str(database.absolute())]
    keeps = ["--backups", str(keeping.count)]
    if keeping.folder is not None:
        keeps += ["--backup-folder", str(keeping.folder.absolute())]
    return units.Commands(
        [*program, "run", *at, "--log", str(log.absolute()), *keeps], [*program, "deadman", *at]
    )


class Systemd:
    """Linux: units of the user's own systemd."""

    note = ""

    def __init__(self, run: Run = run_tool) -> None:
        self._run = run
        home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
        self._folder = Path(home) / "systemd" / "user"

    def install(self, commands: units.Commands) -> list[Path]:
        """Write the units, and enable and start them."""
        made = [
            _write(self._folder / name, content.encode())
            for name, content in units.systemd_units(commands).items()
        ]
        self._systemctl("daemon-reload")
        self._systemctl("enable", f"{units.NAME}.service", f"{units.GUARD}.timer")
        # Even if it was running before: the units may be new.
        self._systemctl("restart", f"{units.NAME}.service", f"{units.GUARD}.timer")
        return made

    def state(self) -> ServiceState:
        """By `systemctl show`."""
        reported = self._systemctl(
            "show", f"{units.NAME}.service", "--property=LoadState,ActiveState,SubState,StateChangeTimestamp"
        )
        shown = dict(line.split("=", 1) for line in reported.splitlines() if "=" in line)
        active, sub = shown.get("ActiveState", ""), shown.get("SubState", "")
        since = shown.get("StateChangeTimestamp", "")
        if shown.get("LoadState") != "loaded":
            return ServiceState(False, False, NOT_INSTALLED)
        return ServiceState(
            True, active == "active", f"{active} ({sub})" + (f" since {since}" if since else "")
        )

    def uninstall(self) -> list[Path]:
        """Stop, disable and delete the units."""
        there = [self._folder / name for name in units.systemd_units(units.Commands(["x"], ["x"]))]
        there = [path for path in there if path.exists()]
        if there:
            self._systemctl("disable", "--now", f"{units.NAME}.service", f"{units.GUARD}.timer")
        for path in there:
            path.unlink()
        if there:
            self._systemctl("daemon-reload")
        return there

    def _systemctl(self, *arguments: str) -> str:
        command = ["systemctl", "--user", "--no-pager", *arguments]
        ran = self._run(command)
        if ran.returncode:
            raise ConfigurationError(
                f"systemd does not respond (`systemctl --user {arguments[0]}`:"
                f" {(ran.stderr.strip() or ran.stdout.strip()).rstrip('.')}). User services need systemd and"
                " a login session: log in on this computer directly, or over ssh after `sudo loginctl"
                " enable-linger $USER`. Without systemd, start `twitchwatch run` with your own service"
                " manager."
            )
        return ran.stdout


class Launchd:
    """macOS: agents of the user. Untested there."""

    note = "Written from launchd's documentation, and not tested on a Mac."

    def __init__(self, log: Path, run: Run = run_tool) -> None:
        self._log = log
        self._run = run
        self._folder = Path.home() / "Library" / "LaunchAgents"

    def install(self, commands: units.Commands) -> list[Path]:
        """Write the agents and load them."""
        made = []
        for name, content in units.launchd_agents(commands, self._log).items():
            path = self._folder / name
            self._run(["launchctl", "bootout", f"{self._domain()}/{path.stem}"])
            made.append(_write(path, content))
            self._launchctl("bootstrap", self._domain(), str(path))
        return made

    def state(self) -> ServiceState:
        """By `launchctl print`."""
        ran = self._run(["launchctl", "print", f"{self._domain()}/{units.LABEL}"])
        installed = (self._folder / f"{units.LABEL}.plist").exists()
        running = ran.returncode == 0 and "state = running" in ran.stdout
        return ServiceState(installed, running, _reported(installed, running))

    def uninstall(self) -> list[Path]:
        """Unload and delete the agents."""
        gone = []
        for label in (units.LABEL, units.GUARD_LABEL):
            path = self._folder / f"{label}.plist"
            if path.exists():
                self._run(["launchctl", "bootout", f"{self._domain()}/{label}"])
                path.unlink()
                gone.append(path)
        return gone

    @staticmethod
    def _domain() -> str:
        return f"gui/{os.getuid()}"

    def _launchctl(self, *arguments: str) -> None:
        ran = self._run(["launchctl", *arguments])
        if ran.returncode:
            raise ConfigurationError(f"`launchctl {' '.join(arguments)}` failed: {ran.stderr.strip()}.")


class TaskScheduler:
    """Windows: tasks of the user. Untested there."""

    note = "Written from Task Scheduler's documentation, and not tested on Windows."

    def __init__(self, run: Run = run_tool) -> None:
        self._run = run

    def install(self, commands: units.Commands) -> list[Path]:
        """Register the tasks and start the daemon's."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in units.windows_tasks(commands).items():
                path = Path(folder) / f"{name}.xml"
                path.write_bytes(content.encode("utf-16"))
                self._schtasks("/Create", "/F", "/TN", name, "/XML", str(path))
        self._schtasks("/Run", "/TN", "Twitchwatch")
        return []

    def state(self) -> ServiceState:
        """By `schtasks /Query`."""
        ran = self._run(["schtasks", "/Query", "/TN", "Twitchwatch", "/FO", "LIST"])
        running = "Running" in ran.stdout
        return ServiceState(ran.returncode == 0, running, _reported(ran.returncode == 0, running))

    def uninstall(self) -> list[Path]:
        """End and delete the tasks."""
        for name in units.windows_tasks(units.Commands(["x"], ["x"])):
            self._run(["schtasks", "/End", "/TN", name])
            self._run(["schtasks", "/Delete", "/F", "/TN", name])
        return []

    def _schtasks(self, *arguments: str) -> None:
        ran = self._run(["schtasks", *arguments])
        if ran.returncode:
            raise ConfigurationError(f"`schtasks {' '.join(arguments)}` failed: {ran.stderr.strip()}.")


def lingers() -> bool | None:
    """Whether this user's services run without a login (loginctl enable-linger); None if unknown."""
    if sys.platform != "linux" or shutil.which("loginctl") is None:
        return None
    import getpass

    return Path("/var/lib/systemd/linger", getpass.getuser()).exists()


def _reported(installed: bool, running: bool) -> str:
    if not installed:
        return NOT_INSTALLED
    return "running" if running else "not running"


def _write(path: Path, content: bytes) -> Path:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o600)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}.") from error
    return path
