"""Where a log is continued, and into which of its branches a window of records goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.damaging import damage
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import IMPORTED, Count, Device, Missing, Store
from twitchwatch.store.standing import BRANCH, Standing


def mark(seq: int, boot_id: int = 5, source: int = 0) -> bytes:
    return protocol.encode(protocol.MARK, seq, boot_id, seq * 1000, (source,))


def marks(first: int, end: int, boot_id: int = 5, source: int = 0) -> list[bytes]:
    return [mark(seq, boot_id, source) for seq in range(first, end)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "records.db") as opened:
        yield opened


@pytest.fixture
def ring(store: Store) -> Device:
    return store.register("aa:bb", 7, "ring", 100)


def seqs(store: Store, device_id: int) -> list[int]:
    return [record.seq for record in store.records(device_id)]


def branched(store: Store, ring: Device, first: int, end: int, source: int) -> int:
    """A branch of its own records [first, end), from a ring that was set back to `first`."""
    before = marks(first - 1, first)
    result = store.commit(ring.id, before + marks(first, end, source=source), first - 1, end, 0, 20)
    assert result.conflicts == 1
    return result.device_id


@pytest.mark.parametrize("counted", [Count(0, 0, 1), Count(0, 1, 1), Count(4, 9, 1)])
def test_a_log_of_which_nothing_is_here_is_read_from_its_first_record(
    store: Store, ring: Device, counted: Count
) -> None:
    assert store.stand(ring.id, counted, 200) == Standing(ring.id, 0, 0, True, False)


def test_the_newest_record_is_requested_again_to_be_compared(store: Store, ring: Device) -> None:
    store.commit(ring.id, marks(0, 6), 0, 6, 0, 10)
    assert store.stand(ring.id, Count(0, 9, 5), 200) == Standing(ring.id, 6, 5, False, False)
    assert store.stand(ring.id, Count(0, 6, 5), 200) == Standing(ring.id, 6, 5, False, False)
    # What is not on the ring any more cannot be compared.
    assert store.stand(ring.id, Count(6, 9, 5), 200) == Standing(ring.id, 6, 6, True, False)
    assert store.stand(ring.id, Count(8, 9, 5), 200) == Standing(ring.id, 6, 6, True, False)


@pytest.mark.parametrize("next_seq", [5, 3, 0])
def test_a_ring_that_ends_before_what_is_here_was_set_back(store: Store, ring: Device, next_seq: int) -> None:
    store.commit(ring.id, marks(0, 6), 0, 6, 0, 10)
    assert store.stand(ring.id, Count(0, next_seq, 5), 200) == Standing(ring.id, 6, 0, True, True)


@pytest.mark.parametrize("stored", [1, 6])
@pytest.mark.parametrize(("boot_id", "is_branch"), [(4, True), (5, False), (6, False)])
def test_an_older_boot_with_nothing_in_common_is_a_branch(
    store: Store, ring: Device, stored: int, boot_id: int, is_branch: bool
) -> None:
    store.commit(ring.id, marks(0, stored), 0, stored, 0, 10)
    standing = store.stand(ring.id, Count(20, 30, boot_id), 200)
    if is_branch:
        assert standing == Standing(ring.id + 1, 0, 20, True, True)
        assert store.device(standing.device_id).log_id == ring.log_id + BRANCH
        # The same once more is the same branch, as long as it has no records.
        assert store.stand(ring.id, Count(20, 30, boot_id), 300) == standing
        assert len(store.devices()) == 2
    else:
        assert standing == Standing(ring.id, stored, stored, True, False)


def test_an_empty_branch_takes_its_own_first_record(store: Store, ring: Device) -> None:
    # The first five were damaged before, and are not here.
    store.commit(ring.id, marks(5, 10), 5, 10, 0, 10)
    standing = store.stand(ring.id, Count(0, 30, 2), 200)
    assert standing == Standing(ring.id + 1, 0, 0, True, True)
    assert store.held_seq(standing.device_id) == 0
    result = store.commit(standing.device_id, marks(0, 3, boot_id=2), 0, 3, 0, 20)
    assert (result.device_id, result.stored, result.held_seq) == (standing.device_id, 3, 3)
    assert seqs(store, standing.device_id) == [0, 1, 2]
    assert seqs(store, ring.id) == [5, 6, 7, 8, 9]


def test_a_branch_begins_with_its_first_own_record_even_if_its_log_has_the_number_zero(store: Store) -> None:
    ring = store.register("cc:dd", 0, "ring", 100)
    store.commit(ring.id, marks(0, 9), 0, 9, 0, 10)
    branch = branched(store, ring, 5, 8, source=1)
    assert store.held_seq(branch) == 8


def test_a_gap_behind_the_last_record_is_requested_again(store: Store, ring: Device) -> None:
    store.commit(ring.id, marks(0, 3), 0, 6, 0, 10)
    assert store.held_seq(ring.id) == 6
    assert store.stand(ring.id, Count(0, 9, 5), 200) == Standing(ring.id, 3, 2, False, False)
    assert store.missing(ring.id) == []


def test_a_gap_before_the_last_record_stays(store: Store, ring: Device) -> None:
    store.commit(ring.id, [mark(0), mark(2)], 0, 3, 0, 10)
    assert store.stand(ring.id, Count(0, 9, 5), 200) == Standing(ring.id, 3, 2, False, False)
    assert store.missing(ring.id) == [Missing(1, 1, 10)]


def test_a_gap_behind_the_last_record_stays_as_far_as_the_ring_has_nothing_of_it(
    store: Store, ring: Device
) -> None:
    store.commit(ring.id, marks(0, 3), 0, 8, 0, 10)
    assert store.stand(ring.id, Count(5, 9, 5), 200) == Standing(ring.id, 5, 5, True, False)
    assert store.missing(ring.id) == [Missing(3, 2, 10)]


def test_what_is_damaged_here_is_requested_again_and_all_after_it(store: Store, ring: Device) -> None:
    store.commit(ring.id, marks(0, 9), 0, 9, 0, 10)
    damaged = bytearray(mark(4))
    damaged[21] ^= 1
    damage(store.path, "UPDATE record SET raw = ? WHERE seq = 4", bytes(damaged))
    assert store.stand(ring.id, Count(0, 9, 5), 200) == Standing(ring.id, 4, 3, False, False)
    # The ring no longer has it: there is nothing to request.
    assert store.stand(ring.id, Count(5, 9, 5), 200) == Standing(ring.id, 9, 8, False, False)


def test_with_nothing_to_compare_before_the_damage_all_that_the_ring_has_is_requested(
    store: Store, ring: Device
) -> None:
    store.commit(ring.id, [*marks(0, 3), *marks(5, 10)], 0, 10, 0, 10)
    damage(store.path, "UPDATE record SET raw = x'00' WHERE seq = 5")
    assert store.stand(ring.id, Count(3, 10, 5), 200) == Standing(ring.id, 5, 3, True, False)


def test_each_conflict_begins_one_branch_and_the_newest_is_continued(store: Store, ring: Device) -> None:
    store.commit(ring.id, marks(0, 9), 0, 9, 0, 10)
    first = branched(store, ring, 5, 12, source=1)
    second = branched(store, ring, 3, 6, source=2)
    third = branched(store, ring, 7, 8, source=3)
    assert [store.device(one).log_id - ring.log_id for one in (first, second, third)] == [
        BRANCH,
        2 * BRANCH,
        3 * BRANCH,
    ]
    assert (seqs(store, first), seqs(store, second), seqs(store, third)) == (
        list(range(5, 12)),
        [3, 4, 5],
        [7],
    )
    assert store.stand(ring.id, Count(0, 20, 5), 200).device_id == third
    store.commit(first, [mark(12, source=1)], 12, 13, 0, 30)
    assert store.stand(ring.id, Count(0, 20, 5), 200) == Standing(first, 13, 12, False, False)


def test_two_logs_are_enough_to_continue_the_newer(store: Store, ring: Device) -> None:
    store.commit(ring.id, marks(0, 9), 0, 9, 0, 10)
    branch = branched(store, ring, 5, 8, source=1)
    assert store.stand(ring.id, Count(0, 9, 5), 200) == Standing(branch, 8, 7, False, False)


def test_what_no_log_has_of_that_before_a_branch_is_requested(store: Store, ring: Device) -> None:
    store.commit(ring.id, marks(0, 9), 0, 9, 0, 10)
    branch = branched(store, ring, 5, 8, source=1)
    damage(store.path, "DELETE FROM record WHERE device_id = ? AND seq = 2", ring.id)
    assert store.stand(ring.id, Count(1, 9, 5), 200) == Standing(branch, 2, 1, True, False)
    # As far as the ring has it, and as it is not known to be missing.
    assert store.stand(ring.id, Count(3, 9, 5), 200) == Standing(branch, 8, 7, False, False)
    store.commit(ring.id, [], 2, 3, 0, 20)
    assert store.stand(ring.id, Count(1, 9, 5), 200) == Standing(branch, 8, 7, False, False)
    # It goes into the log that the branch has left.
    result = store.commit(branch, [mark(2)], 2, 3, 0, 30)
    assert (result.stored, result.device_id) == (1, ring.id)


def test_records_of_a_branch_alone_do_not_count_for_its_log(store: Store, ring: Device) -> None:
    store.commit(ring.id, marks(0, 100), 0, 100, 0, 10)
    window = [mark(50), *marks(51, 55, source=1), *marks(57, 60, source=1)]
    result = store.commit(ring.id, window, 50, 60, 0, 20, held_seq=100)
    # Of the branch everything below 60 is here or missing; that the log goes on to 100 is nothing to it.
    assert (result.repeated, result.stored, result.conflicts, result.missing) == (1, 7, 1, 2)
    assert result.held_seq == 60
    assert store.missing(result.device_id) == [Missing(55, 2, 20)]
    assert store.missing(ring.id) == []
    # What the ring lacks before the first that differs, it lacks of the branch.
    window = [mark(60), mark(63, source=2)]
    again = store.commit(ring.id, window, 60, 65, 0, 30, held_seq=100)
    assert store.missing(ring.id) == []
    assert store.missing(again.device_id) == [Missing(61, 2, 30), Missing(64, 1, 30)]


def test_what_follows_a_branch_s_own_record_goes_into_the_branch(store: Store, ring: Device) -> None:
    store.commit(ring.id, marks(0, 9), 0, 9, 0, 10)
    branch = branched(store, ring, 5, 8, source=1)
    window = [mark(4), *marks(5, 10, source=1)]
    result = store.commit(ring.id, window, 4, 10, 0, 30, compared=False)
    assert (result.device_id, result.repeated, result.stored, result.conflicts) == (branch, 4, 2, 0)
    assert result.held_seq == 10
    assert seqs(store, ring.id) == list(range(9))
    assert seqs(store, branch) == list(range(5, 10))
    # What precedes a branch in the same window is no gap of it.
    result = store.commit(ring.id, [*marks(1, 5), *marks(5, 10, source=1)], 1, 10, 0, 30)
    assert (result.device_id, result.repeated, result.missing) == (branch, 9, 0)
    # And what both have in common, continued by other records than either's, is a third log.
    third = store.commit(branch, [mark(4), mark(5, source=2)], 4, 6, 0, 40, compared=False)
    assert third.device_id not in (ring.id, branch)
    assert third.conflicts == 1


def test_what_arrives_late_fills_its_holes_whatever_comes_between(store: Store, ring: Device) -> None:
    store.commit(ring.id, [mark(3)], 0, 9, 0, 10)
    assert store.missing(ring.id) == [Missing(0, 3, 10), Missing(4, 5, 10)]
    result = store.commit(ring.id, [mark(0), mark(3), mark(4), mark(8)], 0, 9, 0, 20)
    assert (result.stored, result.repeated, result.missing, result.held_seq) == (3, 1, 0, 9)
    assert store.missing(ring.id) == [Missing(1, 2, 10), Missing(5, 3, 10)]
    result = store.commit(ring.id, marks(1, 8), 0, 9, 0, 30)
    assert (result.stored, result.repeated, store.missing(ring.id)) == (5, 2, [])


def test_a_new_gap_is_what_neither_records_nor_gaps_have(store: Store, ring: Device) -> None:
    store.commit(ring.id, [mark(3)], 2, 5, 0, 10)
    result = store.commit(ring.id, [mark(7)], 0, 10, 0, 20)
    assert result.missing == 2 + 2 + 2
    assert store.missing(ring.id) == [
        Missing(0, 2, 20),
        Missing(2, 1, 10),
        Missing(4, 1, 10),
        Missing(5, 2, 20),
        Missing(8, 2, 20),
    ]
    assert store.commit(ring.id, [], 0, 10, 0, 30).missing == 0


def test_only_a_window_that_brings_records_counts_as_a_sign_of_life(store: Store, ring: Device) -> None:
    store.commit(ring.id, [], 0, 1, 0, 10)
    assert store.last_received(ring.id) is None
    store.commit(ring.id, [mark(1)], 1, 2, 0, 20)
    store.commit(ring.id, [mark(1)], 1, 2, 0, 30)
    assert store.last_received(ring.id) == 20
    assert store.device(ring.id).last_seen_utc_us == 100
    store.commit(ring.id, [mark(2)], 2, 3, 0, 400)
    assert store.device(ring.id).last_seen_utc_us == 400


def test_held_goes_on_from_where_it_was_found(store: Store, ring: Device) -> None:
    store.commit(ring.id, marks(0, 40), 0, 40, 0, 10)
    for seq in (5, 6, 20):
        damage(store.path, "DELETE FROM record WHERE seq = ?", seq)
    assert store.held_seq(ring.id) == 5
    assert store.commit(ring.id, [mark(40)], 40, 41, 0, 20, held_seq=7).held_seq == 20
    assert store.commit(ring.id, [mark(41)], 41, 42, 0, 20, held_seq=21).held_seq == 42


def test_where_a_recording_was_imported_from_says_nothing_of_where_this_computer_is(
    store: Store, ring: Device
) -> None:
    anchor = protocol.encode(protocol.ANCHOR, 0, 1, 5, (10, 1), b"Europe/Berlin")
    imported = store.register(f"{IMPORTED}anna", 1, "anna", 100)
    store.commit(imported.id, [anchor], 0, 1, 0, 20)
    assert store.zones.all() == []
    store.commit(ring.id, [anchor], 0, 1, 0, 20)
    assert [row.name for row in store.zones.all()] == ["Europe/Berlin"]
