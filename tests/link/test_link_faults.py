"""Faults of sensors are kept apart by address, whatever name is advertised, and are bounded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.link.link_faults import MAX_UNPAIRED, LinkFaults
from twitchwatch.sim.ring import WorldClock
from twitchwatch.store import Store
from twitchwatch.store.link_notes import KEPT_ROWS

NOT_PAIRED = DeviceError("It is not paired.", DeviceReason.NOT_PAIRED)
NO_ANSWER = DeviceError("It does not answer.", DeviceReason.NO_ANSWER)


class Rig:
    """Faults, what was reported of them, and the database once the notes are written."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.said: list[DeviceError] = []
        self.well: list[str] = []
        self.faults = LinkFaults(store, WorldClock(0), self.said.append, self.well.append)

    def kept(self) -> list[tuple[str, bool]]:
        while not self.faults._notes.empty():
            self.faults._notes.get_nowait()()
        return [(one.subject, one.ended_utc_us is None) for one in self.store.link_faults.all()]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Store.open(tmp_path / "t.db") as store:
        yield Rig(store)


def test_one_name_at_two_addresses_is_two_sensors(rig: Rig) -> None:
    rig.faults.tell_sensor("A", "ring", NOT_PAIRED, paired=True)
    rig.faults.tell_sensor("B", "ring", NOT_PAIRED, paired=False)
    rig.faults.sensor_well("A")
    assert rig.kept() == [("Sensor ring (A)", False), ("Sensor ring (B)", True)]
    assert rig.well == ["Sensor ring (A)"]


def test_a_name_that_changes_ends_the_fault_that_it_began(rig: Rig) -> None:
    rig.faults.tell_sensor("A", "ring", NOT_PAIRED, paired=False)
    rig.faults.tell_sensor("A", "another", NO_ANSWER, paired=False)
    rig.faults.sensor_well("A")
    assert rig.kept() == [("Sensor ring (A)", False), ("Sensor ring (A)", False)]


def test_reasons_that_alternate_are_reported_once_each(rig: Rig) -> None:
    for _ in range(100):
        for error in (NOT_PAIRED, NO_ANSWER):
            rig.faults.tell_sensor("A", "ring", error, paired=True)
    assert rig.said == [NOT_PAIRED, NO_ANSWER]
    rig.faults.sensor_well("A")
    rig.faults.tell_sensor("A", "ring", NOT_PAIRED, paired=True)
    assert rig.said[2:] == [NOT_PAIRED]


def test_unpaired_devices_do_not_keep_a_paired_sensors_fault_from_being_reported(rig: Rig) -> None:
    for number in range(1000):
        rig.faults.tell_sensor(f"stranger {number}", "ring", NOT_PAIRED, paired=False)
    assert len(rig.said) == MAX_UNPAIRED
    rig.faults.tell_sensor("A", "ring", NOT_PAIRED, paired=True)
    assert len(rig.said) == MAX_UNPAIRED + 1
    # The one that is paired then makes room for another.
    rig.faults.sensor_well("stranger 0")
    rig.faults.tell_sensor("stranger 1000", "ring", NOT_PAIRED, paired=False)
    assert len(rig.said) == MAX_UNPAIRED + 2


def test_a_name_cannot_pass_for_the_computers_bluetooth(rig: Rig) -> None:
    rig.faults.tell_sensor("A", "Bluetooth", NO_ANSWER, paired=False)
    # What begins with that word is alerted as a fault of this computer (archive.findings).
    assert not [subject for subject, _ in rig.kept() if subject.startswith("Bluetooth")]


def test_the_table_stays_small_and_keeps_what_lasts(tmp_path: Path) -> None:
    with Store.open(tmp_path / "t.db") as store:
        store.link_faults.begin("lasts", "no adapter", "Plug it in.", 0)
        for number in range(KEPT_ROWS + 20):
            store.link_faults.begin("port", "no answer", "Silent.", number)
        kept = store.link_faults.all()
    assert len(kept) == KEPT_ROWS + 1
    assert kept[0].subject == "lasts"
    assert kept[-1].ended_utc_us is None
