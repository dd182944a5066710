"""How long a battery lasts: currents from data sheets and others' measurements, times from the real firmware.

    python -m bench.power [--no-write]

Measured here: instructions of a batch (bench/batch.py), how long the radio is open for a rendezvous (the
real firmware and the real daemon over the virtual air). Everything else is stated in the tables, with its
source. Writes the tables of hardware/power.md.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "host"))

from bench.batch import BATCH_SAMPLES, CPU_HZ, CYCLES, Batch, batches, boot
from bench.page import insert
from twitchwatch.sim.demo import wear
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import WorldClock
from twitchwatch.store import Store
from validation.tables import Table, markdown

PAGE = Path(__file__).parents[1] / "hardware" / "power.md"
CELLS_MAH = (150, 250, 400)
BAR_H, BAR_CELL_MAH = 24.0, 150
USABLE = 0.8
"""A cell in use keeps about 80 % of what is printed on it, and is left with a rest at 3.3 V."""

AWAY_S = 15.0
"""The setting listen_s: for so long the radio waits for a computer that is not there."""

NIGHT_H = 3.0
START_UTC_US = 1_800_000_000_000_000


@dataclass(frozen=True)
class Board:
    """Currents of the whole board, in mA."""

    name: str
    sleep_ma: float
    awake_ma: float
    radio_ma: float
    sensor_ma: float
    sleeps_s: float
    bytes_a_sample: int
    fifo_hz: float
    source: str


@dataclass(frozen=True)
class Habit:
    """What the firmware does, and how long that takes."""

    instructions_a_sample: float
    cycles: float = CYCLES
    wake_ms: float = 5.0
    flash_ms_a_minute: float = 60.0
    meets_s: float = 600.0
    open_s: float = 5.0


C3_STATED = Board(
    "XIAO ESP32-C3, sleep as stated",
    sleep_ma=3.0,
    awake_ma=20.0,
    radio_ma=70.0,
    sensor_ma=0.15,
    sleeps_s=4.0,
    bytes_a_sample=6,
    fifo_hz=104,
    source="asleep: Seeed's wiki at 3.8 V. Awake: an ESP32-C3 at 160 MHz, radio off, 20 mA mostly idle,"
    " 27 mA busy (robdobson.com, 2023)",
)
C3_CHIP = replace(
    C3_STATED,
    name="XIAO ESP32-C3, sleep as measured",
    sleep_ma=0.45,
    source="asleep: 0.35 mA of a chip with all off (robdobson.com; Espressif's data sheet: 0.13) and 0.1 mA"
    " of the board's regulator and pull-down (Seeed's forum)",
)
S3 = Board(
    "XIAO ESP32-S3",
    sleep_ma=2.0,
    awake_ma=30.0,
    radio_ma=80.0,
    sensor_ma=0.15,
    sleeps_s=4.0,
    bytes_a_sample=6,
    fifo_hz=104,
    source="asleep: Seeed's wiki at 3.8 V (MoleNet V6: 0.8 mA of a chip alone). Awake: 32 mA, MoleNet V6",
)
M5 = Board(
    "M5StickC Plus2",
    sleep_ma=4.0,
    awake_ma=35.0,
    radio_ma=90.0,
    sensor_ma=0.35,
    sleeps_s=0.63,
    bytes_a_sample=8,
    fifo_hz=125,
    source="asleep: 0.8 mA the chip (Espressif), the rest of the board a guess. Awake: 20-31 mA at 80 MHz"
    " (Espressif) and the board",
)
BOARDS = (C3_CHIP, C3_STATED, S3, M5)


def awake_ms(board: Board, habit: Habit) -> tuple[float, float]:
    """Milliseconds awake for a drain: on the I2C bus (400 kHz, nine bits a byte), and computing."""
    samples = board.sleeps_s * board.fifo_hz
    bus = samples * board.bytes_a_sample * 9 / 400
    computing = board.sleeps_s * 104 * habit.instructions_a_sample * habit.cycles / CPU_HZ * 1000
    return bus, computing


def mean_ma(board: Board, habit: Habit) -> float:
    """Mean current in night mode."""
    awake = (sum(awake_ms(board, habit)) + habit.wake_ms) / 1000 / board.sleeps_s
    awake += habit.flash_ms_a_minute / 60000
    radio = habit.open_s / habit.meets_s
    return (
        board.sleep_ma * (1 - awake - radio)
        + board.awake_ma * awake
        + board.radio_ma * radio
        + board.sensor_ma
    )


def hours(mah: float, ma: float) -> float:
    return USABLE * mah / ma


def radio_times() -> list[float]:
    """Seconds for which the radio was open, for each rendezvous of a modelled night near the computer."""
    reports: list[dict[str, Any]] = []
    hear = WorldClock.hear

    def noted(clock: WorldClock, report: Any) -> None:
        reports.append(report)
        hear(clock, report)

    async def night(folder: Path) -> None:
        write_samples(folder / "samples", modelled_night(3, NIGHT_H).samples)
        with Store.open(folder / "t.db") as store:
            await wear(folder / "samples", [], store=store, flash=folder / "flash", start_utc_us=START_UTC_US)

    WorldClock.hear = noted  # type: ignore[method-assign, assignment]
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(night(Path(folder)))
    finally:
        WorldClock.hear = hear  # type: ignore[method-assign]
    times, begun = [], None
    for report in reports:
        if report["radio"] and begun is None:
            begun = report["virtual_us"]
        elif not report["radio"] and begun is not None:
            times.append((report["virtual_us"] - begun) / 1e6)
            begun = None
    return times


def taken(reported: list[Batch], start: int, open_s: list[float]) -> Table:
    """What was measured here."""
    quiet, worst = reported[0], max(reported, key=lambda batch: batch.instructions)
    rows = [
        (
            f"a batch of 6 s at 80 MHz, {batch.stretch}",
            f"{batch.ms():.0f} ms",
            f"{batch.ms(CYCLES):.0f} ms",
            "60 ms",
        )
        for batch in (quiet, worst)
    ]
    start_s = start / CPU_HZ
    rows.append(("power-on to first sample, after the 4 s for the cable",
                 f"{start_s:.2f} s", f"{start_s * CYCLES:.2f} s", "2 s"))  # fmt: skip
    rows.append((f"radio open for a rendezvous, median of {len(open_s)}, virtual air",
                 f"{statistics.median(open_s):.1f} s", "", ""))  # fmt: skip
    columns = ("what", "one cycle an instruction", f"{CYCLES} cycles", "bar")
    return Table(
        "What the firmware needs", "instructions counted (python -m bench.batch)", columns, tuple(rows)
    )


def currents() -> Table:
    """What was not measured here."""
    rows = tuple(
        (b.name, f"{b.sleep_ma:g}", f"{b.awake_ma:g}", f"{b.radio_ma:g}", f"{b.sensor_ma:g}", b.source)
        for b in BOARDS
    )
    columns = ("board", "asleep", "awake", "radio", "sensor", "from")
    basis = "data sheets and measurements of others; nothing on our own hardware yet"
    return Table("Currents that the model assumes, in mA", basis, columns, rows)


def drains(habit: Habit) -> Table:
    """How long a board is awake for a drain of the FIFO."""
    rows = []
    for b in BOARDS[1:]:
        bus, computing = awake_ms(b, habit)
        share = (bus + computing + habit.wake_ms) / b.sleeps_s / 10
        times = (f"{bus:.0f} ms", f"{computing:.0f} ms", f"{habit.wake_ms:.0f} ms", f"{share:.1f} %")
        rows.append((b.name.partition(",")[0], f"{b.sleeps_s:g} s", *times))
    columns = ("board", "sleeps", "on the bus", "computing", "waking", "awake")
    return Table("A drain", "400 kHz on the bus, and the instructions above", columns, tuple(rows))


def lasting(habit: Habit) -> Table:
    """Hours a board, a cell and a way of life."""
    rows = []
    for b in BOARDS:
        always = b.radio_ma + b.sensor_ma
        ways = {
            "computer near": mean_ma(b, habit),
            "computer away": mean_ma(b, replace(habit, open_s=AWAY_S)),
            "always connected": always,
        }
        for way, ma in ways.items():
            rows.append((b.name, way, f"{ma:.1f} mA", *(f"{hours(mah, ma):.0f} h" for mah in CELLS_MAH)))
    columns = ("board", "night", "mean", *(f"{mah} mAh" for mah in CELLS_MAH))
    return Table("How long a cell lasts", "the model", columns, tuple(rows))


def sensitivity(habit: Habit) -> Table:
    """What the least certain numbers do."""
    best, away = C3_CHIP, replace(habit, open_s=AWAY_S)
    worst = replace(C3_CHIP, sleep_ma=5.0, awake_ma=30.0, radio_ma=100.0)
    turning = replace(best, sensor_ma=0.9, bytes_a_sample=12, sleeps_s=2.0)
    cases = (
        ("nothing", best, habit),
        ("asleep 1 mA", replace(best, sleep_ma=1.0), habit),
        ("asleep 3 mA, as Seeed states", replace(best, sleep_ma=3.0), habit),
        ("asleep 5 mA", replace(best, sleep_ma=5.0), habit),
        ("awake 30 mA", replace(best, awake_ma=30.0), habit),
        ("radio 40 mA", replace(best, radio_ma=40.0), habit),
        ("radio 100 mA", replace(best, radio_ma=100.0), habit),
        ("radio open for 2 s", best, replace(habit, open_s=2.0)),
        ("radio open for 15 s: computer away", best, away),
        ("a rendezvous every 5 min", best, replace(habit, meets_s=300.0)),
        ("3 cycles an instruction", best, replace(habit, cycles=3.0)),
        ("30 ms to wake", best, replace(habit, wake_ms=30.0)),
        ("gyroscope on: 0.9 mA, twice the bytes", turning, habit),
        ("all of the worst at once", worst, replace(away, cycles=3.0, wake_ms=30.0)),
    )
    rows = []
    for what, board, how in cases:
        ma = mean_ma(board, how)
        left = hours(BAR_CELL_MAH, ma)
        rows.append((what, f"{ma:.1f} mA", f"{left:.0f} h", "met" if left >= BAR_H else "not met"))
    columns = ("changed", "mean", f"{BAR_CELL_MAH} mAh", f"bar of {BAR_H:.0f} h")
    return Table(f"What if: {best.name}, computer near", "the model", columns, tuple(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    reported = batches()
    habit = Habit(reported[0].instructions / BATCH_SAMPLES)
    tables = (
        taken(reported, boot(), radio_times()),
        currents(),
        drains(habit),
        lasting(habit),
        sensitivity(habit),
    )
    text = "\n\n".join(map(markdown, tables))
    print(text)
    if not options.no_write:
        insert("figures", text, PAGE)


if __name__ == "__main__":
    main()
