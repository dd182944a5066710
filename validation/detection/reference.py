"""The twitch kernels once more in float64: the same structure, no rounding, no clipping but the sensor's own.

It shows the cost of whole numbers. Rhythm, the pulse and bad input are left out:
compare only data without them. Parameters, shapes and filters are the kernels' own, in their units.
They are arguments, for Numba looks at the age of this file alone before it takes what it compiled once.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from twitchwatch.shared.detector import bursts, evidence, likeness, openings, verdicts
from twitchwatch.shared.detector.parameters import NAMES, table
from twitchwatch.shared.detector.tables import SHAPES, TAPS
from twitchwatch.shared.detector.tables import shapes as all_shapes

# In `samples` (n, 3), LSB. Variances are in LSB^2: the median of (32 b)^2 / 8, b the band of white noise of
# variance 1, times 1024, over the kernel's gain for a noise of 32 in 1/4 LSB.
_MEDIAN = (likeness._GAIN / 256 / 8) ** 2 / 1024
_ALONE = 5 / 8
_BLUR = 64.0
# Of the threshold, for each unit of the energy over the floor: 9 eighths of a 256th for a sixteenth.
_FALLS = 9 / 8 / 256 * 16
_FAR = 20.0


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
            p["unrest"] / 16,
        ],
        dtype=np.float64,
    )
    proof = np.array(
        [
            p["likeness"] / 16,
            p["fit"] / 16,
            p["beat_share"] / 16,
            evidence._NOISE_ENERGY / 256,
            likeness._USUAL / 16,
            evidence._FAINT / 16,
            likeness._LOUD / 16,
            evidence._LOUD_SHARE / 16,
            _FALLS,
            evidence._NOISE_SWAYS / 256,
        ],
        dtype=np.float64,
    )
    fixed = np.array([openings._DELAY, verdicts._RISE, bursts._WHOLE, bursts._RISES, bursts._DELAYED])
    groups = [likeness._BODY - likeness._SHAPES, likeness._PULSES - likeness._SHAPES]
    reach = np.array([likeness._REACH, likeness._PAST, likeness._SETTLED, *groups])
    filtered = np.array([likeness._B0, likeness._A1, likeness._A2]) / 8192
    found = _run(
        samples.astype(np.float64),
        wanted,
        proof,
        fixed,
        reach,
        filtered,
        _waves(SHAPES),
        _waves(bytes(all_shapes()[len(SHAPES) :])),
    )
    return np.array(sorted(found), np.int64)


def _waves(biased: bytes) -> NDArray[np.float64]:
    return (np.frombuffer(biased, np.uint8).reshape(-1, TAPS) - 128.0) / 128


@numba.njit(cache=True)
def _match(
    samples: Any,
    index: int,
    about: int,
    noise: Any,
    unrest: float,
    loud: float,
    proof: Any,
    reach: Any,
    filtered: Any,
    shapes: Any,
    swings: Any,
) -> int:
    """The onset of a twitch, as the kernel has it; -1 if it is none."""
    taps = shapes.shape[1]
    lags, past, settled, bodies, pulses = reach
    b0, a1, a2 = filtered
    least, fit, share, slack, usual, faint, loudest, loud_share, falls, noise_sways = proof
    first = past - (index - about) - lags
    if first < settled or first + 2 * lags + taps > past or index < past:
        return -1
    z = np.zeros((3, past))
    for axis in range(3):
        x1 = x2 = y1 = y2 = 0.0
        for i in range(past):
            x = samples[index - past + i, axis] - samples[index - past, axis]
            y = b0 * (x - 2 * x1 + x2) + a1 * y1 - a2 * y2
            z[axis, i] = y / np.sqrt(noise[axis])
            x2, x1, y2, y1 = x1, x, y1, y
    matches = np.zeros((2 * lags + 1, len(shapes)))
    for lag in range(2 * lags + 1):
        for k in range(len(shapes)):
            for axis in range(3):
                matches[lag, k] += (z[axis, first + lag : first + lag + taps] * shapes[k]).sum() ** 2
    best = int(matches.argmax() // len(shapes))
    match = matches.max()
    # The kernel blurs by powers of two.
    blur = 1.0
    while match / blur > _BLUR:
        blur *= 2
    weight = mean = 0.0
    for lag in range(2 * lags + 1):
        for k in range(len(shapes)):
            far = (match - matches[lag, k]) / blur
            if far <= _FAR:
                weight += np.exp(-far / 2)
                mean += np.exp(-far / 2) * lag
    evidence = match + 2 * np.log(weight)
    squares = (z[:, first + best - 4 : first + best + taps] ** 2).sum(axis=0)
    slow, wide = 0.0, match
    for k in range(len(swings)):
        for lag in range(-4, 2 * lags + 1, 1 if bodies <= k < pulses else 2):
            at = first + lag
            found = (z[:, at : at + taps] * swings[k]).sum(axis=1)
            total = (found**2).sum()
            if k < bodies:
                slow = max(slow, total)
            elif k < pulses:
                wide = max(wide, total)
            elif (k - pulses) % 2:
                # The two span all phases of a quick swing, which has one direction.
                other = (z[:, at : at + taps] * swings[k - 1]).sum(axis=1)
                half = ((other**2).sum() - total) / 2
                wide = max(wide, total + half + np.hypot(half, (found * other).sum()))
    if squares.max() > _ALONE * squares.sum() and wide < 9 / 8 * squares.max():
        return -1
    # The band has energy that slow swings lack.
    limit = least * unrest**2 * (1 - falls * (loud - usual))
    limit += max(0.0, slow - noise_sways) / 2
    swings = match <= slow * (loud_share if loud == loudest else share)
    if swings or evidence <= limit or loud < faint or squares[4:].sum() > match * fit + slack:
        return -1
    return about - lags + int(np.floor(mean / weight + 0.5))


@numba.njit(cache=True)
def _run(
    samples: Any, p: Any, proof: Any, fixed: Any, reach: Any, filtered: Any, shapes: Any, swings: Any
) -> list[int]:
    on, off, share, release, warm_up = p[0], p[1], p[2], p[3], p[4]
    twitch_max, jerk, vigorous, run, tilt_limit, hold, allowed = p[5:12]
    delay, rise, whole, rises, delayed = fixed
    count = len(samples)
    gravity, mean, swift = np.zeros(3), np.zeros(3), np.zeros(3)
    drift, last, last2 = np.zeros(3), np.zeros(3), np.zeros(3)
    noise, weights = np.zeros(3), np.ones(3)
    quarter = np.zeros(3)
    posture = np.zeros((4, 3))
    energies = np.zeros(16)
    coarses = np.zeros(12)
    rapid = rapid_floor = 0.0
    total = floor = lately = vigour = peak = most = valley = 0.0
    unrest = 1.0
    burst = moving = parts = False
    above = onset = trigger = crest = move_last = slot = 0
    found = [0 for _ in range(0)]
    for k in range(count):
        follow = 4.0 if k < 16 else 16.0 if k < 64 else 64.0
        pace = 32.0 if k < 104 else 16384.0 if burst or moving else 256.0 if k < 1023 else 1024.0
        energy = coarse = swing = 0.0
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
            swing += (32 * (h - last2[axis])) ** 2 / 8
            last2[axis] = last[axis]
            last[axis] = h
            e = (32 * b) ** 2 / 8
            energy += e * weights[axis]
            if k < 16:
                noise[axis] = max(noise[axis], e)
            else:
                noise[axis] += noise[axis] / pace if e > noise[axis] else -noise[axis] / pace
            coarse += (d / 8) ** 2
            quarter[axis] += gravity[axis]
        coarses[k % 12] = coarse
        total += energy - energies[(k - 8) % 16]
        energies[k % 16] = energy
        rapid += swing - rapid / 4
        if k < 16:
            floor, rapid_floor = total, rapid
        pace = 32 if k < 104 else 4096 if burst or moving else 512
        floor += floor / pace if total > floor else -floor / pace
        if k % 4 == 0:
            rapid_floor += 4 * rapid_floor / pace * (1 if rapid > rapid_floor else -1)
        if k < 104:
            lately = floor
        else:
            lately += lately / 128 if total > lately else -lately / 128
        due = risen = False
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
            energetic = max(most, total) > floor * on
            if energetic and most <= floor * on:
                trigger = k
            if energetic and total > floor * off:
                above = k
            if total > most and (energetic or k - trigger < delayed):
                most, crest = total, k
                if parts:
                    valley = total
            elif total < valley:
                valley = total
            if k - crest >= whole:
                if k - above >= release:
                    due = True
                elif parts and total > rises * valley and total > floor * on:
                    due = risen = True
        elif k >= warm_up and (total > floor * on or rapid > 9 / 8 * rapid_floor * on):
            burst = parts = True
            above = trigger = onset = crest = k
            most = valley = total
            peak = coarses.max()
            unrest = min(16.0, max(1.0, lately / (floor * allowed)))
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
            weights = np.minimum(8.0, noise.max() / noise)
            if tilt > 26 * tilt_limit and k >= 156:
                moves = True
        if moves:
            moving = True
            move_last = k
        if due:
            start = -1
            if not moving:
                start = _match(
                    samples,
                    k + 1,
                    crest - rise,
                    noise / _MEDIAN,
                    1.0 if most > 16 * lately else unrest,
                    min(proof[6], most / floor),
                    proof,
                    reach,
                    filtered,
                    shapes,
                    swings,
                )
            if risen and start < 0:
                parts = False
            else:
                burst = False
                if risen:
                    above = k - 8
                if start >= 0 and max(1, above - onset - 6) <= twitch_max and peak <= jerk:
                    found.append(start)
        if moving and k - move_last >= hold:
            moving = False
    return found
