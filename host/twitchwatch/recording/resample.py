"""Resampling from an even grid at any rate to the sensor's 104 Hz and its int16 counts."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, resample_poly

from twitchwatch.recording.model import LSB_MG, SAMPLE_RATE_HZ

_LARGEST_TERM = 500
"""Keeps the polyphase filter under 32,000 taps; the grid's rate is then within 0.1 % of the recording's."""

_HALF_LENGTH = 32
"""Lobes on each side; with `_KAISER_BETA` the passband reaches 0.9 of the lower Nyquist frequency."""

_KAISER_BETA = 10.0
"""100 dB (Kaiser 1974): an image of gravity stays under 0.02 mg. At the customary 60 dB, a recording of
100 Hz would gain a line of 1 mg at 104 - 100 = 4 Hz, in the middle of the tremor band."""


def conversion(rate_hz: float) -> Fraction:
    """Samples at 104 Hz to one sample of an even grid near `rate_hz`; the grid has exactly 104 / ratio Hz."""
    if rate_hz < SAMPLE_RATE_HZ:
        return 1 / Fraction(rate_hz / SAMPLE_RATE_HZ).limit_denominator(_LARGEST_TERM)
    return Fraction(SAMPLE_RATE_HZ / rate_hz).limit_denominator(_LARGEST_TERM)


def to_sensor_rate(values: NDArray[np.float64], ratio: Fraction) -> NDArray[np.float64]:
    """Resample (n, channels) on an even grid by `ratio`, anti-aliased, with linear phase (no delay).

    Tones up to 0.9 of the lower of the two Nyquist frequencies keep their amplitude within 0.1 %, except
    within 32 samples of either end, where the signal is continued by a straight line. Returns (m, channels):
    the first sample stays in place, none is after the last input. At ratio 1 all pass unchanged.
    """
    if ratio == 1 or len(values) == 1:
        return values
    up, down = ratio.numerator, ratio.denominator
    widest = max(up, down)
    # An array is a documented window, but missing from the type stubs.
    low_pass: Any = firwin(2 * _HALF_LENGTH * widest + 1, 1 / widest, window=("kaiser", _KAISER_BETA))
    resampled = resample_poly(values, up, down, axis=0, window=low_pass, padtype="line")
    return np.asarray(resampled[: (len(values) - 1) * up // down + 1])


def quantise(acc_g: NDArray[np.float64]) -> NDArray[np.int16]:
    """(n, 3) in g to counts of 0.122 mg, ties to even; saturates at 3.998 g (int16), as the chip does."""
    counts = np.rint(acc_g * (1000 / LSB_MG))
    return np.ascontiguousarray(np.clip(counts, -32768, 32767).astype("<i2"))
