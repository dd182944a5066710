"""Services that answer a byte a second, or never, hold up nobody: not a commit, not a beat, not the stop."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date
from pathlib import Path

import pytest

from tests.slow_services import CONNACK, HTTP, Slow, settings_of, slow
from twitchwatch.alerts import channels, heartbeat, threads
from twitchwatch.alerts.channels import Apprise, Undelivered, channels_of
from twitchwatch.alerts.monitor import AlertMonitor
from twitchwatch.alerts.mqtt import MqttLink
from twitchwatch.alerts.settings import AppriseChannel, Broker, path_beside, read
from twitchwatch.shared.protocol import records
from twitchwatch.store import Store

# Far beyond what is promised (docs/reliability.md has the figures), and far below what such a service takes.
PATIENCE_S = 20.0


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """With something that is sent at once."""
    path = tmp_path / "t.db"
    with Store.open(path) as store:
        store.journal.note(
            date.today().isoformat(), json.dumps({"symptoms": ["speech"]}), int(time.time() * 1e6)
        )
    return path


def test_a_commit_does_not_wait(database: Path) -> None:
    """More hang than there are threads for the store in an event loop of its own."""
    many = ["web"] * (min(32, (os.cpu_count() or 1) + 4) + 1)
    with settings_of(database.parent, *many, "heartbeat", "broker, silent") as services:
        threads.run(committing(database, services))


async def committing(database: Path, services: list[Slow]) -> None:
    alerts = read(path_beside(database))
    with Store.open(database) as store:
        watch = AlertMonitor(
            store,
            UTC,
            alerts,
            channels_of(alerts),
            utc_us=lambda: int(time.time() * 1e6),
            tell=lambda _: None,
        )
        running = asyncio.create_task(watch.run())
        device = store.register("24:0A:C4:00:00:01", 1, "Left ring", 0)
        try:
            async with asyncio.timeout(PATIENCE_S):
                for service in services:
                    await asyncio.to_thread(service.met.wait)
                for seq in range(20):
                    raw = records.encode(records.MARK, seq, 1, 5, (0,))
                    await asyncio.to_thread(store.commit, device.id, [raw], seq, seq + 1, 0, 5)
            # Nor does a beat.
            assert heartbeat.read(heartbeat.path_beside(database)) is not None
        finally:
            # Nothing is left to wait for, should somebody wait.
            for service in services:
                service.close()
            running.cancel()
            await asyncio.wait({running})


@pytest.mark.skipif(sys.platform != "linux", reason="the session bus is Linux's")
@pytest.mark.parametrize(
    "names",
    [
        ("web", "e-mail", "heartbeat", "broker, silent", "desktop"),
        ("broker, silent once connected",),
    ],
)
def test_a_stop_does_not_wait(database: Path, names: tuple[str, ...]) -> None:
    folder = database.parent
    command = [sys.executable, "-m", "twitchwatch", "run", "--json", "--database", str(database)]
    with (
        settings_of(folder, *names) as services,
        subprocess.Popen(
            [*command, "--log", str(folder / "t.log")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder / 'bus'}"},
        ) as daemon,
    ):
        try:
            assert all(service.met.wait(2 * PATIENCE_S) for service in services)
            daemon.send_signal(signal.SIGTERM)
            _, complained = daemon.communicate(timeout=PATIENCE_S)
        finally:
            daemon.kill()
    assert (daemon.returncode, complained) == (0, "")
    assert heartbeat.read(heartbeat.path_beside(database)) is None


def test_a_test_message_does_not_wait(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "PATIENCE_S", 0.5)
    with settings_of(database.parent, "web", "e-mail"):
        began_s = time.monotonic()
        send = channels.deliver(channels_of(read(path_beside(database))), "A", "test", "finding")
        took, failed = threads.run(send)
        assert time.monotonic() - began_s < PATIENCE_S
    assert took == []
    assert [one.partition(":")[0] for one in failed] == ["json", "mailto"]


async def test_one_that_hangs_has_one_thread(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "PATIENCE_S", 0.5)
    with settings_of(database.parent, "web") as (service,):
        channel = Apprise(AppriseChannel(f"json://127.0.0.1:{service.port}"))
        with pytest.raises(Undelivered, match="did not answer within"):
            await channel.send("A", "test", "finding")
        for _ in range(3):
            with pytest.raises(Undelivered, match="has not answered the last message yet"):
                await channel.send("A", "test", "finding")


async def test_a_call_has_a_total_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte a second is always within the time-out of a socket."""
    monkeypatch.setattr(heartbeat, "PATIENCE_S", 0.5)
    lane = threads.Lane()
    with slow(HTTP) as service:
        assert "did not answer" in (await heartbeat.ping(f"http://127.0.0.1:{service.port}/", lane) or "")
        assert "last call" in (await heartbeat.ping(f"http://127.0.0.1:{service.port}/", lane) or "")


async def test_a_broker_that_says_no_goodbye_is_left() -> None:
    with slow(CONNACK) as service:
        running = asyncio.create_task(MqttLink(Broker("127.0.0.1", service.port), lambda _: None).run())
        await asyncio.to_thread(service.met.wait)
        running.cancel()
        await asyncio.wait({running}, timeout=PATIENCE_S)
        assert running.cancelled()
