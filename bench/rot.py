"""Bits flipped anywhere in the file of a database: what queries report, and whether they name the damage.

    python -m bench.rot [--trials 1000] [--bits 8] [--seed 1] [--write]

Each trial takes a database of eleven nights, flips bits in its file, and asks as users do: nights, events,
flags, status, sensors, journal, and doctor's check of the database. An answer may differ only if it comes
with an exit code and a message that name the damage. What is lost is found out in another way: every row of
the file, with plain SQLite. Exit 1 if anything was silently wrong.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from bench.page import insert
from tests.damaging import flip
from twitchwatch.archive.keeping import keep
from twitchwatch.cli.main import run
from twitchwatch.errors import Exit
from twitchwatch.service.checks import check_database
from twitchwatch.store import Store, damage
from validation.findings import speed

NIGHTS = 11
# Whatever follows from the records is derived again.
DERIVED = ("night", "derived", "trend", "finding")
QUESTIONS = (
    ("nights", "--json"),
    ("events", "--json", "--since", "2020-01-01"),
    ("flags", "--json", "--all"),
    ("status", "--json"),
    ("sensors", "--json"),
    ("journal", "show", "--json"),
)

LOST = "a row is lost or changed that does not follow from others"
NOT_FOUND = "that, and `doctor` does not exit with 5"
NAMED = "a question names the damage, and exits with 5 or 3"
RIGHT = "a question has the right answer, and exits with 0"
SILENT = "a night, an event or another figure is silently wrong"
BUG = "a question ends with a traceback"
WHAT = (LOST, NOT_FOUND, NAMED, RIGHT, SILENT, BUG)


@dataclass(frozen=True)
class Answer:
    """What one question printed, and its exit code."""

    code: int
    printed: str
    message: str

    @property
    def said(self) -> bool:
        """Whether it names damage, as an error does."""
        return self.code in (Exit.INTEGRITY, Exit.CONFIGURATION) and bool(self.message)


def build(path: Path) -> None:
    """Eleven nights of a ring, kept as a daemon keeps them, with a journal: some 257 pages."""
    chance = np.random.default_rng(7)
    evening = datetime(2026, 3, 1, 22, tzinfo=UTC)
    speed.START = int(evening.timestamp()) * speed.SECOND
    speed.TWITCHES = 60
    with Store.open(path) as store:
        ring = store.register("aa", 1, "ring", speed.START)
        seq = 0
        for night in range(NIGHTS):
            now = speed.START + night * speed.DAY + 10 * 60 * speed.MINUTE
            sync = store.begin_sync(ring.id, "ble", now, "UTC")
            records = speed.night_records(chance, night, seq)
            store.commit(ring.id, records, seq, seq + len(records), 0, now)
            seq += len(records)
            store.end_sync(
                sync, ended_utc_us=now, records=len(records), unread=0, damaged=0, outcome="complete"
            )
            day = (evening + timedelta(days=night)).date().isoformat()
            store.journal.note(day, json.dumps({"caffeine": 1 + night % 3}), now)
        keep(store, UTC, now)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def rows(path: Path) -> Counter[object]:
    """What can be read of everything that does not follow from the records; damaged pages are skipped."""
    found: Counter[object] = Counter()
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        try:
            tables = [
                (name.decode("utf-8", "replace"), root)
                for name, root in connection.execute(
                    "SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'"
                )
            ]
        except (sqlite3.Error, UnicodeDecodeError):
            return found
        for name, _ in tables:
            if name in DERIVED or name.startswith("sqlite_"):
                continue
            try:
                for row in connection.execute(f'SELECT rowid, * FROM "{name}" NOT INDEXED'):
                    found[name, row] += 1
            except (sqlite3.Error, UnicodeDecodeError):
                continue
    return found


def ask(path: Path, arguments: tuple[str, ...]) -> Answer:
    """Ask as a user does."""
    out, message = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(message):
        code = run([*arguments, "--database", str(path)])
    # For how long nothing has come depends on the time of asking.
    lines = [line for line in out.getvalue().splitlines() if '"no_data"' not in line]
    return Answer(code, "\n".join(lines).replace(str(path), "FILE"), message.getvalue())


@dataclass(frozen=True)
class Base:
    """The database before any damage: its bytes, its rows, and the answers to all questions."""

    whole: bytes
    rows: Counter[object]
    truth: dict[str, str]

    @classmethod
    def build(cls, folder: Path) -> Base:
        """Make it in this folder."""
        path = folder / "t.db"
        build(path)
        whole, known = path.read_bytes(), rows(path)
        return cls(whole, known, {arguments[0]: ask(path, arguments).printed for arguments in QUESTIONS})

    @property
    def pages(self) -> int:
        """How many the file has."""
        return len(self.whole) // int.from_bytes(self.whole[16:18], "big")


def trial(folder: Path, base: Base, spoilt: bytes) -> set[str]:
    """What happened, in the words of the table."""
    path = folder / "t.db"
    for name in folder.iterdir():
        name.unlink()
    path.write_bytes(spoilt)
    readable = rows(path)
    lost = readable != base.rows
    damage.forget()
    found = check_database(path)
    happened = {LOST} if lost else set()
    if lost and not found.lost:
        happened.add(NOT_FOUND)
        print(found, list(base.rows - readable)[:2], list(readable - base.rows)[:2], file=sys.stderr)
    damage.forget()
    for arguments in QUESTIONS:
        answer = ask(path, arguments)
        right = answer.printed == base.truth[arguments[0]]
        if answer.code == Exit.BUG:
            happened.add(BUG)
            print(answer.message, file=sys.stderr)
        elif not right and not answer.said:
            happened.add(SILENT)
            print(arguments, answer, file=sys.stderr)
        elif answer.said:
            happened.add(NAMED)
        elif not answer.said and right:
            happened.add(RIGHT)
    return happened


def main() -> int:
    """Build, flip, ask, count."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=1_000)
    parser.add_argument("--bits", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    asked = parser.parse_args()
    os.environ["TZ"] = "UTC"
    time.tzset()
    began = time.monotonic()
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="twitchwatch-rot-") as name:
        folder = Path(name)
        base = Base.build(folder)
        for number in range(asked.trials):
            draw = random.Random(asked.seed * 1_000_003 + number)
            happened = trial(folder, base, flip(base.whole, draw, asked.bits))
            counts.update(happened)
            if happened & {BUG, SILENT, NOT_FOUND}:
                print(f"trial {number}: {happened}", file=sys.stderr)
    text = f"| {asked.bits} bits flipped in a file of {base.pages} pages | of {asked.trials:,} trials |\n"
    text += "| --- | ---: |\n"
    text += "".join(f"| {what} | {counts[what]:,} |\n" for what in WHAT)
    questions = asked.trials * len(QUESTIONS)
    text += f"\n{asked.trials:,} trials, {questions:,} questions, in {time.monotonic() - began:.0f} s."
    print(text)
    if asked.write:
        insert("rot", text)
    return int(any(counts[what] for what in (BUG, SILENT, NOT_FOUND)))


if __name__ == "__main__":
    sys.exit(main())
