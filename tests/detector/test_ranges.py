"""No value leaves its range: every operation, stored value and index of the kernels, under hostile input.

And of what is bytecode on the board, where what it computes must not become an object.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st

import twitchwatch.shared.detector.bursts as bursts
from tests.detector.builds import BYTECODE_SOURCES, KERNEL_SOURCES, driver_over
from tests.detector.conftest import Samples
from tests.detector.ranges import Witnessed
from tests.detector.walk import feed, take
from twitchwatch.shared.detector.parameters import TABLE, table

MAX = 2**30 - 1

# Greatest stored value as docs/detector.md derives it.
DERIVED = {
    "_GRAVITY": 65535 << 14,
    "_MEAN": 65535 << 14,
    "_DRIFT": (1 << 23) + (1 << 21),
    "_SWIFT": 65535 << 14,
    "_LAST": (1 << 23) + (1 << 21),
    "_LAST2": (1 << 23) + (1 << 21),
    "_SHARE": MAX,
    "_QUARTER": 26 * 65535,
    "_POSTURE": 26 * 65535,
    "_SLOWLY": 26 * 65535,
    "_ENERGY": 8 * ((1 << 26) - 1),
    "_FLOOR": (1 << 26) - 1,
    "_LATELY": (1 << 26) - 1,
    "_RECENT": (1 << 26) - 1,
    "_NOISE": (1 << 28) - 1,
    "_WEIGHT": 128,
    "_UNREST": 255,
    "_FINE": 3 * 8191**2,
    "_COARSE": 3 * 8192**2,
    "_MOVE_TILT": 26 * 65535,
    "_MOVE_PEAK": 3 * 8192**2,
    "_SLOW": 16 * 3 * 2047**2,
}


@pytest.fixture(scope="module")
def driver(witnessed: Witnessed) -> Any:
    return driver_over(witnessed.kernels)


@pytest.fixture(autouse=True)
def _afresh(witnessed: Witnessed) -> Iterator[None]:
    witnessed.forget()
    yield
    witnessed.forget()


def walk(driver: Any, samples: Samples, parameters: Any = None) -> None:
    """As acceleration and, at another place, as turning."""
    detector = driver.Detector(parameters, 16, True)
    reported: list[list[int]] = []
    turned = samples[::-1]
    feed(
        detector,
        samples,
        len(samples) // 3,
        reported,
        turned.copy() if isinstance(turned, np.ndarray) else turned,
    )
    detector.close()
    take(detector, reported)
    detector.lose(1001)
    tail = samples[: 3 * 300]
    feed(detector, tail, len(tail) // 3, reported, tail)
    detector.close()


def wave(n: int, period: float, depth: int, middle: int, phase: float, sharp: bool) -> Any:
    """n samples (n, 3) of a sine or square; axis i is shifted by i times `phase` periods."""
    turns = np.arange(n)[:, None] / period + np.arange(3) * phase
    shape = np.where(turns % 1 < 0.5, 1.0, -1.0) if sharp else np.sin(2 * np.pi * turns)
    return np.clip(middle + depth * shape, 0, 65535).astype(np.uint16)


def test_rails_at_every_period(witnessed: Witnessed, driver: Any) -> None:
    """Square waves and sines from rail to rail, alone, after quiet, and in three phases."""
    quiet = np.full((700, 3), 32768, np.uint16)
    for period in [*range(2, 40), *np.linspace(40, 2000, 20)]:
        for phase, sharp in ((0, True), (1 / 4, True), (1 / 3, True), (0, False), (1 / 4, False)):
            loud = wave(600, period, 32768, 32768, phase, sharp)
            walk(driver, np.concatenate([loud, quiet, loud]).ravel())
    assert witnessed.outside() == []


def test_rails_for_hours(witnessed: Witnessed, driver: Any) -> None:
    """Ten hours: sums that grow, counters that stop, a bout told in parts, windows for ever."""
    minutes = wave(104 * 600, 20, 32768, 32768, 0.25, True).ravel()
    detector = driver.Detector()
    reported: list[list[int]] = []
    for _ in range(60):
        feed(detector, minutes, len(minutes) // 3, reported)
    assert witnessed.outside() == []


def test_index_wraps(witnessed: Witnessed, driver: Any) -> None:
    """Events, a bout and a minute across the end of the index, after 119 days."""
    detector = driver.Detector()
    detector.lose(2**30 - 3000)
    reported: list[list[int]] = []
    samples = wave(8000, 20, 3000, 32768, 0.25, False).ravel()
    feed(detector, samples, 8000, reported)
    detector.close()
    take(detector, reported)
    assert detector.index == 5000
    assert witnessed.outside() == []


piece = st.tuples(
    st.integers(1, 900),
    st.sampled_from([2.0, 3.0, 4.0, 5.4, 6.0, 9.0, 12.0, 20.0, 35.0, 104.0, 400.0]) | st.floats(2, 500),
    st.sampled_from([0, 1, 30, 300, 3000, 16384, 32768]),
    st.sampled_from([0, 16384, 32767, 32768, 40960, 65535]),
    st.sampled_from([0.0, 0.25, 1 / 3, 0.5]),
    st.booleans(),
)
extreme = st.tuples(*(st.sampled_from([None, least, most]) for _, _, least, most, *_ in TABLE))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(piece, min_size=1, max_size=8),
    extreme,
    st.integers(0, 2**32 - 1),
    st.sampled_from([0, 99, 40000]),
)
def test_any_input_any_parameters(
    witnessed: Witnessed, driver: Any, pieces: list[Any], chosen: list[int | None], seed: int, noise: int
) -> None:
    parameters = array("i", table())
    for i, value in enumerate(chosen):
        if value is not None:
            parameters[i] = value
    clean = np.concatenate([wave(*p) for p in pieces]).astype(np.int64)
    jitter = np.random.default_rng(seed).integers(-noise, noise, clean.shape, endpoint=True)
    samples = np.clip(clean + jitter, 0, 65535).astype(np.uint16).ravel()
    witnessed.forget()
    walk(driver, samples, parameters)
    reached = [
        max(-low, high)
        for site, (low, high) in zip(witnessed.sites, witnessed.seen.tolist(), strict=True)
        if site.kind == "operation" and low <= high and max(-low, high) > 2**30
    ]
    target(float(max(reached, default=0)))
    assert witnessed.outside() == []


def test_stored_values_keep_to_the_derivation(witnessed: Witnessed, driver: Any) -> None:
    rng = np.random.default_rng(5)
    for period in (2, 3, 4, 8, 14, 20, 40, 104, 208):
        walk(driver, wave(3000, period, 32768, 32768, 1 / 3, True).ravel())
    walk(driver, rng.choice(np.array([0, 65535], np.uint16), 3 * 20000))
    seen: dict[str, int] = {}
    for site, (_, high) in zip(witnessed.sites, witnessed.seen.tolist(), strict=True):
        names = re.findall(r"\b_[A-Z]\w*", site.text)
        if site.kind == "stored" and site.function in ("sense", "begin", "opened", "posture") and names:
            seen[names[-1]] = max(high, seen.get(names[-1], 0))
    assert set(DERIVED) <= set(seen)
    assert {name: high for name, high in seen.items() if name in DERIVED and high > DERIVED[name]} == {}
    assert DERIVED["_FLOOR"] == bursts._FLOOR_MAX


def test_every_place_is_reached(witnessed: Witnessed, driver: Any) -> None:
    """The search runs over every line of the kernels."""
    rng = np.random.default_rng(3)
    quiet = rng.normal(0, 5, (3000, 3))
    parts = [quiet]
    for mg, hz, n in ((200, 17, 12), (900, 17, 12), (80, 11, 120)):  # twitch, jerk, spasm
        swing = mg / 0.122 * np.sin(2 * np.pi * hz / 104 * np.arange(n))[:, None] * [0.5, 0.8, 0.3]
        parts += [swing + quiet[:n], quiet[:600]]
    for sd in (2, 5, 12):  # twitches too weak, doubtful, sure, on sensors quiet and noisy
        parts += [rng.normal(0, sd, (3000, 3))]
        for snr in np.linspace(3, 9, 30):
            ring = snr * sd * np.exp(-np.arange(12) / 4) * np.sin(2 * np.pi * 16 / 104 * np.arange(12))
            parts += [ring[:, None] * [0.6, 0.6, 0.5], rng.normal(0, sd, (300, 3))]
    for every in (90, 90, 90, 180, 90, 84, 96, 90, 90, 300, 90, 90, 90):  # a heart, missing a beat
        beat = 300 * np.exp(-np.arange(12) / 4) * np.sin(2 * np.pi * 14 / 104 * np.arange(12))
        parts += [beat[:, None] * [0.6, 0.6, 0.5], rng.normal(0, 5, (every - 12, 3))]
    # Jolts after which the hand lies as before.
    for axis, peak in ((0, 8000), (1, 8000), (2, 8000), (0, -8000), (1, -8000)):
        jolt = peak * np.sin(np.pi * np.arange(20) / 10)[:, None] * np.eye(3)[axis]
        parts += [rng.normal(0, 5, (700, 3)), jolt + rng.normal(0, 5, (20, 3))]
    shake = 5000 * np.sin(np.pi * np.arange(45) / 5)[:, None] * np.eye(3)[0]
    parts += [rng.normal(0, 5, (1500, 3)), shake + rng.normal(0, 5, (45, 3)), rng.normal(0, 5, (1500, 3))]
    slow = 60 * np.sin(2 * np.pi * 2.5 * np.arange(3000) / 104)[:, None] * [0.5, 0.5, 0.7]
    parts += [rng.normal(0, 5, (700, 3)), slow + rng.normal(0, 5, (3000, 3))]
    slowing = np.cumsum(np.linspace(5.4, 4.8, 2000)) / 104
    parts += [400 * np.sin(2 * np.pi * slowing)[:, None] * [1, 1, 0] + quiet[:2000], quiet]
    parts += [quiet + wave(3000, 20.8, 300, 0, 0, False), quiet]
    parts += [quiet[:104] + np.linspace(0, 4000, 104)[:, None], quiet + 4000]
    parts += [rng.normal(0, 3000, (4000, 3)), quiet]
    t_s = np.arange(70000) / 104
    for wander in (0, 3):  # a machine, then a hand
        long = 400 * np.sin(2 * np.pi * (5 * t_s + wander * np.sin(t_s / 6)))[:, None] * [1, 1, 0]
        parts += [long + rng.normal(0, 5, (70000, 3))]
    quiver = 200 * np.sin(2 * np.pi * 50 * np.arange(3000) / 104)[:, None] * [0.5, 0.5, 0.7]
    parts += [quiver + quiet, quiet * 0.3]  # a hum, loud and faint
    for _ in range(2):  # beyond the range, after which the hand lies as before; turned over
        parts += [rng.normal(0, 5, (700, 3)), np.full((14, 3), 40000), rng.normal(0, 5, (700, 3))]
        parts += [rng.normal(0, 5, (6500, 3)) - 16384 * np.eye(3)[2]]
    frozen = rng.normal(0, 5, (1800, 3))
    frozen[1200:1500, 1] = 150
    faint = 23 * np.sin(2 * np.pi * 5 * np.arange(3000) / 104)[:, None] * [0, 0, 1]
    parts += [rng.normal(0, 5, (3000, 3)) + faint]
    for n in range(200, 420, 20):  # bouts that fill no window
        short = np.arange(n)[:, None]
        parts += [short * np.sin(2 * np.pi * 5 * short / 104) * [1, 1, 0] + quiet[:n], quiet[: 1000 + n]]
    swaying = np.arange(3000)[:, None] / 104 * 2 * np.pi
    swaying = 2000 * np.sin(3.5 * swaying) * [1, 0, 0] + 900 * np.sin(0.7 * swaying) * [0, 1, 0]
    parts += [rng.normal(0, 5, (3000, 3)) + swaying, quiet]
    laid_aside = rng.normal(0, 5, (26000, 3))
    parts += [frozen, laid_aside, rng.normal(0, 3000, (900, 3)), quiet]
    wrong = rng.normal(0, 5, (1200, 3))
    wrong[900] += 600  # a single reading
    parts += [wrong]
    whole = np.concatenate(parts) + 8192 * np.eye(3)[2]
    walk(driver, np.clip(whole, -32768, 32767).astype(np.int16).view(np.uint16).ravel())
    steps, along, across = np.arange(24)[:, None], np.array([0.6, 0.6, 0.5]), np.array([-0.7, 0.7, 0.1])
    parts = [rng.normal(0, 5, (3000, 3))]
    pulse = 150 * np.exp(-steps / 9) * np.sin(2 * np.pi * 12 / 104 * steps)
    muscle = 150 * np.exp(-steps / 6) * np.sin(2 * np.pi * 14 / 104 * steps)
    # A pulse that pauses and turns, then becomes a twitching muscle.
    parts += [part for _ in range(5) for part in (pulse * along, rng.normal(0, 5, (76, 3)))]
    parts += [rng.normal(0, 5, (240, 3)), pulse * across, rng.normal(0, 5, (76, 3))]
    parts += [part for _ in range(5) for part in (pulse * along, rng.normal(0, 5, (76, 3)))]
    parts += [part for _ in range(30) for part in (muscle * along, rng.normal(0, 5, (76, 3)))]
    parts += [rng.normal(0, 5, (1500, 3))]
    first = 150 * np.exp(-steps / 6) * np.sin(2 * np.pi * 13 / 104 * steps) * along
    for peak in np.linspace(20, 90, 36):  # what may be a first beat, then a weak swing of the body
        sway = peak * np.exp(-steps / 5) * np.sin(2 * np.pi * 5.5 / 104 * steps) * across
        parts += [first, rng.normal(0, 5, (150, 3)), sway, rng.normal(0, 5, (900, 3))]
    whole = np.concatenate(parts) + 8192 * np.eye(3)[2]
    walk(driver, np.rint(whole).astype(np.int16).view(np.uint16).ravel())
    # A tremor that is too long for one record, in a hand that does not turn.
    tremor = 400 * np.sin(2 * np.pi * (5 * t_s + 3 * np.sin(t_s / 6)))[:, None] * [1, 1, 0]
    tremor += rng.normal(0, 5, (70000, 3)) + 8192 * np.eye(3)[2]
    walk(driver, np.rint(tremor).astype(np.int16).view(np.uint16).ravel())
    walk(driver, np.full(3 * 13000, 32768, np.uint16))
    for period in (2, 5, 21):
        walk(driver, wave(3000, period, 32768, 32768, 1 / 3, True).ravel())
    assert [f"{s.function}:{s.line} {s.kind} {s.text}" for s in witnessed.never_reached()] == []


def test_witness_under_python_sees_the_same(witnessed: Witnessed, driver: Any) -> None:
    """Python's integers have no end: what the compiled witness saw hid no overflow."""
    interpreted = Witnessed(*KERNEL_SOURCES, *BYTECODE_SOURCES, compiled=False)
    slow = driver_over(interpreted.kernels)
    rng = np.random.default_rng(8)
    for samples in (
        wave(1500, 20, 32768, 32768, 1 / 3, True).ravel(),
        rng.choice(np.array([0, 65535], np.uint16), 3 * 1500),
    ):
        walk(driver, samples)
        walk(slow, array("H", samples))
    assert np.array_equal(witnessed.seen, interpreted.seen)
    assert interpreted.outside() == []
