"""Speed: a year of nights, and one new night; in processor time of one core."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import numpy as np

from twitchwatch.analysis.rates import night_rates
from twitchwatch.archive.findings import derive
from twitchwatch.archive.keeping import keep
from twitchwatch.archive.nights import Archive
from twitchwatch.flags import raise_flags
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store
from validation.findings.sizes import Sizes
from validation.tables import Bar, Results, Table

MODELLED = "modelled"
SECOND, MINUTE = 1_000_000, 60_000_000
DAY = 24 * 60 * MINUTE
START = int(datetime(2024, 1, 1, 22, tzinfo=UTC).timestamp()) * SECOND
NIGHTS = 366
TWITCHES = 100
TIMES = 3


def night_records(chance, night: int, first_seq: int) -> list[bytes]:
    """One night of eight hours with some 100 twitches; on some nights tremor; one boot all the time."""
    made: list[tuple[int, int, tuple[int, ...]]] = []
    begin = night * DAY
    made.append((begin, protocol.ANCHOR, (START + begin, 20_000)))
    for minute in range(480):
        body = (0, 60_000, 0, 0, 0, 700) + (0,) * 13 + protocol.UNCOUNTED
        filled = protocol.Epoch(*body)._replace(flags=protocol.WORN, sample=minute * 6240)
        made.append((begin + minute * MINUTE, protocol.EPOCH, tuple(filled)))
    for at in np.sort(chance.integers(0, 480 * MINUTE, chance.poisson(TWITCHES * chance.gamma(4) / 4))):
        body = (protocol.TWITCH, 0, 0, 0, int(at) * 104 // SECOND % 2**30, 90, 9000, 700, 0, 0, 255)
        made.append((begin + int(at), protocol.EVENT, body))
    if night % 40 == 3:
        at = begin + 90 * MINUTE
        body = (at * 104 // SECOND % 2**30, 20_000, 5000, 100, 9000, 12_000, 100)
        made.append((at, protocol.TREMOR, body + (0,) * (len(protocol.Tremor._fields) - len(body))))
    made.sort(key=lambda one: one[0])
    return [
        protocol.encode(kind, first_seq + at, 1, time_us, body)
        for at, (time_us, kind, body) in enumerate(made)
    ]


def tell(sizes: Sizes) -> Results:
    """Tables and bars."""
    chance = np.random.default_rng(sizes.seed + 3)
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "year.db") as store:
        ring = store.register("aa", 1, "ring", START)
        seq = 0
        for night in range(NIGHTS - 1):
            seq = _keep(store, ring.id, night_records(chance, night, seq), seq)
        now = START + NIGHTS * DAY
        read_s = _least(lambda: Archive(store, UTC).sensors())
        archive = Archive(store, UTC)
        nights = [archive.whole(night) for night in archive.sensors()[0].nights]
        findings_s = _least(lambda: (raise_flags(nights, now_utc_us=now), night_rates(nights)))
        keep(store, UTC, now, archive=archive)
        kept_s = _least(lambda: derive(store, UTC, now))
        news = []
        for night in range(NIGHTS - 1, NIGHTS - 1 + TIMES):
            seq = _keep(store, ring.id, night_records(chance, night, seq), seq)
            begun = process_time()
            keep(store, UTC, now + (night - NIGHTS + 2) * DAY, archive=archive)
            news.append(process_time() - begun)
    reported = Results()
    rows = (
        (f"{NIGHTS - 1} nights, {seq:,} records: read, dated and examined", f"{read_s:.2f} s"),
        ("all findings and rates of these nights", f"{findings_s:.2f} s"),
        ("the same from the kept summaries (`twitchwatch flags`)", f"{kept_s:.2f} s"),
        ("one new night in the running program, kept", f"{min(news):.2f} s"),
    )
    basis = f"{MODELLED} nights of 8 h and {TWITCHES} twitches; time of one core, the fastest of {TIMES} runs"
    reported.tables.append(Table("Time taken", basis, ("what", "time"), rows))
    reported.bars.append(
        Bar("a year of nights, all findings", "<= 2 s", f"{findings_s:.2f} s", findings_s <= 2, MODELLED)
    )
    reported.bars.append(Bar("one new night", "<= 0.2 s", f"{min(news):.2f} s", min(news) <= 0.2, MODELLED))
    return reported


def _keep(store, device_id, records, seq):
    upto = seq + len(records)
    store.commit(device_id, records, seq, upto, 0, START + DAY)
    return upto


def _least(work):
    times = []
    for _ in range(TIMES):
        begun = process_time()
        work()
        times.append(process_time() - begun)
    return min(times)
