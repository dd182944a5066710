"""The database keeps each record once, as it came, and says honestly what it could not keep."""

import sqlite3
import stat
import struct
import subprocess
import sys
from binascii import crc32
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.damaging import damage
from twitchwatch.errors import ConfigurationError
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Count, Missing, Store, UnplacedError


def mark(seq, boot_id=1, source=0, time_us=None):
    return protocol.encode(protocol.MARK, seq, boot_id, seq * 1000 if time_us is None else time_us, (source,))


def of_unknown_type(seq):
    whole = struct.pack(protocol.HEADER, 200, 1, protocol.OVERHEAD_BYTES + 3, seq, 1, 5) + b"abc"
    return whole + struct.pack("<I", crc32(whole))


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "home" / "records.db") as opened:
        yield opened


@pytest.fixture
def ring(store):
    return store.register("aa:bb", 7, "left ring", 100)


def test_file_and_folder_are_private(store):
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


def test_log_beside_the_file_is_private(store, ring):
    wal = store.path.with_name("records.db-wal")
    assert stat.S_IMODE(wal.stat().st_mode) == 0o600


def test_a_device_is_known_again(store, ring):
    again = store.register("aa:bb", 7, "ring of Ada", 200)
    assert (again.id, again.name) == (ring.id, "ring of Ada")
    assert (again.first_seen_utc_us, again.last_seen_utc_us) == (100, 200)


def test_a_wiped_device_is_a_new_log(store, ring):
    wiped = store.register("aa:bb", 8, "left ring", 300)
    assert wiped.id != ring.id
    store.commit(ring.id, [mark(0)], 0, 1, 0, 10)
    store.commit(wiped.id, [mark(0, source=1)], 0, 1, 0, 10)
    assert [store.held_seq(device.id) for device in store.devices()] == [1, 1]


def test_records_come_back_as_they_were(store, ring):
    sent = [mark(seq) for seq in range(5)]
    result = store.commit(ring.id, sent, 0, 5, 0, 10)
    assert (result.stored, result.repeated, result.missing) == (5, 0, 0)
    assert [record.raw for record in store.records(ring.id)] == sent
    assert store.held_seq(1) == 5


def test_records_are_chosen_by_type_boot_and_seq(store, ring):
    anchor = protocol.encode(protocol.ANCHOR, 3, 2, 9, (1, 2))
    store.commit(ring.id, [mark(0), mark(1), mark(2, boot_id=2), anchor], 0, 4, 0, 10)
    assert [r.seq for r in store.records(ring.id, types=[protocol.ANCHOR])] == [3]
    assert [r.seq for r in store.records(ring.id, boot_id=2)] == [2, 3]
    assert [r.seq for r in store.records(ring.id, from_seq=1, upto_seq=3)] == [1, 2]
    assert list(store.records(ring.id, types=[])) == []


def test_repetition_changes_nothing(store, ring):
    sent = [mark(0), mark(2)]
    store.commit(ring.id, sent, 0, 4, 0, 10)
    before = list(store.records(ring.id)), store.missing(ring.id)
    result = store.commit(ring.id, sent, 0, 4, 0, 99)
    assert (result.stored, result.repeated, result.missing) == (0, 2, 0)
    assert (list(store.records(ring.id)), store.missing(ring.id)) == before


def test_other_bytes_under_a_known_seq_begin_a_log_of_their_own(store, ring):
    store.commit(ring.id, [mark(0), mark(1), mark(2)], 0, 3, 0, 10)
    other = [mark(0), mark(1, source=1), mark(2, source=1), mark(3, source=1)]
    result = store.commit(ring.id, other, 0, 4, 0, 20)
    assert (result.stored, result.repeated, result.conflicts, result.held_seq) == (3, 1, 1, 4)
    branch = store.device(result.device_id)
    assert (branch.id, branch.hardware_id, branch.log_id % 2**32) == (2, "aa:bb", ring.log_id)
    assert [record.raw for record in store.records(ring.id)] == [mark(0), mark(1), mark(2)]
    assert [record.raw for record in store.records(branch.id)] == other[1:]
    # Repeated, it is found again; each log goes on by itself.
    again = store.commit(ring.id, other, 0, 4, 0, 30)
    assert (again.repeated, again.device_id) == (4, branch.id)
    assert store.commit(ring.id, [mark(2), mark(3)], 2, 4, 0, 30).device_id == ring.id
    assert store.held_seq(ring.id) == store.held_seq(branch.id) == 4


