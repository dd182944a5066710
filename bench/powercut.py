"""The power fails at every block write and erase of a scripted night: cuts tried, records lost.

    python -m bench.powercut [--quick]

Real littlefs under real MicroPython. At each operation the flash is judged twice, with the operation not done
and half done; then, for the shorter stretches, again at each operation of the recovery.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[1]
MICROPYTHON = Path(sys.executable).with_name("micropython")

# stretch: (what happens, every n-th recovery is cut as well; 0: none)
STRETCHES = {
    "first": ("format and first start", 1),
    "boots": ("26 starts in a row", 1),
    "work": ("append, roll, read, trim", 1),
    "repair": ("mend a rotted end", 1),
    "full": ("log full: drop the oldest", 1),
    "brim": ("file system full", 1),
    "night": ("eight hours, three starts", 40),
}


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="leave out the night and most second cuts")
    quick = arguments.parse_args().quick
    print(f"{'stretch':28}{'records':>9}{'cuts':>8}{'cuts in recovery':>18}{'promises broken':>17}{'s':>7}")
    broken = 0
    for stretch, (title, every) in STRETCHES.items():
        if quick and stretch == "night":
            continue
        begun = perf_counter()
        reported = json.loads(
            subprocess.run(
                [
                    MICROPYTHON,
                    "-X",
                    "heapsize=1000wK",
                    ROOT / "tests/device/powercut.py",
                    stretch,
                    str(every * 16 if quick else every),
                ],
                capture_output=True,
                text=True,
                check=True,
                env={**os.environ, "MICROPYPATH": f"{ROOT}:{ROOT / 'firmware'}:.frozen"},
            ).stdout
        )
        broken += reported["broken"]
        print(
            f"{title:28}{reported['records']:9}{reported['cuts']:8}{reported['second_cuts']:18}{reported['broken']:17}"
            f"{perf_counter() - begun:7.0f}"
        )
        for fault in reported["faults"]:
            print(f"  {fault}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
