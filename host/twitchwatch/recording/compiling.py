"""The detector's machine code, compiled in a separate process.

Compiling takes 80 MB, which a process keeps until it ends. Reading and examining a week needs that memory.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import numpy as np

from twitchwatch.recording.model import SAMPLE_RATE_HZ
from twitchwatch.recording.timeline import recording_from_array

_SECONDS = 20
_MODULE = "twitchwatch.recording.compiling"


def compile_once() -> None:
    """Compile the kernels for this computer, unless that was done; 13 s of processor time.

    If it fails, `detect` compiles them itself.
    """
    from twitchwatch.shared.detector.cpython import is_kept

    import_module("twitchwatch.shared.detector.detector")  # with all its kernels
    if not is_kept():
        subprocess.run(
            [sys.executable, "-m", _MODULE], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )


def main() -> None:
    """Run every kernel once, with and without a gyroscope."""
    from twitchwatch.recording.detection import detect

    noise = np.random.default_rng(1).normal([0, 0.6, 0.8], 0.001, (_SECONDS * SAMPLE_RATE_HZ, 3))
    noise[1000:1010, 0] += 0.1
    for gyro_dps in (None, 1000 * (noise - noise.mean(axis=0))):
        detect(recording_from_array(noise, rate_hz=SAMPLE_RATE_HZ, gyro_dps=gyro_dps))


if __name__ == "__main__":
    main()
