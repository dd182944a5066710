"""The twitch kernels once more in float64: the same structure, no rounding, no clipping but the sensor's own.

It is there to see what whole numbers cost. Rhythm is left out: compare only where no tremor bout opens.
Parameters and shapes are read from the kernels' own tables, in their units.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from shared.detector.parameters import NAMES, table
from shared.detector.tables import SHAPES, TRAILS

_DELAY = 4
_WHOLE = 22
_REACH = 6
_PAST = 64
_SETTLED = 8
_TAPS = 16


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
    found = _run(samples.astype(np.float64), wanted, np.array(SHAPES) / 128.0, np.array(TRAILS))
    return np.array(sorted(found), np.int64)


@numba.njit(cache=True)
def _match(
    samples: Any, index: int, onset: int, base: float, ratio: float, shapes: Any, trails: Any
) -> tuple[int, bool]:
    """Shift of the onset, and whether it is twitch enough; (0, False) where the samples are not all there."""
    first = _PAST - (index - onset) - _REACH
    if first < _SETTLED or first + 2 * _REACH + _TAPS > _PAST or index < _PAST:
        return 0, False
    work = np.zeros((3, _PAST))
    for axis in range(3):
        mean = samples[index - _PAST, axis]
        drift = 0.0
        for i in range(_PAST):
            a = samples[index - _PAST + i, axis]
            mean += (a - mean) / 4
            high = a - mean
            drift += (high - drift) / 4
            work[axis, i] = high - drift
    greatest = 0.0
    best = 0
    for lag in range(2 * _REACH + 1):
        for k in range(len(shapes)):
            total = 0.0
            for axis in range(3):
                y = 0.0
                for i in range(_TAPS):
                    y += work[axis, first + lag + i] * shapes[k, i]
                total += y * y
            if total > greatest:
                greatest = total
                best = lag + 1 - trails[k]
    return best - 7, greatest > base * ratio


@numba.njit(cache=True)
def _run(samples: Any, p: Any, shapes: Any, trails: Any) -> list[int]:
    on, off, share, release, warm_up = p[0], p[1], p[2], p[3], p[4]
    twitch_max, jerk, vigorous, run, tilt_limit, hold, sure_ratio, ratio = p[5:13]
    count = len(samples)
    gravity, mean, swift = np.zeros(3), np.zeros(3), np.zeros(3)
    drift, last, last2 = np.zeros(3), np.zeros(3), np.zeros(3)
    quarter = np.zeros(3)
    posture = np.zeros((4, 3))
    energies = np.zeros(16)
    coarses = np.zeros(12)
    total = floor = vigour = peak = 0.0
    burst = moving = sure = False
    above = onset = trigger = move_last = slot = 0
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
                onset = k - back - _DELAY
            peak = max(peak, coarse)
            if total > floor * off:
                above = k
            elif k - above >= release and k - trigger >= _WHOLE:
                due = True
            if total > floor * sure_ratio:
                sure = True
        elif k >= warm_up and total > floor * on:
            burst, sure = True, False
            above = trigger = onset = k
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
                shift, alike = _match(samples, k + 1, onset, floor, ratio, shapes, trails)
                if sure or alike:
                    start = onset + shift
                    length = max(1, above - start - 6)
                    if length <= twitch_max and peak <= jerk:
                        found.append(start)
        if moving and k - move_last >= hold:
            moving = False
    return found
