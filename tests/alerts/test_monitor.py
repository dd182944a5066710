"""From records to a message; and a daemon that dies is noticed from outside."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from datetime import UTC
from datetime import time as clock_time
from pathlib import Path

import pytest

from tests.alerts.conftest import Web
from twitchwatch.alerts import heartbeat
from twitchwatch.alerts.channels import Apprise, Undelivered
from twitchwatch.alerts.monitor import AlertMonitor
from twitchwatch.alerts.policy import Rules, Urgency, Weekly
from twitchwatch.alerts.settings import AlertSettings, AppriseChannel
from twitchwatch.alerts.threads import Lane
from twitchwatch.cli.main import run
from twitchwatch.errors import Exit
from twitchwatch.shared.protocol import records
from twitchwatch.store import Store

HOUR_US = 3_600_000_000
# A Wednesday noon.
NOW_US = 1_772_625_600_000_000


class Post:
    """A channel that keeps what it carries, or refuses."""

    name = "post"
    only_unanswered = False

    def __init__(self) -> None:
        self.carried: list[tuple[str, Urgency]] = []
        self.texts: list[str] = []
        self.refuses = False

    async def send(self, title: str, text: str, urgency: Urgency) -> None:
        if self.refuses:
            raise Undelivered("no stamps")
        self.carried.append((title, urgency))
        self.texts.append(text)


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path / "twitchwatch.db") as store:
        yield store


class Clocks:
    """True time, in hours from NOW_US, and a clock that shows it until it is set."""

    def __init__(self) -> None:
        self.h = 0.0
        self.set_by_us = 0

    def utc_us(self) -> int:
        return NOW_US + int(self.h * HOUR_US) + self.set_by_us

    def elapsed_s(self) -> float:
        return 1000 + 3600 * self.h


def watch_over(
    store: Store,
    post: Post,
    reported: list[str],
    clocks: Clocks | None = None,
    digest: Weekly | None = None,
) -> AlertMonitor:
    clocks = clocks or Clocks()
    return AlertMonitor(
        store,
        UTC,
        AlertSettings(rules=Rules(quiet=None), digest=digest),
        [post],
        utc_us=clocks.utc_us,
        elapsed_s=clocks.elapsed_s,
        tell=reported.append,
    )


async def test_a_silent_sensor_is_told_once_and_again_when_it_speaks(store: Store) -> None:
    post, reported, clocks = Post(), [], Clocks()
    watch = watch_over(store, post, reported, clocks)
    device = store.register("24:0A:C4:00:00:01", 1, "Left ring", NOW_US - 30 * HOUR_US)
    await watch.look()
    clocks.h = 1
    await watch.look()
    assert post.carried == [("Twitchwatch: No data (Left ring)", "fault")]
    # Its records come.
    raw = records.encode(records.MARK, 0, 1, 5, (0,))
    store.commit(device.id, [raw], 0, 1, 0, NOW_US + 2 * HOUR_US)
    clocks.h = 2
    await watch.look()
    assert post.carried[1:] == [("Over: Twitchwatch: No data (Left ring)", "fault")]
    assert reported == []


async def test_what_was_not_delivered_is_tried_again(store: Store) -> None:
    post, reported, clocks = Post(), [], Clocks()
    post.refuses = True
    watch = watch_over(store, post, reported, clocks)
    store.register("24:0A:C4:00:00:01", 1, "Left ring", NOW_US - 30 * HOUR_US)
    for clocks.h in range(3):
        await watch.look()
    assert reported == ["post: no stamps"]
    assert store.alerts.all() == []
    post.refuses = False
    clocks.h = 3
    await watch.look()
    assert len(post.carried) == len(store.alerts.all()) == 1


async def test_a_digest_is_sent_once_a_week_and_says_that_there_is_no_data(store: Store) -> None:
    """NOW is a Wednesday noon."""
    post, clocks = Post(), Clocks()
    watch = watch_over(store, post, [], clocks, digest=Weekly(2, clock_time(12)))
    for clocks.h in (-1, 0, 1, 25, 7 * 24 - 1, 7 * 24, 7 * 24 + 1):
        await watch.look()
    assert post.carried == [("Twitchwatch: your week", "note")] * 2
    assert [row.key for row in store.alerts.all()] == ["digest"]
    assert "No sensor has sent records yet. Twitchwatch is not" in post.texts[0]
    store.register("24:0A:C4:00:00:01", 1, "Left ring", clocks.utc_us())
    clocks.h = 14 * 24
    await watch.look()
    assert "No data: none of the last seven nights has records." in post.texts[-1]


async def test_under_a_seal_only_what_is_urgent_is_sent(store: Store) -> None:
    post, clocks = Post(), Clocks()
    watch = watch_over(store, post, [], clocks, digest=Weekly(2, clock_time(12)))
    store.alerts.seal(NOW_US + 10 * 24 * HOUR_US)
    await watch.look()
    assert post.carried == []
    store.register("24:0A:C4:00:00:01", 1, "Left ring", NOW_US - 30 * HOUR_US)
    store.journal.note("2026-03-04", json.dumps({"symptoms": ["speech", "weakness"]}), NOW_US)
    clocks.h = 1
    await watch.look()
    urgent = {urgency for _, urgency in post.carried}
    assert {"at_once", "fault"} <= urgent <= {"at_once", "doctor", "fault"}
    # The seal ends by itself.
    clocks.h = 14 * 24
    await watch.look()
    assert ("Twitchwatch: your week", "note") in post.carried


async def test_a_symptom_in_the_journal_is_told_at_once(store: Store) -> None:
    post = Post()
    store.journal.note("2026-03-04", json.dumps({"symptoms": ["speech"]}), NOW_US)
    await watch_over(store, post, []).look()
    assert [urgency for _, urgency in post.carried] == ["at_once"]


async def test_bluetooth_that_is_away_is_a_fault_with_its_cause(store: Store) -> None:
    post = Post()
    store.link_faults.begin("Bluetooth", "no adapter", "Plug it in.", NOW_US)
    clocks = Clocks()
    watch = watch_over(store, post, [], clocks)
    clocks.h = 1 / 6
    await watch.look()
    assert post.carried == []
    clocks.h = 1 / 2
    await watch.look()
    assert post.carried == [("Twitchwatch: No data (Bluetooth)", "fault")]


async def test_it_beats_and_calls(store: Store, web: Web) -> None:
    slept = asyncio.Event()

    async def sleep(seconds: float) -> None:
        if seconds == heartbeat.EVERY_S:
            slept.set()
        await asyncio.Event().wait()

    settings = AlertSettings(heartbeat_url=f"http://127.0.0.1:{web.port}/alive")
    reported: list[str] = []
    watch = AlertMonitor(store, UTC, settings, [], utc_us=lambda: NOW_US, tell=reported.append, sleep=sleep)
    running = asyncio.create_task(watch.run())
    await slept.wait()
    while not web.paths:
        await asyncio.sleep(0)
    path = heartbeat.path_beside(store.path)
    beat = heartbeat.read(path)
    assert beat is not None
    assert beat.pid == os.getpid()
    assert heartbeat.why_dead(beat, heartbeat.beat_now()) is None
    assert web.paths == ["/alive"]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    # Only who stops the daemon on purpose takes the beat away.
    assert heartbeat.read(path) == beat
    assert reported == []


async def test_a_service_that_is_not_reached_is_told_once() -> None:
    assert "could not be reached" in (await heartbeat.ping("http://127.0.0.1:9/alive", Lane()) or "")


def test_what_is_dead() -> None:
    beat = heartbeat.Beat(5000.0, "this", os.getpid())

    def dead(monotonic_s: float, boot: str = "this", pid: int = os.getpid()) -> str:
        one = replace(beat, pid=pid)
        return heartbeat.why_dead(one, heartbeat.Beat(monotonic_s, boot, 1)) or ""

    assert heartbeat.why_dead(None, beat) is None
    assert dead(5100.0) == ""
    assert "hangs: its last sign of life was 5 minutes ago" in dead(5300.0)
    assert "has died" in dead(5300.0, pid=2**22 + 1)
    # After a restart the daemon has as long to start.
    assert dead(200.0, "next") == dead(200.0) == ""
    assert "not started since this computer did, 5 minutes ago" in dead(300.0, "next")
    assert "not started" in dead(6000.0, "next")


def test_a_beat_of_an_older_daemon_is_read(tmp_path: Path) -> None:
    path = tmp_path / "beat"
    path.write_text(f'{{"utc_us": {int((time.time() - 100) * 1e6)}, "pid": 7}}')
    assert heartbeat.why_dead(heartbeat.read(path), heartbeat.beat_now()) is None
    path.write_text(f'{{"utc_us": {int((time.time() - 1000) * 1e6)}, "pid": {2**22 + 1}}}')
    why = heartbeat.why_dead(heartbeat.read(path), heartbeat.beat_now())
    assert "has died: its last sign of life was 17" in (why or "")


@pytest.fixture
def alarmed(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database whose alerts go to the web server."""
    settings = f'[desktop]\nenabled = false\n[[apprise]]\nurl = "json://127.0.0.1:{web.port}"\n'
    (tmp_path / "alerts.toml").write_text(settings)
    return tmp_path / "twitchwatch.db"


