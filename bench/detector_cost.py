"""What the detector costs on the device: instructions a sample.

    python bench/detector_cost.py [--json]

Of the kernels counted on the machine code itself; of the bytecode (the driver, bouts.py, evidence.py,
halves.py, pulses.py, verdicts.py) the interpreter's instructions on this computer times C_RATIO
(bench/cachegrind.py; needs valgrind), for samples in chunks of 64 as they come from the sensor.

As an ESP32-C3 runs it (rv32imc), and as an ESP32 and an ESP32-S3 do (xtensawin; needs qemu-xtensa).
Recordings are those of ../shared/data, left out if they are not there: the first minute of three hands at
rest, two of a wrist in motion. Two minutes are modelled: sensor noise as on a quiet night (0.65 mg rms an
axis), and a tremor of 5 Hz and 30 mg rms on it.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "host"))

from bench.cachegrind import C_RATIO, ROOT, count
from tests.detector.builds import KERNELS, SOURCES, OnProcessor
from tests.detector.machine import Machine
from tests.detector.mpy import compile_viper
from tests.detector.rv32 import Rv32
from tests.detector.signals import RATE_HZ, add, as_sampled, direction, rest_recording, sampled, still, swing
from tests.detector.walk import feed
from tests.detector.xtensa import EMULATOR, Xtensa

SECONDS = 120
DATA = Path(__file__).parents[2] / "shared" / "data"
MINUTE = 60 * RATE_HZ
_BATCH_SAMPLES = 624
HANDS = (("quiet hand", "PD_801_1"), ("tremor", "PD_811_1"), ("tremor", "PD_815_1"))


def recordings() -> dict[str, np.ndarray]:
    """The first minutes of hands at rest (Cavanagh et al. 2018), one quiet, two trembling."""
    path = DATA / "pd_rest_tremor_100hz.npz"
    if not path.is_file():
        return {}
    archive = np.load(path)
    return {f"{what} ({name})": rest_recording(archive, name)[: 3 * MINUTE] for what, name in HANDS}


def movement() -> tuple[str, np.ndarray]:
    """Two minutes of motion (ParaDigMa's wrist), and where they are from."""
    path = DATA / "pd_wrist_100hz.npz"
    if not path.is_file():
        return "movement (modelled)", sampled(still(np.random.default_rng(3), SECONDS, 200.0))
    archive = np.load(path)
    acc_g = archive["raw_i16"][46000:, :3] * float(archive["scale_acc_ms2"]) / 9.80665
    return "movement (wrist)", as_sampled(acc_g, 100.0)[: 3 * SECONDS * RATE_HZ]


def stretches() -> dict[str, np.ndarray]:
    """Two modelled ones, and motion."""
    rng = np.random.default_rng(1)
    quiet = still(rng, SECONDS)
    tremor = still(rng, SECONDS)
    add(tremor, swing(5, 30, SECONDS, direction(rng)), 0)
    name, moving = movement()
    return {
        "quiet night (modelled)": sampled(quiet),
        "tremor, 5 Hz, 30 mg rms (modelled)": sampled(tremor),
        name: moving,
    }


def processors() -> list[OnProcessor]:
    """Those that can be emulated here."""
    machines: list[Machine] = [Rv32()]
    if shutil.which(EMULATOR):
        machines.append(Xtensa())
    else:
        print(f"{EMULATOR} is not here (`make test-deps`): counted on {Rv32.march} alone", file=sys.stderr)
    return [OnProcessor(machine) for machine in machines]


def instructions_a_sample(processor: OnProcessor, samples: np.ndarray) -> float:
    """Of the kernels, over a stretch that follows a start; the driver is not counted."""
    detector, placed = processor.detector(), processor.samples(samples)
    n = len(samples) // 3
    with processor.machine.counting() as counted:
        feed(detector, placed, n, [])
        return counted() / n


def interpreted_a_sample(samples: np.ndarray) -> float:
    """Of the interpreter, as on rv32imc."""
    batches = len(samples) // 3 // _BATCH_SAMPLES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "samples")
        path.write_bytes(np.asarray(samples).tobytes())
        script = ROOT / "bench" / "batch_run.py"
        whole, start = (count(script, ROOT, path, "detector", n).interpreter for n in (batches, 0))
    return C_RATIO * (whole - start) / (batches * _BATCH_SAMPLES)


def main() -> None:
    emulated = processors()
    rows: list[tuple[str, int, dict[str, int]]] = []
    for name, samples in (recordings() | stretches()).items():
        counts = {each.machine.march: round(instructions_a_sample(each, samples)) for each in emulated}
        if shutil.which("valgrind"):
            counts["bytecode"] = round(interpreted_a_sample(samples))
        rows.append((name, len(samples) // 3, counts))
    marches = [each.machine.march for each in emulated]
    sizes = {
        module: {
            march: sum(map(len, compile_viper(SOURCES / f"{module}.py", march).functions.values()))
            for march in marches
        }
        for module in KERNELS
    }
    if "--json" in sys.argv:
        cost = [dict(zip(("stretch", "samples", "instructions_a_sample"), row, strict=True)) for row in rows]
        print(json.dumps({"cost": cost, "code_bytes": sizes}))
        return
    heads = [*rows[0][2]]
    print(f"| stretch | samples | {' | '.join(heads)} | share of 160 MHz at 1 instruction a cycle |")
    print("| --- | --- |" + " --- |" * (len(heads) + 1))
    for name, n, counts in rows:
        whole = max(counts[march] for march in marches) + counts.get("bytecode", 0)
        share = 100 * whole * RATE_HZ / 160e6
        print(f"| {name} | {n} | {' | '.join(map(str, counts.values()))} | {share:.2f} % |")
    print(f"\n| bytes of machine code | {' | '.join(marches)} |")
    print("| --- |" + " --- |" * len(marches))
    for module, size in sizes.items():
        print(f"| {module}.py | {' | '.join(map(str, size.values()))} |")


if __name__ == "__main__":
    main()
