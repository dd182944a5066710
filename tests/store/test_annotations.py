"""Annotations are added, sealed, never rewritten; a database of the version before gets their table."""

import sqlite3
from contextlib import closing

import pytest

from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import DEMO_HARDWARE_ID, Store, schema


def test_a_database_of_version_13_is_brought_up_with_all_it_has(tmp_path):
    path = tmp_path / "records.db"
    schema.prepare(path, 1.0, schema.MIGRATIONS[:13])
    with closing(schema.connect(path, 1.0, write=True)) as old:
        old.execute("INSERT INTO journal (night, entered_utc_us, body) VALUES ('2025-03-04', 5, '{}')")
        assert old.execute("PRAGMA user_version").fetchone() == (13,)
        assert old.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'annotation'").fetchone() == (0,)
    with Store.open(path) as store:
        assert [row.night for row in store.journal.all()] == ["2025-03-04"]
        assert store.annotations.all() == []
        number = store.annotations.add("aa", "note", "{}", 7)
        assert [(row.id, row.entered_utc_us) for row in store.annotations.all()] == [(number, 7)]
        assert store.care.examine().whole
    assert schema.backup_path(path, 13).exists()


def test_an_annotation_is_never_rewritten(tmp_path):
    path = tmp_path / "records.db"
    with Store.open(path) as store:
        store.annotations.add("aa", "note", "{}", 7)
    with closing(schema.connect(path, 1.0, write=True)) as connection:
        for column in ("id", "identity", "what", "entered_utc_us", "body"):
            with pytest.raises(sqlite3.IntegrityError, match="never rewritten"):
                connection.execute(f"UPDATE annotation SET {column} = 8")


def test_those_of_the_demo_go_with_its_last_night(tmp_path):
    with Store.open(tmp_path / "records.db") as store:
        devices = [store.register(DEMO_HARDWARE_ID, log, "demo", 0) for log in (1, 2)]
        ring = store.register("aa", 3, "ring", 0)
        for device in (*devices, ring):
            store.commit(device.id, [protocol.encode(protocol.MARK, 0, 1, 5, (0,))], 0, 1, 0, 9)
        for identity in (DEMO_HARDWARE_ID, "aa"):
            store.annotations.add(identity, "note", "{}", 7)
        store.remove(devices[0].id)
        assert len(store.annotations.all()) == 2
        store.remove(devices[1].id)
        assert [row.identity for row in store.annotations.all()] == ["aa"]
