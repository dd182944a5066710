"""The live feed: what viewers read, who may read it, and what it costs the daemon."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.live.rig import TAP_MG, Rig, hand, rig_in
from twitchwatch.clock.zone import iso
from twitchwatch.link.sync_session import SyncReport
from twitchwatch.live.ear import RECENT_US, Ear
from twitchwatch.live.feed import MAX_BEHIND_BYTES, MAX_VIEWERS, Feed, socket_path
from twitchwatch.live.motion import Motion
from twitchwatch.live.watching import line_of, watching
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.actions import Captured
from twitchwatch.store import Device
from twitchwatch.views.live import LiveEventView, LiveSensorView, LiveView

NOW_US = 1_800_000_000_000_000
SECOND_US = 1_000_000
RING = Device(1, "24:0A:C4:00:00:01", 7, "ring", 0, 0)
STILL = (0, 0, 8197)


def captured(first: int, samples: list[tuple[int, int, int]], axes: int = 3) -> Captured:
    values = [value for sample in samples for value in sample]
    turning = [9] * len(values) if axes == 6 else []
    data = b"".join(value.to_bytes(2, "little", signed=True) for value in (*values, *turning))
    return Captured((first % (1 << 30), 5, 104_000, 122_000, 0, axes), data)


def anchor(seq: int, boot: int, time_us: int, utc_us: int) -> bytes:
    return protocol.encode(protocol.ANCHOR, seq, boot, time_us, (utc_us, 1000))


def twitch(seq: int, boot: int, time_us: int, peak_ug: int = 42_000) -> bytes:
    body = (protocol.TWITCH, 2, 0, 0, 5, 120, peak_ug, 300, 0, 60, 200)
    return protocol.encode(protocol.EVENT, seq, boot, time_us, body)


# what is passed on


def test_an_event_is_dated_by_the_anchor_of_its_boot():
    ear = Ear(lambda: NOW_US)
    ear.committed(RING, [anchor(0, 3, 50 * SECOND_US, NOW_US - 10 * SECOND_US)])
    (line,) = ear.committed(RING, [twitch(1, 3, 58 * SECOND_US)])
    expected = iso(NOW_US - 2 * SECOND_US)
    assert line == LiveEventView("live_event", "ring", RING.hardware_id, "twitch", expected, 0.12, 42.0, None)
    assert ear.known() == [line]


def test_a_night_that_arrives_late_is_not_live():
    ear = Ear(lambda: NOW_US)
    # Before the first anchor, of another boot, and older than the last minutes.
    assert ear.committed(RING, [twitch(0, 3, 58 * SECOND_US)]) == []
    ear.committed(RING, [anchor(1, 3, RECENT_US + SECOND_US, NOW_US)])
    assert ear.committed(RING, [twitch(2, 2, 2 * SECOND_US), twitch(3, 3, 0)]) == []
    assert len(ear.committed(RING, [twitch(4, 3, 2 * SECOND_US)])) == 1


def test_what_cannot_be_read_does_not_stop_the_rest():
    ear = Ear(lambda: NOW_US)
    lines = ear.committed(RING, [b"nonsense", anchor(0, 1, 0, NOW_US), twitch(1, 1, 5)])
    assert [line.kind for line in lines] == ["live_event"]


def test_a_connection_is_said_once_and_keeps_its_battery():
    ear = Ear(lambda: NOW_US)
    status = protocol.encode(protocol.STATUS, 0, 1, 0, (1, 2, 3, 3921) + (0,) * 21)
    (line,) = ear.connected(RING)
    assert ear.connected(RING) == []
    assert isinstance(line, LiveSensorView)
    assert (line.connected, line.battery_mv) == (True, None)
    (measured,) = ear.committed(RING, [status])
    assert ear.committed(RING, [status]) == []
    (gone,) = ear.ended(RING)
    assert (measured.battery_mv, gone.connected, gone.battery_mv) == (3921, False, 3921)
    assert ear.known() == [gone]


@pytest.mark.parametrize("axes", [3, 6])
def test_gravity_is_taken_out_and_a_tap_is_felt(axes):
    motion = Motion("ring")
    quiet, none = motion.take(captured(0, [STILL] * 208, axes))
    assert quiet is not None
    assert max(map(abs, quiet.z_mg)) == 0
    assert none == []
    pushed = [STILL] * 5 + [(0, 3689, 8197)] * 2 + [STILL] * 30
    moved, taps = motion.take(captured(208, pushed, axes))
    assert moved is not None
    assert max(moved.y_mg) == pytest.approx(TAP_MG, abs=1)
    assert [tap.peak_mg for tap in taps] == [pytest.approx(TAP_MG, abs=1)]


def test_a_turn_of_the_hand_as_it_connects_is_no_tap():
    motion = Motion("ring")
    motion.take(captured(0, [STILL] * 16))
    _, taps = motion.take(captured(16, [(8197, 0, 0)] * 30 + [STILL] * 60))
    assert taps == []


def test_lost_samples_are_counted_and_repeated_ones_are_dropped():
    motion = Motion("ring")
    motion.take(captured((1 << 30) - 8, [STILL] * 8))
    after, _ = motion.take(captured(40, [STILL] * 8))
    assert after is not None
    assert after.lost == 40
    assert motion.take(captured(40, [STILL] * 8)) == (None, [])
    assert motion.take(captured(48, [])) == (None, [])


@pytest.mark.parametrize("rate_milli_hz", [1, 100, 2_000, 2**32 - 1])
def test_motion_stays_a_number_at_any_rate_that_a_frame_states(rate_milli_hz):
    motion = Motion("ring")
    restless = captured(0, [(32767, -32768, 0), (-32768, 32767, 0)] * 600)
    moved, _ = motion.take(Captured((0, 5, rate_milli_hz, 122_000, 0, 3), restless.samples))
    assert moved is not None
    assert max(map(abs, (*moved.x_mg, *moved.y_mg))) < 2**16 * 0.122 * 1.01


@pytest.mark.parametrize("ahead_us", [RECENT_US + SECOND_US, 2**47])
def test_what_happens_in_the_future_is_not_live(ahead_us):
    ear = Ear(lambda: NOW_US)
    ear.committed(RING, [anchor(0, 3, 0, NOW_US)])
    assert ear.committed(RING, [twitch(1, 3, ahead_us), twitch(2, 3, 5)]) == ear.known()
    assert len(ear.known()) == 1
    ear.committed(RING, [anchor(3, 4, 0, 2**63 - 1)])
    assert ear.committed(RING, [twitch(4, 4, 5)]) == []


# the socket


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Feed]:
    feed = Feed(folder / "t.db", lambda: NOW_US)
    running = asyncio.create_task(feed.run())
    while not socket_path(folder / "t.db").exists():
        await asyncio.sleep(0)
    try:
        yield feed
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def first(lines: Any, kind: str) -> Any:
    async with asyncio.timeout(60):
        while (line := await lines.get()) is None or line.kind != kind:
            pass
        return line


async def test_a_viewer_gets_what_is_known_and_then_what_comes(tmp_path):
    async with served(tmp_path) as feed:
        feed.capture_from(RING)
        async with watching(tmp_path / "t.db") as lines:
            assert (await first(lines, "live_sensor")).connected
            feed.committed(RING, [anchor(0, 1, 0, NOW_US), twitch(1, 1, 5)])
            assert (await first(lines, "live_event")).peak_mg == 42.0
            feed.ended(SyncReport(device=RING))
            assert not (await first(lines, "live_sensor")).connected
            assert isinstance(await first(lines, "live"), LiveView)


async def test_raw_samples_are_asked_for_only_while_somebody_looks(tmp_path):
    async with served(tmp_path) as feed, watching(tmp_path / "t.db") as lines:
        await first(lines, "live")
        assert feed.capture_from(RING) is None
        async with watching(tmp_path / "t.db", samples=True) as looking:
            async with asyncio.timeout(60):
                while (take := feed.capture_from(RING)) is None:
                    await asyncio.sleep(0)
            assert take(captured(0, [STILL] * 8))
            assert (await first(looking, "live_samples")).z_mg == [0.0] * 8
        async with asyncio.timeout(60):
            while feed.capture_from(RING) is not None:
                await asyncio.sleep(0)
        # Who did not ask for samples got none.
        feed.ended(SyncReport(device=RING))
        seen = set()
        async with asyncio.timeout(60):
            while not ("live_sensor" in seen and lines.empty()):
                seen.add((await lines.get()).kind)
        assert "live_samples" not in seen


async def test_only_this_user_may_read_it_and_it_is_gone_afterwards(tmp_path):
    path = socket_path(tmp_path / "t.db")
    # One that was killed left its socket.
    path.touch()
    async with served(tmp_path), watching(tmp_path / "t.db") as lines:
        await first(lines, "live")
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert not path.exists()


async def test_viewers_are_bounded(tmp_path):
    async with served(tmp_path):
        path = str(socket_path(tmp_path / "t.db"))
        async with watching(tmp_path / "t.db") as lines:
            await first(lines, "live")
            others = [await asyncio.open_unix_connection(path) for _ in range(MAX_VIEWERS)]
            answers = [await reader.readline() for reader, _ in others]
            assert answers[-1] == b""
            assert all(answers[:-1])
            for _, writer in others:
                writer.close()


async def test_a_viewer_that_does_not_read_is_left_behind(tmp_path):
    async with served(tmp_path) as feed:
        path = str(socket_path(tmp_path / "t.db"))
        _, writer = await asyncio.open_unix_connection(path)
        writer.write(b"samples\n")
        async with asyncio.timeout(60):
            while (take := feed.capture_from(RING)) is None:
                await asyncio.sleep(0)
        # The system's own buffers, and this reader's, fill first.
        for frame in range(40 * MAX_BEHIND_BYTES // 2000):
            take(captured(64 * frame, [STILL] * 64))
        async with asyncio.timeout(60):
            while feed.capture_from(RING) is not None:
                await asyncio.sleep(0)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_socket_that_cannot_be_made_does_not_stop_the_daemon(tmp_path, caplog):
    long = tmp_path / ("x" * 120) / "t.db"
    long.parent.mkdir()
    await Feed(long, lambda: NOW_US).run()
    assert "The live view is off" in caplog.text


@pytest.mark.parametrize(
    "text",
    [b"{}", b'{"kind": "of tomorrow"}', b'{"kind": "live"}', b'{"kind": "live", "now_utc": "", "more": 1}'],
)
def test_a_line_of_another_version_is_left_out(text):
    assert line_of(text) is None


# the whole way


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig_in(tmp_path) as rig:
        yield rig


async def test_a_ring_s_samples_arrive_only_while_somebody_looks(rig):
    await rig.power_on(hand())
    await rig.start_daemon()
    async with watching(rig.database) as lines:
        assert (await first(lines, "live_sensor")).sensor == "ring"
        assert (await first(lines, "live_event")).reported_kind == "twitch"
        async with watching(rig.database, samples=True) as looking:
            samples = await first(looking, "live_samples")
            assert samples.rate_hz == 104
            tap = await first(looking, "live_tap")
            assert tap.peak_mg == pytest.approx(TAP_MG, rel=0.1)
        await first(lines, "live_event")
