from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.detector.builds import BYTECODE_SOURCES, KERNEL_SOURCES, OnProcessor
from tests.detector.ranges import Witnessed
from tests.detector.rv32 import Rv32
from tests.detector.signals import as_sampled, rest_recording
from tests.detector.walk import feed, take
from tests.detector.xtensa import EMULATOR, Xtensa
from tests.programs import program
from twitchwatch.shared.detector.detector import Detector

Samples = NDArray[np.uint16]
_STANDARD_GRAVITY = 9.80665


@pytest.fixture(scope="session")
def rest(data_dir: Path) -> Callable[[str], Samples]:
    """A recording of Cavanagh et al. 2018 by its name; `names` lists them."""
    archive = np.load(data_dir / "pd_rest_tremor_100hz.npz")

    @cache
    def recording(name: str) -> Samples:
        return rest_recording(archive, name)

    recording.names = [n for n in archive.files if n[:2] in ("PD", "CT")]  # type: ignore[attr-defined]
    return recording


@pytest.fixture(scope="session")
def wrist(data_dir: Path) -> Samples:
    """Daily motion of a wrist (ParaDigMa's test data, after 460 s)."""
    archive = np.load(data_dir / "pd_wrist_100hz.npz")
    acc = archive["raw_i16"][46000:, :3] * float(archive["scale_acc_ms2"]) / _STANDARD_GRAVITY
    return as_sampled(acc, 100.0)


@pytest.fixture(scope="session")
def turning(data_dir: Path) -> Samples:
    """Voluntary turning of the hand, 3.3-3.8 Hz (pdkit's test data)."""
    with gzip.open(data_dir / "phone_pronation_supination_right.csv.gz", "rt") as file:
        acc = np.genfromtxt(file, delimiter=",", skip_header=1)[:, 1:4] / _STANDARD_GRAVITY
    return as_sampled(acc, 100.0)


@pytest.fixture(scope="session", params=["rv32imc", "xtensawin"])
def processor(request: pytest.FixtureRequest) -> OnProcessor:
    """The ESP32-C3's, then that of an ESP32 and an ESP32-S3."""
    if request.param == "rv32imc":
        return OnProcessor(Rv32())
    program(EMULATOR)
    return OnProcessor(Xtensa())


@pytest.fixture(scope="session")
def witnessed() -> Witnessed:
    return Witnessed(*KERNEL_SOURCES, *BYTECODE_SOURCES)


@pytest.fixture(scope="session")
def detect() -> Callable[[Samples], list[list[int]]]:
    """The words of a whole recording, by the host's build."""

    def words(samples: Samples) -> list[list[int]]:
        reported: list[list[int]] = []
        detector = Detector()
        feed(detector, samples, len(samples) // 3, reported)
        detector.close()
        take(detector, reported)
        return reported

    return words
