"""Recording, real firmware, air, daemon, database: the whole way, with nothing left out but the waves."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twitchwatch.analysis.contract import RING
from twitchwatch.link.sync_session import COMPLETE
from twitchwatch.recording import Recording, Segment, recording_from_array
from twitchwatch.recording.detection import detect
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.sim.air import Air
from twitchwatch.sim.demo import Worn, wear
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.store import Store

ROOT = Path(__file__).parents[2]
UTC_US = 1_800_000_000_000_000


def records_of(database: Path, *types: int) -> list[Any]:
    with Store.open_existing(database) as store:
        return list(store.records(1, types=types or None))


async def worn_by(source: Recording, folder: Path, **more: Any) -> Worn:
    samples = folder / "samples.bin"
    holes = write_samples(samples, source)
    with Store.open(folder / "data" / "t.db") as store:
        return await wear(
            samples, holes, store=store, flash=folder / "flash.bin", start_utc_us=UTC_US, **more
        )


def as_recording(samples: np.ndarray) -> Recording:
    return Recording("modelled", RING, (Segment(0, samples, None),), ())


def assert_same_findings(source: Recording, database: Path) -> None:
    """Every event and bout that the host's build finds is in the database, word for word, and no other.

    But for the last second: behind the recording's end the virtual hand lies still, until the board goes off.
    """
    found = detect(source)
    end = sum(segment.samples.shape[0] for segment in source.segments) - 104
    events = [record.body for record in records_of(database, protocol.EVENT) if record.body.sample < end]
    bouts = [record.body for record in records_of(database, protocol.TREMOR)]
    absorbed = found.absorbed
    early = {event for event in found.events if event.sample < end}
    assert early <= {*events}
    assert len(early) <= len(events) <= len(early) + absorbed
    assert bouts == list(found.bouts)


@pytest.mark.parametrize("name", ["PD_811_1", "CTRL_903_1"])
async def test_a_worn_recording_gives_what_detect_gives(name: str, data_dir: Path, tmp_path: Path) -> None:
    with np.load(data_dir / "pd_rest_tremor_100hz.npz") as data:
        source = recording_from_array(data[name] / 8192.0, rate_hz=100, source=name)
    await worn_by(source, tmp_path)
    assert_same_findings(source, tmp_path / "data" / "t.db")


async def test_a_hole_in_the_recording_is_a_sensor_that_stands_still(tmp_path: Path) -> None:
    samples = modelled_night(3, 0.1).samples
    first, second = samples[:14000], samples[16000:]
    source = Recording("holed", RING, (Segment(0, first, None), Segment(16000, second, None)), ())
    await worn_by(source, tmp_path)
    database = tmp_path / "data" / "t.db"
    gaps = [record.body for record in records_of(database, protocol.GAP)]
    assert {(gap.what, gap.cause) for gap in gaps} == {(protocol.SAMPLES, protocol.SENSOR_SILENT)}
    # What was missing before the sensor was set up again is not known: one turn at most.
    assert 2000 - 5 * 104 < sum(gap.count for gap in gaps) <= 2000 + 2 * len(gaps)
    events = records_of(database, protocol.EVENT)
    found = detect(source).events
    assert [event.body.kind for event in events] == [event.kind for event in found]
    for event, true in zip(events, found, strict=True):
        assert event.time_us / 1e6 == pytest.approx(true.sample / 104, abs=0.1)


async def test_a_modelled_night_arrives_whole(tmp_path: Path) -> None:
    night = modelled_night(5, 0.4)
    reported = await worn_by(as_recording(night.samples), tmp_path)
    assert {sync_session.outcome for sync_session in reported.sync_sessions} == {COMPLETE}
    records = records_of(tmp_path / "data" / "t.db")
    assert [record.seq for record in records] == list(range(len(records)))
    epochs = [record.body for record in records if record.type == protocol.EPOCH]
    total_ms = sum(e.rest_ms + e.moving_ms + e.not_worn_ms + e.lost_ms for e in epochs)
    # The cell is empty shortly before the recording ends.
    assert 0.4 * 3600e3 - 16_000 < total_ms < 0.4 * 3600e3 + 2_000
    # Each snippet belongs to an event or a bout.
    events = {record.seq for record in records if record.type in (protocol.EVENT, protocol.TREMOR)}
    snippets = [record.body for record in records if record.type == protocol.SNIPPET]
    assert snippets
    assert {snippet.event_seq for snippet in snippets} <= events
    (tremor,) = night.of("tremor")
    (bout,) = (record.body for record in records if record.type == protocol.TREMOR)
    assert bout.frequency_milli_hz / 1000 == pytest.approx(tremor.frequency_hz, abs=0.2)


async def test_device_time_follows_the_samples(tmp_path: Path) -> None:
    await worn_by(as_recording(modelled_night(5, 0.2).samples), tmp_path)
    records = records_of(tmp_path / "data" / "t.db", protocol.EPOCH)
    for record in records[1:]:
        assert record.time_us - records[0].time_us == pytest.approx(
            (record.body.sample - records[0].body.sample) / 104 * 1e6, abs=20_000
        )


async def test_garbled_and_lost_notifications_cost_time_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = 0

    def tamper(value: bytes) -> bytes | None:
        """The second full packet never arrives and the fifth arrives garbled, as do others after them."""
        nonlocal full
        # Only a frame of records fills packets, so that each of these costs records and never a handshake.
        if len(value) < 244:
            return value
        full += 1
        if full % 11 == 2:
            return None
        return value[:-2] + bytes([value[-2] ^ 0x10]) + value[-1:] if full % 11 == 5 else value

    class FoulAir(Air):
        def __init__(self) -> None:
            super().__init__()
            self.tamper = tamper

    monkeypatch.setattr("twitchwatch.sim.demo.Air", FoulAir)
    reported = await worn_by(as_recording(modelled_night(6, 0.1).samples), tmp_path)
    assert sum(sync_session.asked_again for sync_session in reported.sync_sessions) > 0
    records = records_of(tmp_path / "data" / "t.db")
    assert [record.seq for record in records] == list(range(len(records)))
    # Six minutes, and the one in which the board goes off.
    assert sum(record.type == protocol.EPOCH for record in records) in (6, 7)


def test_a_killed_daemon_loses_nothing(tmp_path: Path) -> None:
    """SIGKILL after each of the first commits and states in turn; the ring loses its power with it."""
    samples = tmp_path / "samples.bin"
    write_samples(samples, modelled_night(7, 0.15).samples)
    database, flash = tmp_path / "data" / "t.db", tmp_path / "flash.bin"
    command = [sys.executable, str(Path(__file__).with_name("collect.py")), database, flash, samples]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "host"), str(ROOT)))}
    kept: dict[int, bytes] = {}
    for lines in (1, 2, 3, 4, 5, 7, 9, 11):
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as house:
            assert house.stdout is not None
            for _ in range(lines):
                house.stdout.readline()
            house.kill()
        if not database.exists():
            continue
        with Store.open(database) as store:
            for device in store.devices():
                now = {record.seq: record.raw for record in store.records(device.id)}
                assert kept.items() <= now.items()
                kept = now
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    with Store.open(database) as store:
        assert len(store.devices()) == 1
        records = list(store.records(1))
        assert [record.seq for record in records] == list(range(len(records)))
        assert not store.missing(1)
        assert not store.conflicts(1)
        assert kept.items() <= {record.seq: record.raw for record in records}.items()
    # Each power-on that lived long enough to say so has a boot record of its own.
    boots = [record.boot_id for record in records if record.type == protocol.BOOT]
    assert boots == sorted(set(boots))
    assert len(boots) >= 5
