"""Damage to a database that leaves no trace: as a disk does it, without triggers and without new seals."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path


def damage(path: Path, work: str, *values: object) -> None:
    """Execute `work` with every trigger out of the way."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(work, values)
        for _, sql in triggers:
            connection.execute(sql)
        connection.execute("COMMIT")


def flip(whole: bytes, draw: random.Random, bits: int) -> bytes:
    """The same file with this many bits flipped, wherever they are."""
    spoilt = bytearray(whole)
    for at in draw.sample(range(8 * len(spoilt)), bits):
        spoilt[at // 8] ^= 1 << at % 8
    return bytes(spoilt)
