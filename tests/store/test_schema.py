"""A database file is made, migrated with a backup, or refused and left exactly as it was."""

import os
import sqlite3
from contextlib import closing

import pytest

from twitchwatch.errors import ConfigurationError, Exit, IntegrityError
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store, schema
from twitchwatch.store.copies import back_up
from twitchwatch.store.salvage import salvage


def contents(folder):
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def set_version(path, version):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "home" / "records.db"
    with Store.open(path) as store:
        ring = store.register("aa", 1, "ring", 0)
        store.commit(ring.id, [protocol.encode(protocol.MARK, 0, 1, 5, (0,))], 0, 1, 0, 9)
    return path


def test_tables_are_strict_and_the_log_is_durable(path):
    with closing(schema.connect(path, 1.0, write=True)) as connection:
        tables = connection.execute(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        assert {name for name, _ in tables} >= {"device", "record", "conflict", "missing", "sync_session"}
        assert {name for name, _ in tables} >= {"trouble", "port"}
        assert {name for name, _ in tables} >= {"finding", "night"}
        assert all(strict for _, strict in tables)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_newer_database_is_refused_and_untouched(path):
    set_version(path, 99)
    before = contents(path.parent)
    with pytest.raises(IntegrityError, match="version 99, newer than this program") as refused:
        Store.open(path)
    assert refused.value.exit_code is Exit.INTEGRITY
    with pytest.raises(IntegrityError):
        Store.open_existing(path)
    assert contents(path.parent) == before


def test_a_newer_version_still_in_the_log_is_refused_too(path):
    with closing(sqlite3.connect(path)) as running:
        running.execute("PRAGMA wal_autocheckpoint = 0")
        running.execute("PRAGMA user_version = 99")
        wal = path.with_name("records.db-wal")
        before = path.read_bytes(), wal.read_bytes()
        with pytest.raises(IntegrityError, match="version 99"):
            Store.open(path)
        assert (path.read_bytes(), wal.read_bytes()) == before


def test_another_programs_database_is_refused_and_untouched(tmp_path):
    path = tmp_path / "notes.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE note (words)")
    before = contents(tmp_path)
    with pytest.raises(IntegrityError, match="another program"):
        Store.open(path)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "spoilt", [b"this is no database at all " * 40, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_file_is_refused_with_a_remedy(tmp_path, spoilt):
    path = tmp_path / "records.db"
    path.write_bytes(spoilt)
    with pytest.raises(IntegrityError, match="backup"):
        Store.open(path)
    assert contents(tmp_path) == {"records.db": spoilt}


def test_a_page_spoilt_inside_is_met_with_a_remedy(path):
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match="salvage"), Store.open_existing(path) as store:
        store.devices()


@pytest.mark.parametrize("size", [0, 1, 99])
def test_a_file_that_was_cut_to_nothing_is_no_new_database(tmp_path, size):
    """SQLite would fill it, and every night would silently be gone."""
    path = tmp_path / "records.db"
    path.write_bytes(b"SQLite format 3\0"[:size].ljust(size, b"\0"))
    before = contents(tmp_path)
    for use in (Store.open, Store.open_existing, lambda path: back_up(path, tmp_path / "copies", 0)):
        with pytest.raises(IntegrityError, match="empty; delete it" if size == 0 else f"cut to {size} bytes"):
            use(path)
    with pytest.raises(IntegrityError, match="Nothing in"):
        salvage(path, tmp_path / "saved.db")
    (tmp_path / "copies").rmdir()
    assert contents(tmp_path) == before


def test_a_database_has_its_name_once_it_is_complete(tmp_path, monkeypatch):
    path = tmp_path / "records.db"
    monkeypatch.setattr(schema, "_seal_schema", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Store.open(path)
    assert contents(tmp_path) == {}
    monkeypatch.undo()
    # Another process was faster: its database stays.
    link = os.link

    def late(half, name):
        with Store.open(tmp_path / "other.db") as store:
            store.register("aa", 1, "ring", 0)
        os.rename(tmp_path / "other.db", name)
        link(half, name)

    monkeypatch.setattr(os, "link", lambda half, name: late(half, name) if name == path else link(half, name))
    with Store.open(path) as store:
        assert [device.name for device in store.devices()] == ["ring"]
    assert [name for name in contents(tmp_path) if "new" in name] == []


def test_queries_need_a_database(tmp_path):
    with pytest.raises(ConfigurationError, match="no database at"):
        Store.open_existing(tmp_path / "records.db")
    assert contents(tmp_path) == {}


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be opened for writing"):
        Store.open(tmp_path / "file" / "records.db")


ADD_PLACE = "ALTER TABLE device ADD COLUMN place TEXT;\nCREATE TABLE entry (words TEXT) STRICT;\n"


def test_a_migration_leaves_a_backup_and_every_record(path):
    schema.prepare(path, 1.0, (*schema.MIGRATIONS, ADD_PLACE))
    backup = schema.backup_path(path, len(schema.MIGRATIONS))
    assert backup.stat().st_mode & 0o777 == 0o600
    with Store.open_existing(backup) as old:
        assert [record.seq for record in old.records(1)] == [0]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS) + 1,)
        assert connection.execute("SELECT name, place FROM device").fetchall() == [("ring", None)]
        assert connection.execute("SELECT count(*) FROM record").fetchone() == (1,)
    with pytest.raises(IntegrityError, match="newer"):
        Store.open(path)


def test_a_database_of_the_first_version_is_brought_up(tmp_path):
    path = tmp_path / "records.db"
    schema.prepare(path, 1.0, schema.MIGRATIONS[:1])
    with Store.open(path) as store:
        assert store.findings.all() == store.summaries.all() == []
    assert schema.backup_path(path, 1).exists()


def test_a_migration_that_fails_changes_nothing(path):
    with pytest.raises(sqlite3.OperationalError):
        schema.prepare(path, 1.0, (*schema.MIGRATIONS, ADD_PLACE + "CREATE TABLE device (again);\n"))
    with Store.open_existing(path) as store:
        assert [record.seq for record in store.records(1)] == [0]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM pragma_table_list WHERE name = 'entry'").fetchall() == []
