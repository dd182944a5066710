"""How detection changes if an MPU's 125 Hz are resampled to 104 Hz on the device.

    python -m bench.resampling

The same modelled twitches (worn, still hand) and the same modelled tremor three times: at 104 Hz, as an
LSM6 would give them; at 125 Hz through the MPU-6886's driver in real MicroPython; and at 100 Hz given out
as 104, which is what a chip without resampling would come to. Between the rates the signal is interpolated
without loss (FFT), so what differs is the resampler's doing.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample

sys.path.insert(0, str(Path(__file__).parents[1] / "host"))

from twitchwatch.recording import SAMPLE_RATE_HZ
from validation.detection.matching import score
from validation.detection.scenes import Scene, Signal, counts, twitch_bank, with_twitches, worn
from validation.detection.twitches import found_twitches

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "tests" / "device_imu" / "resampled.py"
MICROPYTHON = Path(sys.executable).with_name("micropython")
TWITCHES = 300
SNRS = (4, 5, 6)
TREMORS_HZ = (3.0, 4.5, 6.0, 8.0, 10.0, 12.0)


def at_rate(signal_mg: Signal, hz: int) -> Signal:
    """The same from 104 Hz to `hz`, by its spectrum; without gravity, so that nothing rings at the ends."""
    mean = signal_mg.mean(axis=0)
    return np.asarray(resample(signal_mg - mean, round(len(signal_mg) * hz / SAMPLE_RATE_HZ)) + mean)


def through_the_driver(signal_mg: Signal) -> NDArray[np.int16]:
    """A signal at 104 Hz in mg, sensed at 125 Hz; what the driver gives."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "in"), Path(folder, "out")
        given.write_bytes(counts(at_rate(signal_mg, 125)).tobytes())
        command = [MICROPYTHON, "-X", "heapsize=64M", SCRIPT, ROOT, given, made]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return np.frombuffer(made.read_bytes(), "<i2").reshape(-1, 3)


def at_100_hz(signal_mg: Signal) -> NDArray[np.int16]:
    """The same, sensed at 100 Hz and taken for 104."""
    return counts(at_rate(signal_mg, 100))


def tremor(rng: np.random.Generator, hz: float) -> Signal:
    """Half a minute of 15 mg rms between two of rest."""
    signal = worn().draw(rng, 90)
    t = np.arange(30 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    signal[30 * SAMPLE_RATE_HZ : 60 * SAMPLE_RATE_HZ, 0] += 15 * np.sqrt(2) * np.sin(2 * np.pi * hz * t)
    return signal


def main() -> None:
    ways = {"104 Hz": counts, "125 Hz, resampled": through_the_driver, "100 Hz as 104": at_100_hz}
    print("| F1 at a peak of | " + " | ".join(ways) + " |")
    print("| --- |" + " --- |" * len(ways))
    bank = twitch_bank(np.random.default_rng(71), TWITCHES)
    background = worn()
    for snr in SNRS:
        scene, signal = with_twitches(
            np.random.default_rng([72, snr]), background, bank, snr * background.noise_mg
        )
        row = []
        for way in ways.values():
            sensed = Scene(way(signal), scene.onsets)
            # A clock that is wrong by 4 % would shift the truth by minutes: it is asked for by true time.
            stretch = len(signal) / len(sensed.samples) if way is at_100_hz else 1.0
            found = np.rint(found_twitches(sensed) * stretch).astype(np.int64)
            row.append(f"{score(scene.onsets, found, scene.seconds).f1:.3f}")
        print(f"| {snr} x the noise | " + " | ".join(row) + " |")
    print("\n| tremor of | " + " | ".join(ways) + " |")
    print("| --- |" + " --- |" * len(ways))
    for hz in TREMORS_HZ:
        row = []
        for way in ways.values():
            bouts = Scene(way(tremor(np.random.default_rng(73), hz))).detect().bouts
            row.append(
                ", ".join(
                    f"{b.frequency_milli_hz / 1000:.2f} Hz {b.amplitude_ug / 1000:.1f} mg" for b in bouts
                )
            )
        print(f"| {hz} Hz, 15 mg rms | " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
