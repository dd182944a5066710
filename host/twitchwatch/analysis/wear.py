"""Wear: did the position of the sensor change together with the rate? Then that may explain it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median

from twitchwatch.analysis.night import Night
from twitchwatch.analysis.remembered import Remembered

# A change of the nightly median by this ratio, and by this many times its usual scatter, is not chance.
RATIO = 1.3
SCATTERS = 3.0
# Nights before the change to compare with; fewer are not enough.
NIGHTS_BEFORE = 28
MIN_BEFORE = 5
# Of normal scatter, the standard deviation over the median absolute deviation.
_SIGMA_OVER_MAD = 1.4826


def worn_differently(
    before: Sequence[Night], after: Sequence[Night], remembered: Remembered
) -> tuple[str, ...]:
    """Which of "noise" and "twitch size" changed between these nights of one sensor; empty if neither.

    Noise at rest is mostly the hand's pulse and breath, and with the size of twitches it depends on where and
    how tightly the sensor is worn. A mere change in the frequency of twitches leaves both unchanged.
    """
    measures: tuple[tuple[str, Callable[[Night], float | None]], ...] = (
        ("noise", lambda night: night.noise_mg),
        ("twitch size", lambda night: remembered.looks(night).twitch_mg),
    )
    return tuple(name for name, measure in measures if _changed(before[-NIGHTS_BEFORE:], after, measure))


def _changed(
    before: Sequence[Night], after: Sequence[Night], measure: Callable[[Night], float | None]
) -> bool:
    usual = [math.log(value) for night in before if (value := measure(night))]
    now = [math.log(value) for night in after if (value := measure(night))]
    if len(usual) < MIN_BEFORE or not now:
        return False
    centre = median(usual)
    scatter = _SIGMA_OVER_MAD * median(abs(value - centre) for value in usual)
    change = abs(median(now) - centre)
    return change > math.log(RATIO) and change > SCATTERS * scatter
