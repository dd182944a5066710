"""A clock that is set changes no interval: messages come when they would have come."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.alerts.test_monitor import HOUR_US, NOW_US, Clocks, Post, watch_over
from twitchwatch.archive.set_clock import MomentKeeper
from twitchwatch.clock.elapsed import SET_US, SetClock, elapsed_s
from twitchwatch.shared.protocol import records
from twitchwatch.store import Store

RING = "24:0A:C4:00:00:01"
DAY_US = 24 * HOUR_US
YEAR_US = 365 * DAY_US
# What can happen in an hour, besides the clock being set.
HAPPENINGS = ("nothing", "records", "met", "bluetooth down", "bluetooth up", "snooze", "symptom")
steps = st.lists(
    st.tuples(st.sampled_from([1.0, 3.0, 9.0, 27.0, 100 * 24.0]), st.sampled_from(HAPPENINGS)),
    min_size=2,
    max_size=9,
)
jumps = st.lists(
    st.one_of(st.just(0), st.sampled_from([-YEAR_US, YEAR_US]), st.integers(-2 * YEAR_US, 2 * YEAR_US)),
    min_size=9,
    max_size=9,
)


async def messages(path: Path, happened: list[tuple[float, str]], set_by: list[int]) -> list[tuple]:
    """What is said, and after how many hours, while these things happen and the clock is set by so much."""
    post, reported, clocks = Post(), [], Clocks()
    said: list[tuple] = []
    with Store.open(path) as store:
        device = store.register(RING, 1, "Left ring", clocks.utc_us())
        watch = watch_over(store, post, reported, clocks)
        seq = 0
        for (hours, what), by_us in zip(happened, set_by, strict=False):
            now_us = clocks.utc_us()
            if what in ("records", "met"):
                store.register(RING, 1, "Left ring", now_us)
            if what == "records":
                raw = records.encode(records.MARK, seq, 1, 5, (0,))
                store.commit(device.id, [raw], seq, seq + 1, 0, now_us)
                seq += 1
            elif what == "bluetooth down":
                store.link_faults.begin("Bluetooth", "no adapter", "Plug it in.", now_us)
            elif what == "bluetooth up":
                store.link_faults.end("Bluetooth", now_us)
            elif what == "snooze":
                store.alerts.snooze(None, now_us + 8 * HOUR_US)
            elif what == "symptom":
                store.journal.note("2026-03-04", json.dumps({"symptoms": ["speech"]}), now_us)
            clocks.h += hours / 2
            clocks.set_by_us += by_us
            await watch.look()
            clocks.h += hours / 2
            await watch.look()
            said.append((clocks.h, *post.carried))
            post.carried.clear()
    with Store.open(path) as store:
        said.append((len(store.link_faults.all()), [row.id for row in store.findings.all()]))
    assert reported == []
    return said


@given(steps, jumps)
@settings(max_examples=25)
def test_it_changes_no_interval(happened: list[tuple[float, str]], set_by: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        right = asyncio.run(messages(Path(folder) / "right.db", happened, [0] * len(set_by)))
        wrong = asyncio.run(messages(Path(folder) / "wrong.db", happened, set_by))
    assert wrong == right


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(-YEAR_US, YEAR_US)), min_size=1, max_size=20))
def test_by_how_much_it_was_set(settings_of_it: list[tuple[float, int]]) -> None:
    clock = SetClock(NOW_US, 50.0)
    at_s, utc_us, found_us, really_us = 50.0, NOW_US, 0, 0
    for passed_s, by_us in settings_of_it:
        at_s += passed_s
        really_us += by_us
        utc_us = NOW_US + int((at_s - 50.0) * 1e6) + really_us
        found_us += clock.set_by(utc_us, at_s)
        # Whatever was set is found but for a rest that is no interval.
        assert abs(found_us - really_us) <= SET_US


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a test count on both clocks")
def test_the_clock_of_the_system_goes_on() -> None:
    before_s, monotonic_s = elapsed_s(), time.monotonic()
    assert 0 <= elapsed_s() - before_s <= time.monotonic() - monotonic_s + 1


def test_a_clock_set_back_while_nothing_ran(tmp_path: Path) -> None:
    """The newest stored moment is taken for now; the others keep their distance."""
    path = tmp_path / "t.db"
    with Store.open(path) as store:
        store.register(RING, 1, "Left ring", NOW_US)
        store.register("24:0A:C4:00:00:02", 1, "Right ring", NOW_US - DAY_US)
        store.alerts.snooze(None, NOW_US + HOUR_US)
        MomentKeeper(store, lambda: NOW_US - YEAR_US, lambda: 0.0).begin()
        assert [one.last_seen_utc_us - NOW_US + YEAR_US for one in store.devices()] == [0, -DAY_US]
        assert store.alerts.snoozes() == {None: NOW_US - YEAR_US + HOUR_US}
        # The clock is right again: so are they.
        MomentKeeper(store, lambda: NOW_US, lambda: 0.0).begin()
        assert [one.last_seen_utc_us - NOW_US + YEAR_US for one in store.devices()] == [0, -DAY_US]


async def test_a_database_that_is_locked_moves_later(tmp_path: Path) -> None:
    clocks = Clocks()
    with Store.open(tmp_path / "t.db", busy_timeout_s=0.01) as store:
        store.register(RING, 1, "Left ring", NOW_US)
        keeper = MomentKeeper(store, clocks.utc_us, clocks.elapsed_s)
        clocks.set_by_us = YEAR_US
        other = sqlite3.connect(store.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Exception, match="locked"):
            keeper.follow()
        other.execute("ROLLBACK")
        other.close()
        keeper.follow()
        keeper.follow()
        assert [one.last_seen_utc_us for one in store.devices()] == [NOW_US + YEAR_US]
