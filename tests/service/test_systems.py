"""Installing, asking and removing, with the system's tool replaced by one that notes its orders."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from twitchwatch.cli.main import program
from twitchwatch.errors import ConfigurationError, Exit
from twitchwatch.service import systems
from twitchwatch.service.upkeep import Keeping

COMMANDS = systems.commands(Path("t.db"), Path("t.log"), Keeping(9, Path("copies")))


class Tool:
    """Answers by what the command line contains."""

    def __init__(self, code: int = 0, out: str = "", err: str = "") -> None:
        self.reported: list[list[str]] = []
        self._answer = code, out, err

    def __call__(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        self.reported.append(list(command))
        return subprocess.CompletedProcess(command, *self._answer)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


def test_the_command_lines_name_every_file_by_its_whole_path() -> None:
    for command in (COMMANDS.run, COMMANDS.guard):
        assert Path(command[0]).is_absolute()
        assert all(Path(word).is_absolute() for word in command if word.endswith((".db", ".log")))
    assert COMMANDS.run[-4:] == ["--backups", "9", "--backup-folder", str(Path("copies").absolute())]
    assert systems.commands(Path("t.db"), Path("t.log"), Keeping()).run[-2:] == ["--backups", "7"]


@pytest.mark.parametrize("given", [(), ("--backups", "3"), ("--backup-folder", "/mnt/copies")])
def test_the_daemon_takes_the_options_of_its_service(
    given: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `service install` writes into the unit is parsed by `run` as it was meant."""
    monkeypatch.delenv("TWITCHWATCH_BACKUPS", raising=False)
    service, daemon = command_of("service", "install"), command_of("run")
    with service.make_context("install", ["--database", "t.db", *given]) as context:
        meant = context.params
    folder = meant["backup_folder"]
    line = systems.commands(meant["database"], meant["log"], Keeping(meant["backups"], folder)).run
    with daemon.make_context("run", list(line[4:])) as context:
        assert context.params["backups"] == meant["backups"]
        assert context.params["backup_folder"] == folder


def command_of(*names: str) -> click.Command:
    found: click.Command = program
    for name in names:
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), name) or found
    return found


def test_systemd_install_and_uninstall(home: Path) -> None:
    tool = Tool()
    system = systems.Systemd(tool)
    made = system.install(COMMANDS)
    folder = home / ".config" / "systemd" / "user"
    assert {path.parent for path in made} == {folder}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in made)
    assert [reported[3] for reported in tool.reported] == ["daemon-reload", "enable", "restart"]
    # Once more: brought up to date.
    assert system.install(COMMANDS) == made
    assert system.uninstall() == made
    assert not list(folder.iterdir())
    assert tool.reported[-2][3:5] == ["disable", "--now"]
    tool.reported.clear()
    assert system.uninstall() == []
    assert tool.reported == []


def test_systemd_tells_how_it_stands() -> None:
    shown = "LoadState=loaded\nActiveState=active\nSubState=running\nStateChangeTimestamp=Mon 2025-03-03\n"
    state = systems.Systemd(Tool(out=shown)).state()
    assert (state.installed, state.running) == (True, True)
    assert state.reported == "active (running) since Mon 2025-03-03"
    state = systems.Systemd(Tool(out="LoadState=not-found\nActiveState=inactive\nSubState=dead\n")).state()
    assert (state.installed, state.running) == (False, False)
    assert "service install" in state.reported


def test_without_systemd_the_error_says_what_to_do() -> None:
    tool = Tool(code=1, err="Failed to connect to bus: No medium found\n")
    with pytest.raises(
        ConfigurationError, match=r"No medium found.*enable-linger.*twitchwatch run"
    ) as caught:
        systems.Systemd(tool).install(COMMANDS)
    assert caught.value.exit_code is Exit.CONFIGURATION


def test_a_tool_that_is_missing_is_said() -> None:
    with pytest.raises(ConfigurationError, match="no-such-tool"):
        systems.run_tool(["no-such-tool"])


def test_launchd_loads_and_unloads(home: Path) -> None:
    tool = Tool(out="state = running")
    system = systems.Launchd(home / "t.log", tool)
    made = system.install(COMMANDS)
    assert [path.name for path in made] == ["org.twitchwatch.run.plist", "org.twitchwatch.deadman.plist"]
    assert [reported[1] for reported in tool.reported] == ["bootout", "bootstrap"] * 2
    assert system.state().running
    assert system.uninstall() == made
    assert not system.state().installed


def test_task_scheduler_registers_and_deletes() -> None:
    tool = Tool(out="Status: Running")
    system = systems.TaskScheduler(tool)
    system.install(COMMANDS)
    assert [reported[1] for reported in tool.reported] == ["/Create", "/Create", "/Run"]
    assert system.state() == systems.ServiceState(True, True, "running")
    system.uninstall()
    assert tool.reported[-1][:3] == ["schtasks", "/Delete", "/F"]
