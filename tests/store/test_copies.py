"""Backups are read back before they count; the way back overwrites nothing; a full disk loses nothing."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.damaging import damage as spoil
from twitchwatch.errors import ConfigurationError, Exit, IntegrityError
from twitchwatch.service.lock import only_one
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store, copies, damage, schema
from twitchwatch.store.migrations import MIGRATIONS

NOW = 1_800_000_000_000_000
SECOND = 1_000_000


def mark(seq):
    return protocol.encode(protocol.MARK, seq, 1, seq, (0,))


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "home" / "twitchwatch.db") as store:
        ring = store.register("aa", 1, "ring", NOW)
        store.commit(ring.id, [mark(seq) for seq in range(500)], 0, 500, 0, NOW)
        store.journal.note("2026-01-01", "{}", NOW)
        yield store
    damage.forget()


def seqs(path):
    with Store.open(path) as store:
        return [record.seq for record in store.records(1)]


def test_a_backup_of_a_database_in_use_has_everything_committed(store, tmp_path):
    # The newest records are in the log beside the file: a plain copy would lack them.
    assert store.path.with_name("twitchwatch.db-wal").stat().st_size > 0
    made = copies.back_up(store.path, tmp_path / "b", NOW)
    assert made.path.name == "twitchwatch-20270115-080000.db"
    assert (made.found.records, made.path.stat().st_mode & 0o777) == (500, 0o600)
    assert [entry.name for entry in (tmp_path / "b").iterdir()] == [made.path.name]
    assert seqs(made.path) == list(range(500))


def test_only_the_newest_backups_stay(store, tmp_path):
    folder = tmp_path / "b"
    made = [copies.back_up(store.path, folder, NOW + at * SECOND).path for at in range(4)]
    (folder / "twitchwatch-mine.db").touch()
    copies.prune(store.path, folder, 2)
    assert copies.backups(store.path, folder) == made[2:]
    assert (folder / "twitchwatch-mine.db").exists()


def test_a_damaged_database_makes_no_backup_and_keeps_the_earlier_ones(store, tmp_path):
    before = copies.back_up(store.path, tmp_path / "b", NOW).path
    spoil(store.path, "UPDATE journal SET body = 'x'")
    with pytest.raises(IntegrityError, match="earlier backups are untouched"):
        copies.back_up(store.path, tmp_path / "b", NOW + SECOND)
    assert list((tmp_path / "b").iterdir()) == [before]


def test_a_backup_that_is_stopped_leaves_nothing(store, tmp_path):
    with pytest.raises(copies.StoppedError):
        copies.back_up(store.path, tmp_path / "b", NOW, lambda: True)
    assert list((tmp_path / "b").iterdir()) == []


def test_a_restore_keeps_the_present_file_aside(store, tmp_path):
    made = copies.back_up(store.path, tmp_path / "b", NOW)
    store.commit(1, [mark(500)], 500, 501, 0, NOW)
    store.close()
    aside, found = copies.restore(made.path, store.path, NOW)
    assert (aside.name, found.records) == ("twitchwatch.db.20270115-080000.aside", 500)
    assert seqs(store.path) == list(range(500))
    assert seqs(aside) == list(range(501))
    assert made.path.exists()


def test_a_restore_takes_the_log_of_a_killed_daemon_aside_too(store, tmp_path):
    made = copies.back_up(store.path, tmp_path / "b", NOW)
    # As a kill leaves it: the commits are in the log alone.
    for ending in ("", "-wal"):
        name = f"killed.db{ending}"
        (tmp_path / name).write_bytes(store.path.with_name(store.path.name + ending).read_bytes())
    aside, _ = copies.restore(made.path, tmp_path / "killed.db", NOW)
    assert aside is not None
    assert seqs(aside) == list(range(500))
    assert seqs(tmp_path / "killed.db") == list(range(500))


def contents(folder):
    """Files without the lock and the empty log that a reader leaves."""
    files = {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.is_file()}
    return {name: bytes_ for name, bytes_ in files.items() if bytes_ and not name.endswith(("-shm", ".lock"))}


def test_a_damaged_or_newer_backup_changes_nothing(store, tmp_path):
    made = copies.back_up(store.path, tmp_path / "b", NOW).path
    store.close()
    before = contents(store.path.parent)
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(IntegrityError, match="newer than this program"):
        copies.restore(made, store.path, NOW)
    with closing(sqlite3.connect(made)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    spoil(made, "UPDATE record SET raw = x'00' WHERE seq = 7")
    with pytest.raises(IntegrityError, match="damaged"):
        copies.restore(made, store.path, NOW)
    assert contents(store.path.parent) == before


def test_a_backup_of_an_older_version_is_migrated(tmp_path):
    old = tmp_path / "old.db"
    schema.prepare(old, 1.0, MIGRATIONS[:12])
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("INSERT INTO device VALUES (1, 'aa', 1, 'ring', 1, 1, 0, 1)")
        connection.execute("INSERT INTO record VALUES (1, 0, 1, ?, 1, 0, 7, ?)", (protocol.MARK, mark(0)))
    copies.restore(old, tmp_path / "new.db", NOW)
    assert seqs(tmp_path / "new.db") == [0]


@pytest.mark.parametrize("command", ["backup", "restore", "salvage"])
def test_a_full_disk_is_said_and_nothing_is_lost(store, tmp_path, command):
    """The limit of a file's size stands for the disk: SQLite and the system report the same."""
    made = copies.back_up(store.path, tmp_path / "b", NOW).path
    store.close()
    before = contents(store.path.parent), contents(tmp_path / "b")
    limit = "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    limit += " resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000));"
    limit += " from twitchwatch.cli.main import run; sys.exit(run(sys.argv[1:]))"
    given = {"backup": [str(tmp_path / "b")], "restore": [str(made)], "salvage": []}[command]
    done = subprocess.run(
        [sys.executable, "-B", "-c", limit, command, *given, "--database", str(store.path)],
        capture_output=True,
        text=True,
        env={**os.environ},
    )
    assert done.returncode == Exit.CONFIGURATION, done.stderr
    assert "oom" in done.stderr or "space" in done.stderr or "failed to write" in done.stderr
    assert "Traceback" not in done.stderr
    assert (contents(store.path.parent), contents(tmp_path / "b")) == before


def test_the_commands(store, tmp_path, capsys):
    from twitchwatch.cli.main import run

    at = ["--database", str(store.path)]
    assert run(["backup", *at]) == 0
    assert "500 records, verified" in capsys.readouterr().out
    (made,) = copies.backups(store.path, copies.folder_beside(store.path))
    store.close()
    with only_one(store.path):
        assert run(["restore", str(made), *at]) == Exit.CONFIGURATION
        assert "already collecting into" in capsys.readouterr().err
    assert run(["restore", str(made), *at]) == 0
    out = capsys.readouterr().out
    assert "Restored 500 records" in out
    assert ".aside" in out
    assert run(["restore", str(tmp_path / "none.db"), *at]) == Exit.CONFIGURATION
    assert run(["backup", "--database", str(tmp_path / "none.db")]) == Exit.CONFIGURATION
    assert not (tmp_path / "backups").exists()
    with pytest.raises(ConfigurationError, match="already exists"):
        copies.copy(store.path, made)
