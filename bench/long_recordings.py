"""What reading and examining a long recording takes: seconds, processor seconds and memory.

    python -m bench.long_recordings [NAME ...]

Each is a worn hand at 100 Hz with a twitch every half minute. It is examined in a separate process, whose
memory is the peak that Linux counts as resident, libraries included. Names: day, drifting day (a clock that
is 0.03 % slow, which takes interpolation), dated day (ISO stamps), packed day (gzip), first use (a day, and
the detector is compiled before, in a process of its own, whose peak is the second number), week. A week takes
5 GB of disk.
"""

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

RATE_HZ = 100
DAY_H = 24.0
DRIFT = 3e-4
_ROWS = 1 << 20

EXAMINE = """
import json, re, resource, sys, time
begun = time.perf_counter()
from twitchwatch.recording import read_recording
from twitchwatch.recording.compiling import compile_once
from twitchwatch.recording.detection import detect
compile_once()
recording = read_recording(sys.argv[1])
read = time.perf_counter()
found = detect(recording)
status = open("/proc/self/status").read()
print(json.dumps({
    "read_s": read - begun, "all_s": time.perf_counter() - begun, "cpu_s": time.process_time(),
    "peak_mb": int(re.search(r"VmHWM:\\s+(\\d+)", status).group(1)) / 1024,
    "compiling_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    "duration_s": found.duration_s, "events": len(found.events),
}))
"""


def write(path: Path, hours: float, drift: float = 0.0, dated: bool = False) -> None:
    """A recording as CSV."""
    import pyarrow as pa
    from pyarrow import csv

    rng = np.random.default_rng(4)
    count = round(hours * 3600 * RATE_HZ)
    ringing_s = np.arange(50) / RATE_HZ
    twitch = 0.05 * np.exp(-ringing_s / 0.045) * np.sin(2 * np.pi * 17 * ringing_s)
    with path.open("wb") as file:
        file.write(b"time,x,y,z\n" if dated else b"t_s,ax_g,ay_g,az_g\n")
        for first in range(0, count, _ROWS):
            t_s = np.arange(first, min(first + _ROWS, count)) / RATE_HZ * (1 + drift)
            acc = rng.normal(0, 7e-4, (len(t_s), 3)) + np.array([0.31, -0.42, 0.853])
            acc[:, 0] += 0.002 * np.sin(2 * np.pi * 1.1 * t_s)
            for at in range(500, len(acc) - len(twitch), 30 * RATE_HZ):
                acc[at : at + len(twitch), 1] += twitch
            stamps = pa.array(t_s.round(4))
            if dated:
                since_us = np.rint(t_s * 1e6).astype("timedelta64[us]")
                stamps = pa.array(np.datetime64("2026-03-01T23:00:00", "us") + since_us)
            columns = [stamps, *(pa.array(axis) for axis in acc.round(5).T)]
            csv.write_csv(pa.table(columns, list("txyz")), file, csv.WriteOptions(include_header=False))


def packed(path: Path, hours: float) -> None:
    """The same, compressed."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        plain = Path(folder, "plain")
        write(plain, hours)
        with plain.open("rb") as file, gzip.open(path, "wb", compresslevel=1) as out:
            shutil.copyfileobj(file, out)


CASES = {
    "day": lambda path: write(path, DAY_H),
    "drifting day": lambda path: write(path, DAY_H, drift=DRIFT),
    "dated day": lambda path: write(path, DAY_H, dated=True),
    "packed day": lambda path: packed(path, DAY_H),
    "first use": lambda path: write(path, DAY_H),
    "week": lambda path: write(path, 7 * DAY_H),
}


def examined(path: Path, compiled: Path | None) -> dict[str, float]:
    """What it takes, in a process of its own; compiled: an empty folder for machine code."""
    command = [sys.executable, "-c", EXAMINE, str(path)]
    environment = os.environ if compiled is None else {**os.environ, "NUMBA_CACHE_DIR": str(compiled)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return dict(json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", default=list(CASES))
    print("| recording | file | read | read and examined | processor time | memory |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in parser.parse_args().names:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            path = Path(folder, "night.csv")
            CASES[name](path)
            took = examined(path, Path(folder, "compiled") if name == "first use" else None)
            size = path.stat().st_size / 1e6
        times = " | ".join(f"{took[key]:.1f} s" for key in ("read_s", "all_s", "cpu_s"))
        memory = f"{took['peak_mb']:.0f} MB"
        memory += f", {took['compiling_mb']:.0f} MB" if took["compiling_mb"] else ""
        print(f"| {name} | {size:,.0f} MB | {times} | {memory} |", flush=True)


if __name__ == "__main__":
    main()
