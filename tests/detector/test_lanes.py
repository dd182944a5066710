"""The loop over the axes as vectors gives what the plain loop gives; a loop without a rule is refused."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import twitchwatch.shared.detector.bursts as bursts
from tests.detector.builds import driver_over
from tests.detector.test_ranges import extreme, piece, wave
from tests.detector.walk import states, take
from twitchwatch.shared.detector.detector import Detector
from twitchwatch.shared.detector.direct import direct
from twitchwatch.shared.detector.lanes import in_lanes
from twitchwatch.shared.detector.parameters import table

GAIN, BEHIND = 3, 12
SMALL = st.integers(-30000, 30000)


@pytest.fixture(scope="module")
def plain() -> Any:
    """The driver over the loop as it is written."""
    written = bursts.sense.py_func.__wrapped__  # type: ignore[attr-defined]
    assert written.__code__ is not bursts.sense.py_func.__code__  # type: ignore[attr-defined]
    return driver_over({"sense": numba.njit(direct(written))})


def fed(detector: Any, samples: Any, portions: list[int], lost: int) -> list[Any]:
    """Output records and all state, with a gap after every fifth portion."""
    reported: list[list[int]] = []
    at, n = 0, len(samples) // 3
    for turn in range(10**6):
        if at == n:
            break
        stop = min(n, at + portions[turn % len(portions)])
        while at < stop:
            at = detector.feed(samples, at, stop)
            take(detector, reported)
        if lost and turn % 5 == 4:
            detector.close()
            take(detector, reported)
            detector.lose(lost)
    detector.close()
    take(detector, reported)
    return [reported, states(detector), [int(value) for value in detector._past]]


@settings(max_examples=60)
@given(
    st.lists(piece, min_size=1, max_size=8),
    extreme,
    st.integers(0, 2**32 - 1),
    st.sampled_from([0, 2, 20, 99, 400, 40000]),
    st.lists(st.integers(1, 997), min_size=1, max_size=5),
    st.sampled_from([0, 1, 1001, 2**30 - 3000]),
)
def test_any_input_any_parameters_any_portions(
    plain: Any, pieces: Any, chosen: Any, seed: int, noise: int, portions: list[int], lost: int
) -> None:
    parameters = array("i", table())
    for i, value in enumerate(chosen):
        if value is not None:
            parameters[i] = value
    clean = np.concatenate([wave(*p) for p in pieces]).astype(np.int64)
    jitter = np.random.default_rng(seed).integers(-noise, noise, clean.shape, endpoint=True)
    samples = np.clip(clean + jitter, 0, 65535).astype(np.uint16).ravel()
    here, there = (fed(made(parameters), samples, portions, lost) for made in (Detector, plain.Detector))
    assert here == there


def everything(s: Any, x: Any, out: Any, n: int, flag: int) -> int:
    """Each rule once; s: four numbers an axis, then three; x: unsigned."""
    at = 0
    total = 0
    while at < n:
        most = 0
        b = 0
        axis = 0
        k = 3 * at
        to = at
        while axis < 3:
            y = x[k] ^ 21
            k += 1
            out[to] = y
            to += 8
            s[b + GAIN] = s[b + GAIN] + (y & 255)
            s[BEHIND + axis] = (s[BEHIND + axis] >> 1) - y
            d = y - 300
            if d > 9000:
                d = 9000
            elif d < 70:
                d = y << 1
                if y > 20:
                    y = d
            else:
                y = 7
            if flag:
                d -= s[b + GAIN]
            y *= d & 63
            most = y + most
            b += 4
            axis += 1
        total += most
        at += 1
    return total


@given(
    st.lists(SMALL, min_size=15, max_size=15),
    st.lists(st.integers(0, 65535), min_size=24, max_size=24),
    st.integers(0, 8),
    st.integers(0, 1),
)
def test_each_rule(state: list[int], samples: list[int], n: int, flag: int) -> None:
    results = []
    for kernel in (everything, RULES):
        s, out = array("i", state), array("i", bytes(4 * 24))
        total = kernel(s, array("H", samples), out, n, flag)
        results.append((total, s.tolist(), out.tolist()))
    assert results[0] == results[1]


RULES: Callable[..., int] = numba.njit(in_lanes(everything))


def advanced(s: Any) -> int:
    b = 0
    axis = 0
    while axis < 3:
        b += 1
        s[b + GAIN] = 0
        axis += 1
    return 0


def divided(s: Any) -> int:
    b = 0
    axis = 0
    while axis < 3:
        s[b + GAIN] = s[b + GAIN] // 2
        b += 1
        axis += 1
    return 0


def sum_of_some(s: Any) -> int:
    total = 0
    b = 0
    axis = 0
    while axis < 3:
        y = s[b + GAIN]
        if y > 3:
            total = y + total
        s[b + GAIN] = 0
        b += 1
        axis += 1
    return total


def squared_index(s: Any) -> int:
    b = 0
    axis = 0
    while axis < 3:
        s[b * b] = 0
        b += 1
        axis += 1
    return 0


@pytest.mark.parametrize("kernel", [advanced, divided, sum_of_some, squared_index])
def test_a_loop_without_a_rule_is_refused(kernel: Any) -> None:
    with pytest.raises(NotImplementedError, match=r"has no rule for .* in a loop over the axes"):
        in_lanes(kernel)