def test_what_differs_needs_something_to_compare(store, ring):
    store.commit(ring.id, [mark(0), mark(1)], 0, 2, 0, 10)
    for window in ([mark(1, source=1), mark(2)], [mark(2)]):
        with pytest.raises(UnplacedError):
            store.commit(ring.id, window, 1, 3, 0, 20, compared=False)
    assert [record.raw for record in store.records(ring.id)] == [mark(0), mark(1)]
    assert store.commit(ring.id, [mark(1), mark(2)], 1, 3, 0, 20, compared=False).held_seq == 3


def test_a_record_damaged_on_this_disk_is_replaced_and_its_bytes_are_set_aside(store, ring):
    store.commit(ring.id, [mark(0), mark(1)], 0, 2, 0, 10)
    damaged = bytearray(mark(1))
    damaged[21] ^= 1
    damage(store.path, "UPDATE record SET raw = ? WHERE seq = 1", bytes(damaged))
    assert [record.raw for record in store.records(ring.id)] == [mark(0)]
    # Not above it: this is requested again, if the ring still has it.
    assert store.stand(ring.id, Count(0, 2, 1), 20).held_seq == 1
    result = store.commit(ring.id, [mark(0), mark(1)], 0, 2, 0, 20, compared=False)
    assert (result.stored, result.device_id, result.held_seq) == (1, ring.id, 2)
    assert [record.raw for record in store.records(ring.id)] == [mark(0), mark(1)]
    assert [one.raw for one in store.care.set_aside()] == [bytes(damaged)]


def test_what_cannot_be_read_yet_is_kept(store, ring):
    newer = bytearray(mark(1))
    newer[1] = 9
    newer[-4:] = crc32(newer[:-4]).to_bytes(4, "little")
    # Whole, of a known type and version, and too short for its fields.
    short = struct.pack(protocol.HEADER, protocol.MARK, 1, protocol.OVERHEAD_BYTES, 2, 7, 99)
    short += crc32(short).to_bytes(4, "little")
    sent = [of_unknown_type(0), bytes(newer), short]
    result = store.commit(ring.id, sent, 0, 3, 0, 10)
    assert (result.stored, result.unread) == (3, 3)
    kept = list(store.records(ring.id))
    assert [record.body for record in kept] == [None] * 3
    assert [record.raw for record in kept] == sent
    assert kept[2] == (protocol.MARK, 1, 2, 7, 99, None, b"", short)
    # Those of a newer kind: an upgrade helps.
    assert store.status()[0].unread == 2


def test_a_clock_gone_mad_does_not_stop_the_sync(store, ring):
    sent = mark(0, time_us=2**64 - 1)
    assert store.commit(ring.id, [sent], 0, 1, 0, 10).stored == 1
    assert next(store.records(ring.id)).time_us == 2**64 - 1


def test_a_garbled_record_is_counted_and_its_place_missing(store, ring):
    garbled = bytearray(mark(1))
    garbled[22] ^= 1
    result = store.commit(ring.id, [mark(0), bytes(garbled), b"", mark(2)], 0, 3, 4, 10)
    assert (result.stored, result.damaged, result.missing) == (2, 6, 1)
    assert store.status()[0].damaged == 6
    assert store.missing(ring.id) == [Missing(1, 1, 10)]


def test_a_late_record_fills_its_hole(store, ring):
    store.commit(ring.id, [], 0, 10, 0, 10)
    assert store.missing(ring.id) == [Missing(0, 10, 10)]
    store.commit(ring.id, [mark(4)], 4, 5, 0, 20)
    assert store.missing(ring.id) == [Missing(0, 4, 10), Missing(5, 5, 10)]


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 12), st.sets(st.integers(0, 45), max_size=12)),
        max_size=8,
    )
)
@settings(max_examples=40, deadline=None)
def test_each_seq_stated_is_kept_or_missing_never_both(tmp_path_factory, windows):
    with Store.open(tmp_path_factory.mktemp("home") / "records.db") as store:
        ring = store.register("aa", 1, "ring", 0)
        kept = set()
        stated = set()
        for from_seq, length, seqs in windows:
            result = store.commit(ring.id, [mark(seq) for seq in seqs], from_seq, from_seq + length, 0, 1)
            assert result.stored == len(seqs - kept)
            kept |= seqs
            stated |= set(range(from_seq, from_seq + length))
            known = kept | stated
            assert store.held_seq(ring.id) == next(seq for seq in range(99) if seq not in known)
        missing = [
            seq for run in store.missing(ring.id) for seq in range(run.first_seq, run.first_seq + run.count)
        ]
        assert sorted(missing) == sorted(stated - kept)
        assert [record.seq for record in store.records(ring.id)] == sorted(kept)


