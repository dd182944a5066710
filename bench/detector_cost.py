"""What the detector costs on the device: rv32imc instructions a sample, counted on the machine code itself.

    python bench/detector_cost.py [--json]

Three stretches of two minutes: sensor noise as on a quiet night (0.65 mg rms an axis), a tremor of 5 Hz and
30 mg rms on it, and daily motion of a wrist (../shared/data/pd_wrist_100hz.npz; modelled motion where the
recordings are absent).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "host"))

from tests.detector.builds import KERNELS, SOURCES, Rv32
from tests.detector.rv32 import compile_rv32
from tests.detector.signals import RATE_HZ, add, direction, sampled, still, swing
from tests.detector.walk import feed
from twitchwatch.recording import recording_from_array

SECONDS = 120
RECORDING = Path(__file__).parents[2] / "shared" / "data" / "pd_wrist_100hz.npz"


def movement() -> tuple[str, np.ndarray]:
    """Two minutes of motion, and where they are from."""
    if not RECORDING.is_file():
        return "movement (modelled)", sampled(still(np.random.default_rng(3), SECONDS, 200.0))
    archive = np.load(RECORDING)
    acc_g = archive["raw_i16"][46000:, :3] * float(archive["scale_acc_ms2"]) / 9.80665
    recording = recording_from_array(np.clip(acc_g, -4, 4), rate_hz=100.0)
    rows = np.ascontiguousarray(recording.segments[0].samples[: SECONDS * RATE_HZ])
    return "movement (wrist)", rows.view(np.uint16).ravel()


def stretches() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    quiet = still(rng, SECONDS)
    tremor = still(rng, SECONDS)
    add(tremor, swing(5, 30, SECONDS, direction(rng)), 0)
    name, moving = movement()
    return {"quiet night": sampled(quiet), "tremor, 5 Hz, 30 mg rms": sampled(tremor), name: moving}


def main() -> None:
    rv32 = Rv32()
    rows = []
    for name, samples in stretches().items():
        detector, placed = rv32.detector(), rv32.samples(samples)
        n = len(samples) // 3
        with rv32.machine.counting() as counted:
            feed(detector, placed, n, [])
            rows.append({"stretch": name, "samples": n, "instructions_a_sample": round(counted() / n)})
    sizes = {module: sum(map(len, compile_rv32(SOURCES / f"{module}.py")[0].values())) for module in KERNELS}
    if "--json" in sys.argv:
        print(json.dumps({"cost": rows, "code_bytes": sizes}))
        return
    print("| stretch | samples | rv32imc instructions a sample | share of 160 MHz at 1 instruction a cycle |")
    print("| --- | --- | --- | --- |")
    for row in rows:
        count = row["instructions_a_sample"]
        share = 100 * count * RATE_HZ / 160e6
        print(f"| {row['stretch']} | {row['samples']} | {count} | {share:.2f} % |")
    told = ", ".join(f"{size} bytes of {module}.py" for module, size in sizes.items())
    print(f"\nmachine code: {told}")


if __name__ == "__main__":
    main()
