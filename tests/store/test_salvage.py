"""The readable part of a damaged file is recovered, and what does not is counted."""

import random

import pytest

from tests.damaging import damage as spoil
from tests.damaging import flip
from twitchwatch.errors import ConfigurationError, IntegrityError
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store, damage
from twitchwatch.store.salvage import salvage

NOW = 1_800_000_000_000_000
COUNT = 4000
PAGE = 4096


def mark(seq):
    return protocol.encode(protocol.MARK, seq, 1, seq, (0,))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "twitchwatch.db"
    with Store.open(path) as store:
        ring = store.register("aa", 1, "ring", NOW)
        store.commit(ring.id, [mark(seq) for seq in range(COUNT)], 0, COUNT, 0, NOW)
        for day in range(1, 29):
            store.journal.note(f"2026-01-{day:02}", "{}", NOW)
        store.zones.note("Europe/Berlin", NOW)
    yield path
    damage.forget()


def came_out(path, target):
    before = path.read_bytes()
    saved = salvage(path, target)
    assert path.read_bytes() == before
    with Store.open(target) as store:
        assert store.care.examine().structure == ()
        assert not store.care.examine().damaged
        records = [record.raw for record in store.records(1)]
        assert set(records) <= {mark(seq) for seq in range(COUNT)}
        return saved, len(records), len(store.journal.all())


def test_a_whole_file_comes_out_whole(path, tmp_path):
    saved, records, entries = came_out(path, tmp_path / "new.db")
    assert (saved.lost, records, entries) == ({}, COUNT, 28)
    with Store.open(tmp_path / "new.db") as store:
        assert [row.name for row in store.zones.all()] == ["Europe/Berlin"]


def test_damaged_rows_stay_behind_and_are_counted(path, tmp_path):
    spoil(path, "UPDATE record SET raw = x'00' WHERE seq = 5")
    spoil(path, "UPDATE record SET time_us = 7 WHERE seq = 8")
    spoil(path, "UPDATE journal SET body = 'x' WHERE id = 3")
    saved, records, entries = came_out(path, tmp_path / "new.db")
    assert (records, entries) == (COUNT - 1, 27)
    assert saved.lost == {"journal": 1, "record": 2, "gap": 1}


def test_a_truncated_file(path, tmp_path):
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2 // PAGE * PAGE])
    saved, records, _ = came_out(path, tmp_path / "new.db")
    assert 0 < records < COUNT
    assert saved.lost


def test_zeroed_pages(path, tmp_path):
    whole = bytearray(path.read_bytes())
    pages = len(whole) // PAGE
    for page in (pages // 3, pages // 2, pages // 2 + 1):
        whole[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
    path.write_bytes(whole)
    saved, records, _ = came_out(path, tmp_path / "new.db")
    # A page has some 75 of these records.
    assert COUNT - 400 < records < COUNT
    assert saved.lost


@pytest.mark.parametrize("seed", range(8))
def test_flipped_bits(path, tmp_path, seed):
    path.write_bytes(flip(path.read_bytes(), random.Random(seed), 40))
    saved, records, _ = came_out(path, tmp_path / "new.db")
    assert records > COUNT * 0.8
    assert saved.lost


def test_a_file_without_its_schema(path, tmp_path):
    """Its first page is gone: SQLite takes it for no database, and rows are known by their checksums."""
    with Store.open(path) as store:
        entry = store.journal.note("2026-02-01", '{"notes": "' + "long " * 4000 + '"}', NOW)
        before = store.journal.all(), store.devices(), store.zones.all()
    whole = path.read_bytes()
    path.write_bytes(bytes(PAGE) + whole[PAGE:])
    saved, records, entries = came_out(path, tmp_path / "new.db")
    assert (records, entries, entry) == (COUNT, 29, 29)
    with Store.open(tmp_path / "new.db") as store:
        assert (store.journal.all(), store.devices(), store.zones.all()) == before
    assert saved.lost == {"file": 1}


def test_nothing_is_overwritten(path, tmp_path):
    with pytest.raises(ConfigurationError, match="already exists"):
        salvage(path, path)
    with pytest.raises(ConfigurationError, match="no file"):
        salvage(tmp_path / "none.db", tmp_path / "new.db")
    path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(IntegrityError, match="twitchwatch restore"):
        salvage(path, tmp_path / "new.db")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["twitchwatch.db"]
