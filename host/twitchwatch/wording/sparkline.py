"""A row of bars, one character each."""

from __future__ import annotations

from collections.abc import Sequence

# The eight lower blocks of Unicode (U+2581 to U+2588), and what stands for no value.
BARS, MISSING = "▁▂▃▄▅▆▇█", "·"
# The same for an output without these characters.
PLAIN_BARS, PLAIN_MISSING = "_.-~=+*#", "?"


def sparkline(values: Sequence[float | None], *, most: float | None = None, plain: bool = False) -> str:
    """The values from 0 to `most` as bars, by default to the largest; None is a gap. plain: in ASCII."""
    bars, missing = (PLAIN_BARS, PLAIN_MISSING) if plain else (BARS, MISSING)
    top = max((value for value in values if value is not None), default=0.0) if most is None else most
    return "".join(
        missing if value is None else bars[round((len(bars) - 1) * value / top) if top else 0]
        for value in values
    )
