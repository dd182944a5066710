"""The twitch kernels once more in float64: the same structure, no rounding, no clipping but the sensor's own.

It is there to see what whole numbers cost. Rhythm is left out: compare only where no tremor bout opens.
Parameters, shapes and filters are the kernels' own, in their units. They are arguments, for Numba looks at
the age of this file alone before it takes what it compiled once.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from shared.detector import bursts, likeness
from shared.detector.parameters import NAMES, table
from shared.detector.tables import SHAPES, TRAILS

# The kernel's limit for what is slower than its high-pass, over what is alike.
_SLOW_RATIO = 2.0


def twitches(samples: NDArray[np.int16]) -> NDArray[np.int64]:
    """Onsets (sample index) of what the float64 detector calls a twitch in samples (n, 3), in order."""
    p = dict(zip(NAMES, table(), strict=True))
    wanted = np.array(
        [
            p["on_ratio"] / 16,
            p["off_ratio"] / 16,
            p["onset_share"] / 16,
            p["release"],
            p["warm_up"],
            p["twitch_max"],
            (p["jerk_peak"] / 8) ** 2,
            p["vigorous"],
            p["vigorous_run"],
            p["tilt"],
            p["hold"],
            p["sure_ratio"] / 16,
            p["likeness"] / 256,
        ],
        dtype=np.float64,
    )
    fixed = np.array([bursts._DELAY, bursts._RISE, bursts._WHOLE])
    reach = np.array([likeness._REACH, likeness._PAST, likeness._SETTLED, likeness._SPAN])
    filtered = np.array([likeness._B0, likeness._A1, likeness._A2]) / 8192
    found = _run(
        samples.astype(np.float64),
        wanted,
        fixed,
        reach,
        filtered,
        np.array(SHAPES) / 128.0,
        np.array(TRAILS),
    )
    return np.array(sorted(found), np.int64)


@numba.njit(cache=True)
def _match(
    samples: Any,
    index: int,
    about: int,
    base: float,
    ratio: float,
    reach: Any,
    filtered: Any,
    shapes: Any,
    trails: Any,
) -> tuple[int, bool]:
    """The onset, and whether it is twitch enough; (-1, False) where the samples are not all there."""
    taps = shapes.shape[1]
    lags, past, settled, span = reach
    b0, a1, a2 = filtered
    first = past - (index - about) - lags
    if first < settled or first + 2 * lags + taps > past or index < past:
        return -1, False
    work = np.zeros((3, past))
    slow = np.zeros((3, past))
    for axis in range(3):
        x1 = x2 = y1 = y2 = 0.0
        for i in range(past):
            x = samples[index - past + i, axis] - samples[index - past, axis]
            y = b0 * (x - 2 * x1 + x2) + a1 * y1 - a2 * y2
            work[axis, i] = y
            slow[axis, i] = x - y
            x2, x1, y2, y1 = x1, x, y1, y
    greatest = 0.0
    best = begin = 0
    for lag in range(2 * lags + 1):
        for k in range(len(shapes)):
            total = 0.0
            for axis in range(3):
                y = 0.0
                for i in range(taps):
                    y += work[axis, first + lag + i] * shapes[k, i]
                total += y * y
            if total > greatest:
                greatest = total
                best = lag - lags - trails[k]
                begin = first + lag - settled
    if greatest <= base * ratio:
        return about + best, False
    power = 0.0
    for axis in range(3):
        stretch = slow[axis, begin : begin + span]
        power += ((stretch - stretch.mean()) ** 2).sum()
    return about + best, power <= _SLOW_RATIO * greatest


@numba.njit(cache=True)
def _run(samples: Any, p: Any, fixed: Any, reach: Any, filtered: Any, shapes: Any, trails: Any) -> list[int]:
    on, off, share, release, warm_up = p[0], p[1], p[2], p[3], p[4]
    twitch_max, jerk, vigorous, run, tilt_limit, hold, sure_ratio, ratio = p[5:13]
    delay, rise, whole = fixed
    count = len(samples)
    gravity, mean, swift = np.zeros(3), np.zeros(3), np.zeros(3)
    drift, last, last2 = np.zeros(3), np.zeros(3), np.zeros(3)
    quarter = np.zeros(3)
    posture = np.zeros((4, 3))
    energies = np.zeros(16)
    coarses = np.zeros(12)
    total = floor = vigour = peak = most = 0.0
    burst = moving = sure = False
    above = onset = trigger = crest = move_last = slot = 0
    found = [0 for _ in range(0)]
    for k in range(count):
        follow = 4.0 if k < 16 else 16.0 if k < 64 else 64.0
        energy = coarse = 0.0
        for axis in range(3):
            a = samples[k, axis]
            if k == 0:
                gravity[axis] = mean[axis] = swift[axis] = a
            gravity[axis] += (a - gravity[axis]) / follow
            d = a - mean[axis]
            mean[axis] += d / 8
            swift[axis] += (a - swift[axis]) / 2
            y = a - swift[axis]
            drift[axis] += (y - drift[axis]) / 2
            h = y - drift[axis]
            b = (h + 2 * last[axis] + last2[axis]) / 4
            last2[axis] = last[axis]
            last[axis] = h
            energy += (32 * b) ** 2 / 8
            coarse += (d / 8) ** 2
            quarter[axis] += gravity[axis]
        coarses[k % 12] = coarse
        total += energy - energies[(k - 8) % 16]
        energies[k % 16] = energy
        if k < 16:
            floor = total
        step = floor / (32 if k < 104 else 4096 if burst or moving else 512)
        floor += step if total > floor else -step
        due = False
        if burst:
            if k - trigger == 4:
                greatest = energies.copy()
                for j in range(14, 16):
                    greatest[(k - j) % 16] = 0
                limit = greatest.max() * share
                back = 0
                for j in range(14):
                    if energies[(k - j) % 16] > limit:
                        back = j
                onset = k - back - delay
            peak = max(peak, coarse)
            if total > most:
                most, crest = total, k
            if total > floor * off:
                above = k
            elif k - above >= release and k - crest >= whole:
                due = True
            if total > floor * sure_ratio:
                sure = True
        elif k >= warm_up and total > floor * on:
            burst, sure = True, False
            above = trigger = onset = crest = k
            most = total
            peak = coarses.max()
        if coarse > vigorous:
            vigour = min(vigour + 1, 2 * run)
        else:
            vigour = max(vigour - 1, 0)
        moves = vigour > run
        if k % 26 == 25:
            tilt = np.abs(quarter - posture[slot]).max()
            posture[slot] = quarter
            quarter[:] = 0
            slot = (slot + 1) % 4
            if tilt > 26 * tilt_limit and k >= 156:
                moves = True
        if moves:
            moving = True
            move_last = k
        if due:
            burst = False
            if not moving:
                start, alike = _match(
                    samples, k + 1, crest - rise, floor, ratio, reach, filtered, shapes, trails
                )
                if sure or alike:
                    start = onset if start < 0 else start
                    length = max(1, above - start - 6)
                    if length <= twitch_max and peak <= jerk:
                        found.append(start)
        if moving and k - move_last >= hold:
            moving = False
    return found
