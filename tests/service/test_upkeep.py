"""The daemon's care of its database: what is damaged is set aside, and a stop does not wait for a check."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

import pytest

from tests.damaging import damage as spoil
from twitchwatch.service.upkeep import Keeping, Upkeep
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store
from twitchwatch.store.copies import backups, folder_beside

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


def test_a_backup_is_made_once_a_day_and_old_ones_go(store: Store) -> None:
    folder = folder_beside(store.path)
    day_us = 86_400_000_000
    for day in range(4):
        for hour in (0, 1):
            now = NOW + day * day_us + hour * 3_600_000_000
            Upkeep(store, lambda now=now: now, keeping=Keeping(2)).once()  # type: ignore[misc]
            for path in backups(store.path, folder)[-1:]:
                os.utime(path, (now / 1e6, now / 1e6)) if hour == 0 else None
    assert [path.name[2:10] for path in backups(store.path, folder)] == ["20270117", "20270118"]
    Upkeep(store, lambda: NOW + 9 * day_us, keeping=Keeping(0)).once()
    assert len(backups(store.path, folder)) == 2


def test_backups_go_where_they_should(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    Upkeep(store, lambda: NOW, keeping=Keeping(1, folder)).once()
    assert len(backups(store.path, folder)) == 1
    assert not folder_beside(store.path).exists()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_damaged_database_deletes_no_backup(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    Upkeep(store, lambda: NOW).once()
    spoil(store.path, "UPDATE device SET name = 'x'")
    with caplog.at_level(logging.WARNING, "twitchwatch"):
        Upkeep(store, lambda: NOW + 2 * 86_400_000_000, keeping=Keeping(1)).once()
    assert "earlier backups are untouched" in caplog.text
    assert [path.name[2:10] for path in backups(store.path, folder_beside(store.path))] == ["20270115"]