def test_a_record_cannot_be_rewritten(store, ring):
    store.commit(ring.id, [mark(0)], 0, 1, 0, 10)
    with sqlite3.connect(store.path) as connection, pytest.raises(sqlite3.IntegrityError, match="never"):
        connection.execute("UPDATE record SET raw = x'00'")
    connection.close()


def test_readers_see_whole_windows_while_another_thread_writes(store, ring):
    def write(number):
        store.commit(ring.id, [mark(number * 10 + k) for k in range(10)], number * 10, number * 10 + 10, 0, 1)

    with ThreadPoolExecutor(4) as threads:
        done = [threads.submit(write, number) for number in range(20)]
        for future in done:
            assert sum(1 for _ in store.records(ring.id)) % 10 == 0
            future.result()
    assert [record.seq for record in store.records(ring.id)] == list(range(200))


def test_syncs_are_remembered_and_a_cut_one_shows(store, ring):
    first = store.begin_sync(ring.id, "ble", 1000)
    store.end_sync(first, ended_utc_us=2000, records=5, unread=1, damaged=2, outcome="complete")
    store.begin_sync(ring.id, "usb", 3000)
    cut, whole = store.syncs(ring.id)
    assert (cut.transport, cut.ended_utc_us, cut.outcome) == ("usb", None, None)
    assert (whole.records, whole.unread, whole.damaged, whole.outcome) == (5, 1, 2, "complete")
    assert store.status()[0].last_sync == cut


def test_status_of_a_device_that_never_sent(store, ring):
    (status,) = store.status()
    assert (status.records, status.by_type, status.last_record_received_utc_us) == (0, {}, None)
    assert status.last_sync is None


def test_a_locked_database_keeps_nothing_and_says_so(tmp_path):
    with Store.open(tmp_path / "records.db", busy_timeout_s=0.05) as store:
        ring = store.register("aa", 1, "ring", 0)
        other = sqlite3.connect(store.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConfigurationError, match="locked by another program"):
            store.commit(ring.id, [mark(0)], 0, 1, 0, 10)
        other.execute("ROLLBACK")
        other.close()
        assert store.held_seq(1) == 0
        assert store.commit(ring.id, [mark(0)], 0, 1, 0, 10).stored == 1


FILL = """
import resource, sys
from pathlib import Path
from twitchwatch.shared.protocol import records as protocol
from tests.damaging import damage
from twitchwatch.errors import ConfigurationError
from twitchwatch.store import Store

store = Store.open(Path(sys.argv[1]))
ring = store.register("aa", 1, "ring", 0)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
seq = 0
try:
    while seq < 100_000:
        numbers = range(seq, seq + 20)
        window = [protocol.encode(protocol.SNIPPET, s, 1, s, (0,) * 6, bytes(900)) for s in numbers]
        store.commit(ring.id, window, seq, seq + 20, 0, 1)
        seq += 20
except ConfigurationError as error:
    print(seq, error)
"""


def test_a_disk_that_takes_no_more_keeps_whole_windows_only(tmp_path):
    # A limit on the size of files stands in for the full disk: the kernel refuses the write all the same.
    path = tmp_path / "records.db"
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path)],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    committed, message = done.stdout.split(" ", 1)
    assert int(committed) > 0
    assert "Nothing of this was stored or acknowledged" in message
    with Store.open_existing(path) as store:
        (ring,) = store.devices()
        assert store.held_seq(ring.id) == int(committed)
        assert [record.seq for record in store.records(ring.id)] == list(range(int(committed)))
