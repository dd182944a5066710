"""One source, every compiler: the same words and the same memory, whichever compiled the kernels."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.detector.builds import OnProcessor
from tests.detector.conftest import Samples
from tests.detector.walk import feed, states, take
from twitchwatch.shared.detector.detector import Detector

HERE = Path(__file__).parent
MICROPYTHON = Path(sys.executable).with_name("micropython")
Outcome = list[Any]

FULL = np.array([0, 65535], np.uint16)


def outcome(detector: Any, samples: Any, gyro: Any = None) -> Outcome:
    reported: list[list[int]] = []
    feed(detector, samples, len(samples) // 3, reported, gyro)
    detector.close()
    take(detector, reported)
    return [reported, states(detector)]


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
    rest: Callable[[str], Samples], turning: Samples, tmp_path: Path
) -> None:
    """Whatever is fed twice, as acceleration and as turning."""
    inputs = turned(rest, turning)
    device = under_micropython(HERE.parents[1], tmp_path, list(inputs.values()), "turn")
    for (name, samples), there in zip(inputs.items(), device, strict=True):
        assert outcome(Detector(gyro=True), samples, samples) == there, name


def turned(rest: Callable[[str], Samples], turning: Samples) -> dict[str, Samples]:
    return {"PD_815_1": rest("PD_815_1")[: 3 * 104 * 60], "turning": turning} | hostile()


def agrees(processor: OnProcessor, samples: Samples) -> bool:
    return outcome(processor.detector(), processor.samples(samples)) == outcome(Detector(), samples)


def test_machine_code_equals_numba_with_a_gyroscope(
    processor: OnProcessor, rest: Callable[[str], Samples], turning: Samples
) -> None:
    for name, samples in turned(rest, turning).items():
        placed = processor.detector(None, 16, True), processor.samples(samples)
        here = outcome(Detector(gyro=True), samples, samples)
        assert outcome(placed[0], placed[1], placed[1]) == here, name


@pytest.mark.parametrize("name", hostile())
def test_machine_code_equals_numba_on_hostile_input(processor: OnProcessor, name: str) -> None:
    assert agrees(processor, hostile()[name])


def test_machine_code_equals_numba_on_recordings(
    processor: OnProcessor, rest: Callable[[str], Samples]
) -> None:
    """All of every one on Xtensa; on RISC-V, ten times slower here, all of two and 40 s of the others."""
    for name in rest.names:  # type: ignore[attr-defined]
        whole = processor.machine.march == "xtensawin" or name in ("PD_811_1", "PD_815_1")
        assert agrees(processor, rest(name) if whole else rest(name)[: 3 * 104 * 40]), name


def test_machine_code_equals_numba_on_motion(
    processor: OnProcessor, wrist: Samples, turning: Samples
) -> None:
    assert agrees(processor, wrist[: 3 * 104 * 60])
    assert agrees(processor, turning)


@pytest.mark.bench
def test_machine_code_equals_numba_on_all_of_every_recording(
    processor: OnProcessor, rest: Callable[[str], Samples], wrist: Samples
) -> None:
    for name in rest.names:  # type: ignore[attr-defined]
        assert agrees(processor, rest(name)), name
    assert agrees(processor, wrist)


def test_counting_misses_no_instruction(processor: OnProcessor) -> None:
    """Whole blocks times their runs give what stepping gives, and the code runs on as before."""
    samples = square(20, 300)
    counts = []
    for way in (processor.machine.counting, processor.machine.stepping):
        detector, placed = processor.detector(), processor.samples(samples)
        with way() as counted:
            outcome(detector, placed)
            counts.append(counted())
    assert counts[0] == counts[1] > 300 * 1000
    assert agrees(processor, samples)
