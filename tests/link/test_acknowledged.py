"""Whatever is damaged on either side: a ring deletes nothing that is not in the database.

The daemon's session, the real store and the device's session, with damage in between; a ring that is set back
to an older image of its flash; and a ring that lies about how far its log goes.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.damaging import damage
from tests.link.test_sync_session import Clock, Pipe, met
from tests.protocol.peers import HARDWARE_ID, HOST_ID, KEY
from twitchwatch.link.keys import Keys
from twitchwatch.link.sync_session import COMPLETE, SyncReport, SyncSession
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.cable import Unescape, escape
from twitchwatch.store import Store, schema

LAST_SEQ = 2**32 - 1
NUMBERS = {
    "device": ("id", "log_id", "damaged", "first_seen_utc_us", "last_seen_utc_us"),
    "missing": ("first_seq", "count", "device_id"),
    "record": ("seq", "boot_id", "type", "version", "time_us", "received_utc_us", "device_id"),
}


class Ring:
    """A ring's log with all that is held of it; every record ever logged is unlike every other."""

    log_id = 77

    def __init__(self) -> None:
        self.held: dict[int, bytes] = {}
        self.next_seq = 0
        self.first_seq = 0
        self.boot_id = 1
        self.logged = 0
        self.image = (dict(self.held), 0, 0, 1)
        # One answer says that the log goes on to here, and has nothing of it.
        self.lie_upto = 0

    @property
    def records(self) -> Ring:
        return self

    def append(self, raw: bytes | None = None) -> None:
        self.logged += 1
        if raw is None:
            raw = protocol.encode(protocol.MARK, self.next_seq, self.boot_id, self.logged, (1,))
        self.held[self.next_seq] = raw
        self.next_seq += 1

    def __len__(self) -> int:
        return self.next_seq

    def read(self, from_seq: int, limit: int) -> tuple[bytes, int]:
        if self.lie_upto:
            upto_seq, self.lie_upto = self.lie_upto, 0
            return b"", upto_seq
        data, seq = b"", max(from_seq, self.first_seq)
        while seq < self.next_seq and len(data) + len(self.held.get(seq, b"")) <= min(limit, 300):
            data += self.held.get(seq, b"")
            seq += 1
        return data, seq

    def trim(self, upto_seq: int) -> None:
        # By segments of eight; the newest stays.
        upto_seq = min(upto_seq, self.next_seq - 1) // 8 * 8
        if upto_seq > self.first_seq:
            self.first_seq = upto_seq
            self.held = {seq: raw for seq, raw in self.held.items() if seq >= upto_seq}

    def take_image(self) -> None:
        self.image = (dict(self.held), self.first_seq, self.next_seq, self.boot_id)

    def restore_image(self) -> None:
        held, self.first_seq, self.next_seq, self.boot_id = self.image
        self.held = dict(held)
        self.boot_id += 1
        self.append()


class RingPipe(Pipe):
    """The link to that ring; each acknowledgement is compared with what is in the database."""

    def __init__(self, ring: Ring, store: Store, lose_after: int | None) -> None:
        super().__init__(ring, lose_after)  # type: ignore[arg-type]
        self.ring = ring
        self.store = store
        self.time_us = ring.logged * 1000
        self.session._boot_id = ring.boot_id

    def acknowledge(self, _: int, upto_seq: int) -> None:
        stored = sound(self.store)
        lost = [seq for seq, raw in self.ring.held.items() if seq < upto_seq and raw not in stored]
        assert not lost, f"{lost} were acknowledged, but are not in the database"
        self.ring.trim(upto_seq)

    def keep_anchor(self, time_us: int, utc_us: int, uncertainty_us: int, zone: bytes) -> None:
        body = (utc_us, uncertainty_us)
        self.ring.append(
            protocol.encode(protocol.ANCHOR, self.ring.next_seq, self.ring.boot_id, time_us, body, zone)
        )


