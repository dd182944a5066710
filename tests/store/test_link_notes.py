"""Troubles have a beginning and an end, and a port remembers its sensor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from twitchwatch.store import Store, Trouble, UsbPort
from twitchwatch.store.link_notes import KEPT_US

HOUR = 3_600_000_000
NOW = 1_800_000_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "t.db") as opened:
        yield opened


def test_a_trouble_lasts_until_it_ends(store: Store) -> None:
    store.troubles.begin("Bluetooth", "adapter off", "It is off.", NOW)
    assert store.troubles.all() == [Trouble("Bluetooth", "adapter off", "It is off.", NOW, None)]
    store.troubles.end("ring", NOW + HOUR)
    assert store.troubles.all()[0].ended_utc_us is None
    store.troubles.end("Bluetooth", NOW + HOUR)
    assert store.troubles.all(since_utc_us=NOW + HOUR)[0].ended_utc_us == NOW + HOUR
    assert store.troubles.all(since_utc_us=NOW + HOUR + 1) == []


def test_another_reason_ends_the_one_before(store: Store) -> None:
    store.troubles.begin("Bluetooth", "adapter off", "It is off.", NOW)
    store.troubles.begin("Bluetooth", "no adapter", "It is gone.", NOW + HOUR)
    before, now = store.troubles.all()
    assert (before.reason, before.ended_utc_us) == ("adapter off", NOW + HOUR)
    assert (now.reason, now.ended_utc_us) == ("no adapter", None)
    store.troubles.end(None, NOW + 2 * HOUR)
    assert all(trouble.ended_utc_us is not None for trouble in store.troubles.all())


def test_a_clock_set_back_ends_nothing_before_it_began(store: Store) -> None:
    store.troubles.begin("ring", "no answer", "Silent.", NOW)
    store.troubles.end("ring", NOW - HOUR)
    assert store.troubles.all()[0].ended_utc_us == NOW


def test_old_troubles_go(store: Store) -> None:
    store.troubles.begin("ring", "no answer", "Silent.", NOW)
    store.troubles.begin("Bluetooth", "adapter off", "It is off.", NOW + KEPT_US + 1)
    assert [trouble.subject for trouble in store.troubles.all()] == ["Bluetooth"]


def test_a_port_remembers_the_last_sensor(store: Store) -> None:
    port = UsbPort(0x303A, 0x1001, "24:0A")
    store.ports.note(port, "first")
    store.ports.note(port, "second")
    store.ports.note(UsbPort(0x10C4, 0xEA60, "24:0A"), "other")
    assert store.ports.all()[port] == "second"
    assert len(store.ports.all()) == 2
