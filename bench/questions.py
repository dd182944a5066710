"""What a query costs, on one night and on three years of nights: wall and processor time, memory.

    python -m bench.questions [--nights N] [--events N] [--folder FOLDER]

Each command runs as users run it, in a separate process; the first run is left out. Nights are modelled:
eight hours, all in one boot, the events in equal share.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "host"))

import numpy as np

from twitchwatch.archive.keeping import keep
from twitchwatch.archive.nights import Archive
from twitchwatch.store import Store
from validation.findings import speed

NIGHTS, EVENTS = 1_095, 500_000
MANY_S, MANY_MB = 0.6, 150
ONE_S = 0.35
NEW_NIGHT_S = 0.3
RUNS = 3


@dataclass(frozen=True)
class Cost:
    """Of one run: seconds on the wall and of the processor, and the most memory."""

    wall_s: float
    cpu_s: float
    memory_mb: float


def build(path: Path, nights: int, events: int) -> None:
    """A database of this many nights, the last of them last night."""
    chance = np.random.default_rng(7)
    speed.TWITCHES = round(events / nights)
    evening = datetime.now(UTC).replace(hour=22, minute=0, second=0, microsecond=0)
    speed.START = int((evening - timedelta(days=nights)).timestamp()) * speed.SECOND
    with Store.open(path) as store:
        ring = store.register("aa", 1, "ring", speed.START)
        seq = 0
        for night in range(nights):
            records = speed.night_records(chance, night, seq)
            store.commit(ring.id, records, seq, seq + len(records), 0, speed.START + nights * speed.DAY)
            seq += len(records)


def cost(arguments: list[str], path: Path) -> Cost:
    """The least of some runs of one command."""
    costs = []
    for _ in range(RUNS + 1):
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "twitchwatch", *arguments, "--database", str(path)],
            stdout=subprocess.DEVNULL,
            env={**os.environ, "TZ": "UTC"},
        )
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        wall_s = time.perf_counter() - begun
        costs.append(Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))
    return min(costs[1:], key=lambda one: one.wall_s)


def collect(path: Path) -> None:
    """What the collector does when it starts, and as new nights come; prints seconds and megabytes."""
    with Store.open(path) as store:
        (ring,) = store.devices()
        last_us = ring.last_seen_utc_us
        begun = time.perf_counter()
        archive = Archive(store, UTC)
        keep(store, UTC, last_us, archive=archive)
        started_s = time.perf_counter() - begun
        nights = (last_us - speed.START) // speed.DAY
        chance, seq = np.random.default_rng(8), store.held_seq(ring.id)
        # The second one counts: with the first, the program imports what it needs from then on.
        for night in range(nights, nights + 2):
            records = speed.night_records(chance, night, seq)
            store.commit(ring.id, records, seq, seq + len(records), 0, last_us + speed.DAY)
            seq += len(records)
            begun = time.process_time()
            keep(store, UTC, last_us + speed.DAY, archive=archive)
            spent_s = time.process_time() - begun
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([started_s, spent_s, memory_mb]))


def collected(path: Path, start_us: int) -> tuple[float, float, float]:
    """What `collect` prints, in a process of its own."""
    command = [sys.executable, "-m", "bench.questions", "--collect", str(path), str(start_us)]
    found = subprocess.run(command, env={**os.environ, "TZ": "UTC"}, capture_output=True, check=True)
    started_s, spent_s, memory_mb = json.loads(found.stdout)
    return started_s, spent_s, memory_mb


def show(commands: list[list[str]], path: Path, most_s: float, most_mb: float | None) -> None:
    """A row for each command."""
    for arguments in commands:
        found = cost(arguments, path)
        met = found.wall_s <= most_s and (most_mb is None or found.memory_mb <= most_mb)
        print(
            f"| `{' '.join(arguments)}` | {found.wall_s:.2f} s | {found.cpu_s:.2f} s"
            f" | {found.memory_mb:.0f} MB | {'met' if met else 'not met'} |",
            flush=True,
        )


def main() -> None:
    """Build, keep, ask, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nights", type=int, default=NIGHTS)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--folder", type=Path, help="keep the databases here, and use those that are there")
    parser.add_argument("--collect", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.collect:
        speed.START = int(asked.collect[1])
        collect(Path(asked.collect[0]))
        return
    with tempfile.TemporaryDirectory() as folder:
        for nights, events, most_s, most_mb in (
            (1, round(asked.events / asked.nights), ONE_S, None),
            (asked.nights, asked.events, MANY_S, MANY_MB),
        ):
            path = Path(asked.folder or folder) / f"{nights}.db"
            if not path.exists():
                build(path, nights, events)
            with Store.open(path) as store:
                (ring,) = store.devices()
                start_us = ring.first_seen_utc_us
            print(f"\n{nights:,} nights, {events:,} events, {path.stat().st_size / 1e6:.0f} MB\n")
            print("| command | wall | processor | memory | bar |\n| --- | ---: | ---: | ---: | --- |")
            last = datetime.fromtimestamp(start_us / 1e6, UTC) + timedelta(days=nights - 1)
            commands = [["nights"], ["events", "--night", last.date().isoformat()], ["flags"], ["status"]]
            if nights == 1:
                # As it is when no collector has kept anything yet.
                show(commands, path, most_s, most_mb)
                continue
            first_s, _, first_mb = collected(path, start_us)
            show(commands, path, most_s, most_mb)
            _, spent_s, memory_mb = collected(path, start_us)
            met = "met" if spent_s <= NEW_NIGHT_S and max(first_mb, memory_mb) <= most_mb else "not met"
            print(
                f"\nThe collector: {first_s:.0f} s until all nights are kept for the first time,"
                f" {first_mb:.0f} MB; a new night {spent_s:.2f} s of processor time,"
                f" {memory_mb:.0f} MB ({met})"
            )


if __name__ == "__main__":
    main()
