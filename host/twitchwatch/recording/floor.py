"""What a sensor reads when nothing moves: its noise, the colour of it, and where its spectrum ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.excerpt import WINDOW
from twitchwatch.recording.model import SAMPLE_RATE_HZ

_QUIET = 0.25
"""The quietest quarter of windows counts as rest."""

_OF_ONE = 0.288
"""The lower quartile of one bin over its mean: it is exponential."""

_QUIET_Z = -0.674
"""The same on the normal distribution."""

_BAND_HZ = (9.4, 28.0)
"""The detector's (docs/detector.md)."""

_SLOPE_HZ = (4.0, 40.0)
_SLOW_BINS = 6
"""Breath and pulse are below 1.5 Hz; a Hann window spreads them over two bins more, smoothing over two."""

_NYQUIST_SHARE = 0.9
"""Filters ahead of a sensor's own sampling may reach down to this frequency."""

_TOP = (0.6, 0.9)
"""Of the band."""

_STEEPEST = 3.0
_OFF_LINE = 0.25
"""Noise of a power of frequency is off by 0.15 in 15 s and by less in a longer time; hands at rest mostly by
0.3 to 0.9 (recordings of Cavanagh et al. 2018)."""

_CLIFF = 0.1
_SILENT_MG2_PER_HZ = 1e-4
"""(10 ug/rtHz)^2: no accelerometer of a wearable is as quiet (ADXL355, the quietest: 22.5, its datasheet)."""

_LOWEST_CLIFF_HZ = 5.0

Spectrum = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Floor:
    """noise_mg: (3,) of each axis in the detector's band, as rms over 52 Hz; top_mg: below the end of its own
    band. hz, density: (k,), mean of the axes, mg^2/Hz.

    band_hz: where the density ends, or half the rate.
    """

    noise_mg: Spectrum
    top_mg: Spectrum
    hz: Spectrum
    density: Spectrum
    band_hz: float

    @property
    def clear_hz(self) -> float:
        """From this frequency on, breath and pulse do not show in the density."""
        return _SLOW_BINS * float(self.hz[1]) if len(self.hz) > 1 else 0.0

    def slope(self, added_mg: Spectrum) -> float:
        """Exponent of the density over frequency, with white noise added to each axis (3,)."""
        return self._line(added_mg)[0]

    def level(self, at_hz: float) -> float:
        """Density at a frequency, mg^2/Hz, on the line of that exponent."""
        slope, log_level, _ = self._line(np.zeros(3))
        return float(np.exp(log_level + slope * np.log(at_hz)))

    @property
    def is_line(self) -> bool:
        """Whether the density follows that exponent, as noise does and motion does not."""
        return self._line(np.zeros(3))[2] < _OFF_LINE

    def _line(self, added_mg: Spectrum) -> tuple[float, float, float]:
        """Exponent, logarithm of the density at 1 Hz, and rms by which logarithms are off that line."""
        least, most = max(_SLOPE_HZ[0], self.clear_hz), _SLOPE_HZ[1]
        hz = self.hz[(self.hz >= least) & (self.hz <= min(most, _NYQUIST_SHARE * self.band_hz))]
        white = float((added_mg**2).mean()) * 2 / SAMPLE_RATE_HZ
        if len(hz) < 4:
            level = float((self.noise_mg**2).mean()) * 2 / SAMPLE_RATE_HZ + white
            return 0.0, float(np.log(level + 1e-12)), 0.0
        density = np.interp(hz, self.hz, self.density) + white
        # Of equal width in the logarithm, or the many high frequencies would decide.
        even = np.exp(np.linspace(np.log(hz[0]), np.log(hz[-1]), 12))
        logs = np.log(np.interp(even, hz, density) + 1e-12)
        slope, log_level = np.polyfit(np.log(even), logs, 1)
        off = float(np.std(logs - log_level - slope * np.log(even)))
        return float(np.clip(slope, -_STEEPEST, _STEEPEST)), float(log_level), off


def floor_of(windows: NDArray[np.float64], rate_hz: float) -> Floor:
    """Measure windows (m, 256, 3) in g, sampled at `rate_hz`; nothing is known from none."""
    hz: Spectrum = np.fft.rfftfreq(WINDOW, 1 / rate_hz).astype(np.float64)
    if not len(windows):
        return Floor(np.zeros(3), np.zeros(3), hz, np.zeros(len(hz)), rate_hz / 2)
    power = _periodograms(windows * 1000, rate_hz)
    quiet = np.quantile(power, _QUIET, axis=0)
    density: Spectrum = _smooth(quiet.mean(axis=1))
    band_hz = _end(hz, density)
    least, most = _BAND_HZ
    most = min(most, _NYQUIST_SHARE * band_hz)
    within = (hz >= min(least, most / 2)) & (hz <= most)
    own: Spectrum = np.quantile(power[:, within].mean(axis=1), _QUIET, axis=0) / _of_mean(int(within.sum()))
    # A tremor's lines are few: the median of bins leaves them out.
    upper = (hz >= _TOP[0] * band_hz) & (hz <= _TOP[1] * band_hz)
    top = np.median(quiet[upper], axis=0) / _OF_ONE
    return Floor(np.sqrt(own * SAMPLE_RATE_HZ / 2), np.sqrt(top * SAMPLE_RATE_HZ / 2), hz, density, band_hz)


def _periodograms(windows_mg: NDArray[np.float64], rate_hz: float) -> Spectrum:
    """Densities (m, k, 3) of windows without their mean and trend, Hann, in mg^2/Hz."""
    x = np.arange(WINDOW) - (WINDOW - 1) / 2
    trend = np.einsum("n,mnc->mc", x, windows_mg) / (x @ x)
    flat = windows_mg - windows_mg.mean(axis=1, keepdims=True) - x[:, None] * trend[:, None]
    hann = np.hanning(WINDOW)
    power: Spectrum = np.abs(np.fft.rfft(flat * hann[:, None], axis=1)) ** 2
    return power * (2 / (rate_hz * (hann @ hann)))


def _smooth(density: Spectrum) -> Spectrum:
    return np.convolve(np.pad(density, 2, mode="edge"), np.full(5, 0.2), mode="valid")


def _of_mean(bins: int) -> float:
    """The lower quartile of a mean of this many bins, over its expectation.

    A scaled chi square (Wilson, Hilferty 1931); Hann makes three bins two.
    """
    ninth = 2 / (9 * 2 * bins * 2 / 3)
    return float((1 - ninth + _QUIET_Z * ninth**0.5) ** 3)


def _end(hz: Spectrum, density: Spectrum) -> float:
    """The lowest frequency above which nothing is left, not even noise; half the rate if there is none."""
    nyquist_hz = float(hz[-1])
    for end_hz in hz[(hz >= _LOWEST_CLIFF_HZ) & (hz <= 0.75 * nyquist_hz)]:
        above = density[(hz >= 1.25 * end_hz) & (hz <= 0.98 * nyquist_hz)].max()
        below = np.median(density[(hz >= end_hz / 2) & (hz <= end_hz)])
        if above < min(_CLIFF * below, _SILENT_MG2_PER_HZ):
            return float(end_hz)
    return nyquist_hz
