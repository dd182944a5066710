"""The daemon as a process: one at a time, in word with its supervisor, stopped by a signal, with its log."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from twitchwatch.errors import ConfigurationError
from twitchwatch.locking import lock_path
from twitchwatch.service import logfile
from twitchwatch.service.lock import holder, only_one
from twitchwatch.service.notify import Supervisor

# Only a daemon that hangs takes so long, also on a busy machine.
PATIENCE_S = 120.0


@pytest.fixture
def notify_socket(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(PATIENCE_S)
        yield listening


def daemon(folder: Path, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "twitchwatch", "run", "--json"]
    return subprocess.Popen(
        [*command, "--database", str(folder / "home" / "t.db"), "--log", str(folder / "home" / "t.log")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def test_it_tells_its_supervisor_what_it_does(notify_socket: socket.socket, tmp_path: Path) -> None:
    reported = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
    with daemon(tmp_path, **reported) as process:
        heard = [notify_socket.recv(4096) for _ in range(4)]
        assert {b"WATCHDOG=1"} < set(heard)
        assert sum(datagram.startswith(b"READY=1\n") for datagram in heard) == 1
        process.send_signal(signal.SIGTERM)
        while notify_socket.recv(4096) != b"STOPPING=1":
            pass
        _, complained = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert complained == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_it_and_leaves_nothing_behind(
    notify_socket: socket.socket, tmp_path: Path, number: signal.Signals
) -> None:
    with daemon(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify")) as process:
        assert notify_socket.recv(4096).startswith(b"READY=1")
        assert holder(tmp_path / "home" / "t.db") == process.pid
        process.send_signal(number)
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert holder(tmp_path / "home" / "t.db") is None
    home = tmp_path / "home"
    assert home.stat().st_mode & 0o777 == 0o700
    for path in home.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    assert "Collecting into" in (home / "t.log").read_text()


def test_a_database_that_is_removed_is_said(notify_socket: socket.socket, tmp_path: Path) -> None:
    with daemon(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify")) as process:
        assert notify_socket.recv(4096).startswith(b"READY=1")
        # In one step: a folder that is emptied file by file may get new ones meanwhile.
        (tmp_path / "home").rename(tmp_path / "away")
        _, complained = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 3
    assert "t.db was deleted or moved while it was in use. Nothing of this was stored" in complained
    assert len(complained.splitlines()) == 1


_STUBBORN = """
import asyncio, pathlib, sys
from twitchwatch.alerts import heartbeat, threads
from twitchwatch.service.collecting import Stop, until_stopped
from twitchwatch.service.notify import Supervisor

async def stubborn():
    heartbeat.write(beat)
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass

beat = pathlib.Path(sys.argv[1])
with Stop(beat) as stop:
    threads.run(until_stopped(Supervisor(), stop.begin, stubborn()))
"""


def test_what_does_not_let_itself_be_cancelled_is_left(notify_socket: socket.socket, tmp_path: Path) -> None:
    beat = tmp_path / "beat"
    with subprocess.Popen(
        [sys.executable, "-c", _STUBBORN, str(beat)],
        env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")},
    ) as process:
        assert notify_socket.recv(4096).startswith(b"READY=1")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    assert not beat.exists()


def test_a_second_one_is_refused_with_the_pid_of_the_first(
    notify_socket: socket.socket, tmp_path: Path
) -> None:
    with daemon(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify")) as first:
        assert notify_socket.recv(4096).startswith(b"READY=1")
        with daemon(tmp_path) as second:
            _, complained = second.communicate(timeout=PATIENCE_S)
        assert second.returncode == 3
        assert f"pid {first.pid}" in complained
        # However the first one ends, the way is free.
        first.kill()
        first.communicate(timeout=PATIENCE_S)
    with only_one(tmp_path / "home" / "t.db"):
        pass


def test_one_process_cannot_hold_the_lock_twice(tmp_path: Path) -> None:
    database = tmp_path / "home" / "t.db"
    with only_one(database):
        assert holder(database) == os.getpid()
        with pytest.raises(ConfigurationError, match=f"pid {os.getpid()}"), only_one(database):
            pass
    assert holder(database) is None
    assert holder(tmp_path / "never" / "t.db") is None
    assert lock_path(database).stat().st_mode & 0o777 == 0o600


def test_nobody_is_told_where_nobody_asked() -> None:
    supervisor = Supervisor({})
    supervisor.say("READY=1")
    assert supervisor.watchdog_s is None
    asyncio.run(supervisor.pet())


def test_a_watchdog_of_another_process_is_not_ours() -> None:
    reported = {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "1000000"}
    assert Supervisor(reported).watchdog_s == 1.0
    assert Supervisor({**reported, "WATCHDOG_PID": str(os.getpid())}).watchdog_s == 1.0
    assert Supervisor({**reported, "WATCHDOG_PID": "1"}).watchdog_s is None
    # A supervisor that is gone is no reason to end.
    Supervisor(reported).say("READY=1")


@pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")
def test_an_abstract_socket_is_reached() -> None:
    name = f"twitchwatch-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name)
        listening.settimeout(PATIENCE_S)
        Supervisor({"NOTIFY_SOCKET": "@" + name}).say("READY=1", "STATUS=well")
        assert listening.recv(100) == b"READY=1\nSTATUS=well"


def test_the_log_is_bounded_and_its_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logfile, "MAX_BYTES", 2000)
    before = list(logging.getLogger().handlers)
    log = logfile.begin_log(tmp_path / "logs" / "t.log")
    try:
        for number in range(200):
            log.info("line %d", number)
    finally:
        for handler in logging.getLogger().handlers[:]:
            if handler not in before:
                logging.getLogger().removeHandler(handler)
                handler.close()
    files = sorted((tmp_path / "logs").iterdir())
    assert len(files) == 1 + logfile.OLDER_FILES
    assert all(file.stat().st_size <= 2000 and file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert "line 199" in files[0].read_text()


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="--log"):
        logfile.begin_log(tmp_path / "file" / "t.log")
