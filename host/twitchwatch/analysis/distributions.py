"""Distributions of single numbers, without scipy: its import takes longer than a night's figures.

Tests compare each with scipy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

# Steps of the continued fraction; it takes about the square root of the greater parameter.
MAX_STEPS = 5_000
PRECISE = 1e-15
TINY = 1e-300


def beta_share(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), for positive a and b.

    By its continued fraction (NIST Digital Library of Mathematical Functions, 8.17.22), with Lentz's method.
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    # For values for which the fraction converges fast; beyond them, by symmetry.
    if x > (a + 1) / (a + b + 2):
        return 1.0 - beta_share(b, a, 1 - x)
    log_front = a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return min(1.0, math.exp(log_front) / a * _fraction(a, b, x))


def _fraction(a: float, b: float, x: float) -> float:
    value = upper = 1.0
    lower = 0.0
    for step in range(1, MAX_STEPS):
        half, odd = divmod(step, 2)
        if odd:
            term = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            term = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        lower = 1 / ((1 + term * lower) or TINY)
        upper = (1 + term / upper) or TINY
        value *= upper * lower
        if abs(upper * lower - 1) < PRECISE:
            break
    return 1 / value


def normal_tail(z: float) -> float:
    """Probability that a standard normal number exceeds z."""
    return math.erfc(z / math.sqrt(2)) / 2


@lru_cache(4096)
def t_quantile(freedom: float, chance: float) -> float:
    """Quantile of Student's t for this probability, above one half; freedom: degrees, positive."""

    def missing(log_t: float) -> float:
        t = math.exp(log_t)
        above = beta_share(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2
        return (1 - above) - chance

    return math.exp(root(missing, -20.0, 40.0 + 40.0 / freedom))


def root(function: Callable[[float], float], low: float, high: float, precise: float = 1e-12) -> float:
    """Zero of a rising function between low and high, to within `precise`; an end if it is beyond.

    By bisection until the function is nearly straight, then by the bracketing secant (Illinois method).
    """
    at_low, at_high = function(low), function(high)
    if at_low >= 0 or at_high <= 0:
        return low if at_low >= 0 else high
    while high - low > 1:
        middle = (low + high) / 2
        if (found := function(middle)) < 0:
            low, at_low = middle, found
        else:
            high, at_high = middle, found
    side = 0
    while high - low > precise:
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        # At least half of `precise` from either end: next to the zero, that is the step beyond it.
        middle = min(max(middle, low + precise / 2), high - precise / 2)
        if not low < middle < high:
            # As near as floats come.
            break
        found = function(middle)
        if found < 0:
            low, at_low = middle, found
            at_high = at_high / 2 if side < 0 else at_high
            side = -1
        elif found > 0:
            high, at_high = middle, found
            at_low = at_low / 2 if side > 0 else at_low
            side = 1
        else:
            return middle
    return (low + high) / 2
