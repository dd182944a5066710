"""Speed of the main job and of the program's start, heap of the firmware.

python -m bench.demo
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("twitchwatch")


def seconds(*arguments: str) -> tuple[float, str]:
    """Wall-clock time of one run of the program, and what it printed."""
    begin = time.perf_counter()
    done = subprocess.run([PROGRAM, *arguments], check=True, capture_output=True, text=True)
    return time.perf_counter() - begin, done.stdout


def main() -> None:
    starts = [seconds("--help")[0] for _ in range(10)]
    print(f"twitchwatch --help: {statistics.median(starts):.2f} s (median of 10; at most 0.3)")
    night_s, reported = seconds("demo")
    print(f"twitchwatch demo, a night of 8 h: {night_s:.1f} s (at most 60)")
    print(reported.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
