"""A database as the daemon would have left it, and the program run in this process."""

from __future__ import annotations

import io
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from twitchwatch.cli.main import run
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.snippets import pack_waveform
from twitchwatch.store import Store
from twitchwatch.views.shape import SCHEMA_VERSION

SECOND = 1_000_000
MINUTE = 60 * SECOND


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict]:
        found = [json.loads(line) for line in self.out.splitlines()]
        assert all(line.pop("schema_version") == SCHEMA_VERSION for line in found)
        return found


Invoke = Callable[..., Outcome]


@pytest.fixture
def invoke(capsys, monkeypatch) -> Invoke:
    """Run one command line; what it prints is what a pipe would get, in Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()

    def invoke(*arguments: str | Path) -> Outcome:
        code = run([str(argument) for argument in arguments])
        return Outcome(code, *capsys.readouterr())

    yield invoke
    monkeypatch.undo()
    time.tzset()


def knocked() -> list[int]:
    """A waveform of 64 samples, at rest but for one reading."""
    values = [*(0, 0, 8192)] * 64
    values[3 * 20] = 500
    return values


def rubbed() -> list[int]:
    """One that shakes every way for a quarter of a second."""
    noise = np.random.default_rng(3).normal(0, 150, (30, 3)).round().astype(int)
    still = np.tile([0, 0, 8192], (64, 1))
    still[16:46] += noise
    return still.ravel().tolist()


class Log:
    """A sensor's log; time_us runs from its start at `started`."""

    def __init__(self, started: datetime) -> None:
        self.records: list[bytes] = []
        self.started_us = int(started.timestamp()) * SECOND

    def add(self, kind: int, time_us: int, body: Sequence[int], tail: bytes = b"") -> int:
        self.records.append(protocol.encode(kind, len(self.records), 1, time_us, tuple(body), tail))
        return len(self.records) - 1

    def night(self, first_minute: int, minutes: int, twitches: int, tremor_s: float = 0) -> None:
        """Minutes of rest from `first_minute` on, with twitches spread over them, and all else once."""
        begin = first_minute * MINUTE
        self.add(protocol.ANCHOR, begin, (self.started_us + begin, 20_000))
        for minute in range(first_minute, first_minute + minutes):
            body = (minute * 6240, 60_000, 0, 0, 0, 700, 0, 0, 0, 0, 0, 0, 0, 1000, 3900, 3000, 1, 0, 0)
            body += protocol.UNCOUNTED
            self.add(protocol.EPOCH, minute * MINUTE, body)
        for i in range(twitches):
            at = begin + i * minutes * MINUTE // twitches
            self.add(
                protocol.EVENT, at, (protocol.TWITCH, 2, 0, 0, at * 104 // SECOND, 96, 12_345, 700, 0, 0, 255)
            )
        for offset, kind in enumerate((protocol.JERK, protocol.SPASM, protocol.MOVEMENT, protocol.UNLIKE)):
            at = begin + (10 + offset) * MINUTE + 7 * SECOND
            self.add(
                protocol.EVENT, at, (kind, 0, 1, 0, at * 104 // SECOND, 700, 400_000, 700, 40_000, 0, 255)
            )
        for offset, waveform in enumerate((knocked(), rubbed())):
            at = begin + (15 + offset) * MINUTE
            sample = at * 104 // SECOND
            seq = self.add(protocol.EVENT, at, (protocol.TWITCH, 2, 0, 0, sample, 96, 60_000, 700, 0, 0, 255))
            encoding, tail = pack_waveform(waveform)
            self.add(protocol.SNIPPET, at, (seq, sample - 16, 104_000, 122_000, 64, encoding), tail)
        self.add(protocol.MARK, begin + 20 * MINUTE, (0,))
        self.add(
            protocol.GAP,
            begin + 21 * MINUTE,
            (protocol.SAMPLES, protocol.FIFO_OVERFLOW, 0, 208, 2000),
        )
        if tremor_s:
            at = begin + 30 * MINUTE
            body = (at * 104 // SECOND, round(tremor_s * 1000), 4_600, 40, 23_000, 31_000, 46, 0, 0)
            self.add(protocol.TREMOR, at, body)


@pytest.fixture(scope="session")
def database(tmp_path_factory) -> Path:
    """Two nights of a sensor called ring, 4 and 5 March 2025; the second with 40 s of tremor."""
    path = tmp_path_factory.mktemp("cli") / "twitchwatch.db"
    log = Log(datetime(2025, 3, 4, 21, 0, tzinfo=UTC))
    log.night(60, 180, twitches=30)
    log.night(24 * 60, 60, twitches=6, tremor_s=40)
    now_us = log.started_us + 26 * 60 * MINUTE
    with Store.open(path) as store:
        ring = store.register("24:0A:C4:00:00:01", 7, "ring", now_us)
        sync = store.begin_sync(ring.id, "ble", now_us)
        store.commit(ring.id, log.records, 0, len(log.records), 0, now_us)
        store.end_sync(
            sync,
            ended_utc_us=now_us + SECOND,
            records=len(log.records),
            unread=0,
            damaged=0,
            outcome="complete",
        )
    return path


@pytest.fixture
def empty_database(tmp_path) -> Path:
    path = tmp_path / "empty.db"
    Store.open(path).close()
    return path


ESCAPES = re.compile(r"\x1b\[[\d;]*m")


class Screen(io.StringIO):
    """A terminal: what is written to it is kept without its escapes."""

    def isatty(self):
        return True

    @property
    def lines(self):
        return [line.rstrip() for line in ESCAPES.sub("", self.getvalue()).splitlines()]


@pytest.fixture
def screen(monkeypatch):
    """Runs one command line on a terminal of this many columns; gives its lines on stdout and on stderr."""

    def show(columns, *arguments):
        out, err = Screen(), Screen()
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("TERM", "xterm")
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            code = run([str(argument) for argument in arguments])
        return code, out.lines, err.lines

    return show
