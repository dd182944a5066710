"""How long the log lasts without a host, and the flash with one.

    python -m bench.capacity

The real log and its thinning on littlefs under MicroPython, in a file system of 2 MiB with blocks of 4 KiB;
nights of eight hours with 300 events each (tests/device/nights.py). Wear counts every erase that littlefs
asks for.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MICROPYTHON = Path(sys.executable).with_name("micropython")
# Program/erase cycles that makers of serial NOR flash promise for a sector (Winbond W25Q32JV, features).
ENDURANCE = 100_000
# ESP-IDF, NVS: a page of 4 KiB has 126 entries; MicroPython's partition has six pages, one of them spare.
NVS_ENTRIES, NVS_PAGES = 126, 5


def nights(most: int, *, fetched: bool) -> dict[str, Any]:
    """Nights of the scripted kind: what was logged, and what it cost."""
    reported: dict[str, Any] = json.loads(
        subprocess.run(
            [
                MICROPYTHON,
                "-X",
                "heapsize=3000wK",
                ROOT / "tests/device/nights.py",
                str(most),
                str(int(fetched)),
            ],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "MICROPYPATH": f"{ROOT}:{ROOT / 'firmware'}:.frozen"},
        ).stdout
    )
    return reported


def main() -> None:
    alone = nights(60, fetched=False)
    print(
        f"Without a host, log of 1 MiB: {alone['nights']} nights of 8 h with 300 events before the first"
        " record is dropped."
    )
    print(
        f"  {alone['events']:,} events, {alone['snippets']:,} of them with waveform, {alone['epochs']:,}"
        f" epochs, {alone['records']:,} records in {alone['log_kib']:,} KiB."
    )
    met = nights(30, fetched=True)
    a_night = met["erases"] / met["nights"]
    worst = met["most_erases"] / met["nights"]
    nvs = met["nvs_writes"] / met["nights"]
    print(
        f"With a host every ten minutes: {a_night:,.0f} block erases a night in {met['blocks']} blocks, at"
        f" most {worst:.1f} of one block."
    )
    print(
        f"  Flash of {ENDURANCE:,} cycles: {ENDURANCE / worst / 365:,.0f} years by the most worn block,"
        f" {ENDURANCE * met['blocks'] / a_night / 365:,.0f} by the mean."
    )
    years = ENDURANCE * NVS_PAGES * NVS_ENTRIES / nvs / 365
    print(f"  NVS: {nvs:.0f} writes a night, {years:,.0f} years.")


if __name__ == "__main__":
    main()