class CablePipe(RingPipe):
    """The same over a cable: escaped as `usb` does, and a prompt that prints before each answer."""

    prompt = b"MPY: soft reboot\r\n>>> \x00"

    def __init__(self, ring: Ring, store: Store, lose_after: int | None) -> None:
        super().__init__(ring, store, lose_after)
        self._unescape = Unescape()

    async def send(self, data: bytes) -> None:
        self.arrived.put_nowait(self.prompt)
        stuffed = escape(data)
        # A board reads what its buffer has, which may end within a pair.
        for at in range(0, len(stuffed), 7):
            await super().send(self._unescape.feed(stuffed[at : at + 7]))


def sound(store: Store) -> list[bytes]:
    """The records that are stored under their number."""
    with closing(sqlite3.connect(store.path)) as connection:
        rows = connection.execute("SELECT seq, raw FROM record").fetchall()
    return [
        raw
        for seq, raw in rows
        if protocol.sealed_length(raw, 0) == len(raw) and protocol.seq_at(raw, 0) == seq
    ]


class Home:
    """A ring, a computer, and what befalls them."""

    def __init__(self, folder: Path, pipe: type[RingPipe] = RingPipe) -> None:
        self.store = Store.open(folder / "t.db")
        self.pipe = pipe
        path = folder / "keys.json"
        path.write_text(json.dumps({HARDWARE_ID: [KEY.hex()]}))
        self.keys = Keys(path)
        self.ring = Ring()

    def sync(self, lose_after: int | None = None) -> SyncReport:
        pipe = self.pipe(self.ring, self.store, lose_after)
        sync_session = SyncSession(pipe, self.store, Clock(), HOST_ID, self.keys, kind="test")
        report = asyncio.run(met(sync_session))
        assert pipe.session.faults == 0
        return report

    def record(self, count: int) -> None:
        for _ in range(count):
            self.ring.append()

    def damage(self, work: str, *values: object) -> None:
        damage(self.store.path, work, *values)

    def heal(self) -> None:
        """Meet without faults: then everything that the ring holds is here, and nothing twice."""
        for _ in range(2):
            assert self.sync().outcome == COMPLETE
        stored = sound(self.store)
        # The last session's anchor is fetched by the next one, if it was logged late.
        held = [raw for seq, raw in self.ring.held.items() if seq < self.ring.next_seq - 1]
        assert not [raw for raw in held if raw not in stored]
        assert self.ring.first_seq >= self.ring.next_seq - 16


@pytest.fixture(params=[RingPipe, CablePipe])
def home(tmp_path: Path, request: pytest.FixtureRequest):
    home = Home(tmp_path, request.param)
    yield home
    home.store.close()