async def test_a_killed_daemon_is_noticed_from_outside(
    alarmed: Path, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real daemon, the real signal, the real command of the timer; only the clock is put forward."""
    daemon = subprocess.Popen(
        [Path(sys.executable).with_name("twitchwatch"), "run", "--json", "--database", str(alarmed)],
        stdout=subprocess.PIPE,
    )
    path = heartbeat.path_beside(alarmed)
    async with asyncio.timeout(60):
        while (beat := heartbeat.read(path)) is None:
            assert daemon.poll() is None
            await asyncio.sleep(0)
    deadman = ["deadman", "--database", str(alarmed)]
    assert await asyncio.to_thread(run, deadman) == Exit.OK
    daemon.send_signal(signal.SIGKILL)
    daemon.communicate()
    # A watchdog tells of it at once, through the service manager.
    ended = await asyncio.to_thread(run, [*deadman, "--service-result", "watchdog"])
    assert ended == Exit.ATTENTION
    assert len(web.bodies) == 1
    assert "watchdog" in web.bodies[0]["message"]
    late = replace(beat, monotonic_s=beat.monotonic_s + heartbeat.DEAD_AFTER_S + 1)
    monkeypatch.setattr(heartbeat, "beat_now", lambda: late)
    # One message a death, however often the timer looks.
    assert await asyncio.to_thread(run, deadman) == Exit.ATTENTION
    assert len(web.bodies) == 1


def test_the_timer_alone_notices_it_too(alarmed: Path, web: Web) -> None:
    now = heartbeat.beat_now()
    dead = replace(now, monotonic_s=now.monotonic_s - 1000)
    heartbeat.path_beside(alarmed).write_text(json.dumps(asdict(dead)))
    assert run(["deadman", "--database", str(alarmed)]) == Exit.ATTENTION
    assert run(["deadman", "--database", str(alarmed)]) == Exit.ATTENTION
    assert len(web.bodies) == 1
    assert "No records are being collected" in web.bodies[0]["message"]


def test_a_daemon_that_was_stopped_is_no_alarm(alarmed: Path, web: Web) -> None:
    assert run(["deadman", "--database", str(alarmed)]) == Exit.OK
    assert run(["deadman", "--database", str(alarmed), "--service-result", "success"]) == Exit.OK
    assert web.bodies == []


def test_alerts_test_and_list(alarmed: Path, web: Web, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["alerts", "test", "--database", str(alarmed)]) == Exit.OK
    assert "good  json" in capsys.readouterr().out
    web.status = 500
    assert run(["alerts", "test", "--database", str(alarmed)]) == Exit.ATTENTION
    assert "BAD   json: json did not accept it" in capsys.readouterr().out
    Store.open(alarmed).close()
    assert run(["alerts", "snooze", "8h", "--database", str(alarmed)]) == Exit.OK
    assert run(["alerts", "list", "--database", str(alarmed)]) == Exit.OK
    assert "everything" in capsys.readouterr().out
    assert run(["alerts", "snooze", "soon", "--database", str(alarmed)]) == Exit.USAGE
    assert run(["alerts", "snooze", "1h", "--finding", "9", "--database", str(alarmed)]) == Exit.USAGE


def test_apprise_keeps_addresses_to_itself() -> None:
    assert Apprise(AppriseChannel("mailto://me:password@example.com")).name == "mailto"
