"""Link faults have a beginning and an end, and a port remembers its sensor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from twitchwatch.store import LinkFault, Store, UsbPort, schema
from twitchwatch.store.link_notes import KEPT_ADDRESSES, KEPT_US

HOUR = 3_600_000_000
NOW = 1_800_000_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "t.db") as opened:
        yield opened


def test_a_link_fault_lasts_until_it_ends(store: Store) -> None:
    store.link_faults.begin("Bluetooth", "adapter off", "It is off.", NOW)
    assert store.link_faults.all() == [LinkFault("Bluetooth", "adapter off", "It is off.", NOW, None)]
    store.link_faults.end("ring", NOW + HOUR)
    assert store.link_faults.all()[0].ended_utc_us is None
    store.link_faults.end("Bluetooth", NOW + HOUR)
    assert store.link_faults.all(since_utc_us=NOW + HOUR)[0].ended_utc_us == NOW + HOUR
    assert store.link_faults.all(since_utc_us=NOW + HOUR + 1) == []


def test_another_reason_ends_the_one_before(store: Store) -> None:
    store.link_faults.begin("Bluetooth", "adapter off", "It is off.", NOW)
    store.link_faults.begin("Bluetooth", "no adapter", "It is gone.", NOW + HOUR)
    before, now = store.link_faults.all()
    assert (before.reason, before.ended_utc_us) == ("adapter off", NOW + HOUR)
    assert (now.reason, now.ended_utc_us) == ("no adapter", None)
    store.link_faults.end(None, NOW + 2 * HOUR)
    assert all(link_fault.ended_utc_us is not None for link_fault in store.link_faults.all())


def test_a_clock_set_back_ends_nothing_before_it_began(store: Store) -> None:
    store.link_faults.begin("ring", "no answer", "Silent.", NOW)
    store.link_faults.end("ring", NOW - HOUR)
    assert store.link_faults.all()[0].ended_utc_us == NOW


def test_old_link_faults_go(store: Store) -> None:
    store.link_faults.begin("ring", "no answer", "Silent.", NOW)
    store.link_faults.begin("Bluetooth", "adapter off", "It is off.", NOW + KEPT_US + 1)
    store.link_faults.forget(NOW + KEPT_US + 1)
    assert [link_fault.subject for link_fault in store.link_faults.all()] == ["Bluetooth"]


def test_a_port_remembers_the_last_sensor(store: Store) -> None:
    port = UsbPort(0x303A, 0x1001, "24:0A")
    store.ports.note(port, "first")
    store.ports.note(port, "second")
    store.ports.note(UsbPort(0x10C4, 0xEA60, "24:0A"), "other")
    assert store.ports.all()[port] == "second"
    assert len(store.ports.all()) == 2


def test_an_address_is_kept_and_the_oldest_go(tmp_path: Path) -> None:
    # A database from before there was such a table.
    schema.prepare(tmp_path / "t.db", 1.0, schema.MIGRATIONS[:11])
    with Store.open(tmp_path / "t.db") as store:
        for number in range(KEPT_ADDRESSES + 1):
            store.addresses.note(f"address {number}", "aa")
        store.addresses.note("address 1", "bb")
    with Store.open(tmp_path / "t.db") as store:
        kept = store.addresses.all()
    assert len(kept) == KEPT_ADDRESSES
    assert "address 0" not in kept
    assert list(kept.items())[-1] == ("address 1", "bb")
