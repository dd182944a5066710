"""The waveform check: classifies an event in floating point from its complete waveform.

The device must decide within the second, in integers. The waveform that goes with an event (0.6 s, 0.15 s of
it from before) is compared with the shapes that a twitch can have, as a matched subspace (Scharf and
Friedlander 1994, IEEE Trans Signal Process 42:2146): how much of its energy they explain, and whether the
rest is noise. Figures: docs/detection.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import pi, sqrt, tan
from typing import TYPE_CHECKING

from twitchwatch.shared.detector.tables import SHAPES, TAPS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# The shapes were made behind this filter (shared/detector/tables.py).
HIGH_PASS_HZ = 3.0
# The shapes differ in four ways; the rest has 1.4 % of their energy.
DIMENSIONS = 4
# Samples before the onset that are free of the event.
STILL = 8
# They are noise once the filter has settled; the onset may be three samples early.
SETTLED, BEFORE = 2, 13
# Onsets are searched for in this part of the waveform: the device dates them to 30 ms.
FIRST, LAST = 4, 28
# Of modelled twitches of any size 98 % are explained to 0.8, or leave less than three times the noise.
EXPLAINED = 0.8
LEFT_BY_TWITCH = 3.0
# Beyond this no twitch of the model was seen (1,560, at 4 to 50 times the noise).
LEFT_BY_OTHERS = 5.0
# Three of 62 second differences hold so much of their energy: a wrong reading, or a knock on the sensor. A
# twitch is smooth: at most 0.83, and then it is explained.
SPIKE_SHARE = 0.85
SPIKE_EXPLAINED = 0.75
# Still above the noise this long after it began (s): sustained, or ringing. A twitch is over after 0.33 s.
HELD_S = 0.365
# A blow shakes everything in one direction; rubbing and unfused contractions have none.
STRAIGHT = 0.9
# As parameters.jerk_peak of the detector, 300 mg.
JERK_MG = 300.0

DISTURBANCE = "disturbance"
UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class WaveformCheck:
    """The class of a waveform. `kind`: twitch, jerk, spasm, disturbance (not from a muscle), or unclear.

    certain: enough to count it as such. explained: share of its energy in a twitch's shapes, 0 to 1. left:
    the rest, relative to noise. reason: in words.
    """

    kind: str
    certain: bool
    explained: float
    left: float
    reason: str


@cache
def _subspace() -> NDArray[np.float64]:
    """Orthonormal columns (TAPS, DIMENSIONS) that span the shapes."""
    import numpy as np

    waves = np.frombuffer(SHAPES, np.uint8).reshape(-1, TAPS) - 128.0
    spanned: NDArray[np.float64] = np.linalg.svd(waves.T, full_matrices=False)[0]
    return spanned[:, :DIMENSIONS]


@cache
def _high_pass(rate_hz: float, count: int) -> NDArray[np.float64]:
    """A Butterworth filter of second order, from rest, as the matrix that filters `count` samples.

    scipy.signal has it, but takes 0.7 s to import; tests compare the two.
    """
    import numpy as np

    k = tan(pi * HIGH_PASS_HZ / rate_hz)
    scale = 1 / (1 + sqrt(2) * k + k * k)
    a1, a2 = 2 * (k * k - 1) * scale, (1 - sqrt(2) * k + k * k) * scale
    answer = np.zeros(count)
    for n in range(count):
        answer[n] = scale * (1, -2, 1)[n] if n < 3 else 0.0
        answer[n] -= (a1 * answer[n - 1] if n else 0.0) + (a2 * answer[n - 2] if n > 1 else 0.0)
    lag = np.subtract.outer(np.arange(count), np.arange(count))
    return np.where(lag >= 0, answer[lag], 0.0)


def waveform_check(
    waveform_mg: NDArray[np.float64], rate_hz: float, reported: str, noise_mg: float
) -> WaveformCheck | None:
    """Check an event that the device reported as `reported` (twitch, jerk or spasm).

    waveform_mg (n, 3): from 16 samples before the onset on; noise_mg: rms of one axis. None if the waveform
    is too short, or the noise is unknown.
    """
    import numpy as np

    shapes = _subspace()
    taps = len(shapes)
    if len(waveform_mg) < LAST + taps or noise_mg <= 0:
        return None
    motion = waveform_mg - waveform_mg[:STILL].mean(axis=0)
    swift = _high_pass(rate_hz, len(motion)) @ motion
    # White noise behind the filter, rms of one axis; more if there was a hum before.
    noise = noise_mg * (1 - 2 * HIGH_PASS_HZ / rate_hz) ** 0.5
    noise = max(noise, float(np.sqrt((swift[SETTLED:BEFORE] ** 2).mean())))
    held = np.array([((shapes.T @ swift[at : at + taps]) ** 2).sum() for at in range(FIRST, LAST)])
    best = int(held.argmax())
    whole = float((swift[FIRST + best : FIRST + best + taps] ** 2).sum())
    explained = float(held[best]) / whole if whole else 0.0
    left = (whole - float(held[best])) / (3 * (taps - DIMENSIONS) * noise**2)
    bends = np.sort((np.diff(motion, 2, axis=0) ** 2).sum(axis=1))
    spike = float(bends[-3:].sum() / bends.sum()) if bends.any() else 0.0
    principal = np.linalg.svd(swift[FIRST + best : FIRST + best + taps], compute_uv=False) ** 2
    straight = float(principal[0] / principal.sum()) if whole else 0.0
    energy = np.convolve((swift**2).sum(axis=1), np.ones(8), "valid")
    above = np.flatnonzero(energy > 3 * 8 * 3 * noise**2)
    lasting_s = (above[-1] - above[0] + 1) / rate_hz if len(above) else 0.0
    peak_mg = float(np.linalg.norm(motion, axis=1).max())

    def say(kind: str, reason: str, *, certain: bool = False) -> WaveformCheck:
        return WaveformCheck(kind, certain, explained, left, reason)

    if spike >= SPIKE_SHARE and explained < SPIKE_EXPLAINED:
        return say(DISTURBANCE, "one or two readings jump: a knock, or a bad reading", certain=True)
    fits = explained >= EXPLAINED or left <= LEFT_BY_TWITCH
    long = lasting_s >= HELD_S
    if reported == "twitch":
        if fits:
            return say("twitch", "it has the shape of a twitch")
        if left > LEFT_BY_OTHERS:
            if long and straight >= STRAIGHT:
                return say(DISTURBANCE, "it keeps ringing along one line: a blow to the bed", certain=True)
            return say(
                UNCLEAR,
                "it does not have the shape of a twitch: rubbing cloth, or a short spasm",
                certain=True,
            )
        return say(UNCLEAR, "its shape is not quite that of a twitch")
    if reported == "unlike":
        return say("unlike", "it has no known shape")
    if reported == "jerk" or peak_mg > JERK_MG:
        return say("jerk" if reported == "jerk" else reported, f"it reaches {peak_mg:.0f} mg")
    if fits and not long:
        return say("twitch", "it has the shape of a twitch, and ends in time")
    return say("spasm", "it lasts" if long else "it does not have the shape of a twitch")
