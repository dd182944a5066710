"""Resampling from an even grid at any rate to the sensor's 104 Hz and its int16 counts, piece by piece."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.model import LSB_MG, SAMPLE_RATE_HZ

_LARGEST_TERM = 500
"""Keeps the polyphase filter under 32,000 taps; the grid's rate is then within 0.1 % of the recording's."""

_HALF_LENGTH = 32
"""Lobes on each side; with `_KAISER_BETA` the passband reaches 0.9 of the lower Nyquist frequency."""

_KAISER_BETA = 10.0
"""100 dB (Kaiser 1974): what is beyond 52 Hz, and the images of what is below, stay under 0.02 mg to 1 g."""

_GROUP = 32
"""Outputs that one matrix makes from the inputs around them: wide enough to be fast, and little is unused."""

_ALONE = 1 << 18
"""Products that OpenBLAS computes by one thread (interface/gemm.c, 4 x 65536). Threads wait for each other:
thirty times the processor time on a busy machine."""

_TIE_DECIMALS = 6
"""The filter leaves 1e-12 of a count on a constant; if that lies half-way, it must not toggle."""


def conversion(rate_hz: float) -> Fraction:
    """Samples at 104 Hz to one sample of an even grid near `rate_hz`; the grid has exactly 104 / ratio Hz."""
    if rate_hz < SAMPLE_RATE_HZ:
        return 1 / Fraction(rate_hz / SAMPLE_RATE_HZ).limit_denominator(_LARGEST_TERM)
    return Fraction(SAMPLE_RATE_HZ / rate_hz).limit_denominator(_LARGEST_TERM)


def grid_step_s(rate_hz: float) -> float:
    """The step of that grid."""
    return float(conversion(rate_hz)) / SAMPLE_RATE_HZ


class Resampler:
    """Samples of a gapless stretch on an even grid, in pieces, to 104 Hz: anti-aliased, without delay.

    Tones up to 0.9 of the lower of the two Nyquist frequencies keep their amplitude within 0.1 %, except
    within 32 samples of either end, where the signal is continued by its first and last value. The first
    sample stays in place, none is after the last input. At ratio 1 all pass unchanged. How the stretch is
    divided into pieces does not matter.
    """

    def __init__(self, ratio: Fraction, channels: int) -> None:
        self._ratio = ratio
        up, down = ratio.numerator, ratio.denominator
        self._reach = ceil(_HALF_LENGTH * max(1.0, down / up)) + 1
        # Frames of inputs after which everything repeats, and long enough for windows that do not overlap.
        window = 2 * self._reach + 2 + ceil(_GROUP * down / up)
        times = ceil(window / down)
        self._inputs, self._outputs = times * down, times * up
        self._groups = _groups(up, down, self._outputs, self._reach)
        self._span = max(offset + len(weights) for offset, weights in self._groups)
        self._held = np.empty((channels, 0))
        self._origin = np.zeros((channels, 1))
        self._taken = self._given = 0

    def feed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take values (n, channels); return (m, channels), as many as can be made by now."""
        if self._ratio == 1 or not len(values):
            return values
        columns = values.T
        if not self._taken:
            # What is filtered is the difference from the first value: a constant stays the same to the bit.
            self._origin = columns[:, :1].copy()
            self._held = np.zeros((len(columns), self._reach))
        self._taken += len(values)
        self._held = np.ascontiguousarray(np.hstack([self._held, columns - self._origin]))
        return self._made()

    def end(self) -> NDArray[np.float64]:
        """The last samples (m, channels) of the stretch."""
        missing = (self._taken - 1) * self._ratio.numerator // self._ratio.denominator + 1 - self._given
        if self._ratio == 1 or not self._taken:
            return np.empty((0, len(self._held)))
        frames = ceil(missing / self._outputs)
        lacking = max(0, frames * self._inputs + self._span - self._held.shape[1])
        self._held = np.hstack([self._held, np.repeat(self._held[:, -1:], lacking, axis=1)])
        return self._made()[:missing]

    def _made(self) -> NDArray[np.float64]:
        channels, width = self._held.shape
        frames = max(0, (width - self._span) // self._inputs + 1)
        made = np.empty((frames, self._outputs, channels))
        for channel, held in enumerate(self._held):
            at = 0
            for offset, weights in self._groups:
                windows = np.lib.stride_tricks.as_strided(
                    held[offset:], (frames, len(weights)), (self._inputs * held.itemsize, held.itemsize)
                )
                few = max(1, _ALONE // weights.size)
                for first in range(0, frames, few):
                    slab = slice(first, first + few)
                    made[slab, at : at + weights.shape[1], channel] = windows[slab] @ weights
                at += weights.shape[1]
        self._held = self._held[:, frames * self._inputs :]
        self._given += frames * self._outputs
        return made.reshape(-1, channels) + self._origin.T


def _groups(up: int, down: int, outputs: int, reach: int) -> list[tuple[int, NDArray[np.float64]]]:
    """The outputs of a frame in groups: the first input of each, and weights (inputs, outputs).

    A windowed sinc at the outputs' places between the inputs; each output's weights sum to 1, so that gravity
    has no image at all.
    """
    widest = max(up, down)
    half = _HALF_LENGTH * widest
    low_pass = np.sinc(np.arange(-half, half + 1) / widest) * np.kaiser(2 * half + 1, _KAISER_BETA)
    groups = []
    for first in range(0, outputs, _GROUP):
        made = np.arange(first, min(first + _GROUP, outputs))
        offset = first * down // up
        last = int(made[-1]) * down // up
        inputs = np.arange(offset - reach, last + reach + 2)
        at = inputs[:, None] * up - made[None, :] * down + half
        weights = np.where((at >= 0) & (at < len(low_pass)), low_pass[at.clip(0, len(low_pass) - 1)], 0.0)
        groups.append((offset, weights / weights.sum(axis=0)))
    return groups


def quantise(acc_g: NDArray[np.float64]) -> NDArray[np.int16]:
    """(n, 3) in g to counts of 0.122 mg, ties to even; saturates at 3.998 g (int16), as the chip does."""
    counts = np.rint(np.round(acc_g * (1000 / LSB_MG), _TIE_DECIMALS))
    return np.ascontiguousarray(np.clip(counts, -32768, 32767).astype("<i2"))
