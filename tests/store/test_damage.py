"""A row that a disk has damaged is left out of every figure, named, set aside, and fetched again."""

import sqlite3
from contextlib import closing

import pytest

from tests.damaging import damage as spoil
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import AlertRow, Count, DerivedRow, NightRow, Store, UsbPort, damage, schema
from twitchwatch.store.seals import SEALED

DAY = 86_400_000_000
NIGHT = NightRow("aa", 0, DAY, "1970-01-01", "UTC", 5, "1", "{}", "{}")


def mark(seq, time_us=None):
    return protocol.encode(protocol.MARK, seq, 1, seq * 1000 if time_us is None else time_us, (0,))


@pytest.fixture(autouse=True)
def nothing_met():
    damage.forget()
    yield
    damage.forget()


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "records.db") as store:
        ring = store.register("aa", 1, "ring", 0)
        store.register("bb", 1, "other ring", 0)
        store.commit(ring.id, [mark(seq) for seq in range(10)], 0, 10, 0, 1000)
        yield store


def seqs(store):
    return [record.seq for record in store.records(1)]


def care(store, now_utc_us=2000):
    found = store.care.examine()
    store.care.put_right(found, now_utc_us)
    return found


def test_a_damaged_record_is_left_out_set_aside_and_fetched_again(store):
    spoilt = mark(4)[:-1] + b"x"
    spoil(store.path, "UPDATE record SET raw = ? WHERE seq = 4", spoilt)
    assert seqs(store) == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert damage.met() == {"record": 1, "gap": 1}
    found = care(store)
    assert (found.records, found.lost) == (9, {"record": 1, "gap": 1})
    (aside,) = store.care.set_aside()
    assert (aside.origin, aside.device_id, aside.seq, aside.raw) == ("record", 1, 4, spoilt)
    assert (store.status()[0].records, store.status()[0].set_aside) == (9, 1)
    assert store.care.last_check().wrong == {"record": 1, "gap": 1}
    # The ring is asked for it; what it no longer has is known to be missing.
    assert store.held_seq(1) == 4
    assert store.stand(1, Count(0, 10, 1), 3000).held_seq == 4
    store.commit(1, [mark(4)], 4, 10, 0, 3000)
    assert seqs(store) == list(range(10))
    assert store.care.examine().whole


def test_a_damaged_record_that_the_ring_no_longer_has_is_missing(store):
    spoil(store.path, "UPDATE record SET raw = x'00' WHERE seq = 4")
    care(store)
    store.commit(1, [], 4, 5, 0, 3000)
    damage.forget()
    assert len(seqs(store)) == 9
    assert damage.met() == {}
    assert store.care.examine().whole
    assert store.status()[0].set_aside == 1


@pytest.mark.parametrize(
    "change",
    [
        "seq = 2147483652",
        "boot_id = 3",
        "type = 39",
        "version = 3",
        "time_us = 4001",
        "received_utc_us = 1 << 62",
        "device_id = 2",
        "seal = 5",
    ],
)
def test_a_damaged_column_is_mended_from_the_record(store, change):
    spoil(store.path, f"UPDATE record SET {change} WHERE seq = 4")
    assert seqs(store) == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert list(store.records(2)) == []
    assert store.status()[0].unread == 0
    assert store.status()[0].last_record_received_utc_us == 1000
    assert damage.met()["record"] == 1
    care(store)
    assert seqs(store) == list(range(10))
    assert [one.origin for one in store.care.set_aside()] == ["record"]
    assert store.care.examine().whole


@pytest.mark.parametrize("change", ["time_us = 1 << 50", "boot_id = 9", "time_us = -1"])
def test_a_damaged_time_does_not_make_a_boot_longer(store, change):
    assert store.boot_extents(1) == {1: (0, 9000)}
    spoil(store.path, f"UPDATE record SET {change} WHERE seq = 4")
    assert store.boot_extents(1) == {1: (0, 9000)}
    assert damage.met() == {"record": 1}


def test_a_record_of_an_older_version_has_no_seal(store):
    spoil(store.path, "UPDATE record SET seal = NULL")
    assert seqs(store) == list(range(10))
    assert store.care.examine().whole


def test_a_row_that_has_gone_is_noticed(store):
    spoil(store.path, "DELETE FROM record WHERE seq IN (4, 5)")
    seqs(store)
    assert damage.met() == {"gap": 1}
    assert store.care.examine().lost == {"gap": 2}
    damage.forget()
    store.status()
    assert damage.met() == {"gap": 1}


