"""What a host can ask of a real ring over the air: settings, raw samples; and who may not ask at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twitchwatch.link.capture import Capture
from twitchwatch.link.daemon import Daemon
from twitchwatch.link.keys import Keys
from twitchwatch.recording import read_recording
from twitchwatch.recording.csv_file import write_csv
from twitchwatch.shared.detector import parameters
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import HARDWARE_ID, WorldClock, paired, worn
from twitchwatch.store import Store
from twitchwatch.store.changes import APPLIED

PATIENCE_S = 40
HOST_ID = 1
# Live: the ring has power and stays connected.
SETTINGS = {"listen_s": 10}


class House:
    """A ring on the air, a store, and daemons that come and go."""

    def __init__(self, folder: Path, air: Air, adapter: Adapter, store: Store) -> None:
        self.folder = folder
        self.air = air
        self.adapter = adapter
        self.store = store
        self.clock = WorldClock(1_800_000_000_000_000)
        self.keys = Keys(folder / "keys.json")
        self.samples = modelled_night(5, hours=0.05).samples

    def ring(self, keys: dict[str, str] | None, **config: Any) -> Any:
        path = self.folder / "samples.i16"
        write_samples(path, self.samples)
        return worn(
            self.air,
            path,
            [],
            flash=self.folder / "flash.bin",
            on_report=self.clock.hear,
            keys=keys,
            usb=True,
            **{"settings": SETTINGS, **config},
        )

    async def until(self, met: Callable[[], object], keys: Keys | None = None, **options: Any) -> Any:
        """Run a daemon until `met` gives something, and give that."""
        daemon = Daemon(
            self.store,
            self.clock,
            HOST_ID,
            keys or self.keys,
            adapters=[self.adapter.for_daemon],
            **options,
        )
        running = asyncio.create_task(daemon.run())
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not (found := met()):
                    await asyncio.sleep(0.01)
                return found
        finally:
            # How fast a daemon stops is the business of other tests.
            while not running.done():
                running.cancel()
                await asyncio.wait({running}, timeout=1)

    def reported(self) -> list[dict[str, Any]]:
        """The settings records so far: what they tell of."""
        if not self.store.devices():
            return []
        reported = self.store.records(1, types=[protocol.SETTINGS])
        return [{"what": record.body.what, **json.loads(record.tail)} for record in reported]


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    air = Air(packet_gap_s=0.0005)
    adapter = await Adapter.create(air)
    with Store.open(tmp_path / "house.db") as store:
        yield House(tmp_path, air, adapter, store)
    await adapter.close()


async def test_settings_are_told_at_boot_and_at_each_change(house: House) -> None:
    async with house.ring(paired(house.keys, HOST_ID)):
        device, detector = await house.until(lambda: house.reported()[:2])
        assert (device["what"], detector["what"]) == (protocol.DEVICE_SETTINGS, protocol.DETECTOR_PARAMETERS)
        assert device["listen_s"] == 10
        assert {name: detector[name] for name in parameters.NAMES} == {
            row[0]: row[1] for row in parameters.TABLE
        }
        for name, value in (("on_ratio", "60"), ("rendezvous_s", "300"), ("on_ratio", "9999")):
            house.store.changes.ask(HARDWARE_ID, name, value, 7)
            if name == "rendezvous_s":
                await house.until(lambda: not house.store.changes.of(HARDWARE_ID, waiting=True))
        await house.until(lambda: not house.store.changes.of(HARDWARE_ID, waiting=True))
        outcomes = [change.outcome for change in house.store.changes.of(HARDWARE_ID)]
        assert outcomes == [APPLIED, APPLIED, "refused: on_ratio is a whole number from 40 to 511"]
        reported = await house.until(lambda: len(house.reported()) >= 6 and house.reported())
        assert reported[3]["on_ratio"] == 60
        assert reported[4]["rendezvous_s"] == 300
        assert reported[-1]["on_ratio"] == 60
    # They outlive the power, and the next boot's record names them.
    async with house.ring(None, settings=None):
        reported = await house.until(lambda: len(house.reported()) >= 8 and house.reported())
    assert reported[7]["on_ratio"] == 60
    boot = list(house.store.records(1, types=[protocol.BOOT]))[-1]
    assert boot.body.parameters_crc == parameters.checksum(parameters.table({"on_ratio": 60}))


async def test_raw_samples_are_those_that_the_detector_got(house: House) -> None:
    capture = Capture(5.0)
    done = asyncio.Event()

    def take(captured: Any) -> bool:
        more = capture.take(captured)
        if not more:
            done.set()
        return more

    async with house.ring(paired(house.keys, HOST_ID)):
        await house.until(done.is_set, capture_from=lambda _: take)
    assert capture.axes == 3
    assert capture.samples >= 5 * 104
    t_s, acc_g, turning = capture.columns()
    assert turning is None
    first = capture._pieces[0].first
    index = first + np.rint(t_s * 104).astype(int)
    np.testing.assert_allclose(acc_g, house.samples[index] * 122e-6, atol=1e-9)
    # And the file is a recording.
    path = house.folder / "raw.csv"
    write_csv(path, t_s, acc_g)
    assert read_recording(path).duration_s == pytest.approx(capture.seconds, abs=0.1)


async def test_a_host_without_the_key_gets_nothing_and_is_told_once(house: House, tmp_path: Path) -> None:
    strange = Keys(tmp_path / "strange" / "keys.json")
    strange.make(HARDWARE_ID)
    nobody = Keys(tmp_path / "nobody" / "keys.json")
    link_faults: list[Any] = []
    async with house.ring(paired(house.keys, HOST_ID)):
        for keys in (strange, nobody):
            link_faults.clear()
            await house.until(lambda: link_faults, keys, on_link_fault=link_faults.append)
            assert len(link_faults) == 1
            assert house.store.devices() == []
        # The rightful one gets in all the same.
        assert await house.until(house.store.devices)


async def test_a_ring_without_any_key_says_so(house: House) -> None:
    house.keys.make(HARDWARE_ID)
    link_faults: list[Any] = []
    async with house.ring(None):
        await house.until(lambda: link_faults, on_link_fault=link_faults.append)
    assert "pair" in str(link_faults[0])
    assert house.store.devices() == []


async def test_a_renewed_key_replaces_the_old_one_once_it_is_proved(house: House) -> None:
    brought = paired(house.keys, HOST_ID)
    house.keys.make(HARDWARE_ID)
    assert len(house.keys.load()[HARDWARE_ID]) == 2
    # The new key never reached the ring: the old one still opens it.
    async with house.ring(brought):
        assert await house.until(house.store.devices)
    assert [key.hex() for key in house.keys.load()[HARDWARE_ID]] == [*brought.values()]
