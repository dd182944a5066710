"""Bits flipped in the records of each side's progress: a ring still deletes only what is in the database.

    python -m bench.flips [--flips 10000] [--write]

A fifth each goes to what the database keeps of a log beside its records, to the numbers of its records,
to their bytes, to frames on the wire, and to the ring's NVS. In between the ring records and syncs, with the
daemon's session and a real database; the wire is that of bench/cutpoints.py, in virtual time. For NVS it is
the real log in MicroPython, over what ESP-IDF leaves after a flip (tests/device/flipping.py). Exit 1 if a
record was acknowledged that is not stored, is lost, or is stored twice.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench.page import insert
from tests.link.test_acknowledged import NUMBERS, Home, sound
from tests.protocol.chance import CORRUPT, Planned
from tests.protocol.ends import BrokenRuleError
from tests.protocol.wire import World

# A home is renewed after this many flips: a database with more of them has none left to read.
PER_HOME = 20
PER_MEETING = 4
# A meeting with 40 records takes about this many steps.
STEPS = 60
BESIDE = [("device", name) for name in NUMBERS["device"]] + [("missing", name) for name in NUMBERS["missing"]]
OF_RECORDS = [("record", name) for name in NUMBERS["record"]]
# Under another name or in another log, what the ring still has is fetched again.
RENAMING = ("id", "log_id", "device_id")


def flip_number(home: Home, draw: random.Random, names: list[tuple[str, str]]) -> str:
    """Flip a bit of one of these columns; returns its name, or "" if the table has no rows."""
    table, name = draw.choice(names)
    with closing(sqlite3.connect(home.store.path)) as connection:
        rows = connection.execute(f"SELECT rowid, {name} FROM {table}").fetchall()
    if not rows:
        return ""
    rowid, value = draw.choice(rows)
    flipped = value ^ 1 << draw.choice((draw.randrange(12), draw.randrange(63)))
    home.damage(f"UPDATE OR IGNORE {table} SET {name} = ? WHERE rowid = ?", flipped, rowid)
    return name


def flip_bytes(home: Home, draw: random.Random) -> str:
    """Flip a bit of a stored record."""
    with closing(sqlite3.connect(home.store.path)) as connection:
        rows = connection.execute("SELECT rowid, raw FROM record").fetchall()
    rowid, raw = draw.choice(rows)
    spoilt = bytearray(raw)
    spoilt[draw.randrange(len(spoilt))] ^= 1 << draw.randrange(8)
    home.damage("UPDATE record SET raw = ? WHERE rowid = ?", bytes(spoilt), rowid)
    return "raw"


def in_database(flips: int, draw: random.Random, flip: Callable[[Home, random.Random], str]) -> int:
    """How many of this many flips led to a failure, homes counted once."""
    failed = done = 0
    while done < flips:
        with tempfile.TemporaryDirectory(prefix="twitchwatch-flips-") as folder:
            home = Home(Path(folder))
            try:
                failed += not holds(home, draw, flip)
            finally:
                home.store.close()
        done += PER_HOME
    return failed


def holds(home: Home, draw: random.Random, flip: Callable[[Home, random.Random], str]) -> bool:
    renamed = False
    home.record(20)
    # The ring lacks one, so that the database has a gap to spoil.
    del home.ring.held[9]
    try:
        home.sync()
        flipped = 0
        while flipped < PER_HOME:
            name = flip(home, draw)
            if not name:
                name = flip_number(home, draw, BESIDE[:1])
            renamed |= name in RENAMING
            flipped += 1
            home.record(draw.randrange(12))
            home.sync(draw.choice((None, draw.randrange(40))))
        home.heal()
        stored = sound(home.store)
        return renamed or len(stored) == len(set(stored))
    except AssertionError as error:
        print(error, file=sys.stderr)
        return False


def on_wire(flips: int, draw: random.Random) -> int:
    """The same for frames: PER_MEETING flips on the way of a backlog."""
    failed = 0
    for _ in range(flips // PER_MEETING):
        steps = draw.sample(range(1, STEPS), PER_MEETING)
        try:
            World(Planned(dict.fromkeys(steps, CORRUPT))).finish()
        except BrokenRuleError as error:
            print(error, file=sys.stderr)
            failed += 1
    return failed


def in_nvs(flips: int) -> int:
    """The same for the ring's NVS: rings whose log lost a record, or gave a number twice."""
    root = Path(__file__).parents[1]
    run = subprocess.run(
        [
            Path(sys.executable).with_name("micropython"),
            *("-X", "heapsize=1500wK"),
            root / "tests/device/flipping.py",
            *("nvs", str(flips), "12"),
        ],
        env={**os.environ, "MICROPYPATH": f"{root}:{root / 'firmware'}:.frozen"},
        capture_output=True,
        text=True,
        check=True,
    )
    broken = json.loads(run.stdout)["broken"]
    for words in broken:
        print(words, file=sys.stderr)
    return len(broken)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--flips", type=int, default=10_000)
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    given = parser.parse_args()
    share = max(PER_HOME, given.flips // 5 // PER_HOME * PER_HOME)
    draw = random.Random(12)
    began = time.monotonic()
    rows = [
        (
            "database, other than records (logs, gaps)",
            in_database(share, draw, lambda home, draw: flip_number(home, draw, BESIDE)),
        ),
        (
            "database, numbers of records",
            in_database(share, draw, lambda home, draw: flip_number(home, draw, OF_RECORDS)),
        ),
        ("database, bytes of records", in_database(share, draw, flip_bytes)),
        ("frames", on_wire(share, draw)),
        ("NVS of the ring", in_nvs(share)),
    ]
    text = "| a bit is flipped in | flips | acknowledged but not stored, lost, or stored twice |\n"
    text += "| --- | ---: | ---: |\n"
    text += "".join(f"| {what} | {share:,} | {failed} |\n" for what, failed in rows)
    text += f"\n{5 * share:,} flips in {time.monotonic() - began:.0f} s."
    print(text)
    if given.write:
        insert("flips", text)
    return int(any(failed for _, failed in rows))


if __name__ == "__main__":
    sys.exit(main())
