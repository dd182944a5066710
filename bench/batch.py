"""What the firmware has to compute: a batch of six seconds, and the way from power-on to the first sample.

    python -m bench.batch [--json]

Counted are the instructions of the real MicroPython with the real firmware on this computer (valgrind),
without what the interpreter itself needs to start. The detector's machine code is not estimated from that:
it is counted as the rv32imc code that an ESP32-C3 runs (bench/detector_cost.py). The rest is the
interpreter's C code (bench/cachegrind.py).
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "host"))

from bench.cachegrind import C_RATIO, ROOT, count
from bench.detector_cost import stretches
from tests.detector.builds import OnProcessor
from tests.detector.rv32 import Rv32
from tests.detector.walk import feed
from twitchwatch.flash.package import build, sources

SIM = ROOT / "firmware" / "boards" / "sim"
BATCH_SAMPLES = 624
BATCHES = 20
# With room for the modules that the simulator alone has.
BOOT_HEAP = "300wK"
CPU_HZ = 80e6
CYCLES = 1.5
"""Cycles an instruction: one begins a cycle, and flash lies behind a cache of 16 KiB; an assumption."""


@dataclass(frozen=True)
class Batch:
    """Instructions of a batch of six seconds, as on rv32imc; `detector` is its machine code."""

    stretch: str
    detector: int
    rest: int

    @property
    def instructions(self) -> int:
        return self.detector + self.rest

    def ms(self, cycles: float = 1.0) -> float:
        """At 80 MHz."""
        return self.instructions * cycles / CPU_HZ * 1000


def batches() -> list[Batch]:
    """A quiet night, a tremor, and motion."""
    reported = []
    rv32 = OnProcessor(Rv32())
    script = ROOT / "bench" / "batch_run.py"
    for name, samples in stretches().items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "samples")
            path.write_bytes(np.asarray(samples).tobytes())
            whole, alone = (
                (count(script, ROOT, path, what, BATCHES), count(script, ROOT, path, what, 0))
                for what in ("batch", "detector")
            )
        # All but the detector's machine code: its driver is bytecode and belongs to the rest.
        kernels = alone[0].machine_code - alone[1].machine_code
        rest = C_RATIO * (whole[0].all - whole[1].all - kernels) / BATCHES
        detector, placed = rv32.detector(), rv32.samples(samples)
        n = len(samples) // 3
        with rv32.machine.counting() as counted:
            feed(detector, placed, n, [])
            there = counted() * BATCH_SAMPLES // n
        reported.append(Batch(name, there, round(rest)))
    return reported


def boot() -> int:
    """Instructions from main.py to the sensor's first sample, the firmware being compiled as on a board."""
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder, "built")
        build(sources(ROOT / "firmware", ROOT / "firmware" / "boards" / "xiao_esp32c3"), "x64", built)
        shutil.copy(ROOT / "firmware" / "main.py", built)
        (Path(folder) / "samples").write_bytes(bytes(6 * 1000))
        plan = Path(folder) / "sim.json"
        plan.write_text(
            json.dumps({"samples": f"{folder}/samples", "flash": f"{folder}/flash", "flash_blocks": 96})
        )
        environment = {"TWITCHWATCH_SIM": str(plan), "PATH": "/usr/bin:/bin"}
        script = ROOT / "bench" / "boot_run.py"

        whole, before = (
            count(script, SIM, built, what, heap=BOOT_HEAP, environment=environment).all
            for what in ("boot", "nothing")
        )
        return round((whole - before) * C_RATIO)


def main() -> None:
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is needed (apt install valgrind)")
    reported = batches()
    start = boot()
    if "--json" in sys.argv:
        print(json.dumps({"batches": [asdict(batch) for batch in reported], "boot": start}))
        return
    print(
        "| batch of 6 s | detector | the rest | together | at 80 MHz, 1 cycle | 1.5 cycles an instruction |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for each in reported:
        print(
            f"| {each.stretch} | {each.detector:,} | {each.rest:,} | {each.instructions:,} |"
            f" {each.ms():.0f} ms | {each.ms(CYCLES):.0f} ms |"
        )
    ms = start / CPU_HZ * 1000
    print(
        f"\nboot to first sample, and the simulator: {start:,} instructions, {ms:.0f} ms;"
        f" {CYCLES} cycles: {ms * CYCLES:.0f} ms"
    )


if __name__ == "__main__":
    main()
