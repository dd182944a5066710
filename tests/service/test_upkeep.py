"""The daemon's care of its database: what is damaged is set aside, and a stop does not wait for a check."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from tests.damaging import damage as spoil
from twitchwatch.service.upkeep import Upkeep
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store

NOW = 1_800_000_000_000_000


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path / "t.db") as store:
        ring = store.register("aa", 1, "ring", NOW)
        marks = [protocol.encode(protocol.MARK, seq, 1, seq, (0,)) for seq in range(300)]
        store.commit(ring.id, marks, 0, 300, 0, NOW)
        yield store


def test_damage_is_set_aside_and_logged(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    spoil(store.path, "UPDATE record SET raw = x'00' WHERE seq = 5")
    with caplog.at_level(logging.WARNING, "twitchwatch"):
        Upkeep(store, lambda: NOW).once()
    assert "Damaged in the database: 1 record and 1 gap among the records." in caplog.text
    assert [one.seq for one in store.care.set_aside()] == [5]
    assert store.held_seq(1) == 5
    last = store.care.last_check()
    assert last is not None
    assert (last.utc_us, last.records) == (NOW, 299)


def test_a_check_that_is_stopped_changes_nothing(store: Store) -> None:
    spoil(store.path, "UPDATE record SET raw = x'00' WHERE seq = 5")
    assert store.care.examine_until(lambda: True) is None
    upkeep = Upkeep(store, lambda: NOW)
    upkeep._stopped.set()
    upkeep.once()
    assert (store.care.set_aside(), store.care.last_check()) == ([], None)


async def test_it_checks_again_and_ends_when_cancelled(store: Store) -> None:
    seen: list[int] = []
    both = asyncio.Event()
    loop = asyncio.get_running_loop()

    def now() -> int:
        seen.append(NOW + len(seen))
        if len(seen) == 2:
            loop.call_soon_threadsafe(both.set)
        return seen[-1]

    running = asyncio.create_task(Upkeep(store, now, every_s=0.0).run())
    await both.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
