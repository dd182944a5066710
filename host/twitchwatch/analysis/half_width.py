"""How long a motion lasts at half of its peak: independent of its size and, on average, of the noise.

The detector's duration lasts as long as the motion exceeds the noise, so it is longer for a larger twitch.
For comparisons, between nights or with an EMG, the width at half of the peak is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Samples before the onset that are free of the event, as in waveform_check.py.
STILL = 8
# The peak is searched for from here on: the device dates the onset to 30 ms.
FIRST_S = 0.1
# A swing to and fro is below half of its peak for a sixth of its period between two halves: 28 ms at 6 Hz,
# longer if it is damped. With 80 ms the noise of a twitch of five times it begins to count.
BRIDGED_S = 0.05
# Points per sample: the sampled peak of a 25 Hz swing may be a tenth too low, interpolated it is not.
FINE = 8
# With less, noise exceeds half of the peak too often.
LEAST_OVER_NOISE = 4.0
# Fewer twitches than this give no typical width.
MIN_TWITCHES = 5


def half_width_s(waveform_mg: NDArray[np.float64], rate_hz: float, noise_mg: float) -> float | None:
    """Seconds from the first to the last moment above half of the peak, along the direction of the peak.

    waveform_mg (n, 3): from 16 samples before the onset on; noise_mg: rms of one axis. Shorter times below
    half, between two swings, are bridged. None if the motion is longer than the waveform, or hardly above
    the noise.
    """
    import numpy as np

    if len(waveform_mg) <= 2 * STILL:
        return None
    motion = waveform_mg - waveform_mg[:STILL].mean(axis=0)
    first = round(FIRST_S * rate_hz)
    sizes = np.linalg.norm(motion, axis=1)
    crest = first + int(sizes[first:].argmax())
    if sizes[crest] < LEAST_OVER_NOISE * noise_mg or not sizes[crest]:
        return None
    along = _finer(motion @ (motion[crest] / sizes[crest]))
    at, reach = FINE * crest, FINE // 2
    near = slice(max(0, at - reach), at + reach + 1)
    peak = float(along[near].max())
    above = np.flatnonzero(np.abs(along) >= peak / 2)
    # Runs of points that no gap longer than BRIDGED_S separates; the one with the peak counts.
    runs = np.split(above, np.flatnonzero(np.diff(above) > BRIDGED_S * rate_hz * FINE) + 1)
    own = next(run for run in runs if run[0] <= near.start + int(along[near].argmax()) <= run[-1])
    margin = FINE * round(BRIDGED_S * rate_hz)
    if own[0] < margin or own[-1] >= len(along) - margin:
        return None
    return float(own[-1] - own[0] + 1) / (FINE * rate_hz)


def median_s(widths_s: Iterable[float | None]) -> float | None:
    """Median of those that are known; None with fewer than MIN_TWITCHES."""
    known = [width for width in widths_s if width is not None]
    return median(known) if len(known) >= MIN_TWITCHES else None


def _finer(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """The signal with FINE points per sample, interpolated in the spectrum of it and its mirror image."""
    import numpy as np

    mirrored = np.concatenate([signal, signal[::-1]])
    count = len(mirrored)
    wave = np.fft.irfft(np.fft.rfft(mirrored), count * FINE) * FINE
    fine: NDArray[np.float64] = wave[: FINE * (len(signal) - 1) + 1]
    return fine
