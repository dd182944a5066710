"""The daemon and real rings where things come and go: each ring is met again, and nothing is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from shared.protocol import records as protocol
from twitchwatch.errors import DeviceReason
from twitchwatch.link import scanning
from twitchwatch.link.daemon import Daemon
from twitchwatch.link.keys import Keys
from twitchwatch.link.reconnect import State
from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import WorldClock, paired, worn
from twitchwatch.store import Store

FIRST, SECOND = "24:0A:C4:00:00:01", "24:0A:C4:00:00:02"
OTHER_ADAPTER = "00:1A:7D:DA:71:03"


class House:
    """A daemon on one or two adapters, and what it says."""

    def __init__(self, air: Air, adapters: list[Adapter], store: Store, samples: Path, folder: Path) -> None:
        self.air = air
        self.adapters = adapters
        self.store = store
        self.states: dict[str, State] = {}
        self.troubles: list[DeviceReason] = []
        self.well: list[str] = []
        self.keys = Keys(folder / "keys.json")
        self._samples = samples
        self._folder = folder
        self._changed = asyncio.Event()

    def daemon(self) -> Daemon:
        return Daemon(
            self.store,
            WorldClock(1_800_000_000_000_000),
            1,
            self.keys,
            adapters=[adapter.for_daemon for adapter in self.adapters],
            on_state=self._note,
            on_trouble=lambda error: self._hear(self.troubles, error.reason),
            on_well=lambda subject: self._hear(self.well, subject),
            on_commit=lambda _, __: self._changed.set(),
        )

    def ring(self, hardware_id: str, *, keys: dict[str, str] | None = None) -> Any:
        """A ring on USB power: it stays connected as long as it can. Paired unless `keys` says otherwise."""
        flash = self._folder / hardware_id.replace(":", "")
        return worn(
            self.air,
            self._samples,
            [],
            flash=flash,
            hardware_id=hardware_id,
            on_report=lambda _: None,
            usb=True,
            keys=paired(self.keys, 1, hardware_id) if keys is None else keys,
        )

    async def until(self, said: Any) -> None:
        async with asyncio.timeout(30):
            while not said():
                self._changed.clear()
                await self._changed.wait()

    async def met(self, *rings: str) -> None:
        await self.until(lambda: all(self.states.get(ring) is State.MEETING for ring in rings))

    async def more_records(self, ring: str, than: int = 0) -> None:
        """Each meeting brings its anchor, if nothing else."""
        await self.until(lambda: self.kept(ring) > than)

    def kept(self, ring: str) -> int:
        return sum(status.records for status in self.store.status() if status.device.hardware_id == ring)

    def check_nothing_lost(self) -> None:
        for device in self.store.devices():
            records = list(self.store.records(device.id))
            assert [record.seq for record in records] == list(range(len(records)))
            assert not self.store.missing(device.id)
            assert not self.store.conflicts(device.id)
            assert protocol.BOOT in {record.type for record in records}

    def _note(self, address: str, state: State) -> None:
        self.states[address] = state
        self._changed.set()

    def _hear(self, told: list[Any], what: Any) -> None:
        told.append(what)
        self._changed.set()


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("samples") / "samples.bin"
    write_samples(path, modelled_night(4, 0.5).samples)
    return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "t.db") as opened:
        yield opened


@asynccontextmanager
async def running(daemon: Daemon) -> AsyncIterator[None]:
    task = asyncio.create_task(daemon.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def house(store: Store, samples: Path, tmp_path: Path) -> AsyncIterator[House]:
    logging.getLogger("bumble").setLevel(logging.ERROR)
    air = Air()
    house = House(air, [await Adapter.create(air)], store, samples, tmp_path)
    yield house
    for adapter in house.adapters:
        await adapter.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_two_rings_are_met_at_the_same_time(house: House) -> None:
    async with house.ring(FIRST), house.ring(SECOND), running(house.daemon()):
        await house.met(FIRST, SECOND)
        await house.more_records(FIRST)
        await house.more_records(SECOND)
    house.check_nothing_lost()
    assert {device.hardware_id for device in house.store.devices()} == {FIRST, SECOND}


async def test_a_ring_that_goes_away_is_met_again_and_the_other_never_left(house: House) -> None:
    async with house.ring(FIRST), house.ring(SECOND), running(house.daemon()):
        await house.met(FIRST, SECOND)
        await house.more_records(FIRST)
        for _ in range(3):
            before = house.kept(FIRST)
            house.air.unplug(FIRST)
            await house.until(lambda: house.states[FIRST] is not State.MEETING)
            assert house.states[SECOND] is State.MEETING
            house.air.plug(FIRST)
            await house.met(FIRST, SECOND)
            await house.more_records(FIRST, than=before)
    house.check_nothing_lost()


async def test_an_adapter_that_is_switched_off_is_told_and_used_again(house: House) -> None:
    (adapter,) = house.adapters
    async with house.ring(FIRST), running(house.daemon()):
        await house.met(FIRST)
        await house.more_records(FIRST)
        before = house.kept(FIRST)
        adapter.switch(False)
        await house.until(lambda: DeviceReason.ADAPTER_OFF in house.troubles)
        adapter.switch(True)
        await house.met(FIRST)
        await house.until(lambda: house.well)
        await house.more_records(FIRST, than=before)
    house.check_nothing_lost()
    (trouble,) = (one for one in house.store.troubles() if one.reason == DeviceReason.ADAPTER_OFF)
    assert trouble.ended_utc_us is not None


async def test_a_scan_that_ended_without_a_word_is_begun_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "SCAN_RENEW_S", 0.0)
    monkeypatch.setattr("twitchwatch.link.daemon.ASK_EVERY_S", 0.05)
    (adapter,) = house.adapters
    async with running(house.daemon()):
        adapter.switch(False)
        adapter.switch(True)
        async with house.ring(FIRST):
            await house.met(FIRST)


async def test_two_adapters_where_one_fails(house: House) -> None:
    house.adapters.append(await Adapter.create(house.air, OTHER_ADAPTER))
    async with house.ring(FIRST), running(house.daemon()):
        await house.met(FIRST)
        await house.more_records(FIRST)
        for adapter in house.adapters:
            adapter.switch(False)
            # Whichever it was met by: over the other one it is met now.
            await house.met(FIRST)
            adapter.switch(True)
            await house.until(lambda: len(house.well) == len(house.troubles))
        await house.until(lambda: house.kept(FIRST) >= 3)
    house.check_nothing_lost()


async def test_attempts_that_fail_are_made_again(house: House) -> None:
    house.air.fail_connects(3)
    async with house.ring(FIRST), running(house.daemon()):
        await house.met(FIRST)


async def test_a_ring_flashed_anew_is_another_log_of_the_same_hardware(house: House) -> None:
    async with running(house.daemon()):
        async with house.ring(FIRST):
            await house.met(FIRST)
            await house.until(lambda: house.kept(FIRST) > 1)
        # Erased whole: the flash, and what its chip keeps beside it.
        for file in house._folder.glob(f"{FIRST.replace(':', '')}*"):
            file.unlink()
        async with house.ring(FIRST):
            await house.until(lambda: len(house.store.devices()) == 2)
            await house.until(lambda: all(status.records for status in house.store.status()))
    old, new = house.store.devices()
    assert (old.hardware_id, new.hardware_id) == (FIRST, FIRST)
    assert old.log_id != new.log_id
    house.check_nothing_lost()


async def test_a_stranger_is_told_once_and_keeps_nobody_waiting(house: House) -> None:
    async with house.ring(SECOND, keys={}), running(house.daemon()):
        await house.until(lambda: DeviceReason.NOT_PAIRED in house.troubles)
        await house.until(lambda: house.states[SECOND] is State.PAUSING)
        async with house.ring(FIRST):
            await house.more_records(FIRST)
    assert house.troubles == [DeviceReason.NOT_PAIRED]
    assert [device.hardware_id for device in house.store.devices()] == [FIRST]


async def test_whoever_calls_under_ever_new_addresses_does_not_fill_the_memory(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twitchwatch.link.daemon.MOST_PEERS", 2)
    daemon = house.daemon()
    async with running(daemon):
        for last in range(1, 5):
            ring = f"24:0A:C4:00:00:1{last}"
            async with house.ring(ring):
                await house.met(ring)
            await house.until(lambda ring=ring: house.states[ring] is State.AWAY)
    assert len(daemon._peers) == 2
