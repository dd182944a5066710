"""A row of bars, one character each."""

from __future__ import annotations

from collections.abc import Sequence

# The eight lower blocks of Unicode (U+2581 to U+2588), and what stands for no value.
BARS = "▁▂▃▄▅▆▇█"
MISSING = "·"


def sparkline(values: Sequence[float | None]) -> str:
    """The values from 0 to the largest as bars; None is a gap."""
    most = max((value for value in values if value is not None), default=0.0)
    return "".join(
        MISSING if value is None else BARS[round((len(BARS) - 1) * value / most) if most else 0]
        for value in values
    )
