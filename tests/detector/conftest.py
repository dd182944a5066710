from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.detector.detector import Detector
from tests.detector.builds import KERNEL_SOURCES, Rv32
from tests.detector.ranges import Witnessed
from tests.detector.walk import feed, take
from twitchwatch.recording import recording_from_array

Samples = NDArray[np.uint16]
_STANDARD_GRAVITY = 9.80665


def as_sampled(acc_g: NDArray[Any], rate_hz: float) -> Samples:
    """A gapless recording as the sensor would have read it: 104 Hz, x y z interleaved, as unsigned."""
    clipped = np.clip(acc_g, -4, 4)
    (segment,) = recording_from_array(clipped, rate_hz=rate_hz).segments
    return np.ascontiguousarray(segment.samples).view(np.uint16).ravel()


@pytest.fixture(scope="session")
def rest(data_dir: Path) -> Callable[[str], Samples]:
    """A recording of Cavanagh et al. 2018 by its name; `names` lists them."""
    archive = np.load(data_dir / "pd_rest_tremor_100hz.npz")
    lsb_per_g = float(archive["lsb_per_g"])

    @cache
    def recording(name: str) -> Samples:
        return as_sampled(archive[name] / lsb_per_g, float(archive["fs"]))

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


@pytest.fixture(scope="session")
def rv32() -> Rv32:
    return Rv32()


@pytest.fixture(scope="session")
def witnessed() -> Witnessed:
    return Witnessed(*KERNEL_SOURCES)


@pytest.fixture(scope="session")
def detect() -> Callable[[Samples], list[list[int]]]:
    """The words of a whole recording, by the host's build."""

    def words(samples: Samples) -> list[list[int]]:
        told: list[list[int]] = []
        detector = Detector()
        feed(detector, samples, len(samples) // 3, told)
        detector.close()
        take(detector, told)
        return told

    return words