def fill(store):
    """A row in every table that the store writes itself."""
    store.commit(1, [], 10, 12, 0, 1000)
    store.begin_sync(1, "ble", 1000, "UTC")
    store.link_faults.begin("Bluetooth", "off", "Off.", 5)
    store.addresses.note("AA", "aa")
    store.ports.note(UsbPort(1, 2, "x"), "aa")
    store.changes.ask("aa", "name", '"x"', 5)
    store.journal.note("1970-01-01", "{}", 5)
    store.annotations.add("aa", "note", "{}", 5)
    store.programs.begin("plan", "1970-01-01", "{}", 5)
    store.alerts.keep(AlertRow("key", "now", "title", 5, None, None, ""))
    store.alerts.snooze("key", 9)
    store.summaries.keep([(NIGHT, "{}", "{}")], logs=[DerivedRow(1, 10, 0, 0, None)])
    store.summaries.keep_trends("1", {"key": "[]"})
    care(store)


FILLED = sorted(set(SEALED) - {"conflict", "finding", "former", "quarantine"})


@pytest.mark.parametrize("table", FILLED)
def test_each_row_of_each_table_has_a_seal(store, table):
    fill(store)
    assert store.care.examine().whole
    for column in SEALED[table]:
        with closing(sqlite3.connect(store.path)) as connection:
            kind, before, seal = connection.execute(
                f"SELECT typeof({column}), {column}, seal FROM {table}"
            ).fetchone()
        if (table, column) == ("last_check", "id"):
            continue
        changed = {"integer": f"{column} + 5", "text": f"{column} || 'x'", "null": "7"}[kind]
        spoil(store.path, f"UPDATE {table} SET {column} = {changed} WHERE seal = ?", seal)
        assert list(store.care.examine().damaged) == [table], column
        spoil(store.path, f"UPDATE {table} SET {column} = ? WHERE seal = ?", before, seal)
        assert store.care.examine().whole, column


@pytest.mark.parametrize("table", sorted(set(FILLED) - {"device", "last_check", "night", "derived", "trend"}))
def test_a_damaged_row_is_left_out_by_its_readers_and_set_aside(store, table):
    fill(store)
    spoil(store.path, f"UPDATE {table} SET seal = seal + 1")
    store.look_over()
    if table != "sync_session":
        assert damage.met() == {table: 1}
        with store.reading() as connection:
            assert connection.execute(f"SELECT * FROM {table}").fetchall() == []
    care(store)
    assert [one.origin for one in store.care.set_aside()] == [table]
    assert store.journal.all() == [] or table != "journal"
    damage.forget()
    store.look_over()
    assert damage.met() == {}


@pytest.mark.parametrize("table", ["night", "derived", "trend"])
def test_what_follows_from_records_is_not_read_if_a_part_is_damaged(store, table):
    fill(store)
    assert store.summaries.all() == [NIGHT]
    spoil(store.path, f"UPDATE {table} SET seal = seal + 1")
    with Store.open(store.path) as again:
        assert (again.summaries.all(), again.summaries.progress(), again.summaries.trends("1")) == (
            [],
            {},
            {},
        )
        found = care(again)
        assert (found.whole, found.lost) == (False, {})
        assert again.care.examine().whole


def test_damage_is_never_sealed_in(store):
    spoil(store.path, "UPDATE device SET last_seen_utc_us = 1 << 61 WHERE id = 1")
    store.register("aa", 1, "ring", 5)
    assert store.care.examine().damaged == {"device": (1,)}
    store.look_over()
    # Without it nothing is known of its records.
    assert [device.hardware_id for device in store.devices()] == ["aa", "bb"]
    assert damage.met() == {"device": 1}


def test_a_changed_schema_is_noticed(store):
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("DROP INDEX record_by_type")
    assert store.care.examine().structure == ("the schema has changed since it was created",)
    store.look_over()
    assert damage.met() == {"file": 1}


def test_a_database_of_version_12_gets_its_seals(tmp_path):
    path = tmp_path / "old.db"
    schema.prepare(path, 1.0, schema.MIGRATIONS[:12])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO device VALUES (1, 'aa', 1, 'ring', 1, 1, 0, 1)")
        connection.execute("INSERT INTO record VALUES (1, 0, 1, ?, 1, 5, 7, ?)", (protocol.MARK, mark(0, 5)))
        connection.execute("INSERT INTO journal VALUES (1, '2026-01-01', 5, '{}')")
        connection.execute("INSERT INTO missing VALUES (1, 1, 4, 5)")
    with Store.open(path) as store:
        assert store.care.examine().whole
        assert (seqs(store), len(store.journal.all())) == ([0], 1)
        with pytest.raises(sqlite3.IntegrityError, match="never rewritten"):
            store.write(lambda connection: connection.execute("UPDATE journal SET body = ''"))
        spoil(path, "UPDATE journal SET body = '[]'")
        assert store.care.examine().damaged == {"journal": (1,)}
    assert schema.backup_path(path, 12).exists()
