"""One source, three compilers: the same words and the same memory, whoever compiled the kernels."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.detector.detector import Detector
from tests.detector.builds import Rv32
from tests.detector.conftest import Samples
from tests.detector.walk import feed, states, take

HERE = Path(__file__).parent
MICROPYTHON = Path(sys.executable).with_name("micropython")
Outcome = list[Any]

FULL = np.array([0, 65535], np.uint16)


def outcome(detector: Any, samples: Any, gyro: Any = None) -> Outcome:
    told: list[list[int]] = []
    feed(detector, samples, len(samples) // 3, told, gyro)
    detector.close()
    take(detector, told)
    return [told, states(detector)]


def square(period: int, n: int) -> Samples:
    """From rail to rail, the axes a third of a period apart."""
    steps = np.arange(n)[:, None] + np.arange(3) * period // 3
    return FULL[steps // max(1, period // 2) % 2].ravel()


def hostile() -> dict[str, Samples]:
    """What no hand does: noise beyond the range, nothing at all, the rails."""
    rng = np.random.default_rng(20260)
    clipped = np.clip(rng.normal(0, 30000, 3 * 6000), -32768, 32767).astype(np.int16).view(np.uint16)
    return {
        "clipped noise": clipped,
        "all zero": np.zeros(3 * 3000, np.uint16),
        "rails, every sample": square(2, 3000),
        "rails, 5 Hz": square(20, 6000),
        "rails, 7.4 Hz": square(14, 6000),
        "5 Hz of 200 mg": np.tile(
            (8192 + 1600 * np.sin(np.arange(6240) * 2 * np.pi * 5 / 104)).astype(np.uint16)[:, None] ^ 0x8000,
            3,
        ).ravel(),
    }


def under_micropython(root: Path, folder: Path, inputs: list[Samples], suffix: str = "u16") -> list[Outcome]:
    paths = [folder / f"{i}.{suffix}" for i in range(len(inputs))]
    for path, samples in zip(paths, inputs, strict=True):
        path.write_bytes(samples.astype("<u2").tobytes())
    command = [MICROPYTHON, "-X", "heapsize=160wK", HERE / "board.py", root, *paths]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_micropython_equals_numba_on_every_recording(
    rest: Callable[[str], Samples], wrist: Samples, turning: Samples, tmp_path: Path
) -> None:
    names = rest.names  # type: ignore[attr-defined]
    inputs = {name: rest(name) for name in names} | {"wrist": wrist, "turning": turning} | hostile()
    assert len(names) == 41
    device = under_micropython(HERE.parents[1], tmp_path, list(inputs.values()))
    for (name, samples), there in zip(inputs.items(), device, strict=True):
        assert outcome(Detector(), samples) == there, name


def test_the_gyroscope_s_kernels_agree_too(
    rv32: Rv32, rest: Callable[[str], Samples], turning: Samples, tmp_path: Path
) -> None:
    """Whatever is fed twice, as acceleration and as turning."""
    inputs = {"PD_815_1": rest("PD_815_1")[: 3 * 104 * 60], "turning": turning} | hostile()
    device = under_micropython(HERE.parents[1], tmp_path, list(inputs.values()), "turn")
    for (name, samples), there in zip(inputs.items(), device, strict=True):
        here = outcome(Detector(gyro=True), samples, samples)
        assert here == there, name
        placed = rv32.detector(None, 16, True), rv32.samples(samples)
        assert outcome(placed[0], placed[1], placed[1]) == here, name


@pytest.mark.parametrize("name", hostile())
def test_rv32_equals_numba_on_hostile_input(rv32: Rv32, name: str) -> None:
    samples = hostile()[name]
    assert outcome(rv32.detector(), rv32.samples(samples)) == outcome(Detector(), samples)


def rv32_agrees(rv32: Rv32, samples: Samples) -> bool:
    return outcome(rv32.detector(), rv32.samples(samples)) == outcome(Detector(), samples)


def test_rv32_equals_numba_on_recordings(rv32: Rv32, rest: Callable[[str], Samples]) -> None:
    """40 s of every recording, and all of the two in which the tremor is known."""
    for name in rest.names:  # type: ignore[attr-defined]
        length_s = None if name in ("PD_811_1", "PD_815_1") else 40
        assert rv32_agrees(rv32, rest(name)[: length_s and 3 * 104 * length_s]), name


def test_rv32_equals_numba_on_motion(rv32: Rv32, wrist: Samples, turning: Samples) -> None:
    assert rv32_agrees(rv32, wrist[: 3 * 104 * 60])
    assert rv32_agrees(rv32, turning)


@pytest.mark.bench
def test_rv32_equals_numba_on_all_of_every_recording(rv32: Rv32, rest: Callable[[str], Samples]) -> None:
    for name in rest.names:  # type: ignore[attr-defined]
        assert rv32_agrees(rv32, rest(name)), name


def test_counting_misses_no_instruction(rv32: Rv32) -> None:
    """Whole blocks times their runs give what stepping gives, and the code runs on as before."""
    detector, samples = rv32.detector(), rv32.samples(square(20, 900))
    with rv32.machine.counting() as counted, rv32.machine.stepping() as stepped:
        outcome(detector, samples)
        assert counted() == stepped() > 900 * 1000
    assert outcome(rv32.detector(), rv32.samples(square(20, 900))) == outcome(Detector(), square(20, 900))
