"""Which advertiser may take the radio's time: the slot of unpaired devices, its pauses, and who is exempt."""

from __future__ import annotations

import pytest

from twitchwatch.errors import ConfigurationError
from twitchwatch.link.admission import LONGEST_UNPAIRED_PAUSE_S, Admission, addresses
from twitchwatch.store.link_notes import KEPT_ADDRESSES

RING = "24:0A:C4:00:00:FF"


def test_a_day_of_changing_addresses_takes_the_radio_a_bounded_number_of_times() -> None:
    door = Admission(dict, {})
    admitted = 0
    for second in range(86_400):
        if door.admit(f"address {second}", second):
            admitted += 1
            door.ended(f"address {second}", second + 10, proven=False)
    assert admitted <= 86_400 / (LONGEST_UNPAIRED_PAUSE_S + 10) + 10


def test_one_who_holds_the_slot_keeps_out_unpaired_devices_only() -> None:
    door = Admission(lambda: [RING], {})
    assert door.admit("one", 0)
    assert not door.admit("another", 1e6)
    assert door.paired(RING, 1e6)
    # Whoever is not in it cannot free it.
    door.ended("another", 1e6, proven=True)
    assert not door.admit("another", 2e6)


def test_a_proof_makes_the_next_pause_short() -> None:
    door = Admission(dict, {})
    for round_s in range(0, 10_000, 1000):
        assert door.admit("one", round_s)
        door.ended("one", round_s, proven=False)
    assert not door.admit("one", 9000 + LONGEST_UNPAIRED_PAUSE_S - 1)
    assert door.admit("one", 9000 + LONGEST_UNPAIRED_PAUSE_S)
    door.ended("one", 10_000, proven=True)
    assert door.admit("one", 10_000)
    door.ended("one", 10_000, proven=False)
    assert door.admit("one", 10_002)


def test_the_pause_of_unpaired_devices_doubles_from_two_seconds_to_two_minutes() -> None:
    door, now_s = Admission(dict, {}), 100.0
    for pause_s in (2, 4, 8, 16, 32, 64, 120, 120):
        assert door.admit("one", now_s)
        door.ended("one", now_s, proven=False)
        assert not door.admit("one", now_s + pause_s - 0.001)
        now_s += pause_s


def test_the_keys_are_read_every_other_second() -> None:
    read = []

    def paired() -> list[str]:
        read.append(now_s)
        return [RING]

    door = Admission(paired, {})
    for tenth in range(50):
        now_s = tenth / 10
        assert door.paired(RING, now_s)
    assert read == [0.0, 2.0, 4.0]


def test_the_address_proven_last_stays_longest() -> None:
    door = Admission(lambda: [RING], {})
    for number in range(KEPT_ADDRESSES):
        assert door.prove(f"address {number}", RING)
    # Proven again for another ring, it is the newest.
    assert door.prove("address 0", "24:0A:C4:00:00:01")
    assert door.prove("address 0", RING)
    assert door.paired("address 1", 0)
    assert door.prove("one more", RING)
    kept = [number for number in range(KEPT_ADDRESSES) if door.paired(f"address {number}", 10)]
    assert kept == [0, *range(2, KEPT_ADDRESSES)]


def test_a_ring_paired_while_the_daemon_runs_is_known_soon_and_a_broken_key_file_forgets_nobody() -> None:
    keys: list[str] = []

    def paired() -> list[str]:
        if not keys:
            raise ConfigurationError("cannot be read")
        return keys

    door = Admission(paired, {})
    assert not door.paired(RING, 0)
    keys.append(RING)
    assert door.paired(RING, 3)
    keys.clear()
    assert door.paired(RING, 6)


def test_a_proven_address_counts_as_long_as_there_is_a_key() -> None:
    proven = {"5C0E-HIDDEN": RING, "5C0E-FORGOTTEN": "24:0A:C4:00:00:01"}
    door = Admission(lambda: [RING], proven)
    assert door.paired("5C0E-HIDDEN", 0)
    assert not door.paired("5C0E-FORGOTTEN", 0)


def test_only_what_does_not_follow_from_the_hardware_id_is_kept() -> None:
    door = Admission(lambda: [RING], {})
    assert not door.prove("24:0A:C4:00:00:01", RING)
    assert door.prove("5C0E-HIDDEN", RING)
    assert not door.prove("5C0E-HIDDEN", RING)
    assert door.paired("5C0E-HIDDEN", 0)


def test_proven_addresses_are_bounded() -> None:
    door = Admission(lambda: [RING], {})
    for number in range(1000):
        assert door.prove(f"address {number}", RING)
    assert not door.paired("address 0", 0)
    assert door.paired("address 999", 0)


@pytest.mark.parametrize("hardware_id", ["", "no address", "24:0A", RING + ":00", "24:0A:C4:00:00:GG"])
def test_what_is_not_an_address_gives_none(hardware_id: str) -> None:
    assert addresses(hardware_id) == []


def test_a_rings_radio_has_its_base_address_and_the_next_two() -> None:
    assert addresses(RING) == [RING, "24:0A:C4:00:00:00", "24:0A:C4:00:00:01"]
