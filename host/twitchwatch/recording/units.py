"""The unit of accelerations, from what is stated and from what gravity shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.layout import STANDARD_GRAVITY

GRAVITY_G = (0.5, 1.5)
"""Median magnitude of a worn sensor in g, with a margin for offset and for motion."""

_KNOWN = (("g", 1.0), ("m/s2", 1 / STANDARD_GRAVITY), ("mg", 1e-3))


@dataclass(frozen=True, slots=True)
class Fault:
    """`row` counts samples from 0."""

    row: int
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Scale:
    """unit_g: the file's unit in g. notice: what was converted, or None."""

    unit_g: float
    notice: str | None = None


def scale_of(magnitude: NDArray[np.float64], unit_g: float | None, by_size: bool) -> Scale | Fault:
    """The unit of accelerations whose magnitude (n,) is mostly that of gravity.

    A unit that was stated holds if gravity then is 1 g; otherwise, if `by_size` allows it, the size shows it.
    """
    median = float(np.median(magnitude)) if len(magnitude) else 0.0
    if unit_g is not None and _is_gravity(median * unit_g):
        name = next((name for name, known in _KNOWN if known == unit_g), f"units of 1/{1 / unit_g:g} g")
        return Scale(unit_g, None if unit_g == 1 else f"Accelerations are in {name}: converted to g.")
    for name, known in _KNOWN:
        if by_size and _is_gravity(median * known):
            found = f"Accelerations are in {name}, because gravity is {median:.4g}"
            if unit_g is None and known == 1:
                return Scale(known)
            unlike = "" if unit_g is None else ", although the file says otherwise"
            return Scale(known, f"{found}{unlike}: converted to g.")
    return Fault(
        0, f"the acceleration has a median of {median:.4g}, and gravity is 1 g", _remedy(median, unit_g)
    )


def _is_gravity(magnitude_g: float) -> bool:
    return GRAVITY_G[0] <= magnitude_g <= GRAVITY_G[1]


def _remedy(median: float, unit_g: float | None) -> str:
    if median > GRAVITY_G[1] * 1000:
        return "This looks like raw counts: add --units with the counts per g, such as --units 8192/g."
    if median * (unit_g or 1.0) < GRAVITY_G[0] / 2:
        return "Gravity seems to have been removed: export the raw acceleration, not the linear one."
    return "Export the acceleration with gravity left in, or add --units."