def test_a_watermark_of_an_older_database_counts_for_nothing(tmp_path: Path) -> None:
    schema.prepare(tmp_path / "t.db", 1.0, schema.MIGRATIONS[:7])
    with closing(sqlite3.connect(tmp_path / "t.db", isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO device VALUES (1, ?, 77, 'ring', 1, 1, ?, 0)", (HARDWARE_ID, LAST_SEQ)
        )
    home = Home(tmp_path)
    home.record(20)
    home.heal()
    assert len(sound(home.store)) == home.ring.logged
    home.store.close()


def test_a_database_ahead_of_its_ring_acknowledges_nothing(home: Home) -> None:
    """A gap that reaches beyond everything, as one lying range left it in older versions."""
    home.record(20)
    home.sync()
    home.damage("INSERT INTO missing VALUES (1, 21, ?, 5, NULL)", LAST_SEQ - 21)
    home.record(20)
    home.heal()
    assert home.store.missing(1) == []
    assert len(sound(home.store)) == home.ring.logged


@pytest.mark.parametrize("upto_seq", [60, 2**31, LAST_SEQ])
def test_a_range_that_leaps_is_not_believed(home: Home, upto_seq: int) -> None:
    home.record(20)
    home.sync()
    home.record(20)
    home.ring.lie_upto = upto_seq
    assert home.sync().outcome == "the device sends numbers beyond its own count"
    home.heal()
    assert home.store.missing(1) == []


def test_a_restored_image_is_another_log_and_both_are_kept(home: Home) -> None:
    home.record(20)
    home.sync()
    home.ring.take_image()
    home.record(30)
    home.sync()
    before = sound(home.store)
    home.ring.restore_image()
    home.record(5)
    report = home.sync()
    assert any("went back" in warning for warning in report.warnings)
    home.heal()
    stored = sound(home.store)
    assert set(before) < set(stored)
    assert len(stored) == len(set(stored))
    first, second = home.store.devices()
    assert (second.hardware_id, second.log_id) == (first.hardware_id, first.log_id + 2**32)
    # What both have in common is in the first alone.
    assert next(home.store.records(second.id)).seq > 20
    assert home.sync().warnings == []


def test_a_restored_image_that_has_outgrown_what_is_here(home: Home) -> None:
    home.record(20)
    home.sync()
    home.ring.take_image()
    home.record(10)
    home.sync()
    home.ring.restore_image()
    # More than was stored before: by the numbers alone, all is well.
    home.record(50)
    home.heal()
    stored = sound(home.store)
    assert len(stored) == len(set(stored))
    assert not [raw for raw in home.ring.held.values() if raw not in stored][:-1]
    assert len(home.store.devices()) == 2


class Damaged(RuleBasedStateMachine):
    """Sessions, restored images, lies and flipped bits in any order, over the air or over a cable."""

    @initialize(pipe=st.sampled_from([RingPipe, CablePipe]))
    def begin(self, pipe: type[RingPipe]) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.home = Home(Path(self.folder.name), pipe)
        # A log that lost its name, or a record its log, is fetched again as far as the ring still has it.
        self.renamed = False

    @rule(count=st.integers(1, 40))
    def record(self, count: int) -> None:
        self.home.record(count)

    @rule(lose_after=st.none() | st.integers(0, 60))
    def sync(self, lose_after: int | None) -> None:
        self.home.sync(lose_after)

    @rule()
    def take_image(self) -> None:
        self.home.ring.take_image()

    @rule()
    def restore_image(self) -> None:
        self.home.ring.restore_image()

    @rule(count=st.integers(1, 5))
    def lose_on_the_ring(self, count: int) -> None:
        for seq in sorted(self.home.ring.held)[-count - 3 : -3]:
            del self.home.ring.held[seq]
            # What the ring has said to be missing does not come back.
            self.home.ring.image[0].pop(seq, None)

    @rule(beyond=st.sampled_from([1, 2, 100, 2**31, LAST_SEQ]))
    def lie(self, beyond: int) -> None:
        self.home.ring.lie_upto = min(self.home.ring.next_seq + beyond, LAST_SEQ)
        self.home.sync()

    @rule(
        table=st.sampled_from(["device", "missing", "record"]),
        column=st.integers(0, 6),
        row=st.integers(0, 200),
        bit=st.integers(0, 62),
    )
    def flip(self, table: str, column: int, row: int, bit: int) -> None:
        name = NUMBERS[table][column % len(NUMBERS[table])]
        self.renamed |= name in ("id", "log_id", "device_id")
        with closing(sqlite3.connect(self.home.store.path)) as connection:
            rows = connection.execute(f"SELECT rowid, {name} FROM {table}").fetchall()
        if rows:
            rowid, value = rows[row % len(rows)]
            # Most flips that matter are small; the sign cannot be reached.
            flipped = value ^ 1 << (bit % 12 if bit % 2 else bit)
            self.home.damage(f"UPDATE OR IGNORE {table} SET {name} = ? WHERE rowid = ?", flipped, rowid)

    @rule(row=st.integers(0, 200), bit=st.integers(0, 400))
    def flip_a_record(self, row: int, bit: int) -> None:
        with closing(sqlite3.connect(self.home.store.path)) as connection:
            rows = connection.execute("SELECT rowid, raw FROM record").fetchall()
        if rows:
            rowid, raw = rows[row % len(rows)]
            raw = bytearray(raw)
            raw[bit // 8 % len(raw)] ^= 1 << bit % 8
            self.home.damage("UPDATE record SET raw = ? WHERE rowid = ?", bytes(raw), rowid)

    def teardown(self) -> None:
        if hasattr(self, "home"):
            self.home.ring.lie_upto = 0
            self.home.heal()
            stored = sound(self.home.store)
            assert self.renamed or len(stored) == len(set(stored)), "a record is stored twice"
            self.home.store.close()
            self.folder.cleanup()


Damaged.TestCase.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
TestDamaged = Damaged.TestCase
